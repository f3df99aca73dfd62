"""What of the landmarks is believed: those of one body, of the right limb, in the picture.

pixels: (33, n) the landmarks in the image, x + 1j y. world: (33, 3, n) metres. torso: (n,) a torso
length in pixels. times: (n,) seconds. NaN where nobody is found.
"""

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzer.body.geometry import Flags, Floats, Places, length
from analyzer.body.landmarks import TORSO

UNLIKE: Final = 0.25
"""How differently shaped the image and the world landmarks of a body may be."""

PROFILE: Final = 60.0
"""From how many degrees on a body is in profile, where limbs lie behind each other."""

TWIN: Final = 0.2
"""How near to its twin, in torso lengths, a joint then lies behind it."""

OUTSIDE: Final = 0.05
"""How far outside the picture, as a share of its width or height, a joint may be guessed."""

BRIEF: Final = 0.35
"""How long left and right may have changed places, in seconds."""

CROSSED: Final = 0.4
"""How far joints go by changing places, at most, beside how far they would go by staying."""

DISTINCT: Final = 0.12
"""How far apart, in torso lengths, two limbs are at least that are seen to change places."""

SHORTEST_STEP: Final = 1 / 30
"""How long the step between two frames counts at least, in seconds."""

LEAP: Final = 0.3
"""How far, in torso lengths, the middle of a body may move from a frame to the next at once."""

FASTEST: Final = 6.0
"""How fast it may move beside that, in torso lengths a second."""

GROWTH: Final = 0.25
"""By how much the size of a body may change from a frame to the next at once, as a logarithm."""

FASTEST_GROWTH: Final = 2.0
"""How fast it may change beside that, a second."""

# Each joint of the left limb, with that of the right one.
ARM_PAIRS: Final = np.array([(11, 12), (13, 14), (15, 16)])
LEG_PAIRS: Final = np.array([(25, 26), (27, 28), (29, 30), (31, 32)])


def visibility(image: npt.NDArray[np.float32]) -> Floats:
    """(33, n) the visibility of landmarks (n, 33, 4), 0 for what is outside of the picture."""
    seen = np.ascontiguousarray(image[:, :, 3].T)
    with np.errstate(invalid="ignore"):
        outside = (np.abs(image[:, :, :2] - 0.5) > 0.5 + OUTSIDE).any(axis=2)
    seen[outside.T] = 0
    return seen


def swapped(pixels: Places, times: npt.NDArray[np.float64], torso: Floats) -> Flags:
    """(33, n) where left and right have changed places for a moment.

    The tracker sometimes takes one leg (or arm) for the other for a few frames: every joint
    of the limb leaps to where the other's was, and back within BRIEF.
    """
    swapped = np.zeros(pixels.shape, np.bool_)
    if pixels.shape[1] < 3:
        return swapped
    for pairs in (ARM_PAIRS, LEG_PAIRS):
        left, right = pixels[pairs[:, 0]], pixels[pairs[:, 1]]
        kept = np.abs(np.diff(left)) + np.abs(np.diff(right))
        crossed = np.abs(left[:, 1:] - right[:, :-1]) + np.abs(right[:, 1:] - left[:, :-1])
        apart = np.abs(left - right)[:, 1:].mean(axis=0)
        with np.errstate(invalid="ignore"):
            kept, crossed = kept.mean(axis=0), crossed.mean(axis=0)
            leap = (crossed < CROSSED * kept) & (apart > DISTINCT * torso[1:])
        at = np.flatnonzero(leap) + 1
        for first, last in pairwise(at):
            if times[last] - times[first] <= BRIEF:
                swapped[pairs.ravel(), first:last] = True
    return swapped


def seen_behind(visibility: Floats, pixels: Places, torso: Floats, turned: Floats) -> Floats:
    """(33, n) the visibility, that of a limb hidden behind its twin being its twin's.

    In profile the far limb lies behind the near one: where that is seen, so is this.
    turned: (n,) how far the body is turned out of the front or back view, in degrees.
    """
    left, right = list(range(11, 33, 2)), list(range(12, 33, 2))
    gap = length(pixels[left] - pixels[right]) / torso
    seen = visibility.copy()
    with np.errstate(invalid="ignore"):
        behind = (gap < TWIN) & (turned > PROFILE)
    either = np.maximum(seen[left], seen[right])
    seen[left] = np.where(behind, either, seen[left])
    seen[right] = np.where(behind, either, seen[right])
    return seen


def alike(pixels: Places, world: Floats) -> Flags:
    """(n,) whether the image and the world landmarks are of one shape, as those of a body are."""
    rows = list(range(11, 33))
    pixels = pixels[rows] - pixels[rows].mean(axis=0)
    metres = world[rows, 0] + 1j * world[rows, 1]
    metres = metres - metres.mean(axis=0)
    scale = length(pixels * np.conj(metres)).sum(axis=0) / (length(metres) ** 2).sum(axis=0)
    rest = (length(pixels - scale * metres) ** 2).sum(axis=0)
    with np.errstate(invalid="ignore"):
        similar: Flags = rest < UNLIKE**2 * (length(pixels) ** 2).sum(axis=0)
    return similar


def jumps(pixels: Places, times: npt.NDArray[np.float64], torso: Floats) -> Flags:
    """(n,) whether the landmarks are of somewhere else than those of the frame before.

    The middle of the body moves or its size changes by more than a body does from one frame
    to the next: the tracker has lost the dancer or follows somebody else.
    """
    middle = pixels[list(TORSO)].mean(axis=0)
    seconds = np.maximum(np.diff(times), SHORTEST_STEP)
    moved = np.abs(np.diff(middle)) / torso[1:]
    grown = np.abs(np.diff(np.log(torso)))
    with np.errstate(invalid="ignore"):
        far = (moved > LEAP + FASTEST * seconds) | (grown > GROWTH + FASTEST_GROWTH * seconds)
    return np.concatenate([[False], far])
