"""Several dancers are told apart and kept apart, and a chosen one is followed alone."""

from itertools import islice
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.estimation.people import People
from analyzer.limits import Choice
from benchmarks.groups import identities, kept
from dancer.formations import crossing, entering, row, sizes
from dancer.group import GroupFilm

SIZE: dict[str, Any] = {"width": 640, "height": 360}


def chosen(film: GroupFilm, choice: Choice) -> NDArray[np.float64]:
    """How far the hips of the chosen one are from those of each dancer, (n, dancers) pixels."""
    size = np.array([film.width, film.height])
    truth = np.stack([dancer.landmarks()[0][:, 23:25, :2].mean(axis=1) for dancer in film.dancers])
    away = np.full((len(film), len(film.dancers)), np.nan)
    people = People(len(film.dancers), choice, frame_rate=film.frame_rate)
    for frame, picture in enumerate(film.frames()):
        for person in people.find(np.ascontiguousarray(picture[..., ::-1])):
            hips = person.landmarks.image[23:25, :2].mean(axis=0)
            away[frame] = np.linalg.norm((truth[:, frame] - hips) * size, axis=1)
    return away


@pytest.mark.parametrize("alike", [False, True])
def test_three_dancers_of_a_row_are_numbered_from_the_left_and_keep_their_numbers(
    alike: bool,
) -> None:
    film = row(3, alike=alike, frame_rate=15, **SIZE)
    given, _ = identities(film)
    assert given[:, 0].tolist() == [1, 2, 3]
    assert kept(given, film.in_view) >= 0.98


@pytest.mark.parametrize("alike", [False, True])
def test_who_passes_behind_another_comes_out_with_the_same_number(alike: bool) -> None:
    film = crossing(alike=alike, frame_rate=20, **SIZE)
    given, _ = identities(film)
    for number, of_dancer in enumerate(given, 1):
        assert set(of_dancer.tolist()) <= {0, number}
    assert kept(given, film.in_view) >= 0.95


def test_who_leaves_and_comes_back_keeps_the_number_and_who_enters_gets_the_next() -> None:
    film = entering(**SIZE)
    given, _ = identities(film)
    assert set(given[given > 0].tolist()) == {1, 2, 3}
    assert kept(given, film.in_view) >= 0.95


@pytest.mark.parametrize(("lasts", "identities_given"), [(False, {1}), (True, {1, 2})])
def test_who_is_seen_for_a_tenth_of_a_second_gets_no_number_and_who_stays_does(
    lasts: bool, identities_given: set[int]
) -> None:
    both = row(2, **SIZE)
    people = People(2, frame_rate=both.frame_rate)
    given: set[int] = set()
    pictures = zip(both.alone(0).frames(), both.frames(), strict=True)
    for frame, (without, with_second) in enumerate(islice(pictures, 60)):
        there = frame >= 10 and (lasts or frame % 5 < 3)
        picture = with_second if there else without
        found = people.find(np.ascontiguousarray(picture[..., ::-1]))
        given |= {person.identity for person in found}
    assert given == identities_given


def test_what_is_seen_for_a_tenth_of_a_second_is_not_chosen_either() -> None:
    both = row(2, **SIZE)
    people = People(2, Choice("middle"), frame_rate=both.frame_rate)
    empty = np.full((both.height, both.width, 3), 200, np.uint8)
    given = set()
    for frame, picture in enumerate(islice(both.alone(1).frames(), 45)):
        shown = empty if frame < 3 or 6 <= frame < 20 else picture
        found = people.find(np.ascontiguousarray(shown[..., ::-1]))
        assert not (found and frame < 20)
        given |= {person.identity for person in found}
    assert given == {1}


def test_dancers_near_and_far_are_found_together() -> None:
    film = sizes(frame_rate=15, **SIZE)
    given, _ = identities(film)
    assert kept(given, film.in_view) >= 0.98


@pytest.mark.parametrize(
    ("choice", "dancer"),
    [(Choice("middle"), 1), (Choice("point", 0.05, 0.5), 0), (Choice("point", 0.95, 0.5), 2)],
)
def test_the_chosen_dancer_of_a_row_is_followed_alone(choice: Choice, dancer: int) -> None:
    away = chosen(row(3, alike=True, frame_rate=15, **SIZE), choice)
    seen = np.isfinite(away).all(axis=1)
    assert seen.mean() >= 0.98
    assert (away[seen].argmin(axis=1) == dancer).all()


def test_the_largest_dancer_is_the_nearest_to_the_camera() -> None:
    film = sizes(frame_rate=15, **SIZE)
    heights = [np.ptp(dancer.landmarks()[0][0, :, 1]) for dancer in film.dancers]
    away = chosen(film, Choice("largest"))
    assert (away[np.isfinite(away).all(axis=1)].argmin(axis=1) == np.argmax(heights)).all()


def test_who_is_locked_on_is_lost_behind_another_rather_than_exchanged_for_the_other() -> None:
    film = crossing(alike=True, **SIZE)
    hidden = int(film.hidden.max(axis=1).argmax())
    start = film.dancers[hidden].landmarks()[0][0, 23:25, :2].mean(axis=0)
    away = chosen(film, Choice("point", *map(float, start)))
    seen = np.isfinite(away).all(axis=1)
    assert not seen.all()
    assert (away[seen].argmin(axis=1) == hidden).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "size", [(1, 1), (2, 2), (3, 200), (200, 3), (1, 2000), (90, 160)], ids=str
)
def test_pictures_of_any_size_with_nobody_in_them_are_borne(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1)
    people = People(6)
    for _ in range(3):
        pixels = noise.integers(0, 256, (*size, 3), np.uint8)
        assert people.find(pixels) == []
