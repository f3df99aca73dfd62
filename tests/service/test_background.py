"""Analyses in the background go on without their caller, and are not lost."""

import json
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from service.background.records import LEASE_SECONDS
from service.web.delivery import MOST
from service.web.openapi import EVENTS
from testing.serving import (
    TIMEOUT,
    Server,
    ended,
    eventually,
    kill,
    multipart,
    request_head,
    reserved_port,
    serving,
    upload_head,
)
from tests.service.test_openapi import check

ASYNC = {"Prefer": "respond-async"}
KEYED = {"Idempotency-Key": "the tango of Friday"}
SERVER_SENT = {"Accept": "text/event-stream"}
MP4 = {"Accept": "video/mp4"}


def state(analysis: str, **options: Any) -> str:
    return str(requests.get(analysis, timeout=TIMEOUT, **options).json().get("state"))


def runs(analysis: str) -> bool:
    """Whether it is in the model."""
    told = requests.get(analysis, timeout=TIMEOUT).json()
    return bool(told["state"] == "running" and told["frames"])


def files(server: Server) -> list[Path]:
    """All that is stored of analyses."""
    return [path for path in (server.state / "files").rglob("*") if path.is_file()]


def events(analysis: str, last: object = None) -> list[dict[str, Any]]:
    """The events of an analysis, each with the id that it has, to its end."""
    headers = SERVER_SENT | ({} if last is None else {"Last-Event-ID": str(last)})
    text = requests.get(analysis, headers=headers, timeout=TIMEOUT).text
    told = []
    for event in text.split("\n\n")[:-1]:
        fields = dict(line.partition(": ")[::2] for line in event.split("\n"))
        told.append({"id": fields.get("id"), **json.loads(fields["data"])})
        assert told[-1]["event"] == fields["event"]
    return told


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that analyses one video at a time."""
    with serving(tmp_path_factory.mktemp("busy") / "uploads", ANALYSES=1) as server:
        yield server


def test_a_video_is_accepted_at_once_and_its_answer_is_that_of_the_plain_call(
    server: Server, t_pose_video: Path
) -> None:
    accepted = server.analyze(t_pose_video, headers=ASYNC)
    assert accepted.status_code == 202
    assert accepted.headers["Preference-Applied"] == "respond-async"
    assert re.fullmatch(r"/analyses/[\w-]{22}", accepted.headers["Location"])
    check(accepted.json(), "Analysis")
    told = ended(f"{server.url}{accepted.headers['Location']}")
    check(told, "Analysis")
    assert told["result"] == server.analyze(t_pose_video).json()
    assert told["frames"] == told["result"]["total_frames"]


def test_all_that_was_asked_for_is_there(server: Server, t_pose_video: Path) -> None:
    include = "segments,video,landmarks,angles,timing"
    analysis = server.send(t_pose_video, headers=MP4, data={"include": include, "poses": "T-Pose"})
    told = ended(analysis)
    check(told, "Analysis")
    plain = server.analyze(t_pose_video, data={"include": include, "poses": "T-Pose"}).json()
    assert told["result"].keys() == plain.keys()
    assert told["result"]["landmarks"] == plain["landmarks"]
    assert told["result"]["timing"].keys() == plain["timing"].keys()
    video = requests.get(analysis, headers=MP4, timeout=TIMEOUT)
    assert video.headers["Content-Type"] == "video/mp4"
    assert video.content[4:8] == b"ftyp"


def test_an_annotated_video_that_nobody_asked_for_or_that_is_not_done_is_a_problem(
    busy: Server, t_pose_video: Path, long_video: Path
) -> None:
    plain = busy.send(t_pose_video)
    ended(plain)
    assert requests.get(plain, headers=MP4, timeout=TIMEOUT).status_code == 404
    running = busy.send(long_video, headers=MP4)
    answer = requests.get(running, headers=MP4, timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["title"]) == (409, "Not done")
    assert requests.delete(running, timeout=TIMEOUT).status_code == 204


def test_its_events_can_be_joined_at_any_time_and_go_on_where_they_were_left(
    server: Server, t_pose_video: Path
) -> None:
    analysis = server.send(t_pose_video)
    told = events(analysis)
    names = [event["event"] for event in told]
    assert names[0] == "accepted"
    assert names[-1] == "result"
    assert set(names) <= set(EVENTS)
    for event in told:
        check({name: value for name, value in event.items() if name != "id"}, "Event")
    holds = [event for event in told if event["event"] == "pose"]
    assert [hold["id"] for hold in holds] == [str(n) for n in range(1, len(holds) + 1)]
    late = events(analysis)
    assert [event for event in late if event["event"] in ("pose", "result")] == [*holds, told[-1]]
    assert [event["event"] for event in events(analysis, last=holds[-1]["id"])] == ["result"]


def test_results_that_are_followed_and_not_read_take_no_more_room_than_others(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads") as server, ExitStack() as stack:
        analysis = server.send(t_pose_video)
        ended(analysis)
        (answer,) = files(server)
        answer.write_bytes(b'{"large": "' + b"x" * 2**23 + b'"}')
        path = analysis.removeprefix(server.url)
        for _ in range(MOST + 3):
            reader = stack.enter_context(server.connect())
            reader.sendall(request_head("GET", path, "Accept: application/x-ndjson\r\n"))
        assert eventually(lambda: server.received() == server.connections() == MOST)


def test_a_browser_that_has_heard_the_end_is_told_not_to_ask_again(
    server: Server, t_pose_video: Path
) -> None:
    analysis = server.send(t_pose_video)
    last = events(analysis)[-1]["id"]
    headers = SERVER_SENT | {"Last-Event-ID": last}
    assert requests.get(analysis, headers=headers, timeout=TIMEOUT).status_code == 204


def test_a_video_that_cannot_be_analysed_fails_with_its_problem(server: Server) -> None:
    analysis = server.send(b"no video")
    told = ended(analysis)
    check(told, "Analysis")
    assert told["state"] == "failed"
    assert told["problem"] == server.analyze(b"no video").json()
    assert events(analysis)[-1]["event"] == "error"
    assert requests.get(analysis, headers=MP4, timeout=TIMEOUT).status_code == 404


def test_the_video_is_deleted_once_it_is_analysed_unless_it_is_to_be_kept(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        gone = server.send(t_pose_video)
        kept = server.send(t_pose_video, data={"keep_video": "yes"})
        ended(gone)
        ended(kept)
        assert requests.get(f"{gone}/video", timeout=TIMEOUT).status_code == 404
        content = requests.get(f"{kept}/video", timeout=TIMEOUT).content
        assert content == t_pose_video.read_bytes()
        assert eventually(lambda: sum(path.name == "video" for path in files(server)) == 1)
        assert len(files(server)) == 3


@pytest.mark.parametrize("when", ["waiting", "running", "done"])
def test_deleting_one_ends_it_and_leaves_nothing(
    tmp_path: Path, when: str, t_pose_video: Path, long_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        first = server.send(t_pose_video if when == "done" else long_video)
        analysis = server.send(t_pose_video) if when == "waiting" else first
        assert eventually(lambda: state(analysis) == when)
        assert requests.delete(analysis, timeout=TIMEOUT).status_code == 204
        assert requests.get(analysis, timeout=TIMEOUT).status_code == 404
        assert requests.delete(analysis, timeout=TIMEOUT).status_code == 404
        if when == "waiting":
            requests.delete(first, timeout=TIMEOUT)
        server.assert_idle()
        assert eventually(lambda: not files(server))


def test_results_are_deleted_after_their_time(tmp_path: Path, t_pose_video: Path) -> None:
    with serving(tmp_path / "uploads", KEPT_SECONDS=1) as server:
        analysis = server.send(t_pose_video)
        assert eventually(lambda: state(analysis) == "None")
        assert requests.get(analysis, timeout=TIMEOUT).status_code == 404
        assert eventually(lambda: not files(server))


def test_only_the_token_that_sent_a_video_sees_its_analysis(
    tmp_path: Path, t_pose_video: Path
) -> None:
    mine, other = ({"Authorization": f"Bearer {token}"} for token in ("mine", "other"))
    with serving(tmp_path / "uploads", API_TOKENS="mine,other") as server:
        analysis = server.send(t_pose_video, headers=mine)
        assert requests.get(analysis, timeout=TIMEOUT).status_code == 401
        for headers in (other, other | SERVER_SENT, other | MP4):
            assert requests.get(analysis, headers=headers, timeout=TIMEOUT).status_code == 404
        assert requests.delete(analysis, headers=other, timeout=TIMEOUT).status_code == 404
        assert ended(analysis, headers=mine)["state"] == "done"


def test_a_request_that_is_sent_again_by_its_key_gives_the_same_analysis_without_its_video(
    server: Server, t_pose_video: Path
) -> None:
    analysis = server.send(t_pose_video, headers=KEYED)
    again = f"Prefer: respond-async\r\nIdempotency-Key: {KEYED['Idempotency-Key']}\r\n"
    head = upload_head(900_000).replace(b"\r\n\r\n", f"\r\n{again}\r\n".encode())
    answer = server.exchange(head)
    assert b" 202 " in answer.split(b"\r\n")[0]
    assert analysis.rpartition("/")[2].encode() in answer
    assert server.send(t_pose_video, headers={"Idempotency-Key": "another"}) != analysis
    assert requests.delete(analysis, timeout=TIMEOUT).status_code == 204
    assert server.send(t_pose_video, headers=KEYED) != analysis


def test_a_connection_that_breaks_when_the_video_is_in_does_not_lose_the_analysis(
    server: Server, t_pose_video: Path
) -> None:
    body = multipart(t_pose_video.read_bytes())
    lines = b"\r\nPrefer: respond-async\r\nIdempotency-Key: lost\r\n\r\n"
    connection = server.connect()
    connection.sendall(upload_head(len(body)).replace(b"\r\n\r\n", lines) + body)
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()

    def answered() -> bool:
        return server.analyze(b"", headers=ASYNC | {"Idempotency-Key": "lost"}).status_code == 202

    assert eventually(answered)
    analysis = server.send(b"", headers={"Idempotency-Key": "lost"})
    assert ended(analysis)["result"]["detected_poses"].keys() == {"T-Pose"}


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "uploads") as server:
        lines = b"\r\nPrefer: respond-async\r\n\r\n"
        with server.connect() as connection:
            connection.sendall(upload_head(10_000).replace(b"\r\n\r\n", lines) + b"--edge\r\n")
            assert eventually(lambda: server.received() == 1)
        server.assert_idle()
        assert files(server) == []


def test_callers_who_wait_go_first(busy: Server, t_pose_video: Path, long_video: Path) -> None:
    analysis = busy.send(long_video)
    assert eventually(lambda: runs(analysis))
    assert "T-Pose" in busy.analyze(t_pose_video).json()["detected_poses"]
    assert state(analysis) == "running"
    requests.delete(analysis, timeout=TIMEOUT)


def test_the_background_leaves_callers_no_more_turns_than_there_are(
    busy: Server, t_pose_video: Path, long_video: Path
) -> None:
    for _ in range(3):
        assert ended(busy.send(t_pose_video))["state"] == "done"
    busy.assert_idle()
    with busy.start_upload(long_video), busy.start_upload(t_pose_video):
        assert eventually(lambda: len(busy.forkserver().children()) == 1)
        assert eventually(lambda: busy.figures()["dance_waiting",] == 1)
        assert busy.figures()["dance_processes_in_use",] == 1


def test_turns_go_round_the_callers(tmp_path: Path, t_pose_video: Path, long_video: Path) -> None:
    settings = {"ANALYSES": 1, "TRUSTED_PROXIES": 1}
    one, other = ({"X-Forwarded-For": address} for address in ("192.0.2.1", "192.0.2.2"))
    with serving(tmp_path / "uploads", **settings) as server:
        running = server.send(long_video, headers=one)
        assert eventually(lambda: runs(running))
        waiting = [server.send(t_pose_video, headers=one) for _ in range(3)]
        before = server.send(t_pose_video, headers=other)
        places = [
            requests.get(analysis, timeout=TIMEOUT).json()["place"]
            for analysis in (*waiting, before)
        ]
        assert places == [1, 3, 4, 2]


def test_a_full_backlog_is_a_problem_and_leaves_room_for_others(
    tmp_path: Path, t_pose_video: Path, long_video: Path
) -> None:
    settings = {"ANALYSES": 1, "BACKLOG": 4, "TRUSTED_PROXIES": 1}
    one, other = ({"X-Forwarded-For": address} for address in ("192.0.2.1", "192.0.2.2"))
    with serving(tmp_path / "uploads", **settings) as server:
        for _ in range(2):
            server.send(long_video, headers=one)
        refused = server.analyze(t_pose_video, headers=ASYNC | one)
        assert refused.status_code == 503
        assert "of yours" in refused.json()["error"]
        assert int(refused.headers["Retry-After"]) > 0
        for _ in range(2):
            server.send(t_pose_video, headers=other)
        refused = server.analyze(t_pose_video, headers=ASYNC | other)
        assert refused.status_code == 503
        assert server.analyze(t_pose_video).status_code == 200


def test_what_runs_when_the_server_is_killed_is_begun_again_by_the_next(
    tmp_path: Path, t_pose_video: Path, long_video: Path
) -> None:
    uploads = tmp_path / "uploads"
    with serving(uploads, ANALYSES=1) as server:
        running = server.send(long_video)
        waiting = server.send(t_pose_video)
        assert eventually(lambda: runs(running))
        kill(server.process)
    with serving(uploads, server.port, ANALYSES=2) as server:
        assert ended(waiting)["result"]["detected_poses"].keys() == {"T-Pose"}
        assert eventually(lambda: runs(running), TIMEOUT)


def test_a_server_that_is_told_to_stop_leaves_what_runs_to_the_next_at_once(
    tmp_path: Path, long_video: Path
) -> None:
    uploads = tmp_path / "uploads"
    with serving(uploads, ANALYSES=1) as server:
        analysis = server.send(long_video)
        assert eventually(lambda: runs(analysis))
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(TIMEOUT) == 0
    with serving(uploads, server.port, ANALYSES=1, BACKGROUND_ANALYSES=0) as server:
        assert state(analysis) == "waiting"


def test_who_follows_an_analysis_does_not_hold_up_a_server_that_is_told_to_stop(
    tmp_path: Path, long_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server, server.connect() as reader:
        analysis = server.send(long_video)
        assert eventually(lambda: runs(analysis))
        path = analysis.removeprefix(server.url)
        reader.sendall(request_head("GET", path, "Accept: text/event-stream\r\n"))
        assert reader.recv(1)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(TIMEOUT) == 0
        assert server.states() == ["waiting"]


def test_a_video_that_ends_its_process_three_times_is_given_up(
    tmp_path: Path, long_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        analysis = server.send(long_video)
        killed: set[int] = set()
        for _ in range(3):
            assert eventually(lambda: {one.pid for one in server.analyses()} - killed)
            (process,) = [one for one in server.analyses() if one.pid not in killed]
            killed.add(process.pid)
            process.kill()
        told = ended(analysis)
        assert told["state"] == "failed"
        assert "signal 9" in told["problem"]["error"]
        assert eventually(lambda: not files(server))
        server.assert_idle()


def test_where_the_queue_does_not_answer_callers_who_wait_are_served_all_the_same(
    tmp_path: Path, t_pose_video: Path
) -> None:
    nobody = f"postgresql://dance@127.0.0.1:{reserved_port()}/dance"
    with serving(tmp_path / "uploads", QUEUE_URL=nobody) as server:
        refused = server.analyze(t_pose_video, headers=ASYNC)
        assert (refused.status_code, refused.json()["title"]) == (503, "Background down")
        assert server.analyze(t_pose_video).status_code == 200
        assert server.healthy()


def test_a_store_that_does_not_answer_counts_against_no_analysis(
    tmp_path: Path, t_pose_video: Path, long_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        with server.start_upload(long_video):
            # Who holds the only place lets the store be gone before the analysis begins.
            assert eventually(lambda: len(server.forkserver().children()) == 1)
            analysis = server.send(t_pose_video)
            store = server.state / "files"
            store.rename(tmp_path / "elsewhere")
            store.write_text("no folder")
        with closing(sqlite3.connect(server.state / "queue.db")) as records:

            def begun() -> tuple[str | None, int]:
                """Who has begun it last, and how many starts count."""
                return tuple(records.execute("SELECT holder, starts FROM analyses").fetchone())

            assert eventually(lambda: begun()[0])
            holder, starts = begun()
            assert eventually(lambda: begun()[0] != holder, TIMEOUT)
            assert begun()[1] == starts
        store.unlink()
        (tmp_path / "elsewhere").rename(store)
        assert ended(analysis)["state"] == "done"


def test_a_video_that_could_not_be_stored_can_be_sent_again_by_its_key_at_once(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        store = server.state / "files"
        store.rename(tmp_path / "elsewhere")
        store.write_text("no folder")
        refused = server.analyze(t_pose_video, headers=ASYNC | KEYED)
        assert (refused.status_code, refused.json()["title"]) == (503, "Background down")
        store.unlink()
        (tmp_path / "elsewhere").rename(store)
        assert ended(server.send(t_pose_video, headers=KEYED))["state"] == "done"


def test_a_store_that_is_gone_is_one_that_is_down_until_it_is_back(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        store = server.state / "files"
        store.rename(tmp_path / "elsewhere")
        refused = server.analyze(t_pose_video, headers=ASYNC)
        assert (refused.status_code, refused.json()["title"]) == (503, "Background down")
        (tmp_path / "elsewhere").rename(store)
        assert ended(server.send(t_pose_video))["state"] == "done"


@pytest.fixture
def silent_store() -> Iterator[dict[str, str]]:
    """The settings of a store that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield {
            "STORE_URL": "s3://routines/all",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
        }


