"""The poses that dancers hold, each of whom is followed alone."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzer.body import Crowd
from analyzer.holds.results import Hold, NearMiss, Undecidable
from analyzer.holds.timeline import Timeline, in_order
from analyzer.poses import Pose

GONE: Final = 10.0
"""Seconds without a sight of a dancer after which nothing that was begun is waited for: longer than
any pose is hidden, or a movement takes to be told."""

ALONE: Final = 1
"""The identity of one who is followed alone, seen or not."""


class Timelines:
    """A Timeline for each dancer of a clip, from the first sight on, found as its frames come in.

    numbered: whether dancers are told apart, so that what is found has their number; otherwise
    there is one, whose timeline is that of the whole clip. The rest is as in `Timeline`.
    """

    def __init__(
        self,
        poses: Sequence[Pose],
        *,
        width: int,
        height: int,
        min_hold: float | None = None,
        numbered: bool = False,
    ) -> None:
        self._poses = tuple(poses)
        self._size = (width, height)
        self._min_hold = min_hold
        self._numbered = numbered
        self._frames = 0
        self._all: list[Timeline] = []
        self._followed: dict[int, Timeline] = {}
        self._seen: dict[int, float] = {}
        """When each who is followed was last seen, in seconds."""
        if not numbered:
            self._follow(ALONE, 0)

    @property
    def holds(self) -> list[Hold]:
        """Those that are certain so far, in the order of their frames."""
        return in_order(hold for timeline in self._all for hold in timeline.holds)

    @property
    def near_misses(self) -> list[NearMiss]:
        """Those that are advice, once finished."""
        return in_order(miss for timeline in self._all for miss in timeline.near_misses)

    @property
    def undecidable(self) -> list[Undecidable]:
        """Those that are certain so far."""
        return in_order(stretch for timeline in self._all for stretch in timeline.undecidable)

    def add(self, crowd: Crowd, cuts: npt.NDArray[np.bool_], *, last: bool = False) -> list[Hold]:
        """Take the next frames, with cuts as in `Timeline.add`; the holds that became certain."""
        found: list[Hold] = []
        appear = dict.fromkeys(self._followed, 0)
        if self._numbered:
            for identity in np.unique(crowd.identities[crowd.identities > 0]).tolist():
                frames = np.flatnonzero((crowd.identities == identity).any(axis=1))
                self._seen[identity] = float(crowd.times[frames[-1]])
                if identity not in self._followed:
                    appear[identity] = int(frames[0])
                    self._follow(identity, self._frames + appear[identity])
        for identity, first in appear.items():
            image, world, times = crowd.of(identity)
            found += self._followed[identity].add(
                image[first:], world[first:], times[first:], cuts[first:], last=last
            )
            if self._numbered and times[-1] - self._seen[identity] > GONE:
                found += self._followed.pop(identity).finish()
        self._frames += len(crowd.times)
        return found

    def finish(self) -> list[Hold]:
        """Say that there are no more frames; the remaining holds."""
        return [hold for timeline in self._followed.values() for hold in timeline.finish()]

    def _follow(self, identity: int, first: int) -> None:
        timeline = self._followed[identity] = Timeline(
            self._poses,
            width=self._size[0],
            height=self._size[1],
            min_hold=self._min_hold,
            dancer=identity if self._numbered else None,
            first=first,
        )
        self._all.append(timeline)
