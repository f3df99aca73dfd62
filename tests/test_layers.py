"""A module knows only what is below it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import ROOT

HEAVY = {"cv2", "mediapipe", "numpy"}
FOLDERS = ("analyzer", "service", "cli", "dancer", "tests", "benchmarks")
WEB = {"flask", "gevent", "gunicorn", "werkzeug", "service", "server"}


def imported(path: Path) -> set[str]:
    """All modules that a file imports anywhere in it, as full dotted names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", [ROOT / "server.py", *sources("service")], ids=str)
def test_the_server_knows_nothing_of_pixels(path: Path) -> None:
    assert not roots(path) & HEAVY


@pytest.mark.parametrize("path", sources("analyzer"), ids=str)
def test_the_analyzer_knows_nothing_of_http(path: Path) -> None:
    assert not roots(path) & WEB


ROOMS = {
    "body": ("body",),
    "poses": ("body", "poses"),
    "holds": ("body", "poses", "holds", "limits"),
}
"""What of the analyzer the rooms between landmarks and their results know, beside numpy."""


@pytest.mark.parametrize(
    ("room", "path"), [(room, path) for room in ROOMS for path in sources(f"analyzer/{room}")]
)
def test_a_room_knows_numpy_and_the_rooms_below_it_alone(room: str, path: Path) -> None:
    assert not roots(path) - set(sys.stdlib_module_names) - {"numpy", "analyzer"}
    own = {name.split(".")[1] for name in imported(path) if name.startswith("analyzer.")}
    assert own <= set(ROOMS[room])


@pytest.mark.parametrize("room", ["body", "holds"])
def test_a_room_is_known_by_its_public_face_alone(room: str) -> None:
    inside = {path.stem for path in sources(f"analyzer/{room}")} - {"__init__"}
    everything = [path for folder in FOLDERS for path in sources(folder)]
    for path in set(everything) - set(sources(f"analyzer/{room}")):
        assert not imported(path) & {f"analyzer.{room}.{module}" for module in inside}, path


@pytest.mark.parametrize("path", sources("analyzer/frames"), ids=str)
def test_decoding_knows_nothing_of_what_is_in_the_pictures(path: Path) -> None:
    own = {name for name in imported(path) if name.startswith("analyzer.")}
    assert all(name.startswith(("analyzer.frames", "analyzer.limits")) for name in own)
    assert "mediapipe" not in roots(path)


@pytest.mark.parametrize("folder", ["analyzer", "service"])
def test_neither_the_drawn_dancer_nor_tests_are_part_of_the_product(folder: str) -> None:
    for path in sources(folder):
        assert not roots(path) & {"dancer", "tests", "benchmarks"}


def test_importing_the_server_imports_no_decoder_no_model_and_no_numpy() -> None:
    code = "import server, service.worker, sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {name.split(".")[0] for name in done.stdout.split()} & HEAVY
