"""From landmarks to held poses: seconds, batches, sides, near misses and doubts."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.holds import Hold, Timeline
from analyzer.limits import MIN_HOLD
from analyzer.poses import catalogue, select
from dancer.film import Film, Step, film


def watch(
    filmed: Film,
    names: Iterable[str] | None = None,
    *,
    batches: Iterable[int] | None = None,
    frames: slice = slice(None),
    min_hold: float | None = None,
) -> Timeline:
    """The finished timeline of a film's exact landmarks, taken in batches of the given sizes."""
    poses = catalogue() if names is None else select(names)
    timeline = Timeline(poses, width=filmed.width, height=filmed.height, min_hold=min_hold)
    image, world = filmed.landmarks()
    image, world, times = image[frames], world[frames], filmed.times[frames]
    begin = 0
    for size in (*(batches or ()), len(times)):
        end = begin + size
        timeline.add(image[begin:end], world[begin:end], times[begin:end])
        begin = end
    timeline.finish()
    return timeline


def spans(timeline: Timeline, pose: str) -> list[tuple[float, float]]:
    return [(hold.start, hold.end) for hold in timeline.holds if hold.pose == pose]


@pytest.mark.parametrize("frame_rate", [5, 15, 25, 29.97, 60])
def test_a_hold_is_counted_in_seconds_at_every_frame_rate(frame_rate: float) -> None:
    timeline = watch(film([Step("T-Pose", None, 1.0)], frame_rate=frame_rate), ["T-Pose"])
    ((start, end),) = spans(timeline, "T-Pose")
    assert start == pytest.approx(1.0, abs=0.25)
    assert end == pytest.approx(2.0, abs=0.25)


def test_frames_of_uneven_length_count_as_long_as_they_last() -> None:
    filmed = film([Step("T-Pose", None, 1.0)], frame_rate=60)
    kept = np.flatnonzero((np.arange(len(filmed)) % 7 != 3) & (np.arange(len(filmed)) % 5 != 1))
    image, world = filmed.landmarks()
    timeline = Timeline(select(["T-Pose"]), width=filmed.width, height=filmed.height)
    timeline.add(image[kept], world[kept], filmed.times[kept])
    timeline.finish()
    ((start, end),) = spans(timeline, "T-Pose")
    assert start == pytest.approx(1.0, abs=0.2)
    assert end == pytest.approx(2.0, abs=0.2)


def test_four_frames_of_thirty_a_second_are_a_hold_and_three_are_not() -> None:
    filmed = film([Step("T-Pose", None, 2.0)])
    assert spans(watch(filmed, ["T-Pose"], frames=slice(45, 49)), "T-Pose")
    assert not spans(watch(filmed, ["T-Pose"], frames=slice(45, 48)), "T-Pose")


def test_the_caller_may_ask_for_longer_holds() -> None:
    filmed = film([Step("T-Pose", None, 0.5), Step("Arms V", None, 1.5)])
    names = ["T-Pose", "Arms V"]
    assert {hold.pose for hold in watch(filmed, names).holds} == {"T-Pose", "Arms V"}
    assert {hold.pose for hold in watch(filmed, names, min_hold=1.2).holds} == {"Arms V"}


def test_one_frame_alone_holds_nothing() -> None:
    filmed = film([Step("T-Pose", None, 1.0)])
    assert watch(filmed, frames=slice(45, 46)).holds == []


def test_no_frames_hold_nothing() -> None:
    assert watch(film([Step("T-Pose", None, 1.0)]), frames=slice(0, 0)).holds == []


def test_passing_through_is_not_holding() -> None:
    score = [Step("Arms Overhead", None, 0.8), Step("Second (arms)", None, 0.8)]
    timeline = watch(film(score, rest=None, transition=0.4), ["Arms V", "T-Pose", "Arms Overhead"])
    assert {hold.pose for hold in timeline.holds} == {"Arms Overhead"}


