"""Geometry of a body over the frames of a clip.

Angles are measured between image landmarks in pixels (corrected for the aspect ratio), where a
straight limb reads straight; directions in depth (which way the body faces, whether a leg is in
front or behind) come from the world landmarks. Lengths are in torso lengths: the distance from
the middle of the shoulders to the middle of the hips as it would appear unforeshortened.

Every quantity at a frame depends only on the frames from BEFORE seconds before it to AFTER
seconds after it, so a clip of any length can be measured a piece at a time with equal results.

Left and right are the dancer's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from math import inf
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.complex64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Scalar = TypeVar("Scalar", bound=np.generic)

BEFORE = 6.0
AFTER = 1.5

MOMENT = 1e-6
"""What rounding may do to a time in seconds."""

DEGREES = "degrees"
TORSOS = "torso lengths"
SPEED = "torso lengths a second"
RATIO = "of standing height"
UPPER_ARMS = "upper arm lengths"
SECONDS = "seconds"
SHARE = "of the time"
RATIO_OF_LEG = "of the leg"
FALL = "of free flight"
TURN_SPEED = "degrees a second"
# The unit of how long a movement has been under way: it began that much earlier.
ELAPSED = "seconds since it began"

# How far outside its bounds a quantity may drift once a pose is held, by unit.
SLACK = {
    DEGREES: 10.0,
    TORSOS: 0.1,
    SPEED: 1.0,
    RATIO: 0.04,
    UPPER_ARMS: 0.1,
    SECONDS: 0.25,
    SHARE: 0.2,
    RATIO_OF_LEG: 0.08,
    FALL: 0.15,
    TURN_SPEED: 60.0,
    ELAPSED: 0.5,
}

# The leg from hip to ankle in torso lengths, from short to long-limbed people.
LEG_LENGTHS = (1.48, 1.95)

# How differently shaped the image and the world landmarks of a body may be.
UNLIKE = 0.25

# From how many degrees on a body is in profile, and how near to its twin, in torso lengths, a joint
# then lies behind it.
PROFILE = 60.0
TWIN = 0.2

# How far outside the picture, as a share of its width or height, a joint may be guessed.
OUTSIDE = 0.05

# For how many seconds somebody has to be seen to be believed, but at the ends of the clip.
FLEETING = 0.4

# Hip height over the ankle of somebody who stands, as a share of the length of the leg.
STANDING = 0.96


class Landmark(IntEnum):
    """The 33 landmarks of MediaPipe Pose, by index."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


Joints = tuple[Landmark, ...]

