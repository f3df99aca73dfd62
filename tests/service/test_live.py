"""GET /live: who dances is told at once, on a real server with real MediaPipe."""

import base64
import json
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import jsonschema_rs
import numpy as np
import pytest
import requests

from analyzer.frames.video import Video
from cli.command import main
from dancer.film import Film
from service.live.live import QUIET_SECONDS
from service.live.session import CODES, NORMAL
from service.web import asyncapi
from service.web.live import PING_SECONDS
from testing.dancing import Caller, dancing
from testing.serving import ROOT, TIMEOUT, Server, eventually, serving
from tests.service.test_openapi import strict

LOSSLESS = [cv2.IMWRITE_WEBP_QUALITY, 101]
LIVE = "dance_live_sessions"

T_POSE = {"poses": "T-Pose"}


def pictures(video: Path) -> list[tuple[float, bytes]]:
    """The frames of a video as pictures that lose nothing, each with its time."""
    with Video(video) as opened:
        return [(frame.time, webp(frame.pixels)) for frame in opened.frames()]


def webp(pixels: Any) -> bytes:
    return cv2.imencode(".webp", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), LOSSLESS)[1].tobytes()


def marks(filmed: Film) -> list[dict[str, Any]]:
    """The landmarks of a film as a caller sends them."""
    image, world = filmed.landmarks()
    return [
        {"time": time, "landmarks": image[row].tolist(), "world_landmarks": world[row].tolist()}
        for row, time in enumerate(filmed.times.tolist())
    ]


def check(told: dict[str, Any]) -> None:
    """See that a message is as it is described, down to the last field."""
    components = {"schemas": strict(asyncapi.description()["components"]["schemas"])}
    schema = {"$ref": f"#/components/schemas/{told['event']}", "components": components}
    jsonschema_rs.Draft202012Validator(schema).validate(told)


