"""What sees to it that nothing is lost, and nothing is left behind.

Each server and each consumer does it, now and then; what two of them do at once is done once.
"""

import logging
import math
import time
from typing import Final

import gevent

from service.background.callbacks import PAUSES, CallbackError, call_back
from service.background.down import DownError
from service.background.queue import Queue
from service.background.records import LEASE_SECONDS, MOST_STARTS, Record, Records, State
from service.background.store import VIDEO, Store
from service.problems import Kind, Problem
from service.runtime import logs
from service.runtime.metrics import Metrics

LOOK_SECONDS: Final = 2.0
"""Pause between two looks."""

CALLBACK_SECONDS: Final = 60.0
"""For so long nobody else makes a callback that is being made."""

CALLBACKS_AT_ONCE: Final = 8

SWEEP_SECONDS: Final = 3600.0
"""Pause between two looks for files that belong to nothing, and the age from which they count."""

REPORT_SECONDS: Final = 60.0
"""Pause between two lines of the log that tell how much waits."""

log = logging.getLogger(__name__)


class Tidier:
    """Puts back what was lost, deletes what is over, makes callbacks, and tells of the backlog."""

    def __init__(
        self, records: Records, queue: Queue, store: Store, metrics: Metrics, kept_seconds: float
    ) -> None:
        self._records = records
        self._queue = queue
        self._store = store
        self._metrics = metrics
        self._kept_seconds = kept_seconds
        self._missing: set[str] = set()
        """Waiting, and not in the queue at the last look: perhaps only just taken from it."""
        self._calls: set[gevent.Greenlet[[Record], None]] = set()
        self._swept = self._reported = time.monotonic()
        self._down = -math.inf
        """When something last didn't answer: then nobody could renew a lease either."""

    def keep_tidy(self) -> None:
        """Look time and again; never returns."""
        while True:
            gevent.sleep(LOOK_SECONDS)
            try:
                self._look()
            except DownError as error:
                self._down = time.monotonic()
                log.warning("%s", error)
            except Exception:  # whatever it is, it is tried again
                log.exception("What keeps background analyses in order failed.")

    def _look(self) -> None:
        self._report()
        self._put_back()
        self._call_back()
        self._delete()
        self._sweep()

    def _put_back(self) -> None:
        """Have those begun again that nobody holds any more, and queued that are in no queue."""
        renewable = time.monotonic() - self._down > LEASE_SECONDS
        for record in self._records.lapsed() if renewable else ():
            if record.state is State.ARRIVING:
                self._store.delete(record.id)
                self._records.delete(record.id)
                continue
            assert record.holder is not None
            if record.starts >= MOST_STARTS:
                self._give_up(record, record.holder)
            elif self._records.put_back(record.id, record.holder, counts=True):
                log.warning("Analysis %s has lost its server; it is begun again.", record.id)
                self._queue.put(record.id, record.round)
        if self._queue.size() >= self._records.backlog().waiting:
            self._missing.clear()
            return
        waiting = {record.id: record for record in self._records.waiting()}
        missing = set(waiting) - self._queue.ids()
        for analysis in missing & self._missing:
            self._queue.put(analysis, waiting[analysis].round)
        self._missing = missing - self._missing

    def _give_up(self, record: Record, holder: str) -> None:
        problem = given_up(record)
        if self._records.fail(record.id, holder, problem.body()):
            logs.write(
                "analysis",
                request_id=record.request_id,
                outcome=problem.kind.slug,
                bytes=record.size,
                frames=record.frames,
                background=True,
            )
        if not record.keeps_video:
            self._store.delete(record.id, VIDEO)

    def _delete(self) -> None:
        for record in self._records.over(self._kept_seconds):
            self._store.delete(record.id)
            self._records.delete(record.id)

    def _call_back(self) -> None:
        while len(self._calls) < CALLBACKS_AT_ONCE:
            record = self._records.take_callback(CALLBACK_SECONDS)
            if record is None:
                return
            call = gevent.spawn(self._call, record)
            self._calls.add(call)
            call.rawlink(self._calls.discard)

    def _call(self, record: Record) -> None:
        logs.request_id.set(record.request_id)
        again = None
        try:
            call_back(record)
        except CallbackError as error:
            log.warning("%s", error)
            again = PAUSES[min(record.callback_tries, len(PAUSES)) - 1]
        try:
            self._records.called_back(record.id, again)
        except DownError as error:
            # It is called back once more, with the same id.
            log.warning("%s", error)

    def _report(self) -> None:
        backlog = self._records.backlog()
        self._metrics.backlog.set(backlog.waiting)
        self._metrics.backlog_seconds.set(backlog.oldest_seconds)
        if time.monotonic() - self._reported >= REPORT_SECONDS:
            self._reported = time.monotonic()
            logs.write(
                "backlog",
                waiting=backlog.waiting,
                running=backlog.running,
                oldest_seconds=round(backlog.oldest_seconds, 1),
            )

    def _sweep(self) -> None:
        """Delete the files of analyses that are not known, such as of who was killed just then."""
        if time.monotonic() - self._swept < SWEEP_SECONDS:
            return
        self._swept = time.monotonic()
        for analysis in self._store.ids(SWEEP_SECONDS) - self._records.ids():
            self._store.delete(analysis)


def given_up(record: Record) -> Problem:
    """Give the problem of an analysis that has ended its server too often."""
    return Problem(
        Kind.CRASHED,
        f"The analysis of this video was begun {record.starts} times, and each time its server "
        "ended before it was done; it is given up. Send it as H.264 in an MP4 file.",
    )
