"""Our landmarks beside MediaPipe Pose's: python -m benchmarks.same_landmarks VIDEO ...

Every frame of each video is given to plain MediaPipe Pose, to its graph with the pruned model and
to our pipeline. Says for both in how many frames they are the same as Pose's to the last bit, and
how far apart in pixels where they aren't. The exit status is 1 when one frame of one video differs.
What they cost, `python -m benchmarks.speed` says.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mediapipe.python.solutions.pose import Pose
from numpy.typing import NDArray

from analyzer.estimation.estimator import Estimator, Landmarks
from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.estimation.pace import MOST_THREADS
from analyzer.estimation.pipeline import Pipeline
from analyzer.frames.video import Video
from benchmarks.common import table


class Pair(NamedTuple):
    """What was found in one frame, None for nobody."""

    ours: Landmarks | None
    plain: Landmarks | None

    @property
    def same(self) -> bool:
        """Whether landmarks, world landmarks and visibility are the same to the last bit."""
        if self.ours is None or self.plain is None:
            return self.ours is self.plain
        return all(map(np.array_equal, self.ours, self.plain))

    def apart(self, width: int, height: int) -> NDArray[np.float64]:
        """How far the landmarks are from each other, (33,) pixels of a frame of a size."""
        if self.ours is None or self.plain is None:
            return np.zeros(0)
        steps = self.ours.image[:, :2].astype(np.float64) - self.plain.image[:, :2]
        return np.asarray(np.hypot(*(steps * (width, height)).T))


def pipeline() -> AbstractContextManager[Pipeline]:
    """Our pipeline, to be closed like MediaPipe's graph."""
    return nullcontext(Pipeline())


def pairs(
    opened: AbstractContextManager[Estimator],
    frames: Iterable[NDArray[np.uint8]],
    threads: Iterable[int],
) -> Iterator[Pair]:
    """Find the landmarks in each frame, (height, width, 3) RGB, in both ways.

    Args:
        opened: an estimator that has seen nothing yet, closed at the end.
        frames: of one video in order, read-only.
        threads: how many its inference may take in each frame.
    """
    with opened as estimator, Pose() as pose:
        for frame, most in zip(frames, threads, strict=False):
            yield Pair(_seen(estimator, frame, most), _plainly_seen(pose, frame))


def _seen(estimator: Estimator, frame: NDArray[np.uint8], threads: int) -> Landmarks | None:
    people = estimator.find(frame, threads)
    return people[0].landmarks if people else None


def _plainly_seen(pose: Pose, frame: NDArray[np.uint8]) -> Landmarks | None:
    result = pose.process(frame)
    if result.pose_landmarks is None:
        return None
    image = [(m.x, m.y, m.z, m.visibility) for m in result.pose_landmarks.landmark]
    world = [(m.x, m.y, m.z) for m in result.pose_world_landmarks.landmark]
    return Landmarks(np.array(image, "f4"), np.array(world, "f4"))


def main() -> int:
    """Print a table of the videos."""
    parser = argparse.ArgumentParser(description=__doc__.split(":", 1)[0])
    parser.add_argument("videos", nargs="+", type=Path, metavar="VIDEO")
    rows, differs = [], False
    for path in parser.parse_args().videos:
        with Video(path) as video, ExitStack() as stack:
            pose = stack.enter_context(Pose())
            estimators: dict[str, Estimator] = {
                "MediaPipe's graph": stack.enter_context(PoseLandmarker()),
                "our pipeline": Pipeline(),
            }
            found: dict[str, list[Pair]] = {name: [] for name in estimators}
            for frame, threads in zip(video.frames(), cycle((1, MOST_THREADS)), strict=False):
                plain = _plainly_seen(pose, frame.pixels)
                for name, estimator in estimators.items():
                    found[name].append(Pair(_seen(estimator, frame.pixels, threads), plain))
            size = video.info.width, video.info.height
        for name, pairs_of in found.items():
            apart = np.concatenate([pair.apart(*size) for pair in pairs_of])
            same = sum(pair.same for pair in pairs_of)
            differs |= same < len(pairs_of)
            far = f"{np.median(apart):.3f}, {apart.max():.3f}" if len(apart) else "nobody"
            shown = f"{path.name}, {size[0]} x {size[1]}"
            rows.append((shown, name, f"{same} of {len(pairs_of)}", far))
    head = ("video", "by", "same frames", "pixels apart: median, most")
    print(table(head, rows))
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
