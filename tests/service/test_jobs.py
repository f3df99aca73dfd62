"""One process a video: what is uploaded can't stall, crash or outlive the service."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import requests

from service.jobs.deadline import MARGIN
from service.jobs.line import OF_OTHERS
from testing.serving import (
    ROOT,
    TIMEOUT,
    Server,
    Steady,
    answer_of,
    eventually,
    multipart,
    serving,
    starting,
    upload_head,
)
from testing.videos import encode


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that analyses one video at a time, with two places in line."""
    with serving(tmp_path_factory.mktemp("uploads"), ANALYSES=1, WAITING=2) as server:
        yield server
        server.assert_idle()


def figures(server: Server) -> list[str]:
    return requests.get(f"{server.url}/metrics", timeout=TIMEOUT).text.splitlines()


SOON = 5
"""Seconds in which what ends at once has ended, also on a busy machine."""


def hang_up(*connections: socket.socket) -> None:
    for connection in connections:
        connection.close()


def test_the_server_process_loads_no_decoder_no_model_and_no_numpy(server: Server) -> None:
    mapped = {Path(region.path).name for region in server.worker().memory_maps()}
    assert not [name for name in mapped if name.startswith(("cv2", "_framework", "_multiarray"))]
    mapped = {Path(region.path).name for region in server.forkserver().memory_maps()}
    assert [name for name in mapped if name.startswith("cv2")], "the test would see them"


def test_each_analysis_runs_in_a_process_of_its_own(server: Server, long_video: Path) -> None:
    connections = [server.start_upload(long_video) for _ in range(2)]
    assert eventually(lambda: len(server.analyses()) == 2)
    hang_up(*connections)
    server.assert_idle()


def test_a_full_line_refuses_before_the_body_is_read(narrow: Server, long_video: Path) -> None:
    waiting = [narrow.start_upload(long_video) for _ in range(3)]
    assert eventually(lambda: narrow.received() == 3)
    answer = narrow.exchange(upload_head(1000))
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"All places are taken" in answer
    assert b"\r\nRetry-After: " in answer
    assert narrow.healthy()
    hang_up(*waiting)
    narrow.assert_idle()


def test_one_address_leaves_a_quarter_of_the_places_to_others(
    tmp_path: Path, long_video: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=2, WAITING=2) as server:
        held = [server.start_upload(long_video) for _ in range(3)]
        assert eventually(lambda: server.received() == 3)
        refused = server.analyze(t_pose_video)
        assert refused.status_code == 503
        assert "Videos from your address have all the places" in refused.json()["error"]
        with server.start_upload(t_pose_video, "127.0.0.2") as other:
            assert eventually(lambda: server.received() == 4)
            hang_up(*held)
            assert answer_of(other).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("places", "address"),
    [(1, "127.0.0.2"), (4, "127.0.0.1")],
    ids=["when the line is full", "when its address has its share"],
)
def test_who_was_let_in_to_send_has_a_place_also_if_others_took_the_last_one_meanwhile(
    tmp_path: Path, long_video: Path, t_pose_video: Path, places: int, address: str
) -> None:
    body = multipart(t_pose_video.read_bytes() + bytes(2**23))
    head = upload_head(len(body)).replace(b"Host", b"Accept: application/x-ndjson\r\nHost", 1)
    taken = places - places // OF_OTHERS
    with (
        serving(tmp_path / "uploads", ANALYSES=1, WAITING=places - 1) as server,
        server.connect(address) as let_in,
    ):
        let_in.sendall(head + body[:100])
        assert eventually(lambda: server.received() == 1)
        with Steady(let_in, body[100:]) as steady:
            held = [server.start_upload(long_video) for _ in range(taken)]
            assert eventually(lambda: server.received() == taken + 1)
            assert eventually(server.analyses)
            with server.connect(address) as later:
                later.sendall(upload_head(len(body)))
                assert answer_of(later).startswith(b"HTTP/1.1 503 ")
        let_in.sendall(steady.rest)
        told = let_in.recv(65536)
        assert told.startswith(b"HTTP/1.1 200 ")
        while b'"accepted"' not in told:
            told += let_in.recv(65536)
        hang_up(*held)
        while b'"result"' not in told:
            told += let_in.recv(65536)


def test_those_who_wait_are_served_in_the_order_in_which_they_came(
    narrow: Server, t_pose_video: Path
) -> None:
    done = []

    def upload(number: int) -> None:
        assert narrow.analyze(t_pose_video).status_code == 200
        done.append(number)

    with ThreadPoolExecutor() as pool:
        for number in range(3):
            pool.submit(upload, number)
            assert eventually(lambda: narrow.received() > number)  # noqa: B023
    assert done == [0, 1, 2]


