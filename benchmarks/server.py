"""Uploads at the same time through HTTP: our server beside the obvious one, alternating.

python -m benchmarks.server VIDEO [--uploads N] [--pairs N]
"""

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
import requests
from ai_edge_litert.interpreter import Interpreter

from analyzer.estimation.engine import CROP_SIZE
from analyzer.estimation.model import landmark_model
from analyzer.estimation.pace import MOST_THREADS, usable_cores
from benchmarks.common import obvious_server, our_server, table, upload

PARTS = {
    "upload, and the line": ("upload", "queue"),
    "waiting for a decoded frame": ("decode",),
    "the model, and its graph": ("inference",),
    "poses": ("poses",),
}
"""What `include=timing` tells of, by what it is for."""

MODEL_RUNS = 100


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


def seconds_to_health() -> float:
    """How long our server takes from its start until it is healthy."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with our_server(Path(folder)):
            return time.perf_counter() - start


def seconds_to_first_landmark(url: str, video: Path) -> float:
    """How long an accepted upload waits for the landmarks of its first frame."""
    headers = {"Accept": "application/x-ndjson"}
    with (
        video.open("rb") as file,
        requests.post(
            f"{url}/analyze", files={"video": file}, headers=headers, stream=True, timeout=600
        ) as answer,
    ):
        lines = answer.iter_lines(chunk_size=1)
        next(lines)
        start = time.perf_counter()
        assert b'"progress"' in next(lines)
        return time.perf_counter() - start


def where_it_goes(url: str, video: Path, uploads: int) -> list[tuple[str, str]]:
    """The milliseconds of a frame of one upload alone, medians of so many, by what they are for."""
    parts: dict[str, list[float]] = {name: [] for name in (*PARTS, "rest", "all")}
    for _ in range(uploads):
        start = time.perf_counter()
        with video.open("rb") as file:
            answer = requests.post(
                f"{url}/analyze?include=timing", files={"video": file}, timeout=600
            ).json()
        seconds = time.perf_counter() - start
        timing = answer["timing"]
        for name, of in PARTS.items():
            parts[name].append(sum(timing[each] for each in of) / answer["total_frames"])
        parts["rest"].append((seconds - sum(timing.values())) / answer["total_frames"])
        parts["all"].append(seconds / answer["total_frames"])
    rows = [(name, f"{1000 * median(values):.2f}") for name, values in parts.items()]
    return rows + [
        (f"the landmark model alone, threads: {threads}", f"{1000 * model_seconds(threads):.2f}")
        for threads in range(1, min(usable_cores(), MOST_THREADS) + 1)
    ]


def model_seconds(threads: int) -> float:
    """How long the landmark model takes with so many threads, and nothing around it."""
    model = Interpreter(model_content=landmark_model().read_bytes(), num_threads=threads)
    model.allocate_tensors()
    model.set_tensor(
        model.get_input_details()[0]["index"],
        np.random.default_rng(0).random((1, CROP_SIZE, CROP_SIZE, 3), np.float32),
    )
    taken = []
    for _ in range(MODEL_RUNS):
        start = time.perf_counter()
        model.invoke()
        taken.append(time.perf_counter() - start)
    return median(taken)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.server")
    parser.add_argument("video", type=Path)
    parser.add_argument("--uploads", type=int, default=2 * usable_cores())
    parser.add_argument("--pairs", type=int, default=3)
    arguments = parser.parse_args()
    counts = sorted({1, usable_cores(), arguments.uploads})
    starts = [seconds_to_health() for _ in range(arguments.pairs)]
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        our_server(Path(folder), WAITING=arguments.uploads) as ours,
        obvious_server() as obvious,
    ):
        first = [seconds_to_first_landmark(ours, arguments.video) for _ in range(5)]
        parts = where_it_goes(ours, arguments.video, 5)
        for count in counts:
            pairs = [
                [frames_a_second(url, arguments.video, count) for url in (ours, obvious)]
                for _ in range(arguments.pairs)
            ]
            medians = [f"{median(speeds):.0f}" for speeds in zip(*pairs, strict=True)]
            rows.append((count, *medians, f"{median(a / b for a, b in pairs):.2f}"))
    print(f"From the start to healthy: {median(starts):.2f} s (median of {len(starts)})")
    print(f"From an upload to its first landmark: {median(first):.3f} s (median of {len(first)})")
    print(f"Frames a second on {usable_cores()} cores, medians of {arguments.pairs} pairs of runs")
    print(table(("uploads at once", "this service", "obvious design", "ratio"), rows))
    print("Milliseconds a frame of one upload alone, medians of 5")
    print(table(("for", "ms"), parts))


if __name__ == "__main__":
    main()
