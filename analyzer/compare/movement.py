"""When a dancer's limbs arrive: the accents of the movement."""

from typing import Final

import numpy as np
import numpy.typing as npt

from analyzer.body import TIME_ROUNDING, Floats
from analyzer.compare.shape import NAMES, TINY, Shape, degrees_apart

RATE: Final = 60
"""Moments a second at which the speed is taken."""

SMOOTHED: Final = 0.05
"""Seconds of the Gauss curve that the speed is smoothed by."""

SWING: Final = 50.0
"""Degrees a second, the mean of all limbs, that a swing reaches at least. Of a dancer who stands
still, landmarks turn limbs by 5 to 10."""

JUMP: Final = 1000.0
"""Degrees a second, likewise, that nobody reaches: the picture is cut, or somebody else is seen."""

ARRIVED: Final = 0.25
"""The part of a swing's highest speed at which the limbs have arrived, and come to rest."""

SLOWED: Final = 0.5
"""The part down to which they slow at least where they move on without a rest."""


def arrivals(shape: Shape) -> npt.NDArray[np.float64]:
    """Give the seconds (n,) at which limbs arrive after a swing.

    They are the kinematic beats of Li et al., "AI Choreographer: Music Conditioned 3D Dance
    Generation with AIST++" (ICCV 2021): local minima of the speed of the movement, here of the mean
    angular speed of the limbs as seen from the trunk. Where the limbs rest after a swing, it is the
    begin of the rest that counts.

    Args:
        shape: of one dancer, in all frames.
    """
    if len(shape.times) < 2:
        return np.zeros(0)
    times = np.arange(shape.times[0], shape.times[-1] + TIME_ROUNDING, 1 / RATE)
    speed = _smooth(_speed(shape.at(times).directions))
    found = []
    low = top = 0.0
    for moment in range(1, len(speed) - 1):
        now = speed[moment]
        if np.isnan(now):
            low = top = 0.0
            continue
        top = max(top, now)
        turns = speed[moment - 1] >= now < speed[moment + 1]
        if now <= ARRIVED * top or (turns and now <= SLOWED * top):
            if top >= max(SWING, low / SLOWED):
                found.append(times[moment])
            low = top = now
    return np.array(found)


def _speed(directions: Floats) -> npt.NDArray[np.float64]:
    """(n,) degrees a second at each moment; NaN where most limbs aren't seen, or jump."""
    turned = degrees_apart(directions[2:], directions[:-2]) * RATE / 2
    seen = np.isfinite(turned)
    mean = np.nansum(turned, axis=1, dtype=np.float64) / np.maximum(seen.sum(axis=1), 1)
    mean[(seen.sum(axis=1) <= len(NAMES) // 2) | (mean > JUMP)] = np.nan
    return np.pad(mean, 1, constant_values=np.nan)


def _smooth(speed: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The speed smoothed, NaN where it was."""
    reach = np.arange(-round(3 * SMOOTHED * RATE), round(3 * SMOOTHED * RATE) + 1) / RATE
    curve = np.exp(-((reach / SMOOTHED) ** 2) / 2)
    known = np.isfinite(speed)
    padded = (np.pad(each, len(reach) // 2) for each in (np.where(known, speed, 0), 1.0 * known))
    total, weight = (np.convolve(each, curve, "valid") for each in padded)
    return np.where(known, total / np.maximum(weight, TINY), np.nan)
