"""Motion capture as landmarks: BVH files seen by cameras all round."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

LEG: Final = 0.83
"""Thigh and shin together, in metres, to which every skeleton is scaled."""

TORSO: Final = 0.53
"""From the middle of the hips to that of the shoulders, in metres, as MediaPipe sees it."""

SIZE: Final = (1280, 720)
"""Width and height of the picture that the cameras take."""

_JOINTS: Final[Sequence[Mapping[str, str]]] = (
    {
        "head": "CC_Base_Head",
        "shoulder": "CC_Base_{}_Upperarm",
        "elbow": "CC_Base_{}_Forearm",
        "wrist": "CC_Base_{}_Hand",
        "finger": "CC_Base_{}_Mid1",
        "hip": "CC_Base_{}_Thigh",
        "knee": "CC_Base_{}_Calf",
        "ankle": "CC_Base_{}_Foot",
        "toe": "CC_Base_{}_ToeBase",
    },
    {
        "head": "Head",
        "shoulder": "{}Arm",
        "elbow": "{}ForeArm",
        "wrist": "{}Hand",
        "finger": "{}HandEnd",
        "hip": "{}UpLeg",
        "knee": "{}Leg",
        "ankle": "{}Foot",
        "toe": "{}ToeBase",
    },
    {
        "head": "Head",
        "shoulder": "{}Shoulder",
        "elbow": "{}Elbow",
        "wrist": "{}Wrist",
        "finger": "{}Wrist",
        "hip": "{}Hip",
        "knee": "{}Knee",
        "ankle": "{}Ankle",
        "toe": "{}Toe",
    },
)
"""What the parts of the body are called in the skeletons that are known."""


@dataclass(frozen=True)
class Motion:
    """The joints of a skeleton over n frames: points (n, 3), y up, and times (n,) in seconds."""

    points: Mapping[str, Points]
    times: Points


def read_bvh(path: Path) -> Motion:
    """The motion of a BVH file, by joint. Raises ValueError for a file that is none."""
    head, mark, tail = path.read_text(encoding="utf-8", errors="replace").partition("MOTION")
    if not mark:
        raise ValueError(f"{path} has no motion: it is no BVH file.")
    joints = _hierarchy(iter(head.split()))
    numbers = tail.split()
    frames, step = int(numbers[1]), float(numbers[4])
    values = np.array(numbers[5:], np.float64).reshape(frames, -1)
    turns: list[Points] = []
    places: list[Points] = []
    column = 0
    for joint in joints:
        place = np.broadcast_to(np.array(joint.offset), (frames, 3)).copy()
        turn = np.broadcast_to(np.eye(3), (frames, 3, 3))
        for channel in joint.channels:
            axis = "XYZ".index(channel[0])
            if not channel.endswith("position"):
                turn = turn @ _rotation(axis, np.radians(values[:, column]))
            elif joint.parent < 0:
                place[:, axis] = values[:, column]
            column += 1
        if joint.parent >= 0:
            place = places[joint.parent] + np.einsum("nij,nj->ni", turns[joint.parent], place)
            turn = turns[joint.parent] @ turn
        places.append(place)
        turns.append(turn)
    names = [joint.name for joint in joints]
    return Motion(dict(zip(names, places, strict=True)), np.arange(frames) * step)


@dataclass
class _Joint:
    name: str
    parent: int
    offset: tuple[float, ...] = (0.0, 0.0, 0.0)
    channels: tuple[str, ...] = ()


def _hierarchy(words: Iterator[str]) -> list[_Joint]:
    """The joints in the order of the file, each with the number of its parent, -1 for the root."""
    joints: list[_Joint] = []
    above: list[int] = []
    for word in words:
        if word in {"ROOT", "JOINT", "End"}:
            parent = above[-1] if above else -1
            name = next(words)
            joints.append(_Joint(f"{joints[parent].name} end" if word == "End" else name, parent))
        elif word == "{":
            above.append(len(joints) - 1)
        elif word == "}":
            above.pop()
        elif word == "OFFSET":
            joints[above[-1]].offset = tuple(float(next(words)) for _ in range(3))
        elif word == "CHANNELS":
            joints[above[-1]].channels = tuple(next(words) for _ in range(int(next(words))))
    return joints


def resampled(motion: Motion, frame_rate: float) -> Motion:
    """The frames of a motion nearest to an even `frame_rate`."""
    wanted = np.arange(0, motion.times[-1], 1 / frame_rate)
    at = np.clip(np.searchsorted(motion.times, wanted), 0, len(motion.times) - 1)
    return Motion({name: point[at] for name, point in motion.points.items()}, motion.times[at])


def seen_from(
    motion: Motion, yaw: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Image (n, 33, 4) and world (n, 33, 3) landmarks from a camera `yaw` degrees round."""
    body = _landmarks(motion)
    body = body @ _rotation(1, np.radians(np.array([yaw])))[0].T
    hips = body[:, 23:25].mean(axis=1, keepdims=True)
    world = (body - hips) * np.array([1.0, -1.0, -1.0])
    low, high = body[..., :2].min(axis=(0, 1)), body[..., :2].max(axis=(0, 1))
    pixels = 0.9 * (np.array(SIZE) / np.maximum(high - low, 0.1)).min()
    seen = (body[..., :2] - (low + high) / 2) * pixels / np.array(SIZE) * np.array([1, -1]) + 0.5
    image = np.concatenate(
        [seen, world[..., 2:] * pixels / SIZE[0], np.ones((*seen.shape[:2], 1))], axis=2
    )
    return image.astype(np.float32), world.astype(np.float32)


