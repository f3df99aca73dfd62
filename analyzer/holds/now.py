"""What a dancer holds at this moment, judged by what has been seen so far.

A `Timeline` tells of a frame when all is known that says something about it, a second and a half
later. Here each frame is judged at once, by the same conditions, as the last of a clip would be: so
a hold may be told that comes to nothing, and movements, which show only when they are over, aren't
told at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzer.body import Body
from analyzer.holds.judging import IN, SEEN_FROM, Block, durations_of
from analyzer.holds.results import Measured
from analyzer.holds.stretches import BRIDGE, Course, Follower
from analyzer.holds.timeline import is_hold, score, shortest_hold
from analyzer.limits import MIN_HOLD
from analyzer.poses import Pose, SideName

CONTEXT: Final = 1.0
"""Seconds before a frame that say something about it here."""

APART: Final = 10.0
"""Seconds between the frames of two dancers who are judged together, too long for the ones to say
anything about the others."""

SURER: Final = 0.5
SURER_SECONDS: Final = 0.5
"""By how much, and for how long, the margin of the other side has to be better for it to be the one
that is tried."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A pose that is held at this moment: for so many seconds, and how well, 0..1."""

    pose: str
    side: SideName | None
    seconds: float
    score: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """How the pose that is practised stands at this moment.

    side is the one that is nearer to it; held whether it is held now, and seconds for how long;
    conditions are as measured now, and off those that are out of their bounds, the worst first;
    doubt says why it can't be told, where something of it can't be seen.
    """

    pose: str
    side: SideName | None
    held: bool
    seconds: float
    score: float
    conditions: tuple[Measured, ...]
    off: tuple[Measured, ...]
    doubt: str | None

    @property
    def wrong_view(self) -> bool:
        """Whether it can't be told because of where it is seen from."""
        return self.doubt is not None and self.doubt.startswith(SEEN_FROM)


