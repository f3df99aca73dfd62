"""Landmarks made steady from frame to frame, as MediaPipe's pose_landmark_filtering does it.

With its mixture of single and double precision, which is why its results are the same.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.estimator import Floats

FRAME_NANOSECONDS: Final = 33_333_000
"""Time from frame to frame that mediapipe.solutions tells its smoothing, always."""

SPEED_CUTOFF: Final = 1.0
"""Hertz at which speeds are smoothed."""


class LowPass:
    """Values of which each frame brings a share."""

    def __init__(self) -> None:
        self._smooth: Floats | None = None

    def next(self, values: Floats, share: NDArray[np.float64] | float) -> Floats:
        """Give the smoothed values of the next frame, of which they have a share."""
        if self._smooth is None:
            self._smooth = values
        else:
            part = np.float32(share)
            kept = (1.0 - np.float64(part)) * self._smooth.astype(np.float64)
            self._smooth = (part * values + kept).astype(np.float32)
        return self._smooth


class OneEuro:
    """Values that follow quick movement at once and hold still in between.

    Casiez, Roussel and Vogel, "1 Euro Filter" (CHI 2012), with speeds counted in body sizes.
    """

    def __init__(self, cutoff: float, slope: float) -> None:
        """Begin with the cutoff in hertz of what is still, and how it grows with the speed."""
        self._cutoff = float(np.float32(cutoff))
        self._slope = float(np.float32(slope))
        self._last: Floats | None = None
        self._values = LowPass()
        self._speeds = LowPass()

    def next(self, values: Floats, per_size: float = 1.0, frames: int = 1) -> Floats:
        """Give the smoothed values of a frame.

        Args:
            values: as many in each frame.
            per_size: one over the size of the body, in their unit.
            frames: how many later it is than the one before.
        """
        frequency = 1.0 / (frames * FRAME_NANOSECONDS * 1e-9)
        last = values if self._last is None else self._last
        self._last = values
        speed = (values.astype(np.float64) - last) * per_size * frequency
        share = _share(SPEED_CUTOFF, frequency)
        smooth = self._speeds.next(speed.astype(np.float32), share)
        cutoff = self._cutoff + self._slope * np.abs(smooth.astype(np.float64))
        return self._values.next(values, _share(cutoff, frequency))


def _share(cutoff: NDArray[np.float64] | float, frequency: float) -> NDArray[np.float64]:
    """The share of a new value in a smoothed one, for a cutoff and a frequency in hertz."""
    lag = 1.0 / (2 * np.pi * np.asarray(cutoff))
    return np.asarray(1.0 / (1.0 + lag / (1.0 / frequency)))
