"""A dancer and the reference side by side, the same moment of the dance in both, to look at.

The dancer is on the left, the reference on the right, in the mirror if it was learnt so. The limb
that is off the most is red; a strip below shows how much all limbs together differ in the course
of it.
"""

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from analyzer.body import Landmark
from analyzer.compare import APART, LIMBS, Comparison, Fault, off
from analyzer.errors import UndecodableError
from analyzer.frames.opencv import cv2
from analyzer.frames.video import Video
from analyzer.report.comparison import Compared
from analyzer.report.drawing import (
    MIDDLE,
    OFF,
    STRIP,
    Colour,
    Picture,
    draw_skeleton,
    letters,
    with_cursor,
    write,
)
from analyzer.report.encoding import LONGEST_EDGE, encoding, scaled
from analyzer.report.kept import KeptLandmarks
from analyzer.report.performance import Performance
from analyzer.report.rendering import ANALYSED

HIGHEST: Final = 720
"""Pixels of the pictures' height at most."""

STRIP_HEIGHT: Final = 32
"""Pixels of the strip's height: as many as APART degrees."""

AGREES: Final = (0, 200, 120)
"""The colour of what differs little."""

OTHER_SIDE: Final = [0, 4, 5, 6, 1, 2, 3, *((place - 1 ^ 1) + 1 for place in range(7, 33))]
"""For each landmark its like on the other side: from the ears on a left one and its right one."""

Marks = NDArray[np.float32]


def render_beside(
    video: str | Path | IO[bytes],
    reference: str | Path | IO[bytes],
    compared: Compared,
    out: Path | IO[bytes],
) -> Iterator[int]:
    """Write the two side by side, as long as the dancer's video.

    Args:
        video: the dancer's.
        reference: the reference's, or the earlier answer: then the skeleton alone is drawn.
        compared: what was found, with the landmarks kept.
        out: the file to write.

    Yields:
        How many frames are drawn, after each.

    Raises:
        OSError: the file can't be written.
    """
    left, right = compared.dancer, compared.reference
    across = left.width / left.height + right.width / right.height
    high = min(HIGHEST, LONGEST_EDGE / across, max(left.height, right.height))
    sizes = [scaled(each.width, each.height, high / each.height) for each in (left, right)]
    height = min(size[1] for size in sizes)
    sizes = [(size[0], height) for size in sizes]
    width = sum(size[0] for size in sizes)
    comparison = compared.comparison
    strip = _strip(comparison, left.duration, width)
    with ExitStack() as stack:
        own = stack.enter_context(Video(video, ANALYSED))
        mirrored = comparison is not None and comparison.beside.mirrored
        shown = _Shown(right, _pictures(reference, right, stack), sizes[1], mirrored=mirrored)
        take = stack.enter_context(encoding(out, width, height + STRIP_HEIGHT))
        for number, (frame, marks) in enumerate(
            zip(own.frames(), _rows(left.landmarks), strict=False)
        ):
            moment = _moment(comparison, frame.time)
            fault = _worst(comparison, moment)
            joints = _joints(fault)
            picture = _resized(frame.pixels, sizes[0])
            _draw(picture, marks, joints)
            if comparison and fault:
                what = off(fault.limb, fault.change, fault.degrees)
                write(picture, what, (round(12 * letters(picture)), height - 12), OFF)
            beside = shown.at(_their_time(comparison, frame.time))
            write(picture, "dancer", _corner(picture), MIDDLE)
            name = "reference in the mirror" if mirrored else "reference"
            write(beside, name, _corner(beside), MIDDLE)
            whole = with_cursor(
                strip, round(frame.time * 1000), max(1, round(left.duration * 1000))
            )
            take(np.vstack([np.hstack([picture, beside]), whole]), frame.time)
            yield number + 1


