"""The dancer's picture: shaded capsules with a face, seen by a camera, far parts first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from dancer.figure import HEAD_AXES, PARTS, Build, Part, Points

Picture: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True)
class Clothes:
    """Colours, as blue, green, red; `legs_girth` widens the trousers.

    What is `flowing` covers the body: a long, loose top hangs over waist and hips, and long hair
    over the ears and the neck.
    """

    top: Colour = (120, 60, 50)
    legs: Colour = (110, 85, 70)
    shoes: Colour = (60, 60, 190)
    skin: Colour = (150, 180, 225)
    hair: Colour = (35, 45, 70)
    background: Colour = (214, 210, 206)
    legs_girth: float = 1.0
    flowing: bool = False


CLOTHES: Final = {
    "practice": Clothes(),
    "bright": Clothes(
        top=(60, 70, 200), legs=(200, 150, 90), shoes=(235, 235, 240), background=(190, 205, 200)
    ),
    "dark": Clothes(
        top=(50, 45, 45),
        legs=(45, 40, 40),
        shoes=(40, 40, 45),
        skin=(75, 105, 150),
        hair=(25, 22, 22),
        background=(200, 200, 200),
    ),
    "loose": Clothes(top=(225, 225, 230), legs=(130, 110, 90), shoes=(80, 80, 85), legs_girth=1.4),
    "flowing": Clothes(top=(150, 80, 130), legs=(90, 80, 70), flowing=True),
}
"""Clothes to try."""


class Shape(NamedTuple):
    """A filled outline (k, 2) in pixels."""

    outline: NDArray[np.float32]
    colour: Colour


@dataclass(frozen=True)
class Camera:
    """A pinhole camera in front of the dancer, in mild perspective.

    It stands `distance` metres away, level with the middle of a dancer who reaches up, raised by
    `pitch` degrees and then looking down. Its axes are the image's: x right, y down, z away.
    `focal` is in pixels; `centre` is where in the picture it looks at.
    """

    focal: float
    centre: tuple[float, float]
    target_height: float
    pitch: float = 0.0
    distance: float = 4.5

    @classmethod
    def framing(
        cls,
        scale: float,
        centre: tuple[float, float],
        standing_height: float,
        pitch: float,
        distance: float = 4.5,
    ) -> "Camera":
        """The camera that shows a metre as `scale` pixels and the reach of a dancer centred."""
        return cls(scale * distance, centre, 0.64 * standing_height, pitch, distance)

    @property
    def axes(self) -> Points:
        """The rotation (3, 3) from the room (x right, y up, z to the camera) to the camera's."""
        cos, sin = np.cos(np.radians(self.pitch)), np.sin(np.radians(self.pitch))
        return np.array([[1.0, 0.0, 0.0], [0.0, -cos, sin], [0.0, -sin, -cos]])

    def see(self, points: Points) -> Points:
        """Points (..., 3) in the room, with y from the floor, in the camera's axes."""
        target = np.array([0.0, self.target_height, 0.0])
        return np.asarray((points - target) @ self.axes.T + np.array([0.0, 0.0, self.distance]))

    def project(self, seen: Points) -> Points:
        """Pixels (..., 2) of points (..., 3) in the camera's axes."""
        return np.asarray(seen[..., :2] * self.focal / seen[..., 2:] + np.array(self.centre))


_CIRCLE: Final = np.stack(
    [np.cos(np.linspace(0, 2 * np.pi, 24, False)), np.sin(np.linspace(0, 2 * np.pi, 24, False))],
    axis=1,
)
_LIGHT: Final = np.array([-0.35, -0.5])
Shades: TypeAlias = tuple[tuple[float, float], ...]
"""From the rim inwards: share of the radius, brightness."""

SHADES: Final[Shades] = ((1.0, 0.74), (0.80, 0.88), (0.58, 0.98), (0.34, 1.06))
_DEPTH_SHADE: Final = 1.2
"""Brightness lost per metre farther away than the waist: it tells the far limbs from the near."""
_SUBPIXEL: Final = 4
_NEARER: Final = {"pelvis": 0.03, "neck": -0.04, "long top": -0.05}
"""Metres by which a part is drawn as if it were nearer, where two parts meet."""

