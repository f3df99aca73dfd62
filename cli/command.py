"""The command line of the analysis."""

import argparse
import csv
import io
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from analyzer.child.pool import Pool
from analyzer.child.protocol import AnalysisOrder
from analyzer.estimation.pace import usable_cores
from analyzer.limits import INCLUDES, LOCAL, LONGEST_HOLD, MEMORY, MOST_PEOPLE, choice_of
from analyzer.posefile import read, written
from analyzer.version import version
from cli import compare, live, teach
from cli.background import Background
from cli.client import POSE, remote_events, wrong_service
from cli.local import NO_LIMIT, environment, local_events
from cli.options import content_of, listed, wanted_poses, wrong_files, wrong_out, wrong_poses
from cli.output import WIPE, bar, filled, part_of
from cli.side_by_side import LAST, Event, Follow, side_by_side

SUBCOMMANDS: Final = {"compare": compare.run, "live": live.run, "teach": teach.run}
"""What does something else than tell poses, by the first argument; ./teach is a file of that name.

Each takes the arguments behind it and gives the exit status.
"""

COLUMNS: Final = ("video", "pose", "side", "first", "last", "start", "end", "score")
OF_SEVERAL: Final = "dancer"
"""A column more where dancers are told apart."""


def parser() -> argparse.ArgumentParser:
    """Give the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m analyzer",
        description="Tell which dance poses are held in videos, and in which frames.",
        epilog="Exit status: 0 when every video was analysed, 1 when one could not be, "
        "2 for a wrong option, 130 after Ctrl-C.",
    )
    made.add_argument("--version", action="version", version=f"dance-poses {version()}")
    made.add_argument("videos", nargs="+", type=Path, metavar="VIDEO", help="a video file")
    made.add_argument(
        "--poses",
        type=listed,
        default="",
        metavar="NAMES",
        help="poses, aliases or families, comma-separated; experimental ones by name",
    )
    made.add_argument(
        "--min-hold",
        type=float,
        metavar="SECONDS",
        help=f"how long a static pose is held at least, up to {LONGEST_HOLD:g}",
    )
    made.add_argument(
        "--include",
        type=listed,
        default="",
        metavar="LIST",
        help="of segments, video, landmarks, angles, group, beat and timing, comma-separated",
    )
    made.add_argument(
        "--people",
        type=int,
        default=1,
        metavar="N",
        help=f"dancers to tell apart and follow, up to {MOST_PEOPLE}",
    )
    made.add_argument(
        "--dancer",
        metavar="WHICH",
        help="the one to follow among several: middle, largest, or who is at the point x,y, parts "
        "of the width and height",
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
        "--pose-file",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a pose of your own, as `teach` makes it; may be given again",
    )
    made.add_argument(
        "--server",
        metavar="URL",
        help="have a running service analyse the files; API_TOKEN in the environment is its token",
    )
    made.add_argument(
        "--background",
        action="store_true",
        help="with --server, send the files and fetch what is found when it is there; run again "
        "after a break, it goes on",
    )
    made.add_argument(
        "--render",
        type=Path,
        metavar="OUT.mp4",
        help="write the video with skeleton, poses and timeline drawn into it; for one VIDEO",
    )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, print what comes of it, and give the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    command = parser()
    chosen = argparse.Namespace(background=False)
    try:
        if given and given[0] in SUBCOMMANDS:
            return SUBCOMMANDS[given[0]](given[1:])
        chosen = command.parse_args(given)
        for problem in wrong_options(chosen):
            command.error(problem)
        return 0 if _run(chosen) else 1
    except KeyboardInterrupt:
        if chosen.background:
            print("\nWhat was sent goes on; run it again to have the rest.", file=sys.stderr)
        return 128 + signal.SIGINT
    except OSError as error:
        # Nobody reads on, or the disk is full; what is unwritten would fail again at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 128 + signal.SIGPIPE
        print(f"{command.prog}: {error}", file=sys.stderr)
        return 1


def wrong_options(chosen: argparse.Namespace) -> Iterator[str]:
    """Tell what is wrong with the options, as far as it can be known before the work."""
    if chosen.jobs < 1:
        yield "argument --jobs: has to be 1 or more"
    if chosen.min_hold is not None and not 0 <= chosen.min_hold <= LONGEST_HOLD:
        yield f"argument --min-hold: has to be a number of seconds from 0 to {LONGEST_HOLD:g}"
    if not 1 <= chosen.people <= MOST_PEOPLE:
        yield f"argument --people: has to be from 1 to {MOST_PEOPLE}"
    if chosen.dancer is not None:
        yield from _wrong_dancer(chosen.dancer)
    yield from _wrong_include(chosen)
    if chosen.render:
        if chosen.server:
            yield "argument --render: works without --server"
        if len(chosen.videos) > 1:
            yield "argument --render: takes one VIDEO"
        yield from wrong_out(chosen.render, chosen.videos[:1])
    if chosen.background and not chosen.server:
        yield "argument --background: works with --server"
    if chosen.server:
        if chosen.pose_module:
            yield "argument --pose-module: works without --server"
        if len(chosen.pose_file) > 1:
            yield "argument --pose-file: is given once with --server"
        yield from wrong_files(chosen.pose_file)
        yield from wrong_service(chosen.server, os.environ.get("API_TOKEN"))
    elif chosen.poses or chosen.pose_module or chosen.pose_file:
        yield from wrong_poses(chosen.poses, chosen.pose_module, chosen.pose_file)


def _wrong_include(chosen: argparse.Namespace) -> Iterator[str]:
    for each in chosen.include:
        if each not in INCLUDES:
            yield f"argument --include: {each!r} is none of {', '.join(INCLUDES)}"
    if "group" in chosen.include and (chosen.people == 1 or chosen.dancer is not None):
        yield "argument --include: group wants --people 2 or more, without --dancer"
    if chosen.include and chosen.format == "csv":
        yield "argument --include: has no place in --format csv"


def _wrong_dancer(which: str) -> Iterator[str]:
    try:
        choice_of(which)
    except ValueError:
        yield f"argument --dancer: {which!r} is neither middle, nor largest, nor x,y from 0 to 1"


def _run(chosen: argparse.Namespace) -> bool:
    """Print what is found in each video; whether all could be analysed."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The name of a file comes out as it is, UTF-8 or not.
        sys.stdout.reconfigure(errors="surrogateescape")
    if chosen.format == "csv":
        csv.writer(sys.stdout).writerow(_columns(chosen))
    if chosen.background:
        return _run_in_background(chosen)
    at_once = min(chosen.jobs, len(chosen.videos))
    shows_bar = at_once == 1 and chosen.format != "ndjson" and sys.stderr.isatty()
    well = True
    with part_of(chosen.render) as part, _follower(chosen, part) as follow:
        told = side_by_side(chosen.videos, follow, at_once)
        for number, event in told if chosen.format == "ndjson" else _in_order(told):
            path = chosen.videos[number]
            if shows_bar and event["event"] in ("progress", *LAST):
                print(WIPE + bar(path.name, event), end="", file=sys.stderr, flush=True)
            if event["event"] == "error":
                well = False
                print(f"{path}: {event['error']}", file=sys.stderr)
            elif event["event"] == "result" and part:
                part.replace(chosen.render.resolve())
            _print(chosen, path, event)
    return well


