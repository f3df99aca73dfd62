"""The shape of a dancer: where the limbs point as seen from the trunk, and nothing of the camera.

Place, size, build and heading are gone from it, so that dancers can be laid beside each other.
Directions are in axes of the dancer: to the dancer's left, up along the
trunk, and to where the chest faces. The trunk itself is a limb too: it points up from the hips, in
the same axes with the vertical in place of the trunk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.body import TORSO, Body, Floats, Joints, Landmark

TINY: Final = np.float32(1e-6)
"""The least by which a length, and a time, is divided."""

SEEN: Final = 0.5
"""The visibility below which nothing is said of a limb."""

LONGEST_GAP: Final = 0.4
"""Seconds for which a limb that isn't seen is taken to move on evenly."""


EDGE: Final = 0.04
"""Seconds for which the first and the last frame stand for what is before and after them."""


class Limb(NamedTuple):
    """A limb by its name and that of its end, and the landmarks that it lies between."""

    name: str
    end: str
    first: Landmark
    last: Landmark


def _limbs(side: str) -> tuple[Limb, ...]:
    shoulder, elbow, wrist, hip, knee, ankle = (
        Landmark[f"{side}_{joint}".upper()]
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    )
    return (
        Limb(f"{side} upper arm", f"{side} elbow", shoulder, elbow),
        Limb(f"{side} forearm", f"{side} hand", elbow, wrist),
        Limb(f"{side} thigh", f"{side} knee", hip, knee),
        Limb(f"{side} shin", f"{side} foot", knee, ankle),
    )


LIMBS: Final = (*_limbs("left"), *_limbs("right"))
"""Arms and legs, each part after the one that carries it."""

TRUNK: Final = len(LIMBS)
"""The place of the trunk, behind the limbs."""

NAMES: Final = (*(limb.name for limb in LIMBS), "trunk")
"""What has a direction in a shape, in the order there."""

CARRIERS: Final = {place: place - 1 for place in range(1, len(LIMBS), 2)}
"""Which limb carries another: the forearm is moved by the upper arm, the shin by the thigh."""


_OTHER_SIDE: Final = [*range(TRUNK // 2, TRUNK), *range(TRUNK // 2), TRUNK]
"""The place of each limb's like on the other side."""

_LEFT_RIGHT: Final = np.array([-1, 1, 1], np.float32)


@dataclass(frozen=True)
class Shape:
    """The shape of one dancer over n frames.

    times: (n,) seconds, increasing. directions: (n, 9, 3) of NAMES, each of length 1: to the
    dancer's left, up and forwards; NaN where it isn't seen. sight: (n, 3) from the camera to the
    dancer in the axes of the limbs, likewise; along it a direction is known least. shown: (n, 9)
    how long each is in the picture, in torso lengths: short, where it points along the sight.
    """

    times: npt.NDArray[np.float64]
    directions: Floats
    sight: Floats
    shown: Floats

    def __getitem__(self, frames: slice) -> "Shape":
        """Give the shape in some of the frames."""
        return Shape(
            self.times[frames], self.directions[frames], self.sight[frames], self.shown[frames]
        )

    def mirrored(self) -> "Shape":
        """Give the shape of the dancer in the mirror."""
        return Shape(
            self.times,
            self.directions[:, _OTHER_SIDE] * _LEFT_RIGHT,
            self.sight * _LEFT_RIGHT,
            self.shown[:, _OTHER_SIDE],
        )

    def at(self, times: npt.NDArray[np.float64]) -> "Shape":
        """Give the shape at other times, evenly between frames up to LONGEST_GAP apart."""
        places = range(self.directions.shape[1])
        courses = [_course(self.times, self.directions[:, place], times) for place in places]
        middles = (self.times[1:] + self.times[:-1]) / 2
        return Shape(
            times,
            np.stack(courses, axis=1),
            _course(self.times, self.sight, times),
            self.shown[np.searchsorted(middles, times)],
        )


def joined(parts: Sequence[Shape]) -> Shape:
    """Give the shape over all frames of parts that follow one another."""
    return Shape(
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.directions for part in parts]),
        np.concatenate([part.sight for part in parts]),
        np.concatenate([part.shown for part in parts]),
    )