_LONG_TOP: Final = Part(
    "long top",
    (
        ("left_ribs", 0.086),
        ("right_ribs", 0.086),
        ("left_hip", 0.112),
        ("right_hip", 0.112),
        ("left_hem", 0.118),
        ("right_hem", 0.118),
    ),
    "top",
)
_BENEATH: Final = {"left_thigh": -0.18, "right_thigh": -0.18, "pelvis": -0.18}
"""The same of parts that a long top hangs over: they are behind it."""

_HEM: Final = 0.15
"""How far down the thighs the long top hangs."""

_MANE: Final = (
    ((0.0, 0.02, -0.02), 0.095),
    ((0.055, -0.22, -0.085), 0.04),
    ((-0.055, -0.22, -0.085), 0.04),
)
"""Long hair behind the neck: spheres (place, radius) from the middle of the head."""

_LOCK: Final = (
    ((0.066, 0.055, 0.025), 0.024),
    ((0.08, -0.01, 0.0), 0.026),
    ((0.072, -0.17, -0.03), 0.024),
)
"""Long hair over the left ear, likewise."""


def paint(picture: Picture, shapes: Iterable[Shape]) -> None:
    """Fill shapes in a (height, width, 3) picture, one over the other."""
    for outline, colour in shapes:
        corners = np.round(outline * (1 << _SUBPIXEL)).astype(np.int32)
        cv2.fillPoly(picture, [corners], colour, cv2.LINE_AA, _SUBPIXEL)


def figure(
    points: dict[str, Points],
    head: Points,
    *,
    camera: Camera,
    build: Build,
    clothes: Clothes,
    shades: Shades = SHADES,
) -> Iterator[Shape]:
    """The shapes that make up one figure, the farthest first.

    `points` are the skeleton's in the camera's axes, (3,) each; `head` is the rotation (3, 3) from
    the head's axes to the camera's.
    """
    colours = {
        "skin": clothes.skin,
        "top": clothes.top,
        "legs": clothes.legs,
        "shoes": clothes.shoes,
    }
    layers: list[tuple[float, Iterator[Shape]]] = [
        (points["head"][2], _head(points, head, camera, clothes))
    ]
    parts, nearer = PARTS, _NEARER
    if clothes.flowing:
        hem = {
            f"{side}_hem": (1 - _HEM) * points[f"{side}_hip"] + _HEM * points[f"{side}_knee"]
            for side in ("left", "right")
        }
        points = {**points, **hem}
        parts, nearer = (*PARTS, _LONG_TOP), {**_NEARER, **_BENEATH}
        depth, mane = _hair(_MANE, 1.0, points["head"], head, camera, clothes)
        layers.append((depth, iter([mane])))
    for part in parts:
        girth = build.girth * (clothes.legs_girth if part.cloth == "legs" else 1.0)
        centres = np.array([points[name] for name, _ in part.spheres])
        radii = np.array([radius for _, radius in part.spheres]) * girth
        depth = float(centres[:, 2].mean()) - nearer.get(part.name, 0.0)
        shade = np.clip(1.0 - _DEPTH_SHADE * (depth - points["waist"][2]), 0.7, 1.12)
        colour = _lit(colours[part.cloth], float(shade))
        layers.append((depth, _shaded(centres, radii, colour, camera, shades)))
    for _, shapes in sorted(layers, key=lambda layer: -layer[0]):
        yield from shapes


def _hair(
    spheres: Iterable[tuple[tuple[float, float, float], float]],
    sign: float,
    centre: Points,
    head: Points,
    camera: Camera,
    clothes: Clothes,
) -> tuple[float, Shape]:
    """How deep a strand of hair lies, in metres, and its shape; the right side has sign -1."""
    places, radii = (np.array(column) for column in zip(*spheres, strict=True))
    middles = centre + (places * np.array([sign, 1.0, 1.0])) @ head.T
    widths = radii * camera.focal / middles[:, 2]
    return float(middles[:, 2].mean()), _hull(camera.project(middles), widths, clothes.hair)


