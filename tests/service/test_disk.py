"""The disk that uploads lie on: nobody fills it, and one address leaves room for others."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dancer.film import film
from service.intake.disk import OF_ADDRESS, OF_ANSWERS
from testing.serving import (
    Server,
    Steady,
    answer_of,
    eventually,
    may_mount_disks,
    multipart,
    on_a_small_disk,
    upload_head,
    upload_of,
)

pytestmark = pytest.mark.skipif(
    not may_mount_disks(), reason="this system lets nobody mount a disk of their own"
)

DISK = 32 * 2**20
"""Bytes of it, far fewer than an upload may have."""

UPLOADS = DISK - DISK // OF_ANSWERS
SHARE = UPLOADS // OF_ADDRESS
"""Bytes that uploads may take of it, and those of one address."""

PART = multipart(b"").removesuffix(b"\r\n--edge--\r\n")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    uploads = tmp_path_factory.mktemp("uploads")
    with on_a_small_disk(uploads, DISK, MAX_UPLOAD_BYTES=2**30, ANALYSES=2) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_left(server: Server) -> Iterator[None]:
    yield
    server.assert_idle()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small video."""
    path = tmp_path_factory.mktemp("good") / "good.mp4"
    film([("T-Pose", None, 0.3)], width=160, height=160, frame_rate=15, rest=0.3).write(path)
    return path.read_bytes()


@contextmanager
def arriving(server: Server, length: int, address: str = "127.0.0.1") -> Iterator[socket.socket]:
    """An upload that has announced its length, and comes slowly."""
    before = server.received()
    with server.connect(address) as connection:
        connection.sendall(upload_head(length) + PART)
        assert eventually(lambda: server.received() == before + 1)
        with Steady(connection, bytes(length)):
            yield connection


def in_chunks(content: bytes) -> bytes:
    """The request of an upload that doesn't announce its length."""
    body = multipart(content)
    head = upload_head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def asked_from(server: Server, address: str, sent: bytes) -> bytes:
    """What comes back for bytes from one of the addresses of this machine."""
    with server.connect(address) as connection:
        connection.sendall(sent)
        return answer_of(connection)


def is_let_in(server: Server, length: int, address: str = "127.0.0.1") -> bool:
    """Whether an upload that announces so much may send it."""
    expects = b"Expect: 100-continue\r\n\r\n"
    with server.connect(address) as connection:
        connection.sendall(upload_head(length).removesuffix(b"\r\n") + expects)
        return connection.recv(65536).startswith(b"HTTP/1.1 100 ")


def test_what_has_announced_more_than_there_is_room_for_is_refused_before_it_is_read(
    server: Server, good: bytes
) -> None:
    with arriving(server, SHARE - 2**20), arriving(server, SHARE - 2**20, "127.0.0.2"):
        for address in ("127.0.0.1", "127.0.0.2"):
            answer = asked_from(server, address, upload_head(2**21))
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nRetry-After: " in answer
            assert b"Uploads from your address have all the room" in answer
        answer = asked_from(server, "127.0.0.3", upload_head(2**22))
        assert answer.startswith(b"HTTP/1.1 507 ")
        assert b"\r\nRetry-After: " in answer
        assert asked_from(server, "127.0.0.3", upload_of(good)).startswith(b"HTTP/1.1 200 ")
    assert eventually(lambda: is_let_in(server, SHARE - 2**20))


def test_what_never_has_room_on_the_disk_is_too_large(server: Server) -> None:
    assert is_let_in(server, SHARE)
    answer = server.exchange(upload_head(SHARE + 1))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nRetry-After: " not in answer


def test_an_upload_keeps_its_room_until_it_is_analysed(server: Server, long_video: Path) -> None:
    long = long_video.read_bytes() + bytes(SHARE // 2)
    with server.connect() as connection:
        connection.sendall(upload_of(long))
        assert eventually(server.analyses)
        assert not is_let_in(server, SHARE // 2)
        assert is_let_in(server, SHARE // 4)
        assert is_let_in(server, SHARE // 2, "127.0.0.2")
    assert eventually(lambda: is_let_in(server, SHARE // 2))


def test_an_upload_that_breaks_off_gives_back_what_it_has_announced(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(upload_head(SHARE) + multipart(b"no video")[:-10])
        assert eventually(server.received)
        assert not is_let_in(server, 2**20)
    assert eventually(lambda: is_let_in(server, SHARE))


def test_an_upload_that_does_not_announce_its_length_takes_what_arrives(
    server: Server, good: bytes
) -> None:
    assert server.exchange(in_chunks(good)).startswith(b"HTTP/1.1 200 ")
    assert server.exchange(in_chunks(bytes(SHARE // 2))).startswith(b"HTTP/1.1 415 ")
    never = server.exchange(in_chunks(bytes(SHARE + 2**20)))
    assert never.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 507 "))
    with arriving(server, SHARE // 2):
        answer = server.exchange(in_chunks(bytes(SHARE // 2 + 2**20)))
        assert answer.startswith(b"HTTP/1.1 503 ")
