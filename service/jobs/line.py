"""Places and the line: who is let in, and whose turn it is."""

import math
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

from gevent.event import Event

from service.problems import Kind, Problem
from service.runtime.metrics import Metrics

OF_OTHERS: Final = 4
"""One part in so many of the places is left to others than one address."""

RETRY_SECONDS: Final = 5
"""After about so long for each that runs, a place may be free: a rough guess."""


def share_of_one(places: int) -> int:
    """Give how many of so many places one address may have."""
    return places - places // OF_OTHERS


class Ticket:
    """What somebody holds who was let in: without a place, until the video is there."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.round = 0
        """Rounds go one after the other; it has its turn in this one."""
        self.call: Callable[[], object] = lambda: None
        """What tells its holder that it has its turn."""


class Line:
    """So many have their turn at once, so many more wait in line; others are not let in.

    Of each address there is one a round, so that who sends many holds up nobody who sends one;
    those of a round have their turns in the order in which they came.
    """

    def __init__(self, turns: int, waiting: int, metrics: Metrics) -> None:
        self._turns = turns
        self._places = turns + waiting
        self._metrics = metrics
        self._let_in: set[Ticket] = set()
        self._waiting: deque[Ticket] = deque()
        self._running: set[Ticket] = set()
        self._spare: set[Ticket] = set()
        self._round = 0
        """Of the one that had its turn last."""
        self.freed = Event()
        """Set when a turn has become free that nobody in line wants."""

    @property
    def is_empty(self) -> bool:
        """Whether nobody has been let in."""
        return not self._let_in

    def let_in(self, address: str) -> Ticket:
        """Let somebody in; a place is taken only when the video is there.

        Args:
            address: from which it is sent; a quarter of the places is left to others.

        Raises:
            Problem: the line is full, or one address has too much of it.
        """
        share = share_of_one(self._places)
        taken = Counter(ticket.address for ticket in self._with_place)
        # Who was let in before may have taken more than a share meanwhile.
        in_all = sum(min(each, share) for each in taken.values())
        if taken[address] >= share or in_all >= self._places:
            self._metrics.refusals.inc()
            raise Problem(
                Kind.BUSY,
                "All places are taken; send it again a little later."
                if in_all >= self._places
                else "Videos from your address have all the places that it may; "
                "send it again when one of them is done.",
                RETRY_SECONDS * math.ceil(len(self._let_in) / self._turns),
            )
        ticket = Ticket(address)
        self._let_in.add(ticket)
        return ticket

    @property
    def has_spare(self) -> bool:
        """Whether there is a turn that nobody in line wants."""
        return not self._waiting and len(self._running) + len(self._spare) < self._turns

    @property
    def spares(self) -> int:
        """How many of those have been given."""
        return len(self._spare)

    def take_spare(self) -> Ticket:
        """Give a turn that nobody in line wants.

        Who comes meanwhile doesn't wait for it to be left: there is one process more for a time,
        and by the system's own means it is theirs that goes first.
        """
        ticket = Ticket("")
        self._spare.add(ticket)
        self._next()
        return ticket

    def has_turn(self, ticket: Ticket) -> bool:
        """Whether it is somebody's turn."""
        return ticket in self._running or ticket in self._spare

    def queue(self, ticket: Ticket, call: Callable[[], object]) -> int:
        """Put somebody in line, and tell the place; when the turn has come, it is called."""
        rounds = [its.round for its in self._with_place if its.address == ticket.address]
        ticket.round = max([self._round, *(before + 1 for before in rounds)])
        ticket.call = call
        self._waiting.append(ticket)
        self._next()
        return self.place(ticket)

    def place(self, ticket: Ticket) -> int:
        """Tell the place in line, from 1; 0 for who is not in it any more."""
        return self._in_order().index(ticket) + 1 if ticket in self._waiting else 0

    def leave(self, ticket: Ticket) -> None:
        """Free what somebody has: the place in line, or the turn; nothing the second time."""
        self._let_in.discard(ticket)
        self._running.discard(ticket)
        self._spare.discard(ticket)
        if ticket in self._waiting:
            self._waiting.remove(ticket)
        self._next()
        if self.has_spare:
            self.freed.set()

    def _next(self) -> None:
        while self._waiting and len(self._running) < self._turns:
            ticket = self._in_order()[0]
            self._waiting.remove(ticket)
            self._running.add(ticket)
            self._round = ticket.round
            ticket.call()
        self._metrics.in_use.set(len(self._running) + len(self._spare))
        self._metrics.waiting.set(len(self._waiting))

    @property
    def _with_place(self) -> list[Ticket]:
        """Those in line, and those let in who have their turn."""
        return [*self._waiting, *self._running]

    def _in_order(self) -> list[Ticket]:
        """Those in line, in the order in which they have their turns."""
        return sorted(self._waiting, key=lambda ticket: ticket.round)
