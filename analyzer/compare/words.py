"""How a limb that points elsewhere is to be told, in a teacher's words."""

import numpy as np

from analyzer.body import Floats
from analyzer.compare.shape import LIMBS, TRUNK


def off(place: int, change: Floats, degrees: float) -> str:
    """Tell what is off: "left elbow is 25 degrees lower".

    Args:
        place: of the limb in shape.NAMES.
        change: (3,) by how much its direction is another: to the dancer's left, up and forwards.
        degrees: the angle of that.
    """
    axis = int(np.abs(change).argmax())
    more = bool(change[axis] > 0)
    if place == TRUNK:
        way = (("right", "left"), ("down", "up"), ("back", "forwards"))[axis][more]
        return f"trunk leans {degrees:.0f} degrees further {way}"
    limb = LIMBS[place]
    if axis == 0:
        # Outwards is the limb's own side.
        more = more == limb.name.startswith("left")
    way = (("further in", "further out"), ("lower", "higher"), ("further back", "further forward"))[
        axis
    ][more]
    return f"{limb.end} is {degrees:.0f} degrees {way}"


def to_do(place: int, change: Floats) -> str:
    """Tell what to do about what is off: "raise it".

    Args:
        place, change: as for `off`.
    """
    axis = int(np.abs(change).argmax())
    more = bool(change[axis] > 0)
    if place == TRUNK:
        return (
            ("lean more to the left", "lean more to the right"),
            ("stretch up", "lean further over"),
            ("bring it forwards", "bring it back"),
        )[axis][more]
    if axis == 0:
        more = more == LIMBS[place].name.startswith("left")
    return (
        ("take it further out", "bring it further in"),
        ("raise it", "lower it"),
        ("bring it forward", "take it back"),
    )[axis][more]


def clock(seconds: float) -> str:
    """Tell a time: "1:04.5"."""
    tenths = round(max(seconds, 0.0) * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"