def test_who_has_many_videos_in_line_lets_others_have_their_turn_between(
    tmp_path: Path, long_video: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1, WAITING=7) as server:
        running = server.start_upload(long_video)
        assert eventually(server.analyses)
        many = [server.start_upload(long_video) for _ in range(3)]
        assert eventually(lambda: server.received() == 4)
        with server.start_upload(t_pose_video, "127.0.0.2") as other:
            assert eventually(lambda: server.received() == 5)
            running.close()
            assert answer_of(other).startswith(b"HTTP/1.1 200 ")
            for connection in many:
                connection.setblocking(False)
                with pytest.raises(BlockingIOError):
                    connection.recv(1)
        hang_up(*many)


def test_the_process_of_a_caller_who_hangs_up_is_soon_gone_and_its_place_free(
    narrow: Server, long_video: Path, t_pose_video: Path
) -> None:
    connection = narrow.start_upload(long_video)
    assert eventually(narrow.analyses)
    (process,) = narrow.analyses()
    connection.close()
    assert eventually(lambda: not process.is_running(), SOON)
    assert narrow.analyze(t_pose_video).status_code == 200


def test_a_caller_who_hangs_up_is_noticed_whatever_was_sent_after_the_upload(
    narrow: Server, long_video: Path
) -> None:
    connection = narrow.start_upload(long_video)
    connection.sendall(b"\r\n")
    assert eventually(narrow.analyses)
    (process,) = narrow.analyses()
    connection.close()
    assert eventually(lambda: not process.is_running(), SOON)


def test_a_caller_who_does_not_read_the_answer_keeps_nobody_waiting(
    tmp_path: Path, t_pose_video: Path
) -> None:
    chance = np.random.default_rng(1)
    noise = [chance.integers(0, 256, (480, 640, 3), np.uint8) for _ in range(40)]
    large = encode(tmp_path / "noise.mkv", noise, "ffv1").read_bytes()
    body = multipart(large)
    head = upload_head(len(body)).replace(b"Host: test", b"Host: test\r\nAccept: video/mp4")
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        with server.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(head + body)
            assert connection.recv(12) == b"HTTP/1.1 200"
            held = "the answer and the rendering are still there"
            assert eventually(lambda: server.received() == 2), held
            assert server.analyze(t_pose_video).status_code == 200
            stalled = "it is not waited for without end"
            assert eventually(lambda: server.received() == 0, TIMEOUT), stalled
        server.assert_idle()


def test_a_caller_who_hangs_up_in_line_leaves_it(
    narrow: Server, long_video: Path, t_pose_video: Path
) -> None:
    running, waiting = (narrow.start_upload(long_video) for _ in range(2))
    assert eventually(lambda: narrow.received() == 2)
    waiting.close()
    assert eventually(lambda: narrow.received() == 1, SOON)
    running.close()
    assert narrow.analyze(t_pose_video).status_code == 200


def test_a_caller_who_hangs_up_while_sending_leaves_nothing(narrow: Server) -> None:
    with narrow.connect() as connection:
        connection.sendall(upload_head(10_000) + b"--edge\r\n")
        assert eventually(narrow.received)
        assert "dance_arriving 1.0" in figures(narrow)
    assert eventually(lambda: not narrow.received(), SOON)
    assert "dance_arriving 0.0" in figures(narrow)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT, signal.SIGTERM])
def test_the_crash_of_an_analysis_costs_that_request_and_no_other(
    server: Server, long_video: Path, t_pose_video: Path, number: signal.Signals
) -> None:
    with server.start_upload(long_video) as doomed:
        assert eventually(server.analyses)
        (victim,) = server.analyses()
        with server.start_upload(t_pose_video) as other:
            victim.send_signal(number)
            crashed, well = answer_of(doomed), answer_of(other)
    assert well.startswith(b"HTTP/1.1 200 ")
    assert crashed.startswith(b"HTTP/1.1 500 ")
    assert f"signal {int(number)}".encode() in crashed
    assert server.analyze(t_pose_video).status_code == 200
    server.assert_idle()


def test_an_analysis_that_takes_too_long_is_stopped_and_tells_how_far_it_came(
    tmp_path: Path, long_video: Path
) -> None:
    speed = 1_000_000
    with serving(tmp_path / "uploads", STALL_SECONDS=2, SLOWEST_SPEED=speed) as server:
        answer = server.analyze(long_video)
        assert answer.status_code == 504
        told = f"took longer than {MARGIN * 2} seconds and was stopped after"
        assert told in answer.json()["error"]
        assert "of about 12,000" in answer.json()["error"]
        assert f"a second where {speed:g} are needed" in answer.json()["error"]
        assert "dance_deadlines_total 1.0" in figures(server)
        server.assert_idle()


