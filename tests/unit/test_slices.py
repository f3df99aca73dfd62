"""Slices: who asks for little goes on before those who keep the server busy."""

import time

import gevent

from service.connections.slices import AHEAD, SLICE, Slices, Turns

BUSY = 20
TURNS = 3 * AHEAD


def test_who_comes_anew_goes_on_after_few_turns_of_others_however_many_they_are() -> None:
    slices = Slices()
    turns: list[str] = []

    def keep_working(name: str, count: int) -> None:
        mine = Turns()
        for _ in range(count):
            end = time.monotonic() + 1.5 * SLICE
            while time.monotonic() < end:
                pass
            slices.wait(mine)
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


def test_each_caller_gets_as_many_turns_as_others_with_however_many_connections() -> None:
    slices = Slices()
    had = dict.fromkeys(range(BUSY), 0)

    def keep_working(number: int) -> None:
        mine = slices.turns_of(str(number))
        while min(had.values()) < TURNS:
            end = time.monotonic() + 1.5 * SLICE
            while time.monotonic() < end:
                pass
            slices.wait(mine)
            had[number] += 1

    connections = [number for number in had for _ in range(1 + number % 3)]
    gevent.joinall([gevent.spawn(keep_working, each) for each in connections], raise_error=True)
    assert max(had.values()) - min(had.values()) <= 3
