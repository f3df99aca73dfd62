"""What is measured of a body, in which unit, and the conditions on it."""

from dataclasses import dataclass, replace
from math import inf
from typing import Final

from analyzer.body.geometry import Floats
from analyzer.body.landmarks import Joints

DEGREES = "degrees"
TORSOS = "torso lengths"
TORSOS_A_SECOND = "torso lengths a second"
OF_STANDING_HEIGHT = "of standing height"
UPPER_ARMS = "upper arm lengths"
SECONDS = "seconds"
OF_THE_TIME = "of the time"
OF_THE_LEG = "of the leg"
OF_FREE_FLIGHT = "of free flight"
DEGREES_A_SECOND = "degrees a second"
ELAPSED = "seconds since it began"
"""The unit of how long a movement has been under way: it began that much earlier."""

SLACK: Final = {
    DEGREES: 10.0,
    TORSOS: 0.1,
    TORSOS_A_SECOND: 1.0,
    OF_STANDING_HEIGHT: 0.04,
    UPPER_ARMS: 0.1,
    SECONDS: 0.25,
    OF_THE_TIME: 0.2,
    OF_THE_LEG: 0.08,
    OF_FREE_FLIGHT: 0.15,
    DEGREES_A_SECOND: 60.0,
    ELAPSED: 0.5,
}
"""How far outside its bounds a quantity may drift once a pose is held, by unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """Something measured of a body in each frame: `value` (n,), NaN where it can't be known.

    `joints` are the landmarks it needs to be seen. A quantity with `any_view` can be trusted
    whichever way the body faces (a height, or a direction from the world landmarks); an angle in
    the image can only from the views that its pose names. `doubt` (n,) is by how much it may be
    another because the camera may look up or down: a height between two points is, the more the one
    is behind the other. Bounds are as much wider.
    """

    name: str
    value: Floats
    unit: str
    joints: Joints
    any_view: bool = False
    doubt: Floats | None = None

    def between(self, low: float, high: float, slack: float | None = None) -> "Condition":
        """The condition that the quantity lies from `low` to `high`."""
        return Condition(self, low, high, SLACK[self.unit] if slack is None else slack)

    def at_least(self, low: float, slack: float | None = None) -> "Condition":
        """The condition that the quantity is `low` or more."""
        return self.between(low, inf, slack)

    def at_most(self, high: float, slack: float | None = None) -> "Condition":
        """The condition that the quantity is `high` or less."""
        return self.between(-inf, high, slack)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A quantity and its bounds; a held pose may leave them by up to `slack`.

    essential: whether who fails it, by more than its slack, doesn't try the pose, so that no advice
    would help.
    """

    quantity: Quantity
    low: float
    high: float
    slack: float
    essential: bool = False

    def as_essence(self) -> "Condition":
        """The same, as what the pose is about: who fails it by far is not near the pose."""
        return replace(self, essential=True)
