"""From a decoded frame to a picture as viewers see it: upright, of square pixels, of one size.

Frames are stored as the camera's chip lies, with pixels that may be wider than high, and change
their size when a phone is turned; a display matrix and an aspect ratio say how they are meant.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

import av
import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import ColorTrc, VideoReformatter
from numpy.typing import NDArray

from analyzer.frames.opencv import cv2
from analyzer.limits import Limits

Picture = NDArray[np.uint8]

ODDEST_ASPECT: Final = 10
"""Width of a pixel to its height, or the other way round, beyond which a file can't mean it."""

NEARLY_SQUARE: Final = 0.02
"""Pixels no more than this part off square stay as they are: encoders round sizes."""

REFERENCE_WHITE: Final = 203.0
"""Candelas a square metre of white paper in HDR video (ITU-R BT.2408)."""


class Size(NamedTuple):
    """Of a picture, in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Orientation:
    """How stored pictures are laid to be upright: transposed first, if at all, then flipped."""

    transposed: bool = False
    left_right: bool = False
    upside_down: bool = False

    @property
    def mirrored(self) -> bool:
        """Whether that exchanges left and right, as no turning does."""
        return self.transposed != (self.left_right != self.upside_down)

    @property
    def rotation(self) -> int:
        """Degrees clockwise (0, 90, 180, 270) that pictures are turned, before any mirroring."""
        if self.transposed:
            return 270 if self.upside_down else 90
        return 180 if self.upside_down else 0

    def laid(self, picture: Picture) -> Picture:
        """Give (height, width, 3) as it is meant."""
        if self.transposed:
            picture = np.asarray(cv2.transpose(picture), np.uint8)
        if self.left_right or self.upside_down:
            axes = -1 if self.left_right and self.upside_down else int(self.left_right)
            picture = np.asarray(cv2.flip(picture, axes), np.uint8)
        return picture


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """Read a frame's display matrix: which of the eight ways to lay it is nearest."""
    for data in frame.side_data:
        if data.type is Type.DISPLAYMATRIX:
            # x' = a x + c y, y' = b x + d y, in FFmpeg's order; the rest moves and projects.
            a, b, _, c, d, *_ = struct.unpack("9i", bytes(data))
            if abs(b) + abs(c) > abs(a) + abs(d):
                return Orientation(True, left_right=c < 0, upside_down=b < 0)
            return Orientation(False, left_right=a < 0, upside_down=d < 0)
    return Orientation()


def squared(width: int, height: int, aspect: Fraction | None, limits: Limits) -> Size:
    """Give the size of a picture when its pixels are made square: larger, if the limits allow it.

    Args:
        width: in stored pixels.
        height: in stored pixels.
        aspect: width of a stored pixel to its height; None where nothing is known.
        limits: to stay within.
    """
    if not aspect or not Fraction(1, ODDEST_ASPECT) <= aspect <= ODDEST_ASPECT:
        return Size(width, height)
    if abs(aspect - 1) <= NEARLY_SQUARE:
        return Size(width, height)
    wider = Size(round(width * aspect), height)
    higher = Size(width, round(height / aspect))
    larger, smaller = (wider, higher) if aspect > 1 else (higher, wider)
    size = larger if larger.width * larger.height <= limits.pixels else smaller
    return Size(max(1, size.width), max(1, size.height))


class Canvas:
    """Paints the frames of one video into pictures of the size of its first."""

    def __init__(self, first: av.VideoFrame, aspect: Fraction | None, limits: Limits) -> None:
        """Take the size and orientation from the first frame.

        Args:
            first: frame of the video.
            aspect: width of its pixels to their height; None where nothing is known.
            limits: of the video.

        Raises:
            OverLimitError: the pictures would be too large.
        """
        limits.check_size(first.width, first.height)
        self._limits = limits
        self._stored = Size(first.width, first.height)
        self._aspect = aspect
        self._laid_down = squared(*self._stored, aspect, limits)
        self._reformatter = VideoReformatter()
        self.orientation = orientation_of(first)
        width, height = self._laid_down
        self.size = Size(height, width) if self.orientation.transposed else self._laid_down
        limits.check_size(*self.size)

    def blank(self) -> Picture:
        """Give a picture to paint: (height, width, 3), black."""
        return np.zeros((self.size.height, self.size.width, 3), np.uint8)

    def paint(self, frame: av.VideoFrame, aspect: Fraction | None, picture: Picture) -> None:
        """Paint a frame in RGB, all of it in its own shape, what it leaves free black.

        Args:
            frame: of the same video.
            aspect: of its own pixels, which counts where its size is not that of the first.
            picture: (height, width, 3), painted over.

        Raises:
            OverLimitError: the frame is too large.
        """
        size = self._laid_down
        if (frame.width, frame.height) != self._stored:
            self._limits.check_size(frame.width, frame.height)
            size = _within(squared(frame.width, frame.height, aspect, self._limits), size)
        # Through BGR, which swscale makes of 10 bits without the pattern it adds for RGB.
        painted = self._reformatter.reformat(
            frame,
            width=size.width,
            height=size.height,
            format="bgr24",
            interpolation="BICUBIC",
            threads=1,
        )
        plane = painted.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(size.height, plane.line_size)
        image = rows[:, : 3 * size.width].reshape(size.height, size.width, 3)
        if frame.color_trc == ColorTrc.SMPTE2084:
            image = np.asarray(cv2.LUT(image, _TONES), np.uint8)
        image = self.orientation.laid(image)
        if image.shape == picture.shape:
            cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=picture)
            return
        height, width = image.shape[:2]
        top, left = (self.size.height - height) // 2, (self.size.width - width) // 2
        picture[:] = 0
        picture[top : top + height, left : left + width] = image[:, :, ::-1]


def _within(size: Size, outer: Size) -> Size:
    """The same shape as large as it fits."""
    scale = min(outer.width / size.width, outer.height / size.height)
    return Size(
        min(outer.width, max(1, round(size.width * scale))),
        min(outer.height, max(1, round(size.height * scale))),
    )


def _tones() -> NDArray[np.uint8]:
    """(256,) what a level of a PQ video (SMPTE ST 2084) looks like on a usual screen.

    Light beyond white is rolled off as Reinhard's extended operator does, with 1000 cd/m2 at the
    top; then as sRGB encodes it.
    """
    level = np.arange(256) / 255
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = level ** (1 / m2)
    light = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    relative = light / REFERENCE_WHITE
    top = 1000 / REFERENCE_WHITE
    shown = np.minimum(relative * (1 + relative / top**2) / (1 + relative), 1)
    encoded = np.where(shown <= 0.0031308, 12.92 * shown, 1.055 * shown ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(255 * encoded), np.uint8)


_TONES: Final = _tones()
