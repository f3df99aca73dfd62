"""A module knows only what is below it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from testing.serving import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text()
HEAVY = {"cv2", "mediapipe", "numpy"}
WEB = {"flask", "gevent", "gunicorn", "werkzeug", "urllib3", "http"}
OURS = {"analyzer", "benchmarks", "cli", "dancer", "server", "service", "testing", "tests"}

BELOW = {
    "analyzer/errors.py": (),
    "analyzer/version.py": (),
    "analyzer/posefile.py": (),
    "analyzer/limits.py": ("analyzer.errors",),
    "analyzer/frames": ("analyzer.errors", "analyzer.limits"),
    "analyzer/estimation": ("analyzer.frames.opencv", "analyzer.limits"),
    "analyzer/body": (),
    "analyzer/poses": ("analyzer.body", "analyzer.posefile"),
    "analyzer/holds": ("analyzer.body", "analyzer.limits", "analyzer.poses"),
    "analyzer/compare": ("analyzer.body",),
    "analyzer/music": (),
    "analyzer/report": (
        "analyzer.body",
        "analyzer.compare",
        "analyzer.errors",
        "analyzer.estimation",
        "analyzer.frames",
        "analyzer.limits",
        "analyzer.music",
        "analyzer.poses",
        "analyzer.holds",
    ),
    "analyzer/live": (
        "analyzer.holds",
        "analyzer.limits",
        "analyzer.poses",
        "analyzer.report",
    ),
    "analyzer/process.py": (
        "analyzer.body",
        "analyzer.errors",
        "analyzer.estimation",
        "analyzer.frames",
        "analyzer.limits",
        "analyzer.music",
        "analyzer.poses",
        "analyzer.report",
        "analyzer.holds",
    ),
    "analyzer/teaching.py": (
        "analyzer.body",
        "analyzer.errors",
        "analyzer.posefile",
        "analyzer.poses",
        "analyzer.process",
        "analyzer.report",
    ),
    "analyzer/child": ("analyzer",),
    "cli": ("analyzer",),
    "service/problems.py": (),
    "service/runtime": ("analyzer.estimation.pace", "analyzer.limits"),
    "service/connections": (),
    "service/intake": (
        "analyzer.limits",
        "analyzer.posefile",
        "service.connections",
        "service.problems",
        "service.runtime",
    ),
    "service/jobs": (
        "analyzer.child.pool",
        "analyzer.child.protocol",
        "analyzer.limits",
        "analyzer.posefile",
        "service.intake",
        "service.problems",
        "service.runtime",
    ),
    "service/live": (
        "analyzer.child.pool",
        "analyzer.child.protocol",
        "analyzer.estimation.pace",
        "analyzer.limits",
        "service.intake",
        "service.jobs",
        "service.problems",
        "service.runtime",
    ),
    "service/background": (
        "analyzer.child.protocol",
        "service.intake",
        "service.jobs",
        "service.problems",
        "service.runtime",
    ),
    "service/consumer.py": (
        "analyzer.version",
        "service.background",
        "service.jobs",
        "service.runtime",
    ),
    "service/web": (
        "analyzer.child.protocol",
        "analyzer.limits",
        "analyzer.posefile",
        "analyzer.version",
        "service.background",
        "service.connections",
        "service.intake",
        "service.jobs",
        "service.live",
        "service.problems",
        "service.runtime",
    ),
    "service/worker.py": ("service",),
    "server.py": ("service",),
    "gunicorn.conf.py": ("analyzer.version", "service"),
    "dancer": ("analyzer.body", "analyzer.poses"),
    "testing": (),
    "benchmarks": ("analyzer", "dancer", "testing"),
}
"""Every room of the product, and those below it, which alone it may know."""


def imported(path: Path) -> set[str]:
    """All modules that a file imports anywhere in it, as full dotted names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def sources(room: str) -> list[Path]:
    """The modules of a room, but for the doors through which a package is run."""
    path = ROOT / room
    return [path] if path.is_file() else sorted(set(path.rglob("*.py")) - {path / "__main__.py"})


