"""The positions of ballet's arms.

Schools number them differently: what is the fifth en haut to most is the third to Vaganova. The
names here are those that no school gives to anything else.
"""

from collections.abc import Iterator

from analyzer.body import Body, Condition, Side
from analyzer.poses import pose


def to_the_side(side: Side) -> Iterator[Condition]:
    """One arm in second: out to the side, softly curved, sloping down from the shoulder."""
    yield side.arm_raised.between(62, 97)
    yield side.elbow.at_least(122)
    yield side.elbow_in_space.at_least(100)
    yield side.wrist_above_shoulder.between(-0.8, -0.12)
    yield side.elbow_above_shoulder.at_most(0.02)
    yield side.wrist_off_midline.at_least(0.7)


def overhead(side: Side) -> Iterator[Condition]:
    """One arm en haut: curved over the head, the hand near the midline."""
    yield side.arm_raised.at_least(125)
    yield side.elbow.between(80, 163)
    yield side.wrist_above_nose.at_least(0.25)


def in_front(side: Side) -> Iterator[Condition]:
    """One arm in first: curved in front of the trunk between navel and breastbone."""
    yield side.wrist_above_shoulder.between(-0.65, -0.15)
    yield side.elbow_in_space.between(101, 165, slack=6)
    yield side.wrist_in_front.at_least(0.25)
    yield side.wrist_off_midline.between(-0.3, 0.5)


@pose(
    "Bras Bas",
    family="ballet arms",
    view="front",
    min_hold=0.25,
    aliases={"Fifth en bas": "Cecchetti"},
)
def bras_bas(body: Body) -> Iterator[Condition]:
    """Both arms low and rounded, the hands near each other in front of the thighs.

    Source: American Ballet Theatre dictionary, bras bas.
    """
    yield body.wrists_apart.at_most(0.6)
    yield body.trunk_tilt.at_most(15)
    for side in body.sides:
        yield side.wrist_above_hip.between(-0.75, 0.08)
        yield side.elbow_in_space.between(125, 165)
        yield side.wrist_in_front.at_least(0.0)
        yield side.wrist_off_midline.between(-0.2, 0.42)


@pose(
    "En Avant",
    family="ballet arms",
    view="front",
    grade="B",
    min_hold=0.25,
    aliases={"First (arms)": "RAD, Vaganova", "Fifth en avant": "Cecchetti"},
)
def en_avant(body: Body) -> Iterator[Condition]:
    """Both arms rounded in front of the trunk, the hands near each other at the navel or above.

    Source: American Ballet Theatre dictionary, en avant.
    """
    yield body.wrists_apart.at_most(0.55)
    yield body.elbows_apart.at_least(0.78)
    yield body.wrists_uncrossed.at_least(0.05, slack=0.05)
    for side in body.sides:
        yield from in_front(side)


@pose(
    "Second (arms)", family="ballet arms", view="front", aliases={"A la seconde (arms)": "ballet"}
)
def second(body: Body) -> Iterator[Condition]:
    """Both arms out to the sides, softly curved and sloping down from the shoulders.

    Source: American Ballet Theatre dictionary, positions of the arms.
    """
    yield body.wrists_above_shoulders.at_most(-0.2, slack=0.04)
    for side in body.sides:
        yield from to_the_side(side)


@pose(
    "En Haut",
    family="ballet arms",
    view=("front", "three-quarter"),
    aliases={
        "Fifth (arms)": "RAD",
        "Fifth en haut": "Cecchetti",
        "Third (Vaganova arms)": "Vaganova",
    },
)
def en_haut(body: Body) -> Iterator[Condition]:
    """Both arms rounded over the head, the hands near each other.

    Source: American Ballet Theatre dictionary, en haut.
    """
    yield body.wrists_apart.at_most(0.75)
    for side in body.sides:
        yield from overhead(side)


@pose(
    "Third (arms)",
    family="ballet arms",
    view="front",
    grade="B",
    aliases={"Fourth (RAD arms)": "RAD"},
)
def third(_: Body, curved: Side) -> Iterator[Condition]:
    """One arm rounded in front of the trunk or over the head, the other out to the side.

    Source: American Ballet Theatre dictionary, positions of the arms.
    """
    yield curved.elbow.between(80, 165)
    yield curved.wrist_above_shoulder.at_least(-0.8)
    yield curved.wrist_off_midline.between(-0.35, 0.45)
    yield from to_the_side(curved.other)


@pose("Fourth (arms)", family="ballet arms", view="front", grade="B")
def fourth(_: Body, high: Side) -> Iterator[Condition]:
    """One arm rounded over the head, the other in front of the trunk.

    Source: American Ballet Theatre dictionary, positions of the arms.
    """
    yield from overhead(high)
    yield high.wrist_off_midline.between(-0.35, 0.45)
    yield from in_front(high.other)
