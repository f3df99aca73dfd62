"""Our analysis beside the naive loop, on the same video, alternating in the same run.

    python -m benchmarks.speed VIDEO [--pairs N]

Each measurement is a process of its own. Printed are medians, and their ratios to the naive loop;
the distance to what the machine could do at best; and the throughput of videos side by side.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from analyzer.estimation.pace import usable_cores
from benchmarks.common import table
from testing.serving import ROOT

STAGE_FRAMES = 150
BARE_RUNS = 200
MATRIX = 2048


def naive(video: Path) -> Callable[[], int]:
    """The whole naive analysis, its modules loaded; it gives the number of frames."""
    from benchmarks.obvious import naive_analysis

    def work() -> int:
        total: int = naive_analysis(str(video))["total_frames"]
        return total

    return work


def ours(video: Path, threads: int) -> Callable[[], int]:
    """Our whole analysis with so many threads at most, its modules loaded; likewise."""
    from analyzer.process import analyze
    from analyzer.report.analysis import Analysis

    def work() -> int:
        *_, analysis = analyze(video, threads=lambda: threads)
        assert isinstance(analysis, Analysis)
        return analysis.total_frames

    return work


def answered(
    video: Path, include: Sequence[str] = (), *, renders: bool = False
) -> Callable[[], int]:
    """Our whole analysis as the process of a video does it, with its files; likewise."""
    from analyzer.child.protocol import AnalysisOrder, Answered
    from analyzer.child.work import analysed
    from analyzer.limits import LOCAL, MEMORY

    order = AnalysisOrder(MEMORY, 2**60, LOCAL, include=include, renders=renders)

    def work() -> int:
        with (
            video.open("rb") as file,
            tempfile.TemporaryFile() as answer,
            tempfile.TemporaryFile() as scratch,
            tempfile.TemporaryFile() as out,
        ):
            kept = scratch if order.keeps_landmarks else None
            *_, last = analysed(order, file, answer, kept, out if renders else None)
        assert isinstance(last, Answered)
        return last.frames

    return work


def _frames(video: Path) -> list[Any]:
    from analyzer.frames.video import Video

    frames = []
    with Video(video) as opened:
        for frame in opened.frames():
            pixels = frame.pixels.copy()
            pixels.flags.writeable = False
            frames.append(pixels)
            if len(frames) == STAGE_FRAMES:
                break
    return frames


def naive_stage(video: Path) -> Callable[[], int]:
    """MediaPipe Pose as it comes, on frames in memory."""
    from mediapipe.python.solutions.pose import Pose

    frames = _frames(video)

    def work() -> int:
        with Pose() as pose:
            for frame in frames:
                pose.process(frame)
        return len(frames)

    return work


def our_stage(video: Path, *, pipeline: bool = False) -> Callable[[], int]:
    """Our landmarks, on frames in memory: by MediaPipe's graph, or by our own pipeline."""
    from analyzer.estimation.estimator import Estimator
    from analyzer.estimation.landmarker import PoseLandmarker
    from analyzer.estimation.pipeline import Pipeline

    frames = _frames(video)

    def work() -> int:
        made: AbstractContextManager[Estimator] = (
            nullcontext(Pipeline()) if pipeline else PoseLandmarker()
        )
        with made as estimator:
            for frame in frames:
                estimator.find(frame)
        return len(frames)

    return work


def bare_model() -> Callable[[], int]:
    """Nothing but the pruned model, again and again on one crop; the number of inferences."""
    from analyzer.estimation.landmarker import MODEL_SIZE, inference_graph, tensors_of
    from analyzer.estimation.model import landmark_model

    graph = inference_graph(landmark_model().read_bytes(), 1)
    crop = tensors_of(MODEL_SIZE)

    def work() -> int:
        for number in range(BARE_RUNS):
            graph.add("crop", crop, number)
            graph.run()
        return BARE_RUNS

    return work


def multiply_adds() -> int:
    """Multiply-adds of one inference of the pruned model, from its operators' shapes."""
    from mediapipe.tasks.metadata import schema_py_generated as schema

    from analyzer.estimation.model import landmark_model

    content = landmark_model().read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    graph = model.subgraphs[0]
    total = 0
    for operator in graph.operators:
        kind = model.operatorCodes[operator.opcodeIndex].builtinCode
        shapes = [list(graph.tensors[index].shape) for index in operator.inputs]
        result = int(np.prod(graph.tensors[operator.outputs[0]].shape))
        if kind == schema.BuiltinOperator.CONV_2D:
            total += result * int(np.prod(shapes[1][1:]))
        elif kind == schema.BuiltinOperator.DEPTHWISE_CONV_2D:
            total += result * int(np.prod(shapes[1][1:3]))
        elif kind == schema.BuiltinOperator.FULLY_CONNECTED:
            total += result * int(shapes[1][-1])
    return total


