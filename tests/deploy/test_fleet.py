"""The simulated fleet serves as the real one does; what can be counted by hand comes out."""

import pytest

from benchmarks.fleet import START_SECONDS, Scaling, poisson, simulate


def test_a_free_task_answers_after_the_work_alone() -> None:
    outcome = simulate([(0.0, 5.0), (1.0, 5.0)], tasks=2, analyses=1, waiting=0)
    assert outcome.latencies == [5.0, 5.0]
    assert outcome.end == 6.0


def test_what_finds_no_free_task_waits_and_what_finds_no_place_is_rejected() -> None:
    arrivals = [(0.0, 5.0), (1.0, 5.0), (2.0, 5.0)]
    outcome = simulate(arrivals, tasks=1, analyses=1, waiting=1)
    assert outcome.latencies == [5.0, 9.0]
    assert outcome.rejected == 1


def test_the_least_busy_task_gets_the_next_video() -> None:
    arrivals = [(0.0, 100.0), (1.0, 2.0), (4.0, 2.0), (7.0, 2.0)]
    outcome = simulate(arrivals, tasks=2, analyses=1, waiting=9)
    assert sorted(outcome.latencies) == [2.0, 2.0, 2.0, 100.0]


def test_scaling_adds_what_the_requests_need_and_no_more_than_allowed() -> None:
    arrivals = poisson(1.0, 600.0, (1.0,))
    outcome = simulate(arrivals, 1, 1, 1, Scaling(requests_a_minute=20, most_tasks=3))
    assert outcome.most_tasks == 3
    alone = simulate(arrivals, 1, 1, 1)
    assert outcome.rejected < alone.rejected
    assert outcome.task_seconds < 3 * outcome.end
    assert outcome.task_seconds > 3 * outcome.end - 2 * (START_SECONDS + 180)


@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_arrivals_come_at_the_rate_asked_for(rate: float) -> None:
    arrivals = poisson(rate, 10_000.0, (1.0, 3.0))
    assert len(arrivals) == pytest.approx(rate * 10_000, rel=0.1)
    assert [moment for moment, _ in arrivals] == sorted(moment for moment, _ in arrivals)
