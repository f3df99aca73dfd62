"""Answers on their way: those who don't read make room for others, the most idle first."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from service.web.delivery import MOST, Delivery

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    """Connections, each by its two ends: ours and the reader's."""
    with ExitStack() as stack:
        yield [
            (stack.enter_context(ours), stack.enter_context(reader))
            for ours, reader in (socket.socketpair() for _ in range(MOST + 1))
        ]


def ended(reader: socket.socket) -> bool:
    """Whether a reader's connection has been cut off."""
    reader.setblocking(False)
    try:
        return reader.recv(1) == b""
    except BlockingIOError:
        return False


def cut(pairs: list[Pair]) -> list[int]:
    return [place for place, (_, reader) in enumerate(pairs) if ended(reader)]


@pytest.mark.parametrize("address", ["192.0.2.1", ""])
def test_the_answer_that_was_read_of_least_lately_makes_room_for_a_new_one(
    pairs: list[Pair], address: str
) -> None:
    delivery = Delivery()
    for ours, _ in pairs[:MOST]:
        delivery.begin(ours, address)
    assert list(delivery.sent(pairs[0][0], [b"one", b"two"])) == [b"one", b"two"]
    assert cut(pairs) == []
    delivery.begin(pairs[MOST][0], address)
    assert cut(pairs) == [1]


def test_who_has_many_answers_open_costs_nobody_else_theirs(pairs: list[Pair]) -> None:
    delivery = Delivery()
    delivery.begin(pairs[0][0], "192.0.2.2")
    for ours, _ in pairs[1:]:
        delivery.begin(ours, "192.0.2.1")
    assert cut(pairs) == [1]


def test_answers_that_have_been_read_or_given_up_take_no_place(pairs: list[Pair]) -> None:
    delivery = Delivery()
    for ours, _ in pairs * 2:
        delivery.begin(ours, "192.0.2.1")
        delivery.end(ours)
    assert cut(pairs) == []