def matrix_speed() -> float:
    """Multiply-adds a second of one core, in the matrix product of the machine's own library."""
    left = np.random.default_rng(1).random((MATRIX, MATRIX), np.float32)
    best = 0.0
    for _ in range(5):
        start = time.perf_counter()
        left @ left
        best = max(best, MATRIX**3 / (time.perf_counter() - start))
    return best


def _measured(work: Callable[[], int]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    frames = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "wall": wall / frames * 1000,
        "cpu": cpu / frames * 1000,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "seconds": wall,
        "frames": frames,
    }


def in_process(what: str, video: Path) -> dict[str, float]:
    """One measurement in a process of its own, every library in it on one thread."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "benchmarks.speed", str(video), "--measure", what]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | one, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        check=True,
    )  # fmt: skip
    result: dict[str, float] = json.loads(done.stdout)
    return result


def measure(what: str, video: Path) -> dict[str, float]:
    """One measurement in this process."""
    if what == "limit":
        limit = multiply_adds() / matrix_speed()
        return {"wall": limit * 1000, "cpu": limit * 1000}
    works: dict[str, Callable[[], Callable[[], int]]] = {
        "naive": lambda: naive(video),
        "ours": lambda: ours(video, 1),
        "ours, free cores": lambda: ours(video, usable_cores()),
        "ours, answered": lambda: answered(video),
        "ours, landmarks": lambda: answered(video, ["landmarks", "angles"]),
        "ours, annotated": lambda: answered(video, renders=True),
        "naive stage": lambda: naive_stage(video),
        "our stage": lambda: our_stage(video),
        "our pipeline": lambda: our_stage(video, pipeline=True),
        "bare model": bare_model,
    }
    return _measured(works[what]())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.speed",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("video", type=lambda text: Path(text).resolve())
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.video)))
        return
    stages = ["naive stage", "our stage", "our pipeline"]
    kinds = ["naive", "ours", "ours, free cores", *stages, "bare model", "limit"]
    runs = [
        {kind: in_process(kind, arguments.video) for kind in kinds} for _ in range(arguments.pairs)
    ]

    def middle(kind: str, figure: str) -> float:
        return median(run[kind][figure] for run in runs)

    def ratio(kind: str, other: str, figure: str) -> float:
        return median(run[kind][figure] / run[other][figure] for run in runs)

    rows = []
    for kind in kinds:
        beside = "naive stage" if kind in stages[1:] else "naive"
        whole = "frames" in runs[0][kind]
        rows.append(
            (
                kind,
                f"{middle(kind, 'wall'):.2f}",
                f"{middle(kind, 'cpu'):.2f}",
                f"{1000 / middle(kind, 'wall'):.0f}",
                f"{middle(kind, 'memory'):.0f}" if whole else "",
                f"{ratio(kind, beside, 'wall'):.2f}",
                f"{ratio(kind, beside, 'cpu'):.2f}",
            )
        )
    head = ("what", "wall ms", "CPU ms", "frames/s", "peak MB", "wall ratio", "CPU ratio")
    print(f"Medians of {arguments.pairs} alternating runs, a frame each; ratios to naive")
    print(table(head, rows))
    print(f"bare model / whole analysis, CPU: {ratio('bare model', 'ours', 'cpu'):.2f}")
    print(f"limit / whole analysis, CPU: {ratio('limit', 'ours', 'cpu'):.2f}")
    side_by_side = []
    for videos in range(1, usable_cores() + 1):
        with ThreadPoolExecutor(videos) as pool:
            done = list(pool.map(lambda _: in_process("ours", arguments.video), range(videos)))
        speed = sum(run["frames"] for run in done) / max(run["seconds"] for run in done)
        side_by_side.append((videos, f"{speed:.0f}", f"{speed / videos:.0f}"))
    print("\nVideos side by side, one thread each")
    print(table(("videos", "frames/s", "frames/s a video"), side_by_side))


if __name__ == "__main__":
    main()
