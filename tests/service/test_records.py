"""What is known of background analyses is changed by who holds them alone, and put in order."""

import io
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import gevent
import pytest

from service.background.queue import Queue
from service.background.records import KeyTakenError, New, Records, State
from service.background.store import VIDEO, Store
from service.background.tidying import LOOK_SECONDS, Tidier
from service.jobs.job import Progress
from service.runtime.metrics import Metrics

SECONDS = 20.0
HOLD = {"pose": "T-Pose", "first": 3, "last": 9}


def new(name: str, caller: str = "somebody", key: str | None = None, owner: str = "") -> New:
    return New(
        id=name.ljust(22, "_"),
        owner=owner,
        caller=caller,
        key=key,
        request_id="r",
        options={},
        renders=False,
        keeps_video=False,
        callback=None,
        secret=None,
    )


@dataclass
class Kept:
    """All that is kept of analyses, in a folder."""

    folder: Path
    records: Records
    queue: Queue
    store: Store

    def accept(self, name: str, caller: str = "somebody") -> str:
        """Have an analysis wait that nobody has taken yet."""
        made = new(name, caller)
        self.records.begin(made)
        self.store.keep(made.id, VIDEO, io.BytesIO(b"video"))
        record = self.records.queue(made.id, 5)
        assert record is not None
        self.queue.put(record.id, record.round)
        return made.id

    def let_lapse(self, analysis: str) -> None:
        """Have the time of a lease be over."""
        with closing(sqlite3.connect(self.folder / "queue.db")) as connection, connection:
            connection.execute("UPDATE analyses SET lease = 0 WHERE id = ?", (analysis,))

    def state(self, analysis: str) -> State | None:
        record = self.records.get(analysis, "")
        return None if record is None else record.state


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    url = f"sqlite:///{tmp_path / 'queue.db'}"
    made = Kept(tmp_path, Records(url), Queue(url), Store(f"file://{tmp_path / 'files'}"))
    made.records.prepare()
    made.queue.prepare()
    yield made
    made.records.close()
    made.queue.close()


@pytest.fixture
def tidied(kept: Kept) -> Iterator[Kept]:
    """The same, kept in order meanwhile."""
    tidier = Tidier(kept.records, kept.queue, kept.store, Metrics(1), kept_seconds=1000)
    greenlet = gevent.spawn(tidier.keep_tidy)
    yield kept
    greenlet.kill()


