"""Moments of a dance, RATE a second: which of them are movement, and stretches of them."""

from typing import Final

import numpy as np
import numpy.typing as npt

from analyzer.body import Floats
from analyzer.compare.shape import Shape, degrees_apart

RATE: Final = 30
"""Moments a second at which dancers are laid beside each other."""

MOVING: Final = 25.0
"""Degrees a second, the mean of all limbs, from which on a dancer moves: then it shows who is late.
Of a drawn dancer who stands still, MediaPipe's landmarks turn limbs by 5 to 10."""

Flags = npt.NDArray[np.bool_]
Times = npt.NDArray[np.float64]


def moves(shape: Shape) -> Flags:
    """(n,) whether a dancer moves."""
    turned = degrees_apart(shape.directions[1:], shape.directions[:-1]) * RATE
    seen = np.isfinite(turned).sum(axis=1)
    mean = np.nansum(turned, axis=1) / np.maximum(seen, 1)
    return np.append(mean, 0.0) > MOVING


def spells(flags: Flags, shortest: float) -> list[slice]:
    """The runs of moments with a flag that last so many seconds at least."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [
        slice(begin, end)
        for begin, end in edges.reshape(-1, 2).tolist()
        if end - begin >= shortest * RATE
    ]


def bridged(flags: Flags, longest: float, may: Flags | None = None) -> Flags:
    """(n,) the same with gaps of up to so many seconds closed, all of which may be."""
    bridged = flags.copy()
    for gap in spells(~flags, 0.0):
        inside = gap.start > 0 and gap.stop < len(flags)
        if inside and gap.stop - gap.start <= longest * RATE and (may is None or may[gap].all()):
            bridged[gap] = True
    return bridged


def smooth(values: Floats, seconds: float) -> Floats:
    """(n,) the mean over so many seconds around each, of what is known; NaN where nothing is."""
    window = np.ones(min(round(seconds * RATE) | 1, 2 * ((len(values) - 1) // 2) + 1))
    known = np.isfinite(values)
    total = np.convolve(np.where(known, values, 0.0), window, "same")
    count = np.convolve(known.astype(np.float64), window, "same")
    return np.where(count > 0.5, total / np.maximum(count, 1), np.nan).astype(np.float32)


def median(values: Floats) -> float:
    """The middle one of those that are known; 0 where none is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0