@pytest.fixture(scope="module")
def few_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two places for those who send pictures, and three for landmarks."""
    settings = {"LIVE_PICTURES": 2, "LIVE_LANDMARKS": 3, "LIVE_FRAME_BYTES": 2**18}
    with serving(tmp_path_factory.mktemp("stage"), ANALYSES=2, **settings) as server:
        yield server


@pytest.fixture
def stage(few_places: Server) -> Server:
    """The same, when all who were there have left."""
    assert eventually(lambda: sessions(few_places) == 0)
    return few_places


def sessions(server: Server) -> float:
    """How many live sessions there are."""
    return sum(count for (name, *_), count in server.figures().items() if name == LIVE)


@pytest.fixture(scope="module")
def film_frames(t_pose_video: Path) -> list[tuple[float, bytes]]:
    return pictures(t_pose_video)


def answered(caller: Caller, frames: list[tuple[float, bytes]]) -> list[dict[str, Any]]:
    """Show each picture when the one before has been answered; all that is told."""
    heard = []
    for seconds, picture in frames:
        caller.show(picture, seconds)
        heard += caller.hear_until("frame")
    return heard


def test_a_clip_that_is_sent_live_has_the_holds_of_the_clip_that_is_uploaded(
    stage: Server, t_pose_video: Path, film_frames: list[tuple[float, bytes]]
) -> None:
    upload = stage.analyze(t_pose_video, data={"include": "segments,landmarks"}).json()
    with dancing(stage) as caller:
        caller.tell({"practise": "T-Pose", "poses": ["Yoga", "general"]})
        told = [*caller.hear_until("ready"), *answered(caller, film_frames), *caller.end()]
    assert caller.code == 1000
    for each in told:
        check(each)
    holds = [
        {name: value for name, value in each.items() if name != "event"}
        for each in told
        if each["event"] == "hold"
    ]
    assert holds == upload["segments"]
    frames = [each for each in told if each["event"] == "frame"]
    assert [each["landmarks"] for each in frames] == upload["landmarks"]
    assert any(pose["pose"] == "T-Pose" for frame in frames for pose in frame["poses"])
    assert any(frame["practise"]["held"] for frame in frames)
    assert any(frame["practise"]["advice"] for frame in frames)
    assert [frame["sent"] for frame in frames] == list(range(len(film_frames)))
    counts = {name: told[-1][name] for name in ("frames", "sent", "dropped")}
    assert counts == {"frames": len(frames), "sent": len(frames), "dropped": 0}


def test_only_the_newest_picture_counts(
    stage: Server, film_frames: list[tuple[float, bytes]]
) -> None:
    with dancing(stage) as caller:
        caller.tell(T_POSE)
        for _, picture in film_frames[:30]:
            caller.tell(picture)
        told = [each for each in caller.end() if each["event"] in ("frame", "end")]
    *frames, end = told
    assert frames[-1]["sent"] == 29, "the last is answered"
    assert end["dropped"] == frames[-1]["dropped"] > 0
    assert len(frames) + end["dropped"] == end["sent"] == 30
    assert all(frame["latency"] > 0 for frame in frames)


def test_of_landmarks_none_is_dropped_and_no_picture_is_needed(
    stage: Server, t_pose_film: Film
) -> None:
    with dancing(stage, "landmarks") as caller, dancing(stage, "landmarks") as other:
        for one in (caller, other):
            one.tell({"poses": "T-Pose, Squat", "size": [480, 360]})
        for message in marks(t_pose_film):
            caller.tell(message)
            other.tell(message | {"landmarks": None, "world_landmarks": None})
        nobody, told = other.end(), caller.end()
    for each in told:
        check(each)
    held = [each["pose"] for each in told if each["event"] == "hold"]
    assert held == ["T-Pose"]
    end = told[-1]
    assert (end["frames"], end["sent"], end["dropped"]) == (len(t_pose_film),) * 2 + (0,)
    assert not any("landmarks" in each for each in told)
    assert not any(each["event"] == "hold" for each in nobody)
    assert {each["reason"] for each in nobody[-2]["trouble"]} == {"nobody"}


def test_in_a_mirror_left_is_the_dancers_own_left(
    stage: Server, film_frames: list[tuple[float, bytes]]
) -> None:
    _, picture = film_frames[len(film_frames) // 2]
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert pixels is not None
    places = []
    for mirror in (False, True):
        with dancing(stage) as caller:
            caller.tell({"mirror": mirror})
            caller.tell(webp(cv2.flip(pixels, 1) if mirror else pixels))
            places.append(np.array(caller.hear_until("frame")[-1]["landmarks"]))
    here, in_mirror = places
    left_wrist = 15
    assert here[left_wrist, 0] > 0.5 > in_mirror[left_wrist, 0]
    assert in_mirror[:, 0] == pytest.approx(1 - here[:, 0], abs=1e-3)


def landmarks_of(**changed: Any) -> dict[str, Any]:
    here: dict[str, Any] = {"landmarks": [[0.5] * 4] * 33, "world_landmarks": [[0.1] * 3] * 33}
    return {"time": 1.0} | here | changed


HUGE = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (15_999).to_bytes(3, "little") * 2
"""The head of a WebP file that says how large the picture is."""

SIZED = {"size": [640, 480]}


@pytest.mark.parametrize(
    ("sends", "messages", "code", "kind", "words"),
    [
        ("pictures", ["no JSON"], 1007, "bad-option", "an object of JSON"),
        ("pictures", ["[1]"], 1007, "bad-option", "an object of JSON"),
        ("pictures", ["[" * 100_000], 1007, "bad-option", "an object of JSON"),
        ("pictures", [{"fps": 3}], 1007, "bad-option", "no option `fps`"),
        ("pictures", [{"poses": "Waltz"}], 1007, "bad-option", "no pose 'Waltz'"),
        ("pictures", [{"poses": {"a": 1}}], 1007, "bad-option", "`poses` has a value"),
        ("pictures", [{"practise": "Saute"}], 1007, "bad-option", "is a movement"),
        ("pictures", [{"practise": "yoga"}], 1007, "bad-option", "no pose 'yoga' to practise"),
        ("pictures", [{"min_hold": "long"}], 1007, "bad-option", "`min_hold` can't be"),
        ("pictures", [{"mirror": "half"}], 1007, "bad-option", "`mirror` can't be"),
        ("pictures", [{"pose": "{}"}], 1007, "bad-option", "pose"),
        ("pictures", [{}, b"no picture"], 1003, "undecodable", "send JPEG or WebP"),
        ("pictures", [{}, b"\xff\xd8 is how a JPEG begins"], 1003, "undecodable", "can't be read"),
        ("pictures", [{}, struct.pack(">d", -1) + b"\xff\xd8"], 1007, "bad-option", "no time"),
        ("pictures", [{}, landmarks_of()], 1007, "bad-option", "/live?sends=landmarks"),
        ("pictures", [{}, {"practise": "Tree"}], 1007, "bad-option", "open another one"),
        ("pictures", [b"\xff\xd8"], 1007, "bad-option", "first message has to say"),
        ("pictures", [{}, bytes(2**18 + 1)], 1009, "over-limit", "at most 262144 bytes"),
        ("pictures", [{}, bytes(2**20)], 1009, None, ""),
        ("pictures", [{}, HUGE], 1009, "over-limit", "16000 x 16000 pixels"),
        ("landmarks", [{}], 1007, "bad-option", "`size` is the [width, height]"),
        ("landmarks", [{"size": [0, 3]}], 1007, "bad-option", "`size` is the [width, height]"),
        ("landmarks", [SIZED, b"\xff\xd8"], 1007, "bad-option", "/live?sends=pictures"),
        ("landmarks", [{"size": [True, True]}], 1007, "bad-option", "`size` is the"),
        ("landmarks", [SIZED, landmarks_of(landmarks=[])], 1007, "bad-option", "`landmarks` has"),
        ("landmarks", [SIZED, landmarks_of(time="now")], 1007, "bad-option", "`time` has to be"),
        ("landmarks", [SIZED, landmarks_of(time=True)], 1007, "bad-option", "`time` has to be"),
        ("landmarks", [SIZED, landmarks_of(world_landmarks=None)], 1007, "bad-option", "`world_"),
        (
            "landmarks",
            [SIZED, landmarks_of(landmarks=[[1e9] * 4] * 33)],
            *(1007, "bad-option", "33 times"),
        ),
        ("landmarks", [SIZED, landmarks_of(more="x" * 2**13)], 1009, "over-limit", "8192 bytes"),
        (
            "landmarks",
            [SIZED, landmarks_of(time=2), landmarks_of(time=1)],
            *(1007, "bad-option", "times of the frames decrease"),
        ),
        ("landmarks", [SIZED, *[landmarks_of()] * 200], 1008, "too-fast", "60 a second"),
    ],
)
def test_what_can_not_be_taken_is_told_in_a_sentence_and_it_is_closed(
    stage: Server, sends: str, messages: list[Any], code: int, kind: str | None, words: str
) -> None:
    with dancing(stage, sends) as caller:
        for message in messages:
            caller.tell(message)
        told = caller.rest()
    assert caller.code == code
    if kind is not None:
        check(told[-1])
        assert told[-1]["type"] == f"/docs#{kind}"
        assert words in told[-1]["error"]
    assert eventually(lambda: not stage.forkserver().children())


def refusal(stage: Server, address: str = "", **headers: str) -> requests.Response:
    """The answer to who may not open a session."""
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
    }
    url = f"{stage.url}/live{address}"
    return requests.get(url, headers=upgrade | headers, timeout=TIMEOUT)


def test_who_finds_no_place_is_told_before_the_connection_becomes_another(stage: Server) -> None:
    with dancing(stage, "landmarks") as first, dancing(stage, "landmarks") as second:
        for caller in (first, second):
            caller.tell(SIZED)
            caller.hear_until("ready")
        with dancing(stage, "landmarks") as third:
            third.tell(SIZED)
            third.hear_until("ready")
            answer = refusal(stage, "?sends=landmarks")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["type"] == "/docs#busy"
    with dancing(stage, "landmarks") as again:
        again.tell(SIZED)
        again.hear_until("ready")


def test_who_has_been_silent_gives_the_place_to_who_comes(stage: Server) -> None:
    with ExitStack() as stack:
        first, *_ = (stack.enter_context(dancing(stage, "landmarks")) for _ in range(3))
        time.sleep(QUIET_SECONDS)
        stack.enter_context(dancing(stage, "landmarks"))
        told = first.rest()
        assert (first.code, told[-1]["type"]) == (1008, "/docs#session-over")
        assert "somebody else" in told[-1]["error"]


def test_what_is_sent_has_to_be_known(stage: Server) -> None:
    assert refusal(stage, "?sends=smoke").json()["error"].startswith("`sends` can't be 'smoke'")


def test_a_handshake_has_to_be_one(stage: Server) -> None:
    bare = {"Connection": "Upgrade", "Upgrade": "websocket"}
    answer = requests.get(f"{stage.url}/live", headers=bare, timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["type"]) == (400, "/docs#bad-request")
    assert "handshake" in answer.json()["error"]
    assert (
        requests.get(f"{stage.url}/live", headers=bare, data="x", timeout=TIMEOUT)
        .json()["error"]
        .startswith("A handshake of a WebSocket has no body")
    )
    assert requests.head(f"{stage.url}/live", headers=bare, timeout=TIMEOUT).status_code == 405
    assert refusal(stage, Origin="http://[::").status_code == 403
    odd = {"Sec-WebSocket-Protocol": "d\u00e4".encode("latin-1")}
    answer = requests.get(f"{stage.url}/live", headers={**bare, **odd}, timeout=TIMEOUT)
    assert answer.status_code == 400
    answer = refusal(stage, "?practise=Tree")
    assert "what is wanted is its first message" in answer.json()["error"]
    assert sessions(stage) == 0


def test_a_phone_that_is_turned_goes_on(stage: Server) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (320, 240, 3), np.uint8)
    with dancing(stage) as caller:
        caller.tell({})
        for number, pixels in enumerate((noise, noise.transpose(1, 0, 2).copy(), noise[:100])):
            caller.show(cv2.imencode(".jpg", pixels)[1].tobytes(), number / 30)
            assert caller.hear_until("frame")[-1]["frame"] == number
        assert caller.end()[-1]["frames"] == 3


def test_what_comes_after_the_end_is_not_looked_at(
    stage: Server, film_frames: list[tuple[float, bytes]]
) -> None:
    with dancing(stage) as caller:
        caller.tell({})
        caller.show(film_frames[0][1], 0.0)
        caller.hear_until("frame")
        caller.tell({"end": True})
        caller.show(film_frames[1][1], 1.0)
        *_, end = caller.rest()
    assert (end["frames"], end["sent"]) == (1, 1)


def test_who_sends_what_is_not_taken_and_reads_nothing_takes_no_memory(stage: Server) -> None:
    def peak() -> int:
        text = Path(f"/proc/{stage.worker().pid}/status").read_text()
        (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", text, re.MULTILINE)
        return int(kilobytes) * 1024

    with dancing(stage, "landmarks") as caller:
        caller.tell(SIZED)
        before = peak()
        for _ in range(400):
            caller.tell(bytes(2**18))
    assert peak() - before < 40 * 2**20


def test_without_an_upgrade_there_is_nothing_to_get(stage: Server) -> None:
    answer = requests.get(f"{stage.url}/live", timeout=TIMEOUT)
    assert answer.status_code == 400
    assert "ws://" in answer.json()["error"]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a token, for the pages of one origin, with short sessions."""
    settings = {"API_TOKENS": "se/cret+", "CORS_ORIGINS": "https://studio.example"}
    folder = tmp_path_factory.mktemp("guarded")
    with serving(folder, ANALYSES=1, LIVE_SECONDS=1, **settings) as server:
        yield server


