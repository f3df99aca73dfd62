"""An analysis may go on while it makes progress, and as long as its frames may take."""

import pytest

from analyzer.child.protocol import longest_file
from analyzer.limits import MOST_PEOPLE
from service.jobs.deadline import MARGIN, Deadline
from service.runtime.settings import Settings

SETTINGS = Settings(stall_seconds=30, slowest_speed=40, max_video_frames=18_000)
START = 1000.0


def deadline(*, renders: bool = False, in_background: bool = False, people: int = 1) -> Deadline:
    return Deadline(SETTINGS, START, renders=renders, in_background=in_background, people=people)


def test_who_says_nothing_is_ended_when_a_stall_is_over() -> None:
    silent = deadline()
    assert silent.end == START + 30
    assert silent.stalls


def test_each_progress_gives_the_time_of_a_stall_again() -> None:
    steady = deadline()
    for now in range(1010, 1400, 10):
        steady.progress(now, 50 * (now - 1000), 18_000)
        assert steady.end == now + 30
        assert steady.stalls


def test_who_is_slower_than_promised_is_ended_when_the_time_of_the_frames_is_over() -> None:
    slow = deadline()
    slow.progress(START + 245, 100, 4000)
    assert slow.end == START + MARGIN * (30 + 4000 / 40)
    assert not slow.stalls


def test_drawing_has_as_much_time_again() -> None:
    drawing = deadline(renders=True)
    drawing.progress(START + 445, 4000, 4000)
    assert drawing.end == START + MARGIN * (30 + 2 * 4000 / 40)
    assert not drawing.stalls


def test_each_of_several_people_has_as_much_time_as_one_alone() -> None:
    crowded = deadline(people=3, renders=True)
    crowded.progress(START + 445, 2000, 2000)
    assert crowded.end == START + MARGIN * (30 + 4 * 2000 / 40)
    assert not crowded.stalls


@pytest.mark.parametrize("people", range(1, MOST_PEOPLE + 1))
@pytest.mark.parametrize("renders", [False, True])
def test_who_waits_for_several_people_waits_no_longer_than_for_the_longest_video_of_one(
    people: int, renders: bool
) -> None:
    frames = SETTINGS.most_frames(people, in_background=False)
    longest = SETTINGS.longest_analysis(frames, renders=renders, people=people)
    assert longest <= SETTINGS.longest_analysis(SETTINGS.max_video_frames, renders=renders)
    assert longest_file(frames, renders=renders, people=people) <= longest_file(
        SETTINGS.max_video_frames, renders=renders
    )


def test_in_the_background_several_people_may_be_in_as_many_frames_as_one() -> None:
    assert SETTINGS.most_frames(6, in_background=True) == SETTINGS.max_video_frames
    behind = deadline(in_background=True, people=6)
    behind.progress(START + 10_000, 18_000, 18_000)
    assert behind.end == START + 10_000 + 30


def test_a_file_that_claims_too_few_frames_or_none_has_the_time_of_those_that_are_done() -> None:
    for claimed in (0, 10):
        wrong = deadline()
        for now in range(1010, 1400, 10):
            wrong.progress(now, 41 * (now - 1000), claimed)
            assert wrong.end > now
        wrong.progress(1405, 4000, claimed)
        assert wrong.end < START + 450


def test_a_claim_that_is_taken_back_at_the_end_takes_no_time_back() -> None:
    damaged = deadline()
    damaged.progress(START + 200, 3000, 9000)
    damaged.progress(START + 210, 3100, 3100)
    assert damaged.end > START + 210


def test_no_claim_gives_more_time_than_the_longest_video_has() -> None:
    liar = deadline()
    for now in range(1010, 2500, 10):
        liar.progress(now, 10**9, 10**9)
    assert liar.end == START + MARGIN * (30 + 18_000 / 40)


def test_one_in_the_background_has_the_patience_of_who_gives_way() -> None:
    behind = deadline(in_background=True)
    for now in range(1010, 2000, 10):
        behind.progress(now, 5 * (now - 1000), 4000)
    assert behind.end == 1990 + 30
    assert behind.stalls
