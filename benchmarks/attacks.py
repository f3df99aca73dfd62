"""What one address can do to a server by attacking it, and what it can't do to others.

python -m benchmarks.attacks [--seconds S] [--haproxy | --crowds] [NAME ...]

Nobody reads the server's log meanwhile. With --haproxy it stands behind deploy/haproxy.cfg. With
--crowds the attacks are those of more and more connections, on a server with a small disk, and the
table tells what they took at most.
"""

import argparse
import contextlib
import multiprocessing
import os
import selectors
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from benchmarks.common import START_SECONDS, table
from dancer.film import film
from testing.serving import (
    ROOT,
    Footprint,
    Server,
    answer_of,
    eventually,
    may_mount_disks,
    multipart,
    on_a_small_disk,
    request_head,
    reserved_port,
    serving,
    upload_head,
    upload_of,
)
from testing.videos import encode, growing, with_edits

ATTACKER: Final = "127.0.0.1"
OTHER: Final = "127.0.0.2"

TOKEN: Final = "for-good-callers"

PAUSE: Final = 0.02
"""Seconds between two looks at /health, and before connections are made again."""

SETTLE_SECONDS: Final = 30.0
"""Time in which everything that an attack has taken is free again."""

MEGABYTE: Final = 2**20
LARGEST: Final = 199 * MEGABYTE

SOME_SECONDS: Final = 0.25
"""Pause between two pieces of an upload that is slow, and between two looks at what is taken."""

Attack = Callable[[int, float], None]
"""Attacks the server on a port until a moment of time.monotonic()."""

ATTACKS: Final[dict[str, Attack]] = {}


def attack(function: Attack) -> Attack:
    """Add an attack; its docstring is its name."""
    ATTACKS[(function.__doc__ or "").removesuffix(".")] = function
    return function


@attack
def one_byte_chunks(port: int, end: float) -> None:
    """A body of one-byte chunks."""
    keep_sending(port, end, 1, chunked_head() + chunk(multipart_start()), b"1\r\nx\r\n" * 20_000)


@attack
def chunk_extensions(port: int, end: float) -> None:
    """Chunks with long extensions."""
    extended = b"1;" + b";".join(b"a=b" for _ in range(1000)) + b"\r\nx\r\n"
    keep_sending(port, end, 1, chunked_head() + chunk(multipart_start()), extended * 30)


@attack
def pipelined_requests(port: int, end: float) -> None:
    """Pipelined GETs."""
    keep_sending(port, end, 1, b"", request_head("GET", "/health") * 1000)


@attack
def pipelined_requests_on_many_connections(port: int, end: float) -> None:
    """Pipelined GETs on 50 connections."""
    keep_sending(port, end, 50, b"", request_head("GET", "/health") * 1000)


@attack
def pipelined_requests_for_nothing(port: int, end: float) -> None:
    """Pipelined GETs of what isn't there."""
    keep_sending(port, end, 1, b"", request_head("GET", "/nothing", token=TOKEN) * 1000)


@attack
def pipelined_requests_without_a_token(port: int, end: float) -> None:
    """Pipelined GETs without a token."""
    keep_sending(port, end, 1, b"", request_head("GET", "/poses") * 1000)


@attack
def pipelined_requests_with_a_body(port: int, end: float) -> None:
    """Pipelined GETs with a body."""
    head = request_head("GET", "/health", length=1000)
    keep_sending(port, end, 1, b"", (head + bytes(1000)) * 100)


@attack
def half_boundaries(port: int, end: float) -> None:
    """199 MB of half boundaries."""
    begin = upload_head(LARGEST, TOKEN) + multipart_start()
    keep_sending(port, end, 1, begin, b"\r\n--edg" * 20_000, LARGEST)


@attack
def one_large_upload(port: int, end: float) -> None:
    """199 MB at full speed."""
    begin = upload_head(LARGEST, TOKEN) + multipart_start()
    keep_sending(port, end, 1, begin, bytes(MEGABYTE), LARGEST)


@attack
def many_header_lines(port: int, end: float) -> None:
    """10,000 header lines."""
    keep_sending(port, end, 1, b"GET /health HTTP/1.1\r\n", b"A: b\r\n" * 10_000)


