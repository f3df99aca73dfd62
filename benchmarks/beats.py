"""Clicks of known tempos: are the beats found, and how long does it take?

python -m benchmarks.beats prints for each kind of clicks and each tempo the F-measure of the beats
within 70 ms and by how much the tempo is wrong, then how often a beat is told of what has none, and
how long five minutes of sound take.
"""

import time

import numpy as np

from analyzer.music import RATE, Beats, beats_of, loudness
from benchmarks.common import table
from dancer import music
from dancer.music import clicks
from testing.sounds import WITHOUT_BEAT, Samples, matched

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


def main() -> None:
    """Print the tables."""
    lines = []
    for kind, options in KINDS.items():
        for tempo in TEMPOS:
            track = clicks(tempo, **options)
            found = heard(at_our_rate(track.samples))
            right = matched(found.times, track.beats) if found else 0.0
            wrong = f"{100 * abs(found.tempo / tempo - 1):.1f} %" if found else "none found"
            lines.append((kind, tempo, f"{right:.3f}", wrong))
    print(table(("clicks", "tempo", "F-measure", "tempo off by"), lines))
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
