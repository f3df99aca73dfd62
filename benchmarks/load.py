"""How long /health waits while all cores are busy and uploads wait, beside the obvious design.

python -m benchmarks.load VIDEO [--seconds S]
"""

import argparse
import tempfile
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import requests

from analyzer.estimation.pace import usable_cores
from benchmarks.common import obvious_server, our_server, table, upload

WAITING = 4
PAUSE = 0.02


def health_times(url: str, video: Path, uploads: int, seconds: float) -> list[float]:
    """Milliseconds that /health took, asked again and again while so many uploads are under way."""
    over = threading.Event()

    def keep_uploading() -> None:
        while not over.is_set():
            try:
                upload(url, video)
            except requests.RequestException:
                time.sleep(PAUSE)

    callers = [threading.Thread(target=keep_uploading, daemon=True) for _ in range(uploads)]
    for caller in callers:
        caller.start()
    time.sleep(1)
    times = []
    end = time.monotonic() + seconds
    with requests.Session() as session:
        while time.monotonic() < end:
            start = time.perf_counter()
            session.get(f"{url}/health", timeout=120).raise_for_status()
            times.append((time.perf_counter() - start) * 1000)
            time.sleep(PAUSE)
    over.set()
    return times


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.load")
    parser.add_argument("video", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0, help="for each server")
    arguments = parser.parse_args()
    uploads = usable_cores() + WAITING
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        servers: dict[str, AbstractContextManager[str]] = {
            "this service": our_server(Path(folder) / "uploads", WAITING=2 * uploads),
            "obvious design": obvious_server(),
        }
        for name, server in servers.items():
            with server as url:
                times = health_times(url, arguments.video, uploads, arguments.seconds)
            half, most = np.percentile(times, [50, 99])
            rows.append((name, len(times), f"{half:.1f}", f"{most:.1f}", f"{max(times):.1f}"))
    print(f"{uploads} uploads under way on {usable_cores()} cores; /health in milliseconds")
    print(table(("server", "asked", "p50", "p99", "max"), rows))


if __name__ == "__main__":
    main()
