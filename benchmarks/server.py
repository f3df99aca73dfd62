"""Uploads at the same time through HTTP: our server beside the obvious one, alternating.

python -m benchmarks.server VIDEO [--uploads N] [--pairs N]
"""

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from analyzer.cores import usable_cores
from benchmarks.common import obvious_server, our_server, table, upload


def frames_a_second(url: str, video: Path, uploads: int) -> float:
    """How many frames a second the server analyses, with so many uploads at the same time."""
    start = time.perf_counter()
    with ThreadPoolExecutor(uploads) as pool:
        answers = list(pool.map(lambda _: upload(url, video), range(uploads)))
    seconds = time.perf_counter() - start
    for answer in answers:
        answer.raise_for_status()
    total: int = sum(answer.json()["total_frames"] for answer in answers)
    return total / seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.server")
    parser.add_argument("video", type=Path)
    parser.add_argument("--uploads", type=int, default=2 * usable_cores())
    parser.add_argument("--pairs", type=int, default=3)
    arguments = parser.parse_args()
    counts = sorted({1, usable_cores(), arguments.uploads})
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        our_server(Path(folder), WAITING=arguments.uploads) as ours,
        obvious_server() as obvious,
    ):
        for count in counts:
            pairs = [
                [frames_a_second(url, arguments.video, count) for url in (ours, obvious)]
                for _ in range(arguments.pairs)
            ]
            medians = [f"{median(speeds):.0f}" for speeds in zip(*pairs, strict=True)]
            rows.append((count, *medians, f"{median(a / b for a, b in pairs):.2f}"))
    print(f"Frames a second on {usable_cores()} cores, medians of {arguments.pairs} pairs of runs")
    print(table(("uploads at once", "this service", "obvious design", "ratio"), rows))


if __name__ == "__main__":
    main()
