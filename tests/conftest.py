"""Videos and a server that several tests share."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from analyzer.estimation.pace import usable_cores
from dancer.film import Film, film
from testing.serving import Server, serving


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores, as some tests only wait; one where one core does it all."""
    cores = usable_cores()
    return cores + 2 if cores > 1 else 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Have a skipped test fail where everything that tests need is said to be there."""
    report = yield
    if report.skipped and os.environ.get("NOTHING_SKIPPED"):
        assert isinstance(report.longrepr, tuple)
        report.longrepr = report.longrepr[2]
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_user_is_touched(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is started without a folder of its own has one of the tests."""
    os.environ["STATE_DIRECTORY"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def t_pose_film() -> Film:
    return film([("T-Pose", None, 0.8)], width=480, height=360)


@pytest.fixture(scope="session")
def t_pose_video(t_pose_film: Film, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("videos") / "t_pose.mp4"
    t_pose_film.write(path)
    return path


@pytest.fixture(scope="session")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames in which nothing happens: an analysis of more than half a minute on any machine."""
    path = tmp_path_factory.mktemp("videos") / "long.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 240, (64, 48))
    for _ in range(12_000):
        writer.write(np.full((48, 64, 3), 128, np.uint8))
    writer.release()
    return path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with limits that small files reach, which analyses two at once on any machine."""
    uploads = tmp_path_factory.mktemp("uploads")
    limits = {"MAX_UPLOAD_BYTES": 2**20, "MAX_VIDEO_SECONDS": 90}
    with serving(uploads, ANALYSES=2, **limits) as server:
        yield server
