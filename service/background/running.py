"""Background analyses that run here, in what places the callers who wait leave free."""

import logging
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO, Any, Final, TypeVar

import gevent
from gevent.lock import BoundedSemaphore

from analyzer.child.protocol import HoldFound
from service.background.down import DownError
from service.background.queue import Queue
from service.background.records import LEASE_SECONDS, MOST_STARTS, Record, Records
from service.background.store import VIDEO, Store, answer_of, rendering_of
from service.intake.options import Options
from service.intake.uploads import file_without_name
from service.jobs.job import AbandonedError, Job, Progress, Result, Work
from service.jobs.jobs import Jobs
from service.jobs.line import Ticket
from service.problems import Kind, Problem, mistake
from service.runtime import logs

IDLE_SECONDS: Final = 0.25
"""Pause between two looks at an empty queue; of what comes here itself it is told at once."""

TELL_SECONDS: Final = 1.0
"""Pause between two words of how far an analysis is, which also renew its lease."""

RETRY_SECONDS: Final = 2.0
"""Pause after which what didn't answer is asked again."""

PASSING: Final = (Kind.CRASHED, Kind.NO_ROOM, Kind.INTERNAL)
"""What another start of the same video may not meet."""

Given = TypeVar("Given")

log = logging.getLogger(__name__)


class LostError(Exception):
    """Somebody else has the analysis now, or nobody wants it any more."""


class Runner:
    """Takes analyses off the queue while there are places, and runs each in a greenlet."""

    def __init__(self, jobs: Jobs, records: Records, queue: Queue, store: Store) -> None:
        self._jobs = jobs
        self._records = records
        self._queue = queue
        self._store = store
        self._stopping = False
        self._running: dict[str, Job] = {}
        """The jobs of analyses that run here, by their ids."""
        self._lives: set[gevent.Greenlet[..., None]] = set()

    def keep_taking(self) -> None:
        """Run what comes, until it is stopped."""
        line = self._jobs.line
        while not self._stopping:
            # Who still stores a result has left its place already.
            if line.spares >= self._jobs.settings.background_analyses or not line.has_spare:
                line.freed.wait(IDLE_SECONDS)
                line.freed.clear()
                continue
            try:
                analysis = self._queue.take()
            except DownError as error:
                log.warning("%s", error)
                gevent.sleep(RETRY_SECONDS)
                continue
            if analysis is None:
                line.freed.wait(IDLE_SECONDS)
                line.freed.clear()
            elif not self._stopping:
                # Else it is missed in the queue by somebody else, and put there again.
                life = gevent.spawn(self._live, analysis, line.take_spare())
                self._lives.add(life)
                life.rawlink(self._lives.discard)

    def wake(self) -> None:
        """Note that something has come into the queue."""
        self._jobs.line.freed.set()

    def cancel(self, analysis: str) -> None:
        """End an analysis, if it runs here."""
        if job := self._running.get(analysis):
            job.abandon()

    def stop(self) -> None:
        """Take no more."""
        self._stopping = True

    def finish(self, seconds: float) -> None:
        """Wait for what runs, and put back what isn't done within a time."""
        self.stop()
        gevent.joinall(list(self._lives), timeout=seconds)
        for job in tuple(self._running.values()):
            job.stop()
        gevent.joinall(list(self._lives), timeout=LEASE_SECONDS)

    def _live(self, analysis: str, ticket: Ticket) -> None:
        holder = secrets.token_hex(8)
        try:
            record = self._records.claim(analysis, holder)
            if record is not None:
                logs.request_id.set(record.request_id)
                self._outcome(record, holder, ticket)
        except DownError as error:
            # Where it was claimed its lease lapses; where it wasn't, it is missed in the queue.
            log.warning("%s", error)
        finally:
            self._jobs.line.leave(ticket)

    def _outcome(self, record: Record, holder: str, ticket: Ticket) -> None:
        """Run an analysis that is claimed, and note why there is no result where there is none."""
        lease = Lease(self._records, record, holder)
        renewing = gevent.spawn(lease.keep_renewing)
        try:
            self._run(lease, ticket)
        except (LostError, AbandonedError):
            self._store.delete(record.id, answer_of(holder), rendering_of(holder))
        except Problem as problem:
            if problem.kind is Kind.STOPPING:
                self._put_back(record, holder, counts=False)
            elif problem.kind in PASSING and record.starts < MOST_STARTS:
                self._put_back(record, holder, counts=True)
            else:
                self._fail(record, holder, problem)
        except DownError:
            # That is not the video's doing, however often it is begun.
            self._put_back(record, holder, counts=False)
            raise
        except Exception:  # whatever it is, the caller hears of it, and the others go on
            log.exception("A background analysis failed.")
            self._fail(record, holder, mistake())
        finally:
            renewing.kill()

    def _run(self, lease: "Lease", ticket: Ticket) -> None:
        record, holder = lease.record, lease.holder
        settings = self._jobs.settings
        with ExitStack() as stack:
            video = stack.enter_context(file_without_name(settings))
            if not self._insist(lambda: self._fetched(record, video)):
                raise Problem(Kind.INTERNAL, "The stored video is gone; send it again.")
            rendering = None
            if record.renders:
                rendering = stack.enter_context(file_without_name(settings))
            work = Work(
                video,
                record.size,
                Options(**{name: _tupled(value) for name, value in record.options.items()}),
                record.request_id,
                time.monotonic(),
                rendering,
                prompt=True,
                in_background=True,
            )
            job = stack.enter_context(self._jobs.job(work, ticket))
            self._running[record.id] = lease.job = job
            stack.callback(self._running.pop, record.id)
            if lease.lost:
                raise LostError
            job.start(on_result=lambda: None)
            result = _followed(lease, job)
            self._insist(lambda: self._store.keep(record.id, answer_of(holder), result.answer))
            if rendering is not None:
                self._insist(lambda: self._store.keep(record.id, rendering_of(holder), rendering))
            timing = dict(result.timing)
            if timing:
                timing["queue"] = round(_waited(record), 4)
            self._insist(lease.renew)
            if not self._insist(lambda: self._records.finish(record.id, holder, timing)):
                raise LostError
        if not record.keeps_video:
            self._store.delete(record.id, VIDEO)

    def _fetched(self, record: Record, video: IO[bytes]) -> bool:
        video.seek(0)
        video.truncate()
        return self._store.fetch(record.id, VIDEO, video)

    def _put_back(self, record: Record, holder: str, *, counts: bool) -> None:
        if self._insist(lambda: self._records.put_back(record.id, holder, counts=counts)):
            self._insist(lambda: self._queue.put(record.id, record.round))

    def _fail(self, record: Record, holder: str, problem: Problem) -> None:
        self._insist(lambda: self._records.fail(record.id, holder, problem.body()))
        if not record.keeps_video:
            self._store.delete(record.id, VIDEO)

    def _insist(self, call: Callable[[], Given]) -> Given:
        """Call what may be down until it answers, for as long as its lease may still be held.

        Raises:
            DownError: it has not answered.
        """
        end = time.monotonic() + LEASE_SECONDS
        while True:
            try:
                return call()
            except DownError as error:
                if self._stopping or time.monotonic() > end:
                    raise
                log.warning("%s", error)
                gevent.sleep(RETRY_SECONDS)


