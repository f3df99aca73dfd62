"""The log: whoever reads it slowly, or not at all, holds nothing up."""

import json
import os
import select
import signal
import subprocess
from pathlib import Path

import pytest
import requests

from testing.serving import TIMEOUT, Server, eventually, request_head, serving


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


def test_every_line_that_nobody_read_is_counted(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with serving(tmp_path / "uploads", None, writing) as server:
        os.close(writing)
        ask(server, 1200)
        assert lost(server) == 0
        read = os.read(reading, 2**16).count(b"\n")
        os.close(reading)
        ask(server, 50)
        # What the pipe still held when its reader went away, nobody can know of.
        held = 2**16 // 150
        assert eventually(lambda: lost(server) >= 1250 - read - held)


def test_lines_of_mistakes_that_nobody_read_are_counted(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with serving(tmp_path / "uploads", None, None, writing) as server:
        os.close(writing)
        os.close(reading)
        server.forkserver().kill()
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


@pytest.mark.parametrize(
    "head",
    [
        request_head("GET", "/" + "%E2%98%83" * 400),
        request_head("GET", "/" + "%01" * 1000),
        request_head("GET", "/" + "%F0%9F%92%83" * 1000),
        request_head("POST", "/analyze", f"Content-Length: {'9' * 4200}\r\n"),
    ],
    ids=["snowmen", "control characters", "dancers", "a huge number"],
)
def test_whatever_is_asked_for_makes_a_line_that_a_pipe_takes_whole(
    tmp_path: Path, head: bytes
) -> None:
    with (tmp_path / "log").open("w+b") as log:
        with serving(tmp_path / "uploads", None, log, log) as server:
            assert server.exchange(head).startswith(b"HTTP/1.1 4")
        log.seek(0)
        (line,) = [line for line in log.read().splitlines() if b'"status": 4' in line]
    assert len(line) < select.PIPE_BUF
    assert json.loads(line)["status"] in (400, 404, 413)


def test_every_line_is_json_and_a_mistake_is_found_by_the_id_that_the_caller_got(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with (tmp_path / "log").open("w+b") as log:
        with serving(
            tmp_path / "uploads", None, log, log, POSE_MODULES="tests.service.lying"
        ) as server:
            # No answer, no event, and a rule that fails at great length.
            answers = {
                pose: server.analyze(t_pose_video, params={"poses": pose})
                for pose in ("Finish", "Nothing", "Mistake")
            }
            server.exchange(b"no HTTP\r\n\r\n")
            server.forkserver().kill()
            assert eventually(server.healthy)
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(TIMEOUT)
        log.seek(0)
        lines = [json.loads(line) for line in log.read().splitlines()]
    messages = {}
    for pose, answer in answers.items():
        assert answer.status_code == 500
        given = answer.headers["X-Request-ID"]
        (mistake,) = [
            line for line in lines if line.get("level") and line.get("request_id") == given
        ]
        assert mistake["level"] == "error"
        messages[pose] = "\n".join([mistake["message"], *mistake["traceback"]])
    assert "an answer that isn't there" in messages["Finish"]
    assert "MessageError" in messages["Nothing"]
    assert messages["Mistake"].endswith("| At length.")
    said = [line["message"] for line in lines if line["event"] == "log"]
    assert "The forkserver ended (-9); another is started." in said


def test_what_the_forkserver_and_libraries_say_are_lines_too(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+b") as log:
        with serving(tmp_path / "uploads", None, log, log, POSE_MODULES="tests.service.lying"):
            pass
        log.seek(0)
        lines = [json.loads(line) for line in log.read().splitlines()]
    assert any(line.get("message") == "Loaded what lies." for line in lines)