def test_who_sends_a_video_to_a_store_that_says_nothing_is_told_so(
    tmp_path: Path, t_pose_video: Path, silent_store: dict[str, str]
) -> None:
    with serving(tmp_path / "uploads", **silent_store) as server:
        with ThreadPoolExecutor(1) as sender:
            sent = sender.submit(server.analyze, t_pose_video, headers=ASYNC)
            # Meanwhile it is held, longer than a server that is killed would hold it.
            time.sleep(LEASE_SECONDS + 5)
            with closing(sqlite3.connect(server.state / "queue.db")) as records:
                (lease,) = records.execute("SELECT lease FROM analyses").fetchone()
            assert lease > time.time()
            refused = sent.result()
        assert (refused.status_code, refused.json()["title"]) == (503, "Background down")


def test_a_video_that_was_being_stored_when_the_server_was_killed_can_soon_be_sent_again(
    tmp_path: Path, t_pose_video: Path, silent_store: dict[str, str]
) -> None:
    uploads = tmp_path / "uploads"
    body = multipart(t_pose_video.read_bytes())
    lines = "".join(f"{name}: {value}\r\n" for name, value in (ASYNC | KEYED).items())
    form = "Content-Type: multipart/form-data; boundary=edge\r\n"
    with serving(uploads, **silent_store) as server, server.connect() as sender:
        sender.sendall(request_head("POST", "/analyze", form + lines, len(body)) + body)
        assert eventually(lambda: server.states() == ["arriving"])
        kill(server.process)
    with serving(uploads, ANALYSES=1) as server:
        again = server.analyze(t_pose_video, headers=ASYNC | KEYED)
        assert (again.status_code, again.json()["title"]) == (503, "Busy")
        assert eventually(lambda: server.states() == [], 2 * LEASE_SECONDS + 20)
        assert ended(server.send(t_pose_video, headers=KEYED))["state"] == "done"


