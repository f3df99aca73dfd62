"""The landmarks of a body."""

from enum import IntEnum
from typing import NamedTuple


class Landmark(IntEnum):
    """The 33 landmarks of MediaPipe Pose, by index."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


Joints = tuple[Landmark, ...]

TORSO: Joints = (
    Landmark.LEFT_SHOULDER,
    Landmark.RIGHT_SHOULDER,
    Landmark.LEFT_HIP,
    Landmark.RIGHT_HIP,
)
LIMBS: Joints = tuple(Landmark(i) for i in (*range(11, 17), *range(23, 29)))


class SideLandmarks(NamedTuple):
    """The landmarks of an arm and a leg.

    `side.landmarks.knee` is the landmark, `side.knee` the angle there.
    """

    shoulder: Landmark
    elbow: Landmark
    wrist: Landmark
    hip: Landmark
    knee: Landmark
    ankle: Landmark
    heel: Landmark
    toes: Landmark


PARTS = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE", "HEEL", "FOOT_INDEX")
"""The landmarks of a side in the order of SideLandmarks, as MediaPipe calls them."""

LEFT, RIGHT = (
    SideLandmarks(*(Landmark[f"{side}_{part}"] for part in PARTS)) for side in ("LEFT", "RIGHT")
)
