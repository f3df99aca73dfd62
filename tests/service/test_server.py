"""What a caller sends, and what comes back."""

import re
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import requests

from dancer.film import Film
from testing.serving import TIMEOUT, Server, multipart, upload_head
from testing.videos import encode, with_subtitles


def audio_only(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), "fltp", "mono")
        sound.sample_rate = 16000
        for packet in (*stream.encode(sound), *stream.encode(None)):
            container.mux(packet)
    return path


def assert_problem(answer: requests.Response, status: int, *words: str) -> None:
    body = answer.json()
    assert answer.status_code == status, body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body["status"] == status
    assert body["type"].startswith("/docs#")
    assert body["error"] == body["detail"]
    assert re.fullmatch(r"[A-Z/`].*[.]", body["error"]), "one sentence"
    assert "Traceback" not in answer.text
    for word in words:
        assert word in body["error"]


def test_the_plain_call_answers_the_poses_with_their_frames_and_the_number_of_frames(
    server: Server, t_pose_video: Path, t_pose_film: Film
) -> None:
    answer = server.analyze(t_pose_video)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"detected_poses", "total_frames"}
    assert body["total_frames"] == len(t_pose_film)
    held = [i for i, poses in enumerate(t_pose_film.truth) if ("T-Pose", None) in poses]
    found = body["detected_poses"]["T-Pose"]
    assert found == list(range(found[0], found[-1] + 1))
    assert abs(found[0] - held[0]) <= 4
    assert abs(found[-1] - held[-1]) <= 4


def test_a_video_without_a_person_has_no_poses_and_its_frames(
    server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "nobody.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 48
        for _ in range(7):
            picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    assert server.analyze(path).json() == {"detected_poses": {}, "total_frames": 7}


def test_a_healthy_server_says_so(server: Server) -> None:
    answer = requests.get(f"{server.url}/health", timeout=TIMEOUT)
    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})


def test_a_truncated_video_is_analysed_as_far_as_it_decodes(
    server: Server, t_pose_film: Film, tmp_path: Path
) -> None:
    path = tmp_path / "whole.avi"
    t_pose_film.write(path)
    content = path.read_bytes()
    answer = server.analyze(content[: len(content) // 2])
    assert answer.status_code == 200
    assert 0 < answer.json()["total_frames"] < len(t_pose_film)


def test_a_truncated_video_of_which_nothing_decodes_is_refused(
    server: Server, t_pose_video: Path
) -> None:
    # The index of such a file comes last: without it no picture can be found.
    assert_problem(server.analyze(t_pose_video.read_bytes()[:5000]), 415, "cut off")


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (b"", 400, "empty"),
        (b"This is no video, whatever its name says.\n", 415, "not a video"),
        (b"\0\0\0\x0cftypisom", 415, "MP4"),
    ],
    ids=["empty", "text", "12 bytes"],
)
def test_a_file_that_is_no_video_is_refused(
    server: Server, content: bytes, status: int, word: str
) -> None:
    assert_problem(server.analyze(content), status, word)


def test_sound_without_a_video_is_refused(server: Server, tmp_path: Path) -> None:
    assert_problem(server.analyze(audio_only(tmp_path / "sound.mp4")), 415, "only sound")


def test_a_video_with_subtitles_is_analysed_like_one_without(
    server: Server, t_pose_video: Path, tmp_path: Path
) -> None:
    with_text = with_subtitles(t_pose_video, tmp_path / "film.mkv")
    answers = [server.analyze(video).json() for video in (t_pose_video, with_text)]
    assert "T-Pose" in answers[0]["detected_poses"]
    assert answers[0] == answers[1]


def test_a_codec_that_cannot_be_decoded_is_refused(
    server: Server, t_pose_film: Film, tmp_path: Path
) -> None:
    path = tmp_path / "film.avi"
    t_pose_film.write(path)
    unknown = path.read_bytes().replace(b"MJPG", b"QQQQ")
    assert_problem(server.analyze(unknown), 415, "H.264")


