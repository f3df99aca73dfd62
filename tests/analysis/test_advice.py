"""Advice: what is wrong with a video, and what to do about it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from analyzer.poses import select
from analyzer.process import analyze
from analyzer.report.analysis import Analysis
from analyzer.report.sight import Advice
from dancer.drawing import Picture
from dancer.film import Film, Step, film
from testing.videos import encode


@pytest.fixture(scope="module")
def standing() -> Film:
    return film([("T-Pose", None, 0.3)], width=480, height=360, frame_rate=15)


def given(path: Path, pictures: Sequence[Picture], pose: str = "Squat") -> Sequence[Advice]:
    *_, analysis = analyze(
        encode(path, pictures, "libx264", rate=15), poses=select([pose]), advise=True
    )
    assert isinstance(analysis, Analysis)
    return analysis.advice


def far_away(picture: Picture) -> Picture:
    """The same picture in the middle of one that is six times as wide and high."""
    height, width = picture.shape[:2]
    wide = np.empty((6 * height, 6 * width, 3), np.uint8)
    wide[:] = picture[0, 0]
    wide[3 * height : 4 * height, 3 * width : 4 * width] = picture
    return wide


def upside_down(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture[::-1, ::-1])


def clockwise(picture: Picture) -> Picture:
    return np.ascontiguousarray(np.rot90(picture, -1))


def anticlockwise(picture: Picture) -> Picture:
    return np.ascontiguousarray(np.rot90(picture))


@pytest.mark.parametrize(
    ("laid", "turn"), [(upside_down, 180), (clockwise, 270), (anticlockwise, 90)]
)
def test_a_video_that_isnt_upright_is_to_be_turned(
    tmp_path: Path, standing: Film, laid: Callable[[Picture], Picture], turn: int
) -> None:
    (advice,) = given(tmp_path / "film.mp4", list(map(laid, standing.frames())))
    assert (advice.reason, advice.turn) == ("turned", turn)
    assert "turn the video" in advice.text


def test_somebody_far_away_is_to_be_filmed_from_nearer(tmp_path: Path, standing: Film) -> None:
    pictures = list(map(far_away, list(standing.frames())[:8]))
    (advice,) = given(tmp_path / "film.mp4", pictures)
    assert advice.reason == "too-far"
    assert "nearer" in advice.text


@pytest.mark.parametrize(("level", "reason"), [(8, "too-dark"), (150, "nobody")])
def test_where_nobody_is_seen_the_advice_says_so(tmp_path: Path, level: int, reason: str) -> None:
    (advice,) = given(tmp_path / "film.mp4", [np.full((120, 160, 3), level, np.uint8)] * 8)
    assert advice.reason == reason
    assert advice.text.endswith(".")


def test_feet_that_are_out_of_the_picture_are_told_whatever_is_held(tmp_path: Path) -> None:
    low = film([Step("T-Pose", None, 0.8)], width=480, height=360, frame_rate=15, offset=(0.0, 0.3))
    advised = given(tmp_path / "film.mp4", list(low.frames()), "T-Pose")
    assert [advice.reason for advice in advised] == ["feet-out"]


def test_a_pose_that_can_not_be_told_from_there_is_to_be_filmed_from_elsewhere(
    tmp_path: Path,
) -> None:
    aside = film([Step("T-Pose", None, 1.5)], width=480, height=360, frame_rate=15, yaw=80)
    (advice,) = given(tmp_path / "film.mp4", list(aside.frames()), "T-Pose")
    assert advice.reason == "view"
    assert advice.text.startswith("T-Pose can't be told: it is seen in profile, wants a front")


def test_nobody_who_is_seen_well_is_advised(tmp_path: Path, standing: Film) -> None:
    assert given(tmp_path / "film.mp4", list(standing.frames())) == []


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 2), (8000, 4), (16, 4000)])
def test_in_a_picture_too_small_for_anybody_nobody_is_seen(
    tmp_path: Path, width: int, height: int
) -> None:
    path = encode(tmp_path / "thin.mkv", [np.full((height, width, 3), 99, np.uint8)] * 3, "ffv1")
    *_, analysis = analyze(path, advise=True)
    assert isinstance(analysis, Analysis)
    assert [advice.reason for advice in analysis.advice] == ["nobody"]
