"""Many short videos sent to the background of our server, beside the same ones sent directly.

    python -m benchmarks.backlog [--analyses N]

A video is three seconds long. All go to one server with the default settings but for room for so
many: half of the direct ones before the others, half after them. The overhead of a task is the time
that its place was taken, less that of its analysis: the time from the first to the last, times the
places, over the tasks.
"""

import argparse
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import requests

from analyzer.estimation.pace import usable_cores
from benchmarks.common import table, upload
from dancer.film import film
from testing.serving import Server, ended, serving

TIMEOUT: Final = 3600.0


def directly(url: str, video: Path, count: int) -> None:
    """Send videos, and wait for the answer of each; so many at once that no place is ever free."""

    def send(_: int) -> None:
        answer = upload(url, video)
        assert answer.status_code == 200, answer.text

    with ThreadPoolExecutor(usable_cores() + 2) as callers:
        list(callers.map(send, range(count)))


def in_background(url: str, video: Path, count: int) -> None:
    """Send all videos, follow the last one to its end, and then ask for each."""

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
    # Asking again and again would cost the server time as well.
    followed = {"Accept": "text/event-stream"}
    requests.get(analyses[-1], headers=followed, timeout=TIMEOUT).raise_for_status()
    for analysis in analyses:
        assert ended(analysis, TIMEOUT)["state"] == "done"
        requests.delete(analysis, timeout=TIMEOUT)


def analysing(server: Server) -> tuple[float, float]:
    """Seconds that all analyses have taken so far, and how many there were."""
    told = server.figures()
    return told["dance_analysis_seconds_sum",], told["dance_analysis_seconds_count",]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.backlog",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--analyses", type=int, default=1000)
    count = parser.parse_args().analyses
    half = count // 2
    runs = (
        ("directly", directly, half),
        ("in the background", in_background, 2 * half),
        ("directly", directly, half),
    )
    seconds = dict.fromkeys((name for name, *_ in runs), 0.0)
    analysed = seconds.copy()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "uploads", None, subprocess.DEVNULL, BACKLOG=3 * count) as server,
    ):
        video = Path(folder) / "short.mp4"
        film([("T-Pose", None, 1.0)], width=320, height=240).write(video)
        for name, send, number in runs:
            before, done = analysing(server)
            start = time.perf_counter()
            send(server.url, video, number)
            seconds[name] += time.perf_counter() - start
            after, all_done = analysing(server)
            assert all_done - done == number
            analysed[name] += after - before
    places = usable_cores()
    rows = [
        (
            name,
            f"{2 * half / seconds[name]:.2f}",
            f"{1000 * analysed[name] / (2 * half):.1f}",
            f"{1000 * (places * seconds[name] - analysed[name]) / (2 * half):.1f}",
        )
        for name in seconds
    ]
    print(f"{2 * half} analyses each way, on {places} cores")
    heads = ("way", "analyses a second", "an analysis, ms", "overhead a task, ms")
    print(table(heads, rows))
    ratio = seconds["directly"] / seconds["in the background"]
    print(f"In the background, {ratio:.3f} times as many as directly.")


if __name__ == "__main__":
    main()
