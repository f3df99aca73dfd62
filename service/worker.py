"""The gunicorn worker: gevent's, with a start and a stop that lose no work."""

import contextlib
import json
import weakref
from typing import Any, Final, cast

import gevent
from flask import Flask
from gunicorn.http.errors import ParseException
from gunicorn.util import write_nonblock
from gunicorn.workers.ggevent import GeventWorker

from service import logs
from service.access import HEADERS
from service.jobs import Jobs
from service.problems import MEDIA_TYPE, malformed, mistake

NOTICE_SECONDS: Final = 1.0
"""After SIGTERM, how long requests are still taken while /health says no, so that a load balancer
looks elsewhere first; and then, how long a connection may take to send what it has begun."""


class Worker(GeventWorker):
    """Starts the jobs before the first request, and stops without waiting for idle connections."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waits: weakref.WeakSet[RequestTimeout] = weakref.WeakSet()

    def run(self) -> None:
        """Serve until told to stop."""
        self._jobs.start()
        super().run()

    def handle_exit(self, number: int, frame: Any) -> None:
        """On SIGTERM be unhealthy, soon accept no more, and let what was accepted finish."""
        self._jobs.stop()
        gevent.spawn_later(NOTICE_SECONDS, self._close, number, frame)

    def timeout_ctx(self) -> Any:
        """Give the time that a connection may wait for its next request."""
        wait = RequestTimeout(self.cfg.keepalive if self.alive else NOTICE_SECONDS)
        self._waits.add(wait)
        return wait

    def handle_error(self, _req: Any, client: Any, _addr: Any, exc: BaseException) -> None:
        """Answer with a problem what never reached the application, or failed outside of it."""
        if isinstance(exc, ParseException):
            problem = malformed(exc)
        else:
            self.log.error("A request failed.", exc_info=exc)
            problem = mistake()
        body = json.dumps(problem.body()).encode() + b"\n"
        request_id = logs.request_id()
        headers = HEADERS | {
            "X-Request-ID": request_id,
            "Connection": "close",
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
        }
        status = problem.kind.status
        head = [f"HTTP/1.1 {int(status)} {status.phrase}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        with contextlib.suppress(OSError):
            write_nonblock(client, "\r\n".join([*head, "", ""]).encode() + body)
        self._jobs.metrics.requests.labels("other", int(status)).inc()
        logs.write("request", request_id=request_id, status=int(status))

    def _close(self, number: int, frame: Any) -> None:
        super().handle_exit(number, frame)
        gevent.sleep(NOTICE_SECONDS)
        for wait in tuple(self._waits):
            wait.expire()

    @property
    def _jobs(self) -> Jobs:
        return cast(Jobs, cast(Flask, self.wsgi).extensions["jobs"])


class RequestTimeout(gevent.Timeout):
    """The wait of one connection for its next request; it ends silently."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds, cast(Any, False))
        self._greenlet = gevent.getcurrent()

    def expire(self) -> None:
        """End the wait now, unless the request comes first."""
        gevent.get_hub().loop.run_callback(self._throw_if_waiting)

    def _throw_if_waiting(self) -> None:
        # Looked at in the event loop, right before: thrown any later, it would hit the request.
        if self.pending:
            self._greenlet.throw(self)
