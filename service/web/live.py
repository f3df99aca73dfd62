"""GET /live: a WebSocket; pictures or landmarks of a dancer in, what is seen in them out."""

from socket import SHUT_RDWR, SHUT_WR
from typing import Any, Final

import gevent
from flask import Flask, Request, g, request
from flask_sock import Sock
from gevent.lock import RLock
from simple_websocket import ConnectionClosed, Server
from werkzeug.exceptions import MethodNotAllowed

from service.connections.connection import PIECE, Connection
from service.live.live import Live
from service.live.session import PICTURES, GoneError
from service.problems import Kind, Problem
from service.web.access import LIVE_PROTOCOL, check_origin
from service.web.body import address_of_caller
from service.web.every_request import connection

PING_SECONDS: Final = 25
"""Between two pings: load balancers cut a connection on which nothing comes for 60 seconds."""

GOODBYE_SECONDS: Final = 1.0
"""For so long a caller may take to answer that the session is closed."""


def add_to(app: Flask, live: Live, message_bytes: int) -> None:
    """Add the route.

    Args:
        app: the application.
        live: where sessions are.
        message_bytes: size of a message at most.
    """
    sock = Sock(app)
    app.config["SOCK_SERVER_OPTIONS"] = {
        "ping_interval": PING_SECONDS,
        # A little more than may be, so that who sends more is told in a sentence.
        "max_message_size": message_bytes + PIECE,
        "receive_bytes": PIECE,
        "subprotocols": [LIVE_PROTOCOL],
    }

    @app.before_request
    def let_in() -> None:
        # Before the upgrade, so that a refusal is an answer as any other.
        if request.endpoint == "dance":
            check_origin(request.headers.get("Origin"), request.host, live.origins)
            _check_handshake(request)
            sends = request.args.get("sends", PICTURES)
            g.live = live.let_in(sends, address_of_caller())
            # What is sent is compressed already, or small.
            request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            request.environ["gunicorn.socket"] = _Whole(connection())

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        if session := g.pop("live", None):
            live.leave(session)

    def dance(server: Server) -> None:
        try:
            g.live.run(_Socket(server), lambda: _message(server))
        finally:
            _end(server)

    sock.route("/live")(dance)


def _check_handshake(asked: Request) -> None:
    """See that it asks for a session, and for nothing else.

    Raises:
        Problem: it doesn't.
    """
    if asked.method != "GET":
        raise MethodNotAllowed(["GET"])
    if asked.content_length or "Transfer-Encoding" in asked.headers:
        raise Problem(Kind.BAD_REQUEST, "A handshake of a WebSocket has no body; leave it out.")
    if not all(value.isascii() for _, value in asked.headers):
        raise Problem(Kind.BAD_REQUEST, "The headers of a handshake are ASCII; write them so.")
    for name in asked.args:
        if name != "sends":
            raise Problem(
                Kind.BAD_OPTION,
                f"`{name[:40]}` has no place in the address of a live session; what is wanted is "
                "its first message.",
            )


class _Whole:
    """A connection on which each message is sent whole, and no two at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = RLock()
        self.is_over = False
        """Whether what still comes is only taken away."""

    def send(self, data: bytes) -> None:
        """Send all of it."""
        with self._turn:
            self._connection.sendall(data)

    def recv(self, size: int) -> bytes:
        """Receive some bytes; nothing any more once it is over."""
        data = self._connection.recv(size)
        while self.is_over and data:
            data = self._connection.recv(size)
        return data

    def fileno(self) -> int:
        """Give its descriptor."""
        return self._connection.fileno()

    def shutdown(self, how: int) -> None:
        """End one or both directions."""
        self._connection.shutdown(how)

    def close(self) -> None:
        """Leave that to who has made the connection."""


class _Socket:
    """A WebSocket, as a session has it."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def send(self, text: str) -> None:
        """Send a message; raises GoneError where nobody takes it."""
        try:
            self._server.send(text)
        except (ConnectionClosed, OSError) as error:
            raise GoneError from error

    def close(self, code: int, reason: str) -> None:
        """Close it with a code and a reason."""
        try:
            self._server.close(code, reason)
        except (ConnectionClosed, OSError) as error:
            raise GoneError from error


def _message(server: Server) -> str | bytes:
    """Wait for the next message; raises GoneError when there are no more."""
    try:
        message: Any = server.receive()
    except ConnectionClosed as error:
        raise GoneError from error
    if message is None:
        raise GoneError
    return message  # type: ignore[no-any-return]


def _end(server: Server) -> None:
    """See that what has been sent arrives, and nobody waits on the connection any more."""
    server.sock.is_over = True
    server.input_buffer.clear()
    try:
        server.sock.shutdown(SHUT_WR)
        server.thread.join(GOODBYE_SECONDS)
        server.sock.shutdown(SHUT_RDWR)
    except OSError:
        # The caller has gone already.
        gevent.sleep(0)
    server.thread.join(GOODBYE_SECONDS)
