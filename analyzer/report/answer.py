"""What was found out about a video as JSON: the plain answer, and what is asked for beside it."""

import json
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analyzer.body import Floats
from analyzer.holds import Hold, Measured, NearMiss, Undecidable
from analyzer.poses import Pose
from analyzer.report.analysis import DIGITS, Analysis
from analyzer.report.attendance import Dancer
from analyzer.report.beat import beat_text
from analyzer.report.group import group_text
from analyzer.report.kept import KeptLandmarks
from analyzer.report.sight import Advice


def answer_text(analysis: Analysis, include: Collection[str] = ()) -> Iterator[str]:
    """Give the plain answer and a key for each further thing that is asked for, as JSON in pieces.

    What grows with the video, landmarks and angles, comes a piece after the other. The timing,
    which goes on until the answer is written, is not in it.

    Args:
        analysis: with its landmarks kept, if "landmarks", "angles", "group" or "beat" are
            included, and its beats, if "beat" is.
        include: of limits.INCLUDES; "group" where several dancers are told apart.
    """
    yield json.dumps(_short(analysis, include)).removesuffix("}")
    size = analysis.video.width, analysis.video.height
    if "landmarks" in include:
        yield f', "size": {list(size)}, "times": '
        yield from _times_text(analysis)
        yield ', "landmarks": '
        yield from _of_each(analysis, partial(_landmarks_text, name="image"))
        yield ', "world_landmarks": '
        yield from _of_each(analysis, partial(_landmarks_text, name="world"))
    if "angles" in include:
        yield ', "angles": '
        yield from _of_each(analysis, partial(_angles_text, size=size))
    if "group" in include:
        yield ', "group": '
        yield from group_text(analysis)
    if "beat" in include:
        yield ', "beat": '
        yield from beat_text(analysis)
    yield "}"


def _of_each(analysis: Analysis, text: Callable[[KeptLandmarks], Iterator[str]]) -> Iterator[str]:
    """What is to be said of a dancer's landmarks; of several dancers, an object by their number."""
    if analysis.apart is None:
        yield from text(analysis.alone)
        return
    assert analysis.landmarks is not None
    separator = "{"
    for number in analysis.apart:
        yield f'{separator}"{number}": '
        yield from text(analysis.landmarks.of(number))
        separator = ", "
    yield "}" if analysis.apart else "{}"


def _landmarks_text(landmarks: KeptLandmarks, name: Literal["image", "world"]) -> Iterator[str]:
    separator = "["
    for piece in landmarks.pieces():
        yield separator + json.dumps(_rows(getattr(piece, name)))[1:-1]
        separator = ", "
    yield "]"


def _times_text(analysis: Analysis) -> Iterator[str]:
    assert analysis.landmarks is not None
    separator = "["
    for piece in analysis.landmarks.pieces():
        yield separator + json.dumps(np.round(piece.times, DIGITS).tolist())[1:-1]
        separator = ", "
    yield "]"


def _angles_text(landmarks: KeptLandmarks, size: tuple[int, int]) -> Iterator[str]:
    separator = "{"
    for name, values in _angles(landmarks, size):
        yield f"{separator}{json.dumps(name)}: {json.dumps(_column(values))}"
        separator = ", "
    yield "}"


def timing(analysis: Analysis) -> dict[str, float]:
    """Give the seconds of each part of the analysis."""
    return {
        "decode": round(analysis.timing.decode, DIGITS),
        "inference": round(analysis.timing.inference, DIGITS),
        "poses": round(analysis.timing.poses, DIGITS),
    }


def _short(analysis: Analysis, include: Collection[str]) -> dict[str, Any]:
    """What of the answer is short, however long the video is."""
    result: dict[str, Any] = dict(analysis.answer())
    if "segments" in include:
        result["segments"] = [segment(hold) for hold in analysis.holds]
        result["near_misses"] = [segment(miss) for miss in analysis.near_misses]
        result["undecidable"] = [_undecidable(stretch) for stretch in analysis.undecidable]
        if analysis.dancers is not None:
            result["dancers"] = [_dancer(dancer) for dancer in analysis.dancers]
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
    return result


def segment(found: Hold | NearMiss) -> dict[str, Any]:
    """A hold or near miss: where in the video, how well, and how each condition stood."""
    result: dict[str, Any] = {
        "pose": found.pose,
        "side": found.side,
        **_whose(found),
        "first": found.first,
        "last": found.last,
        "best": found.best,
        "start": round(found.start, DIGITS),
        "end": round(found.end, DIGITS),
        "score": round(found.score, DIGITS),
    }
    if isinstance(found, NearMiss):
        result["reason"] = found.reason
        result["off"] = [measured(condition) for condition in found.off]
    elif found.turns is not None:
        result["turns"] = found.turns
    result["conditions"] = [measured(condition) for condition in found.conditions]
    return result


def measured(condition: Measured) -> dict[str, Any]:
    """Give a condition as it stood in one frame."""
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
        "drawing": pose.drawing,
    }


def _advice(advice: Advice) -> dict[str, Any]:
    result: dict[str, Any] = {"reason": advice.reason, "text": advice.text}
    if advice.turn is not None:
        result["turn"] = advice.turn
    return result


def _whose(found: Hold | NearMiss | Undecidable) -> dict[str, int]:
    """The number of the dancer, where dancers are told apart."""
    return {} if found.dancer is None else {"dancer": found.dancer}


def _dancer(dancer: Dancer) -> dict[str, Any]:
    return {
        "dancer": dancer.number,
        "first": dancer.first,
        "last": dancer.last,
        "frames": dancer.frames,
        "lost": [
            {
                "first": lost.first,
                "last": lost.last,
                "start": round(lost.start, DIGITS),
                "end": round(lost.end, DIGITS),
            }
            for lost in dancer.lost
        ],
    }


def _undecidable(stretch: Undecidable) -> dict[str, Any]:
    return {
        "pose": stretch.pose,
        **_whose(stretch),
        "first": stretch.first,
        "last": stretch.last,
        "start": round(stretch.start, DIGITS),
        "end": round(stretch.end, DIGITS),
        "reason": stretch.reason,
    }


def _angles(landmarks: KeptLandmarks, size: tuple[int, int]) -> Iterator[tuple[str, Floats]]:
    """The joints by name, each with its (n,) angles in degrees."""
    columns: dict[str, list[Floats]] = {}
    for body, piece in landmarks.bodies(*size):
        quantities = [body.trunk_tilt]
        for side in body.sides:
            quantities += [side.elbow, side.arm_raised, side.hip, side.knee]
        for quantity in quantities:
            columns.setdefault(quantity.name, []).append(quantity.value[piece].copy())
    for name, parts in columns.items():
        yield name, np.concatenate(parts)


def _column(values: Floats) -> list[float | None]:
    return [round(value, 1) if np.isfinite(value) else None for value in values.tolist()]


def _rows(landmarks: NDArray[np.float32]) -> list[list[list[float]] | None]:
    """(n, 33, k) as lists, None for a frame without a person."""
    present = np.isfinite(landmarks).all(axis=(1, 2))
    rounded = np.round(landmarks.astype(np.float64), DIGITS)
    return [row.tolist() if here else None for row, here in zip(rounded, present, strict=True)]
