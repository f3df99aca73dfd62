"""Hostile code in the place of an analysis: it finds no token, no other upload, no way out."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import pytest
import requests

from dancer.film import Film
from service.jobs.job import UNHEARD
from testing.dancing import dancing
from testing.serving import ROOT, TIMEOUT, Server, eventually, multipart, serving, upload_head
from tests.service.loot import TOKEN, UPLOAD

SECRET = "".join(TOKEN)
AUTHORIZED = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture(scope="module")
def attempts() -> set[str]:
    """What succeeds in a process that nothing confines."""
    command = [sys.executable, "-m", "tests.service.hostile"]
    environment = os.environ | {"ANY": SECRET}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines())


def test_hostile_code_finds_no_token_no_other_upload_and_no_way_out(
    tmp_path: Path, t_pose_video: Path, t_pose_film: Film, attempts: set[str]
) -> None:
    settings = {"POSE_MODULES": "tests.service.hostile", "API_TOKENS": SECRET}
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
        within = [sys.executable, "-m", "tests.service.without_seccomp"]
        with serving(tmp_path / "uploads", stderr=log, within=within) as server:
            assert "T-Pose" in server.analyze(t_pose_video).json()["detected_poses"]
        log.seek(0)
        said = [line for line in log.read().decode().splitlines() if "confine" in line]
    assert len(said) == 1
    assert "has the rights of who started them" in said[0]


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with poses that attack it, which analyses one video at a time."""
    folder = tmp_path_factory.mktemp("uploads")
    with serving(folder, ANALYSES=1, LIVE_PICTURES=4, POSE_MODULES="tests.service.lying") as server:
        yield server
        assert server.healthy()
        server.assert_idle()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Lie", 500),
        ("Nothing", 500),
        ("Depth", 500),
        ("Length", 500),
        ("Number", 500),
        ("Finish", 500),
        ("Times", 500),
        ("Constant", 500),
        ("Disguise", 500),
        ("Large", 500),
        ("Much", 200),
        ("Count", 200),
        ("Crowd", 500),
    ],
)
def test_whatever_a_process_tells_or_does_costs_its_own_request_alone(
    lying: Server, t_pose_video: Path, name: str, status: int
) -> None:
    forkserver = lying.forkserver()
    assert lying.analyze(t_pose_video, params={"poses": name}).status_code == status
    assert lying.healthy()
    assert lying.analyze(t_pose_video, params={"poses": "T-Pose"}).status_code == 200
    assert lying.forkserver() == forkserver


@pytest.mark.parametrize("name", ["Lie", "Large", "Length", "Talk", "Chatter", "Mistake"])
def test_whatever_a_live_session_tells_costs_it_alone(
    lying: Server, t_pose_film: Film, name: str
) -> None:
    picture = cv2.imencode(".jpg", next(t_pose_film.frames()))[1].tobytes()
    image, world = (each[0].tolist() for each in t_pose_film.landmarks())
    marks = {"landmarks": image, "world_landmarks": world}
    with dancing(lying) as caller, dancing(lying, "landmarks") as other:
        other.tell({"size": [480, 360], "poses": "T-Pose"})
        caller.tell({"poses": name})
        for number in range(60):
            caller.show(picture, number / 30)
            other.tell(marks | {"time": number / 30})
        assert caller.rest()[-1]["event"] == "error"
        assert other.end()[-1]["event"] == "end"
    assert lying.healthy()


def test_a_pose_of_ones_own_that_fails_costs_the_session_that_asks_for_it(
    lying: Server, t_pose_film: Film
) -> None:
    image, world = (each[0].tolist() for each in t_pose_film.landmarks())
    marks = {"landmarks": image, "world_landmarks": world}
    with dancing(lying, "landmarks") as failing, dancing(lying, "landmarks") as other:
        for caller, name in ((failing, "Mistake"), (other, "T-Pose")):
            caller.tell({"size": [480, 360], "poses": name})
            caller.hear_until("ready")
        for number in range(60):
            for caller in (failing, other):
                caller.tell(marks | {"time": number / 30})
        assert failing.rest()[-1]["type"] == "/docs#crashed"
        assert other.end()[-1]["event"] == "end"


def test_a_stream_that_a_mistake_breaks_off_ends_with_an_error(
    lying: Server, t_pose_video: Path
) -> None:
    answer = lying.analyze(
        t_pose_video, params={"poses": "Finish"}, headers={"Accept": "application/x-ndjson"}
    )
    assert answer.status_code == 200
    last = json.loads(answer.text.splitlines()[-1])
    assert (last["event"], last["type"]) == ("error", "/docs#internal")


def test_frames_that_there_cant_be_are_not_counted(lying: Server, t_pose_video: Path) -> None:
    def counted() -> float:
        figures = requests.get(f"{lying.url}/metrics", timeout=TIMEOUT).text
        (frames,) = re.findall(r"^dance_frames_total (\S+)$", figures, re.MULTILINE)
        return float(frames)

    before = counted()
    lying.analyze(t_pose_video, params={"poses": "Much"})
    assert 0 < counted() - before < 20_000


def test_much_that_a_process_tells_takes_little_memory(lying: Server, t_pose_video: Path) -> None:
    def peak() -> int:
        text = Path(f"/proc/{lying.worker().pid}/status").read_text()
        (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", text, re.MULTILINE)
        return int(kilobytes) * 1024

    before = peak()
    assert lying.analyze(t_pose_video, params={"poses": "Talk"}).status_code == 200
    assert peak() - before < 150 * 2**20


def test_who_reads_a_stream_slowly_holds_up_nobody_and_misses_no_result(
    lying: Server, t_pose_video: Path
) -> None:
    with lying.connect() as slow:
        slow.sendall(streamed(t_pose_video, "Talk"))
        assert slow.recv(12) == b"HTTP/1.1 200"
        read = b""
        with ThreadPoolExecutor() as threads:
            other = threads.submit(lying.analyze, t_pose_video, params={"poses": "T-Pose"})
            # Who takes nothing for long is no slow reader but one who has stopped.
            while not other.done():
                read += slow.recv(2**16)
                time.sleep(0.2)
        assert other.result().status_code == 200
        while not read.endswith(b"0\r\n\r\n"):
            read += (chunk := slow.recv(2**16))
            assert chunk, "it was cut off"
    assert b'{"event": "result", "result": ' in read
    assert UNHEARD <= read.count(b'{"event": "pose"') < 2000


def test_who_stops_reading_a_stream_leaves_nothing_that_runs(
    lying: Server, t_pose_video: Path
) -> None:
    with lying.connect() as stopped:
        stopped.sendall(streamed(t_pose_video, "Babble"))
        assert eventually(lying.analyses)
        (process,) = lying.analyses()
        assert eventually(lambda: not process.is_running(), TIMEOUT)
        lying.assert_idle()


def streamed(video: Path, pose: str) -> bytes:
    """A request for the events of a video, with one pose to look for."""
    body = multipart(video.read_bytes())
    head = upload_head(len(body)).replace(b"/analyze", f"/analyze?poses={pose}".encode())
    return head.replace(b"Host: test", b"Host: test\r\nAccept: application/x-ndjson") + body