def opened(server: Server, **options: Any) -> str | None:
    """Open a session; the protocol that was chosen."""
    with dancing(server, "landmarks", **options) as caller:
        caller.tell(SIZED)
        caller.hear_until("ready")
        return caller.protocol


BEARER = {"Authorization": "Bearer se/cret+"}


def protocols(token: str) -> list[str]:
    """What a page sends, which can set no header."""
    return ["dance", f"bearer.{base64.urlsafe_b64encode(token.encode()).decode().rstrip('=')}"]


def test_a_token_comes_as_a_header_or_as_a_protocol(guarded: Server) -> None:
    assert opened(guarded, headers=BEARER) is None
    assert opened(guarded, subprotocols=protocols("se/cret+")) == "dance"
    for wrong in (protocols("other"), ["dance", "bearer.%"], ["dance"]):
        answer = refusal(guarded, **{"Sec-WebSocket-Protocol": ", ".join(wrong)})
        assert (answer.status_code, answer.json()["type"]) == (401, "/docs#unauthorized")


def test_pages_of_other_origins_open_nothing(guarded: Server) -> None:
    # This client names the host without its port, and so is the page.
    for origin in ("https://studio.example", "http://127.0.0.1"):
        opened(guarded, headers=BEARER | {"Origin": origin})
    answer = refusal(guarded, "?sends=landmarks", Origin="https://evil.example", **BEARER)
    assert (answer.status_code, answer.json()["type"]) == (403, "/docs#foreign-page")