@attack
def large_accept_headers(port: int, end: float) -> None:
    """90 Accept headers of 8 kB."""
    line = b"Accept: " + b",".join(b"a/%d;q=0.5" % i for i in range(650)) + b"\r\n"
    head = upload_head(10, TOKEN).removesuffix(b"\r\n")
    keep_sending(port, end, 1, b"", head + line * 90 + b"\r\n" + bytes(10))


@attack
def accept_headers_that_fit(port: int, end: float) -> None:
    """As many Accept headers as are taken."""
    line = b"Accept: " + b",".join(b"a/%d;q=0.5" % i for i in range(650)) + b"\r\n"
    head = upload_head(10, TOKEN).removesuffix(b"\r\n")
    keep_sending(port, end, 1, b"", head + line + b"\r\n" + bytes(10))


@attack
def idle_connections(port: int, end: float) -> None:
    """1000 idle connections."""
    hold(port, end, 1000, b"")


@attack
def half_sent_heads(port: int, end: float) -> None:
    """1000 half-open connections."""
    hold(port, end, 1000, b"GET /health HTTP/1.1\r\nHo")


@attack
def more_connections_than_there_is_room_for(port: int, end: float) -> None:
    """5000 connections, made anew as soon as they are closed."""
    hold(port, end, 5000, b"")


@attack
def slow_readers(port: int, end: float) -> None:
    """100 slow readers."""
    hold(port, end, 100, request_head("GET", "/openapi.json", token=TOKEN) * 100)


@attack
def stalled_uploads(port: int, end: float) -> None:
    """10 stalled uploads."""
    hold(port, end, 10, upload_head(LARGEST, TOKEN) + multipart_start())


@attack
def many_stalled_uploads(port: int, end: float) -> None:
    """50 stalled uploads."""
    hold(port, end, 50, upload_head(LARGEST, TOKEN) + multipart_start())


@attack
def connections_that_end_at_once(port: int, end: float) -> None:
    """Connections that are closed at once."""
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection((ATTACKER, port)).close()


@attack
def frames_that_grow(port: int, end: float) -> None:
    """Videos that go on with frames of 256 megapixels."""
    with tempfile.TemporaryDirectory() as folder:
        path = growing(Path(folder) / "film.avi", [(160, 120)] * 5 + [(16_000, 16_000)] * 2)
        keep_sending(port, end, 1, b"", upload_of(path.read_bytes()))


@attack
def edit_lists(port: int, end: float) -> None:
    """Videos cut 100,000 times."""
    with tempfile.TemporaryDirectory() as folder:
        gray = [np.full((48, 64, 3), 90, np.uint8)] * 30
        path = encode(Path(folder) / "film.mp4", gray, "libx264", options={"bf": "0", "g": "30"})
        with_edits(path, [28 * 512] * 100_000)
        keep_sending(port, end, 1, b"", upload_of(path.read_bytes()))


@attack
def files_that_are_none(port: int, end: float) -> None:
    """Uploads that are no videos, on 20 connections."""
    keep_sending(port, end, 20, b"", upload_of(bytes(1000)))


class Crowd(Protocol):
    """An attack by many connections."""

    def __call__(self, port: int, end: float, connections: int) -> None:
        """Attack the server on a port until a moment of time.monotonic()."""


CROWDS: Final[dict[str, Crowd]] = {}

SIZES: Final = (1, 10, 64, 500, 4000)
"""Connections of a crowd."""

SMALL_DISK: Final = 256 * MEGABYTE
"""Bytes of the disk that a crowd has before it."""


def crowd(function: Crowd) -> Crowd:
    """Add an attack by many connections; its docstring is its name."""
    CROWDS[(function.__doc__ or "").removesuffix(".")] = function
    return function


@crowd
def many_idle_connections(port: int, end: float, connections: int) -> None:
    """Idle connections."""
    hold(port, end, connections, b"")


@crowd
def many_requests(port: int, end: float, connections: int) -> None:
    """Requests without end."""
    keep_sending(port, end, connections, b"", request_head("GET", "/health") * 100)


@crowd
def many_that_stall(port: int, end: float, connections: int) -> None:
    """Uploads that stall."""
    hold(port, end, connections, upload_head(30 * MEGABYTE, TOKEN) + multipart_start())


