"""What each frame says of each pose: whether it is held in it, nearly, or can't be known."""

from collections.abc import Sequence
from copy import copy
from functools import cache
from math import isfinite
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.body import (
    DEGREES,
    ELAPSED,
    SLACK,
    TIME_ROUNDING,
    Body,
    Condition,
    Floats,
    Indices,
    Joints,
    Landmark,
)
from analyzer.holds.results import Measured
from analyzer.poses import VIEWS, Pose, SideName, View

STILL: Final = 4.0
"""How fast a joint may move on the way into a pose that is held, in torso lengths a second."""

REST: Final = 1.2
MOVES: Final = 2.4
"""Up to how fast the fastest joint of a body at rest moves, in torso lengths a second, and from
what speed on the body is not at rest at all."""

HIT: Final = 0.5
PASSED: Final = 0.8
"""A pose that is hit and left again: up to what share of its fastest around it the body slows down
in it, and from where on it only passes through."""

AROUND: Final = 0.3
"""How many seconds before and after a frame are around it."""

TOLERATED: Final = 0.25
"""What part of its slack a quantity may be out of bounds in a frame that is told as a hold."""

AGAINST: Final = 0.5
"""From what part of its slack on a quantity that is out of bounds speaks against a hold."""

SEEN: Final = 0.1
"""The visibility at which a joint counts as seen."""

HIDDEN: Final = 0.04
"""The visibility below which a joint that was seen no longer counts."""

NEAR: Final = 3.0
"""How many times its slack a quantity may be out of bounds in a near miss."""

MOST_OFF: Final = 2
"""How many conditions may be off in a near miss."""

MOST_OF_IT: Final = 0.6
"""What share of its conditions holds at least of a pose that is nearly held."""

KNOWN: Final = 0.5
"""What share of its conditions is seen to hold at least of a pose of which the rest can't be."""

LONGEST_FRAME: Final = 0.25
"""How long a frame may count, in seconds, when the next one is late."""

TIME_ROUNDING_SINGLE: Final = 1e-3
"""What rounding to single precision may do to a time in seconds."""

MOVING: Final = frozenset(Landmark(i) for i in (*range(13, 17), *range(25, 29)))
"""The joints that are watched for stillness: elbows, wrists, knees, ankles."""

PARTS: Final = (
    ("head", "head", {0}, {0}),
    ("shoulder", "shoulders", {11}, {12}),
    ("elbow", "elbows", {13}, {14}),
    ("hand", "hands", {15, 17, 19, 21}, {16, 18, 20, 22}),
    ("hip", "hips", {23}, {24}),
    ("knee", "knees", {25}, {26}),
    ("foot", "feet", {27, 29, 31}, {28, 30, 32}),
)
"""Parts of the body, with the landmarks of the left and of the right one."""

SEEN_FROM: Final = "seen"
"""How a reason begins that is the view."""

OUT, UNSURE, STAYS, IN, SPOILS = range(5)
"""What a frame says about a stretch of frames: it is none of it; nobody can know; it may go on here
but not begin; it is of it; it is of it, and there is no telling of the stretch any more.

Small numbers, as they stand in large arrays.
"""


class Span(NamedTuple):
    """Frames first..last, from start to end in seconds.

    before and through: the evidence counted so far, in seconds, at its start and at its end.
    """

    first: int
    last: int
    start: float
    end: float
    before: float
    through: float

    @property
    def evidence(self) -> float:
        """How much speaks for a hold in it, in seconds, never more than it lasts."""
        return self.through - self.before

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start

    def since(self, earlier: "Span") -> "Span":
        """From the start of an earlier span on to the end of this one."""
        return self._replace(first=earlier.first, start=earlier.start, before=earlier.before)

    def lasts(self, shortest: float) -> bool:
        """Whether it takes `shortest` seconds at least."""
        return self.seconds >= shortest - TIME_ROUNDING


class Moment(NamedTuple):
    """The best frame of a stretch: its conditions, and when a movement seen in it began."""

    conditions: tuple[Measured, ...]
    first: int
    start: float


