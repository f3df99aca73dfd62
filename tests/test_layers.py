"""A module knows only what is below it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import ROOT

HEAVY = {"cv2", "mediapipe", "numpy"}
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


@pytest.mark.parametrize("path", [*sources("analyzer/poses"), *sources("analyzer/body")], ids=str)
def test_poses_know_the_body_and_numpy_alone(path: Path) -> None:
    outside = roots(path) - set(sys.stdlib_module_names) - {"numpy", "analyzer"}
    assert not outside
    own = {name for name in imported(path) if name.startswith("analyzer.")}
    assert all(name.startswith(("analyzer.body", "analyzer.poses")) for name in own)


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