def test_who_sends_nothing_is_asked_whether_there_is_anybody_and_then_let_go(
    stage: Server,
) -> None:
    asked: list[float] = []
    with dancing(stage, "landmarks") as caller:
        begun = time.monotonic()
        caller.tell(SIZED)
        caller.on_ping(lambda: asked.append(time.monotonic() - begun))
        told = caller.rest()
    assert (caller.code, told[-1]["type"]) == (1008, "/docs#session-over")
    assert "Nothing came for 30 seconds" in told[-1]["error"]
    assert asked, "before a load balancer cuts what is silent for 60 seconds"
    assert asked[0] >= PING_SECONDS - 1


def test_a_session_lasts_no_longer_than_it_may(guarded: Server) -> None:
    with dancing(guarded, "landmarks", headers=BEARER) as caller:
        caller.tell(SIZED)
        told = caller.rest()
    assert caller.code == 1008
    assert told[-1]["type"] == "/docs#session-over"
    assert "1 seconds" in told[-1]["error"]


def test_a_crash_costs_one_session(stage: Server, film_frames: list[tuple[float, bytes]]) -> None:
    with dancing(stage) as first:
        first.tell({})
        answered(first, film_frames[:2])
        # A proof of health may have one, too, for a moment.
        assert eventually(lambda: len(stage.forkserver().children()) == 1)
        (process,) = stage.forkserver().children()
        with dancing(stage) as second:
            second.tell({})
            answered(second, film_frames[:2])
            process.kill()
            told = first.rest()
            assert (first.code, told[-1]["type"]) == (1011, "/docs#crashed")
            answered(second, film_frames[2:4])


