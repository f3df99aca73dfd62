"""The dancer's body: postures as joint angles, builds as lengths, and the joints they give.

The dancer's axes, in metres: x towards the dancer's left, y up, z to the front. Directions of bones
are two angles in degrees: how far the bone is raised from straight down (90 is horizontal, 180
straight up), and towards where (0 front, 90 the limb's own side, 180 behind, -90 across the body).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
Side: TypeAlias = Literal["left", "right"]
Direction: TypeAlias = tuple[float, float]
Turns: TypeAlias = tuple[float, float, float]

LANDMARKS: Final = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "left_mouth",
    "right_mouth",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)
"""MediaPipe Pose's 33 landmarks, in its order; left and right are the dancer's."""

DOWN: Final[Direction] = (0.0, 0.0)


@dataclass(frozen=True)
class Arm:
    """Directions of the upper arm and of the forearm, which the hand continues.

    They are relative to the chest: an arm at (90, 90) stays square to a chest that leans.
    """

    upper: Direction = (8.0, 90.0)
    fore: Direction = (8.0, 50.0)


@dataclass(frozen=True)
class Leg:
    """Directions of thigh, shin and foot (heel to toes), relative to the floor."""

    thigh: Direction = DOWN
    shin: Direction = DOWN
    foot: Direction = (90.0, 12.0)


@dataclass(frozen=True)
class Posture:
    """One position of the whole body; the default is a neutral stand.

    Pelvis, chest and head each have (forward, left, turn): bent forward, leaned to the dancer's
    left, turned to the dancer's left, in degrees from upright. `lifted` is the height in metres of
    the body's lowest point over the floor, more than 0 in the air.
    """

    left_arm: Arm = Arm()
    right_arm: Arm = Arm()
    left_leg: Leg = Leg()
    right_leg: Leg = Leg()
    pelvis: Turns = (0.0, 0.0, 0.0)
    chest: Turns = (0.0, 0.0, 0.0)
    head: Turns = (0.0, 0.0, 0.0)
    lifted: float = 0.0

    def mirrored(self) -> "Posture":
        """The same posture with left and right exchanged."""
        return replace(
            self,
            left_arm=self.right_arm,
            right_arm=self.left_arm,
            left_leg=self.right_leg,
            right_leg=self.left_leg,
            pelvis=_mirrored_turns(self.pelvis),
            chest=_mirrored_turns(self.chest),
            head=_mirrored_turns(self.head),
        )

    def coordinates(self) -> Points:
        """The posture as 30 numbers that can be interpolated, in degrees and metres.

        A direction becomes its raise, split into a share to the front and one to the side, so that
        a limb on its way from one direction to another takes the short way round.
        """
        bones = (
            self.left_arm.upper,
            self.right_arm.upper,
            self.left_arm.fore,
            self.right_arm.fore,
            self.left_leg.thigh,
            self.right_leg.thigh,
            self.left_leg.shin,
            self.right_leg.shin,
            self.left_leg.foot,
            self.right_leg.foot,
        )
        raised, azimuth = np.array(bones).T
        swings = np.stack(
            [raised * np.cos(np.radians(azimuth)), raised * np.sin(np.radians(azimuth))], axis=1
        )
        trunk = np.array([*self.pelvis, *self.chest, *self.head])
        return np.asarray(np.concatenate([trunk, swings.ravel(), [self.lifted]]))


def _mirrored_turns(turns: Turns) -> Turns:
    forward, left, turn = turns
    return (forward, -left, -turn)


@dataclass(frozen=True)
class Build:
    """Lengths of the body in metres; `girth` scales how thick every part is."""

    thigh: float = 0.43
    shin: float = 0.41
    foot: float = 0.20
    pelvis: float = 0.15
    chest: float = 0.33
    neck: float = 0.10
    upper_arm: float = 0.28
    forearm: float = 0.25
    hand: float = 0.17
    hip_width: float = 0.20
    shoulder_width: float = 0.36
    girth: float = 1.0

    @property
    def standing_height(self) -> float:
        """From the floor to the crown, standing."""
        legs = ANKLE_HEIGHT + self.shin + self.thigh
        return legs + self.pelvis + self.chest + self.neck + HEAD_CENTRE + HEAD_AXES[1]


BUILDS: Final = {
    "average": Build(),
    "long": Build(thigh=0.48, shin=0.47, upper_arm=0.31, forearm=0.28, hip_width=0.18, girth=0.88),
    "short": Build(
        thigh=0.35, shin=0.34, upper_arm=0.24, forearm=0.21, hand=0.15, foot=0.18, chest=0.30
    ),
    "broad": Build(hip_width=0.24, shoulder_width=0.43, girth=1.3),
}
"""Bodies to try; "short" and "long" are so mostly in the limbs."""

ANKLE_HEIGHT: Final = 0.085
HEAD_CENTRE: Final = 0.11
"""From the top of the neck to the middle of the head."""
HEAD_AXES: Final = (0.078, 0.118, 0.095)
"""Half the head's width, height and depth."""

