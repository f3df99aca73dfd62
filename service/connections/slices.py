"""Slices: when connections keep the server busy, the caller that has had least goes on next."""

import time
from collections import deque
from heapq import heappop, heappush
from itertools import count
from typing import Final
from weakref import WeakValueDictionary

import gevent
from gevent.event import Event

SLICE: Final = 0.005
"""Seconds of work after which the event loop looks at all sockets and timers again."""

LOOK: Final = 1e-9
"""Not 0, after which gevent may go on without looking at sockets and timers."""

AHEAD: Final = 4
"""Slices that one who comes anew is ahead of all others: a small request needs so few."""


class Turns:
    """The turns of one caller, whose connections have them one after the other."""

    def __init__(self) -> None:
        self.had = 0
        self.waiting: deque[Event] = deque()
        """What lets each of its connections go on, first the one that has waited longest."""


class Slices:
    """Who goes on next, of those that have work while the event loop should look around.

    The event loop looks at everything after each turn. Turns are counted, and the caller that has
    had fewest is next; one who was away is a few ahead of the others, however long it was away. So
    whoever asks for little waits for a turn or two of others, and not for one of each connection.
    """

    def __init__(self) -> None:
        self._looked = time.monotonic()
        """When the event loop last looked at all sockets and timers."""
        self._waiting: list[tuple[int, int, Turns]] = []
        """A heap of those who wait: turns had, order of coming, and whose they are."""
        self._of_caller: WeakValueDictionary[str, Turns] = WeakValueDictionary()
        self._order = count()
        self._some = Event()
        self._fewest = 0
        """Turns had by the one that had had fewest, when it last went on."""
        self._check = gevent.get_hub().loop.check(ref=False)
        self._check.start(self._note)
        gevent.spawn(self._give)

    def turns_of(self, caller: str) -> Turns:
        """Give what all connections of a caller share."""
        return self._of_caller.setdefault(caller, Turns())

    def wait(self, turns: Turns) -> None:
        """Let others go on if it is their turn; to be called after a bounded amount of work."""
        if time.monotonic() - self._looked < SLICE:
            return
        mine = Event()
        turns.waiting.append(mine)
        if len(turns.waiting) == 1:
            turns.had = max(turns.had, self._fewest - AHEAD)
            self._put(turns)
        self._some.set()
        mine.wait()

    def _note(self) -> None:
        self._looked = time.monotonic()

    def _put(self, turns: Turns) -> None:
        heappush(self._waiting, (turns.had, next(self._order), turns))

    def _give(self) -> None:
        while True:
            self._some.wait()
            gevent.sleep(LOOK)
            _, _, turns = heappop(self._waiting)
            self._fewest = max(self._fewest, turns.had)
            turns.had += 1
            turns.waiting.popleft().set()
            if turns.waiting:
                self._put(turns)
            if not self._waiting:
                self._some.clear()