@pytest.mark.parametrize("sends", ["pictures", "landmarks"])
def test_who_vanishes_leaves_nothing(stage: Server, sends: str) -> None:
    with dancing(stage, sends) as caller:
        caller.tell(SIZED)
        caller.hear_until("ready")
        assert stage.figures()[LIVE, sends] == 1
        caller.drop()
        assert eventually(lambda: sessions(stage) == 0)
        assert eventually(lambda: not stage.forkserver().children())


def test_figures_tell_of_latency_and_of_what_became_of_frames(
    stage: Server, t_pose_film: Film, film_frames: list[tuple[float, bytes]]
) -> None:
    with dancing(stage) as caller:
        caller.tell(T_POSE)
        for _ in range(3):
            caller.tell(film_frames[0][1])
        caller.end()
    with dancing(stage, "landmarks") as caller:
        caller.tell(SIZED)
        caller.tell(marks(t_pose_film)[0])
        caller.end()
    figures = stage.figures()
    assert figures["dance_live_latency_seconds_count", "landmarks"] > 0
    assert figures["dance_live_latency_seconds_count", "pictures"] > 0
    assert figures["dance_live_frames_total", "answered"] > 0
    assert figures["dance_live_frames_total", "dropped"] > 0


def test_a_server_that_stops_has_its_sessions_open_others(tmp_path: Path) -> None:
    with (
        serving(tmp_path, ANALYSES=1) as server,
        dancing(server, "landmarks") as caller,
        dancing(server) as other,
    ):
        for each in (caller, other):
            each.tell(SIZED)
            each.hear_until("ready")
        server.process.send_signal(signal.SIGTERM)
        told = caller.rest()
        assert (caller.code, told[-1]["type"]) == (1012, "/docs#stopping")
        other.rest()
        assert other.code == 1012
        assert server.process.wait(TIMEOUT) == 0


