"""MediaPipe looks at films of the drawn dancer: poses are found there and nowhere else."""

from typing import Any

import pytest

from analyzer.holds import Timeline
from analyzer.poses import select
from benchmarks.seen import of_film
from dancer.film import Film, Step, film

FIRST = ("T-Pose", "Arms V", "Arms Overhead", "Star", "Squat", "Tree")
SCORE = [Step(name, "left" if name == "Tree" else None, 0.7) for name in FIRST]
BRIEFLY: dict[str, Any] = {"transition": 0.4, "rest": 0.2}

EDGE = 0.25
"""Seconds at the edges of a hold in which the dancer is nearly in the pose."""


def see(filmed: Film, *names: str) -> Timeline:
    """The timeline of the named poses in what MediaPipe sees of a film."""
    seen = of_film(filmed)
    timeline = Timeline(select(names), width=filmed.width, height=filmed.height)
    timeline.add(seen.image, seen.world, seen.times)
    timeline.finish()
    return timeline


def true_holds(filmed: Film, *names: str) -> list[tuple[str, str | None, float, float]]:
    """What the dancer holds, of the named poses: name, side, start and end in seconds."""
    holds = []
    for name, side in {pose for truth in filmed.truth for pose in truth if pose[0] in names}:
        times = filmed.times[[(name, side) in truth for truth in filmed.truth]]
        holds.append((name, side, float(times[0]), float(times[-1])))
    return sorted(holds, key=lambda hold: hold[2])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"mirrored": True},
        {"scale": 0.4, "offset": (0.25, 0.1)},
        {"width": 360, "height": 640, "scale": 0.9},
        {"frame_rate": 15.0},
        {"frame_rate": 25.0, "width": 1280, "height": 720},
        {"frame_rate": 60.0},
    ],
    ids=["as it is", "mirrored", "small", "portrait", "15/s", "25/s, wide", "60/s"],
)
def test_the_first_poses_are_found_in_their_frames_and_in_no_others(
    options: dict[str, Any],
) -> None:
    filmed = film(SCORE, transition=0.5, rest=0.2, **options)
    found = [(hold.pose, hold.side, hold.start, hold.end) for hold in see(filmed, *FIRST).holds]
    wanted = true_holds(filmed, *FIRST)
    assert [hold[:2] for hold in found] == [hold[:2] for hold in wanted]
    for (pose, _, start, end), (_, _, true_start, true_end) in zip(found, wanted, strict=True):
        assert start == pytest.approx(true_start, abs=EDGE), pose
        assert end == pytest.approx(true_end, abs=EDGE), pose


def test_a_t_pose_seen_from_behind_is_one() -> None:
    filmed = film([Step("T-Pose", None, 0.7)], yaw=180, **BRIEFLY)
    assert [hold.pose for hold in see(filmed, *FIRST).holds] == ["T-Pose"]


@pytest.mark.parametrize(
    ("pose", "side", "yaw"),
    [
        ("Goddess", None, 0),
        ("Grand Plie", None, 0),
        ("Lunge", "left", 65),
        ("Dab", "left", 0),
        ("En Haut", None, 0),
        ("Second (arms)", None, 0),
        ("Arabesque Penchee", "left", 65),
        ("A la Seconde en l'air", "left", 0),
        ("Devant en l'air", "left", 65),
        ("Attitude derriere", "left", -65),
        ("Arms Overhead", None, 90),
        ("Passe", "left", 0),
    ],
)
def test_a_pose_of_the_vocabulary_is_found_with_its_side(pose: str, side: Any, yaw: float) -> None:
    filmed = film([Step(pose, side, 0.7)], yaw=yaw, **BRIEFLY)
    holds = see(filmed, pose).holds
    assert [(hold.pose, hold.side) for hold in holds] == [(pose, side)]


def test_arms_that_curve_to_the_front_are_natyarambhe_and_no_t_pose() -> None:
    names = ("Natyarambhe (arms)", "T-Pose", "Second (arms)")
    filmed = film([Step("Natyarambhe (arms)", None, 0.7)], **BRIEFLY)
    assert [hold.pose for hold in see(filmed, *names).holds] == ["Natyarambhe (arms)"]


@pytest.mark.parametrize(
    ("movement", "side"), [("Grand Battement", "left"), ("Turn", "right"), ("Saute", None)]
)
def test_a_movement_is_found(movement: str, side: Any) -> None:
    filmed = film([Step(movement, side)], **BRIEFLY)
    holds = see(filmed, movement).holds
    assert [(hold.pose, hold.side) for hold in holds] == [(movement, side)]