_FACE: Final = {
    "nose": (0.0, -0.02, 0.112),
    "eye_inner": (0.018, 0.015, 0.09),
    "eye": (0.032, 0.015, 0.086),
    "eye_outer": (0.046, 0.015, 0.077),
    "ear": (0.079, -0.005, -0.005),
    "mouth": (0.025, -0.060, 0.078),
}
"""Points of the left half of the face from the middle of the head, in the dancer's axes."""

_SOLE: Final = 0.032
"""How far heel and toe landmarks lie over the sole of the shoe."""


@dataclass(frozen=True)
class Skeleton:
    """The joints of n postures: every point (n, 3) in metres, the head's rotation (n, 3, 3)."""

    points: dict[str, Points]
    head: Points

    def landmarks(self) -> Points:
        """The 33 landmarks, (n, 33, 3) in the dancer's axes."""
        return np.stack([self.points[name] for name in LANDMARKS], axis=1)


def skeleton(coordinates: Points, build: Build) -> Skeleton:
    """The joints that postures give: rows of `Posture.coordinates`, (n, 30).

    The middle of the hips is the origin, the upright dancer faces z. Raised arms lift the shoulders
    a little, as the shoulder blades do.
    """
    pelvis, chest, head = (_rotation(coordinates[:, i : i + 3]) for i in (0, 3, 6))
    swings = coordinates[:, 9:29].reshape(-1, 5, 2, 2)
    points: dict[str, Points] = {}
    waist = pelvis @ np.array([0.0, build.pelvis, 0.0])
    neck = waist + chest @ np.array([0.0, build.chest, 0.0])
    neck_top = neck + (chest + head) @ np.array([0.0, build.neck / 2, 0.0])
    centre = neck_top + head @ np.array([0.0, HEAD_CENTRE, 0.0])
    points |= {"waist": waist, "neck": neck, "neck_top": neck_top, "head": centre}
    points["nose"] = centre + head @ np.array(_FACE["nose"])
    for index, side in enumerate(("left", "right")):
        sign = 1.0 if side == "left" else -1.0
        for name in ("eye_inner", "eye", "eye_outer", "ear", "mouth"):
            x, y, z = _FACE[name]
            key = f"{side}_eye_{name[4:]}" if name.startswith("eye_") else f"{side}_{name}"
            points[key] = centre + head @ np.array([sign * x, y, z])
        upper, fore, thigh, shin, foot = (_bone(swings[:, bone, index], sign) for bone in range(5))
        raised = np.hypot(*swings[:, 0, index].T)
        shrug = np.clip((raised - 60.0) / 120.0, 0.0, 1.0)[:, None]
        half = build.shoulder_width / 2
        shoulder = neck + chest @ np.array([sign * half, -0.02, 0.0])
        shoulder += shrug * (chest @ np.array([-sign * 0.035, 0.06, 0.0]))
        arm = _limb(chest, upper, fore, sign, build)
        points |= {f"{side}_{name}": shoulder + point for name, point in arm.items()}
        for name, width, height in (("chest", 0.3, -0.07), ("ribs", 0.28, -0.20)):
            offset = np.array([sign * width * build.shoulder_width, height, 0.0])
            points[f"{side}_{name}"] = neck + chest @ offset
        points[f"{side}_waist"] = waist + (pelvis + chest) @ np.array(
            [sign * 0.14 * build.shoulder_width, 0.0, 0.0]
        )
        hip = pelvis @ np.array([sign * build.hip_width / 2, 0.0, 0.0])
        knee = hip + build.thigh * thigh
        ankle = knee + build.shin * shin
        points |= {f"{side}_hip": hip, f"{side}_knee": knee, f"{side}_ankle": ankle}
        points[f"{side}_calf"] = knee + 0.3 * build.shin * shin
        below = _perpendicular(shin, foot)
        sole = ankle + (ANKLE_HEIGHT - _SOLE) * below
        points[f"{side}_heel"] = sole - 0.24 * build.foot * foot
        points[f"{side}_foot_index"] = sole + 0.68 * build.foot * foot
    return Skeleton(points, head)


def _limb(
    chest: Points, upper: Points, fore: Points, sign: float, build: Build
) -> dict[str, Points]:
    """The arm's points from the shoulder, with the hand flat and the thumb to the front."""
    elbow = build.upper_arm * upper
    wrist = elbow + build.forearm * fore
    front = np.broadcast_to(np.array([0.0, 0.0, 1.0]), fore.shape)
    across = np.broadcast_to(np.array([-sign, 0.0, 0.0]), fore.shape)
    # A forearm that points to the front has its thumb towards the midline.
    thumb = _perpendicular(front + 0.6 * across, fore)
    reach = build.hand * fore
    points = {
        "shoulder": np.zeros_like(elbow),
        "elbow": elbow,
        "wrist": wrist,
        "palm": wrist + 0.4 * reach,
        "fingers": wrist + 0.9 * reach,
        "pinky": wrist + 0.52 * reach - 0.030 * thumb,
        "index": wrist + 0.58 * reach + 0.024 * thumb,
        "thumb": wrist + 0.32 * reach + 0.036 * thumb,
    }
    return {name: np.einsum("nij,nj->ni", chest, point) for name, point in points.items()}


