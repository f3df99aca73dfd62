"""From the truth of a pose in each frame to poses that are held.

Everything is counted in seconds: a pose starts in a frame inside its bounds, may leave them by
their slack without ending, is bridged over gaps of up to BRIDGE, and counts when it lasts long
enough. Frames come in batches of any size; how they were cut makes no difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from math import isfinite
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from analyzer.body import (
    AFTER,
    BEFORE,
    DEGREES,
    ELAPSED,
    MOMENT,
    SLACK,
    Body,
    Condition,
    Floats,
    Joints,
    Landmark,
)
from analyzer.limits import MIN_HOLD
from analyzer.poses import VIEWS, Pose, SideName, View

BRIDGE: Final = 0.15
"""How long a held pose may be lost, in seconds."""

UNSURE_BRIDGE: Final = 0.5
"""How long a held pose may be hidden, in seconds, while nothing speaks against it."""

STILL: Final = 3.5
"""How fast a joint may move in a pose that is held, in torso lengths a second."""

REST: Final = 1.8
"""How slow the fastest joint becomes at least once in a pose that is held, likewise."""

SETTLED: Final = 0.8
"""How slow the fastest joint is between arriving in a pose and leaving it, likewise."""

CALM: Final = 0.3
"""From how many seconds settled, or else at rest, on a hold is that time alone."""

SEEN: Final = 0.1
"""The visibility at which a joint counts as seen."""

HIDDEN: Final = 0.04
"""The visibility below which a joint that was seen no longer counts."""

NEAR: Final = 3.0
"""How many times its slack a quantity may be out of bounds in a near miss."""

MOST_OFF: Final = 2
"""How many conditions may be off in a near miss."""

MIN_NEAR: Final = 0.3
MIN_UNDECIDABLE: Final = 0.5
LONGEST_FRAME: Final = 0.25
"""How long a frame may count, in seconds, when the next one is late."""

FULL_TURN: Final = 360.0
MIN_TURN: Final = 330.0
MIN_TURN_SPEED: Final = 180.0
"""What whole turns take at least, in degrees and in degrees a second on average."""

PIECE: Final = 512
"""How many frames are taken at a time, to bound the memory."""

MOMENT_SINGLE: Final = 1e-3
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

Detail = TypeVar("Detail")


@dataclass(frozen=True, slots=True)
class Measured:
    """A condition as it stood in one frame; a bound of None is no bound."""

    quantity: str
    value: float
    low: float | None
    high: float | None
    unit: str
    held: bool
    joints: tuple[str, ...]

    def __str__(self) -> str:
        """A sentence: "left elbow 148 degrees, wants at least 160"."""
        digits = 0 if abs(self.value) >= 10 else 2
        wants = []
        if self.low is not None:
            wants.append(f"at least {self.low:g}")
        if self.high is not None:
            wants.append(f"at most {self.high:g}")
        return f"{self.quantity} {self.value:.{digits}f} {self.unit}, wants {' and '.join(wants)}"

    @property
    def off(self) -> float:
        """How far the value is outside its bounds, 0 inside."""
        low = 0.0 if self.low is None else self.low - self.value
        high = 0.0 if self.high is None else self.value - self.high
        return max(low, high, 0.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A stretch of frames first..last in which a pose is held, or nearly.

    best is the frame with the highest score, and conditions are as measured there; start and end
    are in seconds, the end being that of the last frame.
    """

    pose: str
    side: SideName | None
    first: int
    last: int
    best: int
    start: float
    end: float
    score: float
    conditions: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Hold(Judged):
    """A stretch in which a pose is held; turns counts those of a turning movement."""

    turns: int | None