def _run_in_background(chosen: argparse.Namespace) -> bool:
    """Print what a service finds in each video in its background; whether all could be analysed."""
    background = Background(chosen.server, os.environ.get("API_TOKEN"), _fields(chosen))
    rows: dict[int, tuple[str, str]] = {}
    """Of each that has ended, the frames and the poses, or why there are none."""
    frames: dict[int, int] = {}
    bar = sys.stderr.isatty()
    told = background.events(chosen.videos, min(chosen.jobs, len(chosen.videos)))

    def noted() -> Iterator[tuple[int, Event]]:
        for number, event in told:
            match event:
                case {"event": "progress", "frames": done}:
                    frames[number] = done
                case {"result": {"total_frames": done, "detected_poses": poses}}:
                    frames[number] = done
                    rows[number] = str(done), ", ".join(poses) or "none"
                case {"error": error}:
                    rows[number] = "-", error
            if bar:
                count = f"{len(rows)}/{len(chosen.videos)} videos, {sum(frames.values())} frames"
                done = filled(len(rows), len(chosen.videos))
                print(f"{WIPE}[{done}] {count}", end="", file=sys.stderr, flush=True)
            yield number, event

    for number, event in noted() if chosen.format == "ndjson" else _in_order(noted()):
        if bar and event["event"] in LAST:
            print(WIPE, end="", file=sys.stderr, flush=True)
        _print(chosen, chosen.videos[number], event)
    print(_table(chosen.videos, rows), file=sys.stderr)
    return all(count != "-" for count, _ in rows.values())