@pytest.mark.parametrize(
    ("request_body", "word"),
    [
        ({}, "multipart"),
        ({"data": b"raw", "headers": {"Content-Type": "video/mp4"}}, "multipart"),
        ({"files": {"film": b"x"}}, "`film`"),
        ({"files": {"video": (None, b"text")}}, "@"),
        ({"files": [("video", b"x"), ("video", b"x")]}, "more than once"),
        ({"files": {"other": (None, "text")}}, "no field `video`"),
        ({"files": {f"field {number}": (None, "") for number in range(30)}}, "more than 20 parts"),
        (
            {
                "data": multipart(b"x")[:60],
                "headers": {"Content-Type": "multipart/form-data; boundary=edge"},
            },
            "cut off",
        ),
    ],
    ids=["nothing", "raw", "other file", "text", "twice", "no video", "many parts", "cut off"],
)
def test_a_form_that_is_not_as_asked_is_refused_with_the_reason(
    server: Server, request_body: dict[str, object], word: str
) -> None:
    answer = requests.post(f"{server.url}/analyze", timeout=TIMEOUT, **request_body)  # type: ignore[arg-type]
    assert_problem(answer, 400, word)


def test_the_media_type_of_a_form_may_be_in_capitals(server: Server) -> None:
    answer = requests.post(
        f"{server.url}/analyze",
        data=multipart(b"no video"),
        headers={"Content-Type": "Multipart/Form-Data; boundary=edge"},
        timeout=TIMEOUT,
    )
    assert_problem(answer, 415, "not a video")


def test_an_upload_over_the_limit_is_refused_from_its_length_before_it_is_sent(
    server: Server,
) -> None:
    assert server.exchange(upload_head(2**21)).startswith(b"HTTP/1.1 413 ")


def test_an_upload_that_does_not_tell_its_length_is_stopped_at_the_limit(server: Server) -> None:
    def parts() -> object:
        yield multipart(b"")[: multipart(b"").index(b"\r\n--edge--")]
        yield from (bytes(2**16) for _ in range(64))

    answer = requests.post(
        f"{server.url}/analyze",
        data=parts(),  # type: ignore[arg-type]
        headers={"Content-Type": "multipart/form-data; boundary=edge"},
        timeout=TIMEOUT,
    )
    assert_problem(answer, 413, "1 MiB")


def test_a_refused_caller_who_keeps_sending_still_gets_the_answer(server: Server) -> None:
    content = bytes(50 * 2**20)
    assert_problem(server.analyze(content), 413, "1 MiB")


def test_a_video_that_claims_to_be_too_long_is_refused(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "long.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=1)
        stream.width, stream.height = 64, 48
        for _ in range(100):
            picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    assert_problem(server.analyze(path), 422, "at most 90 seconds are analysed")


def tiny(path: Path, codec: str) -> bytearray:
    pictures = [np.full((48, 64, 3), 50 * number, np.uint8) for number in range(5)]
    pixel_format = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    return bytearray(encode(path, pictures, codec, pixel_format=pixel_format).read_bytes())


def test_a_gif_that_claims_an_enormous_screen_is_refused(server: Server) -> None:
    screen = struct.pack("<HH", 30_000, 30_000)
    head = b"GIF89a" + screen + b"\x80\0\0" + bytes(6) + b"," + bytes(4) + screen
    assert_problem(server.analyze(head + b"\0\x02\x02L\x01\0;"), 415)


def test_pictures_that_claim_to_be_enormous_are_refused(server: Server, tmp_path: Path) -> None:
    content = tiny(tmp_path / "bomb.avi", "mjpeg")
    starts = [match.start() for match in re.finditer(b"\xff\xc0", content)]
    assert starts
    for start in starts:
        content[start + 5 : start + 9] = struct.pack(">HH", 30_000, 30_000)
    assert_problem(server.analyze(bytes(content)), 415, "mjpeg")


def test_a_tiny_file_that_claims_a_million_frames_is_analysed_for_those_it_has(
    server: Server, tmp_path: Path
) -> None:
    content = tiny(tmp_path / "bomb.mp4", "mpeg4")
    times = content.index(b"stts")
    content[times + 8 : times + 20] = struct.pack(">III", 1, 1_000_000, 512)
    assert server.analyze(bytes(content)).json() == {"detected_poses": {}, "total_frames": 5}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/analyze", 405), ("DELETE", "/health", 405), ("GET", "/nothing", 404)],
)
def test_a_wrong_method_or_path_is_a_problem_too(
    server: Server, method: str, path: str, status: int
) -> None:
    answer = requests.request(method, server.url + path, timeout=TIMEOUT)
    assert_problem(answer, status, path)
    assert ("Allow" in answer.headers) == (status == 405)


def test_nothing_of_an_upload_is_left_however_its_request_ended(server: Server) -> None:
    assert list(server.uploads.iterdir()) == []
