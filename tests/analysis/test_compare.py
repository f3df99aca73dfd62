"""Videos compared by the command and the library, with MediaPipe's landmarks."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import pytest

from analyzer.process import analyze, compare
from analyzer.report.analysis import Analysis
from analyzer.report.answer import answer_text
from analyzer.report.comparison import Compared, comparison_text
from dancer.film import Plain, Slip, film

PHRASE: list[Plain] = [("T-Pose", None, 1.5), ("Arms V", None, 1.5), ("Goddess", None, 1.5)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher, a pupil whose left arm is too low and who is slower, and another dance."""
    folder = tmp_path_factory.mktemp("lesson")
    film(PHRASE, width=480, height=360).write(folder / "teacher.mp4")
    pupil = film(
        PHRASE, width=480, height=360, yaw=10, tempo=0.9, slips=[Slip("left arm", -25, 0.8, 2.8)]
    )
    pupil.write(folder / "pupil.mp4")
    film(
        [("Warrior II", "left", 2.0), ("Arms Overhead", None, 2.0)],
        width=480,
        height=360,
        rest=None,
    ).write(folder / "other.mp4")
    *_, analysis = analyze(folder / "teacher.mp4", keep_landmarks=True)
    assert isinstance(analysis, Analysis)
    (folder / "teacher.json").write_text("".join(answer_text(analysis, ["landmarks"])))
    (folder / "no.json").write_text('{"total_frames": 3}')
    (folder / "no.mp4").write_text("no video")
    return folder


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "analyzer", "compare", *arguments],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )


def told(folder: Path, reference: str, *options: str) -> dict[str, Any]:
    done = command(str(folder / "pupil.mp4"), str(folder / reference), *options)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def beside_teacher(folder: Path) -> dict[str, Any]:
    """What the command tells of the pupil beside the teacher."""
    return told(folder, "teacher.mp4")


def test_the_command_tells_how_a_pupil_differs_from_a_teacher(
    beside_teacher: dict[str, Any],
) -> None:
    answer = beside_teacher
    assert answer["same_dance"]
    assert answer["timing"]["tempo_ratio"] == pytest.approx(0.9, abs=0.02)
    (moment,) = answer["moments"]
    assert moment["limb"] == "left upper arm"
    assert moment["degrees"] == pytest.approx(25, abs=6)
    assert moment["start"] == pytest.approx(0.95, abs=0.25)
    assert "left elbow" in moment["text"]
    assert "raise it" in moment["text"]


def test_an_earlier_answer_stands_for_the_teachers_video(
    folder: Path, beside_teacher: dict[str, Any]
) -> None:
    from_video, from_answer = beside_teacher, told(folder, "teacher.json")
    assert from_answer["degrees"] == pytest.approx(from_video["degrees"], abs=0.2)
    assert [each["limb"] for each in from_answer["moments"]] == ["left upper arm"]
    poses = [
        [(each["pose"], each["result"], each["start"]) for each in answer["poses"]]
        for answer in (from_answer, from_video)
    ]
    assert poses[0] == poses[1]


def test_the_library_tells_the_same_as_the_command(
    folder: Path, beside_teacher: dict[str, Any]
) -> None:
    *_, compared = compare(folder / "pupil.mp4", folder / "teacher.mp4")
    assert isinstance(compared, Compared)
    text = json.loads("".join(comparison_text(compared)))
    assert text == beside_teacher


def test_another_dance_is_called_so(folder: Path) -> None:
    answer = told(folder, "other.mp4")
    assert not answer["same_dance"]
    assert "reference_start" in answer["text"]
    assert "moments" not in answer


@pytest.mark.parametrize("reference", ["teacher.mp4", "teacher.json"])
def test_both_are_drawn_beside_each_other(folder: Path, reference: str, tmp_path: Path) -> None:
    out = tmp_path / "beside.mp4"
    told(folder, reference, "--render", str(out))
    with av.open(str(folder / "pupil.mp4")) as own, av.open(str(out)) as beside:
        frames = [frame.time for frame in own.decode(video=0)]
        drawn = list(beside.decode(video=0))
    shown = [(frame.time or 0.0) - (drawn[0].time or 0.0) for frame in drawn]
    assert shown == pytest.approx(frames, abs=1e-3)
    assert drawn[0].width == 2 * 480
    moment = next(index for index, time in enumerate(frames) if time and time > 1.8)
    picture = drawn[moment].to_ndarray(format="rgb24").astype(int)
    red = (picture[..., 0] > 200) & (picture[..., 1] < 90) & (picture[..., 2] < 90)
    assert red[:360, :480].sum() > 150
    assert red[:360, 480:].sum() < 40
    calm = drawn[-5].to_ndarray(format="rgb24").astype(int)
    red = (calm[..., 0] > 200) & (calm[..., 1] < 90) & (calm[..., 2] < 90)
    assert red[:360].sum() < 40


@pytest.mark.parametrize(
    ("dancer", "reference", "text"),
    [
        ("pupil.mp4", "no.mp4", "The reference: the file is not a video"),
        ("no.mp4", "teacher.json", "The file is not a video"),
        ("pupil.mp4", "no.json", "include=landmarks"),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_sentence(
    folder: Path, dancer: str, reference: str, text: str
) -> None:
    done = command(str(folder / dancer), str(folder / reference))
    assert done.returncode == 1
    assert text in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--start", "3", "--end", "2"], "--end"),
        (["--reference-start", "-1"], "--reference-start"),
        (["--start", "nan"], "--start"),
        (["--poses", "Nothing"], "--poses"),
        (["--mirror", "maybe"], "--mirror"),
        (["--pose-file", "nothing.json"], "--pose-file"),
    ],
)
def test_a_wrong_option_is_told_before_the_work(
    folder: Path, options: list[str], text: str
) -> None:
    done = command(str(folder / "pupil.mp4"), str(folder / "teacher.mp4"), *options)
    assert done.returncode == 2
    assert f"argument {text}" in done.stderr


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    done = command(str(folder / "pupil.mp4"), str(folder / "nothing.mp4"))
    assert done.returncode == 2
    assert f"argument REFERENCE: there is no file {folder / 'nothing.mp4'}" in done.stderr


def test_a_pose_that_was_taught_is_told_about_too(folder: Path, tmp_path: Path) -> None:
    taught = tmp_path / "airplane.json"
    subprocess.run(
        [
            *(sys.executable, "-m", "analyzer", "teach", str(folder / "teacher.mp4")),
            *("--at", "1.7", "--name", "Airplane", "-o", str(taught)),
        ],
        cwd=Path(__file__).parents[2],
        check=True,
    )
    answer = told(folder, "teacher.json", "--pose-file", str(taught), "--poses", "Arms V")
    assert {each["pose"] for each in answer["poses"]} == {"Airplane", "Arms V"}
