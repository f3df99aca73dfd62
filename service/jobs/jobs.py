"""The start and the stop of all that is analysed, and who is let in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import gevent

from analyzer.child.pool import Pool
from service.intake.arrivals import Arrivals
from service.intake.options import Catalogue
from service.intake.uploads import can_be_kept
from service.jobs.job import Job, Means, Work
from service.jobs.line import Line, Ticket
from service.jobs.proof import Prover
from service.runtime.metrics import Metrics
from service.runtime.protection import Protection
from service.runtime.settings import Settings

STOP_MARGIN: Final = 2.0
"""Seconds before the end of the grace that are left for answers."""


class Jobs:
    """All that is analysed, waits for it, or is on its way."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self.arrivals = Arrivals(settings, metrics)
        self.line = Line(settings.analyses, settings.waiting, metrics)
        pool = Pool(settings.analyses, settings.pose_modules, pose_files=settings.pose_files)
        prover = Prover(pool, settings.analysis_memory_bytes, settings.health_seconds)
        self._means = Means(settings, metrics, self.line, pool, prover)
        self._jobs: set[Job] = set()
        self._stopping = False
        self.others_at_work: Callable[[], bool] = lambda: False
        """Whether there is work beside videos, for which a task is protected."""

    def start(self) -> None:
        """Start the pool and have it prove, from now on, that it works."""
        self._means.pool.start()
        gevent.spawn(self._means.prover.keep_proving)
        if self.settings.ecs_agent_uri:
            protection = Protection(self.settings.ecs_agent_uri)
            gevent.spawn(protection.follow, self._at_work)

    def stop(self) -> None:
        """Be unhealthy, and give up, just before the grace ends, what is not done by then."""
        if not self._stopping:
            self._stopping = True
            gevent.spawn_later(max(0.0, self.settings.grace_seconds - STOP_MARGIN), self._give_up)

    @property
    def healthy(self) -> bool:
        """Whether videos can be analysed now: it has been proved, and uploads can be kept."""
        return self._means.prover.works and not self._stopping and can_be_kept(self.settings)

    @property
    def catalogue(self) -> Catalogue:
        """The poses that there are; empty until the first proof tells."""
        return self._means.prover.catalogue

    @contextmanager
    def let_in(self, address: str) -> Iterator[Ticket]:
        """Let in who sends a video from an address, for as long as the block lasts.

        Raises:
            Problem: the line is full, or the address has too much of it.
        """
        ticket = self.line.let_in(address)
        try:
            yield ticket
        finally:
            self.line.leave(ticket)

    @contextmanager
    def job(self, work: Work, ticket: Ticket) -> Iterator[Job]:
        """Give a job that has not started; it has ended after the block."""
        job = Job(work, ticket, self._means)
        self._jobs.add(job)
        try:
            yield job
        finally:
            self._jobs.discard(job)
            job.end()

    @property
    def pool(self) -> Pool:
        """Where processes come from."""
        return self._means.pool

    def _at_work(self) -> bool:
        return bool(self._jobs) or not self.line.is_empty or self.others_at_work()

    def _give_up(self) -> None:
        self.arrivals.stop()
        for job in self._jobs:
            job.stop()
