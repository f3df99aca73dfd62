"""Asanas that dancers use."""

from collections.abc import Iterator

from analyzer.body import Body, Condition, Side
from analyzer.poses import pose
from analyzer.poses.general import lunging
from analyzer.poses.weight import on_the_feet


@pose("Tree", family="yoga", min_hold=0.5, aliases={"Vrksasana": "yoga"})
def tree(body: Body, raised: Side) -> Iterator[Condition]:
    """Balance on one straight leg, the sole of the other foot against it, the knee outwards.

    Source: B. K. S. Iyengar, Light on Yoga, vrksasana.
    """
    yield raised.other.knee.at_least(155)
    yield raised.knee_in_space.at_most(113)
    yield raised.ankle_above_other.at_least(0.35).as_essence()
    yield raised.sole_from_other_leg.at_most(25, slack=3)
    yield raised.toes_to_other_knee.at_most(0.75)
    yield raised.toes_above_other_knee.at_least(-0.45)
    yield raised.thigh_direction.between(10, 150)
    yield body.trunk_tilt.at_most(20)


@pose(
    "Warrior I",
    family="yoga",
    view=("three-quarter", "profile"),
    aliases={"Virabhadrasana I": "yoga"},
    implies=("Lunge",),
)
def warrior_1(body: Body, bent: Side) -> Iterator[Condition]:
    """A lunge to the front, both arms overhead.

    Source: B. K. S. Iyengar, Light on Yoga, virabhadrasana I.
    """
    yield from lunging(body, bent)
    yield body.trunk_tilt.at_most(30)
    for side in body.sides:
        yield side.arm_raised.at_least(140)
        yield side.wrist_above_nose.at_least(0.2)


@pose(
    "Warrior II",
    family="yoga",
    view=("front", "three-quarter"),
    aliases={"Virabhadrasana II": "yoga"},
)
def warrior_2(body: Body, bent: Side) -> Iterator[Condition]:
    """A lunge to the side, both arms stretched out level over the legs.

    Source: B. K. S. Iyengar, Light on Yoga, virabhadrasana II.
    """
    yield bent.knee_bent.at_most(142)
    yield bent.other.knee_straight.at_least(148)
    yield body.feet_apart_in_space.at_least(1.1).as_essence()
    yield bent.ankle_above_other_in_space.between(-0.4, 0.45)
    yield body.trunk_tilt.at_most(25)
    yield body.wrists_apart.at_least(1.3)
    for side in body.sides:
        yield side.arm_raised.between(62, 125)
        yield side.elbow.at_least(138)


@pose(
    "Warrior III",
    family="yoga",
    grade="B",
    view=("three-quarter", "profile"),
    aliases={"Virabhadrasana III": "yoga"},
)
def warrior_3(body: Body, raised: Side) -> Iterator[Condition]:
    """Balance on one straight leg, trunk and the other leg level in one line.

    Source: B. K. S. Iyengar, Light on Yoga, virabhadrasana III.
    """
    yield body.forward_bend.between(60, 102)
    yield raised.leg_raised.between(72, 108)
    yield raised.ankle_above_other.at_least(0.8).as_essence()
    yield body.hip_height.at_least(0.8)
    yield raised.thigh_direction.at_least(100)
    yield raised.knee.at_least(150)
    yield raised.other.knee.at_least(150)
    yield from on_the_feet(body, hands_free=True)


@pose(
    "Dancer",
    family="yoga",
    view=("three-quarter", "profile"),
    aliases={"Natarajasana": "yoga", "King Dancer": "yoga"},
)
def dancer(body: Body, raised: Side) -> Iterator[Condition]:
    """On one leg, the other foot held behind by a hand.

    Source: B. K. S. Iyengar, Light on Yoga, natarajasana.
    """
    yield raised.other.knee.at_least(145)
    yield raised.knee.between(55, 138)
    yield raised.foot_to_hand.at_most(0.42)
    yield raised.ankle_above_other.at_least(0.6).as_essence()
    yield raised.thigh_direction.at_least(90)
    # Towards the front: nobody falls back who pulls a foot up behind.
    yield body.trunk_tilt.at_most(75)


@pose(
    "Goddess",
    family="yoga",
    view="front",
    aliases={"Utkata Konasana": "yoga", "Plie in second": "ballet"},
)
def goddess(body: Body) -> Iterator[Condition]:
    """Legs wide, both knees bent out to the sides, the trunk upright.

    Source: utkata konasana of yoga.
    """
    yield body.feet_apart.at_least(0.9).as_essence()
    yield body.hip_height.at_most(0.97)
    yield body.trunk_tilt.at_most(20)
    for side in body.sides:
        yield side.knee_bent.at_most(152)
        yield side.thigh_direction.at_least(28)
    yield from on_the_feet(body)
