"""Shapes of hip-hop and breaking."""

from collections.abc import Iterator

from analyzer.body import OF_THE_TIME, Body, Condition, Landmark, Quantity, Side
from analyzer.poses import pose
from analyzer.poses.weight import on_the_feet


@pose("Dab", family="hip-hop", grade="B", view="front", min_hold=0.2)
def dab(body: Body, bent: Side) -> Iterator[Condition]:
    """The face in the crook of one raised bent arm, the other arm stretched out in parallel.

    Source: hip-hop of Atlanta, the dab.
    """
    yield bent.elbow.at_most(125)
    yield bent.wrist_to_nose.at_most(0.5).as_essence()
    yield bent.arm_raised.at_least(55)
    yield bent.other.elbow.at_least(148)
    yield bent.other.arm_raised.between(80, 165)
    yield bent.other.wrist_above_shoulder.at_least(0.15).as_essence()
    yield bent.forearm_from_other_arm.at_most(50)
    yield from on_the_feet(body)


@pose(
    "B-Boy Stance",
    family="hip-hop",
    view="front",
    grade="B",
    min_hold=0.3,
    aliases={"B-Girl Stance": "breaking"},
)
def b_boy_stance(body: Body) -> Iterator[Condition]:
    """Arms folded in front of the chest, the feet wide.

    Source: breaking, the b-boy stance.
    """
    yield body.feet_apart.at_least(0.65)
    # Hands that are only laid together are further from the elbows.
    yield body.wrists_to_other_elbows.at_most(0.48, slack=0.08).as_essence()
    yield body.wrists_uncrossed.at_most(0.12).as_essence()
    yield body.trunk_tilt.at_most(25)
    for side in body.sides:
        yield side.wrist_above_shoulder.between(-0.85, -0.1)
        yield side.wrist_off_midline.at_most(0.3)
    yield from on_the_feet(body)


@pose("Freeze", family="hip-hop", grade="C", movement=True, min_hold=0.5)
def freeze(body: Body) -> Iterator[Condition]:
    """Quick movement of arms and legs that stops dead, and stillness after it.

    Source: breaking, the freeze.
    """
    arms, legs = (
        body.speed(tuple(Landmark(joint) for joint in joints))
        for joints in ((13, 14, 15, 16), (25, 26, 27, 28))
    )
    everything = body.speed((*arms.joints, *legs.joints))
    moved = body.clip.last_frame_with(everything.value > 0.8, 2.5)
    active = (arms.value > 1.2) & (legs.value > 0.6)
    share = body.clip.share_of_time(active, 1.1, 0.1)[moved]
    share[moved < 0] = 0
    danced = Quantity(
        "moving before it stopped", share, OF_THE_TIME, everything.joints, any_view=True
    )
    yield everything.at_most(0.35, slack=0.25)
    yield danced.at_least(0.61).as_essence()
