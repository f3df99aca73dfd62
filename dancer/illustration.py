"""Drawings of poses for the catalogue: one still figure as a small SVG picture."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from dancer.drawing import Camera, Clothes, Shades, figure
from dancer.figure import Build, clearance, skeleton, vertical_turn
from dancer.repertoire import REPERTOIRE

SIZE: Final = 400
"""Width and height of a drawing; a metre is the same in all of them."""

_PIXELS_PER_METRE: Final = 160.0
_SHADES: Final[Shades] = ((1.0, 0.78), (0.66, 1.0))


def illustration(name: str) -> str:
    """The drawing of a pose of the repertoire: an SVG document without a background.

    The left side works, in the first of the pose's views; a movement is caught where it shows best.
    Raises KeyError if the repertoire has no such pose.
    """
    pose = REPERTOIRE[name]
    key = pose.perform(1)[pose.portrait]
    build = Build()
    body = skeleton(key.posture.coordinates()[None], build)
    turn = vertical_turn(np.radians(np.array([pose.yaws[0]])))[0]
    floor = np.array([0.0, clearance(body, build)[0] - key.posture.lifted, 0.0])
    points = {name: turn @ (point[0] - floor) for name, point in body.points.items()}
    middle = np.mean([[point[0] for point in points.values()]])
    camera = Camera.framing(
        _PIXELS_PER_METRE,
        (SIZE / 2 - middle * _PIXELS_PER_METRE, SIZE / 2),
        build.standing_height,
        pitch=0.0,
    )
    shapes = figure(
        {name: camera.see(point) for name, point in points.items()},
        camera.axes @ turn @ body.head[0],
        camera=camera,
        build=build,
        clothes=Clothes(),
        shades=_SHADES,
    )
    paths = "\n".join(
        f'<path fill="#{_hex(colour)}" d="{_path(line)}"/>' for line, colour in shapes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">\n{paths}\n</svg>\n'
    )


def _hex(colour: tuple[int, int, int]) -> str:
    blue, green, red = colour
    return f"{red:02x}{green:02x}{blue:02x}"


def _path(outline: NDArray[np.float32]) -> str:
    """The outline to half a unit in few points, each as whole steps from the one before."""
    # Rounded first, so that the last bit of a sum does not decide which points are kept.
    outline = np.round(outline, 2)
    corners = np.round(cv2.approxPolyDP(outline, 0.5, closed=True)[:, 0]).astype(int)
    steps = np.diff(corners, axis=0, prepend=0)
    return "m" + " ".join(f"{x},{y}" for x, y in steps if x or y) + "z"
