"""Groups to try: films of two to five dancers, with what makes them hard to tell apart."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dancer.drawing import Clothes
from dancer.figure import BUILDS, Build
from dancer.film import Plain, Slip
from dancer.group import GroupFilm, Role, Waypoint, group

_SCORES: Final[tuple[Sequence[Plain], ...]] = (
    [("T-Pose", None, 1.0), ("Arms V", None, 1.0), ("Warrior II", "left", 1.0)],
    [("Arms V", None, 1.0), ("Warrior II", "right", 1.0), ("T-Pose", None, 1.0)],
    [("Star", None, 1.0), ("Goddess", None, 1.0), ("Arms Overhead", None, 1.0)],
    [("Tree", "left", 1.0), ("T-Pose", None, 1.0), ("Hands on Hips", None, 1.0)],
    [("Goddess", None, 1.0), ("Arms Overhead", None, 1.0), ("Lunge", "left", 1.0)],
)
"""What each dancer of a group does, about eight seconds long, no two the same at once."""

PHRASE: Final[Sequence[Plain]] = [
    ("T-Pose", None, 2.0),
    ("Warrior II", "left", 2.0),
    ("Arms V", None, 2.0),
    ("Goddess", None, 2.0),
]
"""What those who dance together do, from 1 to 3 seconds the first, from 4.6 the second ..."""

CHILD: Final = Build(
    thigh=0.29,
    shin=0.28,
    foot=0.15,
    pelvis=0.11,
    chest=0.24,
    neck=0.06,
    upper_arm=0.19,
    forearm=0.17,
    hand=0.12,
    hip_width=0.15,
    shoulder_width=0.27,
    girth=0.75,
)
"""Of about seven years."""

_APART: Final = 1.8
"""Metres from one dancer to the next who stretch out their arms."""


def row(
    n: int,
    *,
    width: int = 960,
    height: int = 540,
    frame_rate: float = 30.0,
    alike: bool = False,
) -> GroupFilm:
    """Two to five dancers side by side, each with its own score; `alike` in the same clothes."""
    if not 2 <= n <= len(_SCORES):
        raise ValueError(f"a row has 2 to {len(_SCORES)} dancers, not {n}")
    roles = [Role(_SCORES[index], at=((index - (n - 1) / 2) * _APART, 0.0)) for index in range(n)]
    return _filmed(roles, (n + 0.2) * _APART, width, height, frame_rate, alike)


def unison(
    late: Sequence[float],
    slips: Sequence[Sequence[Slip]] = (),
    *,
    score: Sequence[Plain] = PHRASE,
    width: int = 960,
    height: int = 540,
    frame_rate: float = 30.0,
) -> GroupFilm:
    """A row that dances one and the same, each so many seconds late, some with slips."""
    n = len(late)
    roles = [
        Role(
            score,
            at=((index - (n - 1) / 2) * _APART, 0.0),
            late=late[index],
            slips=slips[index] if index < len(slips) else (),
        )
        for index in range(n)
    ]
    return _filmed(roles, (n + 0.2) * _APART, width, height, frame_rate, alike=False)


def lesson() -> GroupFilm:
    """A row of three in a T-Pose: the second is late, and the left arm of the third is too low."""
    slip = Slip("left arm", -25, 1.0, 3.0)
    return unison([0.0, 0.2, 0.0], [(), (), (slip,)], score=[("T-Pose", None, 2.0)])


def crossing(
    *, width: int = 960, height: int = 540, frame_rate: float = 30.0, alike: bool = False
) -> GroupFilm:
    """Three dancers, of whom two change places and back, one in front of the other."""
    roles = [
        Role(_SCORES[0], at=(-2.4, 0.5), path=_there_and_back(-2.4, 0.3, 0.5)),
        Role(_SCORES[1], at=(0.3, -0.5), path=_there_and_back(0.3, -2.4, -0.5)),
        Role(_SCORES[2], at=(2.3, 0.0)),
    ]
    return _filmed(roles, 6.8, width, height, frame_rate, alike)


def entering(
    *, width: int = 960, height: int = 540, frame_rate: float = 30.0, alike: bool = False
) -> GroupFilm:
    """Two dance, a third enters from the left; then the one to the right leaves and comes back."""
    roles = [
        Role(_SCORES[0]),
        Role(
            _SCORES[1],
            at=(1.9, 0.0),
            path=[
                Waypoint(3.0, 1.9),
                Waypoint(4.2, 4.4),
                Waypoint(5.4, 4.4),
                Waypoint(6.6, 1.9),
            ],
        ),
        Role(_SCORES[2], at=(-4.4, 0.0), path=[Waypoint(1.0, -4.4), Waypoint(2.4, -1.9)]),
    ]
    return _filmed(roles, 6.0, width, height, frame_rate, alike)


def sizes(
    *, width: int = 960, height: int = 540, frame_rate: float = 30.0, alike: bool = False
) -> GroupFilm:
    """A child, somebody of average size, and a tall one nearer to the camera."""
    roles = [
        Role(_SCORES[0], at=(-1.7, 0.0), build=CHILD),
        Role(_SCORES[1], at=(0.0, -0.4)),
        Role(_SCORES[2], at=(1.6, 1.2), build=BUILDS["long"]),
    ]
    return _filmed(roles, 5.8, width, height, frame_rate, alike)


def _there_and_back(start: float, end: float, nearer: float) -> list[Waypoint]:
    """Across the stage for two seconds, a stop, and back."""
    return [
        Waypoint(1.5, start, nearer),
        Waypoint(3.5, end, nearer),
        Waypoint(4.5, end, nearer),
        Waypoint(6.5, start, nearer),
    ]


def _filmed(
    roles: Sequence[Role], across: float, width: int, height: int, frame_rate: float, alike: bool
) -> GroupFilm:
    """The film of roles in a picture that shows `across` metres of the middle of the stage."""
    if alike:
        roles = [replace(role, clothes=Clothes()) for role in roles]
    scale = min(width / across * Build().standing_height / min(width, height), 0.64)
    return group(roles, width=width, height=height, frame_rate=frame_rate, scale=scale)