@crowd
def many_that_are_slow(port: int, end: float, connections: int) -> None:
    """Uploads just fast enough."""
    begin = upload_head(MEGABYTE, TOKEN) + multipart_start()
    hold(port, end, connections, begin, JUST_ENOUGH)


@crowd
def many_that_announce_much(port: int, end: float, connections: int) -> None:
    """Uploads that announce 30 MiB, and are slow."""
    begin = upload_head(30 * MEGABYTE, TOKEN) + multipart_start()
    hold(port, end, connections, begin, JUST_ENOUGH)


@crowd
def many_large_ones(port: int, end: float, connections: int) -> None:
    """Uploads of 30 MiB at full speed."""
    begin = upload_head(30 * MEGABYTE, TOKEN) + multipart_start()
    keep_sending(port, end, connections, begin, bytes(MEGABYTE), 30 * MEGABYTE)


@crowd
def many_videos(port: int, end: float, connections: int) -> None:
    """Videos whose answers nobody reads."""
    head = upload_head(len(multipart(noise())), TOKEN)
    wants = head.replace(b"Host", b"Accept: video/mp4\r\nHost", 1)
    hold(port, end, connections, wants + multipart(noise()))


@cache
def noise() -> bytes:
    """A video that is soon analysed, and large when it is drawn."""
    chance = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        frames = [chance.integers(0, 256, (480, 640, 3), np.uint8) for _ in range(20)]
        return encode(Path(folder) / "noise.mkv", frames, "ffv1").read_bytes()


CONNECT_SECONDS: Final = 0.5
"""For how long a server may leave a new connection waiting before the attack goes on."""

JUST_ENOUGH: Final = 15_000
"""Bytes a second of an upload that is just fast enough to go on."""


def multipart_start() -> bytes:
    """A form up to the video's content."""
    return multipart(b"").removesuffix(b"\r\n--edge--\r\n")


def chunked_head() -> bytes:
    """The head of an upload that doesn't tell its length."""
    length = b"Content-Length: 0\r\n"
    return upload_head(0, TOKEN).replace(length, b"Transfer-Encoding: chunked\r\n")


