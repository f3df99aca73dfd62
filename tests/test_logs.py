"""The log: whoever reads it slowly, or not at all, holds nothing up."""

import json
import os
import signal
import subprocess
from pathlib import Path

import requests

from tests.serving import TIMEOUT, Server, eventually, serving


def ask(server: Server, times: int) -> None:
    """Ask for what is answered and logged without work."""
    with requests.Session() as session:
        for _ in range(times):
            assert session.get(f"{server.url}/nothing", timeout=TIMEOUT).status_code == 404


def lost(server: Server) -> int:
    return int(
        requests.get(f"{server.url}/health", timeout=TIMEOUT).json().get("lost_log_lines", 0)
    )


def test_nobody_who_reads_the_log_is_waited_for(tmp_path: Path, t_pose_video: Path) -> None:
    reading, writing = os.pipe()
    try:
        with serving(tmp_path / "uploads", None, writing, writing) as server:
            while not lost(server):
                ask(server, 500)
            answer = server.analyze(t_pose_video)
            assert "T-Pose" in answer.json()["detected_poses"]
            assert server.healthy()
            figures = requests.get(f"{server.url}/metrics", timeout=TIMEOUT).text.splitlines()
            (figure,) = [line for line in figures if line.startswith("dance_lost_log_lines ")]
            assert 0 < float(figure.split()[1]) <= lost(server)
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(TIMEOUT)
            # What there was room for is whole.
            os.set_blocking(reading, False)
            lines = os.read(reading, 2**20).decode().splitlines()
            assert [json.loads(line)["status"] for line in lines[20:40]] == [404] * 20
    finally:
        os.close(reading)
        os.close(writing)


def test_without_a_reader_of_the_log_the_work_goes_on(tmp_path: Path, t_pose_video: Path) -> None:
    reading, writing = os.pipe()
    with serving(tmp_path / "uploads", None, writing, writing) as server:
        os.close(reading)
        os.close(writing)
        for _ in range(3):
            assert "T-Pose" in server.analyze(t_pose_video).json()["detected_poses"]
        assert server.healthy()
        assert eventually(lambda: lost(server) > 0)


def test_all_lines_arrive_up_to_the_last(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+b") as log:
        with serving(tmp_path / "uploads", None, log, subprocess.STDOUT) as server:
            ask(server, 2000)
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(TIMEOUT)
        log.seek(0)
        lines = log.read().decode().splitlines()
    assert sum('"path": "/nothing"' in line for line in lines) == 2000
    assert "Shutting down: Master" in lines[-1]


def test_a_long_path_makes_no_long_line(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+b") as log:
        with serving(tmp_path / "uploads", None, log, log) as server:
            path = "\N{SNOWMAN}" * 400
            assert requests.get(f"{server.url}/{path}", timeout=TIMEOUT).status_code == 404
        log.seek(0)
        (line,) = [line for line in log.read().splitlines() if b'"status": 404' in line]
    assert len(line) < 4096
    assert json.loads(line)["path"].startswith("/\N{SNOWMAN}")