def comes_true(condition: Callable[[], bool]) -> bool:
    """Whether a condition comes true while greenlets go on."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if condition():
            return True
        gevent.sleep(0.05)
    return False


def test_one_of_many_gets_an_analysis(kept: Kept) -> None:
    analysis = kept.accept("tango")
    first, second = (kept.records.claim(analysis, holder) for holder in "ab")
    assert first is not None
    assert second is None
    assert kept.state(analysis) is State.RUNNING


def test_what_is_told_by_who_has_lost_it_changes_nothing(kept: Kept) -> None:
    analysis = kept.accept("tango")
    kept.records.claim(analysis, "slow")
    kept.records.put_back(analysis, "slow", counts=True)
    kept.records.claim(analysis, "quick")
    assert not kept.records.renew(analysis, "slow", Progress(5, 9, 1.0), [HOLD])
    assert not kept.records.finish(analysis, "slow", {})
    assert not kept.records.fail(analysis, "slow", {"error": "It failed."})
    assert kept.records.put_back(analysis, "slow", counts=True) is None
    assert kept.records.finish(analysis, "quick", {})
    record = kept.records.get(analysis, "")
    assert record is not None
    assert (record.state, record.holder, record.frames) == (State.DONE, "quick", 0)


def test_an_end_may_be_told_again_by_who_has_not_heard_that_it_was_noted(kept: Kept) -> None:
    analysis = kept.accept("tango")
    kept.records.claim(analysis, "a")
    assert kept.records.finish(analysis, "a", {})
    assert kept.records.finish(analysis, "a", {})
    assert not kept.records.fail(analysis, "a", {})


def test_holds_that_are_found_again_are_told_once(kept: Kept) -> None:
    analysis = kept.accept("tango")
    later = HOLD | {"first": 20, "last": 30}
    kept.records.claim(analysis, "a")
    assert kept.records.renew(analysis, "a", Progress(5, 9, 1.0), [HOLD])
    kept.records.put_back(analysis, "a", counts=True)
    kept.records.claim(analysis, "b")
    assert kept.records.renew(analysis, "b", Progress(9, 9, 1.0), [HOLD, later])
    assert kept.records.holds(analysis, 0) == [(1, HOLD), (2, later)]
    assert kept.records.holds(analysis, 1) == [(2, later)]


def test_a_key_stands_for_one_analysis_of_each_owner(kept: Kept) -> None:
    kept.records.begin(new("one", key="mine", owner="a"))
    kept.records.begin(new("two", key="mine", owner="b"))
    kept.records.begin(new("three", owner="a"))
    kept.records.begin(new("four", owner="a"))
    with pytest.raises(KeyTakenError):
        kept.records.begin(new("five", key="mine", owner="a"))


def test_one_of_each_caller_goes_before_the_second_of_any(kept: Kept) -> None:
    crowd = [kept.accept(f"crowd {number}", "crowd") for number in range(3)]
    other = kept.accept("other", "other")
    assert [kept.queue.take() for _ in range(4)] == [crowd[0], other, crowd[1], crowd[2]]


def test_who_comes_later_does_not_go_before_all_that_have_waited(kept: Kept) -> None:
    crowd = [kept.accept(f"crowd {number}", "crowd") for number in range(4)]
    for analysis in crowd[:3]:
        kept.records.claim(analysis, "a")
        kept.queue.take()
    later = [kept.accept(f"late {number}", "late") for number in range(2)]
    assert [kept.queue.take() for _ in range(3)] == [later[0], crowd[3], later[1]]


def test_one_whose_holder_is_gone_is_begun_again_and_given_up_after_the_third_time(
    tidied: Kept, capfd: pytest.CaptureFixture[str]
) -> None:
    analysis = tidied.accept("tango")
    for holder in "abc":
        assert comes_true(lambda: tidied.queue.take() == analysis)
        assert tidied.records.claim(analysis, holder)
        tidied.let_lapse(analysis)
    assert comes_true(lambda: tidied.state(analysis) is State.FAILED)
    record = tidied.records.get(analysis, "")
    assert record is not None
    assert record.problem is not None
    assert "begun 3 times" in record.problem["error"]
    assert comes_true(lambda: not any((tidied.folder / "files").iterdir()))
    assert '"outcome": "crashed"' in capfd.readouterr().out


def test_one_that_was_put_back_in_order_may_be_begun_any_number_of_times(kept: Kept) -> None:
    analysis = kept.accept("tango")
    for holder in "abcdef":
        assert kept.records.claim(analysis, holder)
        assert kept.records.put_back(analysis, holder, counts=False)
    record = kept.records.claim(analysis, "g")
    assert record is not None
    assert record.starts == 1


def test_one_that_the_queue_has_lost_is_put_there_again_once(tidied: Kept) -> None:
    analysis = tidied.accept("tango")
    assert tidied.queue.take() == analysis
    assert comes_true(lambda: tidied.queue.size() > 0)
    gevent.sleep(3 * LOOK_SECONDS)
    assert tidied.queue.size() == 1


def test_a_video_that_never_came_leaves_nothing(tidied: Kept) -> None:
    made = new("tango")
    tidied.records.begin(made)
    tidied.store.keep(made.id, VIDEO, io.BytesIO(b"part"))
    tidied.let_lapse(made.id)
    assert comes_true(lambda: not tidied.records.ids())
    assert not any((tidied.folder / "files").iterdir())


def test_only_files_that_are_ours_are_found_in_the_store(kept: Kept) -> None:
    analysis = kept.accept("tango")
    (kept.folder / "files" / "holiday").mkdir()
    (kept.folder / "files" / "holiday" / "beach.mp4").write_bytes(b"sea")
    assert kept.store.ids(0) == {analysis}
    assert kept.store.ids(1000) == set()
