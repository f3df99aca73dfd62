"""Which moment of one dance is which of another: dynamic time warping of the dancers' shapes.

Sakoe and Chiba, Dynamic programming algorithm optimization for spoken word recognition (1978).
"""

from math import ceil, floor
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.body import Floats
from analyzer.compare.shape import Shape

HASTE: Final = 0.12
"""What it costs that one of the dances goes on alone for a moment, in squares of lengths as limbs
cost: two who stand still go on together, and a hold in which one limb is off is not laid beside a
moment at which the other passes through the like of it."""

UNSEEN: Final = 0.5
"""What two moments cost that show no limb in common: less than two dances, more than one."""

_BOTH, _FIRST, _SECOND, _BEGIN = range(4)
"""By which step a pair of moments is reached: both go on, one of them alone, or it is the first."""


class Alignment(NamedTuple):
    """Moments (k,) of two dances that belong together, in order: as places in their shapes."""

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]


def align(first: Shape, second: Shape, *, within: int, ends: int = 0) -> Alignment:
    """Give which moments of two dances belong together.

    A limb that one of them doesn't show counts nothing. It takes some ten bytes for each moment of
    the one and moment of the other.

    Args:
        first, second: shapes of n and m moments, equally far apart.
        within: how many moments of the second may lie between where a moment belongs and where it
            would belong if both went on evenly.
        ends: how many moments at the beginning and at the end of either may have nothing that
            belongs to them.
    """
    costs = _costs(first.directions, second.directions)
    steps, (row, column) = _steps(costs, within, ends)
    path = [(row, column)]
    while (step := steps[row, column]) != _BEGIN:
        row -= step != _SECOND
        column -= step != _FIRST
        path.append((row, column))
    rows, columns = np.array(path[::-1], np.intp).T
    return Alignment(rows, columns)


def _costs(first: Floats, second: Floats) -> Floats:
    """(n, m) how far apart the directions (n, 9, 3) and (m, 9, 3) are: squares of lengths, as if
    all limbs were seen."""
    limbs = first.shape[1]
    seen, other_seen = (np.isfinite(each[..., 0]).astype(np.float32) for each in (first, second))
    one, other = (np.nan_to_num(each).reshape(len(each), -1) for each in (first, second))
    common = seen @ other_seen.T
    apart = 2 * (common - one @ other.T)
    return np.where(common > 0, apart * limbs / np.maximum(common, 1), np.float32(UNSEEN))


def _steps(costs: Floats, within: int, ends: int) -> tuple[npt.NDArray[np.uint8], tuple[int, int]]:
    """(n, m) by which step each pair of moments is best reached, and the last pair of the path.

    All pairs that are the same number of steps from the first are reckoned at once.
    """
    n, m = costs.shape
    steepness = (m - 1) / (n - 1) if n > 1 else 0.0
    steps = np.full((n, m), _BEGIN, np.uint8)
    before_last = last = np.full(n + 1, np.inf, np.float32)
    finish, cheapest = (n - 1, m - 1), np.inf
    for number in range(n + m - 1):
        low = max(0, number - m + 1, ceil((number - within) / (1 + steepness)))
        high = min(number, n - 1, floor((number + within) / (1 + steepness))) + 1
        now = np.full(n + 1, np.inf, np.float32)
        if low < high:
            rows = np.arange(low, high)
            columns = number - rows
            # The place of a row in these is one further: before the first row there is none.
            ways = np.stack(
                [before_last[low:high], last[low:high] + HASTE, last[low + 1 : high + 1] + HASTE]
            )
            step = ways.argmin(axis=0).astype(np.uint8)
            way = ways.min(axis=0)
            begins = np.maximum(rows, columns) <= ends if number <= ends else rows < 0
            begins &= np.minimum(rows, columns) == 0
            begins |= number == 0
            step[begins], way[begins] = _BEGIN, 0.0
            steps[rows, columns] = step
            now[low + 1 : high + 1] = way + costs[rows, columns]
            left = np.stack([n - 1 - rows, m - 1 - columns])
            for place in np.flatnonzero((left.min(axis=0) == 0) & (left.max(axis=0) <= ends)):
                total = float(now[rows[place] + 1])
                if total < cheapest:
                    cheapest, finish = total, (int(rows[place]), int(columns[place]))
        before_last, last = last, now
    return steps, finish
