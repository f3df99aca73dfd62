"""The command has a folder of videos analysed in the background of a service."""

import json
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from testing.serving import ROOT, TIMEOUT, Server, eventually, kill, serving


def command(server: Server, *arguments: object) -> list[str]:
    options = ["--server", server.url, "--background", "--jobs", "2"]
    return [sys.executable, "-m", "analyzer", *options, *map(str, arguments)]


def run(server: Server, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(server, *arguments), cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path, t_pose_video: Path) -> list[Path]:
    """Three videos that differ only in what lies behind their end."""
    videos = [tmp_path / f"{name}.mp4" for name in ("first", "second", "third")]
    for number, path in enumerate(videos):
        path.write_bytes(t_pose_video.read_bytes() + bytes(number))
    return videos


def test_each_video_has_its_answer_in_order_and_a_row_of_the_table(
    server: Server, folder: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "letter.mp4").write_text("Dear dancer")
    done = run(server, *folder, tmp_path / "letter.mp4", tmp_path / "nothing.mp4")
    assert done.returncode == 1
    plain = server.analyze(folder[0]).json()
    assert [json.loads(line) for line in done.stdout.splitlines()] == [plain] * 3
    head, *rows = done.stderr.splitlines()
    assert head.split() == ["VIDEO", "FRAMES", "POSES"]
    assert [row.split()[1:] for row in rows[:3]] == [[str(plain["total_frames"]), "T-Pose"]] * 3
    assert "not a video" in rows[3]
    assert "No such file" in rows[4]


def test_options_are_those_of_the_other_ways(server: Server, folder: list[Path]) -> None:
    done = run(server, "--poses", "yoga", "--include", "video", folder[0])
    answer = json.loads(done.stdout)
    assert answer["detected_poses"] == {}
    assert "video" in answer
    rows = run(server, "--format", "csv", folder[0]).stdout.splitlines()
    assert rows[1].split(",")[:2] == [str(folder[0]), "T-Pose"]


def test_after_a_break_it_goes_on_without_sending_or_analysing_again(
    tmp_path: Path, folder: list[Path]
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        begun = subprocess.Popen(
            command(server, *folder), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert eventually(lambda: "waiting" in server.states(), TIMEOUT)
        assert eventually(lambda: len(server.states()) == 3, TIMEOUT)
        begun.send_signal(signal.SIGINT)
        said = begun.communicate(timeout=TIMEOUT)[1]
        assert begun.returncode == 130
        assert b"run it again" in said
        done = run(server, *folder)
        assert done.returncode == 0
        frames = [json.loads(line)["total_frames"] for line in done.stdout.splitlines()]
        assert server.figures()["dance_frames_total",] == sum(frames)


def test_it_outlasts_a_service_that_is_killed_and_comes_back(
    tmp_path: Path, folder: list[Path]
) -> None:
    with (
        serving(tmp_path / "uploads", ANALYSES=1) as server,
        subprocess.Popen(command(server, *folder), cwd=ROOT, stdout=subprocess.PIPE) as begun,
    ):
        assert eventually(lambda: len(server.states()) == 3, TIMEOUT)
        kill(server.process)
        with serving(tmp_path / "uploads", server.port, ANALYSES=1):
            answers = begun.communicate(timeout=5 * TIMEOUT)[0].splitlines()
    assert begun.returncode == 0
    assert len(answers) == 3


def test_what_stands_before_a_service_may_answer_in_its_own_way(t_pose_video: Path) -> None:
    came: list[str] = []

    class Balancer(BaseHTTPRequestHandler):
        """Has no service at first, and then one that doesn't say where an analysis is."""

        def do_POST(self) -> None:
            """Answer an upload."""
            self.rfile.read(int(self.headers["Content-Length"]))
            came.append(self.path)
            self.send_response(503 if len(came) == 1 else 202)
            self.send_header("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT")
            self.send_header("Content-Length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Balancer) as balancer:
        threading.Thread(target=balancer.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{balancer.server_address[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "analyzer", "--server", url, "--background", t_pose_video],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        balancer.shutdown()
    assert len(came) == 2
    assert done.returncode == 1
    assert "status 202" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--background", "a.mp4"], "works with --server"),
        (["--background", "--server", "http://a", "--render", "b.mp4", "a.mp4"], "--render"),
    ],
)
def test_what_does_not_go_together_is_said(arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "analyzer", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
