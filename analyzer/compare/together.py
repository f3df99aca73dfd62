"""Dancers beside each other on one clock: who is in unison with whom, and who is the odd one out.

They are laid beside each other in time, each pair by itself, so that who is late is not taken for
somebody who does something else.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from math import ceil
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.body import TIME_ROUNDING, Floats
from analyzer.compare.alignment import counterparts
from analyzer.compare.moments import RATE, Flags, Times, bridged, median, moves, smooth, spells
from analyzer.compare.shape import CARRIERS, LONGEST_GAP, NAMES, TINY, Shape, degrees_apart
from analyzer.compare.words import off

APART: Final = 1.0
"""Seconds that dancers in unison may be apart."""

UNISON: Final = 15.0
"""Degrees by which directions may differ in unison: the root of the mean square of all limbs over
SMOOTHED seconds, so that one limb that is quite another counts."""

SMOOTHED: Final = 1.0

SHORTEST: Final = 2.0
"""Seconds of unison at least; who passes through one shape by chance is not together."""

INTERRUPTION: Final = 1.0
"""Seconds for which unison may be interrupted: for so long a single slip is seen once smoothed."""

MOVED: Final = 0.6
"""Seconds of movement at least, for unison: standing about is none."""

ODD: Final = 18.0
"""Degrees from which on a limb differs from the others'. Between drawn dancers of a row who do the
same, 19 of 20 differences are below 11."""

AGREED: Final = 12.0
"""Degrees by which the others differ among themselves at most."""

DEEP: Final = 2.0
"""How many times as much it has to be of what differs along the line of sight: how deep a limb is
one camera tells that much worse."""

CARRIED: Final = 0.6
"""From which part of what a forearm is off by on the upper arm takes it along, if it is off so far;
likewise thigh and shin."""

SHORTEST_ODD: Final = 0.5
"""Seconds for which a limb is odd at least."""


class Unison(NamedTuple):
    """Two dancers who do the same for a while."""

    dancers: tuple[int, int]
    start: float
    end: float
    """In seconds."""
    difference: float
    """Degrees between the directions of their limbs, on average."""
    ahead: float
    """Seconds by which the first is ahead of the second; negative, behind."""


class OddOneOut(NamedTuple):
    """A dancer with a limb other than that of the others who do the same."""

    dancer: int
    limb: str
    """Of shape.NAMES."""
    start: float
    end: float
    """In seconds."""
    degrees: float
    text: str
    """What is off, in a sentence."""


class _Pair(NamedTuple):
    """How the first of two dancers lies beside the second, at each of n moments of the first."""

    moments: npt.NDArray[np.intp]
    """(n,) the moment of the second."""
    lag: Times
    """(n,) how many moments that is later."""
    apart: Floats
    """(n, 9) degrees between their limbs."""
    seen: Flags
    """(n,) whether most of their limbs are seen, then and at the same time."""
    together: Flags
    """(n,) whether they are in unison."""


class Together:
    """What dancers do together.

    shapes: of each by number, all at the same times.
    """

    def __init__(self, shapes: Mapping[int, Shape]) -> None:
        end = max((float(shape.times[-1]) for shape in shapes.values()), default=0.0)
        self._times = np.arange(ceil((end - TIME_ROUNDING) * RATE) + 1) / RATE
        self._shapes = {number: shapes[number].at(self._times) for number in sorted(shapes)}
        self._pairs: dict[tuple[int, int], _Pair] = {}
        """Those who are in unison at some time, from either."""

    def unison(self) -> Iterator[list[Unison]]:
        """Give when two are in unison, for each pair of dancers in turn."""
        for one, other in combinations(self._shapes, 2):
            pair = _pair(self._shapes[one], self._shapes[other])
            moving = moves(self._shapes[one])
            found = []
            kept = np.zeros(len(self._times), np.bool_)
            for stretch in spells(pair.together, SHORTEST):
                moved = moving[stretch] & pair.seen[stretch]
                if moved.sum() < MOVED * RATE:
                    continue
                kept[stretch] = True
                start, end = self._times[[stretch.start, stretch.stop - 1]].tolist()
                difference = float(np.nanmean(pair.apart[stretch]))
                ahead = float(pair.lag[stretch][moved].mean()) / RATE
                found.append(Unison((one, other), start, end, difference, ahead))
            if found:
                pair = pair._replace(together=kept)
                self._pairs[one, other] = pair
                self._pairs[other, one] = _turned(pair, self._shapes[other], self._shapes[one])
            yield found

    def odd(self) -> Iterator[list[OddOneOut]]:
        """Give where each dancer in turn is the odd one out, once it is known who is in unison."""
        for number in self._shapes:
            yield list(_odd(number, self._shapes, self._pairs))


def _pair(one: Shape, other: Shape) -> _Pair:
    """Lay two dancers beside each other."""
    moments = counterparts(one, other, within=round(APART * RATE))
    return _beside(one, other, moments)


def _beside(one: Shape, other: Shape, moments: Times) -> _Pair:
    """Two dancers by which moment (n,) of the second belongs to each of the first."""
    nearest = np.rint(moments).astype(np.intp)
    apart = degrees_apart(one.directions, other.directions[nearest])
    common = np.isfinite(apart).sum(axis=1)
    square = np.nansum(apart**2, axis=1) / np.maximum(common, 1)
    at_once = np.isfinite(one.directions[..., 0] + other.directions[..., 0]).sum(axis=1)
    seen = np.minimum(common, at_once) > len(NAMES) // 2
    # Who is hidden for a moment goes on, who is gone doesn't.
    there = bridged(seen, LONGEST_GAP)
    alike = there & (smooth(np.where(seen, square, np.nan), SMOOTHED) < UNISON**2)
    together = there & bridged(alike, INTERRUPTION, there)
    return _Pair(nearest, moments - np.arange(len(moments)), apart, seen, together)


def _turned(pair: _Pair, one: Shape, other: Shape) -> _Pair:
    """The same two as seen from the second."""
    at = np.arange(len(pair.moments))
    # Alignments go on in time, but may stand still.
    known, first = np.unique(pair.moments, return_index=True)
    turned = _beside(one, other, np.interp(at, known, first))
    return turned._replace(together=pair.together[turned.moments])


def _odd(
    number: int, shapes: Mapping[int, Shape], pairs: Mapping[tuple[int, int], _Pair]
) -> Iterator[OddOneOut]:
    """The limbs of a dancer that are other than those of two or more who agree among themselves."""
    times = shapes[number].times
    off_by = _off_by(number, shapes, pairs)
    told: dict[int, list[slice]] = {}
    for place in range(len(NAMES)):
        for spell in spells(off_by.sure[:, place], SHORTEST_ODD):
            limb = CARRIERS.get(place, place)
            carried = CARRIED * median(off_by.degrees[spell, place])
            if median(off_by.degrees[spell, limb]) < max(carried, AGREED):
                limb = place
            before = told.setdefault(limb, [])
            if any(each.start < spell.stop and spell.start < each.stop for each in before):
                continue
            before.append(spell)
            degrees = median(off_by.degrees[spell, limb])
            way = np.nanmean(off_by.change[spell, limb], axis=0)
            text = f"Dancer {number}'s {off(limb, way, degrees)} than the others'."
            start, end = float(times[spell.start]), float(times[spell.stop - 1])
            yield OddOneOut(number, NAMES[limb], start, end, degrees, text)


class _OffBy(NamedTuple):
    """What is other of a dancer's limbs than of those of others, at each of n moments."""

    degrees: Floats
    """(n, 9) by how much; NaN where no two others agree."""
    change: Floats
    """(n, 9, 3) by which change of the direction, likewise."""
    sure: Flags
    """(n, 9) whether it is more than the camera may be wrong, and nobody has it too."""


