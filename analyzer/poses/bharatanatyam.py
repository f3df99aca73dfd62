"""Stances of Bharatanatyam and of Odissi."""

from collections.abc import Iterator

from analyzer.body import Body, Condition, Side
from analyzer.poses import pose
from analyzer.poses.general import hands_on_hips
from analyzer.poses.weight import on_the_feet


@pose("Samapadam", family="bharatanatyam", grade="B", view="front", implies=("Hands on Hips",))
def samapadam(body: Body) -> Iterator[Condition]:
    """Upright with the feet together, the hands on the hips.

    Source: Abhinaya Darpana, samapada.
    """
    yield from hands_on_hips(body)
    yield body.feet_apart.at_most(0.32)
    yield body.trunk_tilt.at_most(10)
    for side in body.sides:
        yield side.knee.at_least(162)


@pose(
    "Aramandi",
    family="bharatanatyam",
    grade="B",
    view="front",
    min_hold=0.25,
    aliases={"Araimandi": "bharatanatyam", "Ardhamandali": "bharatanatyam"},
)
def aramandi(body: Body) -> Iterator[Condition]:
    """Half sitting with the heels together, the knees far out to the sides, the back upright.

    Source: Abhinaya Darpana, araimandi.
    """
    yield body.hip_height.between(0.62, 0.96, slack=0.03)
    yield body.hip_height_change.at_most(0.04)
    yield body.knees_apart.at_least(0.84).as_essence()
    yield body.feet_apart.at_most(0.55)
    yield body.trunk_tilt.at_most(12)
    for side in body.sides:
        yield side.knee.between(70, 118)
        yield side.thigh_raised.at_most(68)


@pose(
    "Muzhumandi",
    family="bharatanatyam",
    grade="C",
    view="front",
    aliases={"Muramandi": "bharatanatyam"},
)
def muzhumandi(body: Body) -> Iterator[Condition]:
    """Sitting right down on the heels, the knees far out to the sides, the back upright.

    Source: Abhinaya Darpana, muzhumandi.
    """
    yield body.hip_height.at_most(0.47, slack=0.03)
    # Who sits on the floor has the hips as low as the feet.
    yield body.hips_above_feet.at_least(0.27, slack=0.02).as_essence()
    yield body.knees_apart.at_least(1.15)
    yield body.feet_apart.at_most(0.8)
    yield body.trunk_tilt.at_most(18)
    yield body.knees_out_over_feet.at_least(0.8)


@pose("Natyarambhe (arms)", family="bharatanatyam", view="front", grade="C", min_hold=0.3)
def natyarambhe(body: Body) -> Iterator[Condition]:
    """Both elbows out at shoulder height, the forearms curving in to the front.

    Source: Abhinaya Darpana, natyarambhe.
    """
    yield body.wrists_apart.between(1.1, 2.4)
    yield body.wrists_above_shoulders.between(-0.18, 0.12, slack=0.05)
    yield body.wrists_in_front.at_least(0.38).as_essence()
    yield body.trunk_tilt.at_most(15)
    for side in body.sides:
        yield side.elbow_above_shoulder.between(-0.1, 0.15, slack=0.05)
        yield side.arm_raised.between(72, 105)
        yield side.elbow_in_space.between(112, 175)
        yield side.wrist_above_shoulder.between(-0.28, 0.15)


@pose(
    "Tribhanga",
    family="odissi",
    view="front",
    grade="C",
    min_hold=0.4,
    aliases={"Tribhangi": "odissi"},
)
def tribhanga(body: Body, swayed: Side) -> Iterator[Condition]:
    """The body bent three ways: hips out to one side, trunk to the other, head back again.

    Source: Natya Shastra, tribhanga.
    """
    yield swayed.hips_out.between(0.06, 0.6, slack=0.04).as_essence()
    yield swayed.hip_raised.between(-1, 35, slack=3)
    yield swayed.side_bend.between(-30, -7, slack=4).as_essence()
    yield swayed.head_inclined.between(4, 45, slack=4)
    yield body.feet_apart.at_most(0.8)


@pose(
    "Nataraja",
    family="bharatanatyam",
    view="front",
    grade="C",
    min_hold=0.3,
    aliases={"Ananda Tandava": "bharatanatyam"},
)
def nataraja(body: Body, raised: Side) -> Iterator[Condition]:
    """Standing on one bent leg, the other raised and swung across the body.

    Source: the bronzes of Shiva Nataraja, bhujangatrasita karana of the Natya Shastra.
    """
    yield body.hip_height.at_least(0.75)
    yield raised.other.knee.between(100, 165)
    yield raised.hip_above_knee.at_most(0.45)
    yield raised.ankle_above_other.at_least(0.55).as_essence()
    yield raised.knee_in_space.between(60, 165)
    yield raised.ankle_off_midline.at_most(-0.05)
    yield raised.other.weight_off_foot.at_most(0.45)
    yield body.trunk_tilt.at_most(25)
    yield from on_the_feet(body, hands_free=True)