def test_where_the_queue_takes_connections_and_says_nothing_all_else_is_served(
    tmp_path: Path, t_pose_video: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        queue = f"postgresql://dance@127.0.0.1:{silent.getsockname()[1]}/dance"
        with serving(tmp_path / "uploads", QUEUE_URL=queue) as server:
            refused = server.analyze(t_pose_video, headers=ASYNC)
            assert (refused.status_code, refused.json()["title"]) == (503, "Background down")
            assert server.analyze(t_pose_video).status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"keep_video": "perhaps"}, "yes or no"),
        ({"callback": "https://hooks.example/", "callback_secret": "c2VjcmV0"}, "no callbacks"),
        ({"callback": "https://hooks.example/"}, "go together"),
        ({"colour": "red"}, "no option"),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_the_video_is_read(
    server: Server, fields: dict[str, str], said: str
) -> None:
    answer = requests.post(
        f"{server.url}/analyze", params=fields, headers=ASYNC, data=b"", timeout=TIMEOUT
    )
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_what_only_the_background_has_is_refused_elsewhere(
    server: Server, t_pose_video: Path
) -> None:
    answer = server.analyze(t_pose_video, data={"keep_video": "yes"})
    assert answer.status_code == 400
    assert "respond-async" in answer.json()["error"]


def test_nothing_is_left_of_many_analyses(tmp_path: Path, t_pose_video: Path) -> None:
    with serving(tmp_path / "uploads", ANALYSES=2) as server:
        descriptors = psutil.Process(server.worker().pid).num_fds()
        sent = [server.send(t_pose_video) for _ in range(6)]
        for analysis in sent:
            assert ended(analysis)["state"] == "done"
            assert requests.delete(analysis, timeout=TIMEOUT).status_code == 204
        server.assert_idle()
        assert files(server) == []
        assert eventually(lambda: psutil.Process(server.worker().pid).num_fds() <= descriptors + 4)