def _off_by(
    number: int, shapes: Mapping[int, Shape], pairs: Mapping[tuple[int, int], _Pair]
) -> _OffBy:
    shape = shapes[number]
    degrees = np.full(shape.directions.shape[:2], np.nan, np.float32)
    change = np.full(shape.directions.shape, np.nan, np.float32)
    sure = np.zeros(degrees.shape, np.bool_)
    others = [other for other in shapes if (number, other) in pairs]
    for one, other in combinations(others, 2):
        if (one, other) not in pairs:
            continue
        first, second, between = pairs[number, one], pairs[number, other], pairs[one, other]
        there = first.moments
        together = first.together & second.together & between.together[there]
        agreed = together[:, None] & (between.apart[there] < AGREED)
        both = shapes[one].directions[there] + shapes[other].directions[second.moments]
        by = shape.directions - both / np.float32(2)
        degrees[agreed] = ((first.apart + second.apart) / 2)[agreed]
        change[agreed] = by[agreed]
        sure |= agreed & (np.minimum(first.apart, second.apart) > _enough(shape, by))
    for other in others:
        pair = pairs[number, other]
        sure &= ~(pair.together[:, None] & (pair.apart < AGREED))
    return _OffBy(degrees, change, sure)


def _enough(shape: Shape, change: Floats) -> Floats:
    """(n, 9) degrees from which on a change (n, 9, 3) of directions is sure."""
    length = np.maximum(np.linalg.norm(change, axis=-1), TINY)
    along = np.abs((change * shape.sight[:, None]).sum(axis=-1)) / length
    return np.asarray(ODD * (1 + (DEEP - 1) * along**2), np.float32)
