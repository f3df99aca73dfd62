"""How a dancer is clothed, to tell dancers apart where their places can't."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.estimator import Floats

DIFFERENT: Final = 0.12
"""From this difference on two looks are of two dancers."""

_SHOULDERS: Final = (11, 12)
_HIPS: Final = (23, 24)
_KNEES: Final = (25, 26)
_ALONG: Final = np.array([0.25, 0.5, 0.75], np.float32)


def appearance(pixels: NDArray[np.uint8], places: Floats) -> Floats:
    """Give the colours of a dancer's trunk and thighs.

    Args:
        pixels: (height, width, 3) RGB.
        places: (33, 2) landmarks as parts of the frame's width and height.

    Returns:
        (2, 3) red, green, blue from 0 to 1: the median of the trunk, and of the thighs.
    """
    height, width = pixels.shape[:2]
    shoulders, hips, knees = (places[list(each), :2] for each in (_SHOULDERS, _HIPS, _KNEES))
    sides = shoulders + _ALONG[:, None, None] * (hips - shoulders)
    trunk = sides[:, :1] + _ALONG[None, :, None] * (sides[:, 1:] - sides[:, :1])
    thighs = hips + _ALONG[:, None, None] * (knees - hips)
    colours = []
    for points in (trunk.reshape(-1, 2), thighs.reshape(-1, 2)):
        x, y = np.clip((points * (width, height)).astype(int).T, 0, [[width - 1], [height - 1]])
        colours.append(np.median(pixels[y, x], axis=0) / 255)
    return np.array(colours, np.float32)


def difference(one: Floats, other: Floats) -> float:
    """How far two looks are apart, from 0: the mean distance of their colours."""
    return float(np.linalg.norm(one - other, axis=1).mean())
