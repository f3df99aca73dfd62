"""Holds of a clip against those of the clip after a change."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.consistency import CHANGES, Change, Held, survivors, total, write
from benchmarks.seen import Seen, frames
from dancer.film import Film, film

CHANGE = {change.name: change for change in CHANGES}
HOLDS = [Held("Tree", "left", 0.2, 1.0), Held("Star", None, 2.0, 3.0)]


@pytest.fixture(scope="module")
def filmed() -> Film:
    return film([("Tree", "left", 0.3)], width=96, height=96, transition=0.2, rest=0.2)


def seen_exactly(filmed: Film) -> Seen:
    return Seen(*filmed.landmarks(), filmed.times, filmed.width, filmed.height)


def test_every_hold_survives_where_nothing_changes() -> None:
    everything = total(survivors(HOLDS, HOLDS, 0.0, mirrored=False).values())
    assert everything == (2, 2, 2, 2)


def test_in_the_mirror_the_other_side_survives() -> None:
    after = [HOLDS[0]._replace(side="right"), HOLDS[1]]
    assert total(survivors(HOLDS, after, 0.0, mirrored=True).values()).forward == 2
    assert total(survivors(HOLDS, HOLDS, 0.0, mirrored=True).values()).forward == 1


def test_what_has_begun_before_the_cut_is_not_asked_after() -> None:
    after = [Held("Tree", "left", 0.0, 0.5), Held("Star", None, 1.5, 2.5)]
    everything = total(survivors(HOLDS, after, 0.5, mirrored=False).values())
    assert everything == (1, 2, 1, 2)


def test_a_hold_that_is_elsewhere_or_missing_is_lost() -> None:
    after = [HOLDS[0]._replace(start=1.1, end=1.9)]
    everything = total(survivors(HOLDS, after, 0.0, mirrored=False).values())
    assert everything == (2, 1, 0, 0)


def test_the_mirror_image_of_a_mirror_image_is_the_clip(filmed: Film) -> None:
    clip, mirror = seen_exactly(filmed), CHANGE["mirrored"]
    twice = mirror.exact(mirror.exact(clip))
    assert np.allclose(twice.image, clip.image)
    assert np.array_equal(twice.world, clip.world)
    assert not np.allclose(mirror.exact(clip).image, clip.image)


def test_the_mirror_image_is_what_a_selfie_camera_films(filmed: Film) -> None:
    selfie = film(
        [("Tree", "left", 0.3)], width=96, height=96, transition=0.2, rest=0.2, mirrored=True
    )
    assert np.allclose(
        CHANGE["mirrored"].exact(seen_exactly(filmed)).image, seen_exactly(selfie).image, atol=1e-5
    )


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_changed_file_has_the_times_and_the_size_of_exact_landmarks(
    change: Change, filmed: Film, tmp_path: Path
) -> None:
    exact = change.exact(seen_exactly(filmed))
    pictures = list(filmed.frames())
    at = change.frames(filmed.times)
    files = tmp_path / "one.mp4", tmp_path / "another.mp4"
    for file in files:
        changed = (
            (change.picture(pictures[number][..., ::-1]), float(filmed.times[number]))
            for number in at
        )
        write(changed, file, change.quality)
    read = [(picture.shape[:2], time) for picture, time in frames(files[0])]
    assert {size for size, _ in read} == {(exact.height, exact.width)}
    assert np.allclose([time for _, time in read], exact.times, atol=1e-4)
    assert files[0].read_bytes() == files[1].read_bytes()