_TORSO: Joints = (
    Landmark.LEFT_SHOULDER,
    Landmark.RIGHT_SHOULDER,
    Landmark.LEFT_HIP,
    Landmark.RIGHT_HIP,
)
_LIMBS: Joints = tuple(Landmark(i) for i in (*range(11, 17), *range(23, 29)))
_ARM_PAIRS = np.array([(11, 12), (13, 14), (15, 16)])
_LEG_PAIRS = np.array([(25, 26), (27, 28), (29, 30), (31, 32)])


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """Something measured of a body in each frame: `value` (n,), NaN where it can't be known.

    `joints` are the landmarks it needs to be seen. A quantity with `any_view` can be trusted
    whichever way the body faces (a height, or a direction from the world landmarks); an angle in
    the image can only from the views that its pose names.
    """

    name: str
    value: Floats
    unit: str
    joints: Joints
    any_view: bool = False

    def between(self, low: float, high: float, slack: float | None = None) -> "Condition":
        """The condition that the quantity lies from `low` to `high`."""
        return Condition(self, low, high, SLACK[self.unit] if slack is None else slack)

    def at_least(self, low: float, slack: float | None = None) -> "Condition":
        """The condition that the quantity is `low` or more."""
        return self.between(low, inf, slack)

    def at_most(self, high: float, slack: float | None = None) -> "Condition":
        """The condition that the quantity is `high` or less."""
        return self.between(-inf, high, slack)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A quantity and its bounds; a held pose may leave them by up to `slack`."""

    quantity: Quantity
    low: float
    high: float
    slack: float


class Body:
    """One dancer's body over n frames.

    image: (n, 33, 4) x and y as shares of the width and height, z, visibility 0..1.
    world: (n, 33, 3) metres from the middle of the hips: x to the right of the image, y down,
    z away from the camera. times: (n,) seconds, not decreasing. All NaN where nobody is found.
    """

    def __init__(
        self,
        image: npt.NDArray[np.float32],
        world: npt.NDArray[np.float32],
        times: npt.NDArray[np.float64],
        width: int,
        height: int,
    ) -> None:
        self.times = times
        self._measured = {name: _joints_of(name) for name in ("left", "right")}
        self._windows: dict[tuple[float, float, int], Indices] = {}
        self._seen: dict[Joints, Floats] = {}
        self._speeds: dict[Joints, Quantity] = {}
        # (33, n): a landmark's course is contiguous.
        self._pixels = np.ascontiguousarray(
            image[:, :, 0].T * np.float32(width) + 1j * (image[:, :, 1].T * np.float32(height)),
            dtype=np.complex64,
        )
        self._visibility = np.ascontiguousarray(image[:, :, 3].T)
        with np.errstate(invalid="ignore"):
            outside = (np.abs(image[:, :, :2] - 0.5) > 0.5 + OUTSIDE).any(axis=2)
        self._visibility[outside.T] = 0
        self._world = np.ascontiguousarray(world.transpose(1, 2, 0))
        swapped = self._swapped()
        self._visibility = self._seen_behind()
        if swapped.any():
            self._visibility[swapped] = np.nan

    @property
    def left(self) -> "Side":
        """The dancer's left half."""
        return Side(self, "left")

    @property
    def right(self) -> "Side":
        """The dancer's right half."""
        return Side(self, "right")

    @property
    def sides(self) -> tuple["Side", "Side"]:
        """The left and the right half."""
        return self.left, self.right

    @cached_property
    def present(self) -> Flags:
        """(n,) whether somebody was found, with landmarks that make one body.

        In things that are nobody, image and world landmarks are of different shapes, and what is
        found is soon lost again.
        """
        rows = list(range(11, 33))
        pixels = self._pixels[rows] - self._pixels[rows].mean(axis=0)
        metres = self._world[rows, 0] + 1j * self._world[rows, 1]
        metres = metres - metres.mean(axis=0)
        scale = _length(pixels * np.conj(metres)).sum(axis=0) / (_length(metres) ** 2).sum(axis=0)
        rest = (_length(pixels - scale * metres) ** 2).sum(axis=0)
        with np.errstate(invalid="ignore"):
            alike: Flags = rest < UNLIKE**2 * (_length(pixels) ** 2).sum(axis=0)
        found = np.isfinite(self._frame_torso)
        for spell in self.spells(found, FLEETING):
            if spell.start > 0 and spell.stop < len(found):
                found[spell] = False
        return found & alike

    @cached_property
    def jumps(self) -> Flags:
        """(n,) whether the landmarks are of somewhere else than those of the frame before.

        The middle of the body moves or its size changes by more than a body does from one frame
        to the next: the tracker has lost the dancer or follows somebody else.
        """
        middle = self._pixels[list(_TORSO)].mean(axis=0)
        size = self._frame_torso
        seconds = np.maximum(np.diff(self.times), 1 / 30)
        moved = np.abs(np.diff(middle)) / size[1:]
        grown = np.abs(np.diff(np.log(size)))
        with np.errstate(invalid="ignore"):
            far = (moved > 0.3 + 6 * seconds) | (grown > 0.25 + 2 * seconds)
        return np.concatenate([[False], far])

    def visibility(self, joints: Joints) -> Floats:
        """(n,) the visibility of the least visible of `joints`, NaN where one can't be trusted."""
        seen = self._seen.get(joints)
        if seen is None:
            seen = self._seen[joints] = self._visibility[list(joints)].min(axis=0)
        return seen

    def _seen_behind(self) -> Floats:
        """(33, n) the visibility, that of a limb hidden behind its twin being its twin's.

        In profile the far limb lies behind the near one: where that is seen, so is this.
        """
        left, right = list(range(11, 33, 2)), list(range(12, 33, 2))
        gap = _length(self._pixels[left] - self._pixels[right]) / self._torso
        seen = self._visibility.copy()
        with np.errstate(invalid="ignore"):
            behind = (gap < TWIN) & (self.turned.value > PROFILE)
        either = np.maximum(seen[left], seen[right])
        seen[left] = np.where(behind, either, seen[left])
        seen[right] = np.where(behind, either, seen[right])
        return seen

    def window(
        self, values: npt.NDArray[Scalar], before: float, after: float, samples: int = 7
    ) -> npt.NDArray[Scalar]:
        """(samples, n) the values at `samples` times from `before` seconds before each frame
        to `after` seconds after it.

        At the ends of the clip the first and the last frame stand for what is not there.
        """
        key = (before, after, samples)
        index = self._windows.get(key)
        if index is None:
            rows = []
            for offset in np.linspace(-before, after, samples):
                at = self.times + offset
                if offset < 0:
                    rows.append(np.searchsorted(self.times, at, side="left"))
                else:
                    rows.append(np.searchsorted(self.times, at, side="right") - 1)
            index = self._windows[key] = np.stack(rows)
        seen: npt.NDArray[Scalar] = values[index]
        return seen

    def point(self, landmark: Landmark) -> Places:
        """(n,) where a landmark is in the image, in torso lengths: x + 1j y, y down."""
        course: Places = self._points[landmark]
        return course

    def angle(self, first: Landmark, vertex: Landmark, last: Landmark) -> Floats:
        """(n,) the angle at `vertex` in the image, 0..180 degrees."""
        at = self.point(vertex)
        return _angle(self.point(first) - at, self.point(last) - at)

    def apart(self, first: Landmark, last: Landmark) -> Floats:
        """(n,) the distance between two landmarks in the image, in torso lengths."""
        return _length(self.point(first) - self.point(last))

    def above(self, first: Landmark, last: Landmark) -> Floats:
        """(n,) how far `first` is above `last` in the image, in torso lengths."""
        return self.point(last).imag - self.point(first).imag

    def world(self, landmark: Landmark) -> Floats:
        """(3, n) a world landmark in metres: x right, y down, z away from the camera."""
        course: Floats = self._world[landmark]
        return course

    # Which way the body faces

    @cached_property
    def yaw(self) -> Floats:
        """(n,) which way the body faces: 0 the camera, 90 the right of the image, 180 away."""
        return _degrees(self._across)

    @cached_property
    def turn(self) -> Floats:
        """(n,) how far the body turned since the frame before, in degrees, -180..180."""
        steps = np.diff(self.yaw, prepend=self.yaw[:1])
        return np.nan_to_num((steps + 180) % 360 - 180)

    @cached_property
    def turned(self) -> Quantity:
        """How far the body is turned out of the front or back view, 0..90 degrees."""
        yaw = np.abs(self.yaw)
        return Quantity("turned", np.minimum(yaw, 180 - yaw), DEGREES, _TORSO, any_view=True)

    # The trunk

    @cached_property
    def tilt(self) -> Quantity:
        """The trunk from the vertical, 0..180."""
        return Quantity("trunk tilt", np.abs(self._tilt), DEGREES, _TORSO)

    @cached_property
    def bend(self) -> Quantity:
        """The trunk from the vertical towards where the body faces, negative backwards."""
        return Quantity("trunk forwards", self._tilt * np.sign(self._across.imag), DEGREES, _TORSO)

    @cached_property
    def arch(self) -> Quantity:
        """The trunk backwards where the body is seen in profile, to a side elsewhere."""
        profile = self.turned.value > 45
        value = np.where(profile, -self.bend.value, self.tilt.value)
        return Quantity("trunk arched", value, DEGREES, _TORSO, any_view=True)

    # The legs

    @cached_property
    def feet_apart(self) -> Quantity:
        """The distance between the ankles in the image."""
        return self._apart("distance between the ankles", Landmark.LEFT_ANKLE)

    @cached_property
    def feet_apart_in_depth(self) -> Quantity:
        """The distance between the ankles in space, at least what the image shows of it."""
        joints = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
        line = self.world(joints[0]) - self.world(joints[1])
        value = np.maximum(_norm(line) / self._world_torso, self.apart(*joints))
        return Quantity("distance between the ankles", value, TORSOS, joints, any_view=True)

    @cached_property
    def knees_apart(self) -> Quantity:
        """The distance between the knees in the image."""
        return self._apart("distance between the knees", Landmark.LEFT_KNEE)

    @cached_property
    def knees_out(self) -> Quantity:
        """How much further apart the knees are than the ankles in the image."""
        feet = self.feet_apart
        value = self.knees_apart.value - feet.value
        joints = (*self.knees_apart.joints, *feet.joints)
        return Quantity("knees out over the feet", value, TORSOS, joints, any_view=True)

    @cached_property
    def knees_ahead(self) -> Quantity:
        """How far the knees are in front of the ankles, the mean of both legs.

        In the image, in proportion to how far the body is turned; from the front, in space.
        """
        knees, ankles = [25, 26], [27, 28]
        shown = (self._points[knees] - self._points[ankles]).mean(axis=0).real
        shown *= np.sign(self._across.imag) / np.maximum(
            np.sin(np.radians(self.turned.value)), np.float32(0.5)
        )
        line = (self._world[knees] - self._world[ankles]).mean(axis=0)
        forward = -1j * self._across
        ahead = ((line[0] + 1j * line[2]) * np.conj(forward)).real / self._world_torso
        return Quantity(
            "knees in front of the ankles",
            np.where(self.turned.value > 20, shown, ahead),
            TORSOS,
            tuple(Landmark(joint) for joint in (*knees, *ankles)),
            any_view=True,
        )

    @cached_property
    def stride(self) -> Quantity:
        """How far one ankle is in front of the other, whichever it is."""
        ahead = self.left.ahead
        name = "one foot in front of the other"
        return Quantity(name, np.abs(ahead.value), TORSOS, ahead.joints, any_view=True)

    @cached_property
    def stance(self) -> Quantity:
        """How far the ankles are apart across the body."""
        line = self.world(Landmark.LEFT_ANKLE) - self.world(Landmark.RIGHT_ANKLE)
        across = ((line[0] + 1j * line[2]) * np.conj(self._across)).real
        return Quantity(
            "feet apart across the body",
            np.abs(across) / self._world_torso,
            TORSOS,
            (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE),
            any_view=True,
        )

    @cached_property
    def turnout(self) -> Quantity:
        """How far the toes are outwards of the heels in the image, the mean of both feet.

        The world landmarks make the turnout of everybody alike; the mean is nearly the same for a
        body that is a little turned.
        """
        left, right = (side.turnout for side in self.sides)
        value = (left.value + right.value) / 2
        return Quantity("turnout of the feet", value, TORSOS, (*left.joints, *right.joints))

    @cached_property
    def hip_height(self) -> Quantity:
        """The height of the hips over the lower ankle, as a share of the height standing."""
        ankles = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
        lower = np.maximum(*(self.point(ankle).imag for ankle in ankles))
        value = (lower - self._hips.imag) / (STANDING * self._leg_length)
        joints = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP, *ankles)
        return Quantity("height of the hips", value, RATIO, joints, any_view=True)

    @cached_property
    def sinking(self) -> Quantity:
        """How far the height of the hips changes from 0.15 s before to 0.15 s after."""
        height = self.window(self.hip_height.value, 0.15, 0.15, 3)
        joints = self.hip_height.joints
        return Quantity(
            "change of the height of the hips",
            np.abs(height[-1] - height[0]),
            RATIO,
            joints,
            any_view=True,
        )

    @cached_property
    def legs_apart(self) -> Quantity:
        """The angle between the lines from the hips to the ankles."""
        left, right = (self.point(side.ankle) - self.point(side.hip) for side in self.sides)
        joints = (*self.left.leg.joints, *self.right.leg.joints)
        return Quantity("angle between the legs", _angle(left, right), DEGREES, joints)

    @cached_property
    def airborne(self) -> Quantity:
        """How far the hips and both feet are above where they were and will be.

        That is, within 0.8 s before and after: so a camera or a floor that moves steadily does not
        count, and what goes up has to come down.
        """
        feet = np.maximum(
            self._pixels[Landmark.LEFT_ANKLE].imag, self._pixels[Landmark.RIGHT_ANKLE].imag
        )
        hips = (self._pixels[Landmark.LEFT_HIP] + self._pixels[Landmark.RIGHT_HIP]).imag / 2
        value = np.minimum(self._risen(feet), self._risen(hips)) / self._torso
        joints = (
            Landmark.LEFT_HIP,
            Landmark.RIGHT_HIP,
            Landmark.LEFT_ANKLE,
            Landmark.RIGHT_ANKLE,
        )
        return Quantity("height off the floor", value, TORSOS, joints, any_view=True)

    # The arms

    @cached_property
    def wrists_apart(self) -> Quantity:
        """The distance between the wrists in the image."""
        return self._apart("distance between the wrists", Landmark.LEFT_WRIST)

    @cached_property
    def wrists_level(self) -> Quantity:
        """How high the wrists are over the shoulders, the mean of both.

        A body that leans or is turned a little has one as much higher as the other lower.
        """
        left, right = (side.wrist_above_shoulder for side in self.sides)
        value = (left.value + right.value) / 2
        joints = (*left.joints, *right.joints)
        return Quantity("wrists above the shoulders", value, TORSOS, joints, any_view=True)

    @cached_property
    def wrists_uncrossed(self) -> Quantity:
        """How far each wrist is on its own side of the other one, negative where they cross."""
        left, right = (side.wrist_off_midline for side in self.sides)
        joints = (*left.joints, *right.joints)
        return Quantity(
            "wrists apart on their own sides", left.value + right.value, TORSOS, joints, True
        )

    @cached_property
    def elbows_apart(self) -> Quantity:
        """The distance between the elbows in the image."""
        return self._apart("distance between the elbows", Landmark.LEFT_ELBOW)

    # How it moves

    def speed(self, joints: Joints) -> Quantity:
        """The speed of the fastest of `joints` in the image, relative to the hips."""
        speed = self._speeds.get(joints)
        if speed is None:
            value = self._landmark_speeds[list(joints)].max(axis=0)
            speed = Quantity("speed of the fastest joint", value, SPEED, joints, any_view=True)
            self._speeds[joints] = speed
        return speed

    def speed_in_depth(self, joints: Joints) -> Quantity:
        """The speed of the fastest of `joints` in space, relative to the hips.

        Where the body turns, relative to it too: so a shape that is kept meanwhile is still.
        """
        value = self._world_speeds[list(joints)].max(axis=0)
        return Quantity("speed of the fastest joint", value, SPEED, joints, any_view=True)

    @cached_property
    def drift(self) -> Quantity:
        """How far the hips are from where they were 0.5 s before and will be 0.5 s after."""
        hips = (self._pixels[Landmark.LEFT_HIP] + self._pixels[Landmark.RIGHT_HIP]) / 2
        value = np.abs(self.window(hips, 0.5, 0.5, 11) - hips).max(axis=0) / self._torso
        joints = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
        return Quantity("drift of the hips", value, TORSOS, joints, any_view=True)

    @cached_property
    def spin(self) -> Quantity:
        """How fast the body turns, to its own left positive, over 0.4 s."""
        yaw = self.window(self.yaw, 0.2, 0.2, 5)
        steps = (np.diff(yaw, axis=0) + 180) % 360 - 180
        times = self.window(self.times, 0.2, 0.2, 5)
        value = steps.sum(axis=0) / np.maximum(times[-1] - times[0], 1e-3)
        return Quantity("turning", value.astype(np.float32), TURN_SPEED, _TORSO, any_view=True)

    def turning(self, towards: "Side") -> Quantity:
        """How fast the body turns towards a side, over 0.4 s."""
        value = self.spin.value if towards.name == "left" else -self.spin.value
        name = f"turning to the {towards.name}"
        return Quantity(name, value, TURN_SPEED, self.spin.joints, any_view=True)

    def share(self, held: Flags, before: float, after: float) -> Floats:
        """(n,) in how much of the time from `before` to `after` something held, 0..1.

        Of what lies outside of the clip nothing is known, so nothing held there.
        """
        samples = 9
        at = self.times + np.linspace(-before, after, samples)[:, None]
        inside = (at >= self.times[0] - MOMENT) & (at <= self.times[-1] + MOMENT)
        known = self.window(held, before, after, samples) & inside
        share: Floats = known.mean(axis=0, dtype=np.float32)
        return share

    def last(self, flags: Flags, within: float) -> Indices:
        """(n,) the number of the last frame with a flag, up to `within` seconds before; else -1."""
        frames = np.arange(len(self.times))
        last = np.maximum.accumulate(np.where(flags, frames, -1))
        known = (last >= 0) & (self.times - self.times[last] <= within)
        return np.where(known, last, -1)

    def spells(self, flags: Flags, longest: float) -> list[slice]:
        """The runs of frames with a flag that take no longer than `longest` seconds."""
        edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
        return [
            slice(begin, end)
            for begin, end in edges.reshape(-1, 2).tolist()
            if self.times[end - 1] - self.times[begin] <= longest
        ]

    def _risen(self, course: Floats) -> Floats:
        """(n,) how far a course (y down) is above its lowest before and its lowest after."""
        before = self.window(course, 0.8, 0.0, 13).max(axis=0)
        after = self.window(course, 0.0, 0.8, 13).max(axis=0)
        risen: Floats = np.minimum(before, after) - course
        return risen

    def _apart(self, name: str, left: Landmark) -> Quantity:
        joints = (left, Landmark(left + 1))
        return Quantity(name, self.apart(*joints), TORSOS, joints)

    # What the above is measured with

    @cached_property
    def _frame_torso(self) -> Floats:
        """(n,) a torso length in pixels, from each frame alone.

        The world landmarks say how long the torso is in metres, all the limbs together how many
        pixels a metre is: so it holds for a trunk that leans towards the camera too.
        """
        rows = list(_LIMBS)
        pixels = self._pixels[rows]
        metres = self._world[rows, 0] + 1j * self._world[rows, 1]
        scale: Floats = np.sqrt(_spread(pixels) / _spread(metres))
        return scale * self._world_torso

    @cached_property
    def _world_torso(self) -> Floats:
        """(n,) the length of the torso in metres."""
        left_shoulder, right_shoulder, left_hip, right_hip = (self._world[i] for i in _TORSO)
        trunk = left_shoulder + right_shoulder - left_hip - right_hip
        return np.asarray(np.sqrt((trunk**2).sum(axis=0)) / 2)

    @cached_property
    def _torso(self) -> Floats:
        """(n,) a torso length in pixels."""
        return middle(self.window(self._frame_torso, 0.3, 0.3))

    @cached_property
    def _points(self) -> Places:
        """(33, n) the landmarks in the image in torso lengths."""
        return self._pixels * (1 / self._torso)

    @cached_property
    def _tilt(self) -> Floats:
        """(n,) the trunk from straight up, positive to the right of the image."""
        return _degrees((self._shoulders - self._hips) * np.complex64(1j))

    @cached_property
    def _leg_length(self) -> Floats:
        """(n,) thigh and shank together in torso lengths, from the world landmarks."""
        length = np.zeros(len(self.times), np.float32)
        for side in self.sides:
            for joint, next_joint in ((side.hip, side.knee_joint), (side.knee_joint, side.ankle)):
                bone = self._world[joint] - self._world[next_joint]
                length += np.sqrt((bone**2).sum(axis=0))
        return np.clip(length / 2 / self._world_torso, *LEG_LENGTHS)

    @cached_property
    def _shoulders(self) -> Places:
        return (self.point(Landmark.LEFT_SHOULDER) + self.point(Landmark.RIGHT_SHOULDER)) / 2

    @cached_property
    def _ears(self) -> Places:
        return (self.point(Landmark.LEFT_EAR) + self.point(Landmark.RIGHT_EAR)) / 2

    @cached_property
    def _hips(self) -> Places:
        return (self.point(Landmark.LEFT_HIP) + self.point(Landmark.RIGHT_HIP)) / 2

    @cached_property
    def _across(self) -> Places:
        """(n,) from the right to the left of the body in the ground plane: x + 1j z, length 1.

        Where a frame says otherwise than those about 0.07 s before and after it, which are more
        alike, the body has not turned and turned back: one of them is taken.
        """
        frames = np.arange(len(self.times))
        early, late = self._neighbours
        seen = self._frame_across
        places = np.stack([seen[frames], seen[early], seen[late]])
        apart = _length(places - places[[1, 2, 0]])
        others = apart + apart[[2, 0, 1]]
        known = np.isfinite(others[0])
        across: Places = np.where(known, places[others.argmin(axis=0), frames], seen)
        return across

    @cached_property
    def _frame_across(self) -> Places:
        """(n,) the same from each frame alone."""
        across = np.zeros(len(self.times), np.complex64)
        for left, right in (
            (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER),
            (Landmark.LEFT_HIP, Landmark.RIGHT_HIP),
        ):
            line = self.world(left) - self.world(right)
            across += _unit(line[0] + 1j * line[2])
        return _unit(across)

    @cached_property
    def _landmark_speeds(self) -> Floats:
        """(33, n) torso lengths a second relative to the hips, over about a seventh of a second."""
        place = self._points - self._hips
        early, late = self._neighbours
        seconds = np.maximum(self.times[late] - self.times[early], 1e-3).astype(np.float32)
        return _length(place[:, late] - place[:, early]) / seconds

    @cached_property
    def _world_speeds(self) -> Floats:
        """(33, n) torso lengths a second from the world landmarks, which start at the hips."""
        early, late = self._neighbours
        seconds = np.maximum(self.times[late] - self.times[early], 1e-3).astype(np.float32)
        flat = self._world[:, 0] + 1j * self._world[:, 2]
        turned = flat * np.conj(self._across)
        along = np.minimum(
            _length(flat[:, late] - flat[:, early]), _length(turned[:, late] - turned[:, early])
        )
        up = self._world[:, 1, late] - self._world[:, 1, early]
        speeds: Floats = np.hypot(along, up) / (self._world_torso * seconds)
        # A leg swings an ankle that much faster than an arm its wrist.
        speeds[[Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]] *= np.float32(2 / 3)
        return speeds

    @cached_property
    def _neighbours(self) -> tuple[Indices, Indices]:
        """The frames about 0.07 s before and after each frame, at least one frame away."""
        frames = np.arange(len(self.times))
        early = np.searchsorted(self.times, self.times - 0.07, side="left")
        late = np.searchsorted(self.times, self.times + 0.07, side="right") - 1
        # Not over a pause in the clip: the context of a frame is bounded.
        near = np.diff(self.times) <= 0.5
        before = frames - np.concatenate([[False], near])
        after = frames + np.concatenate([near, [False]])
        return np.minimum(early, before), np.maximum(late, after)

    def _swapped(self) -> Flags:
        """(33, n) where left and right have changed places for a moment.

        The tracker sometimes takes one leg (or arm) for the other for a few frames: every joint
        of the limb leaps to where the other's was, and back within BRIEF seconds.
        """
        pixels = self._pixels
        swapped = np.zeros(pixels.shape, np.bool_)
        if pixels.shape[1] < 3:
            return swapped
        brief = 0.35
        for pairs in (_ARM_PAIRS, _LEG_PAIRS):
            left, right = pixels[pairs[:, 0]], pixels[pairs[:, 1]]
            kept = np.abs(np.diff(left)) + np.abs(np.diff(right))
            crossed = np.abs(left[:, 1:] - right[:, :-1]) + np.abs(right[:, 1:] - left[:, :-1])
            apart = np.abs(left - right)[:, 1:].mean(axis=0)
            with np.errstate(invalid="ignore"):
                kept, crossed = kept.mean(axis=0), crossed.mean(axis=0)
                leap = (crossed < 0.4 * kept) & (apart > 0.12 * self._frame_torso[1:])
            at = np.flatnonzero(leap) + 1
            for first, last in pairwise(at):
                if self.times[last] - self.times[first] <= brief:
                    swapped[pairs.ravel(), first:last] = True
        return swapped