def _landmarks(motion: Motion) -> Points:
    """(n, 33, 3) the landmarks in metres, y up, as far as the skeleton tells."""
    names = next(
        (
            names
            for names in _JOINTS
            if names["head"] in motion.points
            and names["shoulder"].format(_sides(names)[0]) in motion.points
            and names["knee"].format(_sides(names)[0]) in motion.points
        ),
        None,
    )
    if names is None:
        raise ValueError("The joints of this skeleton have names that are not known.")
    place: dict[str, Points] = {"head": motion.points[names["head"]]}
    for side, word in zip(("left", "right"), _sides(names), strict=True):
        for part, name in names.items():
            if part != "head":
                place[f"{side} {part}"] = motion.points[name.format(word)]
    height = np.abs(np.median(place["head"] - place["left ankle"], axis=0))
    if height[2] > height[1]:
        place = {name: point[:, [0, 2, 1]] * (1, 1, -1) for name, point in place.items()}
    leg = np.linalg.norm(place["left hip"] - place["left knee"], axis=1)
    leg += np.linalg.norm(place["left knee"] - place["left ankle"], axis=1)
    place = {name: point * LEG / np.median(leg) for name, point in place.items()}

    # Skeletons have the shoulder joints lower than the landmarks are; the rest goes with them.
    hips = (place["left hip"] + place["right hip"]) / 2
    trunk = (place["left shoulder"] + place["right shoulder"]) / 2 - hips
    short = max(TORSO - float(np.median(np.linalg.norm(trunk, axis=1))), 0.0)
    for name in place:
        if name.split()[-1] in {"head", "shoulder", "elbow", "wrist", "finger"}:
            place[name] = place[name] + short * _unit(trunk)
    sole = {side: _sole(place, side) for side in ("left", "right")}
    across = place["left shoulder"] - place["right shoulder"]
    shoulders = (place["left shoulder"] + place["right shoulder"]) / 2
    up = _unit(place["head"] - shoulders)
    left = _unit(across)
    front = _unit(np.cross(left, up))
    landmarks = np.zeros((len(motion.times), 33, 3))
    head = place["head"]
    landmarks[:, 0] = head + 0.05 * up + 0.11 * front
    landmarks[:, 1:11] = (head + 0.08 * up + 0.09 * front)[:, None]
    landmarks[:, 7] = head + 0.06 * up + 0.08 * left
    landmarks[:, 8] = head + 0.06 * up - 0.08 * left
    for index, side in enumerate(("left", "right")):
        wrist, ankle = place[f"{side} wrist"], place[f"{side} ankle"]
        hand = _unit(wrist - place[f"{side} elbow"])
        shin = _unit(ankle - place[f"{side} knee"])
        foot = _unit(place[f"{side} toe"] - ankle - sole[side] * shin)
        for first, point in (
            (11, place[f"{side} shoulder"]),
            (13, place[f"{side} elbow"]),
            (15, wrist),
            (17, wrist + 0.09 * hand),
            (19, wrist + 0.1 * hand),
            (21, wrist + 0.06 * hand),
            (23, place[f"{side} hip"]),
            (25, place[f"{side} knee"]),
            (27, ankle),
            (29, ankle + 0.06 * shin - 0.05 * foot),
            (31, ankle + 0.06 * shin + 0.16 * foot),
        ):
            landmarks[:, first + index] = point
    return landmarks


def _sole(place: Mapping[str, Points], side: str) -> float:
    """How much lower than the ankle the joint of the toes is in a foot that stands flat, in metres.

    Skeletons differ in it; the ankle is that low only where the foot is flat on the floor.
    """
    ankle, toe = (
        float(np.percentile(place[f"{side} {part}"][:, 1], 5)) for part in ("ankle", "toe")
    )
    return ankle - toe


def _sides(names: Mapping[str, str]) -> tuple[str, str]:
    return ("L", "R") if "CC_Base" in names["head"] else ("Left", "Right")


def _unit(lines: Points) -> Points:
    return np.asarray(lines / np.maximum(np.linalg.norm(lines, axis=-1, keepdims=True), 1e-9))


def _rotation(axis: int, angle: Points) -> Points:
    """(n, 3, 3) rotations about the x, y or z axis by (n,) radians."""
    turn = np.zeros((len(angle), 3, 3))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn[:, axis, axis] = 1
    turn[:, first, first] = turn[:, second, second] = np.cos(angle)
    turn[:, first, second] = -np.sin(angle)
    turn[:, second, first] = np.sin(angle)
    return turn
