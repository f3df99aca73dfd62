"""Shapes of the ballroom dances."""

from collections.abc import Iterator

from analyzer.body import Body, Condition, Side
from analyzer.poses import pose


@pose(
    "Closed Frame", family="ballroom", view="front", grade="B", aliases={"Closed hold": "ballroom"}
)
def closed_frame(body: Body, bent: Side) -> Iterator[Condition]:
    """Both elbows near shoulder height, one arm bent round a partner, the other one extended.

    Source: Imperial Society of Teachers of Dancing, closed hold.
    """
    yield body.tilt.at_most(12)
    yield bent.arm.between(62, 100)
    yield bent.elbow.between(55, 112)
    yield bent.wrist_off_midline.between(-0.2, 0.75)
    yield bent.wrist_above_shoulder.between(-0.5, 0.3)
    yield bent.other.arm.between(62, 105)
    yield bent.other.elbow.between(112, 172)
    yield bent.other.wrist_above_shoulder.between(-0.3, 0.6)
    yield body.feet_apart.at_most(0.9)
    for side in body.sides:
        yield side.knee.at_least(150)