class Block:
    """The conditions of all poses over the frames that are decided together.

    W poses and sides, m frames: starts, ends (m,) when a frame begins and ends; jumps (m,) whether
    it is of another body or scene; turn_since_previous_frame (m,) degrees; held, near, hidden
    (W, m) what each frame says of a hold, a near miss and an undecidable stretch; doubtful (W, m)
    whether something of it can't be known; margin (W, m) how far inside its bounds the weakest
    condition is, in units of its slack; evidence (W, m) how much each frame speaks for a hold, in
    seconds: as long as it lasts where every condition is inside its bounds and the body at rest,
    less where it nearly is, and as much against it where a condition takes its whole slack.
    """

    def __init__(
        self,
        body: Body,
        cuts: npt.NDArray[np.bool_],
        watched: Sequence[tuple[Pose, SideName | None]],
        frames: slice | Indices,
        number: int,
        durations: npt.NDArray[np.float64] | None = None,
    ) -> None:
        """Judge some frames of a body.

        Args:
            body: of n frames.
            cuts: (n,) whether the picture was cut before a frame.
            watched: the poses, each with its side.
            frames: which of those of the body.
            number: of the first frame of the body.
            durations: (n,) how many seconds each frame lasts; by default until the next one.
        """
        chosen = np.arange(len(body.times))[frames]
        self.number = number + int(chosen[0])
        self._context = number
        self._times = body.times
        durations = durations_of(body.times) if durations is None else durations
        self.starts = body.times[frames].tolist()
        self.ends = (body.times + durations)[frames].tolist()
        self.jumps = (body.jumps | cuts)[frames]
        self.jumps_at = frozenset(np.flatnonzero(self.jumps).tolist())
        self.turn_since_previous_frame = body.turn_since_previous_frame[frames]
        self.nothing = np.zeros(len(chosen), np.float32)
        self._watched = watched
        self._facing = body.facing[frames]
        self._visibility = {landmark: body.visibility((landmark,))[frames] for landmark in Landmark}
        self._measure(body, frames)
        self._judge(body, frames)
        self.evidence = self._weight * durations[frames]

    def span(
        self, flags: npt.NDArray[np.bool_], begin: int, evidence: npt.NDArray[np.float64]
    ) -> Span | None:
        """From the first to the last of the frames from `begin` on with a flag, if there is one.

        evidence: (m + 1,) what is counted before each frame of the block, and after the last.
        """
        flagged = np.flatnonzero(flags)
        if not len(flagged):
            return None
        first, last = begin + int(flagged[0]), begin + int(flagged[-1])
        return Span(
            self.number + first,
            self.number + last,
            self.starts[first],
            self.ends[last],
            float(evidence[first]),
            float(evidence[last + 1]),
        )

    def moment(self, row: int, frame: int) -> Moment:
        """The conditions of a pose and side as they stand in a frame of the block."""
        first, last = self._rows[row], self._rows[row + 1]
        began = self.starts[frame]
        for at, condition in enumerate(self._conditions[first:last], first):
            if condition.quantity.unit == ELAPSED:
                began -= float(self._values[at, frame])
        conditions = tuple(
            Measured(
                quantity=condition.quantity.name,
                value=float(self._values[at, frame]),
                low=_bound(condition.low - self._doubt[at, frame]),
                high=_bound(condition.high + self._doubt[at, frame]),
                unit=condition.quantity.unit,
                held=bool(self._strain[at, frame] <= TOLERATED),
                joints=_names(condition.quantity.joints),
            )
            for at, condition in enumerate(self._conditions[first:last], first)
        )
        since = int(np.searchsorted(self._times, began - TIME_ROUNDING_SINGLE))
        return Moment(conditions, self._context + since, float(self._times[since]))

    def reason(self, rows: slice, frame: int) -> str:
        """Why a pose can't be decided in a frame."""
        pose = self._watched[rows.start][0]
        if self._view_strain[rows, frame].max() > 1:
            wanted = " or ".join(pose.views)
            return f"{SEEN_FROM} {_seen_from(self._facing[frame])}, wants a {wanted} view"
        return f"{_in_words(self.hidden_joints(rows, frame))} can't be seen"

    def hidden_joints(self, rows: slice, frame: int) -> set[Landmark]:
        """Which joints of a pose can't be seen in a frame."""
        return {
            joint
            for row in range(rows.start, rows.stop)
            for condition in self._conditions[self._rows[row] : self._rows[row + 1]]
            for joint in condition.quantity.joints
            if not self._visibility[joint][frame] >= HIDDEN
        }

    def of(self, frames: slice, later: float) -> "Block":
        """Give the same of some of its frames, as they are for who begins so many seconds later.

        No number of a frame, and nothing of its conditions, is right in what is given.
        """
        part = copy(self)
        part.starts = [time - later for time in self.starts[frames]]
        part.ends = [time - later for time in self.ends[frames]]
        part.jumps = self.jumps[frames]
        part.jumps_at = frozenset(np.flatnonzero(part.jumps).tolist())
        part.turn_since_previous_frame = self.turn_since_previous_frame[frames]
        return part

    def off(self, row: int, frame: int) -> list[int]:
        """Which conditions of a pose and side are out of their bounds in a frame, the worst first.

        What can't be known there, as it can't be seen or not from there, is left out.
        """
        strain = self._known_strain[self._rows[row] : self._rows[row + 1], frame]
        return [each for each in np.argsort(-strain).tolist() if strain[each] > TOLERATED]

    def _measure(self, body: Body, frames: slice | Indices) -> None:
        self._conditions: list[Condition] = []
        self._rows = [0]
        self.speed = np.zeros((len(self._watched), len(self.nothing)), np.float32)
        self._calm = np.ones_like(self.speed)
        for row, (pose, side) in enumerate(self._watched):
            conditions = pose.conditions(body, side)
            self._conditions += conditions
            if pose.still:
                joints = {joint for each in conditions for joint in each.quantity.joints}
                moving = tuple(sorted(joints & MOVING))
                speed = body.speed_in_space(moving or tuple(MOVING))
                self.speed[row] = speed.value[frames]
                self._calm[row] = _calm(body, speed.value)[frames]
                self._conditions.append(speed.at_most(STILL))
            self._rows.append(len(self._conditions))
        every = self._conditions
        self._values = np.stack([each.quantity.value[frames] for each in every])
        low = np.array([each.low for each in every], np.float32)[:, None]
        high = np.array([each.high for each in every], np.float32)[:, None]
        slack = np.array([each.slack for each in every], np.float32)[:, None]
        doubts = (each.quantity.doubt for each in every)
        self._doubt = np.stack([self.nothing if each is None else each[frames] for each in doubts])
        # 0 at the bounds, 1 where the slack is used up, negative inside.
        off = np.maximum(low - self._values, self._values - high)
        self._strain = (off - self._doubt) / slack

    def _judge(self, body: Body, frames: slice | Indices) -> None:
        starts = self._rows[:-1]
        counts = np.diff(self._rows)
        sight = {
            joints: (SEEN - body.visibility(joints)[frames]) / (SEEN - HIDDEN)
            for joints in {each.quantity.joints for each in self._conditions}
        }
        blur = np.stack([sight[each.quantity.joints] for each in self._conditions])
        turned = body.turned_to_profile.value[frames]
        views = {
            pose.views: _view_strain(turned, pose.views) for pose in {p for p, _ in self._watched}
        }
        self._view_strain = np.stack([views[pose.views] for pose, _ in self._watched])
        bound = np.array([not each.quantity.any_view for each in self._conditions])
        wrong_view = np.repeat(self._view_strain > 1, counts, axis=0) & bound[:, None]
        unknown = ~(blur <= 1) | np.isnan(self._strain) | wrong_view
        self._known_strain = np.where(unknown, np.float32(-np.inf), self._strain)
        worst = np.maximum.reduceat(self._known_strain, starts, axis=0)
        self.present = body.present[frames]
        self.doubtful = np.logical_or.reduceat(unknown, starts, axis=0)
        unsure, sure = self.doubtful & self.present, ~self.doubtful & self.present
        clear = np.maximum.reduceat(blur, starts, axis=0) <= 0
        clear &= self._view_strain <= 0
        inside = worst <= TOLERATED
        self.margin = -worst
        # What is out of its bounds speaks against a hold, however it moves.
        speaks = np.clip(1 - worst / AGAINST, -1, 1)
        speaks *= np.where(speaks > 0, self._calm, 1)
        self._weight = np.where(sure, speaks, 0.0)
        self.held = np.select(
            [sure & clear & inside, sure & (worst <= 1), unsure & (worst <= 1)],
            [IN, STAYS, UNSURE],
            OUT,
        ).astype(np.int8)
        tried = sure & clear & (worst <= NEAR) & self._nearly()
        self.near = np.select([inside & sure, tried], [SPOILS, IN], OUT).astype(np.int8)
        told = unsure & inside & self._shown(unknown)
        self.hidden = np.where(told, np.int8(IN), np.int8(OUT))

    def _nearly(self) -> npt.NDArray[np.bool_]:
        """(W, m) whether most of a pose holds, at rest, and nothing that it is about is far off."""
        starts, counts = self._rows[:-1], np.diff(self._rows)[:, None]
        off = np.add.reduceat(self._strain > TOLERATED, starts, axis=0, dtype=np.int16)
        most = off <= np.minimum(MOST_OFF, (1 - MOST_OF_IT) * counts)
        untried = np.logical_or.reduceat(self._essential() & (self._strain > 1), starts, axis=0)
        nearly: npt.NDArray[np.bool_] = (off >= 1) & most & (self.speed <= REST) & ~untried
        return nearly

    def _shown(self, unknown: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """(W, m) whether so much of a pose shows that the rest of it is worth a word.

        That is half of its conditions, but from where it can't be told all of its essence, if it
        has one: without that nobody tries it. unknown: for each condition and frame.
        """
        starts, counts = self._rows[:-1], np.diff(self._rows)[:, None]
        known = np.add.reduceat(~unknown, starts, axis=0, dtype=np.int16)
        essential = self._essential()
        has_essence = np.logical_or.reduceat(essential, starts, axis=0)
        essence = ~np.logical_or.reduceat(essential & unknown, starts, axis=0)
        by_essence = has_essence & (self._view_strain > 1)
        shown: npt.NDArray[np.bool_] = np.where(by_essence, essence, known >= KNOWN * counts)
        return shown

    def _essential(self) -> npt.NDArray[np.bool_]:
        """(conditions, 1) which conditions are the essence of their poses."""
        return np.array([each.essential for each in self._conditions])[:, None]


def _bound(value: float) -> float | None:
    """A bound to the hundredth, None where there is none."""
    return round(float(value), 2) if isfinite(value) else None


@cache
def _names(joints: Joints) -> tuple[str, ...]:
    return tuple(joint.name.lower() for joint in joints)


def durations_of(times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give (n,) how long each frame lasts: until the next, the last as long as the one before."""
    steps = np.diff(times)
    steps = np.concatenate([steps, steps[-1:]]) if len(steps) else np.zeros(len(times))
    return np.minimum(steps, LONGEST_FRAME)


def _calm(body: Body, speed: Floats) -> Floats:
    """(n,) how much a body whose fastest joint moves at `speed` is at rest, 0..1.

    It is slow, or slow beside how fast it comes and goes: passing through is not holding.
    """
    fastest = np.fmax.reduce(body.clip.window(speed, AROUND, AROUND, 13))
    slow = (MOVES - speed) / (MOVES - REST)
    slowed = (PASSED - speed / np.maximum(fastest, REST)) / (PASSED - HIT)
    calm: Floats = np.clip(np.maximum(slow, slowed), 0, 1)
    return calm


def _view_strain(turned: Floats, views: tuple[View, ...]) -> Floats:
    """(n,) as a strain, how far the body is turned out of `views`."""
    low = min(VIEWS[view][0] for view in views)
    high = max(VIEWS[view][1] for view in views)
    return np.maximum(low - turned, turned - high) / SLACK[DEGREES]


def _seen_from(facing: float) -> str:
    if abs(facing) <= VIEWS["front"][1]:
        return "from the front"
    return "from behind" if abs(facing) >= 180 - VIEWS["front"][1] else "in profile"


def _in_words(joints: set[Landmark]) -> str:
    """The parts of the body that have `joints`: "the feet", "the left hand"."""
    words = []
    for singular, plural, left, right in PARTS:
        if left & joints and right & joints:
            words.append(plural)
        elif left & joints:
            words.append(f"left {singular}")
        elif right & joints:
            words.append(f"right {singular}")
    return f"the {' and the '.join(words)}" if words else "the body"
