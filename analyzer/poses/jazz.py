"""Shapes of jazz and contemporary dance."""

from collections.abc import Iterator

from analyzer.body import Body, Condition, Side
from analyzer.poses import pose
from analyzer.poses.weight import on_the_feet


@pose(
    "Flat Back",
    family="jazz",
    grade="B",
    view=("three-quarter", "profile"),
    aliases={"Tabletop": "jazz"},
)
def flat_back(body: Body) -> Iterator[Condition]:
    """The trunk bent forwards from the hips until it is level, both legs straight.

    Source: jazz technique of Luigi and Giordano, flat back.
    """
    yield body.forward_bend.between(74, 106).as_essence()
    yield body.hip_height.at_least(0.82)
    # Wider, the trunk leans over a leg to the side.
    yield body.feet_apart.at_most(1.0).as_essence()
    yield body.left.ankle_above_other.between(-0.25, 0.25)
    for side in body.sides:
        yield side.knee.at_least(158)


@pose("Layout", family="jazz", view=("three-quarter", "profile"), grade="C")
def layout(body: Body, working: Side) -> Iterator[Condition]:
    """One leg straight and raised in front or aside, the trunk laid out away from it.

    Source: jazz technique, layout.
    """
    yield body.forward_bend.at_most(-36)
    yield working.leg_raised.at_least(72)
    yield working.knee.at_least(152)
    yield working.leg_direction.at_most(110)
    yield working.ankle_above_other.at_least(0.6).as_essence()
    yield from on_the_feet(body, hands_free=True)


@pose("Tilt", family="contemporary", view="front")
def tilt(body: Body, working: Side) -> Iterator[Condition]:
    """One straight leg raised high to the side, the trunk tilted over the standing leg.

    Source: contemporary and jazz technique, side tilt.
    """
    yield working.leg_raised.at_least(112).as_essence()
    yield from on_the_feet(body, hands_free=True)
    yield working.leg_direction.between(45, 125)
    yield working.knee.at_least(155)
    yield working.other.knee.at_least(155)
    yield working.other.side_bend.at_least(26)


@pose("Hinge", family="jazz", view=("three-quarter", "profile"))
def hinge(body: Body) -> Iterator[Condition]:
    """Knees bent, the straight line from knees to head tilted backwards.

    Source: Lester Horton's and jazz technique, hinge.
    """
    yield body.forward_bend.at_most(-26).as_essence()
    for side in body.sides:
        yield side.knee.between(65, 132)
        yield side.hip.at_least(152)
