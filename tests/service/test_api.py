"""What applications build on: options, progress, the description, access, metrics and logs."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import requests

from analyzer.child.protocol import AnalysisOrder, Answered, Progress, longest_file
from analyzer.child.work import analysed
from analyzer.limits import INCLUDES, Limits
from analyzer.version import version
from dancer.film import Film, film
from service.intake.options import NAMES
from service.problems import Kind
from service.web import openapi
from testing.serving import ROOT, TIMEOUT, Server, ended, eventually, serving
from testing.videos import encode


@pytest.fixture(scope="module")
def tree_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("videos") / "tree.mp4"
    film([("Tree", "left", 1.2)], width=480, height=360).write(path)
    return path


def asked(server: Server, video: Path, **options: str) -> Any:
    answer = server.analyze(video, params=options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def events_of(server: Server, video: Path, media_type: str) -> list[str]:
    with server.analyze(video, headers={"Accept": media_type}, stream=True) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(media_type)
        return [line.decode() for line in answer.iter_lines()]


def test_poses_can_be_chosen_by_name_alias_and_family(server: Server, tree_video: Path) -> None:
    everything = asked(server, tree_video)["detected_poses"]
    assert {"Tree", "Balance"} <= everything.keys()
    for chosen in ("Tree", "tree", "Vrksasana", "yoga", "T-Pose,tree"):
        found = asked(server, tree_video, poses=chosen)["detected_poses"]
        assert found == {"Tree": everything["Tree"]}, chosen
    assert asked(server, tree_video, poses="T-Pose")["detected_poses"] == {}


def test_options_can_be_fields_of_the_form_which_count_before_the_query(
    server: Server, tree_video: Path
) -> None:
    answer = requests.post(
        f"{server.url}/analyze",
        files={"video": tree_video.read_bytes()},
        params={"poses": "Tree"},
        data={"poses": "T-Pose", "include": "video"},
        timeout=TIMEOUT,
    )
    body = answer.json()
    assert body["detected_poses"] == {}
    assert body["video"]["width"] == 480


@pytest.mark.parametrize("shift", [0, 1])
def test_a_character_of_an_option_may_come_in_two_pieces(server: Server, shift: int) -> None:
    piece = 2**16
    head = b'--edge\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n'
    before, between = head % (b"video", b'; filename="a"'), b"\r\n" + head % (b"poses", b"")
    video = bytes(piece - len(before + between) - 10 - shift)
    name = "\N{LATIN SMALL LETTER E WITH ACUTE}" * 20
    answer = requests.post(
        f"{server.url}/analyze",
        data=before + video + between + name.encode() + b"\r\n--edge--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=edge"},
        timeout=TIMEOUT,
    )
    assert f"There is no pose '{name}'" in answer.json()["error"]


def test_a_longer_min_hold_keeps_only_longer_holds(server: Server, tree_video: Path) -> None:
    assert asked(server, tree_video, poses="Tree", min_hold="0.5")["detected_poses"]
    assert not asked(server, tree_video, poses="Tree", min_hold="5")["detected_poses"]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"poses": "Moonwalk"}, "GET /poses"),
        ({"include": "everything"}, ", ".join(INCLUDES[:-1])),
        ({"min_hold": "long"}, "from 0 to 60"),
        ({"min_hold": "-1"}, "from 0 to 60"),
        ({"min_hold": "nan"}, "from 0 to 60"),
        ({"include": "group"}, "ask for `people=2` or more"),
        ({"include": "group", "people": "3", "dancer": "middle"}, "without `dancer`"),
        ({"people": "0"}, "from 1 to 6"),
        ({"people": "7"}, "from 1 to 6"),
        ({"people": "two"}, "from 1 to 6"),
        ({"people": ""}, "from 1 to 6"),
        ({"dancer": "left"}, "middle, largest or a point x,y"),
        ({"dancer": "0.5"}, "middle, largest or a point x,y"),
        ({"dancer": "0.5,1.2"}, "from 0 to 1"),
        ({"dancer": "nan,0"}, "from 0 to 1"),
        ({"colour": "red"}, ", ".join(NAMES[:-1])),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_allowed(
    server: Server, tree_video: Path, options: dict[str, str], word: str
) -> None:
    answer = server.analyze(tree_video, params=options)
    assert answer.status_code == 400
    assert word in answer.json()["error"]


@pytest.mark.parametrize("options", [{"people": "2"}, {"dancer": "largest"}])
def test_holds_say_whose_they_are_where_dancers_are_told_apart(
    server: Server, tree_video: Path, options: dict[str, str]
) -> None:
    plain = asked(server, tree_video, **options)
    assert plain.keys() == {"detected_poses", "total_frames"}
    assert "Tree" in plain["detected_poses"]
    body = asked(server, tree_video, include="segments,landmarks", **options)
    assert {hold["dancer"] for hold in body["segments"]} == {1}
    (dancer,) = body["dancers"]
    assert (dancer["dancer"], dancer["frames"]) == (1, plain["total_frames"])
    landmarks = body["landmarks"]["1"] if "people" in options else body["landmarks"]
    assert len(landmarks) == plain["total_frames"]
    with server.analyze(
        tree_video, params=options, headers={"Accept": "application/x-ndjson"}, stream=True
    ) as answer:
        told = list(map(json.loads, answer.iter_lines()))
    assert {event["dancer"] for event in told if event["event"] == "pose"} == {1}


def test_nothing_says_whose_it_is_where_one_dancer_is_followed(
    server: Server, tree_video: Path
) -> None:
    for options in ({}, {"people": "1"}):
        body = asked(server, tree_video, include="segments", **options)
        assert "dancers" not in body
        assert not any("dancer" in hold for hold in body["segments"])


def test_several_people_are_told_apart_in_fewer_frames_while_somebody_waits(
    tmp_path: Path, tree_video: Path
) -> None:
    frames = asked_frames(tree_video)
    with serving(tmp_path / "uploads", MAX_VIDEO_FRAMES=frames) as server:
        assert server.analyze(tree_video).status_code == 200
        refused = server.analyze(tree_video, params={"people": "2"})
        assert refused.status_code == 422
        assert f"at most {frames // 2} are analysed with up to 2 people" in refused.json()["error"]
        answer = server.analyze(
            tree_video, params={"people": "2"}, headers={"Prefer": "respond-async"}
        )
        told = ended(server.url + answer.headers["Location"])
        assert told["result"]["total_frames"] == frames


def asked_frames(path: Path) -> int:
    """How many frames a video has."""
    with av.open(str(path)) as video:
        return sum(1 for _ in video.decode(video=0))


def test_segments_tell_the_side_the_time_and_each_condition(
    server: Server, tree_video: Path
) -> None:
    body = asked(server, tree_video, include="segments", poses="Tree,T-Pose")
    assert body.keys() == {
        "detected_poses", "total_frames", "segments", "near_misses", "undecidable",
    }  # fmt: skip
    (hold,) = body["segments"]
    assert (hold["pose"], hold["side"]) == ("Tree", "left")
    frames = body["detected_poses"]["Tree"]
    assert (hold["first"], hold["last"]) == (frames[0], frames[-1])
    assert hold["first"] <= hold["best"] <= hold["last"]
    assert hold["end"] - hold["start"] == pytest.approx((len(frames) - 1) / 30, abs=0.04)
    assert 0 < hold["score"] <= 1
    for condition in hold["conditions"]:
        assert condition["held"]
        low, high = condition["low"], condition["high"]
        assert low is None or condition["value"] >= low - 0.01
        assert high is None or condition["value"] <= high + 0.01


def test_landmarks_and_angles_are_given_for_every_frame(
    server: Server, t_pose_video: Path, t_pose_film: Film
) -> None:
    body = asked(server, t_pose_video, include="landmarks,angles")
    assert len(body["landmarks"]) == len(t_pose_film)
    middle = body["detected_poses"]["T-Pose"][3]
    assert len(body["landmarks"][middle]) == 33
    truth = t_pose_film.landmarks()[0][middle]
    for found, wanted in zip(body["landmarks"][middle], truth, strict=True):
        assert len(found) == 4
        assert found[:2] == pytest.approx(wanted[:2].tolist(), abs=0.05)
    assert body["angles"]["left elbow"][middle] > 155
    assert {len(column) for column in body["angles"].values()} == {len(t_pose_film)}


def test_the_video_and_the_timing_are_told_when_asked(
    server: Server, t_pose_video: Path, t_pose_film: Film
) -> None:
    answer = server.analyze(t_pose_video, params={"include": "video,timing"})
    video = answer.json()["video"]
    assert (video["width"], video["height"], video["rotation"]) == (480, 360, 0)
    assert video["decoded_frames"] == video["frames_with_person"] == len(t_pose_film)
    assert (video["mirrored"], video["undecoded_packets"], video["advice"]) == (False, 0, [])
    assert video["duration"] == pytest.approx(len(t_pose_film) / 30, abs=0.01)
    timing = answer.json()["timing"]
    assert list(timing) == ["upload", "queue", "decode", "inference", "poses"]
    assert timing["inference"] > timing["poses"] > 0
    assert re.fullmatch(r"(\w+;dur=[\d.]+(, )?){5}", answer.headers["Server-Timing"])


def test_progress_is_streamed_as_ndjson_and_ends_with_the_plain_answer(
    server: Server, t_pose_video: Path
) -> None:
    events = [json.loads(line) for line in events_of(server, t_pose_video, "application/x-ndjson")]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "accepted"
    assert kinds[-1] == "result"
    assert {"progress", "pose"} < set(kinds)
    assert events[-1]["result"] == asked(server, t_pose_video)
    frames = [event["frames"] for event in events if event["event"] == "progress"]
    assert frames == sorted(frames)
    (*_, last) = (event for event in events if event["event"] == "progress")
    assert last["frames"] == last["of"] == events[-1]["result"]["total_frames"]
    poses = [event["pose"] for event in events if event["event"] == "pose"]
    assert set(poses) == events[-1]["result"]["detected_poses"].keys()


def test_a_hold_is_told_while_the_video_goes_on(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    film([("T-Pose", None, 0.8), ("A-Pose", None, 6.0)], width=160, height=160).write(path)
    events = [json.loads(line) for line in events_of(server, path, "application/x-ndjson")]
    kinds = [event["event"] for event in events]
    told = kinds.index("pose")
    assert events[told]["pose"] == "T-Pose"
    assert kinds[told:].count("progress") >= 2
    assert events[-1]["result"] == asked(server, path)


def test_a_rendering_that_is_too_large_is_refused(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    noise = [chance.integers(0, 256, (480, 640, 3), np.uint8) for _ in range(20)]
    video = encode(tmp_path / "noise.mp4", noise, "libx264")
    assert video.stat().st_size > longest_file(len(noise), renders=True)
    with serving(tmp_path / "uploads", MAX_VIDEO_FRAMES=len(noise)) as server:
        answer = server.analyze(video, headers={"Accept": "video/mp4"})
    assert (answer.status_code, answer.json()["title"]) == (422, "Over limit")
    assert "annotated video" in answer.json()["error"]


def test_progress_is_streamed_as_server_sent_events_too(server: Server, t_pose_video: Path) -> None:
    stream = events_of(server, t_pose_video, "text/event-stream")
    assert stream[0] == "event: accepted"
    assert stream[1].startswith('data: {"event": "accepted"')
    assert "event: result" in stream


def test_the_annotated_video_is_h264_and_shows_the_skeleton(
    server: Server, t_pose_video: Path, t_pose_film: Film, tmp_path: Path
) -> None:
    answer = server.analyze(t_pose_video, headers={"Accept": "video/mp4"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "video/mp4"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    path = tmp_path / "annotated.mp4"
    path.write_bytes(answer.content)
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == len(t_pose_film)
    middle = len(pictures) // 2
    marks = t_pose_film.landmarks()[0][middle, :, :2] * (480, 360)
    for left, right in ((13, 14), (25, 26)):
        left_x, left_y, right_x, right_y = marks[[left, right]].round().astype(int).ravel()
        blue = pictures[middle][left_y - 6 : left_y + 7, left_x - 6 : left_x + 7].reshape(-1, 3)
        red = pictures[middle][right_y - 6 : right_y + 7, right_x - 6 : right_x + 7].reshape(-1, 3)
        assert (blue[:, 2].astype(int) - blue[:, 0]).max() > 100, "the dancer's left is blue"
        assert (red[:, 0].astype(int) - red[:, 2]).max() > 100, "the dancer's right is orange"
    assert server.analyze(b"x", headers={"Accept": "video/mp4"}).status_code == 415
    assert eventually(lambda: not server.received())


@pytest.fixture(scope="module")
def noise_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames that hardly compress, so that a rendering of them is large."""
    chance = np.random.default_rng(1)
    pictures = [chance.integers(0, 256, (240, 320, 3), np.uint8) for _ in range(25)]
    return encode(tmp_path_factory.mktemp("videos") / "noise.mp4", pictures, "libx264")