def _bone(swing: Points, sign: float) -> Points:
    """Unit vectors (n, 3) of interpolated directions (n, 2): degrees to the front, to the side."""
    front, side = np.radians(swing).T
    raised = np.hypot(front, side)
    spread = np.sinc(raised / np.pi)
    return np.stack([sign * side * spread, -np.cos(raised), front * spread], axis=1)


def _perpendicular(vector: Points, axis: Points) -> Points:
    """The unit vectors of what of `vector` is square to the unit vectors `axis`."""
    rest = vector - (vector * axis).sum(axis=1, keepdims=True) * axis
    length = np.linalg.norm(rest, axis=1, keepdims=True)
    return np.asarray(rest / np.maximum(length, 1e-9))


def _rotation(turns: Points) -> Points:
    """Rotations (n, 3, 3) of a body part leaned to the left, bent forward, then turned left."""
    forward, left, turn = np.radians(turns).T
    return vertical_turn(turn) @ _forward_bend(forward) @ _left_lean(left)


def vertical_turn(angle: Points) -> Points:
    """Rotations (n, 3, 3) by angles in radians about the vertical, towards the dancer's left."""
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return _matrix([[cos, zero, sin], [zero, one, zero], [-sin, zero, cos]])


def _forward_bend(angle: Points) -> Points:
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return _matrix([[one, zero, zero], [zero, cos, -sin], [zero, sin, cos]])


def _left_lean(angle: Points) -> Points:
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return _matrix([[cos, sin, zero], [-sin, cos, zero], [zero, zero, one]])


def _matrix(rows: Sequence[Sequence[Points]]) -> Points:
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


@dataclass(frozen=True)
class Part:
    """A convex part of the body: spheres (point, radius in metres) and what fills between them."""

    name: str
    spheres: tuple[tuple[str, float], ...]
    cloth: Literal["skin", "top", "legs", "shoes"]


def _limb_parts() -> tuple[Part, ...]:
    parts = []
    for s in ("left", "right"):
        parts += [
            Part(f"{s}_thigh", ((f"{s}_hip", 0.086), (f"{s}_knee", 0.058)), "legs"),
            Part(
                f"{s}_shin",
                ((f"{s}_knee", 0.055), (f"{s}_calf", 0.056), (f"{s}_ankle", 0.037)),
                "legs",
            ),
            Part(
                f"{s}_shoe",
                ((f"{s}_heel", 0.032), (f"{s}_ankle", 0.036), (f"{s}_foot_index", 0.032)),
                "shoes",
            ),
            Part(f"{s}_upper_arm", ((f"{s}_shoulder", 0.054), (f"{s}_elbow", 0.040)), "skin"),
            Part(f"{s}_forearm", ((f"{s}_elbow", 0.040), (f"{s}_wrist", 0.028)), "skin"),
            Part(
                f"{s}_hand",
                ((f"{s}_wrist", 0.026), (f"{s}_palm", 0.036), (f"{s}_fingers", 0.016)),
                "skin",
            ),
        ]
    return tuple(parts)


PARTS: Final = (
    Part("neck", (("neck", 0.056), ("neck_top", 0.050)), "skin"),
    Part(
        "chest",
        (
            ("neck", 0.055),
            ("left_chest", 0.082),
            ("right_chest", 0.082),
            ("left_ribs", 0.078),
            ("right_ribs", 0.078),
            ("left_waist", 0.075),
            ("right_waist", 0.075),
        ),
        "top",
    ),
    Part(
        "pelvis",
        (
            ("left_waist", 0.078),
            ("right_waist", 0.078),
            ("left_hip", 0.088),
            ("right_hip", 0.088),
        ),
        "top",
    ),
    *_limb_parts(),
)
"""The body without its head."""


def clearance(body: Skeleton, build: Build) -> Points:
    """Height (n,) of the body's lowest point over the middle of the hips, so less than 0."""
    lowest = [
        body.points[name][:, 1] - radius * build.girth
        for part in PARTS
        for name, radius in part.spheres
        if part.cloth != "shoes"
    ]
    soles = [
        body.points[f"{side}_{name}"][:, 1] - _SOLE
        for side in ("left", "right")
        for name in ("heel", "foot_index")
    ]
    return np.asarray(np.min([*lowest, *soles], axis=0))
