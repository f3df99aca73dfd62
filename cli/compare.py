"""The command `python -m analyzer compare`: a dancer compared with a reference."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from analyzer.child.pool import Pool
from analyzer.child.protocol import AnalysisOrder
from analyzer.estimation.pace import usable_cores
from analyzer.limits import LOCAL, MEMORY, MIRROR, Comparing
from cli.local import NO_LIMIT, environment, local_events
from cli.options import listed, wanted_poses, wrong_files, wrong_out, wrong_poses
from cli.output import WIPE, bar, part_of
from cli.side_by_side import LAST, Event, to_the_end


def parser() -> argparse.ArgumentParser:
    """Give the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m analyzer compare",
        description="Tell how a dancer differs from a reference that dances the same: in which "
        "limbs, when, and who is ahead.",
        epilog="Exit status: 0 when they were compared, also where they dance something else; 1 "
        "when one could not be analysed, 2 for a wrong option, 130 after Ctrl-C.",
    )
    made.add_argument("dancer", type=Path, metavar="DANCER", help="the dancer's video")
    made.add_argument(
        "reference",
        type=Path,
        metavar="REFERENCE",
        help="the reference's video, or the answer to an earlier analysis of it with "
        "--include landmarks",
    )
    made.add_argument(
        "--mirror",
        choices=tuple(MIRROR),
        default="auto",
        help="whether the dancer faces the reference as a mirror, left for right (default: what "
        "fits)",
    )
    made.add_argument(
        "--poses",
        type=listed,
        default="",
        metavar="NAMES",
        help="the poses to tell about: names, aliases or families, comma-separated",
    )
    made.add_argument(
        "--pose-file",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a pose that was taught, to tell about too; may be given again",
    )
    for name, whose in (("", "dancer"), ("reference-", "reference")):
        for end in ("start", "end"):
            made.add_argument(
                f"--{name}{end}",
                type=float,
                metavar="SECONDS",
                help=f"the {end} of what is compared of the {whose}'s video",
            )
    made.add_argument(
        "--format",
        choices=("json", "ndjson"),
        default="json",
        help="json: a line with the answer; ndjson: a line for each event",
    )
    made.add_argument(
        "--render",
        type=Path,
        metavar="OUT.mp4",
        help="write the two videos side by side, the same moment of the dance in both",
    )
    return made


def run(arguments: Sequence[str]) -> int:
    """Print how a dancer differs from a reference, and give the exit status."""
    command = parser()
    chosen = command.parse_args(arguments)
    for problem in _wrong_options(chosen):
        command.error(problem)
    shows_bar = chosen.format == "json" and sys.stderr.isatty()
    well = True
    with part_of(chosen.render) as part:
        for event in to_the_end(partial(_events, chosen, part), chosen.dancer):
            if shows_bar and event["event"] in ("progress", *LAST):
                text = bar(chosen.dancer.name, event)
                print(WIPE + text, end="", file=sys.stderr, flush=True)
            if event["event"] == "error":
                well = False
                print(f"{command.prog}: {event['error']}", file=sys.stderr)
            elif event["event"] == "result" and part:
                part.replace(chosen.render.resolve())
            if chosen.format == "ndjson":
                print(json.dumps(event), flush=True)
            elif event["event"] == "result":
                print(json.dumps(event["result"]), flush=True)
    return 0 if well else 1


def _events(chosen: argparse.Namespace, part: Path | None, dancer: Path) -> Iterator[Event]:
    comparing = Comparing(
        MIRROR[chosen.mirror],
        chosen.start or 0.0,
        chosen.end,
        chosen.reference_start or 0.0,
        chosen.reference_end,
    )
    order = AnalysisOrder(
        MEMORY,
        NO_LIMIT,
        LOCAL,
        poses=wanted_poses(chosen.poses, chosen.pose_file),
        renders=part is not None,
        prompt=chosen.format == "ndjson",
        comparing=comparing,
    )
    pool = Pool(usable_cores(), (), environment(), chosen.pose_file)
    pool.start()
    try:
        yield from local_events(pool, order, part, dancer, chosen.reference)
    finally:
        pool.stop()


def _wrong_options(chosen: argparse.Namespace) -> Iterator[str]:
    """Tell what is wrong with the options, as far as it can be known before the work."""
    for name in ("dancer", "reference"):
        path: Path = getattr(chosen, name)
        if not path.exists():
            yield f"argument {name.upper()}: there is no file {path}"
    yield from wrong_files(chosen.pose_file)
    for name in ("", "reference_"):
        start, end = getattr(chosen, f"{name}start"), getattr(chosen, f"{name}end")
        option = f"--{name}end".replace("_", "-")
        if not (start or 0.0) >= 0:
            yield f"argument {option.removesuffix('end')}start: has to be 0 or more"
        if end is not None and not end > (start or 0.0):
            yield f"argument {option}: has to be after the start"
    if chosen.render:
        yield from wrong_out(chosen.render, [chosen.dancer, chosen.reference])
    if chosen.poses or chosen.pose_file:
        yield from wrong_poses(chosen.poses, pose_files=chosen.pose_file)
