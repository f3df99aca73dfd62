"""What is drawn into pictures: skeletons, left in blue and right in orange, and texts."""

from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analyzer.body import Landmark
from analyzer.frames.opencv import cv2

SEEN: Final = 0.5
"""Visibility below which a landmark is not drawn."""

LEFT: Final = (0, 160, 255)
RIGHT: Final = (255, 140, 0)
MIDDLE: Final = (235, 235, 235)
OFF: Final = (255, 40, 40)
STRIP: Final = (25, 25, 30)
BLACK: Final = (0, 0, 0)
Colour = tuple[int, int, int]

BONES: Final = (
    *((11, 12), (23, 24), (11, 23), (12, 24)),
    *((11, 13), (13, 15), (15, 19), (12, 14), (14, 16), (16, 20)),
    *((23, 25), (25, 27), (27, 29), (29, 31), (27, 31)),
    *((24, 26), (26, 28), (28, 30), (30, 32), (28, 32)),
    *((7, 0), (0, 8)),
)
"""Pairs of landmarks that are joined by a line."""

Picture = NDArray[np.uint8]


def draw_skeleton(
    picture: Picture,
    marks: NDArray[np.float32],
    off: Collection[Landmark],
    own: Colour | None = None,
) -> None:
    """Draw a dancer into a picture: joints that are off in red, and what is between two of them.

    Args:
        picture: (height, width, 3) RGB.
        marks: (33, 4) landmarks in the image as in `Body`.
        off: the joints that are off.
        own: the dancer's own colour in place of those of left and right, if there is one.
    """
    height, width = picture.shape[:2]
    points = np.round(marks[:, :2] * (width, height)).astype(int).tolist()
    thick = max(1, round(min(width, height) / 160))
    for first, last in BONES:
        if min(marks[first, 3], marks[last, 3]) >= SEEN:
            colour = MIDDLE if (first % 2) != (last % 2) else LEFT if first % 2 else RIGHT
            ink = OFF if first in off and last in off else own or colour
            cv2.line(picture, points[first], points[last], ink, thick, cv2.LINE_AA)
    for joint in range(11, 33):
        if marks[joint, 3] >= SEEN:
            wrong = Landmark(joint) in off
            colour = OFF if wrong else own or (LEFT if joint % 2 else RIGHT)
            radius = thick * (3 if wrong else 2)
            cv2.circle(picture, points[joint], radius, colour, -1, cv2.LINE_AA)


def letters(picture: Picture) -> float:
    """Tell how large letters are in a picture, in those of OpenCV."""
    return max(0.4, min(picture.shape[:2]) / 600)


def write(picture: Picture, text: str, place: tuple[int, int], colour: Colour) -> None:
    """Write a text from a place on, in pixels from the left and to its foot from the top."""
    size = letters(picture)
    thick = max(1, round(2 * size))
    for ink, width in ((BLACK, 3 * thick + 1), (colour, thick)):
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, ink, width, cv2.LINE_AA)


def with_cursor(strip: Picture, number: int, total: int) -> Picture:
    """Give a strip of a whole video with the moment `number` of `total` marked."""
    shown = strip.copy()
    place = number * strip.shape[1] // total
    shown[:, place : place + 2] = 255
    return shown
