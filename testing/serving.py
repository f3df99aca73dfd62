"""A real server process for tests: gunicorn as it is configured, on a port of its own."""

import atexit
import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import psutil
import requests
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 60

WITH_ITS_OWN_DISKS = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
"""Runs a shell that may mount disks which only it sees."""


def eventually(condition: Callable[[], Any], seconds: float = 20.0) -> bool:
    """Whether a condition comes true within some time, which also a busy machine keeps."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def reserved_port() -> int:
    """A port that nobody else takes as long as this process runs.

    It lies below those that the system gives to whoever asks for any, and a name that only one
    process can have keeps it from the other processes of tests.
    """
    given = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    for port in range(int(given[0]) - 1, 1024, -1):
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0port {port} of the tests of dance poses")
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            name.close()
        else:
            # Until this process ends.
            atexit.register(name.close)
            return port
    raise AssertionError("no port is free")


def listens(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Server:
    """A server that runs: its process, its port, its folder for uploads."""

    process: subprocess.Popen[bytes]
    port: int
    uploads: Path

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}"

    def analyze(self, video: Path | bytes, **options: Any) -> requests.Response:
        """Send a video, and give the answer."""
        content = video if isinstance(video, bytes) else video.read_bytes()
        return requests.post(
            f"{self.url}/analyze",
            files={"video": ("name.mp4", content)},
            timeout=TIMEOUT,
            **options,
        )

    def send(self, video: Path | bytes, **options: Any) -> str:
        """Send a video to be analysed in the background, and give where that is."""
        headers = {"Prefer": "respond-async", **options.pop("headers", {})}
        answer = self.analyze(video, headers=headers, **options)
        assert answer.status_code == 202, answer.text
        return f"{self.url}{answer.headers['Location']}"

    def health(self) -> int:
        """The status of /health; 0 where nobody answers."""
        try:
            return requests.get(f"{self.url}/health", timeout=TIMEOUT).status_code
        except requests.ConnectionError:
            return 0

    def healthy(self) -> bool:
        """Whether /health says so."""
        return self.health() == 200

    def figures(self) -> dict[tuple[str, ...], float]:
        """What it tells of itself at /metrics, by name and labels."""
        text = requests.get(f"{self.url}/metrics", timeout=TIMEOUT).text
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    @property
    def state(self) -> Path:
        """Where it has its queue, and the files of background analyses."""
        return state_of(self.uploads)

    def states(self) -> list[str]:
        """What each background analysis of its queue is doing."""
        with closing(sqlite3.connect(self.state / "queue.db")) as connection:
            return [state for (state,) in connection.execute("SELECT state FROM analyses")]

    def worker(self) -> psutil.Process:
        """The process that answers."""
        (worker,) = psutil.Process(self.process.pid).children()
        return worker

    def forkserver(self) -> psutil.Process:
        """The process that those of videos are forked from."""
        (forkserver,) = self.worker().children()
        return forkserver

    def received(self) -> int:
        """How many uploads the server has on disk; each analysis also has a file for its answer."""
        return self._files_of(self.worker()) - len(self.analyses())

    def analyses(self) -> list[psutil.Process]:
        """The processes that analyse an upload."""
        return [process for process in self.forkserver().children() if self._files_of(process)]

    def received_bytes(self) -> int:
        """Bytes of the disk that uploads and answers have."""
        return sum(self._sizes(self.worker()))

    def _files_of(self, process: psutil.Process) -> int:
        return len(self._sizes(process))

    def _sizes(self, process: psutil.Process) -> list[int]:
        """Bytes of each file that a process has open in the folder for uploads."""
        sizes = []
        with contextlib.suppress(OSError):
            for link in Path(f"/proc/{process.pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    if link.readlink().parent == self.uploads:
                        sizes.append(link.stat().st_size)
        return sizes

    def connections(self) -> int:
        """How many connections it has."""
        kinds = [connection.status for connection in self.worker().net_connections("tcp")]
        return len(kinds) - kinds.count(psutil.CONN_LISTEN)

    def connect(self, address: str = "127.0.0.1") -> socket.socket:
        """A bare connection, from one of the addresses of this machine."""
        place = ("127.0.0.1", self.port)
        return socket.create_connection(place, TIMEOUT, source_address=(address, 0))

    def start_upload(self, video: Path, address: str = "127.0.0.1") -> socket.socket:
        """Send a whole upload over a bare connection, and don't wait for the answer."""
        connection = self.connect(address)
        connection.sendall(upload_of(video.read_bytes()))
        return connection

    def exchange(self, sent: bytes) -> bytes:
        """What comes back for bytes over a bare connection."""
        with self.connect() as connection:
            connection.sendall(sent)
            return answer_of(connection)

    def assert_idle(self) -> None:
        """Nothing is left of what was asked of it."""
        assert eventually(lambda: not self.forkserver().children())
        assert eventually(lambda: self.received() == 0)
        assert list(self.uploads.iterdir()) == []

    def tree(self) -> list[psutil.Process]:
        """All its processes."""
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]


