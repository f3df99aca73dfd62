"""Beats are found where they are, and none where there are none."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from analyzer.music import RATE, Beats, beats_of, loudness
from dancer import music
from dancer.music import Track, clicks
from testing.sounds import PATTERNS, WITHOUT_BEAT, Samples, drums, matched, speech

TEMPOS = range(60, 181, 15)

KINDS: dict[str, dict[str, float]] = {
    "plain": {},
    "quiet clicks between": {"offbeats": 0.3},
    "louder clicks between": {"offbeats": 0.5},
    "faster and faster": {"drift": 0.08},
    "slower and slower, with clicks between": {"drift": -0.08, "offbeats": 0.4},
    "noise": {"noise": 0.1},
    "noise and clicks between": {"noise": 0.05, "offbeats": 0.3},
}


def heard(samples: Samples) -> Beats | None:
    """What is found in samples, RATE a second."""
    return beats_of(np.concatenate([np.zeros((0, 40), np.float32), *loudness([samples])]))


def listened(track: Track) -> Beats | None:
    assert music.RATE == 2 * RATE
    return heard(track.samples[: len(track.samples) // 2 * 2].reshape(-1, 2).mean(axis=1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tempo", TEMPOS)
def test_clicks_are_the_beats_and_neither_half_of_them_nor_twice_as_many(
    tempo: int, kind: str
) -> None:
    track = clicks(tempo, **KINDS[kind])
    found = listened(track)
    assert found is not None
    assert matched(found.times, track.beats) >= 0.95
    assert found.tempo == pytest.approx(tempo, rel=0.01)


@pytest.mark.parametrize("tempo", [60, 80, 100, 120])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_beats_of_drums_are_those_that_people_tap(pattern: str, tempo: int) -> None:
    samples, beats = drums(pattern, tempo)
    found = heard(samples)
    assert found is not None
    assert matched(found.times, beats) >= 0.95


@pytest.mark.parametrize("tempo", [60, 97.3, 143])
def test_a_beat_is_within_hundredths_of_a_second_of_its_click(tempo: float) -> None:
    for start in (0.2, 0.213, 0.4):
        track = clicks(tempo, start=start)
        found = listened(track)
        assert found is not None
        apart = np.abs(found.times[:, None] - track.beats).min(axis=1)
        assert apart.max() < 0.012


@pytest.mark.parametrize("seconds", [5, 8, 12, 30])
@pytest.mark.parametrize("sound", WITHOUT_BEAT)
def test_what_has_no_beat_has_none(sound: Callable[[float, int], Samples], seconds: float) -> None:
    for seed in range(5):
        assert heard(sound(seconds, seed)) is None


def test_speech_over_the_music_hides_no_beat() -> None:
    track = clicks(110, offbeats=0.3)
    spoken = speech(30, 1)
    found = heard(track.samples.reshape(-1, 2).mean(axis=1) + 0.5 * spoken)
    assert found is not None
    assert matched(found.times, track.beats) >= 0.95


def test_no_beats_are_told_before_the_music_and_after_it() -> None:
    track = clicks(100, 12)
    pause = np.zeros(4 * RATE, np.float32)
    found = heard(np.concatenate([pause, track.samples.reshape(-1, 2).mean(axis=1), pause]))
    assert found is not None
    assert matched(found.times, track.beats + 4) == 1


@pytest.mark.parametrize("samples", [0, 1, 500, 20_000])
def test_what_is_too_short_has_no_beat(samples: int) -> None:
    assert heard(np.ones(samples, np.float32)) is None


def test_four_hits_are_too_few_for_a_beat() -> None:
    track = clicks(120, 2.2, start=0.2)
    assert len(track.beats) == 4
    assert listened(track) is None


def test_a_constant_and_a_hum_have_no_beat() -> None:
    time = np.arange(10 * RATE) / RATE
    hum = (0.3 * np.sin(2 * np.pi * 50 * time)).astype(np.float32)
    assert heard(hum) is None
    assert heard(np.ones(10 * RATE, np.float32)) is None


def test_it_does_not_matter_in_which_pieces_a_sound_comes() -> None:
    samples = clicks(100, 10).samples[::2]

    def pieces() -> Iterator[Samples]:
        chance = np.random.default_rng(1)
        begin = 0
        while begin < len(samples):
            end = begin + int(chance.integers(1, 3000))
            yield samples[begin:end]
            begin = end

    whole = np.concatenate(list(loudness([samples])))
    assert np.concatenate(list(loudness(pieces()))) == pytest.approx(whole)
    assert len(whole) == pytest.approx(10 * 150, abs=4)
