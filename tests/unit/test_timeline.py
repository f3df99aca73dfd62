"""From landmarks to held poses: seconds, batches, sides, near misses and doubts."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.holds import Hold, NearMiss, Timeline
from analyzer.limits import MIN_HOLD
from analyzer.poses import catalogue, select
from dancer.figure import Arm, Leg, Posture, Side
from dancer.film import Film, Step, film
from dancer.repertoire import REPERTOIRE, STAND, Key, Pose


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


def strike(
    posture: Posture, monkeypatch: pytest.MonkeyPatch, *, seconds: float = 0.5, yaw: float = 0.0
) -> Film:
    """A film of a posture that is none of the repertoire."""
    keys = (Key(0.0, posture), Key(seconds, posture))
    own = Pose("as it is", lambda _turns: keys, False, (yaw,), ())
    monkeypatch.setitem(REPERTOIRE, own.name, own)
    return film([Step(own.name)], yaw=yaw)


def spans(timeline: Timeline, pose: str) -> list[tuple[float, float]]:
    return [(hold.start, hold.end) for hold in timeline.holds if hold.pose == pose]


@pytest.mark.parametrize("frame_rate", [5, 15, 25, 29.97, 60])
def test_a_hold_is_counted_in_seconds_at_every_frame_rate(frame_rate: float) -> None:
    timeline = watch(film([Step("T-Pose", None, 1.0)], frame_rate=frame_rate), ["T-Pose"])
    ((start, end),) = spans(timeline, "T-Pose")
    assert start == pytest.approx(1.0, abs=0.25)
    assert end == pytest.approx(2.0, abs=0.25)


@pytest.mark.parametrize(
    ("score", "names"),
    [
        (
            [
                Step("T-Pose", None, 0.6),
                Step("Tree", "left", 1.2),
                Step("Squat", None, 0.8),
                Step("Arms V", None, 0.6),
                Step("Warrior II", "left", 0.8),
                Step("Goddess", None, 0.8),
                Step("Star", None, 0.6),
            ],
            {"T-Pose", "Tree", "Squat", "Arms V", "Warrior II", "Goddess", "Star"},
        ),
        ([Step("Saute")], {"Saute"}),
        ([Step("Grand Battement", "left")], {"Grand Battement"}),
    ],
    ids=["medley", "saute", "grand battement"],
)
def test_the_same_is_found_at_every_frame_rate(score: list[Step], names: set[str]) -> None:
    many, *fewer = (watch(film(score, frame_rate=rate)).holds for rate in (60, 24, 12))
    assert names <= {hold.pose for hold in many}
    for few in fewer:
        pairs = zip(
            *(sorted(holds, key=lambda hold: hold.pose) for holds in (many, few)), strict=True
        )
        for hold, same in pairs:
            assert (same.pose, same.side) == (hold.pose, hold.side)
            assert same.start == pytest.approx(hold.start, abs=0.2)
            assert same.end == pytest.approx(hold.end, abs=0.2)


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


@pytest.mark.parametrize(
    ("pose", "side", "yaw", "transition"),
    [
        ("T-Pose", None, 0, 0.2),
        ("Star", None, 0, 0.2),
        ("Goddess", None, 0, 0.2),
        ("Warrior II", "left", 0, 0.2),
        ("Arabesque", "left", -65, 0.2),
        ("Arms V", None, 0, 0.3),
        ("Arms Overhead", None, 0, 0.3),
    ],
)
def test_a_pose_that_is_hit_and_left_again_at_once_is_held(
    pose: str, side: Side | None, yaw: float, transition: float
) -> None:
    hit = film([Step(pose, side, 0.1)], yaw=yaw, transition=transition)
    assert len(spans(watch(hit, [pose]), pose)) == 1


@pytest.mark.parametrize(
    ("score", "passed"),
    [
        (("A-Pose", "Arms V"), "T-Pose"),
        (("A-Pose", "Arms Overhead"), "T-Pose"),
        (("A-Pose", "Arms Overhead"), "Arms V"),
        (("T-Pose", "Arms Overhead"), "Arms V"),
    ],
)
@pytest.mark.parametrize("transition", [0.2, 0.3, 0.5, 0.7])
def test_a_pose_that_is_passed_on_the_way_to_another_is_not_held(
    score: tuple[str, str], passed: str, transition: float
) -> None:
    steps = [Step(pose, None, 0.5) for pose in score]
    assert not spans(watch(film(steps, rest=None, transition=transition), [passed]), passed)


@pytest.mark.parametrize("lucky", [(50,), (50, 52), (50, 53), (50, 54), (50, 54, 58)])
def test_lucky_frames_are_no_hold(lucky: tuple[int, ...]) -> None:
    filmed = film([Step("A-Pose", None, 3.0)])
    image, world = filmed.landmarks()
    right = film([Step("T-Pose", None, 3.0)]).landmarks()
    for frame in lucky:
        image[frame], world[frame] = right[0][frame], right[1][frame]
    timeline = Timeline(select(["T-Pose"]), width=filmed.width, height=filmed.height)
    timeline.add(image, world, filmed.times)
    timeline.finish()
    assert timeline.holds == []


@pytest.mark.parametrize(
    ("bent", "lean", "score"),
    [(23, 0, 0.675), (26, 0, 0.6), (26, 13, 0.55), (20, 11, 0.6), (32, 0, 0.467), (32, 5, 0.467)],
)
def test_a_hold_is_as_good_as_its_weakest_condition(
    bent: float, lean: float, score: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    level = Arm((90.0, 90.0), (90.0, 90.0))
    posture = Posture(replace(level, fore=(90.0 + bent, 90.0)), level)
    leaning = replace(posture, pelvis=(0.0, lean, 0.0), chest=(0.0, lean, 0.0))
    (hold,) = watch(strike(leaning, monkeypatch), ["T-Pose"]).holds
    assert hold.score == pytest.approx(score, abs=0.03)


@pytest.mark.parametrize("bent", [38, 47, 60])
def test_a_pose_far_outside_of_its_bounds_is_not_held(
    bent: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    level = Arm((90.0, 90.0), (90.0, 90.0))
    posture = Posture(replace(level, fore=(90.0 + bent, 90.0)), level)
    assert watch(strike(posture, monkeypatch), ["T-Pose"]).holds == []


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


def test_a_longer_shortest_hold_only_leaves_holds_out() -> None:
    found = [
        {
            (hold.pose, hold.side, hold.first, hold.last)
            for hold in watch(MEDLEY, min_hold=least).holds
        }
        for least in (MIN_HOLD, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0)
    ]
    assert all(longer <= shorter for shorter, longer in pairwise(found))
    assert len(found[-1]) < len(found[0])


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
    assert 0.8 < hold.score <= 1
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


def test_the_feet_are_advice_to_who_holds_the_hands_on_the_hips() -> None:
    (miss,) = watch(film([Step("Hands on Hips", None, 1.0)])).near_misses
    assert miss.pose == "Samapadam"
    assert miss.reason.startswith("distance between the ankles")


@pytest.mark.parametrize(
    ("pose", "side", "yaw", "untried"),
    [
        ("Tendu devant", "left", 65, "Balance"),
        ("Bras Bas", None, 0, "A-Pose"),
        ("Warrior II", "left", 0, "A-Pose"),
    ],
)
def test_a_pose_whose_essence_fails_is_not_nearly_held(
    pose: str, side: Side | None, yaw: float, untried: str
) -> None:
    assert watch(film([Step(pose, side, 1.5)], yaw=yaw), [untried]).near_misses == []


@pytest.mark.parametrize("speed", [40, 200])
@pytest.mark.parametrize("turn", [60, 200, 300])
def test_who_turns_by_less_than_a_whole_turn_is_not_near_one(
    turn: float, speed: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = (Key(0.0, STAND), Key(turn / speed, STAND, turn), Key(1.0, STAND, turn))
    monkeypatch.setitem(REPERTOIRE, "half", Pose("half", lambda _turns: keys, False, (0.0,), ()))
    assert everything(watch(film([Step("half")]))) == []


@pytest.mark.parametrize(
    ("held", "side", "yaw", "near"),
    [
        ("Demi-Plie", None, 0, "Aramandi"),
        ("Degage derriere", "left", 65, "Arabesque"),
        ("Hinge", None, 65, "Squat"),
    ],
)
def test_who_holds_a_pose_is_not_near_another_by_the_same_joints(
    held: str, side: Side | None, yaw: float, near: str
) -> None:
    filmed = film([Step(held, side, 1.0)], yaw=yaw)
    assert {miss.pose for miss in watch(filmed, [near]).near_misses} == {near}
    assert watch(filmed, [held, near]).near_misses == []


def test_who_holds_warrior_2_is_not_near_goddess(monkeypatch: pytest.MonkeyPatch) -> None:
    posture = REPERTOIRE["Warrior II"].perform(1)[0].posture
    softened = replace(posture, right_leg=Leg((58.0, 92.0), (38.0, 92.0), (90.0, 15.0)))
    filmed = strike(softened, monkeypatch, seconds=1.0)
    assert {miss.pose for miss in watch(filmed, ["Goddess"]).near_misses} == {"Goddess"}
    timeline = watch(filmed, ["Goddess", "Warrior II"])
    assert {hold.pose for hold in timeline.holds} == {"Warrior II"}
    assert timeline.near_misses == []


def off(miss: NearMiss) -> set[str]:
    return {joint for condition in miss.off for joint in condition.joints}


@pytest.mark.parametrize("pose", ["Demi-Plie", "Second Position (feet)"])
def test_the_same_joints_are_near_one_pose_at_a_time(pose: str) -> None:
    names = ["Second (arms)", "Third (arms)"]
    filmed = film([Step(pose, None, 1.0)])
    assert all(watch(filmed, [name]).near_misses for name in names)
    misses = watch(filmed, names).near_misses
    assert misses
    for one, other in combinations(misses, 2):
        assert one.last < other.first or other.last < one.first or not off(one) & off(other)


@pytest.mark.parametrize("yaw", range(-180, 180, 30))
def test_who_simply_stands_does_nothing_nearly(yaw: float, monkeypatch: pytest.MonkeyPatch) -> None:
    assert everything(watch(strike(STAND, monkeypatch, seconds=2.0, yaw=yaw))) == []


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


def test_hidden_feet_are_said_only_while_the_rest_of_the_pose_holds() -> None:
    filmed = film([Step("Star", None, 1.5), Step("Hands on Hips", None, 1.5)])
    image, world = filmed.landmarks()
    image[:, 27:, 3] = 0.01
    timeline = Timeline(select(["Star"]), width=filmed.width, height=filmed.height)
    timeline.add(image, world, filmed.times)
    timeline.finish()
    (doubt,) = timeline.undecidable
    assert (doubt.start, doubt.end) == pytest.approx((1.0, 2.5), abs=0.3)


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


def test_a_pose_is_held_over_frames_that_last_a_second_and_over_a_pause() -> None:
    filmed = film([Step("T-Pose", None, 8.0)], rest=None)
    image, world = filmed.landmarks()
    for kept in (np.arange(0, len(filmed), 30), np.r_[0:40, 200:240]):
        timeline = Timeline(select(["T-Pose"]), width=filmed.width, height=filmed.height)
        timeline.add(image[kept], world[kept], filmed.times[kept])
        timeline.finish()
        assert [hold.pose for hold in timeline.holds] == ["T-Pose"]


def test_frames_at_the_same_time_are_no_mistake() -> None:
    filmed = film([Step("Saute")])
    image, world = filmed.landmarks()
    for at_once in (2, 5, 9):
        times = np.floor(np.arange(len(filmed)) / at_once) * at_once / 30
        timeline = Timeline(catalogue(), width=filmed.width, height=filmed.height)
        timeline.add(image, world, times)
        timeline.finish()
        assert all(0 <= hold.score <= 1 and hold.start < hold.end for hold in timeline.holds)


def test_a_height_is_measured_against_bounds_that_are_as_wide_as_the_camera_leaves_in_doubt() -> (
    None
):
    (hold,) = watch(film([Step("Tendu derriere", "left", 1.0)], yaw=65), ["Tendu derriere"]).holds
    foot = next(each for each in hold.conditions if each.quantity == "left foot above the other")
    assert foot.high is not None
    assert foot.high > 0.4
    assert foot.held
