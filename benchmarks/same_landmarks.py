"""Our landmarks beside those of plain MediaPipe Pose: python -m benchmarks.same_landmarks VIDEO ...

Says for each video in how many frames they are the same to the last bit; the exit status is 1 when
one frame of one video differs.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mediapipe.python.solutions.pose import Pose
from numpy.typing import NDArray

from analyzer.estimation.estimator import Landmarks
from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.estimation.pace import MOST_THREADS
from analyzer.frames.video import Video


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


def pairs(frames: Iterable[NDArray[np.uint8]], threads: Iterable[int]) -> Iterator[Pair]:
    """Find the landmarks in each frame, (height, width, 3) RGB, in both ways.

    Args:
        frames: of one video in order, read-only.
        threads: how many our inference may take in each frame.
    """
    with PoseLandmarker() as landmarker, Pose() as pose:
        for frame, most in zip(frames, threads, strict=False):
            result = pose.process(frame)
            plain = None
            if result.pose_landmarks is not None:
                image = [(m.x, m.y, m.z, m.visibility) for m in result.pose_landmarks.landmark]
                world = [(m.x, m.y, m.z) for m in result.pose_world_landmarks.landmark]
                plain = Landmarks(np.array(image, "f4"), np.array(world, "f4"))
            people = landmarker.find(frame, most)
            yield Pair(people[0].landmarks if people else None, plain)


def main() -> int:
    """Print a line for each video."""
    parser = argparse.ArgumentParser(description=__doc__.split(":", 1)[0])
    parser.add_argument("videos", nargs="+", type=Path, metavar="VIDEO")
    differs = False
    for path in parser.parse_args().videos:
        with Video(path) as video:
            frames = (frame.pixels for frame in video.frames())
            found = list(pairs(frames, cycle((1, MOST_THREADS))))
        same = sum(pair.same for pair in found)
        people = sum(pair.ours is not None for pair in found)
        print(f"{path}: the same in {same} of {len(found)} frames, {people} with a person")
        differs |= same < len(found)
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
