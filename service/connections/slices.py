"""Slices: when connections keep the server busy, the one that has had least goes on next."""

import time
from heapq import heappop, heappush
from itertools import count
from typing import Final

import gevent
from gevent.event import Event

SLICE: Final = 0.005
"""Seconds of work after which the event loop looks at all sockets and timers again."""

LOOK: Final = 1e-9
"""Not 0, after which gevent may go on without looking at sockets and timers."""

AHEAD: Final = 4
"""Slices that one who comes anew is ahead of all others: a small request needs so few."""


class Slices:
    """Who goes on next, of those that have work while the event loop should look around.

    The event loop looks at everything after each turn. Slices are counted, and who has had fewest
    is next; one who was away is a few ahead of the others, however long it was away. So whoever
    asks for little waits for a turn or two of others, and not for one of each.
    """

    def __init__(self) -> None:
        self._looked = time.monotonic()
        """When the event loop last looked at all sockets and timers."""
        self._waiting: list[tuple[int, int, Event]] = []
        """A heap: turns had, order of coming, and what lets it go on."""
        self._order = count()
        self._some = Event()
        self._fewest = 0
        """Slices had by the one that had had fewest, when it last went on."""
        self._check = gevent.get_hub().loop.check(ref=False)
        self._check.start(self._note)
        gevent.spawn(self._give)

    def wait(self, had: int) -> int:
        """Let others go on if it is their turn; to be called after a bounded amount of work.

        Args:
            had: the turns that the caller has had so far.

        Returns:
            The turns it has had now.
        """
        if time.monotonic() - self._looked < SLICE:
            return had
        had = max(had, self._fewest - AHEAD)
        mine = Event()
        heappush(self._waiting, (had, next(self._order), mine))
        self._some.set()
        mine.wait()
        return had + 1

    def _note(self) -> None:
        self._looked = time.monotonic()

    def _give(self) -> None:
        while True:
            self._some.wait()
            gevent.sleep(LOOK)
            had, _, its = heappop(self._waiting)
            self._fewest = max(self._fewest, had)
            its.set()
            if not self._waiting:
                self._some.clear()