class Side:
    """The dancer's left or right half: an arm and a leg.

    What is measured of a half is kept by its body and shared by all that stand for that half. So no
    body refers to itself, and its arrays go as soon as nobody needs them, without a collection.
    """

    __slots__ = ("__dict__", "body", "name")

    shoulder: Landmark
    elbow_joint: Landmark
    wrist: Landmark
    hip: Landmark
    knee_joint: Landmark
    ankle: Landmark
    heel: Landmark
    toe: Landmark

    def __init__(self, body: Body, name: str) -> None:
        self.body = body
        self.name = name
        self.__dict__ = body._measured[name]

    @property
    def other(self) -> "Side":
        """The other half."""
        return self.body.left if self.name == "right" else self.body.right

    # The arm

    @cached_property
    def elbow(self) -> Quantity:
        """The angle of the elbow, 180 straight."""
        return self._angle("elbow", self.shoulder, self.elbow_joint, self.wrist)

    @cached_property
    def arm(self) -> Quantity:
        """The upper arm from the trunk: 0 hanging, 90 level, 180 beside the head."""
        return self._angle("arm from the trunk", self.hip, self.shoulder, self.elbow_joint)

    @cached_property
    def whole_arm(self) -> Quantity:
        """The line from shoulder to wrist from the trunk, 180 straight up."""
        return self._angle("whole arm from the trunk", self.hip, self.shoulder, self.wrist)

    @cached_property
    def wrist_above_shoulder(self) -> Quantity:
        """The height of the wrist over the shoulder."""
        return self._height("wrist above the shoulder", self.wrist, self.shoulder)

    @cached_property
    def wrist_above_nose(self) -> Quantity:
        """The height of the wrist over the nose."""
        return self._height("wrist above the nose", self.wrist, Landmark.NOSE)

    @cached_property
    def wrist_above_hip(self) -> Quantity:
        """The height of the wrist over the hip."""
        return self._height("wrist above the hip", self.wrist, self.hip)

    @cached_property
    def elbow_above_shoulder(self) -> Quantity:
        """The height of the elbow over the shoulder."""
        return self._height("elbow above the shoulder", self.elbow_joint, self.shoulder)

    @cached_property
    def wrist_to_hip(self) -> Quantity:
        """The distance from the wrist to the hip of its side."""
        return self._distance("wrist from the hip", self.wrist, self.hip)

    @cached_property
    def wrist_to_nose(self) -> Quantity:
        """The distance from the wrist to the nose."""
        return self._distance("wrist from the nose", self.wrist, Landmark.NOSE)

    @cached_property
    def wrist_to_ankle(self) -> Quantity:
        """The distance from the wrist to the ankle of its side."""
        return self._distance("wrist from the ankle", self.wrist, self.ankle)

    @cached_property
    def wrist_to_other_elbow(self) -> Quantity:
        """The distance from the wrist to the elbow of the other arm."""
        return self._distance("wrist from the other elbow", self.wrist, self.other.elbow_joint)

    @cached_property
    def forearm(self) -> Quantity:
        """How long the forearm looks beside the upper arm: it is shorter where it points away."""
        body, joints = self.body, (self.shoulder, self.elbow_joint, self.wrist)
        upper = np.maximum(body.apart(self.shoulder, self.elbow_joint), np.float32(0.05))
        value = body.apart(self.elbow_joint, self.wrist) / upper
        return self._quantity("forearm seen", value, UPPER_ARMS, joints)

    @cached_property
    def elbow_in_depth(self) -> Quantity:
        """The angle of the elbow from the world landmarks, which bend straight arms a little."""
        return self._angle_in_depth("elbow", self.shoulder, self.elbow_joint, self.wrist)

    @cached_property
    def wrist_to_hip_in_depth(self) -> Quantity:
        """The distance from the wrist to the hip of its side, in space."""
        line = self.body.world(self.wrist) - self.body.world(self.hip)
        value = _norm(line) / self.body._world_torso
        joints = (self.wrist, self.hip)
        return self._quantity("wrist from the hip", value, TORSOS, joints, any_view=True)

    @cached_property
    def wrist_off_midline(self) -> Quantity:
        """How far the wrist is to its side of the trunk's middle plane, negative across it."""
        body = self.body
        middle_of_body = (body.world(self.shoulder) + body.world(self.other.shoulder)) / 2
        line = body.world(self.wrist) - middle_of_body
        across = ((line[0] + 1j * line[2]) * np.conj(body._across)).real / body._world_torso
        value = across if self.name == "left" else -across
        joints = (self.wrist, *_TORSO)
        return self._quantity("wrist off the midline", value, TORSOS, joints, any_view=True)

    @cached_property
    def wrist_ahead(self) -> Quantity:
        """How far the wrist is in front of the shoulders."""
        body = self.body
        middle_of_body = (body.world(self.shoulder) + body.world(self.other.shoulder)) / 2
        line = body.world(self.wrist) - middle_of_body
        forward = -1j * body._across
        value = ((line[0] + 1j * line[2]) * np.conj(forward)).real / body._world_torso
        joints = (self.wrist, self.shoulder, self.other.shoulder)
        return self._quantity("wrist in front", value, TORSOS, joints, any_view=True)

    # The leg

    @cached_property
    def knee(self) -> Quantity:
        """The angle of the knee in the image, 180 straight."""
        return self._angle("knee", self.hip, self.knee_joint, self.ankle)

    @cached_property
    def knee_in_depth(self) -> Quantity:
        """The angle of the knee from the world landmarks, which bend straight legs a little."""
        return self._angle_in_depth("knee", self.hip, self.knee_joint, self.ankle)

    @cached_property
    def hip_angle(self) -> Quantity:
        """The angle between trunk and thigh, 180 straight."""
        return self._angle("hip", self.shoulder, self.hip, self.knee_joint)

    @cached_property
    def leg(self) -> Quantity:
        """The line from hip to ankle, from straight down: 90 level."""
        return self._from_down("leg", self.ankle)

    @cached_property
    def thigh(self) -> Quantity:
        """The thigh from straight down: 90 level."""
        return self._from_down("thigh", self.knee_joint)

    @cached_property
    def reach(self) -> Quantity:
        """The ankle from the hip in the image, as a share of what a level straight leg shows.

        That leg is taken to point where the body faces, or behind it.
        """
        body = self.body
        seen = np.maximum(np.sin(np.radians(body.turned.value)), np.float32(0.6))
        value = body.apart(self.hip, self.ankle) / (body._leg_length * seen)
        return self._quantity("reach of the leg", value, RATIO_OF_LEG, (self.hip, self.ankle))

    @cached_property
    def direction(self) -> Quantity:
        """Where the ankle is from the hip, seen from above: 0 in front, 90 aside, 180 behind."""
        return self._azimuth("leg direction", self.hip, self.ankle)

    @cached_property
    def ahead(self) -> Quantity:
        """How far the ankle is in front of the other ankle."""
        line = self.body.world(self.ankle) - self.body.world(self.other.ankle)
        forward = -1j * self.body._across
        value = ((line[0] + 1j * line[2]) * np.conj(forward)).real / self.body._world_torso
        joints = (self.ankle, self.other.ankle)
        return self._quantity("foot in front of the other", value, TORSOS, joints, any_view=True)

    @cached_property
    def thigh_direction(self) -> Quantity:
        """Where the knee is from the hip, seen from above: 0 in front, 90 aside, 180 behind."""
        return self._azimuth("thigh direction", self.hip, self.knee_joint)

    @cached_property
    def turnout(self) -> Quantity:
        """How far the toes are outwards of the heel in the image, in a front or back view."""
        value = self._outwards(self.body.point(self.toe) - self.body.point(self.heel))
        return self._quantity("turnout of the foot", value, TORSOS, (self.heel, self.toe))

    @cached_property
    def lift(self) -> Quantity:
        """The height of the ankle over the other ankle in the image."""
        return self._height("ankle above the other", self.ankle, self.other.ankle)

    @cached_property
    def lift_in_depth(self) -> Quantity:
        """The height of the ankle over the other ankle, from the world landmarks.

        In the image, of two feet on the floor the one nearer to the camera is the lower.
        """
        return self._height_in_depth("ankle above the other", self.ankle, self.other.ankle)

    @cached_property
    def foot_lift(self) -> Quantity:
        """The height of the lowest point of the foot over that of the other foot."""
        body = self.body
        lowest = [
            np.maximum(body.point(side.toe).imag, body.point(side.heel).imag)
            for side in (self, self.other)
        ]
        joints = (self.heel, self.toe, self.other.heel, self.other.toe)
        value = lowest[1] - lowest[0]
        return self._quantity("foot above the other", value, TORSOS, joints, any_view=True)

    @cached_property
    def foot_off_other_leg(self) -> Quantity:
        """The angle in the image between the foot and the line from the other hip to its ankle."""
        body, hip, ankle = self.body, self.other.hip, self.other.ankle
        foot = body.point(self.toe) - body.point(self.heel)
        value = _angle(foot, body.point(ankle) - body.point(hip))
        joints = (self.heel, self.toe, hip, ankle)
        return self._quantity("foot from along the other leg", value, DEGREES, joints)

    @cached_property
    def heel_raised(self) -> Quantity:
        """The height of the heel over the toes."""
        return self._height("heel above the toes", self.heel, self.toe)

    @cached_property
    def toe_to_other_knee(self) -> Quantity:
        """The distance from the toes to the other knee."""
        return self._distance("toes from the other knee", self.toe, self.other.knee_joint)

    @cached_property
    def toe_above_other_knee(self) -> Quantity:
        """The height of the toes over the other knee."""
        return self._height("toes above the other knee", self.toe, self.other.knee_joint)

    @cached_property
    def knee_above_foot(self) -> Quantity:
        """The height of the knee over the ankle."""
        return self._height("knee above the ankle", self.knee_joint, self.ankle)

    @cached_property
    def knee_above_other(self) -> Quantity:
        """The height of the knee over the other knee."""
        joints = (self.knee_joint, self.other.knee_joint)
        return self._height_in_depth("knee above the other", *joints)

    @cached_property
    def hip_above_knee(self) -> Quantity:
        """The height of the hip over the knee."""
        return self._height("hip above the knee", self.hip, self.knee_joint)

    @cached_property
    def toe_off_other_leg(self) -> Quantity:
        """The distance from the toes to the line from the other hip to the other ankle."""
        body, hip, ankle = self.body, self.other.hip, self.other.ankle
        along = _unit(body.point(ankle) - body.point(hip))
        value = np.abs(((body.point(self.toe) - body.point(hip)) * np.conj(along)).imag)
        joints = (self.toe, hip, ankle)
        return self._quantity("toes from the other leg", value, TORSOS, joints)

    @cached_property
    def weight(self) -> Quantity:
        """How far aside of the ankle the middle of the hips is: 0 with the weight on this leg."""
        body = self.body
        hips = (body.point(Landmark.LEFT_HIP) + body.point(Landmark.RIGHT_HIP)).real / 2
        value = np.abs(hips - body.point(self.ankle).real)
        joints = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP, self.ankle)
        return self._quantity("hips aside of the foot", value, TORSOS, joints)

    @cached_property
    def ankle_off_midline(self) -> Quantity:
        """How far the ankle is outwards of the hips' middle, negative across it."""
        value = self._outwards(self.body.point(self.ankle) - self.body._hips)
        return self._quantity("ankle off the midline", value, TORSOS, (self.ankle, *_TORSO))

    # The trunk

    @cached_property
    def lean(self) -> Quantity:
        """The trunk from the vertical towards this side, in a front or back view."""
        value = self.body._tilt * self._outward_sign
        return self._quantity("lean", value, DEGREES, _TORSO)

    @cached_property
    def hip_out(self) -> Quantity:
        """How far the hips are to this side of the middle between the ankles."""
        ankles = (self.body.point(self.ankle) + self.body.point(self.other.ankle)) / 2
        joints = (self.hip, self.other.hip, self.ankle, self.other.ankle)
        value = self._outwards(self.body._hips - ankles)
        return self._quantity("hips out", value, TORSOS, joints)

    @cached_property
    def hip_raised(self) -> Quantity:
        """The slope of the line of the hips, positive with this hip the higher."""
        line = self.body.point(self.hip) - self.body.point(self.other.hip)
        value = _degrees(np.abs(line.real) - 1j * line.imag)
        return self._quantity("hip raised", value, DEGREES, (self.hip, self.other.hip))

    @cached_property
    def head_out(self) -> Quantity:
        """The head from the vertical over the shoulders, towards this side."""
        line = self.body._ears - self.body._shoulders
        value = _degrees(self._outwards(line) * 1j - line.imag)
        joints = (Landmark.LEFT_EAR, Landmark.RIGHT_EAR, self.shoulder, self.other.shoulder)
        return self._quantity("head inclined", value, DEGREES, joints)

    @cached_property
    def _outward_sign(self) -> Floats:
        """(n,) 1 where outwards of this side is to the right of the image, -1 to the left."""
        sign = np.sign(self.body._across.real)
        return sign if self.name == "left" else -sign

    def _outwards(self, line: Places) -> Floats:
        """(n,) how far a line leads to this side in a front or back view."""
        return line.real * self._outward_sign

    def _from_down(self, name: str, landmark: Landmark) -> Quantity:
        line = self.body.point(landmark) - self.body.point(self.hip)
        value = np.abs(_degrees(line * np.complex64(-1j)))
        return self._quantity(name, value, DEGREES, (self.hip, landmark))

    def _azimuth(self, name: str, first: Landmark, last: Landmark) -> Quantity:
        line = self.body.world(last) - self.body.world(first)
        forward = -1j * self.body._across
        value = np.abs(_degrees((line[0] + 1j * line[2]) * np.conj(forward)))
        return self._quantity(name, value, DEGREES, (first, last), any_view=True)

    def _distance(self, name: str, first: Landmark, last: Landmark) -> Quantity:
        return self._quantity(name, self.body.apart(first, last), TORSOS, (first, last))

    def _angle(self, name: str, *joints: Landmark) -> Quantity:
        first, vertex, last = joints
        return self._quantity(name, self.body.angle(first, vertex, last), DEGREES, joints)

    def _angle_in_depth(self, name: str, *joints: Landmark) -> Quantity:
        first, vertex, last = (self.body.world(joint) for joint in joints)
        value = _solid_angle(first - vertex, last - vertex)
        return self._quantity(name, value, DEGREES, joints, any_view=True)

    def _height(self, name: str, first: Landmark, last: Landmark) -> Quantity:
        value = self.body.above(first, last)
        return self._quantity(name, value, TORSOS, (first, last), any_view=True)

    def _height_in_depth(self, name: str, first: Landmark, last: Landmark) -> Quantity:
        body = self.body
        value = (body.world(last)[1] - body.world(first)[1]) / body._world_torso
        return self._quantity(name, value, TORSOS, (first, last), any_view=True)

    def _quantity(
        self,
        name: str,
        value: Floats,
        unit: str,
        joints: Sequence[Landmark],
        *,
        any_view: bool = False,
    ) -> Quantity:
        return Quantity(f"{self.name} {name}", value, unit, tuple(joints), any_view)


