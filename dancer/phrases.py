"""Phrases of a dance, of about half a minute: to be learnt, compared and told apart."""

from collections.abc import Sequence
from typing import Final

from dancer.film import Delay, Film, Plain, Slip, film

PHRASES: Final[Sequence[Sequence[Plain]]] = (
    [
        ("T-Pose", None, 1.5),
        ("Warrior II", "left", 1.5),
        ("Arms V", None, 1.5),
        ("Goddess", None, 2.0),
        ("Hands on Hips", None, 1.5),
        ("Star", None, 1.5),
        ("Warrior II", "right", 1.5),
        ("Arms Overhead", None, 1.5),
        ("Tree", "left", 2.0),
        ("T-Pose", None, 1.5),
    ],
    [
        ("Arms Overhead", None, 1.5),
        ("Tree", "right", 2.0),
        ("Goddess", None, 1.5),
        ("T-Pose", None, 1.5),
        ("Star", None, 2.0),
        ("Warrior II", "left", 1.5),
        ("Hands on Hips", None, 1.5),
        ("Arms V", None, 1.5),
        ("Lunge", "left", 1.5),
        ("Goddess", None, 1.5),
    ],
    [
        ("Hands on Hips", None, 1.5),
        ("Star", None, 1.5),
        ("Lunge", "right", 2.0),
        ("Arms V", None, 1.5),
        ("T-Pose", None, 2.0),
        ("Tree", "left", 1.5),
        ("Arms Overhead", None, 1.5),
        ("Warrior II", "right", 2.0),
        ("Goddess", None, 1.5),
        ("Star", None, 1.5),
    ],
)
"""Each of ten poses from a stand and back, the same poses in another order."""


def taught() -> Film:
    """Film the first phrase as who teaches it dances it."""
    return film(PHRASES[0])


def learnt() -> Film:
    """Film the same as a pupil dances it.

    It is slower and seen a little from the side; at the beginning the left arm is too low, and
    from the middle on the dancer is half a second late for a while.
    """
    return film(
        PHRASES[0],
        yaw=12,
        tempo=0.9,
        slips=[Slip("left arm", -25, 1.0, 3.0)],
        delays=[Delay(0.5, 12.0, 18.0)],
    )
