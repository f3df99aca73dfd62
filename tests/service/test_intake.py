"""Uploads on their way: one who sends nothing more keeps nobody out."""

import resource
import select
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from analyzer.process import analyze_dance_video
from analyzer.report.analysis import Answer
from benchmarks.attacks import behind
from dancer.film import film
from service.connections.connection import HEAD_SECONDS
from service.intake.arrivals import MOST, SHARE, SLOWEST, WINDOW
from testing.serving import (
    TIMEOUT,
    Server,
    Steady,
    answer_of,
    eventually,
    multipart,
    serving,
    upload_head,
    upload_of,
)

SECONDS = 2.0
"""How long is looked at it."""

PART = b'--edge\r\nContent-Disposition: form-data; name="video"; filename="a"\r\n\r\n'
LARGE = upload_head(199_000_000) + PART


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Answer]:
    """A small video, and its answer."""
    path = tmp_path_factory.mktemp("good") / "good.mp4"
    film([("T-Pose", None, 0.3)], width=160, height=160, frame_rate=15, rest=0.3).write(path)
    return path.read_bytes(), analyze_dance_video(path)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("uploads")) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_left(server: Server) -> Iterator[None]:
    yield
    assert eventually(lambda: not server.connections())
    server.assert_idle()


def assert_others_are_served(server: Server, good: tuple[bytes, Answer]) -> None:
    """See that /health answers again and again, and a good upload rightly meanwhile."""
    video, right = good
    answers = []
    uploader = threading.Thread(target=lambda: answers.append(server.analyze(video)))
    uploader.start()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end or uploader.is_alive():
        assert server.healthy()
        time.sleep(0.01)
    uploader.join()
    (answer,) = answers
    assert (answer.status_code, answer.json()) == (200, right)