def test_an_analysis_that_makes_no_progress_is_stopped_long_before_its_time_is_over(
    tmp_path: Path, long_video: Path
) -> None:
    with serving(tmp_path / "uploads", STALL_SECONDS=3, SLOWEST_SPEED=0.1) as server:
        with server.start_upload(long_video) as connection:
            assert eventually(server.analyses)
            (process,) = server.analyses()
            assert eventually(lambda: process.cpu_times().user > 0.1)
            process.suspend()
            answer = answer_of(connection)
        assert answer.startswith(b"HTTP/1.1 504 ")
        assert b"made no progress for 3 seconds" in answer
        assert "dance_deadlines_total 1.0" in figures(server)
        server.assert_idle()


def test_who_tells_of_progress_without_end_gets_the_time_of_the_longest_video(
    tmp_path: Path, t_pose_video: Path
) -> None:
    limits = {"MAX_VIDEO_FRAMES": 100, "STALL_SECONDS": 3, "SLOWEST_SPEED": 100}
    with serving(tmp_path / "uploads", POSE_MODULES="tests.service.lying", **limits) as server:
        answer = server.analyze(t_pose_video, params={"poses": "Pretend"})
        assert answer.status_code == 504
        assert f"took longer than {MARGIN * (3 + 1)} seconds" in answer.json()["error"]
        server.assert_idle()


def test_an_analysis_that_wants_too_much_memory_is_refused(tmp_path: Path) -> None:
    large = np.zeros((4320, 7680, 3), np.uint8)
    video = encode(tmp_path / "large.mp4", [large] * 2, "libx264")
    pixels = {"MAX_VIDEO_PIXELS": large.size}
    with serving(tmp_path / "uploads", ANALYSIS_MEMORY_BYTES=2**28, **pixels) as server:
        answer = server.analyze(video)
        assert answer.status_code == 422
        assert "more memory" in answer.json()["error"]
        server.assert_idle()
    with serving(tmp_path / "uploads", **pixels) as server:
        assert server.analyze(video).json()["total_frames"] == 2


