"""Which moment of one dance is which of another: dynamic time warping of the dancers' shapes.

Sakoe and Chiba, Dynamic programming algorithm optimization for spoken word recognition (1978).
"""

from math import ceil, floor
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.body import Floats
from analyzer.compare.moments import RATE, Flags, Times
from analyzer.compare.shape import Shape

HASTE: Final = 0.12
"""What it costs that one of the dances goes on alone for a moment, in squares of lengths as limbs
cost: two who stand still go on together, and a hold in which one limb is off is not laid beside a
moment at which the other passes through the like of it."""

UNSEEN: Final = 0.5
"""What two moments cost that show no limb in common: less than two dances, more than one. Where
moments have a worth, it is at least that."""

PIECE: Final = 20 * RATE
"""Moments that counterparts are found for at a time, so that memory doesn't grow with the square of
the dance."""

_BOTH, _FIRST, _SECOND, _BEGIN = range(4)
"""By which step a pair of moments is reached: both go on, one of them alone, or it is the first."""


class Alignment(NamedTuple):
    """Moments (k,) of two dances that belong together, in order: as places in their shapes."""

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    cost: float
    """What all of it costs; below 0 where it was worth the while."""


def align(
    first: Shape, second: Shape, *, within: int, ends: int = 0, worth: float = 0.0
) -> Alignment:
    """Give which moments of two dances belong together.

    A limb that one of them doesn't show counts nothing. It takes some ten bytes for each moment of
    the one and moment of the other.

    Args:
        first, second: shapes of n and m moments, equally far apart.
        within: how many moments of the second may lie between where a moment belongs and where it
            would belong if both went on evenly.
        ends: how many moments at the beginning and at the end of either may have nothing that
            belongs to them.
        worth: what two moments may cost that are rather laid beside each other than left over at
            the ends; at 0 only as many are as have to be.
    """
    costs = _costs(first.directions, second.directions, max(UNSEEN, worth))
    steps, (row, column), cost = _steps(costs, within, ends, worth)
    path = [(row, column)]
    while (step := steps[row, column]) != _BEGIN:
        row -= step != _SECOND
        column -= step != _FIRST
        path.append((row, column))
    rows, columns = np.array(path[::-1], np.intp).T
    return Alignment(rows, columns, cost)


def counterparts(first: Shape, second: Shape, *, within: int) -> Times:
    """Give for each moment (n,) of a dance which of the other's is its, as a number of moments.

    Args:
        first, second: shapes of n moments each, equally far apart.
        within: how many moments may lie between the two.
    """
    count = len(first.times)
    moments = np.arange(count, dtype=np.float64)
    for begin in range(0, count, PIECE):
        start, stop = max(0, begin - within), min(count, begin + PIECE + within)
        both = np.isfinite(first.directions[start:stop]) & np.isfinite(
            second.directions[start:stop]
        )
        if not both.any():
            continue
        ends = min(within, stop - start - 1)
        aligned = align(first[start:stop], second[start:stop], within=within, ends=ends)
        at = np.arange(begin, min(count, begin + PIECE))
        moments[at] = start + np.interp(at - start, *middles(aligned))
    return moments


def middles(aligned: Alignment) -> tuple[npt.NDArray[np.intp], Times]:
    """Give the moments (k,) of the first dance that belong to some, and to which of the second.

    Of several that belong to one it is the middle.
    """
    known, times = np.unique(aligned.first, return_counts=True)
    return known, np.bincount(aligned.first, aligned.second)[known] / times


def _costs(first: Floats, second: Floats, unseen: float) -> Floats:
    """(n, m) how far apart the directions (n, 9, 3) and (m, 9, 3) are: squares of lengths, as if
    all limbs were seen; where none is in both, `unseen`."""
    limbs = first.shape[1]
    seen, other_seen = (np.isfinite(each[..., 0]).astype(np.float32) for each in (first, second))
    one, other = (np.nan_to_num(each).reshape(len(each), -1) for each in (first, second))
    common = seen @ other_seen.T
    apart = 2 * (common - one @ other.T)
    return np.where(common > 0, apart * limbs / np.maximum(common, 1), np.float32(unseen))


def _steps(
    costs: Floats, within: int, ends: int, worth: float
) -> tuple[npt.NDArray[np.uint8], tuple[int, int], float]:
    """(n, m) by which step each pair of moments is best reached, the path's last pair and cost.

    All pairs that are the same number of steps from the first are reckoned at once.
    """
    n, m = costs.shape
    steepness = (m - 1) / (n - 1) if n > 1 else 0.0
    steps = np.full((n, m), _BEGIN, np.uint8)
    before_last = last = np.full(n + 1, np.inf, np.float32)
    finish, cheapest = (n - 1, m - 1), float("inf")
    for number in range(n + m - 1):
        low = max(0, number - m + 1, ceil((number - within) / (1 + steepness)))
        high = min(number, n - 1, floor((number + within) / (1 + steepness))) + 1
        now = np.full(n + 1, np.inf, np.float32)
        if low < high:
            rows = np.arange(low, high)
            columns = number - rows
            # The place of a row in these is one further: before the first row there is none.
            cost = costs[rows, columns] - np.float32(worth)
            # Two who take turns get nothing more for it than two who go on together.
            alone = cost + np.float32(worth / 2 + HASTE)
            ways = np.stack(
                [
                    before_last[low:high] + cost,
                    last[low:high] + alone,
                    last[low + 1 : high + 1] + alone,
                    np.where(_may_begin(rows, columns, ends), cost, np.inf),
                ]
            )
            steps[rows, columns] = ways.argmin(axis=0)
            now[low + 1 : high + 1] = ways.min(axis=0)
            left = np.stack([n - 1 - rows, m - 1 - columns])
            for place in np.flatnonzero((left.min(axis=0) == 0) & (left.max(axis=0) <= ends)):
                total = float(now[rows[place] + 1])
                if total < cheapest:
                    cheapest, finish = total, (int(rows[place]), int(columns[place]))
        before_last, last = last, now
    return steps, finish, cheapest


def _may_begin(rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], ends: int) -> Flags:
    """Whether a path may begin with each of some pairs of moments."""
    return np.asarray((np.minimum(rows, columns) == 0) & (np.maximum(rows, columns) <= ends))
