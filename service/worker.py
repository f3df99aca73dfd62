"""The gunicorn worker: gevent's, with a start and a stop that lose no work."""

import contextlib
import json
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
from service.turns import take_turn

NOTICE_SECONDS: Final = 1.0
"""After SIGTERM, how long requests are still taken while /health says no, so that a load balancer
looks elsewhere first; and then, how long a connection may take to send what it has begun."""


HEAD_SECONDS: Final = 10.0
"""How long the head of a request may take, from its first byte, or from the connection, on."""

IDLE_CONNECTIONS: Final = 2000
"""Connections that may wait for a request; when more do, the one that has waited longest ends."""


class Worker(GeventWorker):
    """Starts the jobs before the first request, and stops without waiting for idle connections.

    What one connection sends is taken in turns with the others.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waits: dict[RequestTimeout, None] = {}
        """The waits for a request, the longest first."""

    def run(self) -> None:
        """Serve until told to stop."""
        self._jobs.start()
        super().run()

    def handle_exit(self, number: int, frame: Any) -> None:
        """On SIGTERM be unhealthy, soon accept no more, and let what was accepted finish."""
        self._jobs.stop()
        gevent.spawn_later(NOTICE_SECONDS, self._close, number, frame)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection until it ends."""
        super().handle(listener, cast(Any, Connection(client)), addr)

    def timeout_ctx(self) -> Any:
        """Give the time that a connection may wait for its next request."""
        # Here, because requests that were sent at once are answered without waiting for more.
        take_turn()
        if len(self._waits) >= IDLE_CONNECTIONS:
            next(iter(self._waits)).expire()
        return RequestTimeout(self.cfg.keepalive if self.alive else NOTICE_SECONDS, self._waits)

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


class Connection:
    """A caller's socket that reads in turns with others, and counts what it reads."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.received = 0
        """Bytes that have come so far."""
        self.head: RequestTimeout | None = None
        """The wait for the head of a request, while there is one."""
        cast(Any, gevent.getcurrent()).connection = self

    def __getattr__(self, name: str) -> Any:
        """Be the socket in all else."""
        return getattr(self._client, name)

    def recv(self, size: int) -> bytes:
        """Wait for some bytes, at most so many."""
        take_turn()
        data: bytes = self._client.recv(size)
        self.received += len(data)
        if self.head is not None:
            self.head.shorten()
        return data


class RequestTimeout(gevent.Timeout):
    """The wait of one connection for its next request; it ends silently."""

    def __init__(self, seconds: float, waits: "dict[RequestTimeout, None]") -> None:
        greenlet = cast(Any, gevent.getcurrent())
        self._connection: Connection = greenlet.connection
        first = self._connection.received == 0
        super().__init__(min(seconds, HEAD_SECONDS) if first else seconds, cast(Any, False))
        self._greenlet = greenlet
        self._waits = waits
        self._shortened = first

    def __enter__(self) -> Any:
        """Begin to wait."""
        self._waits[self] = None
        self._connection.head = self
        return super().__enter__()

    def __exit__(self, *error: Any) -> Any:
        """Wait no longer."""
        del self._waits[self]
        self._connection.head = None
        return super().__exit__(*error)

    def shorten(self) -> None:
        """Allow the rest of a head no more than its time, from its first byte on."""
        if not self._shortened:
            self._shortened = True
            if cast(float, self.seconds) > HEAD_SECONDS:
                # A timer keeps the time that it was made with.
                self.timer.close()
                self.timer = gevent.get_hub().loop.timer(HEAD_SECONDS)
                self.timer.start(self._greenlet.throw, self)

    def expire(self) -> None:
        """End the wait now, unless the request comes first."""
        gevent.get_hub().loop.run_callback(self._throw_if_waiting)

    def _throw_if_waiting(self) -> None:
        # Looked at in the event loop, right before: thrown any later, it would hit the request.
        if self.pending:
            self._greenlet.throw(self)
