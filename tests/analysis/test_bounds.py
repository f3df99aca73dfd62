"""The evidence for bounds, of films of the drawn dancer as a perfect MediaPipe would see them."""

import numpy as np

from benchmarks.bounds import Collector, Wanted
from benchmarks.examples import Example
from benchmarks.seen import Seen
from dancer.figure import Side
from dancer.film import film


def shown(name: str, side: Side | None, yaw: float, *, false: str = "") -> Example:
    """A film of a pose in which it is held, or in which another one is not."""
    filmed = film([(name, side, 1.0)], yaw=yaw)
    seen = Seen(*filmed.landmarks(), filmed.times, filmed.width, filmed.height)
    held = np.array([bool(truth) for truth in filmed.truth])
    true = {} if false else {name: ([side], held)}
    return Example(name, "drawn", seen, true, {false} - {""}, exact=seen)


def wanted(collector: Collector, pose: str, quantity: str) -> Wanted:
    """The one thing that a pose wants of a quantity, by what it is called on the left."""
    (found,) = (
        of for of, units in collector.units.items() if of.pose == pose and quantity in units
    )
    return found


def test_a_pose_that_is_held_shows_its_values_and_no_false_ones() -> None:
    collector = Collector()
    collector.take(shown("Goddess", None, 0.0))
    knees = wanted(collector, "Goddess", "left knee")
    evidence = collector.evidence[knees]
    (most,) = evidence.most["drawn"]
    assert 60 < most.min() <= most.max() <= knees.high
    assert not evidence.too_low
    assert not evidence.too_high
    assert {of.pose for of in collector.evidence} == {"Goddess"}


def test_left_and_right_are_one_where_as_much_is_wanted_of_both() -> None:
    collector = Collector()
    knees = wanted(collector, "Goddess", "left knee")
    assert knees == wanted(collector, "Goddess", "right knee")
    assert list(collector.units[knees]) == ["left knee", "right knee"]


def test_what_alone_keeps_another_pose_from_being_said_is_a_false_value() -> None:
    collector = Collector()
    collector.take(shown("Degage a la seconde", "left", 0.0, false="Tendu a la seconde"))
    (of,) = (each for each, evidence in collector.evidence.items() if evidence.too_high)
    assert collector.units[of] == {"left leg": "degrees"}
    ((value, where),) = collector.evidence[of].too_high
    assert of.high < value < 50
    assert where == "drawn: Degage a la seconde"


def test_exact_landmarks_have_no_error() -> None:
    collector = Collector()
    collector.take(shown("Arabesque", "right", -90.0))
    assert collector.errors
    assert all((off == 0).all() for offs in collector.errors.values() for off in offs)
    assert {of.pose for of in collector.evidence} == {"Arabesque"}
