"""Two dances laid beside each other: who dances, and at each moment what the reference does.

First roughly and wherever they begin, at any tempo, then closely.
"""

from typing import Final, NamedTuple

import numpy as np

from analyzer.compare.alignment import align, counterparts, middles
from analyzer.compare.moments import RATE, Times
from analyzer.compare.shape import Shape

ROUGH_RATE: Final = 10
"""Moments a second of the rough alignment."""

WORTH: Final = 1.0
"""Up to what difference, in squares of lengths of all limbs, two moments are laid beside each
other rather than left over: 19 degrees in each limb, where unlike dances have 27."""

CLOSE: Final = 0.5
"""Seconds by which the close alignment may differ from the rough one."""

MIRRORED: Final = 1.02
"""How many times as well the reference has to fit in the mirror, to be taken for mirrored: of a
dance that is the same on both sides nothing would say so."""


class Beside(NamedTuple):
    """A dancer and a reference, in n moments of the dancer, RATE a second."""

    dancer: Shape
    reference: Shape
    """What the reference does then, each moment with its own time; in the mirror, if it is so."""
    mirrored: bool
    covered: float
    """Which part of the shorter of the two dances has a counterpart in the other."""


def lay_beside(dancer: Shape, reference: Shape, *, mirror: bool | None = None) -> Beside | None:
    """Lay a dancer beside a reference; None where they have nothing in common.

    Args:
        dancer, reference: their shapes, in seconds of their own videos.
        mirror: whether the dancer has learnt it in the mirror, so that the left is the reference's
            right; by default what fits.
    """
    found = [
        (way, rough)
        for way in ([False, True] if mirror is None else [mirror])
        if (rough := _rough(dancer, reference.mirrored() if way else reference)) is not None
    ]
    if not found:
        return None
    mirrored, rough = min(found, key=lambda each: each[1].cost * (1.0 if each[0] else MIRRORED))
    if mirrored:
        reference = reference.mirrored()
    count = int((rough.times[-1] - rough.times[0]) * RATE) + 1
    times = rough.times[0] + np.arange(count) / RATE
    theirs = np.interp(times, rough.times, rough.theirs)
    own = dancer.at(times)
    moments = counterparts(own, reference.at(theirs), within=round(CLOSE * RATE))
    theirs = np.interp(moments, np.arange(count), theirs)
    # The rough moments leave something over at the end.
    over = 1 / ROUGH_RATE
    covered = max(
        (theirs[-1] - theirs[0] + over) / max(_seconds(reference), over),
        (times[-1] - times[0] + over) / max(_seconds(dancer), over),
    )
    return Beside(own, reference.at(theirs), mirrored, min(float(covered), 1.0))


class _Rough(NamedTuple):
    """A rough alignment: which seconds (k,) of the reference belong to those of the dancer."""

    times: Times
    theirs: Times
    cost: float


def _rough(dancer: Shape, reference: Shape) -> _Rough | None:
    own, other = (
        shape.at(shape.times[0] + np.arange(int(_seconds(shape) * ROUGH_RATE) + 1) / ROUGH_RATE)
        for shape in (dancer, reference)
    )
    most = max(len(own.times), len(other.times))
    aligned = align(own, other, within=most, ends=most, worth=WORTH)
    if aligned.cost >= 0:
        return None
    known, middle = middles(aligned)
    theirs = np.interp(middle, np.arange(len(other.times)), other.times)
    return _Rough(own.times[known], theirs, aligned.cost)


def _seconds(shape: Shape) -> float:
    return float(shape.times[-1] - shape.times[0])
