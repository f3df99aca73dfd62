"""What somebody dances, as a comparison takes it: from a video, or from an earlier answer."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from analyzer.body import Crowd
from analyzer.compare import Shape
from analyzer.errors import UndecodableError
from analyzer.holds import Hold, Timelines
from analyzer.limits import LONGEST_SIDE, Limits
from analyzer.poses import Pose
from analyzer.report.analysis import Analysis
from analyzer.report.kept import PIECE, KeptLandmarks
from analyzer.report.shape import whole_shape

FARTHEST: Final = 1000.0
"""No number of a landmark is larger."""

AGAIN: Final = (
    "send the answer to an analysis of one dancer with `include=landmarks`, whole and as it came"
)


@dataclass(frozen=True)
class Performance:
    """What somebody dances."""

    width: int
    height: int
    """Of the picture, in pixels."""
    duration: float
    """Seconds from the first frame to the end of the last."""
    landmarks: KeptLandmarks
    holds: Sequence[Hold]

    def shape(self) -> Shape:
        """Give the shape of the dancer in all frames."""
        return whole_shape(self.landmarks, self.width, self.height)


def performance_of(analysis: Analysis) -> Performance:
    """Give what the one dancer who is followed in a video dances.

    Args:
        analysis: with its landmarks kept.
    """
    info = analysis.video
    return Performance(info.width, info.height, analysis.duration, analysis.alone, analysis.holds)


def performance_in(
    answer: IO[bytes],
    landmarks: KeptLandmarks,
    poses: Sequence[Pose],
    *,
    min_hold: float | None = None,
    limits: Limits,
) -> Performance:
    """Read what somebody dances from the answer to an earlier analysis.

    Args:
        answer: its JSON, with "landmarks".
        landmarks: where they are kept; empty.
        poses: those to look for.
        min_hold: seconds that a static pose is held at least, where it asks for no longer.
        limits: what it may have at most.

    Raises:
        UndecodableError: it is no such answer.
        OverLimitError: it is over the limits.
    """
    try:
        told = json.load(answer, parse_constant=_refuse)
        if isinstance(told, dict):
            # In the background an answer is the result of an analysis.
            told = told.get("result", told)
        width, height = (_side(each) for each in told["size"])
        times = np.array([_seconds(each) for each in told["times"]], np.float64)
        image = _rows(told["landmarks"], len(times), 4)
        world = _rows(told["world_landmarks"], len(times), 3)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise _unreadable() from error
    if not len(times) or times[0] < 0 or not (np.diff(times) > 0).all():
        raise _unreadable()
    limits.check_size(width, height)
    limits.check_length(float(times[-1]), len(times), whole=True)
    timelines = Timelines(poses, width=width, height=height, min_hold=min_hold)
    for crowd in _crowds(image, world, times):
        landmarks.append(crowd)
        last = len(landmarks) == len(times)
        timelines.add(crowd, np.zeros(len(crowd.times), np.bool_), last=last)
    timelines.finish()
    frame = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    return Performance(width, height, float(times[-1]) + frame, landmarks, timelines.holds)


def _crowds(
    image: NDArray[np.float32], world: NDArray[np.float32], times: NDArray[np.float64]
) -> Iterator[Crowd]:
    """The landmarks (n, 33, 4) and (n, 33, 3), PIECE frames at a time."""
    seen = np.isfinite(image).all(axis=(1, 2)) & np.isfinite(world).all(axis=(1, 2))
    identities = seen.astype(np.uint32)[:, None]
    for first in range(0, len(times), PIECE):
        piece = slice(first, first + PIECE)
        yield Crowd(identities[piece], image[piece, None], world[piece, None], times[piece])


def _rows(told: Any, frames: int, numbers: int) -> NDArray[np.float32]:
    """(frames, 33, numbers) landmarks; NaN in a frame that has none.

    Raises:
        ValueError, TypeError: that is not what is told.
    """
    if not isinstance(told, list) or len(told) != frames:
        raise ValueError("There are not as many landmarks as times.")
    rows = np.full((frames, 33, numbers), np.nan, np.float32)
    for row, landmarks in zip(rows, told, strict=True):
        if landmarks is not None:
            row[:] = _landmarks(landmarks, numbers)
    return rows


def _landmarks(told: Any, numbers: int) -> NDArray[np.float64]:
    landmarks = np.array(told, np.float64)
    if landmarks.shape != (33, numbers) or not (np.abs(landmarks) <= FARTHEST).all():
        raise ValueError("They are no landmarks.")
    return landmarks


def _side(told: Any) -> int:
    if type(told) is not int or not 1 <= told <= LONGEST_SIDE:
        raise ValueError("It is no size.")
    return told


def _seconds(told: Any) -> float:
    if type(told) not in (int, float):
        raise ValueError("It is no time.")
    return float(told)


def _refuse(constant: str) -> None:
    raise ValueError(f"JSON knows no {constant}.")


def _unreadable() -> UndecodableError:
    return UndecodableError(f"The answer that was sent has no landmarks to be read; {AGAIN}.")
