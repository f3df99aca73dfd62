"""A live session: what one who dances is told at once, from exact landmarks of the drawn dancer."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from analyzer.body import DEGREES, TORSOS, Body
from analyzer.holds import Attempt, Measured, Now, Timeline, judge
from analyzer.limits import Dance
from analyzer.live.session import (
    MOST_A_SECOND,
    SWAPPED,
    Seen,
    Session,
    UnusableFrameError,
    mirrored,
    tell_all,
)
from analyzer.poses import catalogue, select
from analyzer.report.answer import segment
from analyzer.report.coaching import SPOKEN_SECONDS, TO_DO, Coach, advice
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


def test_a_pose_is_told_once_it_has_been_held_for_as_long_as_is_asked(routine: Film) -> None:
    frames = frames_of(told_of(Session(Dance(["T-Pose"], min_hold=1.0)), seen_in(routine)))
    seconds = [pose["seconds"] for frame in frames for pose in frame["poses"]]
    assert 1.0 - 1e-3 <= min(seconds) < 1.1


def test_the_side_that_is_practised_stays_where_left_and_right_change_places_for_a_moment(
    routine: Film,
) -> None:
    frames = [
        mirrored(seen) if 60 <= row < 300 and row % 10 < 3 else seen
        for row, seen in enumerate(seen_in(routine))
    ]
    told = frames_of(told_of(Session(Dance(practise="Tree")), frames))
    holding = [row for row, poses in enumerate(routine.truth) if ("Tree", "left") in poses]
    assert {told[row]["practise"]["side"] for row in holding} == {"left"}


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
    now = 0.0
    for each in told[: -1 - len(routine) // 10]:
        if each["event"] == "frame":
            now = each["time"]
        else:
            assert now <= each["end"] + 3.0, "it is told soon after its end"
    first = next(row for row, each in enumerate(told) if each["event"] == "hold")
    assert first < len(told) - len(routine) // 3, "the first is told long before the end"


def test_movements_are_told_only_when_they_are_over(routine: Film) -> None:
    assert [pose.name for pose in Now(select(["Saute", "Tree"])).poses] == ["Tree"]
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
    (about,) = (each for each in standing["conditions"] if each["quantity"] == standing["about"])
    assert not about["held"]
    assert not standing["held"]
    assert any(not each["held"] for each in standing["conditions"])
    for frame in frames:
        practised = frame["practise"]
        if practised["held"]:
            holding = practised
            assert practised["advice"] is None
            assert practised["about"] is None
            assert all(each["held"] for each in practised["conditions"]) or practised["score"] < 0.6
    assert holding is not None
    truth = sum(("T-Pose", None) in poses for poses in routine.truth)
    assert sum(frame["practise"]["held"] for frame in frames) == pytest.approx(truth, abs=12)


def test_advice_can_be_spoken_as_no_sentence_follows_another_within_a_second() -> None:
    poses = [Step(name, None, 0.5) for name in ("Squat", "Arms V", "T-Pose", "Star")]
    frames = frames_of(told_of(Session(Dance(practise="Goddess")), seen_in(film(poses))))
    said: list[tuple[float, str]] = []
    for frame in frames:
        advice = frame["practise"] and frame["practise"]["advice"]
        if advice and (not said or said[-1][1] != advice):
            said.append((frame["time"], advice))
    assert len(said) > 2
    for (earlier, _), (later, _) in pairwise(said):
        assert later - earlier >= SPOKEN_SECONDS - 1e-3


def test_advice_is_silent_as_soon_as_what_it_asks_for_is_met() -> None:
    coach = Coach()
    bent = Measured("left elbow", 148, 153, None, DEGREES, False, ())
    straight = replace(bent, value=170.0, held=True)
    other = Measured("left knee", 100, 160, None, DEGREES, False, ())
    told = "straighten your left elbow: 148 degrees, wants at least 153"
    assert coach.sentence(0.0, attempt(bent, other)) == told
    assert (coach.sentence(0.5, attempt(bent, other)), coach.about) == (told, "left elbow")
    assert (coach.sentence(0.6, attempt(straight, other)), coach.about) == (None, None)
    assert coach.sentence(1.0, attempt(straight, other)) == (
        "straighten your left knee: 100 degrees, wants at least 160"
    )
    assert coach.sentence(1.1, replace(attempt(other), held=True)) is None


def attempt(*conditions: Measured) -> Attempt:
    off = tuple(each for each in conditions if not each.held)
    return Attempt("Star", None, False, 0.0, 0.2, conditions, off, None)


@pytest.mark.parametrize(
    ("quantity", "value", "low", "high", "unit", "sentence"),
    [
        (
            *("left elbow", 148.4, 153, None, DEGREES),
            "straighten your left elbow: 148 degrees, wants at least 153",
        ),
        (
            *("right knee", 162, 90, 140, DEGREES),
            "bend your right knee more: 162 degrees, wants at most 140",
        ),
        (
            *("left lean", -0.06, -30, -7, DEGREES),
            "lean further to the right: 0 degrees, wants at least 7",
        ),
        (
            *("left lean", -40, -30, -7, DEGREES),
            "lean less to the right: 40 degrees, wants at most 30",
        ),
        (
            *("left lean", 10, 26, None, DEGREES),
            "lean further to the left: 10 degrees, wants at least 26",
        ),
        (
            *("left thigh direction", 13, 96, None, DEGREES),
            "take your left knee further back: 13 degrees, wants at least 96",
        ),
        (
            *("left thigh direction", 13, 28, None, DEGREES),
            "take your left knee further out to the side: 13 degrees, wants at least 28",
        ),
        ("left wrist above the shoulder", -1.03, -0.18, 0.28, TORSOS, "lift your left hand"),
        ("speed of the fastest joint", 13, None, 4, TORSOS, "hold still"),
        (
            "height of the hips",
            0.98,
            None,
            0.9,
            TORSOS,
            "sink lower: 0.98 torso lengths, wants at most 0.90",
        ),
        (
            "of one's own",
            2,
            3,
            None,
            TORSOS,
            "more of one's own: 2.00 torso lengths, wants at least 3.00",
        ),
    ],
)
def test_advice_is_what_a_teacher_says_with_the_number_where_it_helps(
    quantity: str, value: float, low: float | None, high: float | None, unit: str, sentence: str
) -> None:
    assert advice(Measured(quantity, value, low, high, unit, False, ())) == sentence


def test_what_is_hidden_is_said_to_be_and_is_not_advised_on(routine: Film) -> None:
    hidden = []
    for seen in seen_in(routine):
        assert seen.image is not None
        image = seen.image.copy()
        # The legs are in the picture, behind something: where they are is but guessed.
        image[25:, 3] = 0.01
        hidden.append(replace(seen, image=image))
    frames = frames_of(told_of(Session(Dance(practise="Goddess")), hidden))
    practised = [frame["practise"] for frame in frames[3:] if frame["practise"]]
    said = {(each["advice"], each["about"]) for each in practised}
    assert said == {("the knees and the feet can't be seen", None)}


def test_who_has_just_appeared_is_not_said_to_be_out_of_sight(routine: Film) -> None:
    held = 5 + next(row for row, poses in enumerate(routine.truth) if ("T-Pose", None) in poses)
    appearing = [
        seen if row >= held else Seen(seen.time, None, None, SIZE)
        for row, seen in enumerate(seen_in(routine))
    ][: held + 9]
    frames = frames_of(told_of(Session(Dance(practise="T-Pose")), appearing))
    practised = [frame["practise"] for frame in frames if frame["practise"]]
    assert practised[-1]["held"]
    assert not any(each["advice"] for each in practised)


def test_a_limb_that_hangs_and_movement_come_last_and_a_wrong_picture_comes_first() -> None:
    moving = Measured("speed of the fastest joint", 9, None, 4, TORSOS, False, ())
    hanging = Measured("left thigh direction", 147, None, 45, DEGREES, False, ())
    knee = Measured("left knee", 175, None, 140, DEGREES, False, ())
    assert str(Coach().sentence(0.0, attempt(hanging, moving, knee))).startswith("bend your left")
    assert Coach().sentence(0.0, attempt(moving)) == "hold still"
    low = film([Step("T-Pose", None, 0.5)], offset=(0.0, 0.3))
    for frame in frames_of(told_of(Session(Dance(practise="Goddess")), seen_in(low))):
        if frame["trouble"]:
            assert frame["practise"]["advice"] is None


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


def test_times_have_to_be_in_order_and_to_go_on(routine: Film) -> None:
    session = Session(Dance())
    first, second, *_ = seen_in(routine)
    session.see(second)
    with pytest.raises(UnusableFrameError, match="in order"):
        session.see(first)
    with pytest.raises(UnusableFrameError, match="within a second"):
        for _ in range(MOST_A_SECOND):
            session.see(second)


def test_nobody_keeps_the_holds_of_others_waiting_by_the_times_that_they_send(
    routine: Film,
) -> None:
    honest, *others = [Session(Dance(["T-Pose", "Tree"])) for _ in range(6)]
    heard = 0
    for number, seen in enumerate(seen_in(routine)):
        honest.see(seen)
        for other in others:
            other.see(replace(seen, time=number * 10_000.0))
        told, *_ = tell_all([honest, *others])
        heard += sum(each["event"] == "hold" for each in told)
    assert heard > 0


def test_who_stands_on_the_head_for_long_is_asked_whether_the_camera_does(routine: Film) -> None:
    turned = [
        replace(seen, image=(seen.image * [1, -1, 1, 1] + [0, 1, 0, 0]).astype("f4"))
        for seen in seen_in(routine)
        if seen.image is not None
    ]
    reasons = [
        {each["reason"] for each in frame["trouble"]}
        for frame in frames_of(told_of(Session(Dance(["T-Pose"])), turned))
    ]
    assert "turned" in reasons[-1]
    assert "turned" not in reasons[60]


def test_a_dancer_who_is_not_seen_is_in_no_pose() -> None:
    nobody = [Seen(row / 30, None, None, SIZE) for row in range(40)]
    told = told_of(Session(Dance(practise="T-Pose")), nobody)
    assert all(frame["practise"] is None and not frame["poses"] for frame in frames_of(told))
    assert told[-1]["holds"] == 0
