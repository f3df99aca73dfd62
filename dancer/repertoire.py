"""What the dancer can do: every pose as joint angles, every movement as postures over time.

Poses are struck as the dictionaries that dancers use define them, with the left side working: the
raised, stretched out or bent leg or arm that names the side is the left one. The other side is the
mirror image.
"""

from dataclasses import dataclass, replace
from typing import Final

from dancer.figure import Arm, Direction, Leg, Posture

STAND: Final = Posture()
"""Neutral: feet under the hips, arms hanging. It is no pose of the vocabulary."""


@dataclass(frozen=True)
class Pose:
    """A posture to hold, with the left side working if it has sides.

    `yaws` are the views in which it can be told, in degrees that the dancer is turned to the own
    left from facing the camera; for the right side working they have the other sign.
    """

    name: str
    posture: Posture
    sides: bool = False
    yaws: tuple[float, ...] = (0.0,)


def both_arms(upper: Direction, fore: Direction | None = None) -> tuple[Arm, Arm]:
    """The same for both arms; a straight arm needs one direction only."""
    arm = Arm(upper, fore or upper)
    return arm, arm


def posture(
    arms: tuple[Arm, Arm] = (STAND.left_arm, STAND.right_arm),
    legs: tuple[Leg, Leg] = (STAND.left_leg, STAND.right_leg),
) -> Posture:
    """A posture of (left, right) arms and legs, the trunk upright."""
    return replace(STAND, left_arm=arms[0], right_arm=arms[1], left_leg=legs[0], right_leg=legs[1])


def _both_legs(leg: Leg) -> tuple[Leg, Leg]:
    return leg, leg


_TURNED_OUT: Final = Leg(foot=(90.0, 45.0))
_STANDING_ON: Final = Leg(thigh=(4.0, -90.0), shin=(4.0, -90.0))
"""The supporting leg of a balance: the hips have moved over its foot."""

_GENERAL: Final = (
    Pose("T-Pose", posture(both_arms((90.0, 90.0)))),
    Pose("Arms V", posture(both_arms((142.0, 90.0)))),
    Pose("Arms Overhead", posture(both_arms((176.0, 90.0)))),
    Pose(
        "Star",
        posture(
            both_arms((100.0, 90.0)),
            _both_legs(Leg(thigh=(26.0, 90.0), shin=(26.0, 90.0), foot=(90.0, 45.0))),
        ),
    ),
    Pose(
        "Squat",
        replace(
            posture(
                both_arms((102.0, 5.0)),
                _both_legs(Leg(thigh=(88.0, 18.0), shin=(28.0, 198.0), foot=(90.0, 18.0))),
            ),
            pelvis=(32.0, 0.0, 0.0),
            chest=(30.0, 0.0, 0.0),
            head=(8.0, 0.0, 0.0),
        ),
        yaws=(90.0, 270.0, 60.0, 0.0),
    ),
)

_YOGA: Final = (
    Pose(
        "Tree",
        replace(
            posture(
                # Palms together before the breastbone.
                both_arms((28.0, 50.0), (118.0, -60.0)),
                (
                    Leg(thigh=(62.0, 78.0), shin=(81.0, -96.0), foot=(20.0, -20.0)),
                    _STANDING_ON,
                ),
            ),
        ),
        sides=True,
        yaws=(0.0, 30.0, 330.0, 180.0),
    ),
)

REPERTOIRE: Final = {pose.name: pose for pose in (*_GENERAL, *_YOGA)}
"""Every pose by its name in the vocabulary."""
