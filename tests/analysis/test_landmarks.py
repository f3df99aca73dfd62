"""The landmarks are those of MediaPipe Pose, to the last bit."""

import logging
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.estimation import model
from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.estimation.pipeline import Pipeline
from benchmarks.same_landmarks import pairs, pipeline
from dancer.film import film

Made = Callable[[], AbstractContextManager[PoseLandmarker | Pipeline]]


@pytest.fixture(scope="module")
def frames() -> list[NDArray[np.uint8]]:
    """A dancer, then nobody, then the dancer again: found, lost and found."""
    pictures = film([("Arms V", None, 0.3)], width=360, height=360).frames()
    dancer = [np.ascontiguousarray(picture[..., ::-1]) for picture in pictures]
    frames = dancer + [np.full_like(dancer[0], 90)] * 5 + dancer[:20]
    for frame in frames:
        frame.flags.writeable = False
    return frames


@pytest.mark.parametrize("made", [PoseLandmarker, pipeline])
@pytest.mark.parametrize("threads", [[1], [2], [1, 2, 2]], ids=str)
def test_landmarks_are_the_same_to_the_last_bit_whatever_the_threads(
    frames: list[NDArray[np.uint8]], threads: list[int], made: Made
) -> None:
    found = list(pairs(made(), frames, cycle(threads)))
    assert [number for number, pair in enumerate(found) if not pair.same] == []
    people = sum(pair.plain is not None for pair in found)
    assert len(frames) // 2 < people < len(frames)


@pytest.mark.parametrize("made", [PoseLandmarker, pipeline])
def test_a_picture_by_itself_is_seen_as_by_one_who_has_seen_nothing_else(
    frames: list[NDArray[np.uint8]], made: Made
) -> None:
    with made() as fresh:
        [alone] = fresh.find(frames[0])
    with made() as landmarker:
        for frame in frames[-40:]:
            landmarker.find(frame)
        assert landmarker.find_in_picture(frames[0]) == pytest.approx(
            alone.landmarks.image, abs=1e-6
        )
        assert landmarker.find_in_picture(frames[-21]) is None


@pytest.mark.parametrize("made", [PoseLandmarker, pipeline])
def test_the_model_proves_to_work_on_an_empty_picture(
    made: Made,
) -> None:
    with made() as landmarker:
        landmarker.prove()


@pytest.mark.parametrize("made", [PoseLandmarker, pipeline])
def test_standard_error_stays_free_of_the_notices_of_the_models(
    frames: list[NDArray[np.uint8]],
    capfd: pytest.CaptureFixture[str],
    made: Made,
) -> None:
    with made() as landmarker:
        for frame in frames[:10]:
            landmarker.find(frame, 2)
    assert capfd.readouterr().err == ""


def test_the_pruned_model_is_made_once_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_DIRECTORY", str(tmp_path / "models"))
    made = model.landmark_model()
    assert made.parent == tmp_path / "models"
    assert list(made.parent.iterdir()) == [made]
    written = made.stat().st_mtime_ns
    assert model.landmark_model() == made
    assert made.stat().st_mtime_ns == written


def test_a_damaged_pruned_model_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_DIRECTORY", str(tmp_path))
    made = model.landmark_model()
    good = made.read_bytes()
    made.write_bytes(good[:-1])
    assert model.landmark_model() == made
    assert made.read_bytes() == good


def test_an_unknown_model_in_the_package_runs_unpruned_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(model, "SOURCE_SHA256", "0" * 64)
    with caplog.at_level(logging.WARNING):
        assert model.landmark_model() == model.SOURCE
    assert "unpruned" in caplog.text


def test_a_folder_that_cannot_be_written_runs_unpruned_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    occupied = tmp_path / "models"
    occupied.write_text("a file where the folder should be")
    monkeypatch.setenv("MODEL_DIRECTORY", str(occupied))
    with caplog.at_level(logging.WARNING):
        assert model.landmark_model() == model.SOURCE
    assert "unpruned" in caplog.text


def test_the_kept_model_can_be_read_by_every_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_DIRECTORY", str(tmp_path))
    assert stat.S_IMODE(model.landmark_model().stat().st_mode) == 0o644