def test_the_command_plays_a_video_to_a_service_and_prints_what_it_tells(
    stage: Server, t_pose_video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = [str(t_pose_video), "--server", stage.url]
    assert main(["live", *there, "--practise", "T-Pose"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "lift your" in lines[0]
    assert any(line.endswith("T-Pose: hold it") for line in lines)
    assert any("T-Pose, 0." in line for line in lines)
    assert "1 hold, " in lines[-1]
    assert main(["live", *there, "--poses", "T-Pose", "--format=ndjson"]) == 0
    told = capsys.readouterr().out.splitlines()
    events = [json.loads(line)["event"] for line in told]
    assert (events[0], events[-1], events.count("hold")) == ("ready", "end", 1)


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        ([], 2, "name a VIDEO, or a camera"),
        (["{video}", "--camera", "0"], 2, "name a VIDEO, or a camera"),
        (["{video}", "--server", "studio"], 2, "is no address"),
        (["missing.mp4", "--server", "{server}"], 1, "missing.mp4: No such file"),
        (["--camera", "97", "--server", "{server}"], 1, "camera 97: it can't be opened"),
        (["{video}", "--practise", "Saute", "--server", "{server}"], 1, "is a movement"),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong(
    stage: Server,
    t_pose_video: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    status: int,
    sentence: str,
) -> None:
    places = {"video": t_pose_video, "server": stage.url}
    arguments = ["live", *(option.format(**places) for option in options)]
    if status == 2:
        with pytest.raises(SystemExit, match="2"):
            main(arguments)
    else:
        assert main(arguments) == status
    assert sentence in capsys.readouterr().err.splitlines()[-1]


def test_the_command_says_why_no_session_is_opened(guarded: Server, t_pose_video: Path) -> None:
    # In processes of their own, as the library leaves it to them to close what was refused.
    for server, sentence in (("http://127.0.0.1:9", "nobody answers"), (guarded.url, "API_TOKEN")):
        arguments = [sys.executable, "-m", "analyzer", "live", str(t_pose_video)]
        done = subprocess.run(
            [*arguments, "--server", server], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert sentence in line


def test_the_description_is_served_and_shown(stage: Server) -> None:
    described = requests.get(f"{stage.url}/asyncapi.json", timeout=TIMEOUT).json()
    assert described == json.loads(json.dumps(asyncapi.description()))
    page = requests.get(f"{stage.url}/docs", timeout=TIMEOUT).text
    assert "GET /live" in page
    assert set(asyncapi.MEANINGS) == {NORMAL, *CODES.values()}
    for code in asyncapi.MEANINGS:
        assert f"<code>{code}</code>" in page