def assert_whole(path: Path, frames: int) -> None:
    """See that an MP4 file ends with its last box, and that every frame in it decodes."""
    content = path.read_bytes()
    place = 0
    while place < len(content):
        place += int.from_bytes(content[place : place + 4], "big")
    assert place == len(content)
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == frames


def test_every_frame_of_an_annotated_video_arrives_also_of_several_at_once(
    tmp_path: Path, noise_video: Path
) -> None:
    def annotated(number: int) -> Path:
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(server.analyze(noise_video, headers={"Accept": "video/mp4"}).content)
        return path

    with serving(tmp_path / "uploads", ANALYSES=2) as server, ThreadPoolExecutor(4) as callers:
        for path in callers.map(annotated, range(6)):
            assert_whole(path, 25)


def test_every_frame_that_the_command_annotates_is_written(
    tmp_path: Path, noise_video: Path
) -> None:
    for number in range(2):
        out = tmp_path / f"{number}.mp4"
        command = [sys.executable, "-m", "analyzer", "--render", str(out), str(noise_video)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        assert_whole(out, 25)


def test_a_rendering_is_all_in_its_file_when_the_result_is_told(
    tmp_path: Path, noise_video: Path
) -> None:
    path = tmp_path / "annotated.mp4"
    order = AnalysisOrder(2**31, 2**30, Limits(), renders=True)
    with (
        noise_video.open("rb") as video,
        path.open("wb") as out,
        BytesIO() as answer,
        BytesIO() as scratch,
    ):
        for event in analysed(order, video, answer, scratch, out):
            if isinstance(event, Answered):
                assert json.loads(answer.getvalue())["total_frames"] == event.frames
                assert path.stat().st_size == out.tell()
                assert_whole(path, 25)


def test_landmarks_angles_and_the_annotated_video_are_those_of_a_whole_routine(
    tmp_path: Path,
) -> None:
    frames = 3700
    more_than_two_minutes_at_30_a_second = [np.full((32, 32, 3), 128, np.uint8)] * frames
    path = encode(tmp_path / "routine.mp4", more_than_two_minutes_at_30_a_second, "mpeg4", rate=60)
    order = AnalysisOrder(2**31, 2**30, Limits(), include=["landmarks", "angles"], renders=True)
    with (
        path.open("rb") as video,
        (tmp_path / "annotated.mp4").open("wb") as out,
        BytesIO() as answer,
        BytesIO() as scratch,
    ):
        events = list(analysed(order, video, answer, scratch, out))
        body = json.loads(answer.getvalue())
    assert len(body["landmarks"]) == body["total_frames"] == frames
    assert {len(column) for column in body["angles"].values()} == {frames}
    assert_whole(tmp_path / "annotated.mp4", frames)
    told = [event for event in events if isinstance(event, Progress)]
    drawn = [event.drawn for event in told]
    assert drawn == sorted(drawn)
    assert {0, frames} < set(drawn), "it is told while it is drawn"
    assert {(event.frames, event.of) for event in told if event.drawn} == {(frames, frames)}


def test_a_large_result_is_whole_and_that_of_its_reader_alone(
    tmp_path: Path, t_pose_film: Film
) -> None:
    pictures = list(t_pose_film.frames()) * 3
    video = encode(tmp_path / "long.mp4", pictures, "libx264")
    with serving(tmp_path / "uploads") as server:
        include = "landmarks,angles,segments,timing"
        plain = asked(server, video, include=include)
        assert len(plain["landmarks"]) == plain["total_frames"] == len(pictures)
        assert len(json.dumps(plain["landmarks"])) > 2**17
        with server.analyze(
            video, headers={"Accept": "application/x-ndjson"}, params={"include": include}
        ) as answer:
            streamed = json.loads(answer.text.splitlines()[-1])["result"]
        assert streamed.pop("timing").keys() == plain.pop("timing").keys()
        assert streamed == plain
        server.assert_idle()


def test_a_problem_in_a_stream_is_its_last_event(server: Server) -> None:
    with server.analyze(b"no video", headers={"Accept": "application/x-ndjson"}) as answer:
        last = json.loads(answer.text.splitlines()[-1])
    assert (last["event"], last["status"]) == ("error", 415)


def test_one_who_waits_in_line_hears_of_it(tmp_path: Path, long_video: Path) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        running = server.start_upload(long_video)
        assert eventually(server.analyses)
        headers = {"Accept": "application/x-ndjson"}
        with server.analyze(long_video, headers=headers, stream=True) as answer:
            lines = answer.iter_lines()
            assert json.loads(next(lines)) == {"event": "accepted", "place": 1}
            assert json.loads(next(lines)) == {"event": "waiting", "place": 1}
            running.close()
            assert "progress" in {json.loads(next(lines))["event"] for _ in range(3)}
        assert eventually(lambda: not server.received())


def test_the_catalogue_lists_every_pose_once(server: Server) -> None:
    poses = requests.get(f"{server.url}/poses", timeout=TIMEOUT).json()["poses"]
    names = [pose["name"] for pose in poses]
    assert len(names) == len(set(names)) >= 50
    tree = poses[names.index("Tree")]
    assert tree["sides"] == ["left", "right"]
    assert tree["kind"] == "static"


def test_all_that_can_be_asked_for_is_described(server: Server, t_pose_video: Path) -> None:
    assert tuple(openapi.INCLUDED) == INCLUDES
    for include in INCLUDES:
        people = "2" if include == "group" else "1"
        assert include in asked(server, t_pose_video, include=include, people=people)
    for joint in asked(server, t_pose_video, include="angles")["angles"]:
        assert joint.replace("right", "left") in openapi.INCLUDED["angles"]


def test_every_kind_of_problem_is_documented_once(server: Server) -> None:
    page = requests.get(f"{server.url}/docs", timeout=TIMEOUT).text
    for kind in Kind:
        assert page.count(f'id="{kind.slug}"') == 1
    assert len(Kind.__members__) == len(list(Kind)), "no two kinds are the same"
    assert not re.findall(r'(?:src|href)="?(?:https?:)?//', page)


def test_the_description_holds_for_whatever_is_sent(server: Server) -> None:
    """Schemathesis makes requests from the description and checks the answers against it."""
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            *("--url", server.url, "--max-examples", "15", "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--seed", "1", "--workers", "1"),
            # What a schema allows need not be a video.
            *("--exclude-checks", "positive_data_acceptance"),
            f"{server.url}/openapi.json",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]


