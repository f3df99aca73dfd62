"""When each dancer is seen, and where one is lost."""

from collections.abc import Mapping

from analyzer.report.attendance import Attendance, Dancer, Lost

RATE = 30


def attended(seen: Mapping[int, set[int]], frames: int, *, awaited: bool = False) -> list[Dancer]:
    """The dancers of a video in whose frames some are seen, by their identities."""
    attendance = Attendance()
    for frame in range(frames):
        attendance.see(frame, frame / RATE, [each for each in sorted(seen) if frame in seen[each]])
    return attendance.ended(frames, frames / RATE, awaited=awaited)


def test_each_is_seen_from_the_first_frame_to_the_last() -> None:
    dancers = attended({1: {*range(50)}, 2: {*range(20, 40)}}, 60)
    assert dancers == [Dancer(1, 0, 49, 50), Dancer(2, 20, 39, 20)]


def test_half_a_second_without_a_sight_is_a_loss_and_less_is_none() -> None:
    frames = {*range(100)}
    (short,) = attended({1: frames - {*range(30, 44)}}, 100)
    assert (short.frames, short.lost) == (86, [])
    (long,) = attended({1: frames - {*range(30, 45)}}, 100)
    assert long.lost == [Lost(30, 44, 30 / RATE, 45 / RATE)]


def test_one_is_lost_more_than_once_and_others_are_not() -> None:
    frames = {*range(200)}
    one, other = attended({1: frames - {*range(20, 60)} - {*range(90, 150)}, 2: frames}, 200)
    assert [(lost.first, lost.last) for lost in one.lost] == [(20, 59), (90, 149)]
    assert other.lost == []


def test_only_who_is_awaited_is_lost_at_the_end() -> None:
    seen = {3: {*range(10, 50)}}
    (left,) = attended(seen, 100)
    assert left.lost == []
    (gone,) = attended(seen, 100, awaited=True)
    assert gone.lost == [Lost(50, 99, 50 / RATE, 100 / RATE)]
    (there,) = attended(seen, 55, awaited=True)
    assert there.lost == []


def test_nobody_is_no_dancer() -> None:
    assert attended({}, 30, awaited=True) == []
