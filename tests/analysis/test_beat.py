"""A dance to clicks, through the whole analysis: by how many milliseconds it misses the beat."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyzer.child.protocol import AnalysisOrder
from analyzer.child.work import analysed
from analyzer.limits import Limits
from dancer.film import Film, Step, film
from dancer.formations import unison
from dancer.music import RATE, clicks, with_sound
from testing.sounds import speech

TEMPO = 120.0


@pytest.fixture(scope="module")
def dance() -> Film:
    """Poses that are reached 1, 3, 5 and 7 seconds after the start, and left for a stand."""
    poses = ("T-Pose", "Arms V", "Star", "Goddess")
    return film([Step(pose, None, 0.4) for pose in poses], width=480, height=360)


@pytest.fixture(scope="module")
def silent(dance: Film, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dance") / "silent.mp4"
    dance.write(path)
    return path


def answer(video: Path, **options: Any) -> dict[str, Any]:
    order = AnalysisOrder(2**31, 2**20, Limits(), include=("beat",), **options)
    written = BytesIO()
    with video.open("rb") as file, (video.parent / "scratch").open("w+b") as scratch:
        list(analysed(order, file, written, scratch))
    told: dict[str, Any] = json.loads(written.getvalue())
    assert told.keys() == {"detected_poses", "total_frames", "beat"}
    return told


@pytest.mark.parametrize("late", [-0.1, 0.0, 0.08, 0.15])
def test_who_is_late_is_told_by_how_many_milliseconds(
    silent: Path, tmp_path: Path, late: float
) -> None:
    track = clicks(TEMPO, 8.4, start=-late)
    video = with_sound(silent, tmp_path / "dance.mp4", track.samples)
    told = answer(video)["beat"]
    assert told["tempo"] == pytest.approx(TEMPO, abs=0.5)
    assert [hold["pose"] for hold in told["holds"]] == ["T-Pose", "Arms V", "Star", "Goddess"]
    for hold in told["holds"]:
        assert hold["ms"] / 1000 == pytest.approx(
            hold["start"] - nearest(track.beats, hold), abs=0.02
        )
        assert hold["start"] == pytest.approx(round(hold["start"]), abs=0.07)
    # Every pose is reached on a whole second, and so is every stand.
    assert [round(accent["time"]) for accent in told["accents"]] == list(range(1, 9))
    summary = told["summary"]
    assert summary["mean_ms"] == pytest.approx(1000 * late, abs=20)
    assert summary["spread_ms"] < 40
    way = "ahead of" if late < 0 else "behind"
    sentence = f"You are {abs(summary['mean_ms'])} ms {way} the beat on average."
    assert summary["text"] == (sentence if late else "You are on the beat.")


def nearest(beats: Any, hold: dict[str, Any]) -> float:
    return float(beats[np.abs(beats - hold["start"]).argmin()])


def test_who_moves_at_another_tempo_is_free_of_the_beat(silent: Path, tmp_path: Path) -> None:
    video = with_sound(silent, tmp_path / "dance.mp4", clicks(67, 8.4).samples)
    summary = answer(video)["beat"]["summary"]
    assert summary["within_70_ms"] < 0.5
    assert summary["text"].startswith("You are not with the beat")


def test_what_is_outside_the_music_is_not_told(silent: Path, tmp_path: Path) -> None:
    track = clicks(TEMPO, 4.7, start=0.0)
    video = with_sound(silent, tmp_path / "dance.mp4", track.samples, start=2.6)
    told = answer(video)["beat"]
    assert min(told["beats"]) > 2.5
    assert [hold["pose"] for hold in told["holds"]] == ["Arms V", "Star", "Goddess"]
    assert {round(accent["time"]) for accent in told["accents"]} == {3, 4, 5, 6, 7}


def test_two_accents_are_too_few_to_judge_a_dance(tmp_path: Path) -> None:
    film([("T-Pose", None, 1.5)], width=480, height=360).write(tmp_path / "silent.mp4")
    video = with_sound(tmp_path / "silent.mp4", tmp_path / "short.mp4", clicks(TEMPO, 3.6).samples)
    told = answer(video)["beat"]
    assert len(told["accents"]) == 2
    assert told["summary"]["text"].startswith("Too few accents")


def test_each_dancer_of_several_has_accents_and_a_summary(tmp_path: Path) -> None:
    late = 0.13
    filmed = unison([0.0, late], score=[("T-Pose", None, 0.4), ("Arms V", None, 0.4)])
    filmed.write(tmp_path / "silent.mp4")
    music = clicks(TEMPO, 8.0, start=0.05).samples
    video = with_sound(tmp_path / "silent.mp4", tmp_path / "pair.mp4", music)
    told = answer(video, people=2)["beat"]
    assert told["accents"].keys() == told["summary"].keys() == {"1", "2"}
    assert {hold["dancer"] for hold in told["holds"]} == {1, 2}
    first, second = (told["summary"][number] for number in "12")
    assert second["mean_ms"] - first["mean_ms"] == pytest.approx(1000 * late, abs=30)
    assert second["text"] == f"Dancer 2 is {second['mean_ms']} ms behind the beat on average."
    assert first["text"].startswith("Dancer 1 is ")
    one = answer(video, dancer="middle")["beat"]
    assert isinstance(one["accents"], list)
    assert {hold["dancer"] for hold in one["holds"]} == {1}


def test_without_beats_it_says_why(silent: Path, tmp_path: Path) -> None:
    spoken = np.repeat(speech(8.4, 1), 2)
    talk = with_sound(silent, tmp_path / "talk.mp4", spoken)
    strange = with_sound(
        silent, tmp_path / "strange.mkv", np.zeros(9, np.float32), codec="pcm_s16le", rate=1
    )
    for video, reason in (
        (silent, "The video has no sound."),
        (talk, "The sound has no clear beat."),
        (strange, "The video's sound can't be read."),
    ):
        assert answer(video)["beat"] == {"reason": reason}


def test_hours_of_sound_change_nothing_of_a_short_video(tmp_path: Path) -> None:
    film([("T-Pose", None, 0.3)], width=240, height=180).write(tmp_path / "silent.mp4")
    hours = np.zeros(2 * 3600 * RATE // 8, np.float32)
    video = with_sound(
        tmp_path / "silent.mp4", tmp_path / "long.mkv", hours, codec="pcm_u8", rate=RATE // 8
    )
    assert answer(video)["beat"] == {"reason": "The sound has no clear beat."}
