"""The accents of a dance are when the limbs arrive, by landmarks that a perfect eye would give."""

from collections.abc import Sequence

import numpy as np
import pytest

from analyzer.body import Body
from analyzer.compare import Shape, arrivals, shape_of
from dancer.film import Film, Plain, film

SCORE: Sequence[Plain] = [("T-Pose", None, 0.4), ("Goddess", None, 0.4), ("Arms V", None, 0.4)]


def shape(filmed: Film, wrong: float = 0.0, seed: int = 1) -> Shape:
    """The shape by landmarks that are wrong by a part of the picture, as MediaPipe's are."""
    image, world = filmed.landmarks()
    noise = np.random.default_rng(seed).normal(0, wrong, image.shape).astype(np.float32)
    noise[..., 3] = 0
    return shape_of(Body(image + noise, world, filmed.times, filmed.width, filmed.height))


@pytest.mark.parametrize("frame_rate", [24.0, 30.0, 60.0])
@pytest.mark.parametrize("yaw", [0, 30])
def test_limbs_arrive_when_a_pose_is_reached_and_when_the_stand_is(
    frame_rate: float, yaw: float
) -> None:
    found = arrivals(shape(film(SCORE, frame_rate=frame_rate, yaw=yaw)))
    # From the stand into a pose it takes 0.6 seconds, and back as long, with 0.4 in both.
    assert found == pytest.approx([1, 2, 3, 4, 5, 6], abs=0.05)


def test_limbs_arrive_where_one_pose_follows_the_other_without_a_rest() -> None:
    score: Sequence[Plain] = [("T-Pose", None, 0.1), ("Arms V", None, 0.1)] * 3
    found = arrivals(shape(film(score, rest=None, transition=0.5)))
    assert np.diff(found) == pytest.approx([0.6] * (len(found) - 1), abs=0.05)
    assert len(found) >= 4


@pytest.mark.parametrize("seed", range(5))
def test_who_stands_still_has_no_accents_whatever_the_landmarks_tremble(seed: int) -> None:
    still = film([("T-Pose", None, 6.0)], rest=None)
    assert not len(arrivals(shape(still, wrong=0.001, seed=seed)))


def test_accents_are_the_same_where_landmarks_tremble() -> None:
    found = arrivals(shape(film(SCORE), wrong=0.001))
    assert found == pytest.approx([1, 2, 3, 4, 5, 6], abs=0.06)


def test_who_is_out_of_sight_does_not_arrive_there() -> None:
    whole = shape(film(SCORE))
    directions = whole.directions.copy()
    # The limbs swing at 2.7 seconds, and are there again long after they have arrived.
    hidden = (whole.times > 2.7) & (whole.times < 3.3)
    directions[hidden] = np.nan
    found = arrivals(Shape(whole.times, directions, whole.sight, whole.shown))
    assert found == pytest.approx([1, 2, 4, 5, 6], abs=0.05)


def test_what_nobody_can_do_is_no_swing() -> None:
    still = shape(film([("T-Pose", None, 2.0)], rest=None))
    directions = still.directions.copy()
    directions[30:] *= -1
    assert not len(arrivals(Shape(still.times, directions, still.sight, still.shown)))


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_a_few_frames_have_no_accents(frames: int) -> None:
    assert not len(arrivals(shape(film(SCORE))[:frames]))
