"""The command line of the analysis."""

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from analyzer.client import ServiceError, remote_events, wrong_service
from analyzer.cores import usable_cores

BAR_WIDTH: Final = 30
COLUMNS: Final = ("video", "pose", "side", "first", "last", "start", "end", "score")

Events = Callable[[Path], Iterator[dict[str, Any]]]
Outcome = tuple[dict[str, Any] | None, list[dict[str, Any]], str]
"""The result of one video, its events, and what went wrong."""


def parser() -> argparse.ArgumentParser:
    """Give the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m analyzer",
        description="Tell which dance poses are held in videos, and in which frames.",
        epilog="Exit status: 0 when every video was analysed, 1 when one could not be, "
        "2 for a wrong option.",
    )
    made.add_argument("videos", nargs="+", type=Path, metavar="VIDEO", help="a video file")
    made.add_argument(
        "--poses", default="", metavar="NAMES", help="poses, aliases or families, comma-separated"
    )
    made.add_argument(
        "--min-hold", type=float, metavar="SECONDS", help="how long a static pose is held at least"
    )
    made.add_argument(
        "--include",
        default="",
        metavar="LIST",
        help="of segments, video, landmarks, angles and timing, comma-separated",
    )
    made.add_argument(
        "--format",
        choices=("json", "ndjson", "csv"),
        default="json",
        help="json: a line with the answer for each video; ndjson: a line for each event; "
        "csv: a row for each hold",
    )
    made.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="videos analysed at once (default 1)"
    )
    made.add_argument(
        "--pose-module",
        action="append",
        default=[],
        metavar="MODULE",
        help="a module with poses of your own, found on PYTHONPATH; may be given again",
    )
    made.add_argument(
        "--server",
        metavar="URL",
        help="have a running service analyse the files; API_TOKEN in the environment is its token",
    )
    made.add_argument(
        "--render",
        type=Path,
        metavar="OUT.mp4",
        help="write the video with skeleton, poses and timeline drawn into it; for one VIDEO",
    )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is found in each video, in the order given; 1 when one can't be analysed."""
    command = parser()
    chosen = command.parse_args(arguments)
    if chosen.jobs < 1:
        command.error("argument --jobs: has to be 1 or more")
    include = _listed(chosen.include)
    if chosen.format == "csv":
        include = ["segments"]
    if chosen.render and len(chosen.videos) > 1:
        command.error("argument --render: takes one VIDEO")
    if chosen.server:
        if chosen.render:
            command.error("argument --render: works without --server")
        token = os.environ.get("API_TOKEN")
        for wrong in wrong_service(chosen.server, token):
            command.error(wrong)
        options = _options(chosen, include)
        events: Events = partial(remote_events, chosen.server, token, options)
    else:
        problem = _wrong_option(chosen, include)
        if problem:
            command.error(problem)
        asked = {"poses": _listed(chosen.poses), "min_hold": chosen.min_hold, "include": include}
        asked["render_to"] = chosen.render
        threads = max(1, usable_cores() // chosen.jobs)
        events = partial(_local, asked, chosen.pose_module, threads)
    print_result = _printer(chosen.format)
    failed = False
    for path, (result, told, problem) in _outcomes(chosen.videos, events, chosen.jobs):
        if result is None:
            failed = True
            print(f"{path}: {problem}", file=sys.stderr)
        else:
            print_result(path, result, told)
    return 1 if failed else 0


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _options(chosen: argparse.Namespace, include: list[str]) -> dict[str, str]:
    options = {"poses": chosen.poses, "include": ",".join(include)}
    if chosen.min_hold is not None:
        options["min_hold"] = str(chosen.min_hold)
    return {name: value for name, value in options.items() if value}


def _wrong_option(chosen: argparse.Namespace, include: list[str]) -> str | None:
    from analyzer.answer import INCLUDES
    from analyzer.poses import UnknownPoseError, load_module, select

    for each in include:
        if each not in INCLUDES:
            return f"argument --include: {each!r} is none of {', '.join(INCLUDES)}"
    try:
        for module in chosen.pose_module:
            load_module(module)
        select(_listed(chosen.poses))
    except (ImportError, UnknownPoseError) as error:
        return str(error)
    return None


def _local(
    asked: dict[str, Any], pose_modules: list[str], threads: int, path: Path
) -> Iterator[dict[str, Any]]:
    from analyzer.answer import events
    from analyzer.landmarks import MOST_THREADS
    from analyzer.poses import load_module

    for module in pose_modules:
        load_module(module)
    most = min(MOST_THREADS, threads)
    return events(path, **asked, threads=lambda: most)


def _outcomes(paths: Sequence[Path], events: Events, jobs: int) -> Iterator[tuple[Path, Outcome]]:
    """Analyse the videos, so many at once, and give what came of each in their order."""
    if jobs == 1:
        for path in paths:
            with _progress_bar(path.name) as show:
                yield path, _outcome(events, path, show)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield from zip(paths, pool.map(partial(_outcome, events), paths), strict=True)


def _outcome(
    events: Events, path: Path, show: Callable[[dict[str, Any]], None] | None = None
) -> Outcome:
    from analyzer.video import VideoError

    told: list[dict[str, Any]] = []
    try:
        for event in events(path):
            told.append(event)
            if event["event"] == "result":
                return event["result"], told, ""
            if event["event"] == "progress" and show is not None:
                show(event)
    except (VideoError, ServiceError, OSError) as error:
        return None, told, str(error)
    return None, told, "The analysis ended without a result."


def _printer(form: str) -> Callable[[Path, dict[str, Any], list[dict[str, Any]]], None]:
    """A function that prints what came of a video in the chosen form."""
    writer = csv.writer(sys.stdout)
    if form == "csv":
        writer.writerow(COLUMNS)

    def show(path: Path, result: dict[str, Any], told: list[dict[str, Any]]) -> None:
        if form == "json":
            print(json.dumps(result))
        elif form == "ndjson":
            for event in told:
                print(json.dumps({"video": str(path), **event}))
        else:
            for hold in result["segments"]:
                row = {"video": str(path), **hold}
                writer.writerow([row[column] for column in COLUMNS])
        sys.stdout.flush()

    return show


@contextmanager
def _progress_bar(name: str) -> Iterator[Callable[[dict[str, Any]], None]]:
    """A function that shows progress on standard error; it shows nothing where that is a file."""
    if not sys.stderr.isatty():
        yield lambda _progress: None
        return

    def show(progress: dict[str, Any]) -> None:
        done, whole = progress["frames"], max(progress["of"], progress["frames"])
        bar = ("#" * (BAR_WIDTH * done // whole)).ljust(BAR_WIDTH)
        print(f"\r{name} [{bar}] {done}/{whole} frames", end="", file=sys.stderr)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr)
