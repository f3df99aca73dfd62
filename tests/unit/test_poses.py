"""The vocabulary: what is registered, how it is chosen, and how somebody adds to it."""

import sys
from pathlib import Path

import pytest

from analyzer.body import Body, Landmark
from analyzer.poses import (
    VIEWS,
    Pose,
    Rule,
    UnknownPoseError,
    catalogue,
    load_module,
    pose,
    select,
    trusted,
)
from dancer.film import Step, film
from dancer.repertoire import REPERTOIRE

POSES = catalogue()


def test_there_are_more_than_fifty_poses_with_names_of_their_own() -> None:
    names = [pose.name.casefold() for pose in POSES]
    assert len(names) >= 50
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("pose", POSES, ids=lambda pose: pose.name)
def test_a_pose_is_described_with_its_source(pose: Pose) -> None:
    assert pose.description.endswith(".")
    assert pose.source.endswith(".")
    assert "Source" not in pose.description
    assert set(pose.views) <= set(VIEWS)
    assert set(pose.implies) <= {other.name for other in POSES}


@pytest.mark.parametrize("pose", POSES, ids=lambda pose: pose.name)
def test_every_condition_names_what_it_measures(pose: Pose) -> None:
    filmed = film([Step("T-Pose", None, 0.3)])
    image, world = filmed.landmarks()
    body = Body(image, world, filmed.times, filmed.width, filmed.height)
    for side in pose.sides:
        conditions = pose.conditions(body, side)
        assert conditions
        for condition in conditions:
            assert condition.quantity.value.shape == filmed.times.shape
            assert condition.low < condition.high
            assert condition.slack > 0
            assert condition.quantity.joints
            assert set(condition.quantity.joints) <= set(Landmark)
            assert condition.quantity.name
            assert condition.quantity.unit


def test_the_drawn_dancer_strikes_every_pose_that_is_known() -> None:
    struck = {pose.name for pose in REPERTOIRE.values()} | {"Turn", "Fourth (arms)"}
    assert {pose.name for pose in POSES} == struck


def test_poses_are_chosen_by_name_alias_or_family_in_any_case() -> None:
    assert [pose.name for pose in select(["t-pose"])] == ["T-Pose"]
    assert [pose.name for pose in select(["VRKSASANA"])] == ["Tree"]
    assert {pose.family for pose in select(["Yoga"])} == {"yoga"}
    both = select(["tree", "yoga", " T-Pose "])
    assert [pose.name for pose in both].count("Tree") == 1
    assert {"T-Pose", "Goddess"} <= {pose.name for pose in both}


EXPERIMENTS = [pose for pose in POSES if pose.grade == "C"]


def test_experiments_are_not_among_the_poses_that_are_trusted() -> None:
    assert {pose.grade for pose in trusted()} == {"A", "B"}
    assert {*trusted(), *EXPERIMENTS} == set(POSES)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda pose: pose.name)
def test_an_experiment_is_chosen_by_name_or_alias_and_not_by_its_family(experiment: Pose) -> None:
    for name in (experiment.name, *experiment.aliases):
        assert select([name]) == (experiment,)
    brought = [pose for pose in POSES if pose.family == experiment.family and pose in trusted()]
    if brought:
        assert select([experiment.family]) == tuple(brought)


def test_a_family_of_experiments_alone_is_found_by_its_name() -> None:
    assert [pose.name for pose in select(["odissi"])] == ["Tribhanga"]
    for family in {known.family for known in POSES}:
        assert select([family])


def test_a_name_that_is_unknown_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(UnknownPoseError, match="no pose or family named 'Moonwalk'") as error:
        select(["T-Pose", "Moonwalk"])
    assert "Arabesque" in str(error.value)
    assert "ballet" in str(error.value)


OWN = '''
from analyzer.poses import pose

@pose("{name}", family="ours", view="front", aliases={{"Wide": "ours"}})
def ours(body):
    """Both arms wide.

    Source: ourselves.
    """
    yield body.wrists_apart.at_least(2)
'''


def test_a_module_of_ones_own_adds_poses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_poses.py").write_text(OWN.format(name="Scarecrow"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("analyzer.poses._registered", {pose.name: pose for pose in POSES})
    load_module("own_poses")
    (own,) = select(["ours"])
    assert (own.name, own.description, own.source) == (
        "Scarecrow",
        "Both arms wide.",
        "ourselves.",
    )
    assert select(["wide"]) == (own,)
    del sys.modules["own_poses"]


def test_a_name_cannot_be_taken_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "second_t_pose.py").write_text(OWN.format(name="t-pose"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="There is a pose named t-pose already"):
        load_module("second_t_pose")


@pytest.mark.parametrize(
    "rule",
    [
        lambda: iter(()),
        lambda body, side, floor: iter((body, side, floor)),
        lambda *bodies: iter(bodies),
        lambda body, *, side: iter((body, side)),
    ],
    ids=["nothing", "more", "any number", "by name"],
)
def test_a_pose_is_a_function_of_a_body_or_of_a_body_and_a_side(rule: Rule) -> None:
    rule.__doc__ = "A shape."
    with pytest.raises(ValueError, match=r"has to be a function of \(body\), or of \(body, side\)"):
        pose("Shapeless", family="ours")(rule)
    assert "Shapeless" not in {known.name for known in catalogue()}


def test_a_module_that_is_not_there_is_an_import_error() -> None:
    with pytest.raises(ImportError, match="no_such_poses"):
        load_module("no_such_poses")