def within(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("room", BELOW)
def test_a_room_knows_only_those_below_it(room: str) -> None:
    itself = room.removesuffix(".py").replace("/", ".")
    for path in sources(room):
        known = {name for name in imported(path) if name.split(".")[0] in OURS}
        assert not {name for name in known if not within(name, (itself, *BELOW[room]))}, path


BASE_OF_THE_PAGE = ("texts", "texts.js", "dom.js", "look.js", "kept.js")

BELOW_IN_THE_PAGE = {
    "texts": (),
    "server": BASE_OF_THE_PAGE,
    "player": (*BASE_OF_THE_PAGE, "server"),
    "sending": (*BASE_OF_THE_PAGE, "camera.js", "server"),
    "results": (*BASE_OF_THE_PAGE, "server", "player"),
    "compare": (*BASE_OF_THE_PAGE, "server", "player", "sending", "results"),
    "live": (*BASE_OF_THE_PAGE, "camera.js", "server", "player", "results"),
    "views": (
        *(*BASE_OF_THE_PAGE, "camera.js", "wanted.js", "server", "player", "sending", "results"),
        *("compare", "live"),
    ),
}


def test_the_page_for_contributors_names_every_room_and_no_other() -> None:
    assert rooms_in("## How the house") - {"tests", "deploy"} == set(BELOW)
    assert rooms_in("## The page") == set(BELOW_IN_THE_PAGE)


def rooms_in(heading: str) -> set[str]:
    """The rooms that a section of the page for contributors has in its table."""
    section = PAGE.partition(heading)[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*`) \|", section, re.MULTILINE)
    return {name.rstrip("/") for row in rows for name in re.findall("`(.*?)`", row)}


@pytest.mark.parametrize("room", BELOW_IN_THE_PAGE)
def test_a_room_of_the_page_knows_only_those_below_it(room: str) -> None:
    folder = ROOT / "service" / "static" / "page"
    modules = [folder / room] if room.endswith(".js") else sorted((folder / room).glob("*.js"))
    allowed = {room, *BELOW_IN_THE_PAGE[room]}
    for module in modules:
        for name in re.findall(r'(?:from |import\()"(\..*?\.js)"', module.read_text("utf-8")):
            path = (module.parent / name).resolve().relative_to(folder)
            assert (str(path) if len(path.parts) == 1 else path.parts[0]) in allowed, module


def test_the_way_of_a_request_has_twelve_files_at_most() -> None:
    way = re.findall(r"^\d+\. `(.*?)`", PAGE.partition("## The way of a request")[2], re.MULTILINE)
    assert 1 < len(way) <= 12
    for path in way:
        assert (ROOT / path).is_file()


def test_every_module_of_the_product_has_a_room() -> None:
    for folder in ("analyzer", "cli", "service"):
        for path in sources(folder):
            name = str(path.relative_to(ROOT))
            assert name.endswith("__init__.py") or name.startswith(tuple(BELOW)), name


@pytest.mark.parametrize("room", ["body", "holds"])
def test_a_room_is_known_by_its_public_face_alone(room: str) -> None:
    of_room = set(sources(f"analyzer/{room}"))
    inside = {f"analyzer.{room}.{path.stem}" for path in of_room}
    for folder in OURS - {"server"}:
        for path in set(sources(folder)) - of_room:
            for name in imported(path):
                assert not within(name, tuple(inside)), path


@pytest.mark.parametrize("room", ["server.py", "service", "cli"])
def test_neither_the_service_nor_the_command_knows_pixels(room: str) -> None:
    for path in sources(room):
        assert not roots(path) & HEAVY, path


def test_the_analyzer_knows_nothing_of_http() -> None:
    for path in sources("analyzer"):
        assert not roots(path) & WEB, path


@pytest.mark.parametrize(
    "room", ["analyzer/poses", "analyzer/body", "analyzer/holds", "analyzer/music"]
)
def test_bodies_poses_holds_and_music_know_numpy_alone_of_others(room: str) -> None:
    for path in sources(room):
        assert not roots(path) - set(sys.stdlib_module_names) - {"numpy", "analyzer"}, path


def test_decoding_knows_nothing_of_what_is_in_the_pictures() -> None:
    for path in sources("analyzer/frames"):
        assert "mediapipe" not in roots(path), path


def test_importing_the_server_imports_no_decoder_no_model_and_no_numpy() -> None:
    code = "import server, service.worker, sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {name.split(".")[0] for name in done.stdout.split()} & HEAVY


def test_what_is_confined_has_loaded_all_that_it_could_import_of_its_decoder() -> None:
    code = "import av, pkgutil, sys, analyzer.child.work\n"
    code += "print(*(each.name for each in pkgutil.walk_packages(av.__path__, 'av.')))\n"
    code += "print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    there, loaded = (set(line.split()) for line in done.stdout.splitlines())
    assert there - loaded == {"av.__main__", "av.datasets"}