class Lease:
    """What an analysis is held by; while it is renewed, what is new is told."""

    def __init__(self, records: Records, record: Record, holder: str) -> None:
        self.record = record
        self.holder = holder
        self.progress = Progress(0, 0, 0.0)
        self.holds: list[dict[str, Any]] = []
        """Found, and not told yet."""
        self.lost = False
        """Whether it is held no more."""
        self.job: Job | None = None
        """What is abandoned where the lease is lost."""
        self._records = records
        self._one_at_a_time = BoundedSemaphore()

    def renew(self) -> None:
        """Renew it, and tell how far the analysis is, and what was found since.

        Raises:
            LostError: somebody else has the analysis now, or nobody wants it any more.
        """
        with self._one_at_a_time:
            told = self.holds[:]
            if not self._records.renew(self.record.id, self.holder, self.progress, told):
                self.lost = True
                raise LostError
            del self.holds[: len(told)]

    def keep_renewing(self) -> None:
        """Renew it time and again, until it is lost."""
        while True:
            gevent.sleep(TELL_SECONDS)
            try:
                self.renew()
            except DownError as error:
                # It lasts until the database has had time to come back.
                log.warning("%s", error)
            except LostError:
                if self.job is not None:
                    self.job.abandon()
                return
            except Exception:  # whatever it is, the lease is renewed as long as it is held
                log.exception("A lease could not be renewed.")


def _followed(lease: Lease, job: Job) -> Result:
    """Take note of what a job tells until it has its result."""
    for event in job.events():
        match event:
            case Progress():
                lease.progress = event
            case HoldFound(hold=hold):
                lease.holds.append(hold)
            case Result():
                return event
    raise AssertionError("a job ends with its result, or a problem")


def _waited(record: Record) -> float:
    """Seconds that an analysis has waited which has just been claimed."""
    return (record.lease or 0.0) - LEASE_SECONDS - record.created


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
