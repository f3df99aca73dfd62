"""What the service answers is what it describes, down to the last field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import numpy as np
import pytest
import requests

from analyzer.limits import INCLUDES
from dancer.film import film
from dancer.formations import lesson
from dancer.music import RATE, clicks, with_sound
from service.web.openapi import EVENTS, description
from testing.serving import TIMEOUT, Server, eventually, serving
from testing.videos import encode

ALONE = ",".join(include for include in INCLUDES if include != "group")
"""All that there is of one dancer."""


def strict(schema: Any) -> Any:
    """A schema that allows only the fields that it names: what is described and more is wrong."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if made.get("type") == "object" and "properties" in made:
        made["additionalProperties"] = False
    return made


def check(value: object, name: str) -> None:
    """See that a value is what the description says of a schema."""
    components = {"schemas": strict(description()["components"]["schemas"])}
    schema = {"$ref": f"#/components/schemas/{name}", "components": components}
    jsonschema_rs.Draft202012Validator(schema).validate(value)


@pytest.fixture(scope="module")
def dance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film in which there are a hold of a side, turns and near misses."""
    path = tmp_path_factory.mktemp("dance") / "dance.mp4"
    film(
        [
            ("Hands on Hips", None, 0.8),
            ("Tree", "left", 0.8),
            ("Pirouette", "left", 1.5),
        ],
        width=480,
        height=360,
    ).write(path)
    return path


def events(server: Server, video: Path | bytes, **options: str) -> Iterator[dict[str, Any]]:
    with server.analyze(
        video,
        headers={"Accept": "application/x-ndjson"},
        data={"include": "segments"} | options,
        stream=True,
    ) as answer:
        for line in answer.iter_lines():
            yield json.loads(line)


def test_all_that_can_be_included_is_as_described(server: Server, dance: Path) -> None:
    answer = server.analyze(dance, data={"include": ALONE}).json()
    check(answer, "Answer")
    assert answer["segments"]
    assert answer["near_misses"]
    assert any("turns" in hold for hold in answer["segments"])
    assert None not in answer["landmarks"]


@pytest.mark.parametrize("options", [{"people": "3"}, {"dancer": "middle"}])
def test_all_that_can_be_included_of_several_dancers_is_as_described(
    server: Server, dance: Path, options: dict[str, str]
) -> None:
    include = ",".join(INCLUDES) if "people" in options else ALONE
    answer = server.analyze(dance, data=options | {"include": include}).json()
    check(answer, "Answer")
    found = answer["segments"] + answer["near_misses"]
    assert found
    assert {each["dancer"] for each in found} == {each["dancer"] for each in answer["dancers"]}
    assert isinstance(answer["landmarks"], dict) == ("people" in options)
    for event in events(server, dance, **options):
        check(event, "Event")


def test_what_dancers_do_together_is_as_described(server: Server, tmp_path: Path) -> None:
    lesson().write(tmp_path / "row.mp4")
    answer = server.analyze(tmp_path / "row.mp4", data={"include": "group", "people": "3"}).json()
    check(answer, "Answer")
    assert answer["group"]["unison"]
    assert answer["group"]["odd_one_out"]


@pytest.mark.parametrize("options", [{}, {"people": "2"}, {"dancer": "middle"}])
def test_how_a_dance_lies_on_the_beat_is_as_described(
    server: Server, dance: Path, tmp_path: Path, options: dict[str, str]
) -> None:
    video = with_sound(dance, tmp_path / "loud.mp4", clicks(110, 8.0).samples)
    answer = server.analyze(video, data={"include": "beat"} | options).json()
    check(answer, "Answer")
    assert answer.keys() == {"detected_poses", "total_frames", "beat"}
    beat = answer["beat"]
    assert beat["tempo"] == pytest.approx(110, abs=0.5)
    assert beat["holds"]
    assert all(("dancer" in hold) == bool(options) for hold in beat["holds"])
    assert beat["accents"]["1"] if "people" in options else beat["accents"]


def test_why_there_is_no_beat_is_as_described(server: Server, dance: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 8 * RATE).astype(np.float32)
    noisy = with_sound(dance, tmp_path / "noisy.mp4", noise)
    for video, reason in ((dance, "no sound."), (noisy, "no clear beat.")):
        answer = server.analyze(video, data={"include": "beat"}).json()
        check(answer, "Answer")
        assert answer["beat"].keys() == {"reason"}
        assert answer["beat"]["reason"].endswith(reason)


def test_what_cannot_be_decided_is_as_described(server: Server, tmp_path: Path) -> None:
    film([("T-Pose", None, 0.8)], width=480, height=360, yaw=70).write(tmp_path / "profile.mp4")
    answer = server.analyze(tmp_path / "profile.mp4", data={"include": "segments"}).json()
    check(answer, "Answer")
    assert answer["undecidable"]


def test_a_plain_answer_has_two_fields(server: Server, dance: Path) -> None:
    answer = server.analyze(dance).json()
    check(answer, "Answer")
    assert answer.keys() == {"detected_poses", "total_frames"}


def test_advice_is_as_described(server: Server, tmp_path: Path) -> None:
    empty = [np.full((120, 160, 3), 10, np.uint8)] * 60
    video = encode(tmp_path / "dark.mp4", empty, "libx264")
    answer = server.analyze(video, data={"include": "video,landmarks"}).json()
    check(answer, "Answer")
    assert answer["video"]["advice"]
    assert set(answer["landmarks"]) == {None}


def test_events_of_every_kind_are_as_described(
    tmp_path: Path, dance: Path, long_video: Path
) -> None:
    with serving(tmp_path / "uploads", ANALYSES=1) as server:
        running = server.start_upload(long_video)
        assert eventually(server.analyses)
        told = []
        for event in events(server, dance):
            told.append(event)
            if event["event"] == "waiting":
                running.close()
        told += events(server, b"no video")
    for event in told:
        check(event, "Event")
    assert {event["event"] for event in told} == set(EVENTS)


def test_the_catalogue_and_every_problem_are_as_described(server: Server) -> None:
    for pose in requests.get(f"{server.url}/poses", timeout=TIMEOUT).json()["poses"]:
        check(pose, "Pose")
    for answer in (
        server.analyze(b"no video"),
        server.analyze(b""),
        requests.get(f"{server.url}/nothing", timeout=TIMEOUT),
    ):
        assert answer.status_code >= 400
        check(answer.json(), "Problem")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"detected_poses": {}}, "Answer"),
        ({"detected_poses": {}, "total_frames": 1, "more": 1}, "Answer"),
        ({"detected_poses": {"Tree": ["1"]}, "total_frames": 1}, "Answer"),
        ({"event": "progress", "frames": 1}, "Event"),
        ({"event": "unknown"}, "Event"),
    ],
)
def test_what_is_not_as_described_is_noticed(value: object, name: str) -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        check(value, name)
