"""No attack of one address keeps others out or leaves anything behind: the benchmark, in short."""

import shutil
from collections.abc import Iterator
from functools import partial

import pytest

from benchmarks.attacks import (
    ATTACKS,
    CROWDS,
    Attack,
    Crowd,
    Outcome,
    Target,
    outcome_of,
    running,
    short_video,
)
from service.intake.arrivals import MOST, SHARE
from testing.serving import may_mount_disks

SECONDS = 1.5

BEFORE_HAPROXY = [
    "Pipelined GETs on 50 connections",
    "199 MB at full speed",
    "1000 half-open connections",
    "50 stalled uploads",
    "100 slow readers",
]
"""Attacks that are of another kind where something stands between."""


@pytest.fixture(scope="module")
def video() -> bytes:
    return short_video()


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A server that stands all attacks, one after the other."""
    with running() as target:
        yield target


@pytest.fixture(scope="module")
def target_behind_haproxy() -> Iterator[Target]:
    with running(haproxy=True) as target:
        yield target


@pytest.fixture(scope="module")
def target_on_a_small_disk() -> Iterator[Target]:
    if not may_mount_disks():
        pytest.skip("this system lets nobody mount a disk of their own")
    with running(small_disk=True) as target:
        yield target


def assert_harmless(outcome: Outcome) -> None:
    assert outcome.health.keys() == {"200"}
    assert outcome.uploads.keys() == {"200"}
    assert not outcome.left


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_keeps_nobody_out_and_leaves_nothing_behind(
    attack: Attack, video: bytes, target: Target
) -> None:
    assert_harmless(outcome_of(attack, SECONDS, video, target))


@pytest.mark.parametrize("crowd", CROWDS.values(), ids=CROWDS.keys())
def test_a_crowd_from_one_address_keeps_nobody_out_either(
    crowd: Crowd, video: bytes, target_on_a_small_disk: Target
) -> None:
    attack = partial(crowd, connections=200)
    outcome = outcome_of(attack, SECONDS, video, target_on_a_small_disk)
    assert_harmless(outcome)
    # One more is of somebody else.
    assert outcome.taken["arriving"] <= SHARE * MOST + 1


@pytest.mark.skipif(not shutil.which("haproxy"), reason="haproxy is not installed")
@pytest.mark.parametrize("name", BEFORE_HAPROXY)
def test_behind_haproxy_an_attack_does_no_more(
    name: str, video: bytes, target_behind_haproxy: Target
) -> None:
    assert_harmless(outcome_of(ATTACKS[name], SECONDS, video, target_behind_haproxy))
