"""Answers on their way: those who don't read make room for others, the most idle first."""

import socket
from contextlib import ExitStack

from service.delivery import MOST, Delivery


def ended(reader: socket.socket) -> bool:
    """Whether a reader's connection has been cut off."""
    reader.setblocking(False)
    try:
        return reader.recv(1) == b""
    except BlockingIOError:
        return False


def test_the_answer_that_was_read_of_least_lately_makes_room_for_a_new_one() -> None:
    delivery = Delivery()
    with ExitStack() as stack:
        pairs = [tuple(map(stack.enter_context, socket.socketpair())) for _ in range(MOST + 1)]
        answers = [delivery.sent(ours, [b"one", b"two"]) for ours, _ in pairs]
        for answer in answers[:MOST]:
            assert next(answer) == b"one"
        assert next(answers[0]) == b"two"
        assert not any(ended(reader) for _, reader in pairs)
        assert next(answers[MOST]) == b"one"
        assert [place for place, (_, reader) in enumerate(pairs) if ended(reader)] == [1]


def test_answers_that_have_been_read_or_given_up_take_no_place() -> None:
    delivery = Delivery()
    ours, reader = socket.socketpair()
    with ours, reader:
        for _ in range(2 * MOST):
            assert list(delivery.sent(ours, [b"one", b"two"])) == [b"one", b"two"]
            begun = delivery.sent(ours, [b"one", b"two"])
            next(begun)
            begun.close()  # type: ignore[attr-defined]
        assert not ended(reader)