def test_arriving_in_a_pose_and_leaving_it_are_not_holding_it() -> None:
    ((start, end),) = spans(watch(film([Step("A-Pose", None, 1.0)]), ["A-Pose"]), "A-Pose")
    assert start == pytest.approx(1.0, abs=0.15)
    assert end == pytest.approx(2.0, abs=0.15)


def test_a_hold_is_bridged_over_a_lost_moment_and_not_over_a_lost_half_second() -> None:
    filmed = film([Step("T-Pose", None, 3.0)])
    image, world = filmed.landmarks()
    for lost, holds in ((4, 1), (15, 2)):
        broken, empty = image.copy(), world.copy()
        broken[60 : 60 + lost] = empty[60 : 60 + lost] = np.nan
        timeline = Timeline(select(["T-Pose"]), width=filmed.width, height=filmed.height)
        timeline.add(broken, empty, filmed.times)
        timeline.finish()
        assert len(timeline.holds) == holds


def test_a_hold_does_not_pass_from_one_person_to_another() -> None:
    filmed = film([Step("T-Pose", None, 2.0)])
    image, world = filmed.landmarks()
    image[60:, :, 0] += 0.2
    timeline = Timeline(select(["T-Pose"]), width=filmed.width, height=filmed.height)
    timeline.add(image, world, filmed.times)
    timeline.finish()
    assert [hold.last for hold in timeline.holds][:1] == [59]
    assert len(timeline.holds) == 2


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_side_is_the_dancers_own(mirrored: bool) -> None:
    timeline = watch(film([Step("Tree", "left", 1.5)], mirrored=mirrored), ["Tree"])
    assert [hold.side for hold in timeline.holds] == ["right" if mirrored else "left"]


MEDLEY = film(
    [
        Step("T-Pose", None, 0.4),
        Step("Tree", "left", 1.2),
        Step("Pirouette", "right"),
        Step("Developpe", "left"),
        Step("Squat", None, 0.5),
        Step("Saute"),
        Step("Arms V", None, 0.3),
    ]
)


def everything(timeline: Timeline) -> list[object]:
    return [*timeline.holds, *timeline.near_misses, *timeline.undecidable]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=8))
def test_the_result_does_not_depend_on_how_the_frames_come(batches: list[int]) -> None:
    whole = watch(MEDLEY)
    assert {"T-Pose", "Tree", "Squat", "Arms V"} <= {hold.pose for hold in whole.holds}
    assert everything(watch(MEDLEY, batches=batches)) == everything(whole)


def test_the_result_is_the_same_a_frame_at_a_time() -> None:
    names = ["general", "Pirouette", "Developpe"]
    one_by_one = watch(MEDLEY, names, batches=[1] * len(MEDLEY))
    assert everything(one_by_one) == everything(watch(MEDLEY, names))


def test_the_last_frames_wait_for_nothing_and_the_result_is_the_same() -> None:
    filmed = film([Step("T-Pose", None, 0.5), Step("Squat", None, 0.5)])
    timeline = Timeline(catalogue(), width=filmed.width, height=filmed.height)
    certain = timeline.add(*filmed.landmarks(), filmed.times, last=True)
    assert {"T-Pose", "Squat"} <= {hold.pose for hold in certain}
    timeline.finish()
    assert everything(timeline) == everything(watch(filmed))


def test_a_hold_is_reported_soon_after_it_ends() -> None:
    filmed = film([Step("T-Pose", None, 0.5), Step("Squat", None, 3.0)])
    image, world = filmed.landmarks()
    timeline = Timeline(select(["T-Pose"]), width=filmed.width, height=filmed.height)
    reported: dict[float, Hold] = {}
    for frame, time in enumerate(filmed.times):
        one = slice(frame, frame + 1)
        for hold in timeline.add(image[one], world[one], filmed.times[one]):
            reported[time] = hold
    ((time, hold),) = reported.items()
    assert hold.end < time < hold.end + 2.0
    assert timeline.finish() == []


def test_only_a_bounded_stretch_of_the_clip_is_kept() -> None:
    filmed = film([Step("T-Pose", None, 40.0)])
    timeline = watch(filmed, ["T-Pose"], batches=[100] * 12)
    kept = sum(array.nbytes for array in vars(timeline).values() if isinstance(array, np.ndarray))
    assert kept < 0.4 * sum(array.nbytes for array in filmed.landmarks())


