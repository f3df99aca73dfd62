"""What was found out about a video as JSON: the plain answer, and what is asked for beside it."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analyzer.body import Body
from analyzer.holds import Hold, Measured, NearMiss, Undecidable
from analyzer.poses import Pose
from analyzer.report.advice import Advice
from analyzer.report.analysis import Analysis

DIGITS: Final = 4
"""Decimal places of landmarks, scores and seconds."""


def answer(analysis: Analysis, include: Collection[str] = ()) -> dict[str, Any]:
    """Give the plain answer, and a key for each further thing that is asked for.

    Args:
        analysis: with its landmarks kept, if "landmarks" or "angles" are included.
        include: of limits.INCLUDES.
    """
    result: dict[str, Any] = dict(analysis.answer())
    if "segments" in include:
        result["segments"] = [segment(hold) for hold in analysis.holds]
        result["near_misses"] = [segment(miss) for miss in analysis.near_misses]
        result["undecidable"] = [_undecidable(stretch) for stretch in analysis.undecidable]
    if "video" in include:
        result["video"] = {
            "width": analysis.video.width,
            "height": analysis.video.height,
            "rotation": analysis.video.rotation,
            "mirrored": analysis.video.mirrored,
            "codec": analysis.video.codec,
            "frame_rate": analysis.video.frame_rate,
            "duration": round(analysis.duration, DIGITS),
            "decoded_frames": analysis.total_frames,
            "undecoded_packets": analysis.undecoded_packets,
            "frames_with_person": analysis.frames_with_person,
            "advice": [_advice(advice) for advice in analysis.advice],
        }
    if "landmarks" in include:
        result["landmarks"] = _rows(analysis.landmarks.image)
    if "angles" in include:
        result["angles"] = _angles(analysis)
    if "timing" in include:
        result["timing"] = {
            "decode": round(analysis.timing.decode, DIGITS),
            "inference": round(analysis.timing.inference, DIGITS),
            "poses": round(analysis.timing.poses, DIGITS),
        }
    return result


def segment(found: Hold | NearMiss) -> dict[str, Any]:
    """A hold or near miss: where in the video, how well, and how each condition stood."""
    result: dict[str, Any] = {
        "pose": found.pose,
        "side": found.side,
        "first": found.first,
        "last": found.last,
        "best": found.best,
        "start": round(found.start, DIGITS),
        "end": round(found.end, DIGITS),
        "score": round(found.score, DIGITS),
    }
    if isinstance(found, NearMiss):
        result["reason"] = found.reason
        result["off"] = [_measured(condition) for condition in found.off]
    elif found.turns is not None:
        result["turns"] = found.turns
    result["conditions"] = [_measured(condition) for condition in found.conditions]
    return result


def catalogue_entry(pose: Pose) -> dict[str, Any]:
    """A pose as the catalogue describes it."""
    return {
        "name": pose.name,
        "family": pose.family,
        "description": pose.description,
        "source": pose.source,
        "aliases": dict(pose.aliases),
        "sides": [side for side in pose.sides if side is not None],
        "views": list(pose.views),
        "grade": pose.grade,
        "experimental": pose.grade == "C",
        "min_hold": pose.min_hold,
        "kind": "movement" if pose.movement else "static",
        "implies": list(pose.implies),
    }


def _advice(advice: Advice) -> dict[str, Any]:
    result: dict[str, Any] = {"reason": advice.reason, "text": advice.text}
    if advice.turn is not None:
        result["turn"] = advice.turn
    return result


def _undecidable(stretch: Undecidable) -> dict[str, Any]:
    return {
        "pose": stretch.pose,
        "first": stretch.first,
        "last": stretch.last,
        "start": round(stretch.start, DIGITS),
        "end": round(stretch.end, DIGITS),
        "reason": stretch.reason,
    }


def _measured(condition: Measured) -> dict[str, Any]:
    # A quantity that could not be measured in this frame has no value; JSON knows no NaN.
    measurable = bool(np.isfinite(condition.value))
    return {
        "quantity": condition.quantity,
        "value": round(float(condition.value), 2) if measurable else None,
        "low": condition.low,
        "high": condition.high,
        "unit": condition.unit,
        "held": condition.held,
        "joints": list(condition.joints),
    }


def _angles(analysis: Analysis) -> dict[str, list[float | None]]:
    landmarks = analysis.landmarks
    size = analysis.video.width, analysis.video.height
    body = Body(landmarks.image, landmarks.world, landmarks.times, *size)
    quantities = [body.trunk_tilt]
    for side in body.sides:
        quantities += [side.elbow, side.arm_raised, side.hip, side.knee]
    return {quantity.name: _column(quantity.value) for quantity in quantities}


def _column(values: NDArray[np.float32]) -> list[float | None]:
    return [round(value, 1) if np.isfinite(value) else None for value in values.tolist()]


def _rows(image: NDArray[np.float32]) -> list[Sequence[Sequence[float]] | None]:
    """(n, 33, 4) as lists, None for a frame without a person."""
    present = np.isfinite(image).all(axis=(1, 2))
    rounded = np.round(image.astype(np.float64), DIGITS)
    return [row.tolist() if here else None for row, here in zip(rounded, present, strict=True)]
