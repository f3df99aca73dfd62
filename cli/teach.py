"""A pose of one's own, shown: python -m analyzer teach VIDEO --at SECONDS --name NAME."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from analyzer.child.pool import Pool
from analyzer.child.protocol import TeachingOrder
from analyzer.estimation.pace import usable_cores
from analyzer.limits import LOCAL, MEMORY
from analyzer.posefile import (
    ANY,
    FAMILY,
    SIDES,
    TOLERANCE,
    VIEWS,
    Lesson,
    PoseFileError,
    read,
    written,
)
from cli.local import NO_LIMIT, environment, local_events
from cli.options import content_of, reason_of, wrong_out
from cli.side_by_side import AnalysisError


def parser() -> argparse.ArgumentParser:
    """Give the parser of the arguments behind `teach`."""
    made = argparse.ArgumentParser(
        prog="python -m analyzer teach",
        description="Make a pose of your own from a video in which somebody holds it.",
        epilog="Exit status: 0 when the pose is made, 1 when it can't be, 2 for a wrong option, "
        "130 after Ctrl-C.",
    )
    made.add_argument("video", type=Path, metavar="VIDEO", help="a video file")
    made.add_argument(
        "--at",
        type=float,
        action="append",
        required=True,
        metavar="SECONDS",
        help="when the pose is held; given again, it is another example",
    )
    made.add_argument("--name", help="what the pose is called")
    made.add_argument("--family", help=f"its family (default {FAMILY})")
    made.add_argument(
        "--tolerance",
        type=float,
        metavar="DEGREES",
        help=f"by how much a limb may point elsewhere than shown (default {TOLERANCE:g})",
    )
    made.add_argument(
        "--view",
        choices=(*VIEWS, ANY),
        help="from where the pose can be told (default: as it is shown)",
    )
    made.add_argument(
        "--sides",
        choices=SIDES,
        help="which side is shown, or none for a pose without sides (default: found out)",
    )
    made.add_argument(
        "--add", type=Path, metavar="FILE", help="a pose made before, to add the examples to"
    )
    made.add_argument(
        "-o", dest="out", type=Path, metavar="FILE", help="where to write it (default: print it)"
    )
    return made


def run(arguments: Sequence[str]) -> int:
    """Make a pose as the arguments behind `teach` say, and give the exit status."""
    command = parser()
    chosen = command.parse_args(arguments)
    known = None
    try:
        if chosen.add is not None:
            known = written(read(content_of(chosen.add)), short=True)
    except (OSError, PoseFileError) as error:
        command.error(f"argument --add: {chosen.add}: {reason_of(error)}")
    try:
        lesson = Lesson(
            chosen.at,
            chosen.name,
            chosen.family,
            chosen.tolerance,
            chosen.view,
            chosen.sides,
            known,
        )
    except PoseFileError as error:
        command.error(str(error))
    if chosen.out is not None:
        for problem in wrong_out(chosen.out, [chosen.video], "-o"):
            command.error(problem)
    try:
        text = _taught(chosen.video, lesson)
    except (AnalysisError, OSError) as error:
        print(f"{chosen.video}: {reason_of(error)}", file=sys.stderr)
        return 1
    if chosen.out is None:
        print(text)
    else:
        chosen.out.write_text(f"{text}\n", encoding="utf-8")
    return 0


def _taught(video: Path, lesson: Lesson) -> str:
    """The text of the pose that a video shows.

    Raises:
        AnalysisError: it shows none.
        OSError: the file can't be opened.
    """
    pool = Pool(usable_cores(), (), environment())
    pool.start()
    try:
        *_, last = local_events(pool, TeachingOrder(MEMORY, NO_LIMIT, LOCAL, lesson), None, video)
    finally:
        pool.stop()
    return written(read(json.dumps(last["result"])))
