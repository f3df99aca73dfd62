"""A consumer does background analyses, and nothing else; it ends as it is told to."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from testing.serving import ROOT, TIMEOUT, Server, ended, eventually, kill, serving

Process = subprocess.Popen[bytes]


@contextmanager
def consuming(uploads: Path, state: Path, **settings: object) -> Iterator[Process]:
    """A consumer of the queue in a folder, which is gone after the block."""
    uploads.mkdir(exist_ok=True)
    chosen = {"UPLOAD_DIRECTORY": uploads, "STATE_DIRECTORY": state, "ANALYSES": 1} | settings
    environment = os.environ | {name: str(value) for name, value in chosen.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "service.consumer"], cwd=ROOT, env=environment, stdout=sys.stderr
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            kill(process)


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Server]:
    """A server that leaves all background analyses to others."""
    with serving(tmp_path / "uploads", BACKGROUND_ANALYSES=0) as server:
        yield server


def test_it_does_what_the_service_leaves_to_it(
    idle: Server, tmp_path: Path, t_pose_video: Path
) -> None:
    analysis = idle.send(t_pose_video)
    with consuming(tmp_path / "its", idle.state):
        assert ended(analysis)["result"] == idle.analyze(t_pose_video).json()
    assert not any((tmp_path / "its").iterdir())


def test_told_to_stop_it_finishes_what_it_can_and_leaves_the_rest_to_others(
    idle: Server, tmp_path: Path, long_video: Path
) -> None:
    analysis = idle.send(long_video)
    with consuming(tmp_path / "its", idle.state, GRACE_SECONDS=4) as consumer:
        assert eventually(lambda: idle.states() == ["running"], TIMEOUT)
        consumer.send_signal(signal.SIGTERM)
        assert consumer.wait(TIMEOUT) == 0
    assert idle.states() == ["waiting"]
    with consuming(tmp_path / "its", idle.state):
        assert eventually(lambda: idle.states() == ["running"], TIMEOUT)
    assert analysis


def test_idle_it_stops_at_once(idle: Server, tmp_path: Path, t_pose_video: Path) -> None:
    analysis = idle.send(t_pose_video)
    with consuming(tmp_path / "its", idle.state) as consumer:
        ended(analysis)
        consumer.send_signal(signal.SIGINT)
        assert consumer.wait(TIMEOUT) == 0


def test_nothing_of_it_is_left_when_its_watcher_is_killed(idle: Server, tmp_path: Path) -> None:
    with consuming(tmp_path / "its", idle.state) as consumer:
        its = psutil.Process(consumer.pid)
        # The worker and the forkserver.
        assert eventually(lambda: len(its.children(recursive=True)) == 2, TIMEOUT)
        children = its.children(recursive=True)
        consumer.kill()
        consumer.wait()
        assert psutil.wait_procs(children, TIMEOUT)[1] == []


def test_it_ends_with_status_1_when_analysing_no_longer_works(idle: Server, tmp_path: Path) -> None:
    with consuming(tmp_path / "its", idle.state, HEALTH_SECONDS=2) as consumer:
        worker = psutil.Process(consumer.pid)
        assert eventually(lambda: len(worker.children(recursive=True)) == 2, TIMEOUT)
        shutil.rmtree(tmp_path / "its")
        assert consumer.wait(TIMEOUT) == 1


def test_a_wrong_setting_stops_its_start_with_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.consumer"],
        cwd=ROOT,
        env=os.environ | {"UPLOAD_DIRECTORY": str(tmp_path / "nowhere")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Can't start: UPLOAD_DIRECTORY")
    assert done.stderr.count("\n") == 1
