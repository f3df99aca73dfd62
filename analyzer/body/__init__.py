"""What is measured of a body, for those who write poses and for the rooms that judge them.

A pose states conditions on the quantities of a `Body` and of its two `Side`s. Of a side,
`side.knee` is an angle and `side.landmarks.knee` the landmark; an angle between a limb and the
trunk or the vertical is called `..._raised`, a height `..._above_...`, a distance `..._to_...` or
`..._apart`. What ends in `_in_space` comes from the world landmarks, where there is the same from
the image too.
"""

from analyzer.body.body import Body
from analyzer.body.clip import SECONDS_AFTER, SECONDS_BEFORE, TIME_ROUNDING
from analyzer.body.crowd import Crowd
from analyzer.body.geometry import Floats, Indices
from analyzer.body.landmarks import TORSO, Joints, Landmark
from analyzer.body.quantities import (
    DEGREES,
    DEGREES_A_SECOND,
    ELAPSED,
    OF_FREE_FLIGHT,
    OF_THE_TIME,
    SECONDS,
    SLACK,
    TORSOS,
    Condition,
    Quantity,
)
from analyzer.body.side import Side

__all__ = [
    "DEGREES",
    "DEGREES_A_SECOND",
    "ELAPSED",
    "OF_FREE_FLIGHT",
    "OF_THE_TIME",
    "SECONDS",
    "SECONDS_AFTER",
    "SECONDS_BEFORE",
    "SLACK",
    "TIME_ROUNDING",
    "TORSO",
    "TORSOS",
    "Body",
    "Condition",
    "Crowd",
    "Floats",
    "Indices",
    "Joints",
    "Landmark",
    "Quantity",
    "Side",
]
