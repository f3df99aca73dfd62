"""The workflows do what a developer does, by the same commands, with actions that can't change."""

import re
import subprocess
from pathlib import Path

import pytest

from testing.serving import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_an_action_is_named_by_its_commit(path: Path) -> None:
    assert WORKFLOWS
    used = re.findall(r"uses: (.+)", path.read_text())
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_what_they_run_exists() -> None:
    told = "".join(path.read_text() for path in WORKFLOWS)
    told += (ROOT / ".pre-commit-config.yaml").read_text()
    targets = {
        name
        for line in re.findall(r": make ([\w ]+)$", told, re.MULTILINE)
        for name in line.split()
    }
    assert targets >= {"check", "lock", "licences", "demo"}
    subprocess.run(["make", "--dry-run", *targets], cwd=ROOT, capture_output=True, check=True)
    assert "run: .ci/run" in told
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_each_python_that_is_taken_is_tried() -> None:
    tried = re.search(r"python: \[(.+)\]", (ROOT / ".github/workflows/checks.yml").read_text())
    taken = re.search(r"not in \[(.+)\]\)", (ROOT / "venv.sh").read_text())
    assert tried
    assert taken
    assert re.findall(r"3\.(\d+)", tried[1]) == re.findall(r"3, (\d+)", taken[1])
