"""Lines and angles of n frames at once: complex numbers in a plane, (3, n) in space."""

from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

TINY_LENGTH: Final = np.float32(1e-6)
TINY_PRODUCT: Final = np.float32(1e-9)
"""The least by which a length, and a product of two lengths, is divided."""

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.complex64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Scalar = TypeVar("Scalar", bound=np.generic)


def length(line: Places) -> Floats:
    """The lengths of lines in a plane."""
    length: Floats = np.abs(line)
    return length


def length_in_space(line: Floats) -> Floats:
    """(n,) the lengths of lines (3, n) in space."""
    length: Floats = np.sqrt((line**2).sum(axis=0))
    return length


def on_the_ground(line: Floats) -> Places:
    """(n,) lines (3, n) in space as seen from above: x + 1j z."""
    ground: Places = line[0] + 1j * line[2]
    return ground


def unit(line: Places) -> Places:
    """(n,) the lines at length 1."""
    return line * (1 / np.maximum(length(line), TINY_LENGTH))


def spread(points: Places) -> Floats:
    """(n,) the variance of (m, n) points about their middle."""
    spread: Floats = (length(points - points.mean(axis=0)) ** 2).mean(axis=0)
    return spread


def degrees(line: Places) -> Floats:
    """(n,) the angle of a line from the real axis towards the imaginary one, -180..180."""
    degrees: Floats = np.degrees(np.angle(line))
    return degrees


def angle_between(first: Places, last: Places) -> Floats:
    """(n,) the angle between two lines, 0..180."""
    return np.abs(degrees(first * np.conj(last)))


def angle_in_space(first: Floats, last: Floats) -> Floats:
    """(n,) the angle between two lines (3, n) in space, 0..180."""
    lengths = np.sqrt((first**2).sum(axis=0) * (last**2).sum(axis=0))
    cosine = (first * last).sum(axis=0) / np.maximum(lengths, TINY_PRODUCT)
    angle: Floats = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return angle


def median(samples: Floats) -> Floats:
    """(n,) the median of each column of (samples, n), NaN left out; NaN where all are."""
    ordered = np.sort(samples, axis=0)
    known = np.isfinite(samples).sum(axis=0)
    at = np.maximum(known - 1, 0) // 2
    median: Floats = np.take_along_axis(ordered, at[None], axis=0)[0]
    return median