def test_the_end_of_the_forkserver_shows_in_health_until_another_works(
    tmp_path: Path, long_video: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads") as server:
        with server.start_upload(long_video) as running:
            assert eventually(server.analyses)
            server.forkserver().kill()
            assert answer_of(running).startswith(b"HTTP/1.1 500 ")
        assert server.health() == 503
        assert eventually(server.healthy)
        assert server.analyze(t_pose_video).status_code == 200
        server.assert_idle()


@pytest.mark.parametrize("proving", [False, True], ids=["idle", "while it proves to work"])
def test_a_forkserver_that_hangs_shows_in_health_and_is_replaced(
    tmp_path: Path, t_pose_video: Path, proving: bool
) -> None:
    with serving(tmp_path / "uploads", HEALTH_SECONDS=4) as server:
        hanging = server.forkserver()
        assert eventually(lambda: bool(hanging.children()) == proving)
        hanging.suspend()
        assert eventually(lambda: server.health() == 503)
        assert eventually(server.healthy, TIMEOUT)
        assert not hanging.is_running()
        assert server.analyze(t_pose_video).status_code == 200


def test_sigterm_lets_running_work_finish_and_ends_with_success(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        tree = server.tree()
        idle = server.connect()
        with server.start_upload(t_pose_video) as running, server.start_upload(t_pose_video) as two:
            assert eventually(lambda: server.received() == 2)
            server.process.send_signal(signal.SIGTERM)
            assert answer_of(running).startswith(b"HTTP/1.1 200 ")
            assert answer_of(two).startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(10) == 0
        idle.close()
        assert eventually(lambda: not any(process.is_running() for process in tree), SOON)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_while_its_worker_starts_stops_at_once(
    tmp_path: Path, number: signal.Signals
) -> None:
    with starting(tmp_path / "uploads", stderr=subprocess.PIPE, GRACE_SECONDS=100) as server:
        log = server.process.stderr
        assert log is not None
        with log:
            # The arbiter has just made it: it isn't yet the worker that it will be.
            assert any(b"Booting worker" in line for line in log)
            server.process.send_signal(number)
            assert server.process.wait(TIMEOUT) == 0


def test_requests_that_come_right_after_sigterm_are_answered_while_health_says_no(
    tmp_path: Path,
) -> None:
    question = b"GET /openapi.json HTTP/1.1\r\nHost: test\r\n\r\n"
    with serving(tmp_path / "uploads") as server, server.connect() as kept:
        kept.sendall(question)
        assert answer_of(kept).startswith(b"HTTP/1.1 200 ")
        server.process.send_signal(signal.SIGTERM)
        with server.connect() as late:

            def health_says_no() -> bool:
                late.sendall(b"GET /health HTTP/1.1\r\nHost: test\r\n\r\n")
                return answer_of(late).startswith(b"HTTP/1.1 503 ")

            assert eventually(health_says_no)
            for connection in (kept, late):
                connection.sendall(question)
                assert answer_of(connection).startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(10) == 0


def test_work_that_outlasts_the_grace_is_answered_before_the_server_ends(
    tmp_path: Path, long_video: Path
) -> None:
    with serving(tmp_path / "uploads", GRACE_SECONDS=4) as server:
        with server.start_upload(long_video) as running:
            assert eventually(server.analyses)
            server.process.send_signal(signal.SIGTERM)
            assert answer_of(running).startswith(b"HTTP/1.1 503 ")
        assert server.process.wait(10) == 0
        assert list(server.uploads.iterdir()) == []


def test_a_clock_that_is_set_during_the_grace_ends_no_work(
    tmp_path: Path, t_pose_video: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, time\n"
        "now = time.time\n"
        f"time.time = lambda: now() + 1e6 * os.path.exists({str(tmp_path / 'set')!r})\n"
    )
    with serving(tmp_path / "uploads", PYTHONPATH=tmp_path, ANALYSES=1) as server:
        with server.start_upload(t_pose_video) as one, server.start_upload(t_pose_video) as two:
            assert eventually(lambda: server.received() == 2)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            (tmp_path / "set").touch()
            assert answer_of(one).startswith(b"HTTP/1.1 200 ")
            assert answer_of(two).startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(10) == 0


def test_a_folder_for_uploads_that_is_gone_shows_in_health_and_ends_nothing(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads") as server:
        worker = server.worker()
        server.uploads.rmdir()
        assert server.health() == 503
        answer = server.analyze(t_pose_video)
        assert (answer.status_code, answer.headers["Retry-After"]) == (507, "10")
        server.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: not worker.is_running())
        assert eventually(lambda: server.health() == 503)
        server.uploads.mkdir()
        assert eventually(server.healthy)
        assert server.analyze(t_pose_video).status_code == 200


def test_no_process_outlives_a_server_that_is_killed(tmp_path: Path, long_video: Path) -> None:
    with serving(tmp_path / "uploads") as server:
        with server.start_upload(long_video):
            assert eventually(server.analyses)
            tree = server.tree()
            server.process.kill()
            server.process.wait()
            assert eventually(lambda: not any(process.is_running() for process in tree), SOON)
        assert list(server.uploads.iterdir()) == []


def test_a_process_whose_parent_ended_before_it_could_notice_ends_too() -> None:
    orphan = """
import os, time
from analyzer.child.forkserver import end_with
parent = os.getpid()
if os.fork():
    os._exit(0)
while os.getppid() == parent:
    time.sleep(0.01)
end_with(parent)
print("outlived it")
"""
    # The pipe closes when the orphan ends.
    done = subprocess.run([sys.executable, "-c", orphan], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout == b""


NAMES_OTHERS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n",
    "m3u8 with a file": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{file}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{file}'\nfile '{address}'\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video {port} RTP/AVP 96\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
    'profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1" bandwidth="1"><BaseURL>{address}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "image pattern": "{file}%d.png",
    "asx": '<asx version="3.0"><entry><ref href="{address}"/></entry></asx>',
    "pls": "[playlist]\nFile1={address}\nNumberOfEntries=1\n",
}


@pytest.mark.parametrize("text", NAMES_OTHERS.values(), ids=NAMES_OTHERS.keys())
def test_a_file_that_names_others_opens_none_of_them(
    server: Server, tmp_path: Path, t_pose_video: Path, text: str
) -> None:
    canary = tmp_path / "canary.mp4"
    canary.write_bytes(t_pose_video.read_bytes())
    opened = canary.stat().st_atime_ns
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        named = text.format(file=canary, address=f"http://127.0.0.1:{port}/a.mp4", port=port)
        visited = threading.Event()

        def listen() -> None:
            try:
                listener.accept()
            except TimeoutError:
                return
            visited.set()

        thread = threading.Thread(target=listen)
        thread.start()
        answer = server.analyze(named.encode())
        time.sleep(0.1)
        thread.join()
    assert answer.status_code == 415
    assert not visited.is_set()
    assert canary.stat().st_atime_ns == opened
