"""Dancers beside each other, by the landmarks that a perfect eye would give of drawn rows."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest

from analyzer.body import Body
from analyzer.compare import OddOneOut, Shape, Together, Unison, shape_of
from analyzer.compare.alignment import align
from analyzer.compare.shape import NAMES, degrees_apart
from dancer.figure import BUILDS
from dancer.film import Film, Plain, Slip, film
from dancer.formations import PHRASE, row, unison
from dancer.group import GroupFilm

SCORE: Sequence[Plain] = [("T-Pose", None, 0.5), ("Warrior II", "left", 0.5)]


def shape(filmed: Film) -> Shape:
    return shape_of(Body(*filmed.landmarks(), filmed.times, filmed.width, filmed.height))


class Found(NamedTuple):
    unison: list[Unison]
    odd: list[OddOneOut]


def ensemble(shapes: dict[int, Shape]) -> Found:
    found = Together(shapes)
    unison = [each for pair in found.unison() for each in pair]
    return Found(unison, [each for of_one in found.odd() for each in of_one])


def together(filmed: GroupFilm) -> Found:
    return ensemble({number: shape(each) for number, each in enumerate(filmed.dancers, 1)})


def test_a_shape_knows_nothing_of_place_size_build_and_heading() -> None:
    one = shape(film(SCORE))
    other = shape(
        film(SCORE, yaw=20, scale=0.4, offset=(0.1, 0.1), build=BUILDS["long"], height=720)
    )
    apart = degrees_apart(one.directions, other.directions)
    assert np.nanmedian(apart) < 3
    assert np.nanpercentile(apart, 95) < 8


def test_a_shape_points_to_the_dancers_left_up_and_forwards() -> None:
    still = shape(film([("T-Pose", None, 0.5)], rest=None, yaw=15))
    middle = still.directions[len(still.times) // 2]
    assert middle[NAMES.index("left upper arm")] == pytest.approx([1, 0, 0], abs=0.15)
    assert middle[NAMES.index("right forearm")] == pytest.approx([-1, 0, 0], abs=0.15)
    assert middle[NAMES.index("left thigh")] == pytest.approx([0, -1, 0], abs=0.2)
    assert middle[NAMES.index("trunk")] == pytest.approx([0, 1, 0], abs=0.1)
    assert still.sight[0, 2] < -0.9


def test_a_shape_at_other_times_is_between_its_frames_and_nowhere_else() -> None:
    whole = shape(film(SCORE))
    halves = whole.times[:-1] + 1 / 60
    apart = degrees_apart(whole.at(halves).directions, whole.directions[:-1])
    assert np.nanmax(apart) < 10
    assert np.isnan(whole.at(whole.times[-1:] + 1.0).directions).all()
    late = whole[40:].at(whole.times)
    assert np.isnan(late.directions[:30]).all()
    assert late.directions[50:60] == pytest.approx(whole.directions[50:60], abs=1e-4)


def test_a_dance_is_aligned_with_the_same_begun_later() -> None:
    late, early = (shape(each) for each in unison([0.4, 0.0]).dancers)
    aligned = align(late, early, within=30, ends=30)
    moved = slice(60, -60)
    assert np.median(aligned.first[moved] - aligned.second[moved]) == 12


def test_what_one_does_not_show_of_a_limb_does_not_move_the_alignment() -> None:
    late, early = (shape(each) for each in unison([0.4, 0.0]).dancers)
    late.directions[40:200, NAMES.index("left forearm")] = np.nan
    early.directions[:, NAMES.index("right shin")] = np.nan
    aligned = align(late, early, within=30, ends=30)
    moved = slice(60, -60)
    assert np.median(aligned.first[moved] - aligned.second[moved]) == 12


def test_who_dances_the_same_is_in_unison_however_late() -> None:
    late = [0.0, 0.1, 0.3]
    found = together(unison(late, score=SCORE)).unison
    assert {each.dancers for each in found} == set(combinations((1, 2, 3), 2))
    for each in found:
        one, other = each.dancers
        assert each.ahead == pytest.approx(late[other - 1] - late[one - 1], abs=0.02)
        assert each.difference < 5


def test_who_dances_something_else_is_not_in_unison() -> None:
    assert together(row(5)) == Found([], [])


def test_who_stands_about_is_not_in_unison() -> None:
    standing = shape(film([("T-Pose", None, 4.0)], rest=None))
    assert ensemble({1: standing, 2: standing}) == Found([], [])


@pytest.mark.parametrize(
    ("slip", "limb", "says"),
    [
        (Slip("left arm", -25, 1.0, 3.0), "left upper arm", "left elbow is 25 degrees lower"),
        (Slip("right arm", 25, 1.0, 3.0), "right upper arm", "right elbow is 25 degrees higher"),
        (Slip("left forearm", -30, 8.2, 10.2), "left forearm", "left hand is 30 degrees lower"),
    ],
)
def test_a_limb_that_is_other_than_that_of_the_others_is_told(
    slip: Slip, limb: str, says: str
) -> None:
    (odd,) = together(unison([0.0, 0.1, 0.0], [(), (slip,)])).odd
    assert (odd.dancer, odd.limb) == (2, limb)
    assert odd.degrees == pytest.approx(abs(slip.degrees), abs=3)
    assert odd.start == pytest.approx(slip.start, abs=0.4)
    assert odd.end == pytest.approx(slip.end, abs=0.4)
    assert says[:-20] in odd.text
    assert odd.text.endswith("than the others'.")


def test_between_two_nobody_is_the_odd_one_out() -> None:
    slip = Slip("left arm", -25, 1.0, 3.0)
    assert not together(unison([0.0, 0.0], [(slip,)])).odd


def test_nothing_is_off_where_all_do_the_same() -> None:
    assert not together(unison([0.0, 0.2, 0.1, 0.0], score=PHRASE)).odd


def test_who_is_seen_for_a_moment_or_never_is_with_nobody() -> None:
    whole = shape(film(SCORE))
    moment = Shape(whole.times, whole.directions.copy(), whole.sight.copy(), whole.shown)
    moment.directions[5:] = np.nan
    never = Shape(whole.times, np.full_like(whole.directions, np.nan), whole.sight, whole.shown)
    assert ensemble({1: whole, 2: moment, 3: never}) == Found([], [])
    assert ensemble({1: whole}) == ensemble({}) == Found([], [])


def test_a_video_of_one_frame_has_nobody_in_unison() -> None:
    one = shape(film(SCORE))[:1]
    assert ensemble({1: one, 2: one}) == Found([], [])


def test_who_is_out_of_sight_is_in_unison_with_nobody() -> None:
    one, other = (shape(each) for each in unison([0.0, 0.0]).dancers)
    other.directions[:100] = other.directions[160:190] = other.directions[300:] = np.nan
    found = ensemble({1: one, 2: other}).unison
    seen = [frame / 30 for each in ((100, 159), (190, 299)) for frame in each]
    assert [time for each in found for time in (each.start, each.end)] == pytest.approx(
        seen, abs=0.05
    )


def test_who_is_hidden_for_a_moment_stays_in_unison() -> None:
    one, other = (shape(each) for each in unison([0.0, 0.0]).dancers)
    other.directions[160:168] = np.nan
    (found,) = ensemble({1: one, 2: other}).unison
    assert found.end == one.times[-1]


@pytest.mark.parametrize("frame_rate", [3.0, 10.0, 25.0, 60.0])
def test_unison_is_found_at_any_usual_frame_rate_and_to_the_last_frame(frame_rate: float) -> None:
    one = shape(film(PHRASE, frame_rate=frame_rate))
    (found,) = ensemble({1: one, 2: one}).unison
    assert found.start == 0
    assert one.times[-1] - 1e-6 <= found.end <= one.times[-1] + 1 / 30
