"""Sounds for tests and benchmarks: clicks whose beats are known, and what has no beat."""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

RATE = 22_050
"""Samples a second."""

Samples = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]

Kind = Literal["plain", "offbeats", "drift", "noise"]


class Track(NamedTuple):
    """A sound and when its beats are."""

    samples: Samples
    """(n,) RATE a second, -1..1."""
    beats: Times
    """(m,) seconds."""


def clicks(
    tempo: float,
    seconds: float = 30.0,
    *,
    start: float = 0.3,
    offbeats: float = 0.0,
    drift: float = 0.0,
    noise: float = 0.0,
) -> Track:
    """Give clicks at a tempo.

    Args:
        tempo: beats a minute, in the middle.
        seconds: how long it sounds.
        start: seconds at which the first click is.
        offbeats: how loud clicks midway between beats are, as a part of those on them.
        drift: by which part the tempo is slower at the start and faster at the end.
        noise: the root of the mean square of white noise.
    """
    samples = noise * np.random.default_rng(7).standard_normal(round(seconds * RATE))
    beats = []
    now = start
    while now < seconds - 0.1:
        beats.append(now)
        # The tempo at the middle of the beat, near enough.
        period = 60 / (tempo * (1 + drift * (2 * now / seconds - 1)))
        if offbeats:
            _add(samples, now + period / 2, offbeats * _click(1300))
        _add(samples, now, _click(1000))
        now += period
    return Track(np.clip(0.7 * samples, -1, 1).astype(np.float32), np.array(beats))


def _click(hertz: float) -> Times:
    """A tone that dies away within 50 ms."""
    time = np.arange(round(0.05 * RATE)) / RATE
    return np.asarray(np.sin(2 * np.pi * hertz * time) * np.exp(-time / 0.01))


def _add(samples: Times, seconds: float, sound: Times) -> None:
    begin = round(seconds * RATE)
    part = samples[begin : begin + len(sound)]
    part += sound[: len(part)]


def matched(found: Times, true: Times, within: float = 0.07) -> float:
    """Give the F-measure of beats: each may be right once, for a true one at most so far away."""
    hits, at = 0, 0
    for beat in np.sort(found):
        while at < len(true) and true[at] < beat - within:
            at += 1
        if at < len(true) and true[at] <= beat + within:
            hits += 1
            at += 1
    return 2 * hits / (len(found) + len(true)) if len(found) + len(true) else 1.0
