"""Where a dancer's limbs are other than the reference's, by more than two cameras may differ."""

from typing import Final, NamedTuple

import numpy as np

from analyzer.body import Floats
from analyzer.compare.beside import Beside
from analyzer.compare.moments import RATE, Flags, bridged, median, spells
from analyzer.compare.shape import CARRIERS, NAMES, TINY, Shape, degrees_apart

LEAST: Final = 10.0
"""Degrees from which on a limb differs, seen from one and the same side."""

A_DEGREE_OF_VIEW: Final = 0.55
"""How many degrees more it has to be for each that the cameras see the two from another side: of
drawn dancers who do the same, the tenth part of the moments differs by 16 to 28 at 30 degrees."""

IN_THE_MIRROR: Final = 4.0
"""How many degrees more it has to be of a dancer beside a reference in the mirror: what MediaPipe
errs alike in both, it then errs to opposite sides."""

DEEP: Final = 4.0
"""How many times as much it has to be of what a wrong depth makes: it turns a limb to the line of
sight or away from it."""

LIKE_VIEWS: Final = 50.0
"""Degrees that the two may be seen from another side; beyond, MediaPipe takes front for back."""

SHORT: Final = 0.7
"""Which part of its usual length a limb has to have in the picture: a shorter one points to the
camera or away from it, and where to is a guess."""

STEADY: Final = 0.5
"""Seconds over which the median of a difference is taken."""

SHORTEST: Final = 0.5
"""Seconds that a fault lasts at least."""

CARRIED: Final = 0.6
"""From which part of what a forearm is off by on the upper arm takes it along; likewise legs."""

WHOLE: Final = 5
"""Limbs, of 9, that differ at once where the dancer does something else."""


class Fault(NamedTuple):
    """A limb that is other than the reference's for a while."""

    limb: int
    """The place in shape.NAMES."""
    moments: slice
    degrees: float
    change: Floats
    """(3,) by how much its direction is another: to the dancer's left, up and forwards."""


class Differences(NamedTuple):
    """How the limbs of a dancer differ from those of the reference, in n moments."""

    degrees: Floats
    """(n, 9) NaN where one isn't seen, or the two are seen from quite different sides."""
    like: Flags
    """(n,) whether the two are seen from about the same side."""
    faults: list[Fault]
    others: list[slice]
    """Where the dancer does something else."""


def differences(beside: Beside) -> Differences:
    """Give how a dancer differs from the reference."""
    own, theirs = beside.dancer, beside.reference
    views = degrees_apart(own.sight, theirs.sight)
    like = ~(views > LIKE_VIEWS)
    directions = _turned(own.directions, theirs.directions, like)
    degrees = degrees_apart(directions, theirs.directions)
    degrees[~like] = np.nan
    told = like[:, None] & ~_short(own) & ~_short(theirs)
    change = _steady(np.where(told[..., None], directions - theirs.directions, np.nan))
    apart = np.degrees(2 * np.arcsin(np.minimum(np.linalg.norm(change, axis=-1) / 2, 1)))
    least = LEAST + A_DEGREE_OF_VIEW * median(views[like]) + IN_THE_MIRROR * beside.mirrored
    off = apart * np.minimum(_told(change, own), _told(change, theirs)) > least
    other = bridged(off.sum(axis=1) >= WHOLE, SHORTEST)
    others = spells(other, SHORTEST)
    # On the way there and back limbs differ one by one.
    for spell in others:
        off[max(0, spell.start - RATE) : spell.stop + RATE] = False
    return Differences(degrees, like, _faults(off, apart, change, least), others)


def _faults(off: Flags, apart: Floats, change: Floats, least: float) -> list[Fault]:
    """The limbs that are off (n, 9) by `least` degrees, in place of one that is carried what
    carries it."""
    found: list[Fault] = []
    for place in range(len(NAMES)):
        for core in spells(bridged(off[:, place], SHORTEST / 2), SHORTEST):
            spell = _edges(core, apart[:, place])
            limb = CARRIERS.get(place, place)
            if median(apart[spell, limb]) < max(CARRIED * median(apart[spell, place]), LEAST):
                limb = place
            degrees = median(apart[spell, limb])
            if degrees < least or any(
                each.limb == limb
                and each.moments.start < spell.stop
                and spell.start < each.moments.stop
                for each in found
            ):
                continue
            way = np.nanmean(change[spell, limb], axis=0)
            found.append(Fault(limb, spell, degrees, way))
    return found


def _edges(spell: slice, apart: Floats) -> slice:
    """A spell up to where the difference (n,) is half of what it is in it."""
    half = median(apart[spell]) / 2
    start, stop = spell.start, spell.stop
    while start > 0 and apart[start - 1] > half:
        start -= 1
    while stop < len(apart) and apart[stop] > half:
        stop += 1
    return slice(start, stop)


def _turned(directions: Floats, others: Floats, like: Flags) -> Floats:
    """Directions (n, 9, 3) turned about the trunk by what all of them together are turned.

    How far a dancer is turned to the camera is seen but roughly, and of both all the time alike.
    """
    x, _, z = np.moveaxis(directions[like], -1, 0)
    other_x, _, other_z = np.moveaxis(others[like], -1, 0)
    near = degrees_apart(directions[like], others[like]) < LIKE_VIEWS
    along = np.where(near, x * other_x + z * other_z, 0)
    across = np.where(near, x * other_z - z * other_x, 0)
    turn = np.arctan2(across.sum(), along.sum())
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    x, y, z = np.moveaxis(directions, -1, 0)
    return np.stack([cosine * x - sine * z, y, sine * x + cosine * z], axis=-1)


def _short(shape: Shape) -> Flags:
    """(n, 9) whether a limb is foreshortened."""
    known = np.isfinite(shape.shown).all(axis=1)
    if not known.any():
        return np.zeros(shape.shown.shape, np.bool_)
    return np.asarray(shape.shown < SHORT * np.percentile(shape.shown[known], 90, axis=0))


def _told(change: Floats, shape: Shape) -> Floats:
    """(n, 9) which part of changes (n, 9, 3) is told: less, the more of them depth may make."""
    limbs, sight = shape.directions, shape.sight[:, None]
    towards = sight - (sight * limbs).sum(axis=-1, keepdims=True) * limbs
    lengths = np.linalg.norm(towards, axis=-1) * np.linalg.norm(change, axis=-1)
    along = (change * towards).sum(axis=-1) / np.maximum(lengths, TINY)
    return np.asarray(np.sqrt(1 - (1 - DEEP**-2) * np.minimum(along**2, 1)), np.float32)


def _steady(change: Floats) -> Floats:
    """The median of changes (n, 9, 3) over STEADY seconds around each moment."""
    reach = round(STEADY * RATE / 2)
    edge = np.full((reach, *change.shape[1:]), np.nan, np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([edge, change, edge]), 2 * reach + 1, axis=0
    )
    known = np.isfinite(windows).sum(axis=-1, keepdims=True)
    # What isn't known is sorted to the end.
    middle = np.take_along_axis(np.sort(windows, axis=-1), np.maximum(known - 1, 0) // 2, axis=-1)
    return np.asarray(np.where(known > reach, middle, np.nan)[..., 0], np.float32)