def test_times_that_go_backwards_are_refused() -> None:
    filmed = film([Step("T-Pose", None, 0.5)])
    image, world = filmed.landmarks()
    timeline = Timeline(select(["T-Pose"]), width=filmed.width, height=filmed.height)
    with pytest.raises(ValueError, match="decrease"):
        timeline.add(image, world, filmed.times[::-1])


def test_a_hold_carries_what_was_measured() -> None:
    (hold,) = watch(film([Step("T-Pose", None, 1.0)]), ["T-Pose"]).holds
    assert hold.first <= hold.best <= hold.last
    assert 0.9 < hold.score <= 1
    assert all(condition.held for condition in hold.conditions)
    elbow = next(each for each in hold.conditions if each.quantity == "left elbow")
    assert elbow.value == pytest.approx(180, abs=5)
    assert (elbow.unit, elbow.high) == ("degrees", None)
    assert elbow.joints == ("left_shoulder", "left_elbow", "left_wrist")


def test_a_near_miss_says_what_is_off_and_by_how_much() -> None:
    timeline = watch(film([Step("Hands on Hips", None, 1.0)]), ["Samapadam"])
    assert timeline.holds == []
    (miss,) = timeline.near_misses
    assert [condition.quantity for condition in miss.off] == ["distance between the ankles"]
    for condition in miss.off:
        assert not condition.held
        assert condition.off > 0
        assert condition.quantity in miss.reason
    assert "wants at" in miss.reason


def test_a_view_that_shows_too_little_is_said_and_not_taken_for_absence() -> None:
    timeline = watch(film([Step("T-Pose", None, 1.5)], yaw=90), ["T-Pose"])
    assert timeline.holds == []
    (doubt,) = timeline.undecidable
    assert doubt.reason == "seen in profile, wants a front view"
    assert doubt.start < 1.4 < doubt.end


def test_what_can_be_seen_rules_a_pose_out_in_any_view() -> None:
    timeline = watch(film([Step("Squat", None, 1.5)], yaw=90), ["Arms V"])
    assert all(doubt.end < 0.6 or doubt.start > 2.4 for doubt in timeline.undecidable)


def test_feet_out_of_sight_are_said() -> None:
    filmed = film([Step("Star", None, 1.5)])
    image, world = filmed.landmarks()
    image[:, 27:, 3] = 0.01
    timeline = Timeline(select(["Star"]), width=filmed.width, height=filmed.height)
    timeline.add(image, world, filmed.times)
    timeline.finish()
    assert timeline.holds == []
    assert {doubt.reason for doubt in timeline.undecidable} == {"the feet can't be seen"}


def test_feet_outside_the_picture_cannot_be_seen_however_sure_the_guess() -> None:
    filmed = film([Step("Star", None, 1.5)], offset=(0.0, 0.4))
    image, world = filmed.landmarks()
    image[:, :, 3] = 1.0
    timeline = Timeline(select(["Star"]), width=filmed.width, height=filmed.height)
    timeline.add(image, world, filmed.times)
    timeline.finish()
    assert timeline.holds == []
    assert "feet" in timeline.undecidable[0].reason


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("side", ["left", "right"])
def test_turns_are_counted(turns: int, side: str) -> None:
    filmed = film([Step("Pirouette", "left" if side == "left" else "right", turns=turns)])
    (hold,) = watch(filmed, ["Turn"]).holds
    assert (hold.side, hold.turns) == (side, turns)


def test_a_developpe_begins_as_the_leg_is_drawn_up() -> None:
    filmed = film([Step("Developpe", "left")])
    (hold,) = watch(filmed, ["Developpe"]).holds
    assert hold.side == "left"
    assert hold.start == pytest.approx(1.0, abs=0.2)


def test_the_default_hold_is_four_frames_of_thirty_a_second() -> None:
    assert 3 / 30 < MIN_HOLD <= 4 / 30
