"""What each frame says of each pose: whether it is held in it, nearly, or can't be known."""

from collections.abc import Sequence
from functools import cache
from math import isfinite
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.body import DEGREES, ELAPSED, SLACK, Body, Condition, Floats, Joints, Landmark
from analyzer.holds.results import Measured
from analyzer.poses import VIEWS, Pose, SideName, View

STILL: Final = 3.5
"""How fast a joint may move in a pose that is held, in torso lengths a second."""

SEEN: Final = 0.1
"""The visibility at which a joint counts as seen."""

HIDDEN: Final = 0.04
"""The visibility below which a joint that was seen no longer counts."""

NEAR: Final = 3.0
"""How many times its slack a quantity may be out of bounds in a near miss."""

MOST_OFF: Final = 2
"""How many conditions may be off in a near miss."""

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

OUT, UNSURE, STAYS, IN, SPOILS = range(5)
"""What a frame says about a stretch of frames: it is none of it; nobody can know; it may go on here
but not begin; it is of it; it is of it, and there is no telling of the stretch any more.

Small numbers, as they stand in large arrays.
"""


class Span(NamedTuple):
    """Frames first..last, from start to end in seconds."""

    first: int
    last: int
    start: float
    end: float


class Moment(NamedTuple):
    """The best frame of a stretch: its conditions, and when a movement seen in it began."""

    conditions: tuple[Measured, ...]
    first: int
    start: float


class Block:
    """The conditions of all poses over the frames that are decided together.

    W poses and sides, m frames: starts, ends (m,) when a frame begins and ends; jumps (m,) whether
    it is of another body; turn_since_previous_frame (m,) degrees; held, near, hidden (W, m) what
    each frame says of a hold, a near miss and an undecidable stretch; score (W, m).
    """

    def __init__(
        self,
        body: Body,
        watched: Sequence[tuple[Pose, SideName | None]],
        begin: int,
        end: int,
        number: int,
    ) -> None:
        frames = slice(begin, end)
        self.number = number + begin
        self._context = number
        self._times = body.times
        self.starts = body.times[frames].tolist()
        self.ends = (body.times + _durations(body.times))[frames].tolist()
        self.jumps = body.jumps[frames]
        self.jumps_at = frozenset(np.flatnonzero(self.jumps).tolist())
        self.turn_since_previous_frame = body.turn_since_previous_frame[frames]
        self.nothing = np.zeros(end - begin, np.float32)
        self._watched = watched
        self._facing = body.facing[frames]
        self._visibility = {landmark: body.visibility((landmark,))[frames] for landmark in Landmark}
        self._measure(body, frames)
        self._judge(body, frames)

    def span(self, flags: npt.NDArray[np.bool_], begin: int) -> Span | None:
        """From the first to the last of the frames from `begin` on with a flag, if there is one."""
        flagged = np.flatnonzero(flags)
        if not len(flagged):
            return None
        first, last = begin + int(flagged[0]), begin + int(flagged[-1])
        return Span(self.number + first, self.number + last, self.starts[first], self.ends[last])

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
                low=condition.low if isfinite(condition.low) else None,
                high=condition.high if isfinite(condition.high) else None,
                unit=condition.quantity.unit,
                held=bool(self._strain[at, frame] <= 0),
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
            return f"seen {_seen_from(self._facing[frame])}, wants a {' or '.join(pose.views)} view"
        hidden = {
            joint
            for row in range(rows.start, rows.stop)
            for condition in self._conditions[self._rows[row] : self._rows[row + 1]]
            for joint in condition.quantity.joints
            if not self._visibility[joint][frame] >= HIDDEN
        }
        return f"{_in_words(hidden)} can't be seen"

    def _measure(self, body: Body, frames: slice) -> None:
        self._conditions: list[Condition] = []
        self._rows = [0]
        self.speed = np.zeros((len(self._watched), frames.stop - frames.start), np.float32)
        for row, (pose, side) in enumerate(self._watched):
            conditions = pose.conditions(body, side)
            self._conditions += conditions
            if pose.still:
                joints = {joint for each in conditions for joint in each.quantity.joints}
                moving = tuple(sorted(joints & MOVING))
                speed = body.speed_in_space(moving or tuple(MOVING))
                self.speed[row] = speed.value[frames]
                self._conditions.append(speed.at_most(STILL))
            self._rows.append(len(self._conditions))
        every = self._conditions
        self._values = np.stack([each.quantity.value[frames] for each in every])
        low = np.array([each.low for each in every], np.float32)[:, None]
        high = np.array([each.high for each in every], np.float32)[:, None]
        slack = np.array([each.slack for each in every], np.float32)[:, None]
        # 0 at the bounds, 1 where the slack is used up, negative inside.
        self._strain = np.maximum(low - self._values, self._values - high) / slack

    def _judge(self, body: Body, frames: slice) -> None:
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
        known_strain = np.where(unknown, np.float32(-np.inf), self._strain)
        worst = np.maximum.reduceat(known_strain, starts, axis=0)
        doubtful = np.logical_or.reduceat(unknown, starts, axis=0)
        unsure, sure = doubtful & body.present[frames], ~doubtful & body.present[frames]
        clear = np.maximum.reduceat(blur, starts, axis=0) <= 0
        clear &= self._view_strain <= 0
        inside = worst <= 0
        self.held = np.select(
            [sure & clear & inside, sure & (worst <= 1), unsure & (worst <= 1)],
            [IN, STAYS, UNSURE],
            OUT,
        ).astype(np.int8)
        off = np.add.reduceat(self._strain > 0, starts, axis=0, dtype=np.int16)
        nearly = (
            sure
            & clear
            & (worst <= NEAR)
            & (off >= 1)
            & (off <= MOST_OFF)
            & (counts[:, None] > off)
        )
        self.near = np.select([inside & sure, nearly], [SPOILS, IN], OUT).astype(np.int8)
        self.hidden = np.where(unsure & inside, np.int8(IN), np.int8(OUT))
        # Nothing for what can't be measured.
        share = np.fmin(np.fmax(0.5 - 0.5 * self._strain, 0), 1)
        self.score = np.add.reduceat(share, starts, axis=0) / counts[:, None]


@cache
def _names(joints: Joints) -> tuple[str, ...]:
    return tuple(joint.name.lower() for joint in joints)


def _durations(times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n,) how long each frame lasts: until the next one, the last as long as the one before."""
    steps = np.diff(times)
    steps = np.concatenate([steps, steps[-1:]]) if len(steps) else np.zeros(len(times))
    return np.minimum(steps, LONGEST_FRAME)


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
