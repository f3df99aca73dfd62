"""The gunicorn worker: gevent's, with a start and a stop that lose no work."""

import weakref
from typing import Any, cast

import gevent
from flask import Flask
from gunicorn.workers.ggevent import GeventWorker

from service.jobs import Jobs


class Worker(GeventWorker):
    """Starts the jobs before the first request, and stops without waiting for idle connections."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._idle: weakref.WeakSet[IdleTimeout] = weakref.WeakSet()

    def run(self) -> None:
        """Serve until told to stop."""
        self._jobs.start()
        super().run()

    def handle_exit(self, number: int, frame: Any) -> None:
        """On SIGTERM take no more connections, and let what was accepted finish."""
        self._jobs.stop()
        for idle in tuple(self._idle):
            idle.expire()
        super().handle_exit(number, frame)

    def timeout_ctx(self) -> Any:
        """Give the time that a connection may wait for its next request."""
        idle = IdleTimeout(self.cfg.keepalive if self.alive else 0)
        self._idle.add(idle)
        return idle

    @property
    def _jobs(self) -> Jobs:
        return cast(Jobs, cast(Flask, self.wsgi).extensions["jobs"])


class IdleTimeout(gevent.Timeout):
    """The wait of one connection for its next request; it ends silently."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds, cast(Any, False))
        self._greenlet = gevent.getcurrent()

    def expire(self) -> None:
        """End the wait now."""
        if self.pending:
            gevent.get_hub().loop.run_callback(self._greenlet.throw, self)
