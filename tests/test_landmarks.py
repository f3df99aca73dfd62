"""The landmarks are those of MediaPipe Pose, to the last bit."""

import logging
import stat
from pathlib import Path

import mediapipe
import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer import model
from analyzer.landmarks import Landmarks, PoseLandmarker
from dancer.film import film


def plain_pose(frames: list[NDArray[np.uint8]]) -> list[Landmarks | None]:
    """What mediapipe.solutions.pose.Pose gives as it comes."""
    found: list[Landmarks | None] = []
    with mediapipe.solutions.pose.Pose() as pose:
        for frame in frames:
            result = pose.process(frame)
            if result.pose_landmarks is None:
                found.append(None)
                continue
            image = [(m.x, m.y, m.z, m.visibility) for m in result.pose_landmarks.landmark]
            world = [(m.x, m.y, m.z) for m in result.pose_world_landmarks.landmark]
            found.append(Landmarks(np.array(image, "f4"), np.array(world, "f4")))
    return found


@pytest.fixture(scope="module")
def frames() -> list[NDArray[np.uint8]]:
    """A dancer, then nobody, then the dancer again: found, lost and found."""
    pictures = film([("Arms V", None, 0.3)], width=360, height=360).frames()
    dancer = [np.ascontiguousarray(picture[..., ::-1]) for picture in pictures]
    frames = dancer + [np.full_like(dancer[0], 90)] * 5 + dancer[:20]
    for frame in frames:
        frame.flags.writeable = False
    return frames


def same(ours: Landmarks | None, plain: Landmarks | None) -> bool:
    if ours is None or plain is None:
        return ours is plain
    return np.array_equal(ours.image, plain.image) and np.array_equal(ours.world, plain.world)


def test_landmarks_are_the_same_to_the_last_bit_whatever_the_threads(
    frames: list[NDArray[np.uint8]],
) -> None:
    plain = plain_pose(frames)
    assert None in plain
    assert sum(found is not None for found in plain) > len(frames) // 2
    for threads in ([1], [2], [1, 2, 2]):
        with PoseLandmarker() as landmarker:
            for number, (frame, wanted) in enumerate(zip(frames, plain, strict=True)):
                found = landmarker.find(frame, threads[number % len(threads)])
                assert same(found, wanted), f"frame {number}, threads {threads}"


def test_the_model_proves_to_work_on_an_empty_picture() -> None:
    with PoseLandmarker() as landmarker:
        landmarker.prove()


def test_standard_error_stays_free_of_the_notices_of_mediapipe(
    frames: list[NDArray[np.uint8]], capfd: pytest.CaptureFixture[str]
) -> None:
    with PoseLandmarker() as landmarker:
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
