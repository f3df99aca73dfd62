"""Several dancers: each is judged as if it were alone, in the frames of the clip."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analyzer.body import Crowd
from analyzer.holds import Hold, NearMiss, Timeline, Timelines, Undecidable
from analyzer.poses import select
from dancer.film import Film, Step, film

NAMES = ["T-Pose", "Tree", "Arms V", "Hands on Hips", "Squat"]
SIZE = {"width": 640, "height": 480}


@pytest.fixture(scope="module")
def first() -> Film:
    return film([Step("T-Pose", None, 1.0), Step("Tree", "left", 1.5)])


@pytest.fixture(scope="module")
def second() -> Film:
    return film([Step("Arms V", None, 0.8), Step("Squat", None, 1.0), Step("T-Pose", None, 0.6)])


def together(films: Sequence[Film], starts: Sequence[int], frames: int) -> Crowd:
    """Films with exact landmarks, from frame numbers on, whose places change from frame to frame.

    Their dancers are 1, 2, ...
    """
    crowd = Crowd.empty(frames, len(films))
    marks = [each.landmarks() for each in films]
    for frame in range(frames):
        here = [
            (number + 1, (image[frame - start], world[frame - start]))
            for number, ((image, world), start) in enumerate(zip(marks, starts, strict=True))
            if start <= frame < start + len(image)
        ]
        crowd.put(frame, frame / 30, here if frame % 2 else reversed(here))
    return crowd


def some(crowd: Crowd, first: int, last: int) -> Crowd:
    identities, image, world, times = crowd
    frames = slice(first, last)
    return Crowd(identities[frames], image[frames], world[frames], times[frames])


def watch(crowd: Crowd, size: int = 512, *, numbered: bool = True) -> Timelines:
    """The finished timelines of a crowd that comes in batches of a size."""
    timelines = Timelines(select(NAMES), **SIZE, numbered=numbered)
    cuts = np.zeros(len(crowd.times), np.bool_)
    for begin in range(0, len(cuts), size):
        timelines.add(some(crowd, begin, begin + size), cuts[begin : begin + size])
    timelines.finish()
    return timelines


def alone(filmed: Film, start: int = 0) -> Timeline:
    """The finished timeline of a film that begins at a frame of a clip."""
    timeline = Timeline(select(NAMES), **SIZE, first=start)
    image, world = filmed.landmarks()
    times = (np.arange(len(image)) + start) / 30
    timeline.add(image.astype("f4"), world.astype("f4"), times)
    timeline.finish()
    return timeline


def found(
    timelines: Timelines | Timeline, dancer: int | None = None
) -> list[Hold | NearMiss | Undecidable]:
    """All that is found of a dancer, but for whose it is."""
    everything: list[Any] = [
        *timelines.holds, *timelines.near_misses, *timelines.undecidable,
    ]  # fmt: skip
    return [replace(each, dancer=None) for each in everything if each.dancer == dancer]


@pytest.mark.parametrize("size", [512, 37, 1])
def test_each_of_two_dancers_holds_what_it_holds_alone(
    first: Film, second: Film, size: int
) -> None:
    timelines = watch(together([first, second], [0, 0], max(len(first), len(second))), size)
    for dancer, filmed in enumerate([first, second], 1):
        # Where a dancer is no longer seen is not where the clip ends.
        wanted = {hold.pose for hold in alone(filmed).holds}
        assert {hold.pose for hold in timelines.holds if hold.dancer == dancer} == wanted
    assert len(second) > len(first)
    assert found(timelines, 2) == found(alone(second))


@pytest.mark.parametrize("size", [512, 37])
def test_who_comes_later_has_the_frame_numbers_of_the_clip(
    first: Film, second: Film, size: int
) -> None:
    start = 47
    timelines = watch(together([first, second], [0, start], start + len(second)), size)
    assert found(timelines, 2) == found(alone(second, start))
    assert min(hold.first for hold in timelines.holds if hold.dancer == 2) > start


def test_who_comes_back_after_long_is_followed_anew(first: Film) -> None:
    start = len(first) + 12 * 30
    crowd = together([first, first], [0, start], start + len(first))
    crowd.identities[crowd.identities == 2] = 1
    for size in (512, 60):
        timelines = watch(crowd, size)
        holds = {(hold.pose, hold.first, hold.last) for hold in timelines.holds}
        wanted = {(hold.pose, hold.first, hold.last) for hold in alone(first, start).holds}
        assert len(wanted) > 1
        assert wanted < holds
        assert {hold.dancer for hold in timelines.holds} == {1}


def test_one_alone_has_no_number_and_the_timeline_of_the_whole_clip(first: Film) -> None:
    crowd = together([first], [20], 20 + len(first))
    crowd.times[:] = np.arange(len(crowd.times)) / 30
    timeline = Timeline(select(NAMES), **SIZE)
    timeline.add(*crowd.of(1))
    timeline.finish()
    assert timeline.holds
    assert found(watch(crowd, numbered=False)) == found(timeline)


def test_what_is_found_is_in_the_order_of_its_frames_and_then_of_the_dancers(first: Film) -> None:
    timelines = watch(together([first, first], [0, 0], len(first)))
    order = [(hold.first, hold.last, hold.dancer) for hold in timelines.holds]
    assert order == sorted(order)
    assert [dancer for *_, dancer in order] == [1, 2] * (len(order) // 2)


def test_a_hold_is_told_once_and_with_its_dancer(first: Film, second: Film) -> None:
    crowd = together([first, second], [0, 10], 10 + max(len(first), len(second)))
    timelines = Timelines(select(NAMES), **SIZE, numbered=True)
    told: list[Hold] = []
    for begin in range(0, len(crowd.times), 30):
        batch = some(crowd, begin, begin + 30)
        told += timelines.add(batch, np.zeros(len(batch.times), np.bool_))
    told += timelines.finish()
    assert {hold.dancer for hold in told} == {1, 2}
    assert sorted(map(repr, told)) == sorted(map(repr, timelines.holds))


def test_where_nobody_is_nothing_is_found() -> None:
    crowd = together([], [], 100)
    assert not watch(crowd).holds
    assert not watch(Crowd.empty(100, 3)._replace(times=crowd.times)).undecidable
