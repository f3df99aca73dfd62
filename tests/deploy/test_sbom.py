"""The list of the image's software is complete, and the same for the same lock."""

import json
import re
import subprocess
import sys
from collections import Counter

import pytest

from deploy.sbom import packages
from testing.serving import ROOT

LOCK = (ROOT / "requirements.txt").read_text()


MEDIAPIPE = {"x86_64": "0.10.21", "aarch64": "0.10.18"}


def listed(machine: str) -> str:
    command = [sys.executable, "-m", "deploy.sbom", machine]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("machine", MEDIAPIPE)
def test_every_package_for_a_machine_is_listed_with_its_version_and_hashes(machine: str) -> None:
    document = json.loads(listed(machine))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    found = {each["name"]: each["version"] for each in document["components"]}
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))
    assert found == locked | {"mediapipe": MEDIAPIPE[machine]}
    references = [each["bom-ref"] for each in document["components"]]
    assert len(set(references)) == len(references)


def test_no_hash_is_left_out() -> None:
    documents = [json.loads(listed(machine)) for machine in MEDIAPIPE]
    components = [part for document in documents for part in document["components"]]
    hashes = {each["content"] for part in components for each in part["hashes"]}
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", LOCK))


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-deploy"])
def test_of_each_package_there_is_one_version_for_all(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text()
    counted = Counter(re.findall(r"^([\w.-]+)==", text, re.MULTILINE))
    twice = [package for package, times in counted.items() if times > 1]
    assert twice == (["mediapipe"] if name == "requirements" else [])


def test_the_same_lock_gives_the_same_list() -> None:
    assert listed("x86_64") == listed("x86_64")


@pytest.mark.parametrize("line", ["flask==3.0.0", "flask --hash=sha256:" + "0" * 64])
def test_what_is_not_pinned_and_hashed_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="flask"):
        packages(line, "x86_64")