@dataclass(frozen=True, slots=True)
class NearMiss(Judged):
    """A stretch in which all but one or two conditions of a pose held, and those nearly.

    off are the conditions that did not hold in the best frame, and reason says so in words.
    """

    off: tuple[Measured, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Undecidable:
    """A stretch in which a pose may have been held and the camera can't tell, with the reason."""

    pose: str
    first: int
    last: int
    start: float
    end: float
    reason: str


# What a frame says about a stretch of frames: small numbers in large arrays.
_OUT, _UNSURE, _STAYS, _IN, _SPOILS = range(5)


class _Span(NamedTuple):
    """Frames first..last, from start to end in seconds."""

    first: int
    last: int
    start: float
    end: float


class _Moment(NamedTuple):
    """The best frame of a stretch: its conditions, and when a movement seen in it began."""

    conditions: tuple[Measured, ...]
    first: int
    start: float


@dataclass(slots=True)
class _Stretch(Generic[Detail]):
    """A stretch of frames under way; what is counted since its last frame comes last."""

    first: int
    last: int
    start: float
    end: float
    best: int
    score: float
    detail: Callable[[], Detail]
    spoilt: bool
    rest: _Span | None
    """From the first to the last frame in which the body is at rest, if there is one."""
    settled: _Span | None
    """From the first to the last frame in which it has settled, if there is one."""
    turned: float = 0.0
    turned_since: float = 0.0
    lost: float = 0.0
    hidden: float = 0.0


class _Course(NamedTuple, Generic[Detail]):
    """What m frames say of a stretch: states, scores, speeds (m,); detail is kept of the best."""

    states: npt.NDArray[np.int8]
    score: Floats
    speed: Floats
    detail: Callable[[int], Detail]
    turning: bool = False


class Timeline:
    """The poses that are held in a clip, found as its frames come in.

    min_hold: the shortest hold of static poses in seconds, in place of MIN_HOLD. A frame lasts
    until the next one; the only frame of a clip has no known length and holds nothing.
    holds, near_misses, undecidable: what is certain so far, once finished in the order of their
    frames.
    """

    def __init__(
        self,
        poses: Sequence[Pose],
        *,
        width: int,
        height: int,
        min_hold: float | None = None,
    ) -> None:
        self.holds: list[Hold] = []
        self.near_misses: list[NearMiss] = []
        self.undecidable: list[Undecidable] = []
        self._size = (width, height)
        self._min_hold = MIN_HOLD if min_hold is None else min_hold
        self._poses = tuple(poses)
        self._watched = tuple((pose, side) for pose in poses for side in pose.sides)
        self._held = [_Follower[_Moment](BRIDGE) for _ in self._watched]
        self._near = [_Follower[_Moment](BRIDGE) for _ in self._watched]
        self._hidden = [_Follower[str](UNSURE_BRIDGE) for _ in self._poses]
        # The context: the frames from number _start on, decided up to number _decided.
        self._image = np.zeros((0, 33, 4), np.float32)
        self._world = np.zeros((0, 33, 3), np.float32)
        self._times = np.zeros(0, np.float64)
        self._start = 0
        self._decided = 0

    def add(
        self,
        image: npt.NDArray[np.float32],
        world: npt.NDArray[np.float32],
        times: npt.NDArray[np.float64],
        *,
        last: bool = False,
    ) -> list[Hold]:
        """Take the next frames (see `Body`); the holds that have become certain.

        The `last` frames of a clip are decided at once, for they wait for nothing.
        Raises ValueError where times decrease.
        """
        known = len(self.holds)
        for begin in range(0, len(times), PIECE):
            piece = slice(begin, begin + PIECE)
            self._image = np.concatenate([self._image, image[piece]])
            self._world = np.concatenate([self._world, world[piece]])
            self._times = np.concatenate([self._times, times[piece]])
            if (np.diff(self._times[-PIECE - 1 :]) < 0).any():
                raise ValueError("The times of the frames decrease; they have to be in order.")
            # A frame can be decided once all that it depends on has been seen.
            seen = last and begin + PIECE >= len(times)
            end = len(self._times)
            if not seen:
                end = int(np.searchsorted(self._times, self._times[-1] - AFTER))
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
        for stretches in (self.holds, self.near_misses, self.undecidable):
            stretches.sort(key=lambda stretch: (stretch.first, stretch.last, stretch.pose))
        return found

    def _decide(self, end: int) -> None:
        """Decide the frames of the context up to, not including, its frame `end`."""
        begin = self._decided - self._start
        if end <= begin or not self._poses:
            return
        body = Body(self._image, self._world, self._times, *self._size)
        block = _Block(body, self._watched, begin, end, self._start)
        for row, (pose, side) in enumerate(self._watched):
            score, speed, moment = block.score[row], block.speed[row], partial(block.moment, row)
            held = _Course(block.held[row], score, speed, moment, pose.turning)
            near = _Course(block.near[row], score, speed, moment)
            self._keep_holds(pose, side, self._held[row].follow(block, held))
            self._keep_near_misses(pose, side, self._near[row].follow(block, near))
        row = 0
        for pose, follower in zip(self._poses, self._hidden, strict=True):
            rows = slice(row, row + len(pose.sides))
            states = block.hidden[rows].max(axis=0)
            states[(block.held[rows] == _IN).any(axis=0)] = _OUT
            reason = partial(block.reason, rows)
            hidden = _Course(states, block.nothing, block.nothing, reason)
            self._keep_undecidable(pose, follower.follow(block, hidden))
            row = rows.stop
        self._decided = self._start + end
        # Keep what the frames to come depend on, and one more for the step from it.
        if end < len(self._times):
            end = int(np.searchsorted(self._times, self._times[end] - BEFORE))
        forget = max(end - 1, 0)
        self._image = self._image[forget:]
        self._world = self._world[forget:]
        self._times = self._times[forget:]
        self._start += forget

    def _keep_holds(
        self,
        pose: Pose,
        side: SideName | None,
        stretches: list[_Stretch[_Moment]],
    ) -> None:
        shortest = MIN_HOLD if pose.min_hold is None else pose.min_hold
        if not pose.movement:
            shortest = max(self._min_hold, pose.min_hold or 0.0)
        for stretch in stretches:
            turned = abs(stretch.turned)
            whole = max(MIN_TURN, MIN_TURN_SPEED * (stretch.end - stretch.start))
            if not _lasts(stretch, shortest) or (pose.turning and turned < whole):
                continue
            if pose.still and stretch.rest is None:
                continue
            best = stretch.detail()
            held = _Span(
                min(stretch.first, best.first),
                stretch.last,
                min(stretch.start, best.start),
                stretch.end,
            )
            if pose.still:
                # Arriving and leaving are not holding, unless all of it is a moment.
                for span in (stretch.settled, stretch.rest):
                    if span is not None and _lasts(span, max(shortest, CALM)):
                        held = span
                        break
            self.holds.append(
                Hold(
                    pose=pose.name,
                    side=side,
                    first=held.first,
                    last=held.last,
                    best=min(max(stretch.best, held.first), held.last),
                    start=held.start,
                    end=held.end,
                    score=stretch.score,
                    turns=round(turned / FULL_TURN) if pose.turning else None,
                    conditions=best.conditions,
                )
            )

    def _keep_near_misses(
        self,
        pose: Pose,
        side: SideName | None,
        stretches: list[_Stretch[_Moment]],
    ) -> None:
        for stretch in stretches:
            if stretch.spoilt or not _lasts(stretch, MIN_NEAR):
                continue
            if pose.still and stretch.rest is None:
                continue
            conditions = stretch.detail().conditions
            off = tuple(condition for condition in conditions if not condition.held)
            self.near_misses.append(
                NearMiss(
                    pose=pose.name,
                    side=side,
                    first=stretch.first,
                    last=stretch.last,
                    best=stretch.best,
                    start=stretch.start,
                    end=stretch.end,
                    score=stretch.score,
                    conditions=conditions,
                    off=off,
                    reason="; ".join(str(condition) for condition in off),
                )
            )

    def _keep_undecidable(self, pose: Pose, stretches: list[_Stretch[str]]) -> None:
        self.undecidable.extend(
            Undecidable(
                pose=pose.name,
                first=stretch.first,
                last=stretch.last,
                start=stretch.start,
                end=stretch.end,
                reason=stretch.detail(),
            )
            for stretch in stretches
            if _lasts(stretch, MIN_UNDECIDABLE)
        )


def _joined(early: _Span | None, late: _Span | None) -> _Span | None:
    """From the start of the early span to the end of the late one."""
    if early is None or late is None:
        return early or late
    return _Span(early.first, late.last, early.start, late.end)


def _same(detail: Detail) -> Detail:
    return detail


def _lasts(stretch: _Stretch[Detail] | _Span, shortest: float) -> bool:
    return stretch.end - stretch.start >= shortest - MOMENT


class _Follower(Generic[Detail]):
    """Makes stretches of the states of frames as they come."""

    def __init__(self, bridge: float) -> None:
        self._bridge = bridge
        self._open: _Stretch[Detail] | None = None

    def follow(self, block: "_Block", course: _Course[Detail]) -> list[_Stretch[Detail]]:
        """Take the frames of a block; the stretches that end in it."""
        states = course.states
        if self._open is None and states.max() < _IN:
            return []
        ended: list[_Stretch[Detail]] = []
        changes = np.flatnonzero((states[1:] != states[:-1]) | block.jumps[1:]) + 1
        edges = [0, *changes.tolist()]
        kinds = states[edges].tolist()
        for state, (begin, end) in zip(kinds, pairwise([*edges, len(states)]), strict=True):
            if begin in block.jumps_at:
                ended += self.close()
            if state >= _IN:
                self._extend(block, course, begin, end)
            elif self._open is not None:
                if course.turning:
                    self._open.turned_since += float(block.turns[begin:end].sum())
                length = block.ends[end - 1] - block.starts[begin]
                if state == _OUT:
                    self._open.lost += length
                elif state == _UNSURE:
                    self._open.hidden += length
                if (
                    self._open.lost > self._bridge + MOMENT
                    or self._open.hidden > UNSURE_BRIDGE + MOMENT
                ):
                    ended += self.close()
        if self._open is not None:
            # Most stretches end unkept, and a block is not to be held on to.
            self._open.detail = partial(_same, self._open.detail())
        return ended

    def close(self) -> list[_Stretch[Detail]]:
        """End the stretch under way, if there is one."""
        ended = [] if self._open is None else [self._open]
        self._open = None
        return ended

    def _extend(self, block: "_Block", course: _Course[Detail], begin: int, end: int) -> None:
        score = course.score
        spoilt = bool(course.states[begin] == _SPOILS)
        at_rest = course.speed[begin:end] <= REST
        # The best frame is one at rest, where there is one.
        merit = score[begin:end] - ~at_rest
        best = begin + int(merit.argmax())
        rest = block.span(at_rest, begin)
        settled = block.span(course.speed[begin:end] <= SETTLED, begin)
        # The turn up to the first frame is not of the stretch.
        turned, turn = 0.0, 0.0
        if course.turning:
            turned, turn = float(block.turns[begin:end].sum()), float(block.turns[begin])
        stretch = self._open
        if stretch is None:
            stretch = self._open = _Stretch(
                first=block.number + begin,
                last=block.number + end - 1,
                start=block.starts[begin],
                end=block.ends[end - 1],
                best=block.number + best,
                score=float(score[best]),
                detail=partial(course.detail, best),
                spoilt=spoilt,
                rest=rest,
                settled=settled,
                turned=turned - turn,
            )
            return
        stretch.last = block.number + end - 1
        stretch.end = block.ends[end - 1]
        stretch.turned += stretch.turned_since + turned
        stretch.spoilt |= spoilt
        rest_now, was_moving = rest is not None, stretch.rest is None
        stretch.rest = _joined(stretch.rest, rest)
        stretch.settled = _joined(stretch.settled, settled)
        stretch.turned_since = stretch.lost = stretch.hidden = 0.0
        if (rest_now and was_moving) or (score[best] > stretch.score and (rest_now or was_moving)):
            stretch.best = block.number + best
            stretch.score = float(score[best])
            stretch.detail = partial(course.detail, best)


class _Block:
    """The conditions of all poses over the frames that are decided together.

    W poses and sides, m frames: starts, ends (m,) when a frame begins and ends; jumps (m,) whether
    it is of another body; turns (m,) degrees from the frame before; held, near, hidden (W, m) what
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
        self.turns = body.turn[frames]
        self.nothing = np.zeros(end - begin, np.float32)
        self._watched = watched
        self._yaw = body.yaw[frames]
        self._visibility = {landmark: body.visibility((landmark,))[frames] for landmark in Landmark}
        self._measure(body, frames)
        self._judge(body, frames)

    def span(self, flags: npt.NDArray[np.bool_], begin: int) -> _Span | None:
        """From the first to the last of the frames from `begin` on with a flag, if there is one."""
        flagged = np.flatnonzero(flags)
        if not len(flagged):
            return None
        first, last = begin + int(flagged[0]), begin + int(flagged[-1])
        return _Span(self.number + first, self.number + last, self.starts[first], self.ends[last])

    def moment(self, row: int, frame: int) -> _Moment:
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
        since = int(np.searchsorted(self._times, began - MOMENT_SINGLE))
        return _Moment(conditions, self._context + since, float(self._times[since]))

    def reason(self, rows: slice, frame: int) -> str:
        """Why a pose can't be decided in a frame."""
        pose = self._watched[rows.start][0]
        if self._view_strain[rows, frame].max() > 1:
            return f"seen {_seen_from(self._yaw[frame])}, wants a {' or '.join(pose.views)} view"
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
                speed = body.speed_in_depth(moving or tuple(MOVING))
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
        turned = body.turned.value[frames]
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
            [_IN, _STAYS, _UNSURE],
            _OUT,
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
        self.near = np.select([inside & sure, nearly], [_SPOILS, _IN], _OUT).astype(np.int8)
        self.hidden = np.where(unsure & inside, np.int8(_IN), np.int8(_OUT))
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


def _seen_from(yaw: float) -> str:
    if abs(yaw) <= VIEWS["front"][1]:
        return "from the front"
    return "from behind" if abs(yaw) >= 180 - VIEWS["front"][1] else "in profile"


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
