"""From the truth of a pose in each frame to poses that are held.

Everything is counted in seconds. A pose is held on evidence that adds up: each frame speaks for it
as long as it lasts where every condition is inside its bounds and the body at rest, and the less,
the more of its slack the weakest condition takes; beyond that it speaks against it. A hold may
leave its bounds by their slack without ending and is bridged over gaps of up to BRIDGE. Frames come
in batches of any size; how they were cut makes no difference.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from analyzer.body import SECONDS_AFTER, SECONDS_BEFORE, TIME_ROUNDING, Body
from analyzer.holds.judging import IN, NEAR, OUT, Block, Moment, Span
from analyzer.holds.nearest import nearest
from analyzer.holds.results import Hold, NearMiss, Undecidable
from analyzer.holds.stretches import BRIDGE, UNSURE_BRIDGE, Course, Follower, Stretch
from analyzer.limits import MIN_HOLD
from analyzer.poses import Pose, SideName

CALM: Final = 0.3
"""From how many seconds settled, or else at rest, on a hold is that time alone."""

ENOUGH: Final = 0.6
"""What share of the shortest hold the evidence for it is at least."""

SPARE: Final = 2.0
"""How many times its slack the weakest condition of a perfect hold has to spare."""

MIN_NEAR: Final = 0.5
"""The shortest near miss that is told, in seconds."""

MIN_UNDECIDABLE: Final = 0.5
"""The shortest undecidable stretch that is told, in seconds."""

FULL_TURN: Final = 360.0
"""Degrees of a whole turn."""

MIN_TURN: Final = 330.0
"""How far a body turns at least in whole turns, in degrees."""

MIN_TURN_SPEED: Final = 180.0
"""How fast a body turns at least in whole turns, in degrees a second on average."""

PIECE: Final = 512
"""How many frames are taken at a time, to bound the memory."""


Found = TypeVar("Found", Hold, NearMiss, Undecidable)


class Timeline:
    """The poses that are held in a clip, found as its frames come in.

    min_hold: the shortest hold of static poses in seconds, in place of MIN_HOLD. A frame lasts
    until the next one; the only frame of a clip has no known length and holds nothing.
    dancer: whose they are, where several are told apart.
    first: the number of the first frame that comes in.
    holds, undecidable: what is certain so far, once finished in the order of their frames.
    near_misses: those that are advice, once finished.
    """

    def __init__(
        self,
        poses: Sequence[Pose],
        *,
        width: int,
        height: int,
        min_hold: float | None = None,
        dancer: int | None = None,
        first: int = 0,
    ) -> None:
        self.holds: list[Hold] = []
        self.near_misses: list[NearMiss] = []
        self.undecidable: list[Undecidable] = []
        self._size = (width, height)
        self._min_hold = MIN_HOLD if min_hold is None else min_hold
        self._dancer = dancer
        self._poses = tuple(poses)
        self._watched = tuple((pose, side) for pose in poses for side in pose.sides)
        self._held = [Follower[Moment](BRIDGE) for _ in self._watched]
        self._near = [Follower[Moment](BRIDGE) for _ in self._watched]
        self._hidden = [Follower[str](UNSURE_BRIDGE) for _ in self._poses]
        # The context: the frames from number _start on, decided up to number _decided.
        self._image = np.zeros((0, 33, 4), np.float32)
        self._world = np.zeros((0, 33, 3), np.float32)
        self._times = np.zeros(0, np.float64)
        self._cuts = np.zeros(0, np.bool_)
        self._start = first
        self._decided = first

    def add(
        self,
        image: npt.NDArray[np.float32],
        world: npt.NDArray[np.float32],
        times: npt.NDArray[np.float64],
        cuts: npt.NDArray[np.bool_] | None = None,
        *,
        last: bool = False,
    ) -> list[Hold]:
        """Take the next frames (see `Body`); the holds that have become certain.

        cuts: (n,) whether the picture was cut before a frame; by default it never was. What is held
        ends there. The `last` frames of a clip are decided at once, for they wait for nothing.
        Raises ValueError where times decrease.
        """
        known = len(self.holds)
        cuts = np.zeros(len(times), np.bool_) if cuts is None else cuts
        for begin in range(0, len(times), PIECE):
            piece = slice(begin, begin + PIECE)
            self._image = np.concatenate([self._image, image[piece]])
            self._world = np.concatenate([self._world, world[piece]])
            self._times = np.concatenate([self._times, times[piece]])
            self._cuts = np.concatenate([self._cuts, cuts[piece]])
            if (np.diff(self._times[-PIECE - 1 :]) < 0).any():
                raise ValueError("The times of the frames decrease; they have to be in order.")
            # A frame can be decided once all that it depends on has been seen.
            seen = last and begin + PIECE >= len(times)
            end = len(self._times)
            if not seen:
                end = int(np.searchsorted(self._times, self._times[-1] - SECONDS_AFTER))
            self._decide(end)
        return self.holds[known:]

    def finish(self) -> list[Hold]:
        """Say that there are no more frames; the remaining holds."""
        known = len(self.holds)
        self._decide(len(self._times))
        for row, (pose, side) in enumerate(self._watched):
            self._keep_holds(pose, side, self._held[row].close())
            self._keep_near_misses(pose, side, self._near[row].close())
        for pose, hidden in zip(self._poses, self._hidden, strict=True):
            self._keep_undecidable(pose, hidden.close())
        found = self.holds[known:]
        self.holds = in_order(self.holds)
        self.near_misses = in_order(nearest(self.near_misses, self.holds))
        self.undecidable = in_order(self.undecidable)
        return found

    def _decide(self, end: int) -> None:
        """Decide the frames of the context up to, not including, its frame `end`."""
        begin = self._decided - self._start
        if end <= begin or not self._poses:
            return
        body = Body(self._image, self._world, self._times, *self._size)
        block = Block(body, self._cuts, self._watched, slice(begin, end), self._start)
        for row, (pose, side) in enumerate(self._watched):
            moment = partial(block.moment, row)
            margin, speed = block.margin[row], block.speed[row]
            held = Course(
                block.held[row], margin, block.evidence[row], speed, moment, pose.counts_turns
            )
            near = Course(block.near[row], margin, block.nothing, speed, moment)
            self._keep_holds(pose, side, self._held[row].follow(block, held))
            self._keep_near_misses(pose, side, self._near[row].follow(block, near))
        row = 0
        for pose, follower in zip(self._poses, self._hidden, strict=True):
            rows = slice(row, row + len(pose.sides))
            states = block.hidden[rows].max(axis=0)
            states[(block.held[rows] == IN).any(axis=0)] = OUT
            reason = partial(block.reason, rows)
            hidden = Course(states, block.nothing, block.nothing, block.nothing, reason)
            self._keep_undecidable(pose, follower.follow(block, hidden))
            row = rows.stop
        self._decided = self._start + end
        # Keep what the frames to come depend on, and one more for the step from it.
        if end < len(self._times):
            end = int(np.searchsorted(self._times, self._times[end] - SECONDS_BEFORE))
        forget = max(end - 1, 0)
        self._image = self._image[forget:]
        self._world = self._world[forget:]
        self._times = self._times[forget:]
        self._cuts = self._cuts[forget:]
        self._start += forget

    def _keep_holds(
        self,
        pose: Pose,
        side: SideName | None,
        stretches: list[Stretch[Moment]],
    ) -> None:
        shortest = shortest_hold(pose, self._min_hold)
        for stretch in stretches:
            span, turned = stretch.span, abs(stretch.turned)
            if pose.counts_turns and turned < max(MIN_TURN, MIN_TURN_SPEED * span.seconds):
                continue
            if pose.still:
                # Arriving and leaving are not holding, unless all of it is a moment.
                calm = (stretch.settled, stretch.rest)
                span = next((part for part in calm if part and part.lasts(CALM)), span)
            if not is_hold(span, shortest):
                continue
            best = stretch.detail()
            # A movement began before it showed.
            begun = pose.movement and best.first < span.first
            self.holds.append(
                Hold(
                    pose=pose.name,
                    side=side,
                    first=best.first if begun else span.first,
                    last=span.last,
                    best=stretch.best,
                    start=best.start if begun else span.start,
                    end=span.end,
                    score=score(stretch.margin),
                    turns=round(turned / FULL_TURN) if pose.counts_turns else None,
                    conditions=best.conditions,
                    dancer=self._dancer,
                )
            )

    def _keep_near_misses(
        self,
        pose: Pose,
        side: SideName | None,
        stretches: list[Stretch[Moment]],
    ) -> None:
        if pose.counts_turns:
            # Who turns by less than a whole turn does something else.
            return
        for stretch in stretches:
            if stretch.spoilt or not stretch.span.lasts(MIN_NEAR):
                continue
            conditions = stretch.detail().conditions
            off = tuple(condition for condition in conditions if not condition.held)
            self.near_misses.append(
                NearMiss(
                    pose=pose.name,
                    side=side,
                    first=stretch.span.first,
                    last=stretch.span.last,
                    best=stretch.best,
                    start=stretch.span.start,
                    end=stretch.span.end,
                    score=score(stretch.margin),
                    conditions=conditions,
                    dancer=self._dancer,
                    margin=stretch.margin,
                    off=off,
                    reason="; ".join(str(condition) for condition in off),
                )
            )

    def _keep_undecidable(self, pose: Pose, stretches: list[Stretch[str]]) -> None:
        self.undecidable.extend(
            Undecidable(
                pose=pose.name,
                first=stretch.span.first,
                last=stretch.span.last,
                start=stretch.span.start,
                end=stretch.span.end,
                reason=stretch.detail(),
                dancer=self._dancer,
            )
            for stretch in stretches
            if stretch.span.lasts(MIN_UNDECIDABLE)
        )


def shortest_hold(pose: Pose, min_hold: float) -> float:
    """Give how long a pose has to be held, in seconds, where static ones have to for `min_hold`."""
    if pose.movement:
        return MIN_HOLD if pose.min_hold is None else pose.min_hold
    return max(min_hold, pose.min_hold or 0.0)


def is_hold(span: Span, shortest: float) -> bool:
    """Whether a span is long enough for a hold, and enough speaks for it."""
    return span.lasts(shortest) and span.evidence >= ENOUGH * shortest - TIME_ROUNDING


def in_order(found: Iterable[Found]) -> list[Found]:
    """Those of the first frames first, and of the same frames those of the first dancer."""
    return sorted(found, key=lambda each: (each.first, each.last, each.dancer or 0, each.pose))


def score(margin: float) -> float:
    """How well a pose is held, 0..1, by its weakest condition, whose margin is in its slack.

    1 where that has twice its slack to spare, 0.5 at its bound, and less the further it is out of
    it, down to 0 where nothing is nearly held any more.
    """
    return 0.5 + 0.5 * (min(margin / SPARE, 1.0) if margin > 0 else max(margin / NEAR, -1.0))
