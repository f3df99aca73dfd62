"""Who is in a picture, found without knowing of earlier ones: MediaPipe's pose detector.

Anchors, decoding and suppression are those of MediaPipe's pose_detection graph.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.engine import DETECTED_SIZE, Engine
from analyzer.estimation.estimator import Floats
from analyzer.estimation.region import Region, bare_parts, sigmoid
from analyzer.frames.opencv import cv2

SURE: Final = 0.5
"""Score from which a detection counts."""

SAME: Final = 0.3
"""Share of what two boxes cover together that they have in common where they show one person."""

_POINTS: Final = 2
"""Points of a body, of the four that the detector gives; the others are of the upper body."""

_STRIDES: Final = ((8, 2), (16, 2), (32, 6))
"""Pixels from anchor to anchor, and anchors at each place."""


class Detection(NamedTuple):
    """A person in a picture; places are parts of its width and height."""

    score: float
    """From 0 to 1."""
    face: Floats
    """(2, 2): the top left and the bottom right corner of the face, with which it begins."""
    body: Floats
    """(2, 2): the middle of the hips, and a point over the head on the circle around the body."""


def detect(engine: Engine, pixels: NDArray[np.uint8]) -> list[Detection]:
    """Give those who are found in a picture, (height, width, 3) RGB, the surest first."""
    height, width = pixels.shape[:2]
    long = max(width, height)
    half = np.float32(0.5)
    square = Region(half, half, np.float32(long / width), np.float32(long / height), np.float32(0))
    boxes, logits = engine.detected(square.seen(pixels, DETECTED_SIZE, cv2.BORDER_CONSTANT))
    scores = sigmoid(np.clip(logits, -100, 100))
    sure = np.flatnonzero(scores >= SURE)
    values = boxes[sure, : 4 + 2 * _POINTS] / np.float32(DETECTED_SIZE)
    middle, reach = values[:, :2] + _anchors()[sure], values[:, 2:4] / 2
    body = values[:, 4:].reshape(-1, _POINTS, 2) + _anchors()[sure, None]
    shapes = np.concatenate([np.stack([middle - reach, middle + reach], axis=1), body], axis=1)
    # What is left and right, or above and below, of the picture in the square.
    bare = bare_parts(np.array([width, height], np.float32))
    return [
        Detection(score, *np.split((shape - bare) / (1 - (bare + bare)), 2))
        for score, shape in _merged(scores[sure], shapes)
    ]


def _merged(scores: Floats, shapes: Floats) -> Iterator[tuple[float, Floats]]:
    """Each person once: the mean of the detections that cover each other, by their scores.

    Args:
        scores: (n,).
        shapes: (n, 4, 2), of which the first two points are the corners of the face.
    """
    left = np.argsort(-scores, kind="stable")
    while len(left):
        best = left[0]
        alike = _overlap(shapes[best, :2], shapes[left, :2]) > SAME
        alike[0] = True
        group = left[alike]
        weighted = np.add.accumulate(shapes[group] * scores[group, None, None])[-1]
        yield float(scores[best]), weighted / np.add.accumulate(scores[group])[-1]
        left = left[~alike]


def _overlap(box: Floats, boxes: Floats) -> Floats:
    """The share (n,) that a box (2, 2) has in common with each of boxes (n, 2, 2)."""
    low, high = np.maximum(box[0], boxes[:, 0]), np.minimum(box[1], boxes[:, 1])
    common = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(boxes[:, 1] - boxes[:, 0], axis=1)
    together = np.prod(box[1] - box[0]) + areas - common
    return np.asarray(common / np.maximum(together, 1e-12))


@cache
def _anchors() -> Floats:
    """(2254, 2): the middle of each anchor as part of the picture's sides, across and down."""
    anchors = []
    for stride, each in _STRIDES:
        count = DETECTED_SIZE // stride
        places = (np.arange(count) + 0.5) / count
        down, across = np.meshgrid(places, places, indexing="ij")
        anchors.append(np.repeat(np.stack([across.ravel(), down.ravel()], axis=1), each, axis=0))
    return np.asarray(np.concatenate(anchors), np.float32)
