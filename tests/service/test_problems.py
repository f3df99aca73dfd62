"""Every kind of problem, provoked on a real server and answered as it is documented."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import requests

from dancer.film import Film
from service.problems import Kind
from testing.serving import (
    TIMEOUT,
    Server,
    answer_of,
    eventually,
    may_mount_disks,
    on_a_small_disk,
    reserved_port,
    serving,
    starting,
    upload_head,
)
from testing.videos import encode

NO_DISKS = "this system lets nobody mount a disk of their own"

LARGEST = 4096
"""Pixels on a side of the largest picture that the strict server takes."""


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with limits that are soon reached, for one video at a time."""
    with serving(
        tmp_path_factory.mktemp("uploads"),
        ANALYSES=1,
        WAITING=0,
        MAX_UPLOAD_BYTES=2**20,
        STALL_SECONDS=3,
        SLOWEST_SPEED=1_000_000,
        ANALYSIS_MEMORY_BYTES=2**28,
        MAX_VIDEO_PIXELS=LARGEST**2,
    ) as server:
        yield server


@dataclass
class Stage:
    """What a problem is provoked with."""

    strict: Server
    folder: Path
    good: Path
    long: Path

    def picture(self, size: int) -> Path:
        black = np.zeros((size, size, 3), np.uint8)
        return encode(self.folder / "large.avi", [black], "mjpeg", pixel_format="yuvj420p")


Answer = requests.Response | bytes


def no_form(stage: Stage) -> Answer:
    return requests.post(f"{stage.strict.url}/analyze", timeout=TIMEOUT)


def unknown_option(stage: Stage) -> Answer:
    return stage.strict.analyze(stage.good, params={"colour": "red"})


def empty_file(stage: Stage) -> Answer:
    return stage.strict.analyze(b"")


def page_of_others(stage: Stage) -> Answer:
    headers = {"Origin": "https://evil.example", "Connection": "Upgrade", "Upgrade": "websocket"}
    return requests.get(f"{stage.strict.url}/live", headers=headers, timeout=TIMEOUT)


def no_token(stage: Stage) -> Answer:
    with serving(stage.folder / "uploads", API_TOKENS="secret") as server:
        return server.analyze(stage.good)


def wrong_path(stage: Stage) -> Answer:
    return requests.get(f"{stage.strict.url}/dances", timeout=TIMEOUT)


def wrong_method(stage: Stage) -> Answer:
    return requests.put(f"{stage.strict.url}/analyze", timeout=TIMEOUT)


def slow_upload(stage: Stage) -> Answer:
    return stage.strict.exchange(upload_head(10_000) + b"--edge\r\n")


def large_upload(stage: Stage) -> Answer:
    return stage.strict.analyze(bytes(2**21))


def text(stage: Stage) -> Answer:
    return stage.strict.analyze(b"This is no video, whatever its name says.\n")


def large_pictures(stage: Stage) -> Answer:
    return stage.strict.analyze(stage.picture(LARGEST + 16))


def pose_that_is_not_shown(stage: Stage) -> Answer:
    return requests.post(
        f"{stage.strict.url}/poses/teach",
        files={"video": stage.good.read_bytes()},
        data={"at": "1000", "name": "Mine"},
        timeout=TIMEOUT,
    )


def pictures_that_need_much_memory(stage: Stage) -> Answer:
    return stage.strict.analyze(stage.picture(LARGEST))


def another_protocol(stage: Stage) -> Answer:
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
    return requests.get(f"{stage.strict.url}/poses", headers=headers, timeout=TIMEOUT)


def killed_analysis(stage: Stage) -> Answer:
    with stage.strict.start_upload(stage.long) as connection:
        assert eventually(stage.strict.analyses)
        stage.strict.analyses()[0].kill()
        return answer_of(connection)


def process_that_lies(stage: Stage) -> Answer:
    with serving(stage.folder / "uploads", POSE_MODULES="tests.service.lying") as server:
        return server.analyze(stage.good, params={"poses": "Finish"})


def all_places_taken(stage: Stage) -> Answer:
    with stage.strict.start_upload(stage.long):
        assert eventually(stage.strict.analyses)
        answer = stage.strict.analyze(stage.good)
    assert eventually(lambda: not stage.strict.received())
    return answer


def not_ready_yet(stage: Stage) -> Answer:
    with starting(stage.folder / "uploads") as server:
        assert eventually(lambda: server.health() == 503)
        return requests.get(f"{server.url}/poses", timeout=TIMEOUT)


def stopped(stage: Stage) -> Answer:
    with (
        serving(stage.folder / "uploads", GRACE_SECONDS=4) as server,
        server.start_upload(stage.long) as connection,
    ):
        assert eventually(server.analyses)
        server.process.send_signal(signal.SIGTERM)
        return answer_of(connection)


