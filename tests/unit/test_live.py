"""A live session: what one who dances is told at once, from exact landmarks of the drawn dancer."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from analyzer.body import Body
from analyzer.holds import Now, Timeline, judge
from analyzer.limits import Dance
from analyzer.live.session import SWAPPED, Seen, Session, mirrored, tell_all
from analyzer.poses import catalogue, select
from analyzer.report.answer import segment
from analyzer.report.coaching import SPOKEN_SECONDS, TO_DO
from dancer.film import Film, Step, film

SIZE = (640, 480)


@pytest.fixture(scope="module")
def routine() -> Film:
    score = [Step("T-Pose", None, 1.2), Step("Tree", "left", 1.5), Step("Saute")]
    return film(score)


def seen_in(filmed: Film, first: int = 0) -> Iterator[Seen]:
    image, world = filmed.landmarks()
    for row, time in enumerate(filmed.times.tolist()):
        if row >= first:
            yield Seen(time, image[row], world[row], (filmed.width, filmed.height))


def told_of(session: Session, frames: Iterator[Seen] | list[Seen]) -> list[dict[str, Any]]:
    told = []
    for seen in frames:
        told += session.see(seen)
        told += tell_all([session])[0]
    return [*told, *session.end()]


def frames_of(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in told if each["event"] == "frame"]


def test_a_pose_is_told_while_it_is_held_and_for_how_long(routine: Film) -> None:
    frames = frames_of(told_of(Session(Dance(["T-Pose", "Tree"])), seen_in(routine)))
    for name, side in (("T-Pose", None), ("Tree", "left")):
        held = [
            (frame["frame"], pose["seconds"])
            for frame in frames
            for pose in frame["poses"]
            if (pose["pose"], pose["side"]) == (name, side)
        ]
        truth = [row for row, poses in enumerate(routine.truth) if (name, side) in poses]
        assert abs(held[-1][0] - truth[-1]) <= 12, "it goes on for no longer than gaps are bridged"
        assert truth[0] - 6 <= held[0][0] <= truth[0] + 12
        assert all(later[1] >= earlier[1] for earlier, later in pairwise(held))
        assert held[-1][1] == pytest.approx(len(truth) / 30, abs=0.4)


def test_holds_are_those_of_the_whole_clip_however_they_come(routine: Film) -> None:
    image, world = routine.landmarks()
    timeline = Timeline(select(["T-Pose", "Tree", "Saute"]), width=640, height=480)
    timeline.add(image, world, routine.times)
    timeline.finish()
    told = told_of(Session(Dance(["T-Pose", "Tree", "Saute"])), seen_in(routine))
    holds = [each for each in told if each["event"] == "hold"]
    assert holds == [{"event": "hold", **segment(hold)} for hold in timeline.holds]
    assert {hold["pose"] for hold in holds} == {"T-Pose", "Tree", "Saute"}
    assert told[-1] == {"event": "end", "frames": len(routine), "holds": len(holds)}
    first = next(row for row, each in enumerate(told) if each["event"] == "hold")
    assert first < len(told) - len(routine) // 3, "the first is told long before the end"


def test_movements_are_told_only_when_they_are_over(routine: Film) -> None:
    told = told_of(Session(Dance(["Saute"])), seen_in(routine))
    assert not any(frame["poses"] for frame in frames_of(told))
    assert [each["pose"] for each in told if each["event"] == "hold"] == ["Saute"]


def test_dancers_who_are_judged_together_are_told_what_each_is_told_alone(routine: Film) -> None:
    other = film([Step("Squat", None, 1.0), Step("Tree", "right", 1.0)], width=360, height=640)
    poses = select(["T-Pose", "Tree", "Squat", "Arms V"])

    def dancers() -> list[Now]:
        return [Now(poses), Now(poses, practised=poses[0]), Now([], practised=poses[0])]

    alone, together = dancers(), dancers()
    for first, second in zip(seen_in(routine), seen_in(other, 3), strict=False):
        for group in (alone, together):
            for now, seen in zip(group, (first, second, second), strict=True):
                assert seen.image is not None
                assert seen.world is not None
                now.take(seen.image, seen.world, seen.time, seen.size)
        judge(together)
        for now in alone:
            judge([now])
        for one, same in zip(alone, together, strict=True):
            assert [each.pose for each in one.holding] == [each.pose for each in same.holding]
            for left, right in zip(one.holding, same.holding, strict=True):
                assert left.seconds == pytest.approx(right.seconds, abs=1e-6)
                assert left.score == pytest.approx(right.score, abs=1e-3)
            assert (one.attempt is None) == (same.attempt is None)
            if one.attempt is not None and same.attempt is not None:
                assert one.attempt.held == same.attempt.held


def test_who_practises_hears_what_is_off_and_nothing_once_it_holds(routine: Film) -> None:
    frames = frames_of(told_of(Session(Dance(practise="T-Pose")), seen_in(routine)))
    standing, holding = frames[9]["practise"], None
    assert standing["advice"].startswith("lift your ")
    assert ": " in standing["advice"]
    assert "wants at least" in standing["advice"]
    assert not standing["held"]
    assert any(not each["held"] for each in standing["conditions"])
    for frame in frames:
        practised = frame["practise"]
        if practised["held"]:
            holding = practised
            assert practised["advice"] is None
            assert all(each["held"] for each in practised["conditions"]) or practised["score"] < 0.6
    assert holding is not None
    truth = sum(("T-Pose", None) in poses for poses in routine.truth)
    assert sum(frame["practise"]["held"] for frame in frames) == pytest.approx(truth, abs=12)


def test_advice_can_be_read_as_it_changes_no_faster_than_once_a_second_unless_it_is_met() -> None:
    dancing = film([Step(name, None, 0.5) for name in ("Squat", "Arms V", "T-Pose", "Star")])
    frames = frames_of(told_of(Session(Dance(practise="Goddess")), seen_in(dancing)))
    said: list[tuple[float, str]] = []
    for frame in frames:
        practised = frame["practise"]
        if practised is None or practised["advice"] is None:
            continue
        if not said or said[-1][1] != practised["advice"]:
            if said and frame["time"] - said[-1][0] < SPOKEN_SECONDS - 1e-3:
                before = said[-1][1].partition(":")[0]
                left = [each for each in practised["conditions"] if not each["held"]]
                words = {TO_DO.get(_generic(each["quantity"]), ("", ""))[0] for each in left}
                assert before not in words, "what was asked for is met"
            said.append((frame["time"], practised["advice"]))
    assert len(said) > 2


def _generic(quantity: str) -> str:
    side, _, rest = quantity.partition(" ")
    return f"{{side}} {rest}" if side in ("left", "right") else quantity


def test_there_are_words_for_all_that_a_static_pose_can_ask_for(routine: Film) -> None:
    image, world = routine.landmarks()
    body = Body(image, world, routine.times, *SIZE)
    asked = {
        _generic(condition.quantity.name)
        for pose in catalogue()
        for side in pose.sides
        for condition in pose.conditions(body, side)
        if not pose.movement
    }
    assert asked <= set(TO_DO)
    assert set(TO_DO) - asked == {"speed of the fastest joint"}


def test_what_is_wrong_with_the_picture_is_told_at_the_beginning_and_when_it_stays(
    routine: Film,
) -> None:
    image, world = routine.landmarks()

    def seen(row: int, **changed: Any) -> Seen:
        return replace(Seen(row / 30, image[0], world[0], SIZE), **changed)

    def troubles(frames: list[Seen]) -> list[list[str]]:
        told = frames_of(told_of(Session(Dance(["T-Pose"])), frames))
        return [[each["reason"] for each in frame["trouble"]] for frame in told]

    nobody = {"image": None, "world": None}
    assert troubles([seen(0)]) == [[]]
    assert troubles([seen(0, **nobody, level=90.0)]) == [["nobody"]]
    assert troubles([seen(0, **nobody, level=12.0)]) == [["too-dark"]]
    small = (image[0] - [0.5, 0.5, 0, 0]) * [0.2, 0.2, 1, 1] + [0.5, 0.5, 0, 0]
    assert troubles([seen(0, image=small.astype("f4"))]) == [["too-far"]]
    low = (image[0] + [0, 0.25, 0, 0]).astype("f4")
    assert troubles([seen(0, image=low)]) == [["feet-out"]]
    blinks = [seen(row, **(nobody if row in (5, 6) else {})) for row in range(20)]
    assert not any(troubles(blinks)), "a moment is not worth a word"
    gone = [seen(row, **(nobody if row >= 5 else {})) for row in range(30)]
    told = troubles(gone)
    assert told[25] == ["nobody"]
    assert not any(told[:19])


def test_who_practises_is_told_to_turn_where_the_pose_can_not_be_told_from_there() -> None:
    turned = film([Step("Goddess", None, 1.5)], yaw=90)
    frames = frames_of(told_of(Session(Dance(practise="Goddess")), seen_in(turned)))
    assert "view" in {each["reason"] for frame in frames for each in frame["trouble"]}
    text = next(each["text"] for frame in frames for each in frame["trouble"])
    assert text.startswith("Goddess can't be told: it is seen in profile")


def test_landmarks_that_were_found_in_a_mirror_are_the_dancers_own(routine: Film) -> None:
    assert sorted(SWAPPED) == list(range(33))
    in_mirror = [mirrored(seen) for seen in seen_in(routine)]
    dance = Dance(["Tree"])
    wrong = told_of(Session(dance), in_mirror)
    right = told_of(Session(dance), [mirrored(seen) for seen in in_mirror])
    sides = [[each["side"] for each in told if each["event"] == "hold"] for told in (wrong, right)]
    assert sides == [["right"], ["left"]]


def test_a_picture_of_another_size_ends_what_is_held_and_frames_count_on(routine: Film) -> None:
    frames = list(seen_in(routine))
    turned = next(row for row, poses in enumerate(routine.truth) if ("T-Pose", None) in poses) + 20
    sizes = [
        replace(seen, size=(480, 480)) if row >= turned else seen for row, seen in enumerate(frames)
    ]
    told = told_of(Session(Dance(["T-Pose"])), sizes)
    holds = [(each["first"], each["last"]) for each in told if each["event"] == "hold"]
    assert holds[0][1] == turned - 1
    assert all(first >= turned for first, _ in holds[1:])


def test_times_have_to_be_in_order(routine: Film) -> None:
    session = Session(Dance())
    first, second, *_ = seen_in(routine)
    session.see(second)
    with pytest.raises(ValueError, match="in order"):
        session.see(first)


def test_a_dancer_who_is_not_seen_is_in_no_pose() -> None:
    nobody = [Seen(row / 30, None, None, SIZE) for row in range(40)]
    told = told_of(Session(Dance(practise="T-Pose")), nobody)
    assert all(frame["practise"] is None and not frame["poses"] for frame in frames_of(told))
    assert told[-1]["holds"] == 0
