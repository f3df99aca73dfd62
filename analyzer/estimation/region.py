"""Where in a frame a person is looked at: a turned square, and the picture in it.

All is reckoned with the floats and in the order of MediaPipe's calculators, so that the crop has
the same pixels: the landmark model answers to the smallest difference.
"""

import ctypes
import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.estimator import Floats
from analyzer.frames.opencv import cv2

MARGIN: Final = np.float32(1.25)
"""How much larger than the person's circle the square is, as in MediaPipe's pose graph."""

_LIBRARY: Final = ctypes.CDLL(None)
"""The C library, with which MediaPipe reckons: its functions of floats round as no other's do."""

_STEPS_PER_E: Final = float.fromhex("0x1.71547652b82fep+0") * 32
_CUBE: Final = float.fromhex("0x1.c6af84b912394p-5") / 32**3
_SQUARE: Final = float.fromhex("0x1.ebfce50fac4f3p-3") / 32**2
_LINE: Final = float.fromhex("0x1.62e42ff0c52d6p-1") / 32

_HALF: Final = np.float32(0.5)
_ONE: Final = np.float32(1)


class Region(NamedTuple):
    """A square in a frame."""

    x: np.float32
    """Of its middle, as part of the frame's width."""
    y: np.float32
    """Of its middle, as part of the frame's height."""
    width: np.float32
    """How long a side is, as part of the frame's width."""
    height: np.float32
    """How long a side is, as part of the frame's height."""
    turn: np.float32
    """Radians by which it is turned clockwise."""

    @classmethod
    def around(cls, points: Floats, size: tuple[int, int]) -> "Region":
        """Give the square for a person, who is upright in it.

        Args:
            points: (2, 2) the middle of the hips, and a point over the head on the circle around
                the person, as parts of the frame's width and height.
            size: width and height of the frame, in pixels.
        """
        edges = np.array(size, np.float32)
        middle, top = points * edges
        across, down = top - middle
        long = np.float32(2.0 * math.sqrt(across * across + down * down))
        turn = np.float32(math.pi / 2) - np.float32(_c_float("atan2f", -down, across))
        turns = math.floor((float(turn) + math.pi) / (2 * math.pi))
        x, y = middle / edges
        width, height = (long / edges * edges).max() / edges * MARGIN
        return cls(x, y, width, height, np.float32(float(turn) - 2 * math.pi * turns))

    def seen(
        self, pixels: NDArray[np.uint8], size: int, border: int = cv2.BORDER_REPLICATE
    ) -> NDArray[np.uint8]:
        """Give the picture in it, (size, size, 3), of the pixels (height, width, 3) of a frame."""
        height, width = pixels.shape[:2]
        x, y = self.x * np.float32(width), self.y * np.float32(height)
        side = self._sides((width, height)).max()
        degrees = np.float32(float(self.turn * np.float32(180)) / math.pi)
        angle = float(degrees) * math.pi / 180
        sin, cos = (np.float32(value) * _HALF for value in (math.sin(angle), math.cos(angle)))
        first = x - sin * side - cos * side, y + cos * side - sin * side
        second = x + sin * side - cos * side, y - cos * side - sin * side
        corners = np.array(
            [
                first,
                second,
                (2 * x - first[0], 2 * y - first[1]),
                (2 * x - second[0], 2 * y - second[1]),
            ],
            np.float32,
        )
        into = np.array([[0, size], [0, 0], [size, 0], [size, size]], np.float32)
        # A perspective, though an affine transformation would do: so MediaPipe's is rounded.
        matrix = cv2.getPerspectiveTransform(corners, into)
        seen = cv2.warpPerspective(pixels, matrix, (size, size), borderMode=border)
        return np.asarray(seen, np.uint8)

    def to_frame(self, points: Floats, size: tuple[int, int]) -> Floats:
        """Give points (n, 3) in the frame, whose size is its width and height in pixels.

        They come as parts of the square's sides from its top left corner, and go as parts of the
        frame's width and height; the depth, third, is on the scale of x.
        """
        # Rounding leaves one side a little longer, and what is seen is as large as that one.
        sides = self._sides(size)
        bare = bare_parts(sides)
        across, down = (points[:, :2] - bare).T / (_ONE - (bare + bare))[:, None]
        within = np.stack([across, down], axis=1) - _HALF
        placed = turned(within, self.turn) * (self.width, self.height) + (self.x, self.y)
        depth = points[:, 2] / (_ONE - (bare[0] + bare[0])) * self.width
        return np.column_stack([placed, depth])

    def _sides(self, size: tuple[int, int]) -> Floats:
        """How long it is across and down, (2,) pixels of a frame of a size."""
        return np.array([self.width, self.height], np.float32) * np.array(size, np.float32)


def bare_parts(sides: Floats) -> Floats:
    """Give what is left bare of a square that shows a rectangle of sides (2,), across and down.

    On either side of it, (2,), as part of the square's side.
    """
    slope = sides[1] / sides[0]
    if slope < _ONE:
        return np.array([0, (_ONE - slope) / 2], np.float32)
    return np.array([(_ONE - _ONE / slope) / 2, 0], np.float32)


def turned(points: Floats, angle: np.float32) -> Floats:
    """Give points (n, 2) turned clockwise by an angle in radians."""
    cos, sin = np.float32(_c_float("cosf", angle)), np.float32(_c_float("sinf", angle))
    x, y = points.T
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=1)


def sigmoid(values: Floats) -> Floats:
    """Give what logits stand for, from 0 to 1."""
    return np.asarray(_ONE / (_ONE + _expf(-values)))


def _expf(values: Floats) -> Floats:
    """The C library's expf, which now and then rounds the other way than e to the power does.

    The reduction and the polynomial are those of glibc's e_expf.c, by Szabolcs Nagy.
    """
    steps = np.clip(values.astype(np.float64), -88.0, 88.0) * _STEPS_PER_E
    whole = np.rint(steps)
    rest = steps - whole
    power = (_CUBE * rest + _SQUARE) * (rest * rest) + (_LINE * rest + 1.0)
    return np.asarray(power * np.exp2(whole / 32), np.float32)


def _c_float(name: str, *values: np.float32) -> float:
    function = getattr(_LIBRARY, name)
    function.restype = ctypes.c_float
    function.argtypes = [ctypes.c_float] * len(values)
    return float(function(*values))
