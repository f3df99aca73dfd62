"""Slices: who asks for little goes on before those who keep the server busy."""

import time

import gevent

from service.connections.slices import AHEAD, SLICE, Slices

BUSY = 20
TURNS = 3 * AHEAD


def test_who_comes_anew_goes_on_after_few_turns_of_others_however_many_they_are() -> None:
    slices = Slices()
    turns: list[str] = []

    def keep_working(name: str, count: int) -> None:
        had = 0
        for _ in range(count):
            end = time.monotonic() + 1.5 * SLICE
            while time.monotonic() < end:
                pass
            had = slices.wait(had)
            turns.append(name)

    crowd = [gevent.spawn(keep_working, "busy", TURNS) for _ in range(BUSY)]
    while len(turns) < BUSY * TURNS // 2:
        gevent.sleep(0)
    before = len(turns)
    gevent.spawn(keep_working, "new", AHEAD).join()
    gevent.joinall(crowd, raise_error=True)
    since = turns[before:]
    last = len(since) - since[::-1].index("new")
    assert since[:last].count("busy") < 3 * AHEAD
    assert since[last:].count("busy") > BUSY


def test_all_who_keep_the_server_busy_get_the_same_number_of_turns() -> None:
    slices = Slices()
    had = dict.fromkeys(range(BUSY), 0)

    def keep_working(number: int) -> None:
        while min(had.values()) < TURNS:
            end = time.monotonic() + 1.5 * SLICE
            while time.monotonic() < end:
                pass
            had[number] = slices.wait(had[number])

    gevent.joinall([gevent.spawn(keep_working, number) for number in had], raise_error=True)
    assert max(had.values()) - min(had.values()) <= 1
