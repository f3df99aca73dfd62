"""The analysis as a library."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from analyzer.process import Analysis, Progress, analyze, analyze_dance_video
from analyzer.timeline import Hold
from analyzer.video import UndecodableError
from dancer.film import Film, film
from tests.serving import ROOT
from tests.videos import encode, tag_rotation


def test_the_library_gives_the_frames_of_each_pose_and_the_number_of_frames(
    t_pose_video: Path, t_pose_film: Film
) -> None:
    answer = analyze_dance_video(t_pose_video)
    assert answer.keys() == {"detected_poses", "total_frames"}
    assert "T-Pose" in answer["detected_poses"]
    assert answer["total_frames"] == len(t_pose_film)


def test_a_clip_with_a_rotation_tag_has_the_poses_of_the_upright_clip(
    t_pose_film: Film, tmp_path: Path
) -> None:
    upright = encode(tmp_path / "upright.mp4", t_pose_film.frames(), "libx264")
    lying = (np.ascontiguousarray(np.rot90(picture)) for picture in t_pose_film.frames())
    turned = encode(tmp_path / "turned.mp4", lying, "libx264")
    tag_rotation(turned, 90)
    wanted, found = analyze_dance_video(upright), analyze_dance_video(turned)
    assert found["total_frames"] == wanted["total_frames"]
    assert found["detected_poses"].keys() == wanted["detected_poses"].keys() >= {"T-Pose"}


def test_progress_and_holds_are_told_before_the_end(t_pose_video: Path, t_pose_film: Film) -> None:
    events = list(analyze(t_pose_video))
    assert isinstance(events[0], Progress)
    assert [event for event in events if isinstance(event, Hold) and event.pose == "T-Pose"]
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
