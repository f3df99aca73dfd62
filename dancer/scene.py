"""Where the dancer is filmed: floor and wall, the shadow, uneven light, and a camera's flaws."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from dancer.drawing import Camera, Colour, Picture
from dancer.figure import PARTS, Build, Points


@dataclass(frozen=True)
class Scene:
    """What surrounds the dancer and how the camera takes it; the default is nothing at all.

    `floor` is the colour of boards up to a wall, as blue, green, red. `shadow` and `dusk` are the
    shares of light that are missing in the middle of the dancer's shadow and in the farthest corner
    from the lamp. `shutter` is for which share of a frame's time the camera sees, so that what
    moves is blurred; `noise` the standard deviation of its noise, in levels of 255. In a `flowing`
    scene the dancer wears long hair and a long top, whatever else is worn.
    """

    floor: Colour | None = None
    shadow: float = 0.0
    dusk: float = 0.0
    shutter: float = 0.0
    noise: float = 0.0
    flowing: bool = False


PLAIN: Final = Scene()
"""A dancer on a single colour, each frame sharp."""

STUDIO: Final = Scene(
    floor=(96, 128, 160), shadow=0.45, dusk=0.4, shutter=0.5, noise=5.0, flowing=True
)
"""A room as films have it."""

WALL: Final = -1.6
"""Where the floor ends, in metres to the camera."""

_BOARD: Final = 0.35
"""The width of a board, in metres."""

_SHADOW_FALLS: Final = np.array([0.30, -0.35])
"""How far to the right and to the camera a shadow falls, for each metre of height."""

_RIM: Final = np.stack(
    [np.cos(np.linspace(0, 2 * np.pi, 12, False)), np.sin(np.linspace(0, 2 * np.pi, 12, False))],
    axis=1,
)
_COARSE: Final = 4
"""Shadows are soft: they are drawn at a share of the size."""

_HEAD: Final = ("head", 0.1)
_GRAIN: Final = 64
"""By how many pixels the grain of one frame may be shifted against that of another."""


class Stage:
    """A scene as one camera sees it, ready to have a dancer in it."""

    def __init__(self, scene: Scene, camera: Camera, size: tuple[int, int], wall: Colour) -> None:
        """Build it for pictures of `size`, width and height in pixels, before a wall."""
        self._scene, self._camera, self._size = scene, camera, size
        self._empty = _room(scene, camera, size, wall)
        self._light = _light(scene.dusk, size) if scene.dusk else None
        self._grain = _grain(scene.noise, size) if scene.noise else None

    def empty(self, bodies: Iterable[tuple[Mapping[str, Points], Build]]) -> Picture:
        """The room (height, width, 3), with the shadows of bodies whose joints are in the room."""
        picture = self._empty.copy()
        if self._scene.shadow:
            shade = self._shade(bodies)
            cv2.multiply(picture, cv2.merge([shade] * 3), dst=picture, scale=1 / 255)
        return picture

    def taken(self, picture: Picture, frame: int) -> Picture:
        """The picture in the light of the room, as the camera takes it in a frame."""
        if self._light is not None:
            picture = np.asarray(cv2.multiply(picture, self._light, scale=1 / 255), np.uint8)
        if self._grain is not None:
            width, height = self._size
            x, y = np.random.default_rng(frame).integers(0, _GRAIN, 2)
            grain = self._grain[y : y + height, x : x + width]
            picture = np.asarray(cv2.add(picture, grain, dtype=cv2.CV_8U), np.uint8)
        return picture

    def _shade(self, bodies: Iterable[tuple[Mapping[str, Points], Build]]) -> Picture:
        """The share of light (height, width) that is left on the floor, of 255."""
        width, height = self._size
        shade = np.full((height // _COARSE + 1, width // _COARSE + 1), 255, np.uint8)
        dark = round(255 * (1 - self._scene.shadow))
        outlines = [
            np.concatenate(
                [self._on_floor(room[name], radius * build.girth) for name, radius in of]
            )
            for room, build in bodies
            for of in (*(part.spheres for part in PARTS), (_HEAD,))
        ]
        for outline in outlines:
            hull = cv2.convexHull((outline / _COARSE).astype(np.float32))
            cv2.fillConvexPoly(shade, np.round(hull).astype(np.int32), dark)
        soft = cv2.GaussianBlur(shade, (0, 0), height / 240)
        grown = cv2.resize(soft, (soft.shape[1] * _COARSE, soft.shape[0] * _COARSE))
        return np.asarray(grown[:height, :width], np.uint8)

    def _on_floor(self, point: Points, radius: float) -> Points:
        """The outline (12, 2) in pixels of the shadow of a sphere, which ends at the wall."""
        middle = point[[0, 2]] + point[1] * _SHADOW_FALLS
        rim = middle + radius * _RIM
        spot = np.stack([rim[:, 0], np.zeros(len(rim)), np.maximum(rim[:, 1], WALL)], axis=1)
        return self._camera.project(self._camera.see(spot))


def _room(scene: Scene, camera: Camera, size: tuple[int, int], wall: Colour) -> Picture:
    """The room (height, width, 3) without a dancer: a wall and, where there is one, the floor."""
    width, height = size
    picture = np.full((height, width, 3), wall, np.uint8)
    if scene.floor is None:
        return picture
    joints = np.arange(-6.0, 6.0, _BOARD)
    # The near ends lie before the camera, and beneath the picture.
    far, near = (
        camera.project(camera.see(np.stack([joints, 0 * joints, 0 * joints + z], axis=1)))
        for z in (WALL, 0.75 * camera.distance)
    )
    edge = float(far[0, 1])
    picture[max(round(edge), 0) :] = scene.floor
    dark = [round(0.86 * channel) for channel in scene.floor]
    for line in np.round(np.stack([far, near], axis=1)).astype(np.int32):
        cv2.polylines(picture, [line], False, dark, 1, cv2.LINE_AA)
    skirting = max(round(0.08 * camera.focal / (camera.distance - WALL)), 1)
    top = round(edge) - skirting
    picture[max(top, 0) : max(round(edge), 0)] = [round(0.7 * channel) for channel in wall]
    return picture


def _light(dusk: float, size: tuple[int, int]) -> Picture:
    """The share of the lamp's light (height, width, 3), of 255: the lamp is in a corner above."""
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    away = np.hypot(x - 0.2, 0.7 * y) / np.hypot(0.8, 0.7)
    light = np.round(255 * (1 - dusk * away)).astype(np.uint8)
    return np.asarray(cv2.merge([light] * 3), np.uint8)


def _grain(noise: float, size: tuple[int, int]) -> NDArray[np.int8]:
    """What noise adds (height, width, 3), with a margin to shift it by."""
    width, height = size
    grain = np.random.default_rng(0).normal(0, noise, (height + _GRAIN, width + _GRAIN, 3))
    return np.asarray(np.clip(np.round(grain), -127, 127), np.int8)
