"""Shapes that every style of dance uses."""

from collections.abc import Iterator

from analyzer.body import Body, Condition
from analyzer.poses import pose


def standing(body: Body) -> Iterator[Condition]:
    """Upright on straight legs, the feet no wider than the shoulders."""
    yield body.tilt.at_most(15)
    yield body.feet_apart.at_most(0.75)
    for side in body.sides:
        yield side.knee.at_least(160)


def level_arms(body: Body) -> Iterator[Condition]:
    """Both arms straight out to the sides at the height of the shoulders."""
    yield body.wrists_apart.at_least(1.7)
    for side in body.sides:
        yield side.arm.between(72, 108)
        yield side.elbow.at_least(155)
        yield side.wrist_above_shoulder.between(-0.3, 0.3)


def raised_arms(body: Body) -> Iterator[Condition]:
    """Both arms straight and up, apart like the strokes of a V."""
    yield body.wrists_apart.at_least(0.9)
    for side in body.sides:
        yield side.arm.between(118, 165)
        yield side.elbow.at_least(150)
        yield side.wrist_above_nose.at_least(0.0)


@pose("T-Pose", family="general", view="front")
def t_pose(body: Body) -> Iterator[Condition]:
    """Upright on straight legs close together, both arms straight out at shoulder height.

    Source: the reference pose of character animation, as in the H-Anim standard (ISO/IEC 19774).
    """
    yield from level_arms(body)
    yield from standing(body)


@pose("Arms V", family="general", view="front")
def arms_v(body: Body) -> Iterator[Condition]:
    """Both arms straight and raised, apart like the strokes of a V.

    Source: the high V of cheerleading and jazz.
    """
    yield from raised_arms(body)


@pose("Arms Overhead", family="general")
def arms_overhead(body: Body) -> Iterator[Condition]:
    """Both arms straight up beside the head, parallel.

    Source: urdhva hastasana of yoga; the extended fifth of jazz.
    """
    yield body.wrists_apart.at_most(0.8)
    for side in body.sides:
        yield side.arm.at_least(155)
        yield side.elbow.at_least(155)
        yield side.wrist_above_nose.at_least(0.25)


@pose("Star", family="general", view="front")
def star(body: Body) -> Iterator[Condition]:
    """Legs straight and wide apart, arms straight and out, level or raised.

    Source: the X of jazz and of the star jump.
    """
    yield body.feet_apart.at_least(1.2)
    yield body.wrists_apart.at_least(1.5)
    yield body.tilt.at_most(15)
    for side in body.sides:
        yield side.knee.at_least(160)
        yield side.arm.between(72, 165)
        yield side.elbow.at_least(155)


@pose("Squat", family="general")
def squat(body: Body) -> Iterator[Condition]:
    """Both knees deeply bent over both feet, the hips lowered behind them.

    Source: the air squat of strength training.
    """
    yield body.hip_height.at_most(0.75)
    for side in body.sides:
        yield side.knee.at_most(120)
