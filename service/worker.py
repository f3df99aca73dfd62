"""The gunicorn worker: gevent's, with a start and a stop that lose no work."""

import contextlib
import json
import signal
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

import gevent
from flask import Flask
from gevent.server import StreamServer
from gunicorn import arbiter
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.util import write_nonblock
from gunicorn.workers import ggevent

from service.connections.connection import Connection, Requests
from service.connections.places import Places, caller_of
from service.connections.slices import Slices, Turns
from service.jobs.jobs import Jobs
from service.problems import MEDIA_TYPE, malformed, mistake
from service.runtime import logs
from service.runtime.stopping import SIGNALS
from service.web.access import HEADERS

if TYPE_CHECKING:
    # They are imported with the application, after gevent has made greenlets of threads.
    from service.background.background import Background
    from service.live.live import Live

# gunicorn measures the grace by the clock on the wall, which may be set meanwhile.
arbiter.time = ggevent.time = SimpleNamespace(  # type: ignore[attr-defined]
    time=time.monotonic, monotonic=time.monotonic, sleep=time.sleep
)

NOTICE_SECONDS: Final = 1.0
"""After SIGTERM, how long requests are still taken while /health says no, so that a load balancer
looks elsewhere first; and then, how long a connection may take to send what it has begun."""

SPARE: Final = 256
"""Connections that may be there beyond the places."""


class Server(StreamServer):
    """Takes the connections of a socket; of who makes too many at once, most are closed here."""

    places: Places

    def do_handle(self, client: Any, address: Any) -> None:
        """Have a connection answered."""
        if self.places.welcomes(caller_of(address[0])):
            super().do_handle(client, address)
        else:
            client.close()


ggevent.StreamServer = Server  # type: ignore[attr-defined]


class Worker(ggevent.GeventWorker):
    """Starts the jobs before the first request, and stops without waiting for idle connections."""

    def run(self) -> None:
        """Serve until told to stop."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        self._jobs.start()
        self._background.start()
        self._slices = Slices()
        places = self.worker_connections
        # Behind a proxy all connections are its own.
        share = places if self._jobs.settings.trusted_proxies else places // 2
        self._places = Server.places = Places(places, share)
        # Above what there is for them, because those that are closed take a moment to go.
        self.worker_connections += SPARE
        super().run()
        # Nobody waits for it here; who takes it next begins at once.
        self._background.finish(0.0)

    def handle_exit(self, number: int, frame: Any) -> None:
        """On SIGTERM be unhealthy, soon accept no more, and let what was accepted finish."""
        self._jobs.stop()
        self._background.stop()
        self._live.stop()
        gevent.spawn_later(NOTICE_SECONDS, self._close, number, frame)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Answer what comes on a connection, request after request."""
        caller = caller_of(addr[0])
        # Behind a proxy all connections are its own.
        proxies = self._jobs.settings.trusted_proxies
        turns = Turns() if proxies else self._slices.turns_of(caller)
        connection = Connection(client, self._slices, turns)
        requests = Requests(self.cfg, connection, addr)
        try:
            if not self._places.take(connection, caller):
                return
            while True:
                connection.request = None
                logs.request_id.set("")
                with self._places.idle(connection):
                    connection.request = requests.following(
                        self.cfg.keepalive if self.alive else NOTICE_SECONDS
                    )
                self.handle_request(listener.getsockname(), connection.request, connection, addr)
        except (StopIteration, NoMoreData, ConnectionError, TimeoutError):
            # It is over, or the caller has gone.
            return
        except Exception as error:
            if isinstance(error, OSError) and not self._places.has(connection):
                # It was closed to make room for others while it waited for more.
                return
            self.handle_error(connection.request, connection, addr, error)
        finally:
            connection.close_gently()
            self._places.leave(connection)

    def handle_error(self, _req: Any, client: Any, _addr: Any, exc: BaseException) -> None:
        """Answer with a problem what never reached the application, or failed outside of it."""
        # What has failed on its way out has the id that the caller got.
        request_id = logs.request_id.get() or logs.usable_id()
        logs.request_id.set(request_id)
        if isinstance(exc, ParseException):
            problem = malformed(exc)
        else:
            self.log.error("A request failed.", exc_info=exc)
            problem = mistake()
        body = json.dumps(problem.body()).encode() + b"\n"
        headers = HEADERS | {
            "X-Request-ID": request_id,
            "Connection": "close",
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
        }
        status = problem.kind.status
        head = [f"HTTP/1.1 {int(status)} {status.phrase}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        client.refuse_body()
        with contextlib.suppress(OSError):
            write_nonblock(client, "\r\n".join([*head, "", ""]).encode() + body)
        self._jobs.metrics.requests.labels("other", int(status)).inc()
        logs.write("request", status=int(status))

    def _close(self, number: int, frame: Any) -> None:
        self._live.end()
        super().handle_exit(number, frame)
        gevent.sleep(NOTICE_SECONDS)
        self._places.close_idle()

    @property
    def _background(self) -> "Background":
        return cast("Background", cast(Flask, self.wsgi).extensions["background"])

    @property
    def _live(self) -> "Live":
        return cast("Live", cast(Flask, self.wsgi).extensions["live"])

    @property
    def _jobs(self) -> Jobs:
        return cast(Jobs, cast(Flask, self.wsgi).extensions["jobs"])
