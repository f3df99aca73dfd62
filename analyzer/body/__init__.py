"""What is measured of a body, for those who write poses and for the rooms that judge them."""

from analyzer.body.body import Body
from analyzer.body.clip import AFTER, BEFORE, MOMENT
from analyzer.body.geometry import Floats
from analyzer.body.landmarks import Joints, Landmark
from analyzer.body.quantities import (
    DEGREES,
    ELAPSED,
    FALL,
    SECONDS,
    SHARE,
    SLACK,
    TORSOS,
    Condition,
    Quantity,
)
from analyzer.body.side import Side

__all__ = [
    "AFTER",
    "BEFORE",
    "DEGREES",
    "ELAPSED",
    "FALL",
    "MOMENT",
    "SECONDS",
    "SHARE",
    "SLACK",
    "TORSOS",
    "Body",
    "Condition",
    "Floats",
    "Joints",
    "Landmark",
    "Quantity",
    "Side",
]
