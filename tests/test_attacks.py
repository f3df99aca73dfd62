"""No attack of one address keeps others out or leaves anything behind: the benchmark, in short."""

import pytest

from benchmarks.attacks import ATTACKS, Attack, outcome_of, short_video

SECONDS = 2.0

HEALTH_MILLISECONDS = 1000
"""Half of the answers come sooner: far more than it takes, as machines that test are noisy."""


@pytest.fixture(scope="module")
def video() -> bytes:
    return short_video()


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_keeps_nobody_out_and_leaves_nothing_behind(attack: Attack, video: bytes) -> None:
    outcome = outcome_of(attack, SECONDS, video)
    assert outcome.health.keys() == {"200"}
    assert sorted(outcome.health_times)[len(outcome.health_times) // 2] < HEALTH_MILLISECONDS
    assert outcome.uploads.keys() == {"200"}
    assert not outcome.left
