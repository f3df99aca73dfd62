"""What the dancer can do: every pose as joint angles, every movement as postures over time.

Poses are struck as the dictionaries that dancers use define them (American Ballet Theatre's ballet
dictionary, textbooks of jazz, Bharatanatyam and yoga), with the left side working: the raised,
stretched out or bent leg or arm that names the side is the left one. The other side is the mirror
image.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np

from dancer.figure import (
    Arm,
    Build,
    Direction,
    Leg,
    Points,
    Posture,
    Turns,
    clearance,
    skeleton,
)

Place: TypeAlias = tuple[float, float, float]
"""Metres outwards, up and to the front."""

STAND: Final = Posture()
"""Neutral: feet under the hips, arms hanging. It is no pose of the vocabulary."""


@dataclass(frozen=True)
class Key:
    """A posture that is passed `seconds` after the key before.

    `turn` is how far the dancer has turned by then, in degrees to the own left, `travel` how many
    metres to the front the dancer has come.
    """

    seconds: float
    posture: Posture
    turn: float = 0.0
    travel: float = 0.0

    def mirrored(self) -> "Key":
        """The same to the other side."""
        return replace(self, posture=self.posture.mirrored(), turn=-self.turn)


@dataclass(frozen=True)
class Pose:
    """A posture to hold, or a movement, with the left side working if it has sides.

    `name` is that of the vocabulary. `perform` gives the keys for a number of turns; a pose that is
    held has the same posture twice. `yaws` are the views in which it can be told, in degrees that
    the dancer is turned to the own left from facing the camera; for the right side working they
    have the other sign. `also` are the other poses of the vocabulary that are struck with it, and
    `first` and `last` are the keys from which to which it is the pose.
    """

    name: str
    perform: Callable[[int], tuple[Key, ...]]
    sides: bool
    yaws: tuple[float, ...]
    also: tuple[str, ...]
    first: int = 0
    last: int = -1
    portrait: int = 0
    """The key that shows best what it is."""
    also_opposite: tuple[str, ...] = ()
    """Other poses that are struck with it, with the other side working."""

    @property
    def moves(self) -> bool:
        """Whether it is a movement."""
        return len({key.posture for key in self.perform(1)}) > 1


_BUILD: Final = Build()
_FRONT: Final = (0.0, 25.0, -25.0)
_PROFILE: Final = (65.0, -65.0)
"""Nearly so: seen from exactly the side, the near limbs cannot be told from the far ones."""
_SLANTED: Final = (*_PROFILE, 45.0, -45.0)
_OPEN: Final = (-65.0, -45.0)
"""With the working leg behind on the near side, so that the trunk does not hide it."""
_ROUND: Final = (0.0, 35.0, -35.0, 180.0)


def _vector(direction: Direction) -> Points:
    """Unit vector (outwards, up, to the front) of a direction."""
    raised, azimuth = np.radians(direction)
    return np.array(
        [np.sin(raised) * np.sin(azimuth), -np.cos(raised), np.sin(raised) * np.cos(azimuth)]
    )


def _direction(vector: Points) -> Direction:
    x, y, z = vector / np.linalg.norm(vector)
    return float(np.degrees(np.arccos(-y))), float(np.degrees(np.arctan2(x, z)))


def _bent(
    reach: Place, towards: Place, lengths: tuple[float, float]
) -> tuple[Direction, Direction]:
    """The directions of two bones that reach a place, with the joint between them pushed out.

    The angles are those of the average build; other builds keep the angles.
    """
    upper, lower = lengths
    target = np.array(reach)
    distance = float(np.linalg.norm(target))
    along = target / distance
    cosine = (upper**2 + distance**2 - lower**2) / (2 * upper * distance)
    if not -1 < cosine < 1:
        raise ValueError(f"bones of {upper} and {lower} m cannot reach {reach}")
    outwards = np.array(towards) - np.array(towards) @ along * along
    outwards /= np.linalg.norm(outwards)
    first = cosine * along + np.sqrt(1 - cosine**2) * outwards
    return _direction(first), _direction((target - upper * first) / lower)


def _hand_at(reach: Place, elbow: Place = (1.0, 0.0, 0.0)) -> Arm:
    """The arm with its wrist at a place from the shoulder, and the elbow pushed out."""
    return Arm(*_bent(reach, elbow, (_BUILD.upper_arm, _BUILD.forearm)))


def _foot_at(reach: Place, knee: float, foot: Direction | None = None) -> Leg:
    """The leg with its ankle at a place from the hip, the knee towards an azimuth.

    The foot is pointed unless it is given.
    """
    outwards = _vector((90.0, knee))
    thigh, shin = _bent(reach, (outwards[0], outwards[1], outwards[2]), (_BUILD.thigh, _BUILD.shin))
    return Leg(thigh, shin, foot or _pointed(shin, thigh))


def _pointed(shin: Direction, instep: Direction, pointed: float = 22.0) -> Direction:
    """The direction of a pointed foot, whose instep faces a direction: in line with the shin."""
    along, front = _vector(shin), _vector(instep)
    front = front - front @ along * along
    front /= np.linalg.norm(front)
    angle = np.radians(pointed)
    return _direction(np.cos(angle) * along + np.sin(angle) * front)


def _straight(raised: float, azimuth: float) -> Leg:
    """A straight, turned out leg with a pointed foot."""
    leg = (raised, azimuth)
    # Turned out, the instep faces up at the side, up and out in front, and out behind.
    instep = (90.0, 90.0) if azimuth > 120 else (150.0, 90.0)
    return Leg(leg, leg, _pointed(leg, instep))


def _flat(raised: float, azimuth: float, toes: float) -> Leg:
    """A straight leg on the floor."""
    return Leg((raised, azimuth), (raised, azimuth), (90.0, toes))


def _both(arm: Arm) -> tuple[Arm, Arm]:
    return arm, arm


def _arms(upper: Direction, fore: Direction | None = None) -> tuple[Arm, Arm]:
    """The same for both arms; a straight arm needs one direction only."""
    return _both(Arm(upper, fore or upper))


def _posture(
    arms: tuple[Arm, Arm] = (STAND.left_arm, STAND.right_arm),
    legs: tuple[Leg, Leg] = (STAND.left_leg, STAND.right_leg),
    pelvis: Turns = (0.0, 0.0, 0.0),
    chest: Turns = (0.0, 0.0, 0.0),
    head: Turns = (0.0, 0.0, 0.0),
) -> Posture:
    """A posture of (left, right) arms and legs; pelvis, chest and head are upright if not given."""
    return Posture(*arms, *legs, pelvis, chest, head)


def _pose(
    name: str,
    posture: Posture,
    yaws: tuple[float, ...] = _FRONT,
    *,
    sides: bool = False,
    also: tuple[str, ...] = (),
    also_opposite: tuple[str, ...] = (),
) -> Pose:
    keys = (Key(0.0, posture), Key(1.0, posture))
    return Pose(name, lambda _turns: keys, sides, yaws, also=also, also_opposite=also_opposite)


def _movement(
    name: str,
    keys: tuple[Key, ...],
    yaws: tuple[float, ...] = _FRONT,
    *,
    sides: bool = False,
    first: int = 0,
    last: int = -1,
    portrait: int,
) -> Pose:
    return Pose(name, lambda _turns: keys, sides, yaws, (), first, last, portrait)


# Arms

_LEVEL: Final = _arms((90.0, 90.0))
_BRAS_BAS: Final = _both(_hand_at((-0.10, -0.46, 0.17)))
_EN_AVANT: Final = _both(_hand_at((-0.10, -0.20, 0.41)))
_SECOND: Final = _arms((77.0, 78.0), (72.0, 48.0))
_EN_HAUT: Final = _both(_hand_at((-0.06, 0.44, 0.10), (1.0, 0.0, 0.2)))
_DEMI_SECOND: Final = _arms((48.0, 72.0), (42.0, 38.0))
_ON_HIPS: Final = _both(_hand_at((0.01, -0.415, 0.02), (1.0, 0.0, -0.3)))
_PRAYER: Final = _both(_hand_at((-0.11, -0.14, 0.21), (1.0, -0.8, 0.0)))
_NATYARAMBHE: Final = _arms((88.0, 78.0), (84.0, 20.0))

# Legs

_TOGETHER: Final = _flat(3.4, -90.0, 12.0)
_FIRST: Final = _flat(3.4, -90.0, 50.0)
_SUPPORT: Final = _flat(4.0, -90.0, 12.0)
"""The supporting leg of a balance: the hips have moved over its foot."""
_SUPPORT_OUT: Final = _flat(4.0, -90.0, 45.0)
_DEMI_PLIE: Final = _foot_at((-0.05, -0.72, 0.0), 62.0, (90.0, 62.0))
_COUPE: Final = _foot_at((-0.085, -0.60, 0.075), 72.0)
_PASSE: Final = _foot_at((-0.075, -0.36, 0.07), 70.0)
_TREE: Final = Leg((62.0, 78.0), (81.0, -96.0), (20.0, -20.0))


def _open_hip(tilt: float, arch: float) -> dict[str, Turns]:
    """Pelvis and chest of a leg raised behind: the pelvis tips and opens, the back arches up."""
    return {
        "pelvis": (tilt + arch, -8.0, 12.0),
        "chest": (tilt - arch / 2, 0.0, 4.0),
    }


_GENERAL: Final = (
    _pose("T-Pose", _posture(_LEVEL)),
    _pose("A-Pose", _posture(_arms((43.0, 90.0)))),
    _pose("Arms V", _posture(_arms((142.0, 90.0)))),
    _pose("Arms Overhead", _posture(_arms((176.0, 90.0))), (0.0, 35.0, -35.0, 90.0)),
    _pose("Star", _posture(_arms((100.0, 90.0)), (_flat(26.0, 90.0, 45.0),) * 2)),
    _pose("Hands on Hips", _posture(_ON_HIPS, (_flat(2.5, 90.0, 8.0),) * 2)),
    _pose(
        "Lunge",
        _posture(
            legs=(
                Leg((72.0, 5.0), (2.0, 0.0), (90.0, 5.0)),
                Leg((56.0, 178.0), (58.0, 178.0), (42.0, 0.0)),
            )
        ),
        _SLANTED,
        sides=True,
    ),
    _pose(
        "Squat",
        _posture(
            _PRAYER,
            (Leg((88.0, 18.0), (28.0, 198.0), (90.0, 18.0)),) * 2,
            pelvis=(32.0, 0.0, 0.0),
            chest=(30.0, 0.0, 0.0),
            head=(8.0, 0.0, 0.0),
        ),
        (*_SLANTED, 0.0),
    ),
    _pose(
        "Kneel",
        _posture(
            legs=(
                Leg((2.0, 180.0), (86.0, 180.0), (72.0, 180.0)),
                Leg((87.0, 8.0), (0.0, 0.0), (90.0, 8.0)),
            )
        ),
        _SLANTED,
        sides=True,
        also_opposite=("Lunge",),
    ),
    _pose(
        "Splits",
        _posture(
            _arms((80.0, 90.0)),
            (
                Leg((86.0, 6.0), (87.0, 6.0), (105.0, 20.0)),
                Leg((86.0, 174.0), (87.0, 174.0), (80.0, 150.0)),
            ),
        ),
        _PROFILE,
        sides=True,
    ),
    _pose(
        "Balance",
        _posture(
            _ON_HIPS,
            (
                Leg((78.0, 10.0), (12.0, 180.0), _pointed((12.0, 180.0), (78.0, 10.0))),
                _SUPPORT,
            ),
        ),
        (0.0, 40.0, -40.0, *_PROFILE),
        sides=True,
        also=("Hands on Hips",),
    ),
)

_BALLET: Final = (
    _pose("Demi-Plie", _posture(_DEMI_SECOND, (_DEMI_PLIE,) * 2)),
    _pose(
        "Grand Plie",
        _posture(_SECOND, (_foot_at((0.02, -0.40, 0.12), 62.0, (62.0, 62.0)),) * 2),
        also=("Second (arms)",),
    ),
    _pose("Second Position (feet)", _posture(_DEMI_SECOND, (_flat(9.0, 90.0, 70.0),) * 2)),
    _pose(
        "Tendu devant",
        _posture(_DEMI_SECOND, (_straight(25.0, 3.0), _SUPPORT_OUT)),
        _PROFILE,
        sides=True,
    ),
    _pose(
        "Tendu a la seconde",
        _posture(_DEMI_SECOND, (_straight(25.0, 85.0), _SUPPORT_OUT)),
        sides=True,
    ),
    _pose(
        "Tendu derriere",
        _posture(_DEMI_SECOND, (_straight(25.0, 177.0), _SUPPORT_OUT), pelvis=(4.0, 0.0, 0.0)),
        _PROFILE,
        sides=True,
    ),
    _pose(
        "Degage devant",
        _posture(_DEMI_SECOND, (_straight(40.0, 3.0), _SUPPORT_OUT)),
        _PROFILE,
        sides=True,
    ),
    _pose(
        "Degage a la seconde",
        _posture(_DEMI_SECOND, (_straight(40.0, 85.0), _SUPPORT_OUT)),
        sides=True,
    ),
    _pose(
        "Degage derriere",
        _posture(_DEMI_SECOND, (_straight(40.0, 177.0), _SUPPORT_OUT), pelvis=(6.0, 0.0, 0.0)),
        _PROFILE,
        sides=True,
    ),
    _pose(
        "Coupe",
        _posture(_BRAS_BAS, (_COUPE, _SUPPORT_OUT)),
        sides=True,
        also=("Bras Bas",),
    ),
    _pose(
        "Passe",
        _posture(_EN_AVANT, (_PASSE, _SUPPORT_OUT)),
        (0.0, 25.0, 12.0),
        sides=True,
        also=("En Avant", "Balance"),
    ),
    _pose(
        "Arabesque",
        _posture(
            (Arm((82.0, 105.0), (80.0, 100.0)), Arm((114.0, 6.0), (112.0, 4.0))),
            (_straight(90.0, 172.0), _SUPPORT_OUT),
            **_open_hip(29.0, 12.0),
        ),
        (-65.0, -75.0, 110.0),
        sides=True,
        also=("Balance",),
    ),
    _pose(
        "Arabesque Penchee",
        _posture(
            (Arm((88.0, 100.0), (86.0, 95.0)), Arm((125.0, 6.0), (122.0, 4.0))),
            (_straight(145.0, 176.0), _SUPPORT_OUT),
            pelvis=(82.0, -6.0, 8.0),
            chest=(66.0, 0.0, 0.0),
            head=(40.0, 0.0, 0.0),
        ),
        _OPEN,
        sides=True,
        also=("Balance",),
    ),
    _pose(
        "Attitude derriere",
        _posture(
            (_EN_HAUT[0], _SECOND[1]),
            (
                Leg((88.0, 160.0), (52.0, -118.0), _pointed((52.0, -118.0), (88.0, 160.0))),
                _SUPPORT_OUT,
            ),
            **_open_hip(20.0, 14.0),
        ),
        (-65.0, -70.0, -60.0),
        sides=True,
        also=("Balance", "Third (arms)"),
    ),
    _pose(
        "Attitude devant",
        _posture(
            (_EN_HAUT[0], _SECOND[1]),
            (
                Leg((88.0, 35.0), (68.0, -45.0), _pointed((68.0, -45.0), (88.0, 35.0))),
                _SUPPORT_OUT,
            ),
            pelvis=(-8.0, 0.0, 0.0),
            chest=(-3.0, 0.0, 0.0),
        ),
        (65.0, 45.0, 75.0),
        sides=True,
        also=("Balance", "Third (arms)"),
    ),
    _pose(
        "A la Seconde en l'air",
        _posture(
            _SECOND,
            (_straight(92.0, 84.0), _SUPPORT_OUT),
            pelvis=(0.0, -12.0, 0.0),
            chest=(0.0, -4.0, 0.0),
        ),
        sides=True,
        also=("Balance", "Second (arms)"),
    ),
    _pose(
        "Devant en l'air",
        _posture(
            _SECOND,
            (_straight(92.0, 6.0), _SUPPORT_OUT),
            pelvis=(-10.0, 0.0, 0.0),
            chest=(-3.0, 0.0, 0.0),
        ),
        _SLANTED,
        sides=True,
        also=("Balance", "Second (arms)"),
    ),
    _pose(
        "Cambre",
        _posture(
            _EN_HAUT,
            (_FIRST,) * 2,
            pelvis=(-4.0, 0.0, 0.0),
            chest=(-45.0, 0.0, 0.0),
            head=(-60.0, 0.0, 0.0),
        ),
        _PROFILE,
        also=("En Haut",),
    ),
    _pose("Bras Bas", _posture(_BRAS_BAS, (_FIRST,) * 2)),
    _pose("En Avant", _posture(_EN_AVANT, (_FIRST,) * 2)),
    _pose("Second (arms)", _posture(_SECOND, (_FIRST,) * 2)),
    _pose("En Haut", _posture(_EN_HAUT, (_FIRST,) * 2), (0.0, 35.0, -35.0)),
    _pose(
        "Fourth (arms)",
        _posture((_EN_HAUT[0], _EN_AVANT[1]), (_FIRST,) * 2),
        sides=True,
    ),
    _pose(
        "Third (arms)",
        _posture((_EN_HAUT[0], _SECOND[1]), (_FIRST,) * 2),
        sides=True,
    ),
)

_JAZZ: Final = (
    _pose(
        "Flat Back",
        _posture(
            _LEVEL,
            (_flat(7.0, 0.0, 12.0),) * 2,
            pelvis=(88.0, 0.0, 0.0),
            chest=(88.0, 0.0, 0.0),
            head=(78.0, 0.0, 0.0),
        ),
        _PROFILE,
    ),
    _pose(
        "Layout",
        _posture(
            _arms((92.0, 90.0)),
            (_straight(96.0, 8.0), _SUPPORT_OUT),
            pelvis=(-38.0, 0.0, 0.0),
            chest=(-62.0, 0.0, 0.0),
            head=(-70.0, 0.0, 0.0),
        ),
        (65.0, 45.0),
        sides=True,
        also=("Balance",),
    ),
    _pose(
        "Tilt",
        _posture(
            (Arm((160.0, 90.0), (165.0, 90.0)), Arm((95.0, 90.0), (95.0, 90.0))),
            (_straight(134.0, 86.0), _SUPPORT_OUT),
            pelvis=(0.0, -46.0, 0.0),
            chest=(0.0, -56.0, 0.0),
            head=(0.0, -50.0, 0.0),
        ),
        (0.0, 20.0, -20.0),
        sides=True,
        also=("Balance",),
    ),
    _pose(
        "Hinge",
        _posture(
            _arms((62.0, 8.0)),
            (Leg((42.0, 6.0), (42.0, 178.0), (50.0, 6.0)),) * 2,
            pelvis=(-42.0, 0.0, 0.0),
            chest=(-44.0, 0.0, 0.0),
            head=(-22.0, 0.0, 0.0),
        ),
        _PROFILE,
    ),
)

_HIP_HOP: Final = (
    _pose(
        "Dab",
        _posture(
            (_hand_at((-0.21, 0.16, 0.18), (1.0, 0.5, 0.9)), Arm((118.0, 82.0), (118.0, 82.0))),
            (_flat(9.0, 90.0, 20.0),) * 2,
            chest=(6.0, 0.0, -6.0),
            head=(28.0, -8.0, 12.0),
        ),
        (0.0, -25.0),
        sides=True,
    ),
    _pose(
        "B-Boy Stance",
        _posture(
            (
                Arm((24.0, 5.0), _direction(np.array([-0.95, 0.10, 0.30]))),
                Arm((24.0, 5.0), _direction(np.array([-0.95, 0.06, 0.12]))),
            ),
            (_flat(14.0, 90.0, 30.0),) * 2,
            pelvis=(-3.0, 0.0, 0.0),
            chest=(-6.0, 0.0, 0.0),
            head=(-4.0, 8.0, 0.0),
        ),
    ),
)

_BALLROOM: Final = (
    _pose(
        "Closed Frame",
        _posture(
            (_hand_at((0.02, -0.07, 0.34), (1.0, 0.0, -0.2)), Arm((84.0, 76.0), (116.0, 58.0)))
        ),
        sides=True,
    ),
)

_BHARATANATYAM: Final = (
    _pose("Samapadam", _posture(_ON_HIPS, (_TOGETHER,) * 2), also=("Hands on Hips",)),
    _pose(
        "Aramandi",
        _posture(_NATYARAMBHE, (_foot_at((-0.04, -0.63, 0.0), 70.0, (90.0, 70.0)),) * 2),
        also=("Natyarambhe (arms)",),
    ),
    _pose(
        "Muzhumandi",
        _posture(_NATYARAMBHE, (_foot_at((-0.04, -0.27, 0.10), 65.0, (48.0, 65.0)),) * 2),
        also=("Natyarambhe (arms)", "Grand Plie"),
    ),
    _pose("Natyarambhe (arms)", _posture(_NATYARAMBHE, (_TOGETHER,) * 2)),
    _pose(
        "Tribhanga",
        _posture(
            (_ON_HIPS[0], _hand_at((-0.06, 0.0, 0.30), (1.0, -1.0, 0.0))),
            (
                _flat(11.0, -90.0, 35.0),
                _foot_at((0.17, -0.79, 0.06), 45.0, (90.0, 50.0)),
            ),
            pelvis=(0.0, -9.0, 0.0),
            chest=(0.0, -15.0, 0.0),
            head=(0.0, 16.0, 0.0),
        ),
        (0.0,),
        sides=True,
    ),
    _pose(
        "Nataraja",
        _posture(
            (
                Arm((78.0, -8.0), (62.0, -62.0)),
                Arm((38.0, 62.0), (155.0, 25.0)),
            ),
            (
                Leg((82.0, 12.0), (62.0, -72.0), _pointed((62.0, -72.0), (82.0, 12.0))),
                _foot_at((-0.06, -0.76, 0.0), 50.0, (90.0, 50.0)),
            ),
        ),
        (0.0,),
        sides=True,
        also=("Balance",),
    ),
)

_YOGA: Final = (
    _pose("Tree", _posture(_PRAYER, (_TREE, _SUPPORT)), _ROUND, sides=True, also=("Balance",)),
    _pose(
        "Warrior I",
        _posture(
            _arms((176.0, 90.0)),
            (
                Leg((74.0, 4.0), (0.0, 0.0), (90.0, 4.0)),
                _flat(50.0, 172.0, 40.0),
            ),
        ),
        _SLANTED,
        sides=True,
        also=("Lunge", "Arms Overhead"),
    ),
    _pose(
        "Warrior II",
        _posture(
            _LEVEL,
            (Leg((72.0, 86.0), (0.0, 0.0), (90.0, 86.0)), _flat(48.5, 92.0, 15.0)),
            head=(0.0, 0.0, 55.0),
        ),
        (0.0, 25.0, -20.0),
        sides=True,
        also=("Lunge",),
    ),
    _pose(
        "Warrior III",
        _posture(
            _arms((172.0, 0.0)),
            (
                Leg((88.0, 180.0), (88.0, 180.0), _pointed((88.0, 180.0), (0.0, 0.0), 40.0)),
                _SUPPORT,
            ),
            pelvis=(84.0, 0.0, 0.0),
            chest=(82.0, 0.0, 0.0),
            head=(66.0, 0.0, 0.0),
        ),
        (-65.0, -80.0, 110.0),
        sides=True,
        also=("Balance",),
    ),
    _pose(
        "Dancer",
        _posture(
            (_hand_at((-0.04, -0.17, -0.47), (1.0, 0.0, 0.0)), Arm((118.0, 4.0), (120.0, 2.0))),
            (
                Leg((70.0, 178.0), (176.0, 0.0), _pointed((176.0, 0.0), (90.0, 178.0))),
                _SUPPORT,
            ),
            pelvis=(26.0, 0.0, 0.0),
            chest=(8.0, 0.0, 0.0),
        ),
        _OPEN,
        sides=True,
        also=("Balance",),
    ),
    _pose(
        "Goddess",
        _posture(
            _arms((90.0, 88.0), (178.0, 90.0)),
            (Leg((54.0, 66.0), (4.0, -114.0), (90.0, 62.0)),) * 2,
        ),
    ),
)

_IN_FIRST: Final = _posture(_BRAS_BAS, (_FIRST,) * 2)
_IN_PLIE: Final = _posture(_BRAS_BAS, (_DEMI_PLIE,) * 2)
_IN_AIR: Final = _posture(_BRAS_BAS, (Leg((3.0, -90.0), (3.0, -90.0), (24.0, 50.0)),) * 2)


def _flight(seconds: float, rise: float, travel: float, postures: Sequence[Posture]) -> list[Key]:
    """Keys from leaving the floor to landing, through postures evenly in time.

    The hips fly on a parabola that rises by `rise` metres, whatever the legs do. `travel` goes from
    its half behind to its half in front; the first key is the take-off.
    """
    coordinates = np.array([posture.coordinates() for posture in postures])
    standing = -clearance(skeleton(coordinates, _BUILD), _BUILD)
    share = np.linspace(0.0, 1.0, len(postures))
    hips = standing[0] + share * (standing[-1] - standing[0]) + 4 * rise * share * (1 - share)
    return [
        Key(seconds / (len(postures) - 1), replace(posture, lifted=lifted), 0.0, forward)
        for posture, lifted, forward in zip(
            postures, (hips - standing).tolist(), (travel * (share - 0.5)).tolist(), strict=True
        )
    ]


def _saute() -> tuple[Key, ...]:
    return (
        Key(0.0, _IN_FIRST),
        Key(0.35, _IN_PLIE),
        *_flight(0.44, 0.24, 0.0, (_IN_AIR,) * 7),
        Key(0.2, _IN_PLIE),
        Key(0.35, _IN_FIRST),
    )


def _grand_jete() -> tuple[Key, ...]:
    start, end = -0.75, 0.75
    arms = (Arm((88.0, 80.0), (86.0, 76.0)), Arm((104.0, 8.0), (104.0, 6.0)))
    plie = _foot_at((-0.06, -0.70, 0.0), 45.0, (90.0, 45.0))
    preparation = _posture(_EN_AVANT, (_straight(26.0, 175.0), plie))
    push = _posture(arms, (_straight(62.0, 6.0), Leg((12.0, 180.0), (16.0, 180.0), (30.0, 10.0))))
    split = _posture(arms, (_straight(82.0, 5.0), _straight(80.0, 175.0)), chest=(-4.0, 0.0, 0.0))
    leap = _posture(arms, (_straight(78.0, 5.0), _straight(55.0, 175.0)))
    fall = _posture(arms, (_straight(52.0, 5.0), _straight(74.0, 175.0)), chest=(8.0, 0.0, 0.0))
    touch = _posture(
        arms,
        (Leg((14.0, 0.0), (6.0, 180.0), (62.0, 8.0)), _straight(58.0, 175.0)),
        pelvis=(14.0, 0.0, 0.0),
        chest=(10.0, 0.0, 0.0),
    )
    landed = _posture(
        arms, (plie, _straight(48.0, 175.0)), pelvis=(16.0, 0.0, 0.0), chest=(10.0, 0.0, 0.0)
    )
    return (
        Key(0.0, _IN_FIRST, 0.0, start),
        Key(0.4, preparation, 0.0, start),
        *_flight(0.5, 0.3, end - start, (push, leap, split, split, split, fall, touch)),
        Key(0.2, landed, 0.0, end),
        Key(0.5, _IN_FIRST, 0.0, end),
    )


def _jete_en_tournant() -> tuple[Key, ...]:
    """To the left: the right leg is thrown up, and the legs pass each other as the body turns."""
    start, end = -0.4, 0.4
    plie = _foot_at((-0.06, -0.70, 0.0), 45.0, (90.0, 45.0))
    preparation = _posture(_EN_AVANT, (plie, _straight(26.0, 175.0)))
    push = _posture(
        _EN_AVANT, (Leg((10.0, 180.0), (12.0, 180.0), (30.0, 10.0)), _straight(60.0, 6.0))
    )
    thrown = _posture(_EN_HAUT, (_straight(18.0, 178.0), _straight(86.0, 6.0)))
    passing = _posture(_EN_HAUT, (_straight(34.0, 172.0), _straight(44.0, 6.0)))
    passed = _posture(_EN_HAUT, (_straight(62.0, 174.0), _straight(14.0, 6.0)), (6.0, 0.0, 0.0))
    behind = _posture(_EN_HAUT, (_straight(76.0, 174.0), _straight(4.0, 6.0)), (12.0, 0.0, 0.0))
    touch = _posture(
        _EN_HAUT,
        (_straight(72.0, 174.0), Leg((10.0, 0.0), (6.0, 180.0), (62.0, 8.0))),
        pelvis=(14.0, 0.0, 0.0),
        chest=(8.0, 0.0, 0.0),
    )
    landed = _posture(
        _EN_HAUT, (_straight(62.0, 174.0), plie), pelvis=(16.0, 0.0, 0.0), chest=(8.0, 0.0, 0.0)
    )
    postures = (push, thrown, thrown, passing, passed, behind, touch)
    turned = (20.0, 35.0, 65.0, 105.0, 145.0, 165.0, 178.0)
    return (
        Key(0.0, _IN_FIRST, 0.0, start),
        Key(0.4, preparation, 0.0, start),
        *(
            replace(key, turn=turn)
            for key, turn in zip(_flight(0.5, 0.3, end - start, postures), turned, strict=True)
        ),
        Key(0.2, landed, 180.0, end),
        Key(0.5, _IN_FIRST, 180.0, end),
    )


def _pirouette(turns: int) -> tuple[Key, ...]:
    """En dehors from fourth position: to the side of the working leg, which is in passe."""
    fourth = _posture(
        (_EN_AVANT[0], _SECOND[1]),
        (
            _foot_at((-0.02, -0.74, -0.2), 60.0, (90.0, 60.0)),
            _foot_at((-0.02, -0.74, 0.2), 60.0, (90.0, 60.0)),
        ),
    )
    on_toes = Leg((4.0, -90.0), (4.0, -90.0), (48.0, 45.0))
    turning = _posture(_EN_AVANT, (_PASSE, on_toes))
    whole = 360 * turns
    angles = range(45, whole, 45)
    quick = 0.8 / 8
    # The head stays behind the body for the first half of a turn, then comes round before it.
    spotting = [
        replace(turning, head=(0.0, 0.0, -65.0 * float(np.sin(np.radians(angle)))))
        for angle in angles
    ]
    return (
        Key(0.0, _IN_FIRST),
        Key(0.5, fourth),
        Key(0.2, fourth, -8.0),
        *(
            Key(0.22 if angle == 45 else quick, posture, float(angle))
            for angle, posture in zip(angles, spotting, strict=True)
        ),
        Key(0.3, fourth, float(whole)),
        Key(0.5, _IN_FIRST, float(whole)),
    )


def _turn(turns: int) -> tuple[Key, ...]:
    """Round on both feet, without more ado."""
    stepping = _posture(_DEMI_SECOND, (_foot_at((0.0, -0.80, 0.0), 10.0, (90.0, 20.0)), _SUPPORT))
    angles = range(0, 360 * turns + 1, 90)
    steps = [stepping if index % 2 else stepping.mirrored() for index in range(len(angles))]
    return tuple(
        Key(0.3 if angle else 0.0, step, float(angle))
        for angle, step in zip(angles, steps, strict=True)
    )


def _developpe(end: Leg, attitude: Leg, **trunk: Turns) -> tuple[Key, ...]:
    coupe = _posture(_BRAS_BAS, (_COUPE, _SUPPORT_OUT))
    passe = _posture(_EN_AVANT, (_PASSE, _SUPPORT_OUT))
    bent = _posture(_SECOND, (attitude, _SUPPORT_OUT))
    unfolded = _posture(_SECOND, (end, _SUPPORT_OUT), **trunk)
    return (
        Key(0.0, _IN_FIRST),
        Key(0.5, coupe),
        Key(0.6, passe),
        Key(0.6, bent),
        Key(0.6, unfolded),
        Key(0.3, unfolded),
    )


def _grand_battement(top: Leg, tendu: Leg, **trunk: Turns) -> tuple[Key, ...]:
    first = _posture(_SECOND, (_FIRST, _SUPPORT_OUT))
    brushed = _posture(_SECOND, (tendu, _SUPPORT_OUT))
    thrown = _posture(_SECOND, (top, _SUPPORT_OUT), **trunk)
    return (
        Key(0.0, first),
        Key(0.18, brushed),
        Key(0.28, thrown),
        Key(0.30, brushed),
        Key(0.22, first),
    )


def _freeze() -> tuple[Key, ...]:
    """A few sharp beats of toprock, then stillness."""
    low = _foot_at((0.06, -0.70, 0.05), 40.0, (90.0, 35.0))
    kick = Leg((50.0, 20.0), (20.0, 10.0), (70.0, 20.0))
    one = _posture((Arm((70.0, 10.0), (120.0, -20.0)), Arm((60.0, 110.0))), (kick, low))
    other = one.mirrored()
    crouch = _foot_at((0.16, -0.60, 0.0), 55.0, (90.0, 50.0))
    shape = _posture(
        (Arm((128.0, 75.0), (160.0, -60.0)), Arm((60.0, 85.0), (62.0, -30.0))),
        (crouch, crouch),
        chest=(8.0, -10.0, 8.0),
        head=(0.0, -8.0, 20.0),
    )
    return (
        Key(0.0, _posture(legs=(low, low))),
        *(Key(0.26, beat) for beat in (one, other, one, other)),
        Key(0.2, shape),
        Key(1.2, shape),
    )


_SIDE_TRUNK: Final[dict[str, Turns]] = {"pelvis": (0.0, -10.0, 0.0), "chest": (0.0, -4.0, 0.0)}
_BACK_TRUNK: Final[dict[str, Turns]] = {"pelvis": (-8.0, 0.0, 0.0), "chest": (-3.0, 0.0, 0.0)}

_MOVEMENTS: Final = (
    _movement("Saute", _saute(), first=2, last=8, portrait=5),
    _movement("Grand Jete", _grand_jete(), _PROFILE, sides=True, first=2, last=8, portrait=5),
    _movement(
        "Jete en Tournant",
        _jete_en_tournant(),
        (-65.0, -80.0, -45.0),
        sides=True,
        first=2,
        last=8,
        portrait=3,
    ),
    Pose("Pirouette", _pirouette, True, _FRONT, ("Turn",), first=2, last=-2, portrait=3),
    Pose("Turn", _turn, True, _FRONT, (), portrait=1),
    _movement(
        "Developpe",
        _developpe(
            _straight(92.0, 84.0),
            Leg((82.0, 78.0), (34.0, -100.0), _pointed((34.0, -100.0), (82.0, 78.0))),
            **_SIDE_TRUNK,
        ),
        sides=True,
        portrait=-1,
    ),
    _movement(
        "Grand Battement",
        _grand_battement(_straight(96.0, 82.0), _straight(25.0, 82.0), **_SIDE_TRUNK),
        sides=True,
        portrait=2,
    ),
    _movement("Freeze", _freeze(), first=-2, portrait=-1),
)

_VARIANTS: Final = (
    (
        "to the side",
        _pose(
            "Cambre",
            _posture(
                (_EN_HAUT[0], _ON_HIPS[1]),
                (_FIRST,) * 2,
                pelvis=(0.0, -4.0, 0.0),
                chest=(0.0, -45.0, 0.0),
                head=(0.0, -45.0, 0.0),
            ),
            (0.0,),
        ),
    ),
    (
        "devant",
        _movement(
            "Developpe",
            _developpe(
                _straight(92.0, 6.0),
                Leg((84.0, 20.0), (40.0, -30.0), _pointed((40.0, -30.0), (84.0, 20.0))),
                **_BACK_TRUNK,
            ),
            (65.0, 50.0),
            sides=True,
            portrait=-1,
        ),
    ),
    (
        "devant",
        _movement(
            "Grand Battement",
            _grand_battement(_straight(96.0, 6.0), _straight(25.0, 6.0), **_BACK_TRUNK),
            _PROFILE,
            sides=True,
            portrait=2,
        ),
    ),
)

_ALL: Final = (
    *_GENERAL,
    *_BALLET,
    *_JAZZ,
    *_HIP_HOP,
    *_BALLROOM,
    *_BHARATANATYAM,
    *_YOGA,
    *_MOVEMENTS,
)

REPERTOIRE: Final = {pose.name: pose for pose in _ALL} | {
    f"{pose.name}, {variant}": pose for variant, pose in _VARIANTS
}
"""Every pose by its name in the vocabulary, then other ways to do some of them."""
