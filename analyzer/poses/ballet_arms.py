"""The positions of ballet's arms.

Schools number them differently: what is the fifth en haut to most is the third to Vaganova. The
names here are those that no school gives to anything else.
"""

from collections.abc import Iterator

import numpy as np

from analyzer.body import TORSOS, Body, Condition, Quantity, Side
from analyzer.poses import pose
from analyzer.poses.weight import on_the_feet


def to_the_side(side: Side) -> Iterator[Condition]:
    """One arm out to the side, about as high as the shoulder, straight or softly curved."""
    yield side.arm_raised.between(63, 110).as_essence()
    yield side.elbow.at_least(120).as_essence()
    yield side.elbow_in_space.at_least(100)
    yield side.wrist_above_shoulder.between(-0.75, 0.2)
    yield side.wrist_off_midline.at_least(0.7).as_essence()


def overhead(side: Side) -> Iterator[Condition]:
    """One arm en haut: curved over the head, the hand near the midline."""
    yield side.arm_raised.at_least(122)
    yield side.elbow.between(80, 165)
    yield side.wrist_above_nose.at_least(0.2).as_essence()


def in_front(side: Side) -> Iterator[Condition]:
    """One arm in first: curved in front of the trunk between navel and breastbone."""
    yield side.wrist_above_shoulder.between(-0.58, -0.15)
    yield side.elbow_in_space.between(98, 170, slack=6).as_essence()
    yield side.wrist_in_front.at_least(0.2)
    yield side.wrist_off_midline.between(-0.35, 0.5)


@pose(
    "Bras Bas",
    family="ballet arms",
    grade="B",
    view="front",
    min_hold=0.25,
    aliases={"Fifth en bas": "Cecchetti"},
)
def bras_bas(body: Body) -> Iterator[Condition]:
    """Both arms low and rounded, the hands near each other in front of the thighs.

    Source: American Ballet Theatre dictionary, bras bas.
    """
    yield body.wrists_apart.at_most(0.55).as_essence()
    yield body.trunk_tilt.at_most(15)
    for side in body.sides:
        yield side.wrist_above_hip.between(-0.75, 0.12)
        yield side.elbow_in_space.between(120, 168)
        yield side.wrist_in_front.at_least(-0.2)
        yield side.wrist_off_midline.between(-0.25, 0.45)
    yield from on_the_feet(body, hips=0.78)


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
    yield body.wrists_apart.at_most(0.55).as_essence()
    yield body.elbows_apart.at_least(0.78).as_essence()
    yield body.wrists_uncrossed.at_least(0.05, slack=0.05)
    for side in body.sides:
        yield from in_front(side)
    yield from on_the_feet(body)


@pose(
    "Second (arms)",
    family="ballet arms",
    grade="B",
    view=("front", "three-quarter"),
    min_hold=0.25,
    aliases={"A la seconde (arms)": "ballet"},
)
def second(body: Body) -> Iterator[Condition]:
    """Both arms out to the sides, softly curved and sloping down from the shoulders.

    Source: American Ballet Theatre dictionary, positions of the arms.
    """
    # Level, they are those of a T.
    yield body.wrists_above_shoulders.at_most(-0.17, slack=0.05)
    for side in body.sides:
        yield from to_the_side(side)
        yield side.elbow_above_shoulder.at_most(0.05)
    yield from on_the_feet(body)


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
    yield from on_the_feet(body)


@pose(
    "Third (arms)",
    family="ballet arms",
    view=("front", "three-quarter"),
    grade="B",
    min_hold=0.25,
    aliases={"Fourth (RAD arms)": "RAD"},
)
def third(body: Body, curved: Side) -> Iterator[Condition]:
    """One arm rounded in front of the trunk or over the head, the other out to the side.

    Source: American Ballet Theatre dictionary, positions of the arms.
    """
    yield curved.elbow_in_space.at_least(60).as_essence()
    yield curved.elbow.at_most(170)
    # At the height of the shoulder it is that of a closed frame.
    low_or_high = np.abs(curved.wrist_above_shoulder.value + 0.05)
    joints = curved.wrist_above_shoulder.joints
    name = f"{curved.name} wrist above or below the shoulder"
    yield Quantity(name, low_or_high, TORSOS, joints, any_view=True).at_least(0.22).as_essence()
    yield curved.wrist_above_shoulder.at_least(-0.75).as_essence()
    yield curved.wrist_off_midline.between(-0.4, 0.75)
    yield from to_the_side(curved.other)
    yield body.trunk_tilt.at_most(35)
    yield from on_the_feet(body)


@pose(
    "Fourth (arms)",
    family="ballet arms",
    view=("front", "three-quarter"),
    grade="B",
    min_hold=0.25,
)
def fourth(body: Body, high: Side) -> Iterator[Condition]:
    """One arm rounded over the head, the other in front of the trunk.

    Source: American Ballet Theatre dictionary, positions of the arms.
    """
    yield from overhead(high)
    yield high.wrist_off_midline.between(-0.4, 0.75)
    yield high.other.wrist_above_shoulder.between(-0.7, -0.1).as_essence()
    yield high.other.elbow_in_space.between(75, 165).as_essence()
    yield high.other.wrist_in_front.at_least(0.0)
    yield high.other.wrist_off_midline.between(-0.35, 0.5)
    yield body.trunk_tilt.at_most(35)
    yield from on_the_feet(body)
