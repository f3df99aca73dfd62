"""Many short videos sent to the background of our server, beside the same ones sent directly.

    python -m benchmarks.backlog [--analyses N]

Both ways go to one server with the default settings but for room for so many, first one and then
the other, and again. The overhead of a task is the time that its place was taken, less that of its
analysis: the time from the first to the last, times the places, over the tasks.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Final

import requests
from prometheus_client.parser import text_string_to_metric_families

from analyzer.estimation.pace import usable_cores
from benchmarks.common import table, upload
from dancer.film import film
from testing.serving import ended, serving

ROUNDS: Final = 2
TIMEOUT: Final = 3600.0


def directly(url: str, video: Path, count: int) -> None:
    """Send videos, and wait for the answer of each; so many at once that no place is ever free."""

    def send(_: int) -> None:
        answer = upload(url, video)
        assert answer.status_code == 200, answer.text

    with ThreadPoolExecutor(usable_cores() + 2) as callers:
        list(callers.map(send, range(count)))


def in_background(url: str, video: Path, count: int) -> None:
    """Send all videos, and then ask for each until it is done."""

    def send(_: int) -> str:
        with video.open("rb") as file:
            headers = {"Prefer": "respond-async"}
            answer = requests.post(
                f"{url}/analyze", files={"video": file}, headers=headers, timeout=TIMEOUT
            )
        assert answer.status_code == 202, answer.text
        return f"{url}{answer.headers['Location']}"

    with ThreadPoolExecutor(usable_cores()) as callers:
        analyses = list(callers.map(send, range(count)))
    # The last one first: asking costs the server time as well.
    for analysis in reversed(analyses):
        assert ended(analysis, TIMEOUT)["state"] == "done"
        requests.delete(analysis, timeout=TIMEOUT)


def analysing(url: str) -> tuple[float, float]:
    """Seconds that all analyses have taken so far, and how many there were."""
    text = requests.get(f"{url}/metrics", timeout=TIMEOUT).text
    told = {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return told["dance_analysis_seconds_sum"], told["dance_analysis_seconds_count"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.backlog",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--analyses", type=int, default=1000)
    count = parser.parse_args().analyses
    ways: dict[str, Callable[[str, Path, int], None]] = {
        "directly": directly,
        "in the background": in_background,
    }
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    overheads: dict[str, list[float]] = {name: [] for name in ways}
    quiet = subprocess.DEVNULL
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "uploads", None, quiet, BACKLOG=3 * count) as server,
    ):
        video = Path(folder) / "short.mp4"
        film([("T-Pose", None, 0.5)], width=320, height=240, frame_rate=15).write(video)
        for _ in range(ROUNDS):
            for name, send in ways.items():
                before, done = analysing(server.url)
                start = time.perf_counter()
                send(server.url, video, count)
                seconds = time.perf_counter() - start
                after, all_done = analysing(server.url)
                assert all_done - done == count
                speeds[name].append(count / seconds)
                taken = usable_cores() * seconds - (after - before)
                overheads[name].append(1000 * taken / count)
    rows = [
        (name, f"{median(speeds[name]):.2f}", f"{median(overheads[name]):.1f}") for name in ways
    ]
    print(f"{count} analyses each way, {ROUNDS} times, on {usable_cores()} cores; medians")
    print(table(("way", "analyses a second", "overhead a task, ms"), rows))
    ratio = median(speeds["in the background"]) / median(speeds["directly"])
    print(f"In the background, {ratio:.3f} times as many as directly.")


if __name__ == "__main__":
    main()