def _joints_of(name: str) -> dict[str, Any]:
    """The landmarks of a half, by their names in `Side`."""
    prefix = name.upper()
    return {
        "shoulder": Landmark[f"{prefix}_SHOULDER"],
        "elbow_joint": Landmark[f"{prefix}_ELBOW"],
        "wrist": Landmark[f"{prefix}_WRIST"],
        "hip": Landmark[f"{prefix}_HIP"],
        "knee_joint": Landmark[f"{prefix}_KNEE"],
        "ankle": Landmark[f"{prefix}_ANKLE"],
        "heel": Landmark[f"{prefix}_HEEL"],
        "toe": Landmark[f"{prefix}_FOOT_INDEX"],
    }


def middle(samples: Floats) -> Floats:
    """(n,) the median of each column of (samples, n), NaN left out; NaN where all are."""
    ordered = np.sort(samples, axis=0)
    known = np.isfinite(samples).sum(axis=0)
    at = np.maximum(known - 1, 0) // 2
    median: Floats = np.take_along_axis(ordered, at[None], axis=0)[0]
    return median


def _length(line: Places) -> Floats:
    length: Floats = np.abs(line)
    return length


def _spread(points: Places) -> Floats:
    """(n,) the variance of (m, n) points about their middle."""
    spread: Floats = (_length(points - points.mean(axis=0)) ** 2).mean(axis=0)
    return spread


def _unit(line: Places) -> Places:
    """(n,) the lines at length 1."""
    return line * (1 / np.maximum(_length(line), np.float32(1e-6)))


def _degrees(line: Places) -> Floats:
    """(n,) the angle of a line from the real axis towards the imaginary one, -180..180."""
    degrees: Floats = np.degrees(np.angle(line))
    return degrees


def _norm(line: Floats) -> Floats:
    """(n,) the lengths of lines (3, n) in space."""
    length: Floats = np.sqrt((line**2).sum(axis=0))
    return length


def _solid_angle(first: Floats, last: Floats) -> Floats:
    """(n,) the angle between two lines (3, n) in space, 0..180."""
    lengths = np.sqrt((first**2).sum(axis=0) * (last**2).sum(axis=0))
    cosine = (first * last).sum(axis=0) / np.maximum(lengths, np.float32(1e-9))
    angle: Floats = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return angle


def _angle(first: Places, last: Places) -> Floats:
    """(n,) the angle between two lines, 0..180."""
    return np.abs(_degrees(first * np.conj(last)))