def test_every_route_is_described_and_every_described_route_exists(server: Server) -> None:
    from server import app

    described = requests.get(f"{server.url}/openapi.json", timeout=TIMEOUT).json()["paths"]
    routes = {
        (re.sub("<(.*?)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(path, method) for path, methods in described.items() for method in methods}


def test_metrics_count_what_happened(tmp_path: Path, t_pose_video: Path, t_pose_film: Film) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        server.analyze(t_pose_video)
        server.analyze(b"no video")
        figures = server.figures()
    assert figures[("dance_requests_total", "/analyze", "200")] == 1
    assert figures[("dance_requests_total", "/analyze", "415")] == 1
    assert figures[("dance_frames_total",)] == len(t_pose_film)
    assert figures[("dance_analysis_seconds_count",)] == 2
    assert figures[("dance_processes_available",)] == 1
    assert figures[("dance_processes_in_use",)] == 0
    assert figures[("dance_upload_bytes_total",)] > t_pose_video.stat().st_size


def test_each_request_and_analysis_logs_one_line_with_the_callers_id(
    tmp_path: Path, t_pose_video: Path
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output, serving(tmp_path / "uploads", stdout=output) as server:
        answer = server.analyze(t_pose_video, headers={"X-Request-ID": "call-7"})
        assert answer.headers["X-Request-ID"] == "call-7"
        trace = "Root=1-67891233-abcdef012345678912345678"
        traced = requests.get(
            f"{server.url}/poses", headers={"X-Amzn-Trace-Id": trace}, timeout=TIMEOUT
        )
        assert traced.headers["X-Request-ID"] == trace
        assert server.healthy()
        forged = requests.get(
            f"{server.url}/poses", headers={"X-Request-ID": 'a "b" {c}'}, timeout=TIMEOUT
        )
        assert re.fullmatch("[0-9a-f]{32}", forged.headers["X-Request-ID"])
    start, *lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert (start["event"], start["version"]) == ("start", version())
    # A request is logged when all of it is done, which can be after a later one.
    logged = [(line["event"], line["request_id"]) for line in lines]
    assert logged[0] == ("analysis", "call-7")
    assert {("request", "call-7"), ("request", trace)} < set(logged)
    assert len(lines) == 4
    # As deploy/ counts them, to start tasks.
    assert (lines[0]["event"], lines[0]["outcome"]) == ("analysis", "result")
    # And as it counts those that are refused.
    (request,) = [line for line in lines[1:] if line["request_id"] == "call-7"]
    assert (request["event"], request["path"], request["status"]) == ("request", "/analyze", 200)
    assert "name.mp4" not in log.read_text()


def test_the_files_of_pages_are_logged_like_all_that_is_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output, serving(tmp_path / "uploads", stdout=output) as server:
        style = f"{server.url}/static/docs.css"
        assert requests.get(style, timeout=TIMEOUT).headers["Content-Type"].startswith("text/css")
        wrong = requests.get(style, headers={"Range": "bytes=99999-"}, timeout=TIMEOUT)
        assert wrong.status_code == 400
        assert "range" in wrong.json()["error"]
    _, *lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["path"], line["status"]) for line in lines] == [
        ("/static/docs.css", 200),
        ("/static/docs.css", 400),
    ]


def test_with_tokens_everything_but_health_wants_one(tmp_path: Path) -> None:
    with serving(tmp_path / "uploads", API_TOKENS="first-secret, second-secret") as server:
        for path in ("/poses", "/metrics", "/docs", "/openapi.json"):
            refused = requests.get(server.url + path, timeout=TIMEOUT)
            assert refused.status_code == 401
            assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert server.analyze(b"x").status_code == 401
        for token, status in (("first-secret", 200), ("second-secret", 200), ("third", 401)):
            headers = {"Authorization": f"Bearer {token}"}
            answer = requests.get(f"{server.url}/poses", headers=headers, timeout=TIMEOUT)
            assert answer.status_code == status


def test_pages_of_allowed_origins_may_call_and_of_others_may_not(tmp_path: Path) -> None:
    with serving(tmp_path / "uploads", CORS_ORIGINS="https://studio.example") as server:
        for origin, allowed in (
            ("https://studio.example", "https://studio.example"),
            ("https://other.example", None),
        ):
            for method in ("GET", "OPTIONS"):
                answer = requests.request(
                    method, f"{server.url}/poses", headers={"Origin": origin}, timeout=TIMEOUT
                )
                assert answer.headers.get("Access-Control-Allow-Origin") == allowed


def test_answers_tell_browsers_to_be_careful_and_no_origin_may_read_them_by_default(
    server: Server,
) -> None:
    headers = {"Origin": "https://studio.example"}
    answer = requests.get(f"{server.url}/poses", headers=headers, timeout=TIMEOUT)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
