"""The beats of music: its tempo, where they are, and whether there is a beat at all.

Tempo and beats are found as by Ellis, "Beat Tracking by Dynamic Programming" (Journal of New Music
Research 36, 2007): the tempo by the autocorrelation of the onsets, weighted by how usual it is,
the beats as the sequence that best meets strong onsets in even steps.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.music.onsets import MOMENTS, Envelope, Samples, onsets

BASS, BASS_OF_LEVEL = 2.0, 10.0
"""How much the bass counts in where beats are, and in which of several levels of them people tap:
it is the bass that goes with the beat, and cymbals that fill it."""

SMOOTHED: Final = 0.013
"""Seconds of the Gauss curve that onsets are smoothed by."""

AROUND: Final = 1.0
"""Seconds over which the usual strength of onsets is taken, above which they count."""

AUDIBLE: Final = 1.0
"""The strength of the strongest onset at least, in nepers summed over the bands; a hit has 15."""

SLOWEST, FASTEST = 43.0, 222.0
"""Beats a minute."""

USUAL: Final = 120.0
"""Beats a minute that are expected most; half and twice as many are by OCTAVE less so."""

OCTAVE: Final = 1.0
"""The standard deviation of the tempo expected, in octaves."""

WINDOW, STEP = 8.0, 2.0
"""Seconds within which the same tempo is looked for, so that it may drift over the whole."""

DRIFT: Final = 0.08
"""By which part the tempo of a window may be another than that of the whole."""

EVENNESS: Final = 100.0
"""What uneven steps cost, in standard deviations of the onsets' strength."""

EQUAL: Final = 2
"""The power to which it counts how much weaker every other beat is."""

REACH: Final = 0.027
"""Seconds within which an onset belongs to a beat."""

LEAST: Final = 5
"""Beats with an onset that there are at least."""

WEAK: Final = 0.25
"""Of the strongest onset on a beat, below which a beat has none."""

PERIODIC, BY_CHANCE = 0.2, 1.5
"""How periodic the onsets are at least, by their autocorrelation a beat later (1 for clicks), and
what is added to it, divided by the number of beats: few onsets may be even by chance. Noise, speech
and onsets at random stay below, music is at 0.45 and more."""

EARLY: Final = 0.005
"""Seconds by which onsets rise most before the sound itself begins, as windows reach ahead."""

Places = npt.NDArray[np.intp]


class Beats(NamedTuple):
    """The beats of music."""

    tempo: float
    """Beats a minute, on average."""
    times: npt.NDArray[np.float64]
    """(n,) seconds."""


def beats_of(levels: Samples) -> Beats | None:
    """Find the beats; None where there is no clear beat, as in speech, noise and silence.

    Args:
        levels: (n, BANDS), as `loudness` gives them.
    """
    if len(levels) < LEAST * MOMENTS * 60 / FASTEST:
        return None
    strength = _above_usual(onsets(levels, BASS))
    if strength.max() < AUDIBLE:
        return None
    periodicity = _periodicity(strength)
    likely = _likely_period(periodicity.mean(axis=0))
    deep = _above_usual(onsets(levels, BASS_OF_LEVEL))
    found = [_tracked(strength, period) for period in (likely / 2, likely, 2 * likely)]
    # A sequence at half or twice the tempo meets onsets as well; which one it is tells how the
    # beats differ from what is between them, and among themselves.
    beats = max(found, key=lambda beats: _fits(deep, beats))
    if not _is_clear(strength, beats, periodicity):
        return None
    tempo = 60 * MOMENTS * (len(beats) - 1) / float(beats[-1] - beats[0])
    return Beats(tempo, beats / MOMENTS + EARLY)


def _above_usual(strength: Envelope) -> Envelope:
    """How much stronger onsets are than around them, smoothed."""
    reach = np.arange(-3 * SMOOTHED, 3 * SMOOTHED + 1 / MOMENTS, 1 / MOMENTS)
    curve = np.exp(-((reach / SMOOTHED) ** 2) / 2)
    smooth = _filtered(strength, curve / curve.sum())
    around = np.ones(round(AROUND * MOMENTS))
    usual = _filtered(smooth, around) / _filtered(np.ones(len(smooth)), around)
    return np.maximum(smooth - usual, 0.0)


def _filtered(strength: Envelope, curve: Envelope) -> Envelope:
    """The strength (n,) with each moment spread as a curve says, also where it is the longer."""
    begin = (len(curve) - 1) // 2
    return np.convolve(strength, curve)[begin : begin + len(strength)]


