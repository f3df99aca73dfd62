"""The positions and movements of ballet's legs and trunk."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analyzer.body import (
    DEGREES,
    DEGREES_A_SECOND,
    ELAPSED,
    OF_FREE_FLIGHT,
    OF_THE_TIME,
    SECONDS,
    TORSOS,
    Body,
    Condition,
    Quantity,
    Side,
)
from analyzer.poses import pose
from analyzer.poses.weight import from_the_feet, on_the_feet

GRAVITY: Final = 9.81
TORSO_METRES: Final = 0.5
LEAST_VARIANCE: Final = 1e-6
SHORTEST_STEP: Final = 1 / 60


@pose(
    "Demi-Plie",
    family="ballet",
    grade="B",
    view="front",
    min_hold=0.2,
    aliases={"Demi-plié": "ballet"},
)
def demi_plie(body: Body) -> Iterator[Condition]:
    """Both knees half bent over the toes, the back upright and the heels on the floor.

    Source: American Ballet Theatre dictionary, plie.
    """
    yield body.hip_height.between(0.78, 1.01, slack=0.03)
    yield body.hip_height_change.at_most(0.04)
    yield body.trunk_tilt.at_most(12)
    yield body.feet_apart.at_most(0.85)
    # A heel that is raised makes its ankle the higher one.
    yield body.left.ankle_above_other.between(-0.16, 0.16, slack=0.05)
    for side in body.sides:
        yield side.heel_above_toes.at_most(0.3)
    yield from turned_out_bend(body, 112, 152)


@pose("Grand Plie", family="ballet", grade="B", view="front", aliases={"Grand plié": "ballet"})
def grand_plie(body: Body) -> Iterator[Condition]:
    """Both knees bent out to the sides until the thighs are level, the back upright.

    Source: American Ballet Theatre dictionary, plie.
    """
    yield body.hip_height.at_most(0.67).as_essence()
    yield body.hip_height_change.at_most(0.06)
    yield body.trunk_tilt.at_most(15)
    yield body.feet_apart.at_most(0.85)
    for side in body.sides:
        yield side.thigh_raised.between(38, 115)
        yield side.thigh_direction.between(25, 140)
    yield from on_the_feet(body)


def turned_out_bend(body: Body, least: float, most: float) -> Iterator[Condition]:
    """Both knees bent out to the sides, from `least` to `most` degrees."""
    for side in body.sides:
        yield side.knee.between(least, most).as_essence()
        yield side.thigh_direction.between(13, 140)


@pose("Second Position (feet)", family="ballet", view="front", grade="B", min_hold=0.5)
def second_position(body: Body) -> Iterator[Condition]:
    """Both legs straight, the feet turned out and apart by more than a foot's length.

    Source: American Ballet Theatre dictionary, positions of the feet.
    """
    yield body.feet_apart.between(0.6, 1.0)
    yield body.feet_turnout.at_least(0.3, slack=0.04).as_essence()
    yield body.trunk_tilt.at_most(12)
    for side in body.sides:
        yield side.knee.at_least(165)
        yield side.foot_turnout.at_least(0.15)
        yield side.weight_off_foot.between(0.25, 0.75)
        yield side.foot_above_other.at_most(0.24)


def extended_to_the_floor(body: Body, working: Side) -> Iterator[Condition]:
    """Both legs straight, the weight on the one, the other stretched away from it."""
    standing = working.other
    yield working.knee.at_least(160)
    yield standing.knee.at_least(162)
    yield standing.weight_off_foot.at_most(0.32)
    yield working.weight_off_foot.at_least(0.38)
    yield body.trunk_tilt.at_most(12, slack=4)


def tendu(body: Body, working: Side) -> Iterator[Condition]:
    """The toes of the working leg stay on the floor."""
    yield from extended_to_the_floor(body, working)
    yield working.leg_raised.between(16, 28, slack=2).as_essence()
    yield working.foot_above_other.between(-0.25, 0.32)
    yield working.heel_above_toes.at_least(-0.05)


def degage(body: Body, working: Side) -> Iterator[Condition]:
    """The working leg is just off the floor."""
    yield from extended_to_the_floor(body, working)
    yield working.leg_raised.between(28, 50, slack=2).as_essence()
    yield working.foot_above_other.between(0.0, 0.6)


@pose("Tendu devant", family="ballet", view=("three-quarter", "profile"), grade="B", min_hold=0.25)
def tendu_devant(body: Body, working: Side) -> Iterator[Condition]:
    """One straight leg stretched to the front, its toes on the floor.

    Source: American Ballet Theatre dictionary, battement tendu.
    """
    yield from tendu(body, working)
    yield working.leg_direction.at_most(68)


@pose("Tendu a la seconde", family="ballet", view="front", grade="C", min_hold=0.25)
def tendu_seconde(body: Body, working: Side) -> Iterator[Condition]:
    """One straight leg stretched to the side, its toes on the floor.

    Source: American Ballet Theatre dictionary, battement tendu.
    """
    yield from tendu(body, working)
    yield working.leg_direction.between(61, 130)


@pose(
    "Tendu derriere", family="ballet", view=("three-quarter", "profile"), grade="B", min_hold=0.25
)
def tendu_derriere(body: Body, working: Side) -> Iterator[Condition]:
    """One straight leg stretched to the back, its toes on the floor.

    Source: American Ballet Theatre dictionary, battement tendu.
    """
    yield from tendu(body, working)
    yield working.leg_direction.at_least(120)


@pose(
    "Degage devant",
    family="ballet",
    view=("three-quarter", "profile"),
    grade="C",
    min_hold=0.25,
    aliases={"Battement glisse devant": "RAD", "Battement jete devant": "Vaganova"},
)
def degage_devant(body: Body, working: Side) -> Iterator[Condition]:
    """One straight leg just off the floor to the front.

    Source: American Ballet Theatre dictionary, battement degage.
    """
    yield from degage(body, working)
    yield working.leg_direction.at_most(68)


@pose(
    "Degage a la seconde",
    family="ballet",
    view="front",
    grade="C",
    min_hold=0.25,
    aliases={
        "Battement glisse a la seconde": "RAD",
        "Battement jete a la seconde": "Vaganova",
    },
)
def degage_seconde(body: Body, working: Side) -> Iterator[Condition]:
    """One straight leg just off the floor to the side.

    Source: American Ballet Theatre dictionary, battement degage.
    """
    yield from degage(body, working)
    yield working.leg_direction.between(61, 130)


@pose(
    "Degage derriere",
    family="ballet",
    view=("three-quarter", "profile"),
    grade="C",
    min_hold=0.25,
    aliases={"Battement glisse derriere": "RAD", "Battement jete derriere": "Vaganova"},
)
def degage_derriere(body: Body, working: Side) -> Iterator[Condition]:
    """One straight leg just off the floor to the back.

    Source: American Ballet Theatre dictionary, battement degage.
    """
    yield from degage(body, working)
    yield working.leg_direction.at_least(120)


@pose(
    "Coupe",
    family="ballet",
    view="front",
    grade="C",
    min_hold=0.25,
    aliases={"Sur le cou-de-pied": "Vaganova"},
)
def coupe(body: Body, working: Side) -> Iterator[Condition]:
    """One foot pointed at the ankle of the other leg, the knee out to the side.

    Source: American Ballet Theatre dictionary, sur le cou-de-pied.
    """
    yield working.knee.between(85, 148).as_essence()
    yield working.other.knee.at_least(160)
    yield working.toes_to_other_leg.at_most(0.25)
    # Seen from the front, a foot far behind is as near to the other leg.
    yield body.feet_apart_front_to_back.at_most(0.42, slack=0.06)
    yield working.foot_above_other.between(0.0, 0.5, slack=0.05)
    yield working.ankle_above_other.between(0.08, 0.6)
    yield working.toes_above_other_knee.at_most(-0.45)
    yield body.trunk_tilt.at_most(15)


@pose(
    "Passe",
    family="ballet",
    grade="B",
    view="front",
    aliases={"Retire": "ballet", "Passé": "ballet"},
)
def passe(body: Body, working: Side) -> Iterator[Condition]:
    """One foot pointed at the knee of the other leg, the knee out to the side.

    Source: American Ballet Theatre dictionary, retire.
    """
    yield working.knee_in_space.between(35, 115)
    yield working.other.knee.at_least(155)
    yield working.toes_to_other_knee.at_most(0.28)
    yield working.sole_from_other_leg.between(27, 90, slack=4)
    yield working.thigh_direction.between(25, 140)
    yield working.ankle_above_other.at_least(0.5).as_essence()
    yield body.trunk_tilt.at_most(20)


def behind(body: Body, working: Side, direction: float, lift: float = 0.5) -> Iterator[Condition]:
    """The working thigh is behind, its ankle lifted, the standing leg straight under the hips."""
    yield body.hip_height.at_least(0.8)
    yield working.other.knee.at_least(145)
    yield working.other.leg_raised.at_most(32)
    yield working.thigh_direction.at_least(direction)
    yield working.ankle_above_other.at_least(lift).as_essence()
    yield from on_the_feet(body)


@pose("Arabesque", family="ballet", grade="B", view=("three-quarter", "profile"))
def arabesque(body: Body, working: Side) -> Iterator[Condition]:
    """On one leg, the other straight and raised behind the body.

    Source: American Ballet Theatre dictionary, arabesque.
    """
    yield from behind(body, working, 96)
    yield working.knee.at_least(148)
    yield working.knee_in_space.at_least(128)
    yield working.leg_length_seen.at_least(0.7)
    yield working.leg_raised.between(56, 122)
    yield body.forward_bend.between(-12, 55)


@pose("Arabesque Penchee", family="ballet", grade="C", view=("three-quarter", "profile"))
def arabesque_penchee(body: Body, working: Side) -> Iterator[Condition]:
    """An arabesque whose trunk leans down as the leg rises above it.

    Source: American Ballet Theatre dictionary, arabesque penchee.
    """
    yield from behind(body, working, 96)
    yield working.knee.at_least(150)
    yield working.leg_raised.at_least(122).as_essence()
    yield body.forward_bend.between(45, 125)
    # A hand on the floor makes a half moon.
    yield body.hands_above_floor.at_least(0.4).as_essence()


@pose("Attitude derriere", family="ballet", grade="B", view=("three-quarter", "profile"))
def attitude_derriere(body: Body, working: Side) -> Iterator[Condition]:
    """On one leg, the other raised behind with a bent knee, the knee no lower than the foot.

    Source: American Ballet Theatre dictionary, attitude.
    """
    # A turned out bent leg is read less far behind than a straight one.
    yield from behind(body, working, 86, lift=0.7)
    yield working.knee_in_space.between(50, 135)
    yield working.thigh_raised.between(50, 125)
    yield working.toes_to_other_leg.at_least(0.3)
    yield working.knee_above_ankle.at_least(-0.55)
    yield body.forward_bend.between(-15, 50)
    yield working.foot_to_hand.at_least(0.45)


@pose("Attitude devant", family="ballet", grade="B", view=("three-quarter", "profile"))
def attitude_devant(body: Body, working: Side) -> Iterator[Condition]:
    """On one leg, the other raised in front with a bent knee.

    Source: American Ballet Theatre dictionary, attitude.
    """
    yield working.other.knee.at_least(155)
    yield working.thigh_direction.at_most(69)
    yield working.leg_raised.at_least(45)
    yield working.knee_in_space.between(60, 153)
    yield working.leg_raised.at_most(78)
    yield working.ankle_above_other.at_least(0.6).as_essence()
    yield body.trunk_tilt.at_most(20)


@pose("A la Seconde en l'air", family="ballet", grade="B", view="front")
def seconde_en_l_air(body: Body, working: Side) -> Iterator[Condition]:
    """On one leg, straight or bent, the other straight and raised to the side.

    Source: American Ballet Theatre dictionary, a la seconde and en l'air.
    """
    yield body.hip_height.at_least(0.8)
    yield working.other.knee.at_least(100)
    yield working.knee.at_least(152)
    yield working.leg_raised.between(56, 122)
    yield working.leg_direction.between(56, 125, slack=5)
    yield working.thigh_direction.at_most(105)
    yield working.ankle_above_other.at_least(0.6).as_essence()
    # More than that is a tilt.
    yield body.trunk_tilt.at_most(24, slack=4)


@pose("Devant en l'air", family="ballet", grade="B", view=("three-quarter", "profile"))
def devant_en_l_air(body: Body, working: Side) -> Iterator[Condition]:
    """On one leg, the other straight and raised to the front.

    Source: American Ballet Theatre dictionary, quatrieme devant and en l'air.
    """
    yield working.other.knee.at_least(155)
    yield working.knee.at_least(152)
    yield working.knee_in_space.at_least(137)
    yield body.hip_height.at_least(0.8)
    yield working.leg_raised.between(58, 130)
    yield working.ankle_above_other.at_least(0.55).as_essence()
    yield working.leg_direction.at_most(58)
    yield body.trunk_tilt.at_most(25)


@pose(
    "Cambre",
    family="ballet",
    view=("front", "profile"),
    grade="B",
    min_hold=0.3,
    aliases={"Backbend": "jazz"},
)
def cambre(body: Body) -> Iterator[Condition]:
    """Both legs straight, the trunk bent from the waist to the back or to a side.

    Source: American Ballet Theatre dictionary, cambre.
    """
    yield body.back_or_side_bend.between(24, 85, slack=5).as_essence()
    yield body.feet_apart.at_most(0.95)
    yield body.hip_height.at_least(0.85).as_essence()
    for side in body.sides:
        yield side.knee.at_least(158)
        yield side.weight_off_foot.at_most(0.65)


@pose("Developpe", family="ballet", movement=True, aliases={"Développé": "ballet"})
def developpe(body: Body, working: Side) -> Iterator[Condition]:
    """One leg drawn up from coupe through passe and unfolded through attitude into the air.

    Source: American Ballet Theatre dictionary, developpe.
    """
    knee, leg, lift = working.knee.value, working.leg_raised.value, working.ankle_above_other.value
    near = working.toes_to_other_leg.value < 0.45
    low = near & (lift > 0.1) & (lift < 0.75) & (knee < 155)
    drawn_up = near & (lift > 0.45) & (knee < 115)
    unfolding = (leg > 40) & (knee > 75) & (knee < 150) & (lift > 0.5)
    at_attitude = body.clip.last_frame_with(unfolding, 0.8)
    at_passe = body.clip.last_frame_with(drawn_up, 3.0)[at_attitude]
    at_coupe = body.clip.last_frame_with(low & ~drawn_up, 3.0)[at_passe]
    straight = body.clip.last_frame_with((knee > 165) & (lift < 0.2), 2.0)[at_coupe]
    done = (at_attitude >= 0) & (at_passe >= 0) & (at_coupe >= 0)
    began = np.where(straight >= 0, straight, at_coupe)
    elapsed = np.where(done, body.times - body.times[began], np.inf).astype(np.float32)
    joints = working.knee.joints
    name = f"{working.name} leg since it was drawn up"
    since = Quantity(name, elapsed, ELAPSED, joints, any_view=True)
    yield since.between(0.5, 5.0).as_essence()
    yield from_the_feet(body)
    yield working.knee.at_least(150)
    yield working.leg_raised.at_least(55)
    yield working.other.knee.at_least(150)
    yield working.other.leg_raised.at_most(30)


@pose("Grand Battement", family="ballet", grade="B", movement=True, min_hold=0.25)
def grand_battement(body: Body, working: Side) -> Iterator[Condition]:
    """One straight leg thrown high and brought down again at once.

    Source: American Ballet Theatre dictionary, grand battement.
    """
    leg, knee = working.leg_raised.value, working.knee.value
    highest, straightest, seconds, flight, swung, stayed = np.zeros((6, len(leg)), np.float32)
    speed = np.abs(np.diff(leg, prepend=leg[:1]))
    speed /= np.maximum(np.diff(body.times, prepend=-np.inf), SHORTEST_STEP).astype(np.float32)
    for spell in body.clip.spells(leg > 14, 1.3):
        top = leg[spell].max()
        highest[spell] = top
        straightest[spell] = np.median(knee[spell][leg[spell] >= 0.7 * top])
        seconds[spell] = body.clip.seconds_above(leg, 14, spell)
        flight[spell] = body.height_off_floor.value[spell].max()
        swung[spell] = speed[spell.start : spell.stop + 1].max()
        stayed[spell] = (leg[spell] >= 0.9 * top).mean() * seconds[spell]
    name, joints = (
        working.name,
        (working.landmarks.hip, working.landmarks.knee, working.landmarks.ankle),
    )
    thrown = Quantity(f"{name} leg at its highest", highest, DEGREES, joints)
    yield thrown.at_least(68).as_essence()
    yield Quantity(f"{name} knee at the top", straightest, DEGREES, joints).at_least(152)
    up_and_down = Quantity(f"{name} leg up and down", seconds, SECONDS, joints)
    yield up_and_down.between(0.3, 1.25, slack=0.05).as_essence()
    # What stays up is held, and what leaps up is the tracker that takes one leg for the other.
    at_the_top = Quantity(f"{name} leg at the top", stayed, SECONDS, joints)
    yield at_the_top.at_most(0.5, slack=0.1).as_essence()
    fastest = Quantity(f"{name} leg at its fastest", swung, DEGREES_A_SECOND, joints)
    yield fastest.at_most(1200, slack=200).as_essence()
    yield from_the_feet(body)
    hips_and_feet = body.height_off_floor.joints
    yield Quantity("height off the floor", flight, TORSOS, hips_and_feet).at_most(0.2)
    yield working.other.knee.at_least(140)
    yield working.other.leg_raised.at_most(35)


def free_flight(body: Body, flights: Sequence[slice], least: float) -> Iterator[Condition]:
    """The body rises and falls like a ball, as high as its time above `least` torso lengths asks.

    A camera that sways or is carried, a step towards it and feet that are drawn up move otherwise.
    """
    height, joints = body.height_off_floor.value, body.height_off_floor.joints
    share, alike = np.zeros((2, len(body.times)), np.float32)
    for flight in flights:
        seconds = body.clip.seconds_above(height, least, flight)
        fall = GRAVITY * seconds**2 / 8 / TORSO_METRES
        share[flight] = (height[flight].max() - least) / max(fall, 0.02)
        alike[flight] = likeness_to_a_fall(body.times[flight], height[flight])
    high = Quantity("height of the flight", share, OF_FREE_FLIGHT, joints, any_view=True)
    yield high.between(0.5, 1.5).as_essence()
    course = Quantity("course of the flight", alike, OF_FREE_FLIGHT, joints, any_view=True)
    yield course.at_least(0.6).as_essence()


def likeness_to_a_fall(times: NDArray[np.float64], height: NDArray[np.float32]) -> float:
    """What share of how a height over (n,) seconds varies a parabola tells, 0..1.

    Of three heights and fewer any parabola does.
    """
    if len(np.unique(times)) <= 3:
        return 1.0
    since = times - times.mean()
    rest = height - np.polyval(np.polyfit(since, height, 2), since)
    return float(1 - rest.var() / max(float(height.var()), LEAST_VARIANCE))


@pose("Saute", family="ballet", grade="B", movement=True, min_hold=0.1, aliases={"Jump": "all"})
def saute(body: Body) -> Iterator[Condition]:
    """A jump from both feet, body and legs stretched.

    Source: American Ballet Theatre dictionary, saute.
    """
    widest, uneven, straight, bent = np.zeros((4, len(body.times)), np.float32)
    knees = np.minimum(*(side.knee.value for side in body.sides))
    flights = body.clip.spells(body.height_off_floor.value > 0.08, 0.9)
    for flight in flights:
        # From just before leaving the floor to just after coming down.
        start, end = body.times[flight.start] - 0.1, body.times[flight.stop - 1] + 0.1
        around = (body.times >= start) & (body.times <= end)
        widest[flight] = body.angle_between_legs.value[flight].max()
        uneven[flight] = np.abs(body.left.ankle_above_other.value[around]).max()
        straight[flight] = min(np.median(side.knee.value[flight]) for side in body.sides)
        before_and_after = (body.times >= start - 0.25) & (body.times <= end + 0.25)
        bent[flight] = np.median(knees[flight]) - np.fmin.reduce(knees[before_and_after])
    legs = body.angle_between_legs.joints
    yield body.height_off_floor.at_least(0.15, slack=0.07).as_essence()
    yield from free_flight(body, flights, 0.08)
    yield from_the_feet(body)
    ankles = body.left.ankle_above_other.joints
    lifted = Quantity("one ankle above the other", uneven, TORSOS, ankles)
    yield lifted.at_most(0.35, slack=0.05)
    yield Quantity("angle between the legs", widest, DEGREES, legs).at_most(80)
    yield Quantity("knees in the air", straight, DEGREES, legs).at_least(142)
    # A picture that is shaken goes up and down with a body that stands.
    bend = Quantity("knees bent for the jump", bent, DEGREES, legs, any_view=True)
    yield bend.at_least(20).as_essence()
    yield body.trunk_tilt.at_most(35)


@pose(
    "Grand Jete",
    family="ballet",
    view=("three-quarter", "profile"),
    grade="B",
    movement=True,
    min_hold=0.1,
    aliases={"Leap": "jazz", "Grand jeté": "ballet"},
)
def grand_jete(body: Body, front: Side) -> Iterator[Condition]:
    """A leap from one foot to the other, the legs thrown wide apart in the air.

    Source: American Ballet Theatre dictionary, grand jete.
    """
    widest, ahead, turned = np.zeros((3, len(body.times)), np.float32)
    for spell in body.clip.spells(body.height_off_floor.value > 0.05, 1.0):
        apart = body.angle_between_legs.value[spell]
        widest[spell] = apart.max()
        ahead[spell] = front.foot_in_front_of_other.value[spell][apart.argmax()]
        turned[spell] = abs(body.turn_since_previous_frame[spell].sum())
    yield body.height_off_floor.at_least(0.08, slack=0.05).as_essence()
    yield from_the_feet(body)
    joints = body.angle_between_legs.joints
    yield Quantity("angle between the legs at its widest", widest, DEGREES, joints).at_least(112)
    # Rising on the toes of the pushing foot is not flying yet.
    yield body.angle_between_legs.at_least(45)
    name = f"{front.name} foot in front of the other at the widest"
    ankles = front.foot_in_front_of_other.joints
    yield Quantity(name, ahead, TORSOS, ankles, any_view=True).at_least(0.0)
    # With half a turn it is a jete en tournant.
    trunk = body.turned_to_profile.joints
    yield Quantity("turned in the air", turned, DEGREES, trunk, any_view=True).at_most(110)
    yield body.trunk_tilt.at_most(45)


@pose(
    "Jete en Tournant",
    family="ballet",
    grade="B",
    movement=True,
    min_hold=0.1,
    aliases={"Entrelace": "Vaganova", "Tour jete": "ballet", "Jeté en tournant": "ballet"},
)
def jete_en_tournant(body: Body, towards: Side) -> Iterator[Condition]:
    """A leap from one foot to the other, a leg thrown up, with half a turn in the air.

    The side is that towards which the body turns.

    Source: American Ballet Theatre dictionary, grand jete en tournant.
    """
    thrown, turned = np.zeros((2, len(body.times)), np.float32)
    sign = 1 if towards.name == "left" else -1
    flights = body.clip.spells(body.height_off_floor.value > 0.08, 0.9)
    for flight in flights:
        # The turn begins as the leg is thrown up and ends as the foot comes down.
        start, end = body.times[flight.start] - 0.1, body.times[flight.stop - 1] + 0.1
        around = (body.times >= start) & (body.times <= end)
        thrown[flight] = max(side.leg_raised.value[flight].max() for side in body.sides)
        turned[flight] = sign * body.turn_since_previous_frame[around].sum()
    joints = body.angle_between_legs.joints
    yield body.height_off_floor.at_least(0.2, slack=0.12).as_essence()
    yield from_the_feet(body)
    yield from free_flight(body, flights, 0.08)
    yield Quantity("leg at its highest", thrown, DEGREES, joints, any_view=True).at_least(60)
    name = f"turned to the {towards.name} in the air"
    trunk = body.turned_to_profile.joints
    yield Quantity(name, turned, DEGREES, trunk, any_view=True).between(120, 400).as_essence()
    yield body.trunk_tilt.at_most(45)


@pose(
    "Pirouette",
    family="ballet",
    grade="B",
    movement=True,
    counts_turns=True,
    min_hold=0.35,
    implies=("Turn",),
)
def pirouette(body: Body, towards: Side) -> Iterator[Condition]:
    """Whole turns on one leg on the spot; the side is that towards which the body turns.

    Source: American Ballet Theatre dictionary, pirouette.
    """
    # The same leg supports it all the time.
    raised = [side.ankle_above_other.value >= 0.25 for side in body.sides]
    share = np.maximum(*(body.clip.share_of_time(each, 0.4, 0.4) for each in raised))
    ankles = towards.ankle_above_other.joints
    yield body.turn_speed_towards(towards).between(90, 1100).as_essence()
    yield from on_the_feet(body)
    on_one_leg = Quantity("on one leg", share, OF_THE_TIME, ankles, any_view=True)
    yield on_one_leg.at_least(0.55, slack=0.1).as_essence()
    yield body.hip_drift.at_most(0.9, slack=0.3)
