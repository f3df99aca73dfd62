"""What is drawn of several dancers, and of one."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.body import Crowd
from analyzer.frames.video import VideoInfo
from analyzer.holds import Hold, Measured, NearMiss
from analyzer.report.analysis import Analysis, Timing
from analyzer.report.attendance import Dancer
from analyzer.report.drawing import LEFT, OFF, RIGHT
from analyzer.report.kept import KeptLandmarks
from analyzer.report.rendering import DANCERS, render
from dancer.film import film
from testing.videos import encode

WIDTH, HEIGHT, FRAMES = 640, 360, 12
Colour = tuple[int, int, int]
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def empty_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = [np.full((HEIGHT, WIDTH, 3), 128, np.uint8)] * FRAMES
    return encode(tmp_path_factory.mktemp("stage") / "empty.mp4", pictures, "libx264")


def analysis_of(numbers: list[int], *, chosen: bool = False) -> Analysis:
    """Dancers who stand side by side, the first on the left."""
    stand = film([("T-Pose", None, 1.0)])
    image, world = (values[0] for values in stand.landmarks())
    kept = KeptLandmarks(BytesIO(), len(numbers))
    crowd = Crowd.empty(FRAMES, len(numbers))
    for frame in range(FRAMES):
        here = []
        for place, number in enumerate(numbers):
            marks = image.astype(np.float32)
            marks[:, 0] = 0.3 * (marks[:, 0] - 0.5) + 0.25 + 0.5 * place
            marks[:, 3] = 1.0
            here.append((number, (marks, world.astype(np.float32))))
        crowd.put(frame, frame / 30, here)
    kept.append(crowd)
    info = VideoInfo(WIDTH, HEIGHT, 0, False, "h264", 30.0, FRAMES)
    dancers = [Dancer(number, 0, FRAMES - 1, FRAMES) for number in numbers]
    timing = Timing(0.0, 0.0, 0.0)
    return Analysis(
        info, FRAMES, 0, FRAMES, FRAMES / 30, [], [], [], [], timing, kept, dancers, chosen
    )


def drawn(analysis: Analysis, video: Path, out: Path) -> Picture:
    """One of the pictures of the annotated video, (height, width, 3) RGB."""
    assert list(render(video, analysis, out))[-1] == FRAMES
    with av.open(str(out)) as rendered:
        pictures = [frame.to_ndarray(format="rgb24") for frame in rendered.decode(video=0)]
    assert len(pictures) == FRAMES
    return np.asarray(pictures[FRAMES // 2][:HEIGHT], np.uint8)


def near(picture: Picture, colour: Colour) -> int:
    """How many pixels are nearly of a colour: encoding takes some of it."""
    return int((np.abs(picture.astype(int) - colour).max(axis=2) < 60).sum())


def test_each_dancer_has_a_colour_of_its_own(empty_stage: Path, tmp_path: Path) -> None:
    picture = drawn(analysis_of([3, 4]), empty_stage, tmp_path / "out.mp4")
    left, right = picture[:, : WIDTH // 2], picture[:, WIDTH // 2 :]
    assert near(left, DANCERS[2]) > 100
    assert near(right, DANCERS[3]) > 100
    assert near(left, DANCERS[3]) < 10
    assert near(right, DANCERS[2]) < 10


def test_one_dancer_has_the_colours_of_left_and_right_chosen_or_not(
    empty_stage: Path, tmp_path: Path
) -> None:
    chosen = analysis_of([2], chosen=True)
    alone = replace(analysis_of([1]), dancers=None)
    pictures = [
        drawn(each, empty_stage, tmp_path / f"{number}.mp4")
        for number, each in enumerate((chosen, alone))
    ]
    for picture in pictures:
        assert near(picture, LEFT) > 50
        assert near(picture, RIGHT) > 50
    assert (pictures[0] == pictures[1]).all()


def test_only_the_joints_of_who_misses_a_pose_are_red(empty_stage: Path, tmp_path: Path) -> None:
    off = Measured("left elbow", 90.0, 160.0, None, "degrees", False, ("left_elbow", "left_wrist"))
    miss = NearMiss(
        "T-Pose", None, 0, FRAMES - 1, 5, 0.0, 0.4, 0.4, (off,), 4, -0.5, (off,), str(off)
    )
    analysis = replace(analysis_of([3, 4]), near_misses=[miss])
    picture = drawn(analysis, empty_stage, tmp_path / "out.mp4")
    assert near(picture[:, WIDTH // 2 :], OFF) > 20
    assert near(picture[:, : WIDTH // 2], OFF) < 5


def test_names_of_poses_come_with_the_number_of_the_dancer(
    empty_stage: Path, tmp_path: Path
) -> None:
    hold = Hold("T-Pose", "left", 0, FRAMES - 1, 5, 0.0, 0.4, 0.8, (), 3, None)
    texts = []
    for number, each in enumerate((analysis_of([3, 4]), analysis_of([3], chosen=True))):
        picture = drawn(replace(each, holds=[hold]), empty_stage, tmp_path / f"{number}.mp4")
        caption = picture[:30].astype(int)
        texts.append(int(np.flatnonzero(np.abs(caption - 128).max(axis=(0, 2)) > 60)[-1]))
    numbered, plain = texts
    assert numbered > plain + 5
