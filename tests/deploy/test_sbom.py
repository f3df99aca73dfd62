"""The list of the image's software is complete, and the same for the same lock."""

import json
import re
import subprocess
import sys

import pytest

from deploy.sbom import packages
from testing.serving import ROOT

LOCK = (ROOT / "requirements.txt").read_text()


def listed() -> str:
    return subprocess.run(
        [sys.executable, "-m", "deploy.sbom"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_every_locked_package_is_listed_with_its_version_and_hashes() -> None:
    document = json.loads(listed())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    found = {each["name"]: each["version"] for each in document["components"]}
    assert found == dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))
    hashes = {each["content"] for part in document["components"] for each in part["hashes"]}
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", LOCK))
    references = [each["bom-ref"] for each in document["components"]]
    assert len(set(references)) == len(references)


def test_the_same_lock_gives_the_same_list() -> None:
    assert listed() == listed()


@pytest.mark.parametrize("line", ["flask==3.0.0", "flask --hash=sha256:" + "0" * 64])
def test_what_is_not_pinned_and_hashed_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="flask"):
        packages(line)