def chunk(content: bytes) -> bytes:
    """Some content as one chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(content), content)


def keep_sending(
    port: int, end: float, connections: int, begin: bytes, again: bytes, most: int = 2**62
) -> None:
    """Send as fast as it is taken: how each connection begins, then the rest again and again.

    Whatever comes back is read; a connection that is closed, or has sent the most, begins anew.
    """
    with selectors.DefaultSelector() as selector:
        while time.monotonic() < end:
            while len(selector.get_map()) < connections and time.monotonic() < end:
                with contextlib.suppress(OSError):
                    _begin(selector, port, begin)
            time.sleep(PAUSE)
            for key, events in selector.select(0.1):
                connection, sending = key.fileobj, key.data
                assert isinstance(connection, socket.socket)
                try:
                    over = events & selectors.EVENT_READ and not connection.recv(2**16)
                    if events & selectors.EVENT_WRITE:
                        sending.send(connection, again)
                except BlockingIOError:
                    continue
                except OSError:
                    over = True
                if over or sending.sent >= most:
                    selector.unregister(connection)
                    connection.close()


@dataclass
class _Sending:
    rest: memoryview
    sent: int = 0

    def send(self, connection: socket.socket, again: bytes) -> None:
        self.rest = self.rest or memoryview(again)
        count = connection.send(self.rest)
        self.sent += count
        self.rest = self.rest[count:]


def _begin(selector: selectors.BaseSelector, port: int, begin: bytes) -> None:
    connection = socket.create_connection((ATTACKER, port), CONNECT_SECONDS)
    connection.setblocking(False)
    both = selectors.EVENT_READ | selectors.EVENT_WRITE
    selector.register(connection, both, _Sending(memoryview(begin)))


def hold(port: int, end: float, connections: int, sent: bytes, speed: int = 0) -> None:
    """Hold so many connections on which next to nothing is read.

    After the first bytes none are sent, or so many a second.
    """
    held: list[socket.socket] = []
    last = time.monotonic()
    while time.monotonic() < end:
        while len(held) < connections and time.monotonic() < end:
            with contextlib.suppress(OSError):
                connection = socket.socket()
                connection.settimeout(CONNECT_SECONDS)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect((ATTACKER, port))
                connection.sendall(sent)
                connection.setblocking(False)
                held.append(connection)
        time.sleep(PAUSE)
        held = [connection for connection in held if _is_open(connection)]
        if speed and (since := time.monotonic() - last) >= SOME_SECONDS:
            last += since
            for connection in held:
                # One that takes no more, or has been closed, is seen to later.
                with contextlib.suppress(OSError):
                    connection.send(bytes(round(speed * since)))


def _is_open(connection: socket.socket) -> bool:
    try:
        if connection.recv(1):
            return True
    except BlockingIOError:
        return True
    except OSError:
        pass
    connection.close()
    return False


@dataclass
class Outcome:
    """What others had of a server while it was attacked, and what was left of the attack."""

    health_times: list[float] = field(default_factory=list)
    """Milliseconds that /health took."""
    health: Counter[str] = field(default_factory=Counter)
    """How often /health was answered with which status."""
    uploads: Counter[str] = field(default_factory=Counter)
    """How often good uploads were answered with which status."""
    taken: Counter[str] = field(default_factory=Counter)
    """How much of what the server has was in use at most, by anybody."""
    left: str = ""
    """What was left some time after the end; nothing if all is as before."""

    def row(self) -> tuple[str, ...]:
        """The outcome as cells of a table."""
        times = np.percentile(self.health_times, [50, 99, 100])
        shown = " / ".join(f"{each:.0f}" for each in times)
        return shown, _shown(self.health), _shown(self.uploads), self.left or "nothing"


def _shown(counted: Counter[str]) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(counted.items()))


@dataclass
class Target:
    """A server that is attacked."""

    server: Server
    port: int
    """At which it is reached, be it through haproxy."""


def outcome_of(attack: Attack, seconds: float, video: bytes, target: Target) -> Outcome:
    """Attack a server from one address, and look at what another one has of it."""
    server, port = target.server, target.port
    outcome = Outcome()
    assert _status(_exchange(port, upload_of(video, TOKEN))) == "200"
    before = Footprint.at_rest(server)
    spawn = multiprocessing.get_context("spawn")
    begun = spawn.Event()
    attacker = spawn.Process(target=_attack, args=(attack, port, seconds, begun))
    attacker.start()
    if not begun.wait(START_SECONDS):
        raise AssertionError("the attack didn't begin")
    end = time.monotonic() + seconds
    uploader = threading.Thread(target=_keep_uploading, args=(port, video, end, outcome))
    uploader.start()
    watcher = threading.Thread(target=_keep_counting, args=(target, end, outcome))
    watcher.start()
    _keep_looking(port, end, outcome)
    uploader.join()
    watcher.join()
    attacker.join(SETTLE_SECONDS)
    attacker.kill()
    attacker.join()
    if attacker.exitcode:
        raise AssertionError(f"the attack broke off with {attacker.exitcode}")
    clean = eventually(lambda: not _left(server, before), SETTLE_SECONDS)
    outcome.left = "" if clean else _left(server, before)
    return outcome


def _attack(attack: Attack, port: int, seconds: float, begun: Event) -> None:
    begun.set()
    attack(port, time.monotonic() + seconds)


@contextlib.contextmanager
def running(*, haproxy: bool = False, small_disk: bool = False) -> Iterator[Target]:
    """A server to attack, whose log nobody reads."""
    chosen: dict[str, Any] = {"API_TOKENS": TOKEN}
    serve = partial(on_a_small_disk, size=SMALL_DISK) if small_disk else serving
    chosen |= {"TRUSTED_PROXIES": 1} if haproxy else {}
    reading, writing = os.pipe()
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            serve(Path(folder) / "uploads", stdout=writing, stderr=writing, **chosen) as server,
            behind(server.port, haproxy=haproxy) as port,
        ):
            yield Target(server, port)
    finally:
        os.close(reading)
        os.close(writing)


@contextlib.contextmanager
def behind(port: int, *, haproxy: bool) -> Iterator[int]:
    """The port at which a server is reached: its own, or that of haproxy before it."""
    if not haproxy:
        yield port
        return
    front = reserved_port()
    addresses = {"FRONT": f"{ATTACKER}:{front}", "SERVER": f"127.0.0.1:{port}"}
    command = ["haproxy", "-q", "-f", str(ROOT / "deploy" / "haproxy.cfg")]
    process = subprocess.Popen(command, env=os.environ | addresses)
    try:
        question = request_head("GET", "/health")
        if not eventually(lambda: _status(_exchange(front, question)) == "200"):
            raise AssertionError("haproxy didn't begin")
        yield front
    finally:
        process.terminate()
        process.wait()


def _keep_looking(port: int, end: float, outcome: Outcome) -> None:
    question = request_head("GET", "/health")
    while time.monotonic() < end:
        start = time.perf_counter()
        outcome.health[_status(_exchange(port, question))] += 1
        outcome.health_times.append((time.perf_counter() - start) * 1000)
        time.sleep(PAUSE)


def _keep_uploading(port: int, video: bytes, end: float, outcome: Outcome) -> None:
    while time.monotonic() < end:
        outcome.uploads[_status(_exchange(port, upload_of(video, TOKEN)))] += 1
        time.sleep(PAUSE)


def _keep_counting(target: Target, end: float, outcome: Outcome) -> None:
    """Note what is in use at most, of which a good upload at a time is not the attacker's."""
    question = request_head("GET", "/metrics", token=TOKEN)
    while time.monotonic() < end:
        time.sleep(SOME_SECONDS)
        figures = _exchange(target.port, question).decode()
        told = dict(line.split()[:2] for line in figures.splitlines() if line.startswith("dance_"))
        now = {
            "connections": target.server.connections(),
            "arriving": int(float(told.get("dance_arriving", 0))),
            "in line": int(float(told.get("dance_waiting", 0))),
            "MB of disk": target.server.received_bytes() // 10**6,
        }
        outcome.taken |= Counter(now)


