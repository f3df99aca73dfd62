"""Cuts: another scene is one, and a flash, a fade, a pan or an even picture is none."""

import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.frames.cuts import Cuts

WALL, GARDEN = (
    np.random.default_rng(seed).integers(0, 255, (9, 16, 3), np.uint8).repeat(40, 0).repeat(40, 1)
    for seed in (1, 2)
)


def cut(*pictures: NDArray[np.uint8]) -> list[bool]:
    """Before which of the pictures there is a cut."""
    cuts = Cuts()
    return [cuts.before(picture) for picture in pictures]


def test_another_scene_is_a_cut_and_the_first_picture_is_none() -> None:
    assert cut(WALL, WALL, GARDEN, GARDEN, WALL) == [False, False, True, False, True]


@pytest.mark.parametrize(
    "later",
    [WALL // 3, WALL // 2 + 120, np.roll(WALL, 3, axis=1), np.full_like(WALL, 255)],
    ids=["darker", "flash", "pan", "white"],
)
def test_the_same_scene_in_another_light_or_a_step_aside_is_no_cut(
    later: NDArray[np.uint8],
) -> None:
    assert cut(WALL, later) == [False, False]


def test_a_picture_may_be_smaller_than_what_is_looked_at() -> None:
    assert cut(WALL[:5, :7], WALL[:5, :7]) == [False, False]


def test_a_picture_of_another_shape_is_no_cut_for_that() -> None:
    assert cut(WALL, WALL[:, :100], WALL[:70], WALL) == [False] * 4