def _periodicity(strength: Envelope) -> npt.NDArray[np.float64]:
    """(windows, lags) the autocorrelation from one window to the next, 1 at lag 0."""
    size = round(WINDOW * MOMENTS)
    lags = round(60 * MOMENTS / SLOWEST * (1 + DRIFT)) + 2
    found = []
    for begin in range(0, max(1, len(strength) - size // 2), round(STEP * MOMENTS)):
        part = strength[begin : begin + size]
        power = np.abs(np.fft.rfft(part - part.mean(), 2 * size)) ** 2
        products = np.fft.irfft(power)[:lags] / np.maximum(len(part) - np.arange(lags), 1)
        found.append(products / products[0] if products[0] > 0 else np.zeros(lags))
    return np.array(found)


def _likely_period(periodicity: npt.NDArray[np.float64]) -> float:
    """The moments from one beat to the next."""
    lags = np.arange(round(60 * MOMENTS / FASTEST), round(60 * MOMENTS / SLOWEST) + 1)
    return float(lags[np.argmax(periodicity[lags] * _usual(60 * MOMENTS / lags))])


def _usual(tempo: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How usual tempos are, 1 the most."""
    return np.asarray(np.exp(-((np.log2(tempo / USUAL) / OCTAVE) ** 2) / 2))


def _tracked(strength: Envelope, period: float) -> Places:
    """The moments of beats that are about a period apart; none beyond SLOWEST to FASTEST."""
    if not SLOWEST <= 60 * MOMENTS / period <= FASTEST:
        return np.zeros(0, np.intp)
    scaled = strength / strength.std()
    nearest, farthest = round(period / 2), round(2 * period)
    cost = EVENNESS * np.log(np.arange(farthest, nearest - 1, -1) / period) ** 2
    best = scaled.copy()
    before = np.full(len(best), -1)
    for now in range(nearest, len(best)):
        first = max(0, now - farthest)
        ways = best[first : now - nearest + 1] - cost[first - now + farthest :]
        way = int(ways.argmax())
        if ways[way] > 0:
            best[now] += ways[way]
            before[now] = first + way
    beat = max(0, len(best) - round(period))
    beat += int(best[beat:].argmax())
    beats = []
    while beat >= 0:
        beats.append(beat)
        beat = before[beat]
    return _trimmed(strength, np.array(beats[::-1]))


def _trimmed(strength: Envelope, beats: Places) -> Places:
    """Without beats before the music begins and after it ends."""
    there = _on(strength, beats)
    sounding = np.flatnonzero(there > np.sqrt((there**2).mean()) / 2)
    return beats[sounding[0] : sounding[-1] + 1] if len(sounding) else beats[:0]


def _on(strength: Envelope, places: Places) -> Envelope:
    """The strongest onset within REACH of each place."""
    reach = round(REACH * MOMENTS)
    padded = np.pad(strength, reach)
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(near[places].max(axis=1))


def _fits(strength: Envelope, beats: Places) -> float:
    """How well beats are at the level at which people would tap, 0..1.

    On a beat more begins than midway between two, and as much as on the next.
    """
    if len(beats) < LEAST - 1:
        return 0.0
    on = _on(strength, beats)
    between = _on(strength, (beats[1:] + beats[:-1]) // 2)
    odd, even = on[::2].mean(), on[1::2].mean()
    if min(odd, even) <= 0:
        return 0.0
    tempo = 60 * MOMENTS / np.diff(beats).mean(keepdims=True)
    stands_out = max(0.0, 1 - between.mean() / on.mean())
    return float(_usual(tempo)[0] * stands_out * (min(odd, even) / max(odd, even)) ** EQUAL)


def _is_clear(strength: Envelope, beats: Places, periodicity: npt.NDArray[np.float64]) -> bool:
    """Whether onsets come back a beat later, and are enough for that not to be by chance."""
    if len(beats) < LEAST:
        return False
    on = _on(strength, beats)
    sounding = int((on >= WEAK * on.max()).sum())
    period = float(np.diff(beats).mean())
    lags = slice(round(period * (1 - DRIFT)), round(period * (1 + DRIFT)) + 1)
    periodic = float(np.median(periodicity[:, lags].max(axis=1)))
    return sounding >= LEAST and periodic >= PERIODIC + BY_CHANCE / sounding
