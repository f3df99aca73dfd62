"""Sounds without a beat, and how right beats are that were found."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

RATE = 22_050
"""Samples a second."""

Samples = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]


def silence(seconds: float, seed: int) -> Samples:  # noqa: ARG001 - one is as another
    """Nothing at all."""
    return np.zeros(round(seconds * RATE), np.float32)


def noise(seconds: float, seed: int) -> Samples:
    """White noise."""
    samples = 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return samples.astype(np.float32)


def one_hit(seconds: float, seed: int) -> Samples:
    """One hit in a quiet room."""
    chance = np.random.default_rng(seed)
    samples = 0.01 * noise(seconds, seed)
    _add(samples, chance.uniform(0.2, seconds - 0.2), 0.7 * _burst(chance, 0.02))
    return samples


def drops(seconds: float, seed: int) -> Samples:
    """Hits at any time, three a second, each as loud as it happens to be."""
    chance = np.random.default_rng(seed)
    samples = 0.01 * noise(seconds, seed)
    now = 0.0
    while (now := now + chance.exponential(1 / 3)) < seconds - 0.1:
        _add(samples, now, chance.uniform(0.2, 0.7) * _burst(chance, 0.02))
    return samples


def speech(seconds: float, seed: int) -> Samples:
    """What is like speech: voiced syllables of 0.1 to 0.3 s in phrases, with pauses."""
    chance = np.random.default_rng(seed)
    samples = 0.02 * noise(seconds, seed)
    now = chance.uniform(0, 0.5)
    while now < seconds:
        for _ in range(chance.integers(3, 12)):
            length = chance.lognormal(np.log(0.19), 0.3)
            _add(samples, now, _syllable(chance, 0.8 * length))
            now += length
        now += chance.uniform(0.2, 1.0)
    return samples


WITHOUT_BEAT: tuple[Callable[[float, int], Samples], ...] = (silence, noise, one_hit, drops, speech)
"""Sounds of so many seconds, by a seed."""


PATTERNS: dict[str, tuple[str, ...]] = {
    "rock": ("kick hat", "hat", "snare hat", "hat", "kick hat", "kick hat", "snare hat", "hat"),
    "four on the floor": ("kick", "open", "kick snare", "open") * 2,
    "waltz": ("kick", "", "hat", "", "hat", ""),
}
"""What drums play on each half of a beat."""


def drums(pattern: str, tempo: float, seconds: float = 30.0) -> tuple[Samples, Times]:
    """Give drums and notes of a melody at any half beat, and the seconds (m,) of the beats.

    Args:
        pattern: of PATTERNS.
        tempo: beats a minute.
        seconds: how long it sounds.
    """
    chance = np.random.default_rng(3)
    samples = np.zeros(round(seconds * RATE), np.float32)
    time = np.arange(round(0.3 * RATE)) / RATE
    sounds = {
        "kick": 0.8 * np.sin(2 * np.pi * 50 * time) * np.exp(-time / 0.08),
        "snare": 0.2 * np.sin(2 * np.pi * 190 * time) * np.exp(-time / 0.05)
        + 0.25 * _burst(chance, 0.075),
        "hat": 0.15 * _burst(chance, 0.015),
        "open": 0.2 * _burst(chance, 0.04),
    }
    halves = np.arange(0.3, seconds - 0.3, 30 / tempo)
    for number, half in enumerate(halves):
        for name in PATTERNS[pattern][number % len(PATTERNS[pattern])].split():
            _add(samples, half, sounds[name])
        if chance.random() < 0.5:
            note = 220 * 2 ** (chance.integers(12) / 12)
            rise = np.minimum(time / 0.01, 1)
            _add(samples, half, 0.1 * rise * np.sin(2 * np.pi * note * time) * np.exp(-time / 0.2))
    return samples, halves[::2]


def matched(found: Times, true: Times, within: float = 0.07) -> float:
    """Give the F-measure of beats in order: each is right at most once, within so many seconds."""
    hits = at = 0
    for beat in found:
        while at < len(true) and true[at] < beat - within:
            at += 1
        if at < len(true) and true[at] <= beat + within:
            hits += 1
            at += 1
    return 2 * hits / max(len(found) + len(true), 1)


def _syllable(chance: np.random.Generator, seconds: float) -> Times:
    time = np.arange(round(seconds * RATE)) / RATE
    pitch, formant = chance.uniform(90, 220), chance.uniform(300, 2500)
    voice = np.zeros(len(time))
    for harmonic in range(1, 15):
        loud = np.exp(-(((pitch * harmonic - formant) / 900) ** 2)) / harmonic
        voice += loud * np.sin(2 * np.pi * pitch * harmonic * time)
    rise = np.minimum(time / chance.uniform(0.01, 0.05), 1)
    return np.asarray(chance.uniform(0.1, 0.3) * voice * rise * np.minimum(time[::-1] / 0.04, 1))


def _burst(chance: np.random.Generator, decay: float) -> Times:
    time = np.arange(round(4 * decay * RATE)) / RATE
    return np.asarray(chance.uniform(-1, 1, len(time)) * np.exp(-time / decay))


def _add(samples: Samples, seconds: float, sound: Times) -> None:
    begin = round(seconds * RATE)
    part = samples[begin : begin + len(sound)]
    part += sound[: len(part)].astype(np.float32)
