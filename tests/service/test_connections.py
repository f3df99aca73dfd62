"""A connection: what it may do, how long it may wait, and how it ends."""

import re
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from service.connections.connection import HEAD_SECONDS, STALL_SECONDS
from service.connections.forwarded import forwarded
from service.connections.places import MOST_ANEW, Places, caller_of
from testing.serving import (
    Server,
    answer_of,
    eventually,
    multipart,
    request_head,
    serving,
    upload_head,
)
from testing.videos import encode

HEALTH = request_head("GET", "/health")


def statuses(answers: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def all_of(connection: socket.socket) -> bytes:
    """Everything that the server sends until it closes."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def test_pipelined_requests_are_answered_in_their_order(server: Server) -> None:
    paths = ["/health", "/nothing", "/metrics", "/analyze", "/health"]
    sent = b"".join(request_head("GET", path) for path in paths)
    with server.connect() as connection:
        connection.sendall(sent + request_head("GET", "/health", "Connection: close\r\n"))
        assert statuses(all_of(connection)) == [200, 404, 200, 405, 200, 200]


def test_a_connection_on_which_half_a_head_came_is_closed(server: Server) -> None:
    with server.connect() as fresh, server.connect() as kept:
        kept.sendall(HEALTH + HEALTH[:10])
        fresh.sendall(HEALTH[:10])
        start = time.monotonic()
        assert answer_of(kept).startswith(b"HTTP/1.1 200 ")
        assert kept.recv(1) == fresh.recv(1) == b""
        assert HEAD_SECONDS - 1 < time.monotonic() - start < HEAD_SECONDS + 10


def test_a_connection_closed_to_make_room_is_no_failed_request(tmp_path: Path) -> None:
    """With 512 descriptors there are 256 connections, of which one address may have 128."""
    few = ["prlimit", "--nofile=512:512"]
    with serving(tmp_path / "uploads", within=few) as server, ExitStack() as stack:
        held = [stack.enter_context(server.connect()) for _ in range(200)]
        for connection in held:
            connection.sendall(HEALTH[:10])
        assert held[0].recv(1) == b""
        with server.connect() as other:
            other.sendall(request_head("GET", "/metrics", "Connection: close\r\n"))
            figures = all_of(other)
    assert statuses(figures) == [200]
    assert b'status="500"' not in figures


def test_an_idle_connection_is_kept_longer_than_a_head_may_take(server: Server) -> None:
    with server.connect() as connection:
        time.sleep(HEAD_SECONDS + 1)
        connection.sendall(HEALTH)
        assert answer_of(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request_head("GET", "/health", length=1000) + bytes(1000), 200),
        (request_head("POST", "/nothing", length=1000) + bytes(1000), 404),
        (upload_head(2**21), 413),
        (upload_head(10) + bytes(10), 400),
    ],
    ids=["wanted by nobody", "for nothing", "too large", "no form"],
)
def test_a_body_that_is_not_read_is_the_last_of_its_connection(
    server: Server, sent: bytes, status: int
) -> None:
    with server.connect() as connection:
        connection.sendall(sent + HEALTH)
        answer = all_of(connection)
    assert statuses(answer) == [status]
    assert b"\r\nConnection: close\r\n" in answer


def test_one_who_waits_to_send_the_body_is_told_to_only_if_it_is_wanted(
    server: Server,
) -> None:
    expects = b"Expect: 100-Continue\r\n\r\n"
    body = multipart(b"no video")
    with server.connect() as connection:
        connection.sendall(upload_head(len(body)).removesuffix(b"\r\n") + expects)
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert answer_of(connection).startswith(b"HTTP/1.1 415 ")
    for head in (upload_head(2**21), request_head("POST", "/nothing", length=10)):
        with server.connect() as connection:
            connection.sendall(head.removesuffix(b"\r\n") + expects)
            answer = all_of(connection)
            assert answer.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 404 "))
            assert b"\r\nConnection: close\r\n" in answer


def test_a_caller_who_reads_slowly_but_steadily_gets_the_whole_answer(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    noise = [chance.integers(0, 256, (480, 640, 3), np.uint8) for _ in range(40)]
    body = multipart(encode(tmp_path / "noise.mkv", noise, "ffv1").read_bytes())
    lines = b"Accept: video/mp4\r\nConnection: close\r\n\r\n"
    with serving(tmp_path / "uploads") as server, server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        connection.sendall(upload_head(len(body)).removesuffix(b"\r\n") + lines + body)
        received = connection.recv(2**14)
        start = time.monotonic()
        while time.monotonic() < start + STALL_SECONDS + 5:
            received += connection.recv(2**14)
            time.sleep(0.25)
        received += all_of(connection)
    head, _, video = received.partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: %d\r\n" % len(video) in head + b"\r\n"


def test_a_body_that_is_coded_in_another_way_too_is_refused(server: Server) -> None:
    head = b"POST /analyze HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    answer = server.exchange(head)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"gzip, chunked" in answer


def test_a_very_long_head_is_refused_before_it_is_read_to_its_end(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(HEALTH.removesuffix(b"\r\n") + b"A: %b\r\n" % (b"x" * 8000) * 8)
        assert answer_of(connection).startswith(b"HTTP/1.1 400 ")
    assert eventually(server.healthy)


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_caller_is_one_whichever_address_of_its_network_it_takes(
    address: str, caller: str
) -> None:
    assert caller_of(address) == caller


@pytest.mark.parametrize(
    ("addresses", "proxies", "address"),
    [
        ("203.0.113.7", 1, "203.0.113.7"),
        ("192.0.2.1, 203.0.113.7", 1, "203.0.113.7"),
        ("192.0.2.1,203.0.113.7,198.51.100.1", 2, "203.0.113.7"),
        ("203.0.113.7:4711", 1, "203.0.113.7"),
        ("2001:db8::7", 1, "2001:db8::7"),
        ("[2001:db8::7]", 1, "2001:db8::7"),
        ("[2001:db8::7]:4711", 1, "2001:db8::7"),
        ('"192.0.2.1, 203.0.113.7', 1, "203.0.113.7"),
        ('"192.0.2.1\\", 203.0.113.7, 198.51.100.1', 2, "203.0.113.7"),
        ("192.0.2.1, , 203.0.113.7", 1, "203.0.113.7"),
        (",,,203.0.113.7 ", 1, "203.0.113.7"),
        ("203.0.113.7", 2, ""),
        ("", 1, ""),
    ],
)
def test_the_address_of_a_caller_is_counted_from_the_last_that_a_proxy_has_added(
    addresses: str, proxies: int, address: str
) -> None:
    assert forwarded(addresses, proxies) == address


def test_who_makes_connections_too_fast_is_turned_away_for_the_rest_of_the_second() -> None:
    places = Places(10_000, 5000)
    assert sum(places.welcomes("203.0.113.7") for _ in range(10 * MOST_ANEW)) < 3 * MOST_ANEW
    assert places.welcomes("203.0.113.8")
    time.sleep(1)
    assert places.welcomes("203.0.113.7")
    behind_a_proxy = Places(10_000, 10_000)
    assert all(behind_a_proxy.welcomes("203.0.113.7") for _ in range(10 * MOST_ANEW))
