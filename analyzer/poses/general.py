"""Shapes that every style of dance uses."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from analyzer.body import DEGREES, TORSOS, Body, Condition, Quantity, Side
from analyzer.poses import pose
from analyzer.poses.weight import on_the_feet

BEHIND: Final = 110
"""From which direction on, in degrees, a leg leads to the back."""

ASIDE: Final = 42
"""By how many degrees a leg that leads aside is straighter at its knee than at its hip."""


def standing(body: Body, apart: float) -> Iterator[Condition]:
    """Upright on straight legs, the feet no further apart than that."""
    yield body.trunk_tilt.at_most(15)
    yield body.feet_apart.at_most(apart)
    for side in body.sides:
        yield side.knee_straight.at_least(154)


@pose("T-Pose", family="general", view="front")
def t_pose(body: Body) -> Iterator[Condition]:
    """Upright on straight legs close together, both arms straight out at shoulder height.

    Source: the reference pose of character animation.
    """
    # Many stand with their feet wider than the shoulders; wide apart they make a star.
    yield from standing(body, 0.95)
    yield body.wrists_apart.at_least(1.85)
    # Further in front, the arms only look as if they were out to the sides; lower, in second.
    yield body.wrists_in_front.at_most(0.42)
    yield body.wrists_above_shoulders.between(-0.18, 0.28, slack=0.05).as_essence()
    for side in body.sides:
        yield side.arm_raised.between(72, 114)
        yield side.elbow.at_least(150)
        yield side.elbow_in_space.at_least(127)
        yield side.forearm_length_seen.at_least(0.72)
        yield side.wrist_above_shoulder.between(-0.33, 0.36)


@pose("A-Pose", family="general", view="front", min_hold=0.3)
def a_pose(body: Body) -> Iterator[Condition]:
    """Upright on straight legs close together, both arms straight and half way to the side.

    Source: the relaxed reference pose of character animation.
    """
    yield from standing(body, 0.62)
    for side in body.sides:
        yield side.arm_raised.between(28, 56).as_essence()
        yield side.elbow.at_least(155)


@pose("Arms V", family="general", view="front", aliases={"High V": "cheerleading"})
def arms_v(body: Body) -> Iterator[Condition]:
    """Both arms straight and raised, apart like the strokes of a V.

    Source: the high V of cheerleading and jazz dance.
    """
    yield body.wrists_apart.at_least(1.0)
    for side in body.sides:
        yield side.whole_arm_raised.between(118, 165)
        yield side.elbow.at_least(130)
        yield side.wrist_above_nose.at_least(0.0).as_essence()
    yield from on_the_feet(body)


@pose("Arms Overhead", family="general", aliases={"Urdhva Hastasana": "yoga"})
def arms_overhead(body: Body) -> Iterator[Condition]:
    """Both arms straight up beside the head.

    Source: urdhva hastasana, the raised hands pose of yoga.
    """
    yield body.wrists_apart.at_most(0.95)
    # Bent further, it is a cambre.
    yield body.trunk_tilt.at_most(24)
    for side in body.sides:
        yield side.arm_raised.at_least(152)
        yield side.elbow.at_least(153)
        yield side.elbow_in_space.at_least(115)
        yield side.wrist_above_nose.at_least(0.25).as_essence()


@pose("Star", family="general", view="front", aliases={"X Pose": "jazz"})
def star(body: Body) -> Iterator[Condition]:
    """Legs straight and wide apart, arms straight and out, level or raised.

    Source: utthita tadasana, the five-pointed star of yoga.
    """
    yield body.trunk_tilt.at_most(15)
    yield body.feet_apart.at_least(1.05).as_essence()
    yield body.left.ankle_above_other.between(-0.35, 0.35)
    yield body.wrists_apart.at_least(1.5)
    for side in body.sides:
        yield side.knee_straight.at_least(160)
        yield side.arm_raised.between(74, 165)
        yield side.elbow.at_least(153)


@pose("Hands on Hips", family="general", view="front", min_hold=0.25)
def hands_on_hips(body: Body) -> Iterator[Condition]:
    """Both hands on the hips, the elbows out to the sides.

    Source: everyday use; in ballet the hands' place in character dance.
    """
    for side in body.sides:
        yield side.wrist_to_hip.at_most(0.38)
        yield side.wrist_to_hip_in_space.at_most(0.63)
        yield side.elbow.between(45, 142)
        yield side.elbow_in_space.between(45, 148).as_essence()
        yield side.arm_raised.between(22, 75)
        yield side.wrist_off_midline.at_least(0.15)
        yield side.wrist_above_hip.between(-0.15, 0.35)


def lunging(body: Body, bent: Side) -> Iterator[Condition]:
    """One knee bent, the other leg stretched away from it."""
    stretched = bent.other
    yield body.feet_apart_in_space.at_least(1.2).as_essence()
    yield body.hip_height.at_most(0.9)
    # The stretched leg leads away; between two bent ones the knees are further out than the feet.
    yield body.knees_out_over_feet.at_most(0.1)
    yield bent.knee_bent.between(40, 134)
    yield bent.knee_above_other.at_least(0.02)
    yield bent.ankle_above_other_in_space.between(-0.5, 0.5)
    # To the back from the hip on, the knee on the floor or not; to the side from a bent hip.
    straight = stretched.knee_straight.value - ASIDE
    from_the_hip = np.maximum(stretched.hip.value, straight)
    straight = np.where(stretched.leg_direction.value > BEHIND, from_the_hip, straight)
    joints = (*stretched.hip.joints, *stretched.knee.joints)
    name = f"{stretched.name} leg stretched"
    yield Quantity(name, straight, DEGREES, joints, any_view=True).at_least(114)
    yield body.hips_above_feet.at_least(0.15).as_essence()


@pose("Lunge", family="general", aliases={"Fente": "ballet"})
def lunge(body: Body, bent: Side) -> Iterator[Condition]:
    """One knee deeply bent over its foot, the other leg stretched out behind or aside.

    Source: the lunge of gymnastics; fondu a la quatrieme or a la seconde in ballet.
    """
    yield from lunging(body, bent)
    yield body.trunk_tilt.at_most(60)


@pose(
    "Squat",
    family="general",
    grade="B",
    min_hold=0.2,
    aliases={"Utkatasana": "yoga", "Chair": "yoga"},
)
def squat(body: Body) -> Iterator[Condition]:
    """Both knees deeply bent to the front over both feet, the hips lowered behind them.

    Source: the squat of strength training.
    """
    yield body.hip_height.at_most(0.92)
    yield body.feet_apart_front_to_back.at_most(0.7)
    yield body.feet_apart_side_to_side.at_most(1.02)
    yield body.forward_bend.between(-20, 65)
    # Somebody who sits has the shins upright: the weight is not over the feet.
    yield body.knees_in_front_of_ankles.at_least(0.12, slack=0.06)
    yield body.knees_out_over_feet.at_most(0.6)
    yield body.hips_above_feet.at_least(0.15).as_essence()
    for side in body.sides:
        yield side.knee_in_space.at_most(127)
        yield side.thigh_direction.at_most(45, slack=3)
        yield side.knee_above_ankle.at_least(0.2)


@pose("Kneel", family="general", grade="C", min_hold=0.3)
def kneel(body: Body, down: Side) -> Iterator[Condition]:
    """The weight on one or both knees, the hips above them.

    Source: everyday use.
    """
    joints = (down.landmarks.knee, *body.feet_apart.joints, *body.knees_apart.joints)
    floor = np.stack([body.point(joint).imag for joint in joints]).max(axis=0)
    height = floor - body.point(down.landmarks.knee).imag
    doubt = body.doubt(down.landmarks.knee, down.other.landmarks.ankle)
    name = f"{down.name} knee above the floor"
    knee_down = Quantity(name, height, TORSOS, joints, any_view=True, doubt=doubt)
    yield knee_down.at_most(0.18, slack=0.06)
    yield down.hip_above_knee.at_least(0.5).as_essence()
    yield down.knee_in_space.at_most(120)
    yield body.knees_out_over_feet.at_most(0.6)
    yield body.trunk_tilt.at_most(40)


@pose("Splits", family="general", grade="C", min_hold=0.3, aliases={"Hanumanasana": "yoga"})
def splits(body: Body, front: Side) -> Iterator[Condition]:
    """Both legs stretched out on the floor in opposite directions.

    Source: American Ballet Theatre dictionary, grand ecart.
    """
    yield body.angle_between_legs.at_least(150)
    yield body.hip_height.at_most(0.4)
    yield front.foot_in_front_of_other.at_least(0.0)
    for side in body.sides:
        yield side.knee.at_least(135)


@pose("Turn", family="general", grade="B", movement=True, counts_turns=True, min_hold=0.35)
def turn(body: Body, towards: Side) -> Iterator[Condition]:
    """Whole turns of the body, whatever the legs do; the side is that towards which it turns.

    Source: everyday use; ballet's tour.
    """
    yield body.turn_speed_towards(towards).between(90, 1100).as_essence()
    yield body.trunk_tilt.at_most(45)
    yield from on_the_feet(body)


@pose("Balance", family="general", min_hold=0.9)
def balance(body: Body, raised: Side) -> Iterator[Condition]:
    """Standing still on one leg for about a second or more, with no hand on the floor.

    Source: everyday use; ballet's equilibre.
    """
    # A foot pointed with its toes on the floor has its ankle nearly as high.
    yield raised.ankle_above_other.at_least(0.3, slack=0.05).as_essence()
    yield raised.foot_above_other.at_least(0.15, slack=0.05)
    yield raised.other.weight_off_foot.at_most(0.4)
    yield body.hip_drift.at_most(0.12).as_essence()
    yield from on_the_feet(body, hips=0.78, hands_free=True)
