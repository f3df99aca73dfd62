"""POST /compare: two videos in, how they differ out."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from dancer.film import Plain, Slip, film
from testing.serving import TIMEOUT, Server
from tests.service.test_openapi import check

PHRASE: list[Plain] = [("T-Pose", None, 1.5), ("Arms V", None, 1.0)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lesson")
    film(PHRASE, width=480, height=360).write(folder / "teacher.mp4")
    slip = Slip("left arm", -25, 0.8, 2.8)
    film(PHRASE, width=480, height=360, slips=[slip]).write(folder / "pupil.mp4")
    film([("Goddess", None, 2.0)], width=480, height=360, rest=None).write(folder / "other.mp4")
    return folder


def send(
    server: Server,
    folder: Path,
    video: str | bytes = "pupil.mp4",
    reference: str | bytes | None = "teacher.mp4",
    *,
    accept: str = "application/json",
    **fields: str,
) -> requests.Response:
    files = {"video": video, "reference": reference}
    return requests.post(
        f"{server.url}/compare",
        files={
            name: (folder / file).read_bytes() if isinstance(file, str) else file
            for name, file in files.items()
            if file is not None
        },
        data=fields,
        headers={"Accept": accept},
        timeout=TIMEOUT,
    )


def test_how_a_pupil_differs_from_a_teacher_is_as_described(server: Server, folder: Path) -> None:
    answer = send(server, folder)
    assert answer.status_code == 200
    told = answer.json()
    check(told, "Comparison")
    assert told["same_dance"]
    assert [each["limb"] for each in told["moments"]] == ["left upper arm"]
    assert {each["result"] for each in told["poses"]} == {"held"}


def test_another_dance_is_as_described(server: Server, folder: Path) -> None:
    told = send(server, folder, reference="other.mp4").json()
    check(told, "Comparison")
    assert not told["same_dance"]


def test_the_answer_of_an_analysis_stands_for_the_reference(server: Server, folder: Path) -> None:
    earlier = server.analyze(folder / "teacher.mp4", data={"include": "landmarks"})
    as_file = send(server, folder, reference=earlier.content).json()
    as_text = requests.post(
        f"{server.url}/compare",
        files={"video": (folder / "pupil.mp4").read_bytes()},
        data={"reference": earlier.text},
        timeout=TIMEOUT,
    ).json()
    assert as_file == as_text
    assert [each["limb"] for each in as_file["moments"]] == ["left upper arm"]


def test_its_events_come_as_it_goes_and_the_last_is_the_result(
    server: Server, folder: Path
) -> None:
    answer = send(server, folder, accept="application/x-ndjson")
    events = [json.loads(line) for line in answer.iter_lines()]
    for event in events:
        check(event, "Event")
    assert [event["event"] for event in events[:1]] == ["accepted"]
    assert {"progress", "pose"} <= {event["event"] for event in events}
    assert events[-1]["result"]["same_dance"]


def test_both_come_beside_each_other(server: Server, folder: Path) -> None:
    answer = send(server, folder, accept="video/mp4")
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.content[4:8] == b"ftyp"


def test_only_the_chosen_parts_and_poses_are_compared(server: Server, folder: Path) -> None:
    told = send(server, folder, start="3.2", reference_start="3.2", poses="Arms V").json()
    assert told["compared"]["start"] >= 3.2
    assert told["compared"]["reference_start"] >= 3.2
    assert [each["pose"] for each in told["poses"]] == ["Arms V"]
    assert not told["moments"]


def test_whether_it_is_in_the_mirror_can_be_said(server: Server, folder: Path) -> None:
    assert send(server, folder, mirror="yes").json()["mirrored"] is True
    assert send(server, folder, mirror="no").json()["mirrored"] is False


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"reference": None}, 400, "no field `reference`"),
        ({"reference": b""}, 400, "reference is empty"),
        ({"reference": b"{}"}, 415, "include=landmarks"),
        ({"reference": b"no video"}, 415, "The reference: the file is not a video"),
        ({"video": b""}, 400, "file is empty"),
        ({"mirror": "maybe"}, 400, "`mirror`"),
        ({"start": "-1"}, 400, "`start`"),
        ({"start": "nan"}, 400, "`start`"),
        ({"end": "inf"}, 400, "`end`"),
        ({"start": "3", "end": "2"}, 400, "after the start"),
        ({"reference_start": "x"}, 400, "`reference_start`"),
        ({"poses": "Nothing"}, 400, "GET /poses"),
        ({"people": "2"}, 400, "no option `people`"),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_told_in_a_sentence(
    server: Server, folder: Path, change: dict[str, Any], status: int, text: str
) -> None:
    answer = send(server, folder, **change)
    assert answer.status_code == status
    assert text in answer.json()["error"]
    check(answer.json(), "Problem")


def test_nothing_is_left_of_what_was_sent(server: Server, folder: Path) -> None:
    send(server, folder)
    assert not list(server.uploads.iterdir())


def test_a_reference_has_no_place_in_an_analysis(server: Server, folder: Path) -> None:
    answer = requests.post(
        f"{server.url}/analyze",
        files={name: (folder / "pupil.mp4").read_bytes() for name in ("video", "reference")},
        timeout=TIMEOUT,
    )
    assert answer.status_code == 400
    assert "`reference`" in answer.json()["error"]
