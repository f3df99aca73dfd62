"""Hostile code in the place of an analysis: it finds no token, no other upload, no way out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from dancer.film import Film
from tests.loot import TOKEN, UPLOAD
from tests.serving import ROOT, TIMEOUT, eventually, multipart, serving, upload_head

SECRET = "".join(TOKEN)
AUTHORIZED = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture(scope="module")
def attempts() -> set[str]:
    """What succeeds in a process that nothing confines."""
    command = [sys.executable, "-m", "tests.hostile"]
    environment = os.environ | {"ANY": SECRET}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines())


def test_hostile_code_finds_no_token_no_other_upload_and_no_way_out(
    tmp_path: Path, t_pose_video: Path, t_pose_film: Film, attempts: set[str]
) -> None:
    settings = {"POSE_MODULES": "tests.hostile", "API_TOKENS": SECRET}
    with serving(tmp_path / "uploads", **settings) as server, server.connect() as other:
        body = multipart(UPLOAD * 100)
        other.sendall(upload_head(len(body) + 10**6, SECRET) + body)
        assert eventually(lambda: server.received() == 1)
        answer = server.analyze(
            t_pose_video, headers=AUTHORIZED, params={"include": "video"}
        ).json()
        assert answer["total_frames"] == len(t_pose_film)
        assert len(attempts) == 15
        assert answer["detected_poses"].keys() & (attempts | {"Has Another Upload"}) == set()
        assert "T-Pose" in answer["detected_poses"]


def test_where_the_kernel_cant_confine_the_start_says_so_in_one_line(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with (tmp_path / "log").open("w+b") as log:
        within = [sys.executable, "-m", "tests.without_seccomp"]
        with serving(tmp_path / "uploads", stderr=log, within=within) as server:
            assert "T-Pose" in server.analyze(t_pose_video).json()["detected_poses"]
        log.seek(0)
        said = [line for line in log.read().decode().splitlines() if "confine" in line]
    assert len(said) == 1
    assert "has the rights of the service" in said[0]


def test_whatever_a_process_tells_costs_its_own_request_alone(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads", POSE_MODULES="tests.lying") as server:
        for name in ("Lie", "Nothing", "Depth", "Length", "Number", "Much"):
            answer = server.analyze(t_pose_video, params={"poses": name})
            assert answer.status_code in (200, 500), name
            assert server.healthy()
            assert server.analyze(t_pose_video, params={"poses": "T-Pose"}).status_code == 200
        figures = requests.get(f"{server.url}/metrics", timeout=TIMEOUT).text
        (frames,) = re.findall(r"^dance_frames_total (\S+)$", figures, re.MULTILINE)
        assert float(frames) < 20_000
        server.assert_idle()
