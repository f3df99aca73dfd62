"""Which moment of one dance is which of another: dynamic time warping of the dancers' shapes.

Sakoe and Chiba, Dynamic programming algorithm optimization for spoken word recognition (1978).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from dtaidistance import dtw

from analyzer.body import Floats
from analyzer.compare.shape import Shape

HASTE: Final = 0.35
"""What it costs that one of the dances goes on alone for a moment, as the length of a change of all
directions together: two who stand still go on together, and a hold in which one limb is off is not
laid beside a moment at which the other passes through the like of it."""


class Alignment(NamedTuple):
    """Moments (k,) of two dances that belong together, in order: as places in their shapes."""

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]


def align(first: Shape, second: Shape, *, within: int, ends: int = 0) -> Alignment:
    """Give which moments of two dances belong together.

    What one of them doesn't show of a limb counts as if it were as in the other. It takes 8 bytes
    for each moment of the one and moment of the other.

    Args:
        first, second: shapes at moments equally far apart.
        within: how many moments the two may be apart.
        ends: how many moments at the beginning and at the end of either may have nothing that
            belongs to them.
    """
    one, other = _filled(first), _filled(second)
    one, other = _where_either(one, other)
    aligned = _warped(one, other, within, ends)
    missing = ~np.isfinite(first.directions[aligned.first])
    one[aligned.first] = np.where(missing, other[aligned.second], one[aligned.first])
    missing = ~np.isfinite(second.directions[aligned.second])
    other[aligned.second] = np.where(missing, one[aligned.first], other[aligned.second])
    return _warped(one, other, within, ends)


def _warped(one: Floats, other: Floats, within: int, ends: int) -> Alignment:
    """The moments of directions (n, 9, 3) and (m, 9, 3) that belong together."""
    _, costs = dtw.warping_paths_fast(
        one.reshape(len(one), -1).astype(np.float64),
        other.reshape(len(other), -1).astype(np.float64),
        window=within + 1,
        psi=ends,
        penalty=HASTE,
        keep_int_repr=True,
        use_ndim=True,
    )
    path = np.array(dtw.best_path(costs, penalty=HASTE**2), np.intp).reshape(-1, 2)
    path = path[(path >= 0).all(axis=1)]
    return Alignment(path[:, 0], path[:, 1])


def _filled(shape: Shape) -> Floats:
    """The directions (n, 9, 3) with those that aren't seen as on the way from before to after."""
    filled = shape.directions.copy()
    for course in filled.reshape(len(filled), -1).T:
        known = np.isfinite(course)
        if known.any():
            course[~known] = np.interp(shape.times[~known], shape.times[known], course[known])
    return filled


def _where_either(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """The same without the limbs that one of the two never shows."""
    known = np.isfinite(one[0]) & np.isfinite(other[0])
    return np.where(known, one, np.float32(0)), np.where(known, other, np.float32(0))