def shape_of(body: Body) -> Shape:
    """Give the shape of a body in its frames."""
    places = _places(body)
    left_shoulder, right_shoulder, left_hip, right_hip = (places[joint] for joint in TORSO)
    trunk = _unit(left_shoulder + right_shoulder - left_hip - right_hip)
    level = np.zeros_like(trunk)
    level[:, 0], level[:, 2] = body.across.real, body.across.imag
    vertical = np.zeros_like(trunk)
    vertical[:, 1] = -1
    own, upright = _axes(level, trunk), _axes(level, vertical)
    directions = np.full((len(body.times), len(NAMES), 3), np.nan, np.float32)
    shown = np.ones(directions.shape[:2], np.float32)
    for place, limb in enumerate(LIMBS):
        line = places[limb.last] - places[limb.first]
        directions[:, place] = _in_axes(_unit(line), own)
        shown[:, place] = np.hypot(line[:, 0], line[:, 1])
        directions[~_seen(body, (limb.first, limb.last)), place] = np.nan
    directions[:, TRUNK] = _in_axes(trunk, upright)
    directions[~_seen(body, TORSO)] = np.nan
    away = np.zeros_like(trunk)
    away[:, 2] = 1
    return Shape(body.times, directions, _in_axes(away, own), shown)


def _places(body: Body) -> Floats:
    """(33, n, 3) the landmarks in torso lengths: x right, y down, z away from the camera.

    The image says where they are across the line of sight, the world landmarks how deep: of a limb
    that moves in the plane of the picture they show but half.
    """
    deep = body.metres[:, 2] / body.torso_metres
    return np.stack([body.points.real, body.points.imag, deep], axis=-1)


def degrees_apart(first: Floats, second: Floats) -> Floats:
    """(...) the angles between directions (..., 3) of length 1, in degrees; NaN where one is."""
    cosine = np.clip((first * second).sum(axis=-1), -1, 1)
    return np.asarray(np.degrees(np.arccos(cosine)), np.float32)


def _course(
    times: npt.NDArray[np.float64], course: Floats, wanted: npt.NDArray[np.float64]
) -> Floats:
    """A direction (n, 3) at times (n,) as it is at those that are wanted (m,): (m, 3)."""
    result = np.full((len(wanted), 3), np.nan, np.float32)
    known = np.flatnonzero(np.isfinite(course[:, 0]))
    if not len(known):
        return result
    after = np.minimum(np.searchsorted(times[known], wanted), len(known) - 1)
    before = np.maximum(after - (times[known[after]] > wanted), 0)
    gap = times[known[after]] - times[known[before]]
    away = np.minimum(np.abs(wanted - times[known[before]]), np.abs(times[known[after]] - wanted))
    near = (gap <= LONGEST_GAP) & (away <= np.maximum(gap / 2 + TINY, EDGE))
    share = np.clip((wanted - times[known[before]]) / np.maximum(gap, TINY), 0, 1)
    mixed = (1 - share)[:, None] * course[known[before]] + share[:, None] * course[known[after]]
    result[near] = mixed[near]
    return _unit(result)


def _seen(body: Body, joints: Joints) -> npt.NDArray[np.bool_]:
    return np.asarray(body.present & (body.visibility(joints) >= SEEN))


def _axes(level: Floats, up: Floats) -> tuple[Floats, Floats, Floats]:
    """The axes (n, 3) to the dancer's left, along `up`, and to where the chest faces."""
    left = _unit(level - (level * up).sum(axis=1, keepdims=True) * up)
    return left, up, np.cross(left, up)


def _in_axes(line: Floats, axes: tuple[Floats, Floats, Floats]) -> Floats:
    return np.stack([(line * axis).sum(axis=1) for axis in axes], axis=1)


def _unit(lines: Floats) -> Floats:
    """Lines (..., 3) at length 1."""
    lengths = np.sqrt((lines**2).sum(axis=-1, keepdims=True))
    return np.asarray(lines / np.maximum(lengths, TINY), np.float32)
