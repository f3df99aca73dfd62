"""The door of this room, for those who ask for background analyses and those who serve them."""

import hashlib
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

import gevent
from gevent.event import Event

from service.background.down import DownError
from service.background.queue import Queue
from service.background.records import ID, LEASE_SECONDS, KeyTakenError, New, Record, Records
from service.background.running import Runner
from service.background.store import FOLDER, VIDEO, Store, answer_of, rendering_of
from service.background.tidying import Tidier
from service.intake.disk import no_room
from service.intake.options import Options
from service.intake.uploads import file_without_name
from service.jobs.jobs import Jobs
from service.problems import Kind, Problem

SHARE: Final = 0.5
"""The part of the backlog, and of the room on a local disk, that one caller may have."""

RESERVE: Final = 2**28
"""Bytes of a local disk that are left for results."""

RETRY_SECONDS: Final = 5
"""Seconds after which what didn't answer may do so."""

HOLD_SECONDS: Final = LEASE_SECONDS / 5
"""Pause between two words that a video is still being stored."""

log = logging.getLogger(__name__)


class Background:
    """All background analyses, which any server or consumer with the same queue may do.

    Each method that asks for one raises a Problem where the queue or the store is down.
    """

    def __init__(self, jobs: Jobs) -> None:
        settings = jobs.settings
        self._settings = settings
        self._records = Records(settings.queue_address)
        self._queue = Queue(settings.queue_address)
        self._store = Store(settings.store_address)
        self._runner = Runner(jobs, self._records, self._queue, self._store)
        self._tidier = Tidier(
            self._records, self._queue, self._store, jobs.metrics, settings.kept_seconds
        )
        self._ready = False
        self.stopped = Event()
        """Set when this process is about to end."""

    def start(self) -> None:
        """Take, from now on, what waits and keep all in order, as soon as the queue is there.

        Who answers callers doesn't wait for it.
        """
        gevent.spawn(self._go_on)

    def stop(self) -> None:
        """Take no more, and have those who follow one do so elsewhere."""
        self._runner.stop()
        self.stopped.set()

    def finish(self, seconds: float) -> None:
        """Wait for what runs here, and have others do what isn't done within a time."""
        self._runner.finish(seconds)

    def let_in(self, caller: str, length: int) -> None:
        """See that there is room for another analysis, before its video of so many bytes comes.

        Raises:
            Problem: there is none, or the caller has too much of it.
        """
        with self._answering():
            unfinished, own, own_bytes = self._records.unfinished(caller)
        backlog = self._settings.backlog
        if unfinished >= backlog or own >= max(1, SHARE * backlog):
            whose = "" if unfinished >= backlog else "of yours "
            raise Problem(
                Kind.BUSY,
                f"Too many background analyses {whose}are unfinished; send it again later.",
                RETRY_SECONDS,
            )
        address = self._settings.store_address
        if address.startswith(FOLDER):
            with self._answering():
                try:
                    disk = os.statvfs(address.removeprefix(FOLDER))
                except OSError as error:
                    raise DownError(f"The folder of the analyses is gone: {error}") from error
            room = disk.f_bavail * disk.f_frsize - RESERVE
            if length > room or own_bytes + length > SHARE * (room + own_bytes):
                raise no_room()

    def accept(
        self,
        video: IO[bytes],
        size: int,
        *,
        owner: str,
        caller: str,
        key: str | None,
        request_id: str,
        options: Options,
        renders: bool,
        keeps_video: bool,
        callback: str | None,
        secret: str | None,
    ) -> Record:
        """Have a video analysed, as soon as its turn comes; from now on it isn't lost."""
        new = New(
            id=secrets.token_urlsafe(16),
            owner=owner,
            caller=caller,
            key=key,
            request_id=request_id,
            options=vars(options),
            renders=renders,
            keeps_video=keeps_video,
            callback=callback,
            secret=secret,
        )
        with self._answering():
            try:
                self._records.begin(new)
            except KeyTakenError:
                return self._sent_before(key or "", owner)
            try:
                with self._arriving(new.id):
                    self._store.keep(new.id, VIDEO, video)
            except DownError:
                # Who sends it again by its key needn't wait until this one is given up.
                self._records.delete(new.id)
                raise
            record = self._records.queue(new.id, size)
            if record is None:
                raise DownError("The video took too long to be stored.")
            self._queue.put(record.id, record.round)
        self._runner.wake()
        return record

    def sent_before(self, key: str, owner: str) -> Record | None:
        """Give the analysis that somebody has asked for by a key, if there is one."""
        with self._answering():
            return self._records.of_key(key, owner)

    def get(self, analysis: str, owner: str) -> Record:
        """Give an analysis.

        Raises:
            Problem: the owner has none of that id.
        """
        _check_id(analysis)
        with self._answering():
            record = self._records.get(analysis, owner)
        if record is None:
            raise _unknown(analysis)
        return record

    def place(self, record: Record) -> int:
        """Tell the place of an analysis among those that wait, from 1; 0 if it doesn't."""
        with self._answering():
            return self._records.place(record)

    def holds(self, record: Record, after: int) -> list[tuple[int, dict[str, Any]]]:
        """Give the holds of an analysis beyond a number, each with its own, which count from 1."""
        with self._answering():
            return self._records.holds(record.id, after)

    @contextmanager
    def answer(self, record: Record) -> Iterator[IO[bytes]]:
        """Give the JSON text of an analysis that is done; the file is there within the block."""
        with self._file(record, answer_of(record.holder or "")) as file:
            yield file

    @contextmanager
    def rendering(self, record: Record) -> Iterator[IO[bytes]]:
        """Give the annotated video of an analysis that is done, likewise."""
        with self._file(record, rendering_of(record.holder or "")) as file:
            yield file

    @contextmanager
    def video(self, record: Record) -> Iterator[IO[bytes]]:
        """Give the video of an analysis that keeps it, likewise."""
        with self._file(record, VIDEO) as file:
            yield file

    def forget(self, analysis: str, owner: str) -> None:
        """End an analysis, if it isn't done, and delete all that is known of it.

        Raises:
            Problem: the owner has none of that id.
        """
        _check_id(analysis)
        with self._answering():
            record = self._records.forget(analysis, owner)
            if record is None:
                raise _unknown(analysis)
            self._runner.cancel(analysis)
            # Where it runs elsewhere, that is told within a second and leaves nothing.
            self._store.delete(analysis)
            self._records.delete(analysis)

    @contextmanager
    def _arriving(self, analysis: str) -> Iterator[None]:
        """Hold an analysis within the block; of a server that is killed then, others soon know."""

        def keep_arriving() -> None:
            while True:
                gevent.sleep(HOLD_SECONDS)
                try:
                    self._records.keep_arriving(analysis)
                except DownError as error:
                    log.warning("%s", error)

        holding = gevent.spawn(keep_arriving)
        try:
            yield
        finally:
            holding.kill()

    def _sent_before(self, key: str, owner: str) -> Record:
        record = self._records.of_key(key, owner)
        if record is None:
            raise Problem(
                Kind.BUSY, "A request with this Idempotency-Key is still arriving.", RETRY_SECONDS
            )
        return record

    @contextmanager
    def _file(self, record: Record, name: str) -> Iterator[IO[bytes]]:
        with file_without_name(self._settings) as file:
            with self._answering():
                there = self._store.fetch(record.id, name, file)
            if not there:
                raise _unknown(record.id)
            yield file

    def _prepare(self) -> None:
        try:
            self._records.prepare()
            self._queue.prepare()
            self._ready = True
        except DownError as error:
            log.warning("%s", error)

    def _go_on(self) -> None:
        self._prepare()
        while not self._ready:
            gevent.sleep(RETRY_SECONDS)
            self._prepare()
        gevent.spawn(self._tidier.keep_tidy)
        if self._settings.background_analyses:
            self._runner.keep_taking()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Have what is down be a problem that passes."""
        try:
            if not self._ready:
                raise DownError("The queue of the analyses has not answered yet.")
            yield
        except DownError as error:
            log.warning("%s", error)
            raise Problem(
                Kind.BACKGROUND_DOWN,
                "Background analyses can't be reached now; ask again in a moment.",
                RETRY_SECONDS,
            ) from error


def owner_of(token: str) -> str:
    """Give what stands for the one who has a token, and doesn't tell it; empty for no token."""
    return hashlib.sha256(token.encode()).hexdigest() if token else ""


def _check_id(analysis: str) -> None:
    """Ask no database for what is no id: PostgreSQL takes not every text."""
    if not ID.fullmatch(analysis):
        raise _unknown(analysis)


def _unknown(analysis: str) -> Problem:
    return Problem(
        Kind.NOT_FOUND,
        f"There is no analysis {analysis[:40]}; it may have been deleted after its time.",
    )
