"""The pool of processes: whatever becomes of its forkserver, there is another."""

import os
import sys
import time
from collections.abc import Iterator
from queue import SimpleQueue

import psutil
import pytest

from analyzer.child.pool import RESTART_SECONDS, Ended, Pool, ProcessError
from analyzer.child.protocol import Event, Proof, ProofOrder
from testing.serving import TIMEOUT, eventually


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(1)
    pool.start()
    yield pool
    pool.stop()


def forkserver() -> psutil.Process | None:
    """The one that this process has started, if it runs."""
    for each in psutil.Process().children():
        if each.status() != psutil.STATUS_ZOMBIE and "analyzer.child.forkserver" in each.cmdline():
            return each
    return None


def works(pool: Pool) -> bool:
    mailbox: SimpleQueue[Event | Ended] = SimpleQueue()
    try:
        pool.run(ProofOrder(2**31), mailbox.put)
    except ProcessError:
        return False
    return isinstance(mailbox.get(timeout=TIMEOUT), Proof)


def test_a_forkserver_that_can_not_be_started_at_first_is_later(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert works(pool)
    running = forkserver()
    assert running is not None
    with monkeypatch.context() as without:
        without.setattr(sys, "executable", os.devnull)
        running.kill()
        assert eventually(lambda: "it is tried again" in caplog.text)
        assert not works(pool)
    assert eventually(lambda: works(pool), TIMEOUT)


def test_whoever_waits_hears_of_the_end_whatever_its_listener_does(pool: Pool) -> None:
    heard: SimpleQueue[Event | Ended] = SimpleQueue()

    def listen(event: Event | Ended) -> None:
        heard.put(event)
        if not isinstance(event, Ended):
            raise ValueError("This listener fails.")

    pool.run(ProofOrder(2**31), listen)
    assert isinstance(heard.get(timeout=TIMEOUT), Proof)
    assert isinstance(heard.get(timeout=TIMEOUT), Ended)


def test_when_it_is_stopped_nothing_runs_on(pool: Pool) -> None:
    assert works(pool)
    pool.stop()
    assert eventually(lambda: forkserver() is None)
    # Nor is another started in its place.
    time.sleep(2 * RESTART_SECONDS)
    assert forkserver() is None