class Now:
    """The poses that one dancer holds at this moment, judged with those of others by `judge`.

    poses: to look for, of which movements are left out. practised: the one that is tried, if there
    is one, which is looked for as well. min_hold: as of a `Timeline`.
    holding: what is held since the last frame that was judged; attempt: how what is practised
    stands there, None where nobody is seen.
    """

    def __init__(
        self,
        poses: Sequence[Pose],
        *,
        practised: Pose | None = None,
        min_hold: float | None = None,
    ) -> None:
        self.holding: list[Holding] = []
        self.attempt: Attempt | None = None
        self.poses = tuple(pose for pose in poses if not pose.movement)
        if practised is not None and practised not in self.poses:
            self.poses += (practised,)
        self.watched = tuple((pose, side) for pose in self.poses for side in pose.sides)
        self._min_hold = MIN_HOLD if min_hold is None else min_hold
        self._held = [Follower[None](BRIDGE) for _ in self.watched]
        self._tried = [row for row, (pose, _) in enumerate(self.watched) if pose is practised]
        self._row = self._tried[0] if self._tried else 0
        """Of the side that is tried."""
        self._row_since = float("-inf")
        """When it last was no worse than the other."""
        self._image = np.zeros((0, 33, 4), np.float32)
        self._world = np.zeros((0, 33, 3), np.float32)
        self._taken: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]] = []
        """What is still to be added to these."""
        self._times: list[float] = []
        self._sizes: list[tuple[int, int]] = []
        self._cuts: list[bool] = []
        self._judged = 0
        """How many of those are judged already."""

    def take(
        self,
        image: npt.NDArray[np.float32],
        world: npt.NDArray[np.float32],
        time: float,
        size: tuple[int, int],
        *,
        cut: bool = False,
    ) -> None:
        """Take the next frame, which is then to be judged.

        Args:
            image, world: (33, 4) and (33, 3) as in `Body`; NaN where nobody is seen.
            time: of the frame, in seconds.
            size: width and height of the picture, in pixels.
            cut: whether the picture was cut before it.
        """
        self._taken.append((image, world))
        self._times.append(time)
        self._sizes.append(size)
        self._cuts.append(cut)

    def _add_taken(self) -> None:
        """Add what has been taken to the rest."""
        if not self._taken:
            return
        images, worlds = zip(*self._taken, strict=True)
        self._image = np.concatenate([self._image, np.stack(images)])
        self._world = np.concatenate([self._world, np.stack(worlds)])
        self._taken.clear()

    def _forget(self) -> None:
        """Leave only what says something about frames to come."""
        since = int(np.searchsorted(self._times, self._times[-1] - CONTEXT))
        self._image, self._world = self._image[since:], self._world[since:]
        for each in (self._times, self._sizes, self._cuts):
            del each[:since]
        self._judged = len(self._times)

    def _note(self, block: Block, frames: slice, later: float) -> None:
        """Take what a block says of its frames that are this dancer's, shifted by `later`."""
        part = block.of(frames, later)
        held, margin = block.held[:, frames], block.margin[:, frames]
        evidence, speed = block.evidence[:, frames], block.speed[:, frames]
        shows = (held >= IN).any(axis=1)
        self.holding = []
        for row, (pose, side) in enumerate(self.watched):
            follower = self._held[row]
            if not shows[row] and follower.under_way is None:
                continue
            follower.follow(
                part, Course(held[row], margin[row], evidence[row], speed[row], _no_detail)
            )
            stretch = follower.under_way
            if stretch and is_hold(stretch.span, shortest_hold(pose, self._min_hold)):
                points = score(float(margin[row, -1]))
                self.holding.append(Holding(pose.name, side, stretch.span.seconds, points))
        self.attempt = self._attempted(block, frames.stop - 1) if self._tried else None

    def _attempted(self, block: Block, frame: int) -> Attempt | None:
        """How what is practised stands in a frame of a block."""
        if not block.present[frame]:
            return None
        time = self._times[-1]
        best = max(self._tried, key=lambda row: float(block.margin[row, frame]))
        if block.margin[best, frame] <= block.margin[self._row, frame] + SURER:
            self._row_since = time
        elif time - self._row_since >= SURER_SECONDS:
            self._row = best
        row = self._row
        pose, side = self.watched[row]
        stretch = self._held[row].under_way
        conditions = block.moment(row, frame).conditions
        rows = slice(row, row + 1)
        doubt = block.reason(rows, frame) if block.doubtful[row, frame] else None
        if doubt and not doubt.startswith(SEEN_FROM) and not block.hidden_joints(rows, frame):
            # All of it is seen, and something can't be measured yet, such as a speed.
            doubt = None
        return Attempt(
            pose.name,
            side,
            stretch is not None,
            stretch.span.seconds if stretch else 0.0,
            score(float(block.margin[row, frame])),
            conditions,
            tuple(conditions[each] for each in block.off(row, frame)),
            doubt,
        )


def judge(dancers: Sequence[Now]) -> None:
    """Judge the frames that dancers have taken since the last time.

    Those who look for the same poses are judged together, which takes little longer than one alone:
    their frames are put one after the other, as of a clip with long pauses.
    """
    alike: dict[tuple[Pose, ...], list[Now]] = {}
    for dancer in dancers:
        if len(dancer._times) > dancer._judged:
            dancer._add_taken()
            alike.setdefault(dancer.poses, []).append(dancer)
    for poses, group in alike.items():
        if poses:
            _judge_together(group)
        for dancer in group:
            dancer._forget()


def _judge_together(group: Sequence[Now]) -> None:
    """Judge frames of dancers who look for the same poses."""
    image = np.concatenate([each._image for each in group])
    world = np.concatenate([each._world for each in group])
    sizes = np.array([size for each in group for size in each._sizes], np.float32)
    cuts = np.array([cut for each in group for cut in each._cuts])
    durations = np.concatenate([durations_of(np.array(each._times)) for each in group])
    times: list[float] = []
    chosen: list[int] = []
    later: list[float] = []
    for each in group:
        later.append((times[-1] + APART if times else 0.0) - each._times[0])
        chosen += range(len(times) + each._judged, len(times) + len(each._times))
        times += [time + later[-1] for time in each._times]
    body = Body(image, world, np.array(times), sizes[:, 0], sizes[:, 1])
    block = Block(body, cuts, group[0].watched, np.array(chosen), 0, durations)
    begin = 0
    for each, seconds in zip(group, later, strict=True):
        end = begin + len(each._times) - each._judged
        each._note(block, slice(begin, end), seconds)
        begin = end


def _no_detail(_frame: int) -> None:
    """Nothing is told of the best frame here."""