def _exchange(port: int, sent: bytes) -> bytes:
    address = (ATTACKER, port)
    try:
        with socket.create_connection(address, 60, source_address=(OTHER, 0)) as connection:
            connection.sendall(sent)
            return answer_of(connection)
    except OSError:
        return b""


def _status(answer: bytes) -> str:
    return answer[9:12].decode() or "no answer"


TAKEN: Final = ("connections", "arriving", "in line", "MB of disk")
"""What a crowd takes of a server."""


def _left(server: Server, before: Footprint) -> str:
    now = Footprint.of(server)
    left = {
        "processes": now.processes - before.processes,
        "descriptors": now.descriptors - before.descriptors,
        "threads": now.threads - before.threads,
        "files": server.received(),
    }
    return ", ".join(f"{count} {name}" for name, count in left.items() if count > 0)


def short_video() -> bytes:
    """A video that is soon analysed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "good.mp4"
        film([("T-Pose", None, 0.3)], width=160, height=160, frame_rate=15, rest=0.3).write(path)
        return path.read_bytes()


def _table_of_crowds(names: Sequence[str], seconds: float, video: bytes) -> str:
    rows = []
    for name, each in CROWDS.items():
        if names and not any(part in name for part in names):
            continue
        for size in SIZES:
            with running(small_disk=may_mount_disks()) as target:
                outcome = outcome_of(partial(each, connections=size), seconds, video, target)
            taken = [str(outcome.taken[what]) for what in TAKEN]
            rows.append((name, str(size), *taken, *outcome.row()))
    shown = ("/health p50 / p99 / max ms", "/health", "good uploads", "left behind")
    return table(("attack", "n", *TAKEN, *shown), rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.attacks")
    parser.add_argument("names", nargs="*", metavar="NAME", help="attacks with this in their name")
    parser.add_argument("--seconds", type=float, default=8.0, help="for each attack")
    parser.add_argument("--haproxy", action="store_true", help="before the server")
    parser.add_argument("--crowds", action="store_true", help="attacks of many connections")
    arguments = parser.parse_args()
    video = short_video()
    rows = []
    if arguments.crowds:
        print(_table_of_crowds(arguments.names, arguments.seconds, video))
        return
    for name, each in ATTACKS.items():
        if not arguments.names or any(part in name for part in arguments.names):
            with running(haproxy=arguments.haproxy) as target:
                outcome = outcome_of(each, arguments.seconds, video, target)
            rows.append((name, *outcome.row()))
    head = ("attack", "/health p50 / p99 / max ms", "/health", "good uploads", "left behind")
    print(table(head, rows))


if __name__ == "__main__":
    main()
