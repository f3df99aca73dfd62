"""Several dancers in a film, through the whole analysis."""

import json
from io import BytesIO
from pathlib import Path

import pytest

from analyzer.child.protocol import AnalysisOrder
from analyzer.child.work import analysed
from analyzer.holds import Hold
from analyzer.limits import Choice, Limits
from analyzer.process import analyze
from analyzer.report.analysis import Analysis
from dancer.film import Step
from dancer.formations import lesson
from dancer.group import GroupFilm, Role, group


@pytest.fixture(scope="module")
def pair() -> GroupFilm:
    """On the left a T-Pose, on the right arms in a V."""
    left = Role([Step("T-Pose", None, 1.5)], at=(-1.3, 0.0))
    right = Role([Step("Arms V", None, 1.5)], at=(1.3, 0.0))
    return group([left, right])


@pytest.fixture(scope="module")
def video(pair: GroupFilm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pair") / "pair.mp4"
    pair.write(path)
    return path


def test_each_dancer_has_its_own_pose_and_number(video: Path, pair: GroupFilm) -> None:
    *events, analysis = analyze(video, people=2)
    assert isinstance(analysis, Analysis)
    poses = {(hold.dancer, hold.pose) for hold in analysis.holds}
    assert {(1, "T-Pose"), (2, "Arms V")} <= poses
    assert not {(2, "T-Pose"), (1, "Arms V")} & poses
    assert {"T-Pose", "Arms V"} <= analysis.answer()["detected_poses"].keys()
    assert analysis.dancers is not None
    assert [dancer.number for dancer in analysis.dancers] == [1, 2]
    assert all(dancer.frames > 0.9 * len(pair) for dancer in analysis.dancers)
    told = [event for event in events if isinstance(event, Hold)]
    assert sorted(map(repr, told)) == sorted(map(repr, analysis.holds))


@pytest.mark.parametrize(
    ("choice", "pose", "other"),
    [
        (Choice("point", 0.3, 0.5), "T-Pose", "Arms V"),
        (Choice("point", 0.7, 0.5), "Arms V", "T-Pose"),
    ],
)
def test_of_a_chosen_dancer_only_its_poses_are_told(
    video: Path, choice: Choice, pose: str, other: str
) -> None:
    *_, analysis = analyze(video, dancer=choice)
    assert isinstance(analysis, Analysis)
    poses = {hold.pose for hold in analysis.holds}
    assert pose in poses
    assert other not in poses
    assert analysis.dancers is not None
    assert len(analysis.dancers) == 1


def test_a_row_is_told_who_is_late_and_whose_arm_is_off(tmp_path: Path) -> None:
    film = lesson()
    film.write(tmp_path / "row.mp4")
    order = AnalysisOrder(2**31, 2**30, Limits(), include=["group"], people=3)
    with (tmp_path / "row.mp4").open("rb") as opened, BytesIO() as answer, BytesIO() as scratch:
        list(analysed(order, opened, answer, scratch))
        group = json.loads(answer.getvalue())["group"]
    ahead = {tuple(each["dancers"]): each["ahead_ms"] for each in group["unison"]}
    assert ahead == {
        (1, 2): pytest.approx(200, abs=40),
        (1, 3): pytest.approx(0, abs=40),
        (2, 3): pytest.approx(-200, abs=40),
    }
    assert {each["text"] for each in group["unison"]} >= {"Dancers 1 and 3 are together."}
    (odd,) = group["odd_one_out"]
    assert (odd["dancer"], odd["limb"]) == (3, "left upper arm")
    assert odd["degrees"] == pytest.approx(25, abs=6)
    assert film.times[odd["first"]] == pytest.approx(odd["start"], abs=0.02)
    assert 1.0 < odd["start"] < odd["end"] < 3.0


def test_landmarks_of_each_dancer_lie_where_the_dancer_is(video: Path, pair: GroupFilm) -> None:
    order = AnalysisOrder(
        2**31, 2**30, Limits(), include=["landmarks", "angles", "segments"], people=2
    )
    with video.open("rb") as opened, BytesIO() as answer, BytesIO() as scratch:
        list(analysed(order, opened, answer, scratch))
        body = json.loads(answer.getvalue())
    assert body["landmarks"].keys() == body["angles"].keys() == {"1", "2"}
    middle = len(pair) // 2
    for number, filmed in zip(("1", "2"), pair.dancers, strict=True):
        assert len(body["landmarks"][number]) == body["total_frames"] == len(pair)
        hip = body["landmarks"][number][middle][23]
        assert hip[:2] == pytest.approx(filmed.landmarks()[0][middle, 23, :2], abs=0.05)