def _shaded(
    centres: Points, radii: Points, colour: Colour, camera: Camera, shades: Shades
) -> Iterator[Shape]:
    """The convex hull of spheres, brighter towards the light."""
    middles = camera.project(centres)
    widths = radii * camera.focal / centres[:, 2]
    for share, brightness in shades:
        lit = middles + (1 - share) * widths[:, None] * _LIGHT
        yield _hull(lit, share * widths, _lit(colour, brightness))


def _hull(middles: Points, widths: Points, colour: Colour) -> Shape:
    """The convex hull of discs in the picture."""
    rims = middles[:, None] + widths[:, None, None] * _CIRCLE
    hull = cv2.convexHull(rims.reshape(-1, 2).astype(np.float32))
    return Shape(np.asarray(hull[:, 0], np.float32), colour)


def _lit(colour: Colour, brightness: float) -> Colour:
    blue, green, red = (min(255, round(channel * brightness)) for channel in colour)
    return blue, green, red


def _outlined(outline: Points, colour: Colour, camera: Camera) -> Iterator[Shape]:
    """An outline (k, 3) in the camera's axes, if there is any."""
    if len(outline) > 2:
        yield Shape(camera.project(outline).astype(np.float32), colour)


def _head(
    points: dict[str, Points], head: Points, camera: Camera, clothes: Clothes
) -> Iterator[Shape]:
    """Hair as an ellipsoid, the face as a cap of it, then what is on the face."""
    centre = points["head"]
    towards = head.T @ (-centre / np.linalg.norm(centre))
    ball = _Ellipsoid(centre, head, np.array(HEAD_AXES) * 1.05, towards)
    bun = centre + head @ np.array([0.0, 0.07, -0.10])
    knot = _disc(bun, 0.042, clothes.hair, camera)
    if bun[2] > centre[2]:
        yield knot
    yield from _outlined(ball.cap(_FORWARD, -1.0), clothes.hair, camera)
    for share, brightness in ((1.0, 0.86), (0.93, 0.96), (0.8, 1.02)):
        face = ball.cap(_FACING, np.cos(np.radians(82 * share)))
        yield from _outlined(face, _lit(clothes.skin, brightness), camera)
    for side in ("left", "right"):
        ear = points[f"{side}_ear"]
        if (head.T @ (ear - centre))[0] * towards[0] <= -0.035:
            continue
        if clothes.flowing:
            sign = 1.0 if side == "left" else -1.0
            yield _hair(_LOCK, sign, centre, head, camera, clothes)[1]
        else:
            yield _disc(ear, 0.020, clothes.skin, camera)
    yield from _eyes(points, head, towards, camera)
    yield from _mouth_and_nose(points, head, towards, camera, clothes)
    if bun[2] <= centre[2]:
        yield knot


def _disc(centre: Points, radius: float, colour: Colour, camera: Camera) -> Shape:
    width = np.array([radius * camera.focal / centre[2]])
    return _hull(camera.project(centre[None]), width, colour)


@dataclass(frozen=True)
class _Ellipsoid:
    centre: Points
    rotation: Points
    axes: Points
    towards: Points
    """The direction to the camera in the ellipsoid's own axes."""

    def cap(self, axis: Points, cosine: float) -> Points:
        """The outline (k, 3) of what the camera sees of a cap around `axis`; empty if nothing."""
        view = self.towards / self.axes
        view = view / np.linalg.norm(view)
        axis = axis / np.linalg.norm(axis)
        silhouette = _circle(view, 0.0)
        if cosine <= -1.0:
            return self._surface(silhouette)
        rim = _circle(axis, cosine)
        seen = rim @ view > 0
        if seen.all():
            return self._surface(rim)
        inside = silhouette @ axis >= cosine
        if not seen.any():
            return self._surface(silhouette[inside]) if inside.all() else np.empty((0, 3))
        arc = _run(rim, seen)
        edge = _run(silhouette, inside)
        if len(edge) and np.linalg.norm(edge[0] - arc[-1]) > np.linalg.norm(edge[-1] - arc[-1]):
            edge = edge[::-1]
        return self._surface(np.concatenate([arc, edge]))

    def _surface(self, directions: Points) -> Points:
        return self.centre + (directions * self.axes) @ self.rotation.T