def _table(videos: Sequence[Path], ends: Mapping[int, tuple[str, str]]) -> str:
    """A row for each video, with what there is to say of its end."""
    rows = [("VIDEO", "FRAMES", "POSES")]
    rows += [(str(path), *ends[number]) for number, path in enumerate(videos)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(
        f"{name:<{widths[0]}}  {frames:>{widths[1]}}  {found}" for name, frames, found in rows
    )


def _fields(chosen: argparse.Namespace) -> dict[str, str]:
    """The options as a service takes them."""
    hold = "" if chosen.min_hold is None else str(chosen.min_hold)
    include = ",".join(_include(chosen))
    people = "" if chosen.people == 1 else str(chosen.people)
    fields = {"poses": ",".join(chosen.poses), "min_hold": hold, "include": include}
    fields |= {"people": people, "dancer": chosen.dancer or ""}
    for path in chosen.pose_file:
        fields[POSE] = written(read(content_of(path)), short=True)
    return {name: value for name, value in fields.items() if value}


def _columns(chosen: argparse.Namespace) -> tuple[str, ...]:
    """Those of the rows."""
    return (*COLUMNS, OF_SEVERAL) if chosen.people > 1 or chosen.dancer else COLUMNS


def _include(chosen: argparse.Namespace) -> list[str]:
    return ["segments"] if chosen.format == "csv" else list(chosen.include)


@contextmanager
def _follower(chosen: argparse.Namespace, part: Path | None) -> Iterator[Follow]:
    """What gives the events of a video, here or from a service."""
    if chosen.server:
        yield partial(remote_events, chosen.server, os.environ.get("API_TOKEN"), _fields(chosen))
        return
    order = AnalysisOrder(
        MEMORY,
        NO_LIMIT,
        LOCAL,
        chosen.min_hold,
        wanted_poses(chosen.poses, chosen.pose_file),
        _include(chosen),
        renders=part is not None,
        prompt=chosen.format == "ndjson",
        people=chosen.people,
        dancer=chosen.dancer,
    )
    pool = Pool(usable_cores(), chosen.pose_module, environment(), chosen.pose_file)
    pool.start()
    try:
        yield partial(local_events, pool, order, part)
    finally:
        pool.stop()


def _in_order(told: Iterable[tuple[int, Event]]) -> Iterator[tuple[int, Event]]:
    """Keep the end of each video back until the videos before it have ended."""
    ended: dict[int, Event] = {}
    turn = 0
    for number, event in told:
        if event["event"] not in LAST:
            yield number, event
            continue
        ended[number] = event
        while turn in ended:
            yield turn, ended.pop(turn)
            turn += 1


def _print(chosen: argparse.Namespace, path: Path, event: Event) -> None:
    """Print what an event has to say in the chosen form."""
    form = chosen.format
    if form == "ndjson":
        print(json.dumps({"video": str(path), **event}))
    elif event["event"] == "result" and form == "json":
        print(json.dumps(event["result"]))
    elif event["event"] == "result":
        for hold in event["result"]["segments"]:
            row = {"video": str(path), **hold}
            csv.writer(sys.stdout).writerow([row[column] for column in _columns(chosen)])
    sys.stdout.flush()
