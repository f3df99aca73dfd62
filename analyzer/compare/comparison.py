"""A dancer compared with a reference: how far they are apart, when, where, and who is ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analyzer.body import Floats
from analyzer.compare.beside import Beside, lay_beside
from analyzer.compare.faults import Fault, differences
from analyzer.compare.moments import Times, bridged, moves, smooth
from analyzer.compare.shape import NAMES, Shape
from analyzer.compare.tempo import Off, Tempo, off_beat, tempo_of

AGREED: Final = 8.0
"""Degrees, the root of the mean square of all limbs, up to which two agree entirely: so much of it
may be the cameras'."""

APART: Final = 24.0
"""Degrees from which on they don't agree at all; two unlike dances have 27."""

SAME: Final = 0.4
"""The score from which on two show the same dance."""

LEAST_SECONDS: Final = 1.0
"""Seconds that they have to have in common: one shape for a moment is no dance."""

CLEAR: Final = 14.0
"""Degrees up to which they are so alike that it is clear which moment belongs to which."""

LONGEST_AHEAD: Final = 2.0
"""Seconds; what belongs to something that was, or comes, so much later agrees by chance."""

CHANGING: Final = 0.5
"""Seconds between two moments at which MediaPipe takes front for back: it changes its mind there,
which is no movement."""

SMOOTHED: Final = 1.0
"""Seconds over which the agreement is taken."""


@dataclass(frozen=True)
class Comparison:
    """A dancer laid beside a reference, in n moments of the dancer.

    What is told as a slice are moments.
    """

    beside: Beside
    score: float
    """From 0 to 1: how well they agree, the mean from 1 at AGREED to 0 at APART, times the square
    of the part of the shorter dance that is laid beside the other."""
    degrees: float
    """Between the directions of their limbs, on average."""
    limbs: Mapping[str, float]
    """The same of each of shape.NAMES that is seen."""
    apart: Floats
    """(n, 9) the same in each moment; NaN where it can't be told."""
    tempo: Tempo | None
    """None where nobody moves."""
    off_beat: Sequence[Off]
    faults: Sequence[Fault]
    """First the worst."""
    others: Sequence[slice]
    """Where the dancer does something else."""

    @property
    def same(self) -> bool:
        """Whether they show the same dance."""
        return self.score >= SAME and self.seconds >= LEAST_SECONDS

    @property
    def seconds(self) -> float:
        """How long what they have in common is, in seconds of the one of whom it is shorter."""
        return float(min(np.ptp(self.times), np.ptp(self.theirs)))

    @property
    def times(self) -> Times:
        """(n,) the seconds of the dancer."""
        return self.beside.dancer.times

    @property
    def theirs(self) -> Times:
        """(n,) the seconds of the reference then."""
        return self.beside.reference.times


def compare(dancer: Shape, reference: Shape, *, mirror: bool | None = None) -> Comparison | None:
    """Compare a dancer with a reference; None where they have nothing in common.

    Args:
        dancer, reference: their shapes, in seconds of their own videos.
        mirror: whether the dancer has learnt it in the mirror; by default what fits.
    """
    beside = lay_beside(dancer, reference, mirror=mirror)
    if beside is None:
        return None
    found = differences(beside)
    seen = np.isfinite(found.degrees)
    known = seen.sum(axis=1)
    there = known > len(NAMES) // 2
    if not there.any():
        return None
    square = np.where(seen, found.degrees, 0) ** 2
    mean = np.where(there, square.sum(axis=1) / np.maximum(known, 1), np.nan)
    apart = np.sqrt(smooth(mean, SMOOTHED))
    agreement = np.clip((APART - apart) / (APART - AGREED), 0, 1)
    moving = moves(beside.dancer) & moves(beside.reference) & ~bridged(~found.like, CHANGING)
    moving &= there & (apart < CLEAR)
    tempo = tempo_of(beside.dancer.times, beside.reference.times, moving)
    if tempo:
        agreement[np.abs(np.nan_to_num(tempo.ahead)) > LONGEST_AHEAD] = 0
    return Comparison(
        beside=beside,
        score=float(agreement[there].mean() * beside.covered**2),
        degrees=float(found.degrees[seen].mean()),
        limbs={
            name: float(found.degrees[seen[:, place], place].mean())
            for place, name in enumerate(NAMES)
            if seen[:, place].any()
        },
        apart=found.degrees,
        tempo=tempo,
        off_beat=off_beat(tempo) if tempo else [],
        faults=sorted(found.faults, key=lambda fault: -fault.degrees),
        others=found.others,
    )
