"""A pose of one's own, shown: taught from a video by the command and by the library, and found."""

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.errors import NotShownError, OverLimitError
from analyzer.limits import Limits
from analyzer.posefile import Lesson, PoseFile, read
from analyzer.poses.taught import taught
from analyzer.process import analyze
from analyzer.report.analysis import Analysis
from analyzer.teaching import teach
from dancer.film import Step, film
from testing.serving import Server
from tests.analysis.test_command import command


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a tree on the left leg, then on the right one; each is held for 1.2 seconds."""
    path = tmp_path_factory.mktemp("tree") / "tree.mp4"
    film([Step("Tree", "left", 1.2), Step("Tree", "right", 1.2)], width=480, height=360).write(path)
    return path


LEFT, RIGHT = 1.6, 4.4
"""Seconds at which it is held."""


def segments(*arguments: object) -> list[dict[str, Any]]:
    done = command(*arguments, "--include", "segments")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["segments"]
    return found


def test_a_pose_that_is_taught_on_one_side_is_found_on_both(tree: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    done = command("teach", tree, "--at", LEFT, "--name", "Mine", "-o", file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert read(file.read_bytes()).name == "Mine"
    alone = segments("--pose-file", file, "--poses", "Mine", tree)
    assert [(hold["pose"], hold["side"]) for hold in alone] == [("Mine", "left"), ("Mine", "right")]
    beside = {hold["pose"] for hold in segments("--pose-file", file, "--poses", "Balance", tree)}
    assert beside == {"Mine", "Balance"}
    assert {"Mine", "Tree"} <= {hold["pose"] for hold in segments("--pose-file", file, tree)}


def test_the_command_prints_a_pose_and_adds_examples_to_it(tree: Path, tmp_path: Path) -> None:
    done = command("teach", tree, "--at", LEFT, "--at", RIGHT, "--name", "Mine")
    (tmp_path / "two.json").write_text(done.stdout)
    assert read(done.stdout).examples == 2
    more = command("teach", tree, "--at", LEFT, "--add", tmp_path / "two.json", "--family", "own")
    assert (read(more.stdout).name, read(more.stdout).family) == ("Mine", "own")
    assert read(more.stdout).examples == 3


@pytest.mark.parametrize(
    ("at", "complaint"),
    [(0.8, "The dancer moves at 0.8 seconds"), (60.0, "seconds long, and has nothing at 60")],
)
def test_what_is_not_shown_is_one_line(at: float, complaint: str, tree: Path) -> None:
    done = command("teach", tree, "--at", at, "--name", "Mine")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{tree}: ")
    assert complaint in line


def test_a_file_that_is_no_video_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_text("no video")
    done = command("teach", tmp_path / "bad.mp4", "--at", 1, "--name", "Mine")
    assert done.returncode == 1
    assert "not a video" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_pose_file_with_a_name_that_is_taken_is_a_usage_error(tree: Path, tmp_path: Path) -> None:
    file = tmp_path / "tree.json"
    command("teach", tree, "--at", LEFT, "--name", "Tree", "-o", file)
    done = command("--pose-file", file, tree)
    assert done.returncode == 2
    assert "There is a pose named Tree already" in done.stderr


def test_a_service_takes_the_pose_of_the_command(
    server: Server, tree: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.json"
    command("teach", tree, "--at", LEFT, "--name", "Mine", "-o", file)
    for way in ((), ("--background",)):
        asked = ("--server", server.url, *way, "--poses", "Balance", "--pose-file", file, tree)
        assert {hold["pose"] for hold in segments(*asked)} == {"Mine", "Balance"}


def test_the_library_teaches_and_finds(tree: Path) -> None:
    *_, mine = teach(tree, Lesson((LEFT,), "Mine"))
    assert isinstance(mine, PoseFile)
    *_, analysis = analyze(tree, poses=[taught(mine)])
    assert isinstance(analysis, Analysis)
    assert [hold.side for hold in analysis.holds] == ["left", "right"]


def test_the_library_says_why_it_cannot_teach(tree: Path) -> None:
    with pytest.raises(NotShownError, match="name a time within it"):
        list(teach(tree, Lesson((100.0,), "Mine")))
    with pytest.raises(OverLimitError):
        list(teach(tree, Lesson((LEFT,), "Mine"), limits=Limits(frames=10)))


def test_a_pose_is_not_written_over_the_video_that_shows_it(tree: Path) -> None:
    before = tree.read_bytes()
    done = command("teach", tree, "--at", LEFT, "--name", "Mine", "-o", tree)
    assert done.returncode == 2
    assert "is the VIDEO itself" in done.stderr
    assert tree.read_bytes() == before
