"""A pose as a file: what is read is what was written, and anything else is refused."""

import json
from typing import Any

import pytest

from analyzer.posefile import (
    LONGEST,
    QUANTITIES,
    Bounds,
    Lesson,
    PoseFile,
    PoseFileError,
    margin,
    read,
    written,
)
from analyzer.posefile import VIEWS as NAMED
from analyzer.poses import VIEWS

AIRPLANE = PoseFile(
    name="Airplane",
    family="taught",
    views=("front",),
    sided=False,
    tolerance=20.0,
    examples=1,
    conditions=(
        Bounds("feet_apart", "body", (0.31, 0.31), (-0.28, 0.9)),
        Bounds("arm_raised", "both", (88.2, 90.1), (68.2, 110.1)),
    ),
)


def changed(**fields: Any) -> str:
    """The text of a pose with some of its fields changed."""
    return json.dumps(json.loads(written(AIRPLANE)) | fields)


def condition(**fields: Any) -> str:
    """The text of a pose that has one condition with some of its fields changed."""
    (_, given) = json.loads(written(AIRPLANE))["conditions"]
    return changed(conditions=[given | fields])


@pytest.mark.parametrize("short", [False, True])
def test_what_is_written_is_read(short: bool) -> None:
    assert read(written(AIRPLANE, short=short)) == AIRPLANE
    assert read(written(AIRPLANE, short=short).encode()) == AIRPLANE


def test_people_can_read_it_a_line_a_condition() -> None:
    lines = written(AIRPLANE).splitlines()
    assert '  "name": "Airplane",' in lines
    assert sum("quantity" in line for line in lines) == len(AIRPLANE.conditions)


def test_the_longest_pose_fits_into_a_message() -> None:
    conditions = tuple(
        Bounds(name, of, (-999.99, 999.99), (-999.99, 999.99))
        for name, kind in QUANTITIES.items()
        for of in (("body",) if kind.of_body else ("side", "other"))
    )
    longest = PoseFile(
        "\N{LATIN SMALL LETTER O WITH DIAERESIS}" * 60, "x" * 60, NAMED, True, 20.0, 1, conditions
    )
    assert len(written(longest)) < LONGEST
    assert read(written(longest, short=True)) == longest


def test_its_views_are_those_of_the_catalogue() -> None:
    assert tuple(VIEWS) == NAMED


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no JSON"),
        ("[" * 10_000, "no JSON"),
        ("\x00\ufffd", "no JSON"),
        ("[]", "lacks a field"),
        ("null", "lacks a field"),
        (" " * (LONGEST + 1), "16384 bytes at most"),
        (changed(version=2), "version 2"),
        (changed(version=True), "version True"),
        (changed(more=1), "lacks a field, or has one that there isn't"),
        (changed(name=7), "lacks a field"),
        (changed(name=""), "`name` has 1 to 60"),
        (changed(name=" Airplane"), "`name` has 1 to 60"),
        (changed(name="x" * 61), "`name` has 1 to 60"),
        (changed(name="one,two"), "`name` can't have ','"),
        (changed(name="<script>"), "`name` can't have '<'"),
        (changed(name="a\nb"), "`name` can't have"),
        (changed(name="\N{RIGHT-TO-LEFT OVERRIDE}abc"), "`name` can't have"),
        (changed(name="\ud800"), "`name` can't have"),
        (changed(family="a/b"), "`family` can't have"),
        (changed(views=[]), "`views` lists"),
        (changed(views=["above"]), "`views` lists"),
        (changed(views=[["front"]]), "`views` lists"),
        (changed(sided="no"), "lacks a field"),
        (changed(tolerance=0), "`tolerance` is a number of degrees from 5 to 45"),
        (changed(tolerance=True), "`tolerance`"),
        (changed(examples=0), "`examples`"),
        (changed(examples=10**400), "`examples`"),
        (changed(conditions=[]), "1 to 64 conditions"),
        (changed(conditions=[{}] * 65), "1 to 64 conditions"),
        (changed(conditions=[7]), "A condition of a pose has"),
        (changed(conditions=json.loads(condition())["conditions"] * 2), "one twice"),
        (condition(quantity="__class__"), "no quantity '__class__'"),
        (condition(quantity="present"), "no quantity 'present'"),
        (condition(of="side"), "`arm_raised` is of left or right or both"),
        (condition(of="body"), "`arm_raised` is of"),
        (condition(quantity="trunk_tilt"), "`trunk_tilt` is of body"),
        (condition(bounds=[2, 1]), "below the upper"),
        (condition(bounds=[1, 1]), "below the upper"),
        (condition(bounds=[1, 2, 3]), "A condition of a pose has"),
        (condition(bounds=["1", 2]), "a number from -1000 to 1000"),
        (condition(bounds=[False, True]), "a number from"),
        (condition(bounds=[0, 10**400]), "a number from"),
        (condition(bounds=[0, 1]).replace("1]", "1e999]"), "a number from"),
        (condition(bounds=[0, 1]).replace("1]", "NaN]"), "no JSON"),
        (condition(bounds=[0, 1]).replace("1]", "9" * 5000 + "]"), "no JSON"),
        (condition(essential=True), "A condition of a pose has"),
        (written(AIRPLANE).replace('"name"', '"name": "x", "name"', 1), "no JSON"),
    ],
)
def test_what_is_no_pose_is_refused_in_one_sentence(text: str, complaint: str) -> None:
    with pytest.raises(PoseFileError) as refused:
        read(text)
    sentence = str(refused.value)
    assert complaint in sentence
    assert "\n" not in sentence
    assert len(sentence) < 1000


def test_names_may_be_of_any_language() -> None:
    for name in ("Flugzeug (groß)", "वृक्षासन", "飛行機", "L'avion"):
        assert read(changed(name=name)).name == name


def test_a_limb_that_turns_by_the_tolerance_moves_its_end_by_an_arc() -> None:
    assert margin("arm_raised", 20.0, 1) == 20.0
    assert margin("wrist_above_shoulder", 20.0, 1) == pytest.approx(0.384, abs=0.001)
    assert margin("knee_in_space", 20.0, 1) > margin("knee", 20.0, 1)


def test_more_examples_tolerate_less_and_half_at_least() -> None:
    assert margin("knee", 20.0, 2) == pytest.approx(14.1, abs=0.1)
    assert margin("knee", 20.0, 4) == margin("knee", 20.0, 100) == 10.0


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"at": ()}, "`at`"),
        ({"at": (1.0,) * 11}, "`at`"),
        ({"at": (-1.0,)}, "`at`"),
        ({"at": (float("nan"),)}, "`at`"),
        ({"name": None}, "needs a `name`"),
        ({"name": "a,b"}, "`name`"),
        ({"family": "\n"}, "`family`"),
        ({"tolerance": 90.0}, "`tolerance`"),
        ({"tolerance": float("nan")}, "`tolerance`"),
        ({"view": "above"}, "`view`"),
        ({"sides": "both"}, "`sides`"),
        ({"pose": "{}"}, "lacks a field"),
    ],
)
def test_what_cannot_be_taught_is_refused(fields: dict[str, Any], complaint: str) -> None:
    given: dict[str, Any] = {"at": (1.0,), "name": "Airplane"} | fields
    with pytest.raises(PoseFileError, match=complaint):
        Lesson(**given)
