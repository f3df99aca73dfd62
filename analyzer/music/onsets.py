"""Where something begins to sound: how strongly, moment by moment."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 22_050
"""Samples a second of the sound that is listened to."""

HOP: Final = 147
"""Samples from a moment to the next."""

MOMENTS: Final = RATE // HOP
"""Moments a second: 150."""

WINDOW: Final = 1024
"""Samples around a moment that are looked at: 46 ms."""

BANDS: Final = 40
LOWEST, HIGHEST = 30.0, 10_000.0
"""Hertz of the bands, which are as wide as the ear hears them (mel scale)."""

LOW: Final = 5
"""How many bands are the bass: up to 320 Hz."""

RISE: Final = 3
"""Moments over which a band has to become louder: 20 ms."""

QUIET: Final = 0.03
"""The part of the loudest sound below which it hardly matters how quiet a band is."""

Samples = npt.NDArray[np.float32]
Envelope = npt.NDArray[np.float64]


def loudness(pieces: Iterable[Samples]) -> Iterator[Samples]:
    """Give how loud the bands are, (n, BANDS) for the next n moments, the first at 0 seconds.

    Args:
        pieces: of the sound, (n,) each, -1..1, RATE samples a second, one after the other.
    """
    taper = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    edges = _edges()
    rest = np.zeros(WINDOW // 2, np.float32)
    for piece in pieces:
        rest = np.concatenate([rest, piece])
        count = (len(rest) - WINDOW) // HOP + 1
        if count > 0:
            frames = np.lib.stride_tricks.sliding_window_view(rest, WINDOW)[::HOP]
            power = np.abs(np.fft.rfft(frames * taper, axis=1)) ** 2
            bands = np.add.reduceat(power, edges, axis=1)[:, :BANDS]
            yield np.sqrt(bands).astype(np.float32)
            rest = rest[count * HOP :]


def onsets(levels: Samples, bass: float) -> Envelope:
    """Give how strongly something begins at each moment (n,), in nepers summed over the bands.

    It is the spectral flux of the log magnitude: what the bands have become louder by.

    Args:
        levels: (n, BANDS), as `loudness` gives them.
        bass: how many times as much the lowest bands count: drums and a bass have a few bands, and
            cymbals a great many.
    """
    rise = np.zeros(len(levels))
    loudest = float(levels.max(initial=0.0))
    if loudest > 0:
        logs = np.log1p(levels / np.float32(QUIET * loudest))
        louder = np.maximum(logs[RISE:] - logs[:-RISE], 0)
        rise[RISE:] = louder.sum(axis=1) + (bass - 1) * louder[:, :LOW].sum(axis=1)
    return rise


def _edges() -> npt.NDArray[np.intp]:
    """(BANDS + 1,) the first bin of each band, and of what is above them all."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (LOWEST, HIGHEST))
    hertz = 700 * (10 ** (np.linspace(low, high, BANDS + 1) / 2595) - 1)
    bins = np.rint(hertz * WINDOW / RATE).astype(np.intp)
    # Each at least one bin wide.
    counted = np.arange(BANDS + 1)
    return np.asarray(np.maximum.accumulate(bins - counted) + counted, np.intp)