def connected(server: Server, crowd: ExitStack, count: int, sent: bytes) -> list[socket.socket]:
    """Connections that send some bytes, and nothing more."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    connections = []
    for _ in range(count):
        connection = crowd.enter_context(server.connect())
        connection.sendall(sent)
        connections.append(connection)
    return connections


def test_uploads_that_stall_keep_no_other_out_and_end(
    server: Server, good: tuple[bytes, Answer]
) -> None:
    with ExitStack() as crowd:
        stalled = connected(server, crowd, 10, LARGE)
        for _ in range(3):
            assert_others_are_served(server, good)
        for connection in stalled:
            connection.settimeout(WINDOW + 10)
            assert answer_of(connection).startswith(b"HTTP/1.1 408 ")


def test_more_uploads_that_stall_than_may_arrive_give_way_to_others(
    server: Server, good: tuple[bytes, Answer]
) -> None:
    video, _ = good
    with ExitStack() as crowd:
        connected(server, crowd, round(SHARE * MOST), LARGE)
        assert eventually(lambda: server.received() == SHARE * MOST)
        elsewhere = crowd.enter_context(server.connect("127.0.0.2"))
        elsewhere.sendall(upload_of(video))
        assert answer_of(elsewhere).startswith(b"HTTP/1.1 200 ")
        # Those of the same address wait no longer than it takes to see who has stalled.
        assert eventually(lambda: server.analyze(video).status_code == 200, WINDOW)


@pytest.mark.parametrize("haproxy", [False, True], ids=["alone", "behind haproxy"])
def test_a_slow_upload_that_is_fast_enough_arrives_however_long_it_takes(
    tmp_path: Path, good: tuple[bytes, Answer], *, haproxy: bool
) -> None:
    """Longer than anything else may: a head, a pause, or a worker that gives no sign of life."""
    if haproxy and not shutil.which("haproxy"):
        pytest.skip("haproxy is not installed")
    video, _ = good
    body = multipart(video + bytes(2**20))
    few = {"GUNICORN_CMD_ARGS": "--timeout 3", "KEEP_ALIVE_SECONDS": 1}
    with (
        serving(tmp_path / "uploads", **few) as server,
        behind(server.port, haproxy=haproxy) as port,
        socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection,
    ):
        connection.sendall(upload_head(len(body)))
        with Steady(connection, body, piece=2 * SLOWEST // 10) as steady:
            time.sleep(max(HEAD_SECONDS, WINDOW) + 2)
        connection.sendall(steady.rest)
        assert answer_of(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("extension", [b"", b";a=" + b"b" * 1000], ids=["small", "long-winded"])
def test_what_is_around_the_chunks_of_an_upload_makes_it_no_faster(
    server: Server, extension: bytes
) -> None:
    length = b"Content-Length: 0"
    head = upload_head(0).replace(length, b"Transfer-Encoding: chunked")
    chunk = b"1%b\r\nx\r\n" % extension
    with server.connect() as connection:
        connection.sendall(head + b"%x\r\n%b\r\n" % (len(PART), PART))
        assert eventually(lambda: server.received() == 1)
        end = time.monotonic() + TIMEOUT
        while not select.select([connection], [], [], 0)[0]:
            assert time.monotonic() < end, "it looks fast enough"
            connection.sendall(chunk * (SLOWEST // len(chunk)))
            time.sleep(0.2)
        assert answer_of(connection).startswith(b"HTTP/1.1 408 ")


def test_an_upload_that_is_on_its_way_when_the_server_stops_is_told_so(tmp_path: Path) -> None:
    with serving(tmp_path / "uploads", GRACE_SECONDS=4) as server, server.connect() as connection:
        connection.sendall(LARGE)
        assert eventually(lambda: server.received() == 1)
        server.process.send_signal(signal.SIGTERM)
        while not select.select([connection], [], [], 0)[0]:
            # Fast enough, so that nothing but the stop ends it.
            connection.sendall(bytes(SLOWEST))
            time.sleep(0.2)
        answer = answer_of(connection)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"stopped before the video was done" in answer


MADE_UP = [
    ["192.0.2.{}"],
    ["192.0.2.{}, "],
    ['"192.0.2.{}'],
    ["2001:db8:{}::1", "192.0.2.{}:80"],
    ["unknown", "", "[2001:db8:{}::1]:80, ,"],
]
"""Lines of X-Forwarded-For in which a caller tells of other addresses, by a number."""

THROUGH = {
    0: (["198.51.100.1"], ["198.51.100.2"]),
    1: (["198.51.100.1:{}"], ["198.51.100.2:{}"]),
    2: (["2001:db8:1::1", "198.51.100.9"], ["[2001:db8:2::1]:{}, 198.51.100.9"]),
}
"""For so many proxies, the lines that they add for one caller, and for another; the number can be
that of a port."""


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_the_share_of_one_caller_is_told_by_what_the_trusted_proxies_add_and_nothing_else(
    tmp_path: Path, good: tuple[bytes, Answer], proxies: int
) -> None:
    video, _ = good
    upload = upload_of(video)
    one, other = THROUGH[proxies]

    def forwarded(request: bytes, number: int, lines: list[str]) -> bytes:
        told = "".join(f"X-Forwarded-For: {line.format(number)}\r\n" for line in lines)
        # Never read, as underscores are no dashes.
        told += f"X_Forwarded_For: 192.0.2.{number}\r\n"
        return request.replace(b"Host", told.encode() + b"Host", 1)

    with serving(tmp_path / "uploads", TRUSTED_PROXIES=proxies) as server, ExitStack() as crowd:
        for number in range(round(SHARE * MOST)):
            made_up = MADE_UP[number % len(MADE_UP)]
            sent = forwarded(LARGE, number, made_up + one) + bytes(20 * SLOWEST)
            connected(server, crowd, 1, sent)
        assert eventually(lambda: server.received() == SHARE * MOST)
        for made_up in MADE_UP:
            another = server.exchange(forwarded(upload, 99, made_up + one))
            assert another.startswith(b"HTTP/1.1 503 "), made_up
        answer = server.exchange(forwarded(upload, 99, ["198.51.100.1", *other]))
        assert answer.startswith(b"HTTP/1.1 200 " if proxies else b"HTTP/1.1 503 ")
