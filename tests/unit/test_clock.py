"""Times of frames: wrong stamps are mended, pauses stay, and time only goes forward."""

import itertools
from collections.abc import Callable, Sequence

import pytest

from analyzer.frames.clock import LONGEST_PAUSE, LONGEST_PAUSE_OF_JOINABLE, Clock, pace

STEP = 1 / 30


def steady(count: int, begin: float = 0.0) -> list[float]:
    return [begin + STEP * number for number in range(count)]


def times(
    stamps: Sequence[float | None],
    *,
    longest_pause: float = LONGEST_PAUSE,
    sounds_between: Callable[[float, float], bool] = lambda _begin, _end: False,
) -> list[float]:
    known = [stamp for stamp in stamps if stamp is not None]
    clock = Clock(known, pace(known, 0), longest_pause, sounds_between)
    return [clock.time_of(stamp) for stamp in stamps]


@pytest.mark.parametrize("begin", [0.0, 1.4, -2.0, 95_000.0])
def test_times_start_at_zero_wherever_the_stamps_do(begin: float) -> None:
    assert times(steady(50, begin)) == pytest.approx(steady(50), abs=1e-6)


@pytest.mark.parametrize("off", [100.0, 10_800.0, -100.0])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_stamps_that_are_off_for_a_moment_change_no_other(off: float, length: int) -> None:
    stamps = steady(100)
    for place in range(40, 40 + length):
        stamps[place] += off
    assert times(stamps) == pytest.approx(steady(100), abs=1e-6)


@pytest.mark.parametrize("pause", [0.5, 5.0, 20.0, 59.0])
def test_a_pause_stays(pause: float) -> None:
    stamps = steady(50) + steady(50, 50 * STEP + pause)
    assert times(stamps) == pytest.approx(stamps)


def test_a_picture_now_and_then_between_stretches_of_many_keeps_its_time() -> None:
    stamps = [*steady(60), 10.0, 14.0, 18.0, 22.0, *steady(60, 26.0)]
    assert times(stamps) == pytest.approx(stamps)


def test_a_longer_pause_stays_where_the_sound_goes_on() -> None:
    stamps = steady(50) + steady(50, 110.0)
    assert times(stamps, sounds_between=lambda _begin, _end: True) == pytest.approx(stamps)
    assert times(stamps) == pytest.approx(steady(100), abs=1e-6)


@pytest.mark.parametrize("second", [0.0, 5000.0, 30.0])
def test_recordings_joined_end_to_end_follow_each_other_at_their_pace(second: float) -> None:
    stamps = steady(50, 3.0) + steady(50, second)
    found = times(stamps, longest_pause=LONGEST_PAUSE_OF_JOINABLE)
    assert found == pytest.approx(steady(100), abs=1e-6)


def test_repeated_backward_and_missing_stamps_go_on_at_the_pace() -> None:
    stamps: list[float | None] = [*steady(50)]
    stamps[10] = stamps[9]
    stamps[20], stamps[21] = stamps[21], stamps[20]
    stamps[30] = None
    found = times(stamps)
    assert all(after > before for before, after in itertools.pairwise(found))
    assert found == pytest.approx(steady(50), abs=2 * STEP)
    assert times([None] * 5)[0] == 0


def test_the_pace_is_the_usual_step_whatever_the_order_and_else_what_is_claimed() -> None:
    assert pace([0.0, 3 * STEP, STEP, 2 * STEP, 10.0, 10.0 + STEP], 1000) == pytest.approx(STEP)
    assert pace([0.0], 25) == pytest.approx(1 / 25)
    assert pace([], 0) > 0


def test_frames_are_as_far_apart_where_every_other_one_has_no_stamp() -> None:
    stamps = [stamp if place % 3 == 1 else None for place, stamp in enumerate(steady(60, 0.1))]
    apart = [after - before for before, after in itertools.pairwise(times(stamps))]
    assert min(apart) > 0.9 * STEP


def test_stamps_that_differ_by_next_to_nothing_are_the_same() -> None:
    stamps = steady(20)
    stamps[10] = stamps[9] + 1e-9
    assert times(stamps) == pytest.approx(steady(20))
