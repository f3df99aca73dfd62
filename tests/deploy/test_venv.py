"""make takes the Python that fits, by any name, and where none does says what to install."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from testing.serving import ROOT


def python(folder: Path, name: str, version: str, *without: str) -> None:
    """A Python of some version, without some modules; what it is to make has its name."""
    numbers = tuple(int(part) for part in version.split("."))
    prepared = (
        f"import sys; sys.version_info = {numbers}; sys.modules |= dict.fromkeys({without})\n"
        "exec(sys.argv[1])"
    )
    asks = f'[ "$1" = -c ] && exec {sys.executable} -c "{prepared}" "$2"'
    program(folder, name, f'{asks}\necho {name} "$@" >> {folder}/asked')


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def made(folder: Path, **environment: str) -> tuple[str, str]:
    """What was asked for an environment, and what was said, with the programs of a folder alone."""
    done = subprocess.run(
        [ROOT / "venv.sh", "there"],
        env={"PATH": str(folder), "HOME": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    asked = folder / "asked"
    assert asked.exists() == (done.returncode == 0)
    assert "Traceback" not in done.stderr
    return asked.read_text() if asked.exists() else "", done.stderr


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("python3.11", "3.11.2"),
        ("python3.12", "3.12.3"),
        ("python3", "3.12.1"),
        ("python", "3.11.9"),
    ],
)
def test_a_python_that_fits_is_taken_under_any_of_its_names(
    tmp_path: Path, name: str, version: str
) -> None:
    python(tmp_path, name, version)
    assert made(tmp_path) == (f"{name} -m venv --clear there\n", "")


def test_one_that_is_too_new_or_has_no_venv_or_does_not_run_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path, "python3.11", "exit 127")
    python(tmp_path, "python3.12", "3.12.3", "ensurepip")
    python(tmp_path, "python3", "3.13.5")
    python(tmp_path, "python", "3.11.7")
    assert made(tmp_path)[0] == "python -m venv --clear there\n"


@pytest.mark.parametrize("where", [".", ".local/bin"])
def test_where_none_fits_uv_brings_one(tmp_path: Path, where: str) -> None:
    python(tmp_path, "python3", "3.13.5")
    (tmp_path / where).mkdir(parents=True, exist_ok=True)
    program(tmp_path / where, "uv", f'echo uv "$@" >> {tmp_path}/asked')
    assert made(tmp_path)[0] == "uv venv --quiet --seed --python 3.11 there\n"


@pytest.mark.parametrize("without", [(), ("ensurepip",)])
def test_where_there_is_none_at_all_it_says_what_to_install(
    tmp_path: Path, without: tuple[str, ...]
) -> None:
    python(tmp_path, "python3", "3.12.3" if without else "3.13.5", *without)
    said = made(tmp_path)[1]
    for system in ("Debian 12: ", "Debian 13: ", "Ubuntu 24.04: ", "Fedora: "):
        assert system in said


def test_the_one_that_is_named_is_taken_or_refused(tmp_path: Path) -> None:
    python(tmp_path, "python3.11", "3.11.2")
    python(tmp_path, "mine", "3.12.3")
    python(tmp_path, "new", "3.13.5")
    python(tmp_path, "bare", "3.11.2", "ensurepip")
    for name, complaint in {"new": "no Python 3.11 or 3.12", "bare": "python3.11-venv"}.items():
        assert complaint in made(tmp_path, PYTHON=name)[1]
    assert made(tmp_path, PYTHON="mine")[0] == "mine -m venv --clear there\n"


@pytest.mark.parametrize("target", ["serve", "test", "demo", "check-deploy"])
def test_make_goes_that_way(tmp_path: Path, target: str) -> None:
    command = ["make", "--dry-run", f"VENV={tmp_path}/.venv", target]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"./venv.sh {tmp_path}/.venv\n" in done.stdout


def test_a_real_environment_has_pip(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHON": sys.executable}
    subprocess.run([ROOT / "venv.sh", tmp_path / "there"], env=environment, check=True)
    subprocess.run([tmp_path / "there/bin/python", "-m", "pip", "--version"], check=True)
