"""One caller without a token, who wants to keep the others out: they are answered all the same."""

import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import psutil
import pytest
import requests

from analyzer.process import Answer, analyze_dance_video
from dancer.film import film
from service.intake import MOST, SHARE, WINDOW
from service.worker import HEAD_SECONDS
from tests.serving import TIMEOUT, Server, answer_of, eventually, multipart, serving, upload_head

SECONDS = 2.0
"""How long each attack goes on."""

SOON = 1.0
"""Seconds within which /health answers, on a machine with much else to do."""

PART = b'--edge\r\nContent-Disposition: form-data; name="video"; filename="a"\r\n\r\n'
CHUNKED = (
    b"POST /analyze HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: multipart/form-data; boundary=edge\r\n\r\n%x\r\n%s\r\n" % (len(PART), PART)
)
LARGE = upload_head(199_000_000) + PART
GET = b"GET %s HTTP/1.1\r\nHost: test\r\n%s\r\n"
FORM = b"POST /analyze HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n%s\r\n123456789"

FLOODS = {
    "one-byte chunks": (CHUNKED, b"1\r\nx\r\n" * 20_000),
    "chunk extensions": (CHUNKED, (b"1;a=" + b"b" * 4000 + b"\r\nx\r\n") * 30),
    "pipelined requests": (b"", GET % (b"/health", b"") * 2000),
    "pipelined requests for nothing": (b"", GET % (b"/nothing", b"") * 2000),
    "pipelined requests that are refused": (b"", FORM % b"" * 500),
    "half boundaries": (LARGE, b"\r\n--edg" * 20_000),
    "ends of lines": (LARGE, b"\r\n" * 60_000),
    "a fast upload": (LARGE, b"v" * 2**20),
    "ten thousand header lines": (b"", GET % (b"/health", b"a: b\r\n" * 10_000)),
    "long Accept headers": (b"", FORM % ((b"Accept: " + b"text/a;q=0.1," * 600 + b"\r\n") * 90)),
}
"""What is sent once on a connection, and what is sent again and again after it."""


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
    assert eventually(lambda: not connections(server))
    server.assert_idle()


def connections(server: Server) -> int:
    """How many connections the server has."""
    kinds = [connection.status for connection in server.worker().net_connections("tcp")]
    return len(kinds) - kinds.count(psutil.CONN_LISTEN)


@contextmanager
def flooded(server: Server, head: bytes, again: bytes) -> Iterator[None]:
    """Have the server be sent bytes within the block as fast as it takes them."""
    over = threading.Event()

    def flood(connection: socket.socket) -> None:
        connection.settimeout(0.2)
        connection.sendall(head)
        rest = again
        while not over.is_set():
            with suppress(TimeoutError):
                rest = rest[connection.send(rest) :] or again
            # Answers are read, so that the server has no reader to wait for.
            with suppress(BlockingIOError):
                while connection.recv(2**16, socket.MSG_DONTWAIT):
                    pass
                return

    def flood_on() -> None:
        while not over.is_set():
            with suppress(OSError), server.connect() as connection:
                flood(connection)

    thread = threading.Thread(target=flood_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def assert_others_are_served(server: Server, good: tuple[bytes, Answer]) -> None:
    """See that /health answers soon, again and again, and a good upload rightly meanwhile."""
    video, right = good
    answers = []
    uploader = threading.Thread(target=lambda: answers.append(server.analyze(video)))
    uploader.start()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end or uploader.is_alive():
        begin = time.monotonic()
        assert server.healthy()
        assert time.monotonic() - begin < SOON
        time.sleep(0.01)
    uploader.join()
    (answer,) = answers
    assert (answer.status_code, answer.json()) == (200, right)


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_bytes_keeps_nobody_waiting(
    server: Server, good: tuple[bytes, Answer], name: str
) -> None:
    with flooded(server, *FLOODS[name]):
        assert_others_are_served(server, good)


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


@pytest.mark.parametrize("sent", [b"", b"GET /health HTTP/1.1\r\nHo", GET % (b"/health", b"")])
def test_a_thousand_connections_that_say_no_more_keep_nobody_waiting(
    server: Server, good: tuple[bytes, Answer], sent: bytes
) -> None:
    with ExitStack() as crowd:
        connected(server, crowd, 1000, sent)
        assert_others_are_served(server, good)


def test_the_head_of_a_request_has_its_time_and_no_more(server: Server) -> None:
    with server.connect() as connection:
        connection.settimeout(HEAD_SECONDS + 5)
        connection.sendall(GET % (b"/health", b""))
        answer_of(connection)
        for byte in b"GET /health HTTP/1.1\r\nA: ":
            connection.sendall(bytes([byte]))
        assert connection.recv(1) == b"", "it is closed"


def test_a_hundred_slow_readers_keep_nobody_waiting(
    server: Server, good: tuple[bytes, Answer]
) -> None:
    with ExitStack() as crowd:
        connected(server, crowd, 100, GET % (b"/poses", b"") * 50)
        assert_others_are_served(server, good)


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
    video, right = good
    body = multipart(video)
    with ExitStack() as crowd:
        connected(server, crowd, round(SHARE * MOST), LARGE)
        assert eventually(lambda: server.received() == SHARE * MOST)
        elsewhere = crowd.enter_context(
            socket.create_connection(("127.0.0.1", server.port), TIMEOUT, ("127.0.0.2", 0))
        )
        elsewhere.sendall(upload_head(len(body)) + body)
        assert answer_of(elsewhere).startswith(b"HTTP/1.1 200 ")
        # Those of the same address wait no longer than it takes to see who has stalled.
        assert eventually(lambda: server.analyze(video).status_code == 200, WINDOW)
        assert requests.get(f"{server.url}/health", timeout=TIMEOUT).status_code == 200
    assert right["total_frames"] > 0


def test_a_slow_upload_that_is_fast_enough_arrives(
    server: Server, good: tuple[bytes, Answer]
) -> None:
    video, _ = good
    body = multipart(video)
    with server.connect() as connection:
        connection.sendall(upload_head(len(body)))
        for place in range(0, len(body), 4000):
            connection.sendall(body[place : place + 4000])
            time.sleep(0.2)
        assert answer_of(connection).startswith(b"HTTP/1.1 200 ")
