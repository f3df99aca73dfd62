"""A pose of one's own over HTTP: taught, sent along, and in the folder of the service."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from analyzer.posefile import read, written
from dancer.film import Step, film
from testing.serving import TIMEOUT, Server, ended, serving
from tests.service.test_openapi import check

HELD = "1.4"
"""Seconds at which the T-Pose of the film is held."""


def teach(server: Server, video: Path, **fields: str) -> requests.Response:
    return requests.post(
        f"{server.url}/poses/teach",
        files={"video": ("name.mp4", video.read_bytes())},
        data={"at": HELD, "name": "Airplane"} | fields,
        timeout=TIMEOUT,
    )


@pytest.fixture(scope="module")
def airplane(server: Server, t_pose_video: Path) -> str:
    """A pose that a service has taught."""
    answer = teach(server, t_pose_video)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_what_is_answered_is_a_pose_as_it_is_described(airplane: str) -> None:
    check(json.loads(airplane), "PoseFile")
    assert written(read(airplane)) == airplane.strip()


def test_fields_may_stand_in_the_query(server: Server, t_pose_video: Path) -> None:
    answer = requests.post(
        f"{server.url}/poses/teach?at={HELD}&name=Airplane&tolerance=10&family=own&view=any",
        files={"video": t_pose_video.read_bytes()},
        timeout=TIMEOUT,
    )
    pose = read(answer.text)
    assert (pose.tolerance, pose.family, len(pose.views)) == (10, "own", 3)


def test_an_example_is_added_to_a_pose(server: Server, t_pose_video: Path, airplane: str) -> None:
    files: dict[str, Any] = {"video": t_pose_video.read_bytes()}
    files["pose"] = ("airplane.json", airplane)
    url, at = f"{server.url}/poses/teach", {"at": f"{HELD},1.5"}
    more = requests.post(url, files=files, data=at, timeout=TIMEOUT)
    assert read(more.text).examples == 3
    assert read(more.text).name == "Airplane"


@pytest.mark.parametrize("as_file", [False, True], ids=["text", "file"])
def test_a_pose_that_is_sent_along_is_one_of_those_looked_for(
    server: Server, t_pose_video: Path, airplane: str, *, as_file: bool
) -> None:
    def asked(**data: str) -> dict[str, Any]:
        files: dict[str, Any] = {"video": t_pose_video.read_bytes()}
        if as_file:
            files["pose"] = ("airplane.json", airplane)
        else:
            data["pose"] = airplane
        url = f"{server.url}/analyze"
        answer = requests.post(url, files=files, data=data, timeout=TIMEOUT).json()
        assert isinstance(answer, dict)
        return answer

    assert {"Airplane", "T-Pose"} <= asked()["detected_poses"].keys()
    some = asked(poses="Star,Goddess", include="segments")
    check(some, "Answer")
    assert some["detected_poses"].keys() == {"Airplane"}
    (segment,) = some["segments"]
    assert {each["unit"] for each in segment["conditions"]} >= {"degrees", "torso lengths"}


def test_a_pose_is_found_while_the_analysis_goes_on_and_of_several_dancers(
    server: Server, t_pose_video: Path, airplane: str
) -> None:
    streamed = server.analyze(
        t_pose_video,
        data={"pose": airplane, "poses": "Star", "people": "2"},
        headers={"Accept": "application/x-ndjson"},
    )
    events = [json.loads(line) for line in streamed.text.splitlines()]
    (told,) = [event for event in events if event["event"] == "pose"]
    assert (told["pose"], told["dancer"]) == ("Airplane", 1)


def test_an_analysis_in_the_background_looks_for_the_pose_and_is_the_same_by_its_key(
    server: Server, t_pose_video: Path, airplane: str
) -> None:
    headers = {"Idempotency-Key": "an airplane"}
    place = server.send(t_pose_video, data={"pose": airplane, "poses": "Star"}, headers=headers)
    assert ended(place)["result"]["detected_poses"].keys() == {"Airplane"}
    assert server.send(t_pose_video, data={"pose": airplane}, headers=headers) == place


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"pose": "{}"}, "The pose lacks a field"),
        ({"pose": "x" * 20_000}, "16384 bytes at most"),
        ({"pose": "x" * 100_000}, "fields are too long"),
    ],
)
def test_a_pose_that_is_none_is_refused_in_one_sentence(
    server: Server, t_pose_video: Path, fields: dict[str, str], complaint: str
) -> None:
    for headers in ({}, {"Prefer": "respond-async"}):
        answer = server.analyze(t_pose_video, data=fields, headers=headers)
        assert answer.status_code == 400
        check(answer.json(), "Problem")
        assert complaint in answer.json()["error"]


@pytest.mark.parametrize("name", ["T-Pose", "vrksasana", "Yoga"])
def test_a_name_of_the_catalogue_is_refused(
    server: Server, t_pose_video: Path, airplane: str, name: str
) -> None:
    renamed = json.dumps(json.loads(airplane) | {"name": name})
    answer = server.analyze(t_pose_video, data={"pose": renamed})
    assert answer.status_code == 400
    assert f"There is a pose or family named {name} already" in answer.json()["error"]


@pytest.mark.parametrize(
    ("fields", "status", "complaint"),
    [
        ({"at": ""}, 400, "`at` is 1 to 10 times"),
        ({"at": "soon"}, 400, "`at` can't be 'soon'"),
        ({"at": "nan"}, 400, "`at` is 1 to 10 times"),
        ({"name": "a,b"}, 400, "`name` can't have ','"),
        ({"tolerance": "90"}, 400, "from 5 to 45"),
        ({"view": "above"}, 400, "`view` is one of"),
        ({"sides": "both"}, 400, "`sides` is one of"),
        ({"pose": "no pose"}, 400, "The pose is no JSON"),
        ({"poses": "Tree"}, 400, "no option `poses` where a pose is taught"),
        ({"at": "0.7"}, 422, "The dancer moves at 0.7 seconds"),
        ({"at": "50"}, 422, "name a time within it"),
    ],
)
def test_what_cannot_be_taught_is_refused_in_one_sentence(
    server: Server, t_pose_video: Path, fields: dict[str, str], status: int, complaint: str
) -> None:
    answer = teach(server, t_pose_video, **fields)
    assert answer.status_code == status
    check(answer.json(), "Problem")
    assert complaint in answer.json()["error"]


def test_what_is_no_video_teaches_nothing(server: Server, tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_text("no video")
    answer = teach(server, tmp_path / "bad.mp4")
    assert answer.status_code == 415


def test_poses_of_a_folder_are_in_the_catalogue(
    tmp_path: Path, t_pose_video: Path, airplane: str
) -> None:
    folder = tmp_path / "poses"
    folder.mkdir()
    (folder / "airplane.json").write_text(airplane)
    (folder / "notes.txt").write_text("no pose")
    with serving(tmp_path / "uploads", POSE_FOLDER=folder) as server:
        listed = requests.get(f"{server.url}/poses", timeout=TIMEOUT).json()["poses"]
        (entry,) = [pose for pose in listed if pose["name"] == "Airplane"]
        check(entry, "Pose")
        assert (entry["family"], entry["sides"], entry["views"]) == ("taught", [], ["front"])
        assert "Airplane" in server.analyze(t_pose_video).json()["detected_poses"]
        some = server.analyze(t_pose_video, data={"poses": "taught"}).json()
        assert some["detected_poses"].keys() == {"Airplane"}
        again = server.analyze(t_pose_video, data={"pose": airplane})
        assert "There is a pose or family named Airplane already" in again.json()["error"]


def test_the_side_that_is_told_is_that_of_the_dancer(server: Server, tmp_path: Path) -> None:
    video = tmp_path / "tree.mp4"
    film([Step("Tree", "left", 1.0), Step("Tree", "right", 1.0)], width=480, height=360).write(
        video
    )
    mine = teach(server, video, name="Mine", at="1.5").text
    answer = server.analyze(video, data={"pose": mine, "poses": "Star", "include": "segments"})
    assert [hold["side"] for hold in answer.json()["segments"]] == ["left", "right"]