class _Shown:
    """The pictures of the reference, in order, with its skeleton."""

    def __init__(
        self,
        reference: Performance,
        pictures: Iterator[tuple[float, Picture | None]],
        size: tuple[int, int],
        *,
        mirrored: bool,
    ) -> None:
        self._frames = zip(pictures, _rows(reference.landmarks), strict=False)
        self._size = size
        self._mirrored = mirrored
        self._next = next(self._frames, None)
        self._picture = np.zeros((size[1], size[0], 3), np.uint8)

    def at(self, seconds: float) -> Picture:
        """Give a copy of the picture at a time, which never goes back."""
        newest = None
        while self._next is not None and self._next[0][0] <= seconds:
            newest = self._next
            if newest[0][1] is not None:
                # The pixels are there until the next frame.
                self._picture = _resized(newest[0][1], self._size)
            self._next = next(self._frames, None)
        if newest is not None:
            if newest[0][1] is None:
                self._picture = np.zeros_like(self._picture)
            marks = newest[1]
            if self._mirrored:
                # In the mirror the left is the right, of pixels as of landmarks.
                self._picture = np.ascontiguousarray(self._picture[:, ::-1])
                marks = marks[OTHER_SIDE]
                marks[:, 0] = 1 - marks[:, 0]
            _draw(self._picture, marks)
        return self._picture.copy()


def _pictures(
    reference: str | Path | IO[bytes], performance: Performance, stack: ExitStack
) -> Iterator[tuple[float, Picture | None]]:
    """The times of the reference's frames, and their pictures where it is a video."""
    try:
        video = stack.enter_context(Video(reference, ANALYSED))
    except UndecodableError:
        for piece in performance.landmarks.pieces():
            for seconds in piece.times.tolist():
                yield seconds, None
        return
    for frame in video.frames():
        yield frame.time, frame.pixels


def _rows(landmarks: KeptLandmarks) -> Iterator[Marks]:
    """The landmarks (33, 4) of each frame."""
    for piece in landmarks.pieces():
        yield from piece.image


def _draw(picture: Picture, marks: Marks, off: Collection[Landmark] = ()) -> None:
    """Draw a skeleton, where somebody is seen."""
    if np.isfinite(marks).all():
        draw_skeleton(picture, marks, off)


def _resized(pixels: Picture, size: tuple[int, int]) -> Picture:
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _corner(picture: Picture) -> tuple[int, int]:
    size = letters(picture)
    return round(12 * size), round(34 * size)


def _moment(comparison: Comparison | None, seconds: float) -> int | None:
    """The moment of the comparison at a time of the dancer; None outside of what is compared."""
    if comparison is None or not comparison.times[0] <= seconds <= comparison.times[-1]:
        return None
    return int(np.searchsorted(comparison.times, seconds))


def _their_time(comparison: Comparison | None, seconds: float) -> float:
    """The second of the reference that belongs to one of the dancer."""
    if comparison is None:
        return seconds
    at = min(max(seconds, comparison.times[0]), comparison.times[-1])
    return float(np.interp(at, comparison.times, comparison.theirs)) + seconds - float(at)


def _worst(comparison: Comparison | None, moment: int | None) -> Fault | None:
    """The worst of the faults at a moment."""
    if comparison is None or moment is None or not comparison.same:
        return None
    there = (
        fault for fault in comparison.faults if fault.moments.start <= moment < fault.moments.stop
    )
    return next(there, None)


def _joints(fault: Fault | None) -> tuple[Landmark, ...]:
    if fault is None:
        return ()
    if fault.limb == len(LIMBS):
        return (
            Landmark.LEFT_SHOULDER,
            Landmark.RIGHT_SHOULDER,
            Landmark.LEFT_HIP,
            Landmark.RIGHT_HIP,
        )
    limb = LIMBS[fault.limb]
    return limb.first, limb.last


def _strip(comparison: Comparison | None, duration: float, width: int) -> Picture:
    """How much the limbs differ in the course of it, on average; red where a fault is told."""
    strip = np.full((STRIP_HEIGHT, width, 3), STRIP, np.uint8)
    if comparison is None:
        return strip
    known = np.isfinite(comparison.apart)
    mean = np.where(known, comparison.apart, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    for column in range(width):
        moment = _moment(comparison, (column + 0.5) / width * duration)
        if moment is None or not known[moment].any():
            continue
        colour: Colour = AGREES if _worst(comparison, moment) is None else OFF
        high = round(min(mean[moment] / APART, 1) * (STRIP_HEIGHT - 2)) + 1
        strip[STRIP_HEIGHT - high :, column] = colour
    return strip
