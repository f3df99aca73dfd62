"""The analysis as a library."""

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from analyzer.errors import UndecodableError
from analyzer.holds import Hold
from analyzer.process import analyze, analyze_dance_video
from analyzer.report.analysis import Analysis, Progress
from dancer.drawing import Picture
from dancer.film import Film, Step, film
from testing.serving import ROOT
from testing.videos import display_matrix, encode

Found = list[tuple[str, str | None, int, int]]


def test_the_library_gives_the_frames_of_each_pose_and_the_number_of_frames(
    t_pose_video: Path, t_pose_film: Film
) -> None:
    answer = analyze_dance_video(t_pose_video)
    assert answer.keys() == {"detected_poses", "total_frames"}
    assert "T-Pose" in answer["detected_poses"]
    assert answer["total_frames"] == len(t_pose_film)


def test_the_answer_is_the_same_whatever_the_threads(t_pose_video: Path) -> None:
    found = []
    for threads in (1, 2):
        *_, analysis = analyze(t_pose_video, threads=partial(int, threads), keep_landmarks=True)
        assert isinstance(analysis, Analysis)
        assert analysis.landmarks is not None
        found.append((analysis.answer(), [each.tobytes() for each in analysis.landmarks[:]]))
    assert found[0] == found[1]


@pytest.fixture(scope="module")
def warriors(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Picture], Found]:
    """Pictures of the dancer, whose sides differ, and what is found in them as they are."""
    score = [Step("T-Pose", None, 0.6), Step("Warrior II", "left", 0.8)]
    pictures = list(film(score, width=480, height=360, rest=0.5).frames())
    path = encode(tmp_path_factory.mktemp("warriors") / "plain.mp4", pictures, "libx264")
    found = holds(path)
    assert {(pose, side) for pose, side, *_ in found} >= {("T-Pose", None), ("Warrior II", "left")}
    return pictures, found


def holds(path: Path) -> Found:
    """What is held in a video: pose, side, first and last frame."""
    *_, analysis = analyze(path)
    assert isinstance(analysis, Analysis)
    return [(hold.pose, hold.side, hold.first, hold.last) for hold in analysis.holds]


def turned(picture: Picture) -> Picture:
    return np.ascontiguousarray(np.rot90(picture))


def mirrored(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture[:, ::-1])


def narrow(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, (360, 360), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize(
    ("name", "codec", "stored", "how"),
    [
        ("turned.mp4", "libx264", turned, {"matrix": display_matrix(1j, -1)}),
        ("mirrored.mp4", "libx264", mirrored, {"matrix": display_matrix(-1, 1j)}),
        ("narrow.mp4", "libx264", narrow, {"aspect": Fraction(4, 3)}),
        ("interlaced.ts", "libx264", None, {"options": {"flags": "+ildct+ilme"}}),
        ("film.mpg", "mpeg2video", None, {"options": {"b": "4M"}}),
    ],
)
def test_however_a_clip_is_stored_its_poses_and_sides_are_those_that_are_seen(
    warriors: tuple[list[Picture], Found],
    tmp_path: Path,
    name: str,
    codec: str,
    stored: Callable[[Picture], Picture] | None,
    how: dict[str, Any],
) -> None:
    pictures, wanted = warriors
    pictures = pictures if stored is None else list(map(stored, pictures))
    found = holds(encode(tmp_path / name, pictures, codec, **how))
    assert [hold[:2] for hold in found] == [hold[:2] for hold in wanted]
    for (*_, first, last), (*_, wanted_first, wanted_last) in zip(found, wanted, strict=True):
        assert abs(first - wanted_first) <= 5
        assert abs(last - wanted_last) <= 5


def test_a_hold_ends_where_the_picture_is_cut_to_another_scene(tmp_path: Path) -> None:
    held = film([Step("T-Pose", None, 2.0)], width=480, height=360)
    walls = [scenery(seed) for seed in (1, 2)]
    pictures = [
        np.where(picture == held.clothes.background, walls[number >= len(held) // 2], picture)
        for number, picture in enumerate(held.frames())
    ]
    path = encode(tmp_path / "cut.mp4", pictures, "libx264")
    first, second = (hold for hold in holds(path) if hold[0] == "T-Pose")
    assert (first[3], second[2]) == (len(held) // 2 - 1, len(held) // 2)


def scenery(seed: int) -> Picture:
    """A wall with large patches of light and dark."""
    patches = np.random.default_rng(seed).integers(60, 250, (9, 12, 3), np.uint8)
    return np.asarray(cv2.resize(patches, (480, 360), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_progress_and_holds_are_told_before_the_end(t_pose_video: Path, t_pose_film: Film) -> None:
    events = list(analyze(t_pose_video))
    assert isinstance(events[0], Progress)
    assert [event for event in events if isinstance(event, Hold) and event.pose == "T-Pose"]
    *_, last = (event for event in events if isinstance(event, Progress))
    assert last == Progress(len(t_pose_film), len(t_pose_film))
    analysis = events[-1]
    assert isinstance(analysis, Analysis)
    assert analysis.total_frames == analysis.frames_with_person == len(t_pose_film)
    assert analysis.duration == pytest.approx(len(t_pose_film) / 30)


def test_a_file_that_is_no_video_raises(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no video")
    with pytest.raises(UndecodableError):
        analyze_dance_video(tmp_path / "x")


def test_memory_does_not_grow_with_the_length_of_the_video(tmp_path: Path) -> None:
    """The peak of a film five times as long is the same but for what allocation varies by."""
    peaks = []
    for seconds in (4.0, 20.0):
        clip = film([("T-Pose", None, seconds)], width=640, height=480)
        path = tmp_path / f"{seconds}.avi"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (640, 480))
        picture = next(clip.frames())
        for _ in range(len(clip)):
            writer.write(picture)
        writer.release()
        code = (
            "import resource, sys; from analyzer.process import analyze_dance_video as a;"
            "a(sys.argv[1]); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, check=True
        )
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.05 * peaks[0]


def test_the_library_keeps_the_landmarks_of_every_frame_when_asked(
    t_pose_video: Path, t_pose_film: Film
) -> None:
    *_, analysis = analyze(t_pose_video, keep_landmarks=True)
    assert isinstance(analysis, Analysis)
    assert analysis.landmarks is not None
    assert len(analysis.landmarks) == len(t_pose_film)
    image, world, times = analysis.landmarks[:]
    assert (image.shape, world.shape) == ((len(times), 33, 4), (len(times), 33, 3))
    assert times == pytest.approx(t_pose_film.times, abs=0.001)
    wanted = t_pose_film.landmarks()[0][:, 11:13, :2]
    assert image[:, 11:13, :2] == pytest.approx(wanted, abs=0.05)
    *_, analysis = analyze(t_pose_video)
    assert isinstance(analysis, Analysis)
    assert analysis.landmarks is None