def _circle(axis: Points, cosine: float, count: int = 48) -> Points:
    """Points (count, 3) of the unit sphere at one angle from an axis."""
    helper = np.eye(3)[np.argmin(np.abs(axis))]
    first = np.cross(axis, helper)
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    angle = np.linspace(0, 2 * np.pi, count, False)[:, None]
    sine = np.sqrt(1 - cosine**2)
    return np.asarray(cosine * axis + sine * (np.cos(angle) * first + np.sin(angle) * second))


def _run(loop: Points, chosen: NDArray[np.bool_]) -> Points:
    """The chosen points of a closed loop, from where their run begins."""
    if chosen.all():
        return loop
    start = int(np.argmin(chosen))
    order = np.roll(np.arange(len(loop)), -start)
    return np.asarray(loop[order[chosen[order]]])


_FORWARD: Final = np.array([0.0, 0.0, 1.0])
_FACING: Final = np.array([0.0, -0.38, 0.92])
_DARK: Final = (40, 40, 45)
_WHITE: Final = (240, 240, 240)
_LIPS: Final = (95, 95, 185)
_EYE: Final = (
    (0.0165, 0.0085, 0.0, _WHITE),
    (0.0085, 0.0085, 0.0, _DARK),
    (0.021, 0.0045, 0.024, _DARK),
)
"""White, pupil and brow: half width, half height, height over the eye, colour."""


def _eyes(
    points: dict[str, Points], head: Points, towards: Points, camera: Camera
) -> Iterator[Shape]:
    """Eyes and brows, where they face the camera."""
    up = head @ np.array([0.0, 1.0, 0.0])
    for side, sign in (("left", 1.0), ("right", -1.0)):
        outward = np.array([sign * 0.33, 0.0, 0.94])
        if outward @ towards < 0.05:
            continue
        across = head @ np.array([0.94, 0.0, -sign * 0.33])
        for width, height, offset, colour in _EYE:
            middle = points[f"{side}_eye"] + offset * up + 0.004 * (head @ outward)
            spot = middle + _CIRCLE[:, :1] * width * across + _CIRCLE[:, 1:] * height * up
            yield from _outlined(spot, colour, camera)


def _mouth_and_nose(
    points: dict[str, Points], head: Points, towards: Points, camera: Camera, clothes: Clothes
) -> Iterator[Shape]:
    """Mouth and nose, where they can be seen."""
    if towards[2] > 0.0:
        across = (points["left_mouth"] - points["right_mouth"]) / 2
        middle = points["right_mouth"] + across + 0.012 * (head @ _FORWARD)
        up = head @ np.array([0.0, 0.009, 0.002])
        lips = middle + _CIRCLE[:, :1] * across + _CIRCLE[:, 1:] * up
        yield from _outlined(lips, _LIPS, camera)
    if towards[2] > -0.2:
        bridge = points["head"] + head @ np.array([0.0, 0.02, 0.088])
        tip = points["nose"] - head @ np.array([0.0, 0.004, 0.008])
        spheres = np.stack([bridge, tip])
        middles = camera.project(spheres)
        widths = np.array([0.007, 0.013]) * camera.focal / spheres[:, 2]
        yield _hull(middles, widths, _lit(clothes.skin, 0.80))
        lit = middles + _LIGHT * widths[:, None] * 0.5
        yield _hull(lit, 0.6 * widths, _lit(clothes.skin, 1.06))
