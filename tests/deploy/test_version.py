"""There is one version, and all tell it."""

import json
import re
import subprocess
import sys
import tomllib

from analyzer.version import version
from service.web.openapi import description
from testing.serving import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def said(*command: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_the_command_the_description_and_the_list_of_software_tell_the_same_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())
    assert version() == PROJECT["version"]
    assert said("analyzer", "--version") == f"{PROJECT['name']} {version()}\n"
    assert description()["info"]["version"] == version()
    component = json.loads(said("deploy.sbom", "x86_64"))["metadata"]["component"]
    assert (component["name"], component["version"]) == (PROJECT["name"], version())


def test_the_image_has_the_file_with_the_version() -> None:
    last_stage = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.search(r"^COPY .*\bpyproject\.toml\b", last_stage, re.MULTILINE)


def test_the_pythons_that_are_taken_are_those_that_are_asked_for() -> None:
    assert PROJECT["requires-python"] == ">=3.11,<3.13"
    assert "not in [(3, 11), (3, 12)]" in (ROOT / "venv.sh").read_text()
