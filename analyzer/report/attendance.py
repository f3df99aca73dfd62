"""When each dancer is seen in a video, and when one is lost from sight."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MIN_LOST: Final = 0.5
"""The shortest time for which a dancer is lost that is told, in seconds."""


class Lost(NamedTuple):
    """Frames first..last in which a dancer isn't seen, from start to end in seconds."""

    first: int
    last: int
    start: float
    end: float


@dataclass
class Dancer:
    """In which frames a dancer is seen, from the first to the last."""

    number: int
    first: int
    last: int
    frames: int = 0
    """In how many of them."""
    lost: list[Lost] = field(default_factory=list)
    """Where not, for MIN_LOST seconds at least."""


class Attendance:
    """Notes who is seen in the frames of a video, one after the other."""

    def __init__(self) -> None:
        self._dancers: dict[int, Dancer] = {}
        self._gone: dict[int, float] = {}
        """Of each who isn't seen, since when, in seconds."""

    def see(self, frame: int, time: float, identities: Collection[int]) -> None:
        """Note the identities that are seen in a frame, by its number and its time in seconds."""
        for identity in self._dancers.keys() - identities - self._gone.keys():
            self._gone[identity] = time
        for identity in identities:
            dancer = self._dancers.setdefault(identity, Dancer(identity, frame, frame))
            self._back(dancer, frame, time)
            dancer.last = frame
            dancer.frames += 1

    def ended(self, frames: int, duration: float, *, awaited: bool) -> list[Dancer]:
        """Give the dancers of a video of so many frames and seconds, by their numbers.

        Args:
            frames: that it has.
            duration: of it, in seconds.
            awaited: whether who isn't seen any more is lost until the end, and hasn't just left.
        """
        if awaited:
            for dancer in self._dancers.values():
                self._back(dancer, frames, duration)
        return [self._dancers[identity] for identity in sorted(self._dancers)]

    def _back(self, dancer: Dancer, frame: int, time: float) -> None:
        """Note that a dancer who may have been away is no longer, from a frame on."""
        since = self._gone.pop(dancer.number, time)
        if time - since >= MIN_LOST:
            dancer.lost.append(Lost(dancer.last + 1, frame - 1, since, time))
