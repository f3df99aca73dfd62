"""Who is ahead: the tempo at which a dancer dances, and where that is left."""

from typing import Final, NamedTuple

import numpy as np

from analyzer.compare.moments import RATE, Flags, Times, bridged, spells

TEMPI: Final = np.geomspace(0.5, 2.0, 401)
"""The tempi that are tried, 0.35 % apart: times as fast as the reference."""

IN_TIME: Final = 0.06
"""Seconds that a moment may be off to be in time."""

OFF: Final = 0.2
"""Seconds from which on a dancer is ahead or behind."""

SHORTEST: Final = 0.7
"""Seconds for which a dancer is so at least, with the stillness between two movements."""

STEADY: Final = 0.5
"""Seconds over which the dances go on at some of the TEMPI, where it shows who is ahead: at the
ends of what they have in common one of them may stand while the other goes on."""

LEAST_SPAN: Final = 1.5
"""Seconds from the first movement to the last that show a tempo at least."""

SHOWN: Final = 0.4
"""Seconds of movement that show it at least."""

PAUSE: Final = 3.0
"""Seconds of stillness after which nothing is known of who is ahead."""


class Tempo(NamedTuple):
    """How the time of a dance goes on that of its reference."""

    ratio: float
    """Times as fast as the reference."""
    begin: float
    """The second of the reference at second 0 of the dancer."""
    ahead: Times
    """(n,) seconds that the dancer is ahead of that, behind where negative; NaN where both stand
    still for long, as then nobody can tell."""
    shown: Flags
    """(n,) whether it is shown by a movement, and not only between two."""


class Off(NamedTuple):
    """Who is ahead, or behind, for a while."""

    moments: slice
    ahead: float
    """Seconds; negative, behind."""


def tempo_of(times: Times, theirs: Times, moving: Flags) -> Tempo | None:
    """Give the tempo and the begin with which the most moments are in time, if enough is seen.

    A dancer who is late for a while makes no other tempo so.

    Args:
        times: (n,) seconds of the dancer, RATE a second.
        theirs: (n,) the seconds of the reference that belong to them.
        moving: (n,) whether somebody moves, as only then it is known.
    """
    moving = moving & _goes_on(times, theirs)
    at, there = times[moving], theirs[moving]
    if not len(at) or np.ptp(at) < LEAST_SPAN:
        return None
    middle = float(np.median(at))
    begins = there[None] - TEMPI[:, None] * (at - middle)[None]
    # Of each tempo, the begin that the most moments agree about.
    order = np.sort(begins, axis=1)
    last = np.stack([np.searchsorted(row, row + 2 * IN_TIME, side="right") for row in order])
    count = last - np.arange(order.shape[1])
    best, first = np.unravel_index(int(count.argmax()), count.shape)
    ratio, begin = TEMPI[best], order[best, first] + IN_TIME
    for _ in range(3):
        near = np.abs(there - begin - ratio * (at - middle)) <= 2 * IN_TIME
        if np.ptp(at[near]) < 1:
            break
        ratio, begin = np.polyfit(at[near] - middle, there[near], 1)
    ahead = (theirs - begin - ratio * (times - middle)) / ratio
    known = bridged(moving, PAUSE)
    ahead = np.where(known, np.interp(times, at, ahead[moving]), np.nan)
    return Tempo(float(ratio), float(begin - ratio * middle), ahead, moving)


def _goes_on(times: Times, theirs: Times) -> Flags:
    """(n,) whether both dances go on at some of the TEMPI around each moment."""
    reach = max(1, round(STEADY * RATE / 2))
    place = np.arange(len(times))
    before, after = np.maximum(place - reach, 0), np.minimum(place + reach, len(times) - 1)
    passed = np.maximum(times[after] - times[before], 1 / RATE)
    pace = (theirs[after] - theirs[before]) / passed
    return np.asarray((pace >= TEMPI[0]) & (pace <= TEMPI[-1]))


def off_beat(tempo: Tempo) -> list[Off]:
    """Give where the dancer is ahead or behind."""
    found = [
        Off(spell, float(np.median(tempo.ahead[spell])))
        for sign in (1, -1)
        for spell in spells(sign * tempo.ahead > OFF, SHORTEST)
        if tempo.shown[spell].sum() >= SHOWN * RATE
    ]
    return sorted(found, key=lambda each: each.moments.start)


def every(seconds: float, tempo: Tempo) -> list[int]:
    """Give moments that are so far apart, of those at which it is known who is ahead."""
    return [
        moment
        for moment in range(0, len(tempo.ahead), round(seconds * RATE))
        if np.isfinite(tempo.ahead[moment])
    ]
