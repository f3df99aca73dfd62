"""The analysis as a command: python -m analyzer VIDEO [VIDEO ...]."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from analyzer.cores import usable_cores
from analyzer.landmarks import MOST_THREADS
from analyzer.poses import load_module
from analyzer.process import Analysis, Answer, Progress, analyze
from analyzer.video import VideoError

BAR_WIDTH: Final = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the answer for each video, one JSON line a video; 1 when one can't be analysed."""
    parser = argparse.ArgumentParser(
        prog="python -m analyzer", description="Tell which dance poses are held in a video."
    )
    parser.add_argument(
        "--pose-module",
        action="append",
        default=[],
        metavar="MODULE",
        help="a module with poses of your own, found on PYTHONPATH; may be given again",
    )
    parser.add_argument("videos", nargs="+", type=Path, metavar="VIDEO", help="a video file")
    chosen = parser.parse_args(arguments)
    for module in chosen.pose_module:
        load_module(module)
    failed = False
    for path in chosen.videos:
        try:
            answer = _answer(path)
        except (VideoError, OSError) as error:
            failed = True
            print(f"{path}: {error}", file=sys.stderr)
        else:
            print(json.dumps(answer), flush=True)
    return 1 if failed else 0


def _answer(path: Path) -> Answer:
    threads = min(MOST_THREADS, usable_cores())
    with _progress_bar(path.name) as show:
        for event in analyze(path, threads=lambda: threads):
            if isinstance(event, Progress):
                show(event)
            elif isinstance(event, Analysis):
                return event.answer()
    raise AssertionError("an analysis ends with its result")


@contextmanager
def _progress_bar(name: str) -> Iterator[Callable[[Progress], None]]:
    """A function that shows progress on standard error; it shows nothing where that is a file."""
    if not sys.stderr.isatty():
        yield lambda _progress: None
        return

    def show(progress: Progress) -> None:
        whole = max(progress.frames_claimed, progress.frames)
        bar = ("#" * (BAR_WIDTH * progress.frames // whole)).ljust(BAR_WIDTH)
        print(f"\r{name} [{bar}] {progress.frames}/{whole} frames", end="", file=sys.stderr)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
