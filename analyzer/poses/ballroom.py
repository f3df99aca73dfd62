"""Shapes of the ballroom dances."""

from collections.abc import Iterator

from analyzer.body import Body, Condition, Side
from analyzer.poses import pose


@pose(
    "Closed Frame",
    family="ballroom",
    view="front",
    grade="C",
    min_hold=0.3,
    aliases={"Closed hold": "ballroom"},
)
def closed_frame(body: Body, around: Side) -> Iterator[Condition]:
    """Both elbows near shoulder height, one arm extended, the other one round a partner.

    Source: Imperial Society of Teachers of Dancing, closed hold.
    """
    extended = around.other
    yield body.trunk_tilt.at_most(12)
    yield around.arm_raised.between(60, 105)
    yield around.elbow_above_shoulder.at_least(-0.3)
    yield around.elbow_in_space.between(40, 118)
    yield around.wrist_off_midline.between(-0.25, 0.8)
    yield around.wrist_in_front.at_least(0.2).as_essence()
    yield around.wrist_above_shoulder.between(-0.5, 0.3)
    yield extended.arm_raised.between(65, 110)
    yield extended.elbow_above_shoulder.at_least(-0.25)
    yield extended.elbow_in_space.between(105, 168)
    yield extended.wrist_off_midline.at_least(0.75).as_essence()
    yield extended.wrist_above_shoulder.between(-0.3, 0.6)
    yield body.feet_apart.at_most(0.9)
    for side in body.sides:
        yield side.knee.at_least(150)
