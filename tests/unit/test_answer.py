"""The answer is written in pieces, and is the same as if it were made in one."""

import json
import tracemalloc
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyzer.body import Body, Crowd
from analyzer.child.protocol import longest_file
from analyzer.frames.video import VideoInfo
from analyzer.report.analysis import Analysis, Timing
from analyzer.report.answer import answer_text
from analyzer.report.kept import PIECE, KeptLandmarks, Landmarks
from dancer.film import film

INFO = VideoInfo(640, 480, 0, False, "h264", 60.0, 0)


def some(landmarks: Landmarks, first: int, last: int) -> Landmarks:
    """Those of some of the frames."""
    image, world, times = landmarks
    return Landmarks(image[first:last], world[first:last], times[first:last])


def alone(landmarks: Landmarks) -> Crowd:
    """One person in a place, or nobody."""
    image, world, times = landmarks
    here = np.isfinite(image).all(axis=(1, 2))
    return Crowd(here[:, None].astype(np.uint32), image[:, None], world[:, None], times)


def analysis_of(landmarks: Landmarks, batch: int = PIECE) -> Analysis:
    """An analysis that found nothing, with landmarks that came in batches."""
    kept = KeptLandmarks(BytesIO())
    for first in range(0, len(landmarks.times), batch):
        kept.append(alone(some(landmarks, first, first + batch)))
    return analysis_with(kept)


def analysis_with(kept: KeptLandmarks) -> Analysis:
    """An analysis that found nothing."""
    total, timing = len(kept), Timing(0.0, 0.0, 0.0)
    return Analysis(INFO, total, 0, total, total / 60, [], [], [], [], timing, kept)


@pytest.fixture(scope="module")
def dance() -> Landmarks:
    """Exact landmarks of a dancer who turns and is away for a while, over several pieces."""
    filmed = film([("T-Pose", None, 6.0), ("Tree", "left", 14.0)], frame_rate=60.0)
    image, world = (np.array(values, np.float32) for values in filmed.landmarks())
    image[700:760] = world[700:760] = np.nan
    image += np.random.default_rng(1).normal(0, 0.004, image.shape).astype(np.float32)
    assert len(image) > 2 * PIECE
    return Landmarks(image, world, np.asarray(filmed.times, np.float64))


def in_one(landmarks: Landmarks, include: Sequence[str]) -> str:
    """The text of the answer of an analysis that found nothing, from all frames at once."""
    image, world, times = landmarks
    result: dict[str, Any] = {"detected_poses": {}, "total_frames": len(times)}
    if "segments" in include:
        result |= {"segments": [], "near_misses": [], "undecidable": []}
    if "landmarks" in include:
        rounded = np.round(image.astype(np.float64), 4)
        here = np.isfinite(image).all(axis=(1, 2))
        result["landmarks"] = [
            row.tolist() if seen else None for row, seen in zip(rounded, here, strict=True)
        ]
    if "angles" in include:
        body = Body(image, world, times, INFO.width, INFO.height)
        quantities = [body.trunk_tilt]
        for side in body.sides:
            quantities += [side.elbow, side.arm_raised, side.hip, side.knee]
        result["angles"] = {
            quantity.name: [
                round(value, 1) if np.isfinite(value) else None for value in quantity.value.tolist()
            ]
            for quantity in quantities
        }
    return json.dumps(result)


@pytest.mark.parametrize("batch", [PIECE, 37, 5000])
@pytest.mark.parametrize(
    "include", [[], ["landmarks"], ["angles"], ["angles", "segments", "landmarks"]]
)
def test_the_text_in_pieces_is_that_of_the_whole(
    dance: Landmarks, include: list[str], batch: int
) -> None:
    text = "".join(answer_text(analysis_of(dance, batch), include))
    assert text == in_one(dance, include)


@pytest.mark.parametrize("frames", [1, PIECE, PIECE + 1])
def test_a_text_has_no_piece_too_few_or_too_many(dance: Landmarks, frames: int) -> None:
    clip = some(dance, 0, frames)
    include = ["landmarks", "angles"]
    assert "".join(answer_text(analysis_of(clip), include)) == in_one(clip, include)


def far_away(first: int) -> Landmarks:
    """Landmarks of PIECE frames from a number on, whose numbers take as much room as any do."""
    chance = np.random.default_rng(1)
    image = chance.uniform(-12.9, -12.1, (PIECE, 33, 4)).astype(np.float32)
    world = chance.uniform(-0.9, 0.9, (PIECE, 33, 3)).astype(np.float32)
    return Landmarks(image, world, np.arange(first, first + PIECE) / 60)


def test_a_long_answer_fits_into_its_file_and_takes_no_more_memory_than_a_short_one(
    tmp_path: Path,
) -> None:
    peaks = []
    for pieces in (4, 12):
        with (tmp_path / f"{pieces}").open("w+b") as file:
            tracemalloc.start()
            kept = KeptLandmarks(file)
            for piece in range(pieces):
                kept.append(alone(far_away(piece * PIECE)))
            text = answer_text(analysis_with(kept), ["landmarks", "angles"])
            length = sum(map(len, text))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert length < longest_file(pieces * PIECE, renders=False)
    # Nine columns of angles stay until the end, 36 bytes a frame, with the times and one as text.
    assert peaks[1] - peaks[0] < 150 * 8 * PIECE