def full_disk(stage: Stage) -> Answer:
    if not may_mount_disks():
        pytest.skip(NO_DISKS)
    with (
        on_a_small_disk(stage.folder / "uploads", 2**18) as server,
        server.connect("127.0.0.2") as one,
        server.connect("127.0.0.3") as another,
    ):
        for connection in (one, another):
            connection.sendall(upload_head(80_000) + b"--edge\r\n")
        assert eventually(lambda: server.received() == 2)
        return server.exchange(upload_head(60_000))


def long_analysis(stage: Stage) -> Answer:
    return stage.strict.analyze(stage.long)


def annotated_video_too_early(stage: Stage) -> Answer:
    mp4 = {"Accept": "video/mp4"}
    with serving(stage.folder / "uploads", BACKGROUND_ANALYSES=0) as server:
        return requests.get(server.send(stage.good, headers=mp4), headers=mp4, timeout=TIMEOUT)


def queue_that_is_down(stage: Stage) -> Answer:
    nobody = f"postgresql://dance@127.0.0.1:{reserved_port()}/dance"
    with serving(stage.folder / "uploads", QUEUE_URL=nobody) as server:
        return server.analyze(stage.good, headers={"Prefer": "respond-async"})


PROVOKED: dict[Kind, Callable[[Stage], Answer]] = {
    Kind.BAD_FORM: no_form,
    Kind.BAD_OPTION: unknown_option,
    Kind.EMPTY_FILE: empty_file,
    Kind.UNAUTHORIZED: no_token,
    Kind.FOREIGN_PAGE: page_of_others,
    Kind.NOT_FOUND: wrong_path,
    Kind.NOT_DONE: annotated_video_too_early,
    Kind.METHOD_NOT_ALLOWED: wrong_method,
    Kind.UPLOAD_TOO_SLOW: slow_upload,
    Kind.UPLOAD_TOO_LARGE: large_upload,
    Kind.UNDECODABLE: text,
    Kind.OVER_LIMIT: large_pictures,
    Kind.NOT_SHOWN: pose_that_is_not_shown,
    Kind.TOO_MUCH_MEMORY: pictures_that_need_much_memory,
    Kind.BAD_REQUEST: another_protocol,
    Kind.CRASHED: killed_analysis,
    Kind.INTERNAL: process_that_lies,
    Kind.BUSY: all_places_taken,
    Kind.STARTING: not_ready_yet,
    Kind.BACKGROUND_DOWN: queue_that_is_down,
    Kind.STOPPING: stopped,
    Kind.NO_ROOM: full_disk,
    Kind.DEADLINE: long_analysis,
}


LIVE = {Kind.TOO_FAST, Kind.SESSION_OVER}
"""What is told in live sessions alone, of which test_live.py knows."""


@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind not in LIVE], ids=lambda kind: kind.slug
)
def test_each_kind_of_problem_is_answered_as_documented(
    kind: Kind, strict: Server, tmp_path: Path, t_pose_video: Path, long_video: Path
) -> None:
    answer = PROVOKED[kind](Stage(strict, tmp_path, t_pose_video, long_video))
    assert_problem(answer, kind)
    strict.assert_idle()


@pytest.mark.skipif(not may_mount_disks(), reason=NO_DISKS)
def test_a_rendering_for_which_there_is_no_room_is_such_a_problem_too(
    tmp_path: Path, t_pose_film: Film
) -> None:
    small = {"crf": "45"}
    video = encode(tmp_path / "small.mp4", t_pose_film.frames(), "libx264", options=small)
    with on_a_small_disk(tmp_path / "uploads", 3 * video.stat().st_size) as server:
        assert_problem(server.analyze(video, headers={"Accept": "video/mp4"}), Kind.NO_ROOM)


MALFORMED = {
    "no HTTP": b"hello\r\n\r\n",
    "no version": b"GET /health\r\n\r\n",
    "a space in a header's name": b"GET /health HTTP/1.1\r\nHo st: x\r\n\r\n",
    "endless headers": b"GET /health HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    "an endless address": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
    "an unknown transfer coding": b"POST /analyze HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n",
    "a chunk without a size": b"POST /analyze HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: multipart/form-data; boundary=edge\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_http_is_a_problem_too(server: Server, request_bytes: bytes) -> None:
    assert_problem(server.exchange(request_bytes), Kind.BAD_REQUEST)


def assert_problem(answer: Answer, kind: Kind) -> None:
    """An answer is the problem of a kind, with its status and one sentence."""
    if isinstance(answer, bytes):
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.decode().splitlines()
        parsed = requests.Response()
        parsed.status_code = int(first.split()[1])
        for line in lines:
            name, _, value = line.partition(": ")
            parsed.headers[name] = value
        parsed._content = body
        answer = parsed
    told = answer.json()
    assert told.keys() == {"type", "title", "status", "detail", "error"}
    assert told["type"] == f"/docs#{kind.slug}"
    assert answer.status_code == told["status"] == kind.status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-ID"]
    assert told["error"] == told["detail"]
    assert told["error"].endswith(".")
    assert "Traceback" not in answer.text
    if kind.status in (409, 503, 507):
        assert int(answer.headers["Retry-After"]) >= 1