def ended(analysis: str, seconds: float = TIMEOUT, **options: Any) -> dict[str, Any]:
    """A background analysis, as it is told at its end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told: dict[str, Any] = requests.get(analysis, timeout=TIMEOUT, **options).json()
        if told["state"] in ("done", "failed"):
            return told
        time.sleep(0.1)
    raise AssertionError(f"the analysis has not ended: {told}")


@dataclass
class Footprint:
    """What a server has of the system, when nothing is asked of it."""

    processes: int
    descriptors: int
    threads: int
    memory: int

    @classmethod
    def of(cls, server: Server) -> "Footprint":
        """What a server has now."""
        has = cls(0, 0, 0, 0)
        for process in server.tree():
            # One that ends meanwhile has nothing.
            with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError):
                descriptors, threads = process.num_fds(), process.num_threads()
                has.memory += process.memory_info().rss
                has.processes += 1
                has.descriptors += descriptors
                has.threads += threads
        return has

    @classmethod
    def at_rest(cls, server: Server) -> "Footprint":
        """What a server has when nothing is asked of it, and it has tidied up.

        Who has an answer is ahead of the server, which then still has to close the connection, and
        with it what the answer was read from; and now and then a process proves that it works.
        """
        looks = [cls(0, 0, 0, 0)]

        def rests() -> bool:
            if server.connections() or server.forkserver().children():
                looks.append(cls(0, 0, 0, 0))
                return False
            looks.append(cls.of(server))
            time.sleep(0.2)
            return looks[-1].same(looks[-2])

        if not eventually(rests, TIMEOUT):
            raise AssertionError("the server doesn't come to rest")
        return looks[-1]

    def same(self, other: "Footprint") -> bool:
        """Whether there are as many of everything that is counted."""
        return replace(self, memory=0) == replace(other, memory=0)


def multipart(content: bytes) -> bytes:
    """The body of an upload."""
    return (
        b'--edge\r\nContent-Disposition: form-data; name="video"; filename="a"\r\n\r\n'
        + content
        + b"\r\n--edge--\r\n"
    )


def upload_of(video: bytes, token: str = "") -> bytes:
    """The request of an upload."""
    body = multipart(video)
    return upload_head(len(body), token) + body


def upload_head(length: int, token: str = "") -> bytes:
    """The head of an upload."""
    form = "Content-Type: multipart/form-data; boundary=edge\r\n"
    return request_head("POST", "/analyze", form, length, token)


def request_head(
    method: str, path: str, lines: str = "", length: int | None = None, token: str = ""
) -> bytes:
    """The head of a request; lines are further ones, each with its end."""
    if length is not None:
        lines += f"Content-Length: {length}\r\n"
    if token:
        lines += f"Authorization: Bearer {token}\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: test\r\n{lines}\r\n".encode()


def answer_of(connection: socket.socket) -> bytes:
    """All that the server sends until it closes or the announced length is there."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length" and len(body) >= int(value):
                return received
    return received


def state_of(uploads: Path) -> Path:
    """The folder for the state of a server that has one for its uploads."""
    return uploads.with_name(f"{uploads.name}-state")


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started, at once."""
    main = psutil.Process(process.pid)
    tree = [main, *main.children(recursive=True)]
    for each in tree:
        # One that ends with its parent is gone.
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    process.wait()
    psutil.wait_procs(tree)


@dataclass
class Steady:
    """Sends a little over a connection ten times a second, as long as the block lasts."""

    connection: socket.socket
    rest: bytes
    """What has not been sent."""
    piece: int = 10_000
    """Bytes that are sent at once."""

    def __enter__(self) -> "Steady":
        """Begin."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_sending)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._ended.set()
        self._thread.join()

    def _keep_sending(self) -> None:
        while not self._ended.wait(0.1):
            self.connection.sendall(self.rest[: self.piece])
            self.rest = self.rest[self.piece :]


@contextmanager
def starting(
    uploads: Path,
    port: int | None = None,
    stdout: IO[bytes] | int | None = None,
    stderr: IO[bytes] | int | None = None,
    within: Sequence[str] = (),
    **settings: object,
) -> Iterator[Server]:
    """A server with these settings that has just been started, and is gone after the block.

    within: a command that runs it.
    """
    uploads.mkdir(exist_ok=True)
    port = port or reserved_port()
    chosen = {"HOST": "127.0.0.1", "PORT": port, "UPLOAD_DIRECTORY": uploads}
    chosen |= {"STATE_DIRECTORY": state_of(uploads)} | settings
    environment = os.environ | {name: str(value) for name, value in chosen.items()}
    process = subprocess.Popen(
        [*within, sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env=environment,
        stdout=stdout,
        stderr=stderr,
    )
    try:
        yield Server(process, port, uploads)
    finally:
        if process.poll() is None:
            # As Ctrl-C does: at once.
            process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT)


@contextmanager
def serving(uploads: Path, *arguments: Any, **settings: Any) -> Iterator[Server]:
    """The same, healthy when the block begins."""
    with starting(uploads, *arguments, **settings) as server:
        if not eventually(server.healthy, TIMEOUT):
            raise AssertionError("the server didn't become healthy")
        yield server


def may_mount_disks() -> bool:
    """Whether this system lets somebody mount a disk of their own."""
    return not subprocess.run([*WITH_ITS_OWN_DISKS, "true"], check=False).returncode


@contextmanager
def on_a_small_disk(uploads: Path, size: int, **settings: Any) -> Iterator[Server]:
    """The same, whose uploads go to a disk of so many bytes that only it sees."""
    mount = f'mount -t tmpfs -o size={size} none "$UPLOAD_DIRECTORY" && exec "$@"'
    within = (*WITH_ITS_OWN_DISKS, mount, "-")
    with serving(uploads, within=within, **settings) as server:
        yield server
