"""A pose that one drawn dancer shows is found on others, and other poses are not taken for it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analyzer.body import Body
from analyzer.errors import NotShownError
from analyzer.holds import Hold, NearMiss, Timeline
from analyzer.posefile import Lesson, PoseFile, written
from analyzer.poses import add, catalogue, select
from analyzer.poses.taught import load_file, taught
from analyzer.teaching import example, made
from dancer.figure import BUILDS, Side
from dancer.film import Film, Slip, Step, film
from dancer.repertoire import REPERTOIRE

HELD = 1.6
"""Seconds into a film of one pose at which it is held."""

OTHERS = ("Star", "Goddess", "Squat", "Tree", "Warrior III", "Aramandi", "Fourth (arms)", "Tilt")
"""Poses that differ from each other by far."""


def body_of(filmed: Film) -> Body:
    """What a perfect MediaPipe would see of a film."""
    return Body(*filmed.landmarks(), filmed.times, filmed.width, filmed.height)


def shown(name: str, side: Side | None = None, **settings: Any) -> Film:
    """A film of a pose."""
    return film([Step(name, side, 1.3)], **settings)


def lesson(*films: Film, **fields: Any) -> PoseFile:
    """The pose that films show, each an example."""
    view, tolerance = fields.get("view"), fields.get("tolerance", 20.0)
    examples = [example(body_of(filmed), HELD, view, tolerance) for filmed in films]
    return made(examples, Lesson(**{"at": (HELD,), "name": "Mine"} | fields))


def watched(file: PoseFile, filmed: Film) -> Timeline:
    timeline = Timeline([taught(file)], width=filmed.width, height=filmed.height)
    timeline.add(*filmed.landmarks(), filmed.times)
    timeline.finish()
    return timeline


def holds(file: PoseFile, filmed: Film) -> list[Hold]:
    return watched(file, filmed).holds


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
@pytest.mark.parametrize(
    ("name", "yaws"), [("Goddess", (0, 25)), ("Aramandi", (0, -25)), ("Hinge", (65, 75))]
)
def test_a_pose_is_found_on_another_build_turned_otherwise(
    name: str, yaws: tuple[float, float], build: Any
) -> None:
    mine = lesson(shown(name, yaw=yaws[0]))
    (hold,) = holds(mine, shown(name, yaw=yaws[1], build=build))
    assert (hold.pose, hold.side) == ("Mine", None)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("name", ["Tree", "Warrior II", "Tilt", "Fourth (arms)"])
def test_a_pose_that_is_shown_on_one_side_is_found_on_the_other(name: str, side: Side) -> None:
    mine = lesson(shown(name, "left"))
    assert taught(mine).sides == ("left", "right")
    (hold,) = holds(mine, shown(name, side, build=BUILDS["short"]))
    assert hold.side == side


@pytest.mark.parametrize("name", OTHERS)
def test_it_is_found_in_no_other_pose(name: str) -> None:
    side: Side | None = "left" if REPERTOIRE[name].sides else None
    yaw = REPERTOIRE[name].yaws[0]
    mine = lesson(shown(name, side, yaw=yaw))
    assert holds(mine, shown(name, side, yaw=yaw))
    for other in OTHERS:
        if other != name:
            other_side: Side | None = "left" if REPERTOIRE[other].sides else None
            for seen_from in REPERTOIRE[other].yaws:
                assert not holds(mine, shown(other, other_side, yaw=seen_from)), other


def test_what_is_alike_on_both_sides_has_no_side() -> None:
    mine = lesson(shown("T-Pose", yaw=20))
    assert not mine.sided
    assert {each.of for each in mine.conditions} == {"body", "both"}


def test_the_side_can_be_said_or_left_out() -> None:
    tree = shown("Tree", "left")
    (hold,) = holds(lesson(tree, sides="right"), tree)
    assert hold.side == "right"
    as_shown = lesson(tree, sides="none")
    assert [hold.side for hold in holds(as_shown, tree)] == [None]
    assert not holds(as_shown, shown("Tree", "right"))


@pytest.mark.parametrize(
    ("yaw", "views"), [(0, {"front"}), (30, {"front", "three-quarter"}), (80, {"profile"})]
)
def test_it_is_told_from_the_views_that_it_is_shown_from(yaw: float, views: set[str]) -> None:
    arms = shown("Arms Overhead", yaw=yaw)
    assert set(lesson(arms).views) == views
    assert lesson(arms, view="three-quarter").views == ("three-quarter",)
    assert lesson(arms, view="any").views == ("front", "three-quarter", "profile")


def test_what_the_view_hides_is_not_asked_for() -> None:
    front = {each.quantity for each in lesson(shown("Flat Back", yaw=0)).conditions}
    profile = {each.quantity for each in lesson(shown("Flat Back", yaw=90)).conditions}
    assert "forward_bend" not in front
    assert "forward_bend" in profile


def test_examples_that_agree_narrow_the_bounds_and_others_widen_them() -> None:
    straight = shown("T-Pose")
    lower = shown("T-Pose", slips=[Slip("left arm", -15.0, 0.5, 3.0)])
    once, twice = lesson(straight), lesson(straight, straight)
    differing = lesson(straight, lower, lower, lower)
    width = {
        number: bounds[1] - bounds[0]
        for number, file in enumerate((once, twice, differing))
        for each in file.conditions
        if each.quantity == "arm_raised"
        for bounds in [each.bounds]
    }
    assert width[0] == pytest.approx(40, abs=2)
    assert width[1] == pytest.approx(40 / 2**0.5, abs=2)
    assert width[2] == pytest.approx(20 + 15, abs=3)
    assert (once.examples, twice.examples, differing.examples) == (1, 2, 4)


def test_an_example_is_added_to_a_file() -> None:
    first = lesson(shown("Tree", "left"), name="Vrikshasana", family="asanas")
    both = lesson(shown("Tree", "right"), name=None, pose=written(first))
    assert (both.name, both.family, both.examples) == ("Vrikshasana", "asanas", 2)
    for each in both.conditions:
        if each.quantity == "knee" and each.of == "side":
            assert each.seen[1] < 90, "it is the raised leg in both"
            break
    else:
        raise AssertionError("the knee tells of a tree")
    assert lesson(shown("Tree", "right"), name="Tree II", pose=written(first)).name == "Tree II"


def test_what_an_added_example_cannot_tell_is_no_longer_asked_for() -> None:
    front = lesson(shown("Arms Overhead"))
    added = lesson(shown("Arms Overhead", yaw=80), pose=written(front))
    assert added.views == ("front", "profile")
    known = {each.quantity for each in front.conditions}
    assert {each.quantity for each in added.conditions} < known
    for yaw in (0, 80):
        assert holds(added, shown("Arms Overhead", yaw=yaw))


def test_less_is_tolerated_where_less_is_asked_for() -> None:
    lower = shown("T-Pose", slips=[Slip("left arm", -14.0, 0.5, 3.0)])
    assert holds(lesson(shown("T-Pose")), lower)
    assert not holds(lesson(shown("T-Pose"), tolerance=5.0), lower)


def test_whoever_nearly_has_it_is_told_what_is_off() -> None:
    lower = shown("T-Pose", slips=[Slip("left forearm", 50.0, 0.5, 3.0)])
    mine = lesson(shown("T-Pose"))
    timeline = watched(mine, lower)
    assert not timeline.holds
    misses: list[NearMiss] = timeline.near_misses
    assert [miss.pose for miss in misses] == ["Mine"]
    assert "left elbow" in misses[0].reason


def test_a_time_at_which_the_dancer_moves_is_refused() -> None:
    with pytest.raises(NotShownError, match=r"The dancer moves at 0\.7 seconds"):
        example(body_of(shown("Star")), 0.7)


def test_a_time_at_which_nobody_is_seen_is_refused() -> None:
    filmed = shown("Star")
    image, world = filmed.landmarks()
    image[45:60] = world[45:60] = float("nan")
    body = Body(image, world, filmed.times, filmed.width, filmed.height)
    with pytest.raises(NotShownError, match=r"Nobody is seen at 1\.7 seconds"):
        example(body, 1.7)


@pytest.fixture
def airplane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of a pose; what is added to the catalogue is gone after the test."""
    monkeypatch.setattr("analyzer.poses._registered", {pose.name: pose for pose in catalogue()})
    path = tmp_path / "airplane.json"
    path.write_text(written(lesson(shown("T-Pose"), name="Airplane of the tests")))
    return path


def test_the_pose_of_a_file_is_one_of_the_catalogue(airplane: Path) -> None:
    pose = load_file(airplane)
    assert pose in catalogue()
    assert select(["airplane OF the tests"]) == (pose,)
    assert pose in select(["taught"])
    with pytest.raises(ValueError, match=r"airplane\.json: There is a pose named Airplane"):
        load_file(airplane)


@pytest.mark.parametrize("name", ["T-Pose", "t-pose", "vrksasana"])
def test_a_name_that_is_taken_is_refused(name: str) -> None:
    pose = replace(taught(lesson(shown("T-Pose"))), name=name)
    with pytest.raises(ValueError, match="already; give this one another name"):
        add(pose)
