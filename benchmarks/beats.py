"""Clicks and drums of known tempos: are the beats found, and how long does it take?

python -m benchmarks.beats prints for each kind of sound and each tempo the F-measure of the beats
within 70 ms and by how much the tempo is wrong, then how often a beat is told of what has none, and
how long five minutes of sound take.
"""

import time

import numpy as np

from analyzer.music import RATE, Beats, beats_of, loudness
from benchmarks.common import table
from dancer import music
from dancer.music import clicks
from testing.sounds import PATTERNS, WITHOUT_BEAT, Samples, Times, drums, matched

KINDS: dict[str, dict[str, float]] = {
    "plain": {},
    "offbeats, 0.3 as loud": {"offbeats": 0.3},
    "offbeats, 0.5 as loud": {"offbeats": 0.5},
    "8 % faster to either end": {"drift": 0.08},
    "8 % slower, with offbeats": {"drift": -0.08, "offbeats": 0.4},
    "in noise": {"noise": 0.1},
    "in noise, with offbeats": {"noise": 0.05, "offbeats": 0.3},
}

TEMPOS = range(60, 181, 15)

LENGTHS = (4.0, 6.0, 10.0, 30.0)
"""Seconds of what has no beat."""

SEEDS = 50


def heard(samples: Samples) -> Beats | None:
    """What is found in samples, RATE a second."""
    return beats_of(np.concatenate(list(loudness([samples]))))


def at_our_rate(samples: Samples) -> Samples:
    """The samples of a track, RATE a second."""
    return np.asarray(samples.reshape(-1, music.RATE // RATE).mean(axis=1), np.float32)


def judged(found: Beats | None, beats: Times, tempo: float) -> tuple[str, str]:
    """The F-measure of beats, and by how much their tempo is wrong."""
    if found is None:
        return "0.000", "none found"
    wrong = 100 * abs(found.tempo / tempo - 1)
    return f"{matched(found.times, beats):.3f}", f"{wrong:.1f} %"


def main() -> None:
    """Print the tables."""
    lines = []
    for kind, options in KINDS.items():
        for tempo in TEMPOS:
            track = clicks(tempo, **options)
            found = heard(at_our_rate(track.samples))
            lines.append((kind, tempo, *judged(found, track.beats, tempo)))
    for pattern in PATTERNS:
        for tempo in TEMPOS:
            samples, beats = drums(pattern, tempo)
            lines.append((pattern, tempo, *judged(heard(samples), beats, tempo)))
    print(table(("sound", "tempo", "F-measure", "tempo off by"), lines))
    rows = []
    for sound in WITHOUT_BEAT:
        told = [
            sum(heard(sound(seconds, seed)) is not None for seed in range(SEEDS))
            for seconds in LENGTHS
        ]
        rows.append((sound.__name__, *(f"{each} of {SEEDS}" for each in told)))
    print(table(("without a beat", *(f"{seconds:g} s" for seconds in LENGTHS)), rows))
    samples = at_our_rate(clicks(120, 300.0, noise=0.05).samples)
    begin = time.perf_counter()
    heard(samples)
    print(f"300 seconds of sound: {time.perf_counter() - begin:.1f} seconds")


if __name__ == "__main__":
    main()
