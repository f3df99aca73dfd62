"""One connection: its socket, which takes turns with others, and the requests that come on it."""

from collections.abc import Generator, Iterator
from socket import IPPROTO_TCP, TCP_NOTSENT_LOWAT
from typing import Any, Final, cast

import gevent
import gevent.socket
from gevent.socket import wait_read
from gunicorn.http import message, parser
from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import UnsupportedTransferCoding
from gunicorn.util import close_graceful

from service.connections.slices import Slices, Turns

PIECE: Final = 2**17
"""Bytes that are taken from a socket, or given to it, at once."""

HEAD_BYTES: Final = 2**14
"""Bytes that the head of a request may have, beside those that its last piece brings."""

HEAD_SECONDS: Final = 10.0
"""Time in which the head of a request has to come, from its first byte on."""

STALL_SECONDS: Final = 20.0
"""Time in which a caller has to take a piece of the answer."""

LINGER_SECONDS: Final = 2.0
LINGER_BYTES: Final = 2**28


class Connection(gevent.socket.socket):
    """The socket of a connection: whoever keeps it busy lets others have their turn."""

    def __init__(self, accepted: gevent.socket.socket, slices: Slices, turns: Turns) -> None:
        family, kind, protocol = accepted.family, accepted.type, accepted.proto
        super().__init__(family, kind, protocol, accepted.detach())
        # Little waits in the system, so that a slow reader can be told from one who has stopped.
        self.setsockopt(IPPROTO_TCP, TCP_NOTSENT_LOWAT, PIECE)
        self.request: Request | None = None
        """The one that is answered now."""
        self._received = 0
        """Bytes that have come so far."""
        self._slices = slices
        self._turns = turns
        self._unread = False

    @property
    def content(self) -> int:
        """Bytes that have come so far; of a body in chunks, without what is around each chunk."""
        if self.request is None or self.request.content is None:
            return self._received
        return self.request.content

    def recv(self, *arguments: Any) -> bytes:
        """Receive some bytes, and go on when it is this connection's turn."""
        data = super().recv(*arguments)
        self._received += len(data)
        self._slices.wait(self._turns)
        return data

    def send(self, data: Any, *arguments: Any) -> int:
        """Send some bytes, and go on when it is this connection's turn."""
        sent = super().send(data, *arguments)
        self._slices.wait(self._turns)
        return sent

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send all bytes.

        Raises:
            TimeoutError: the caller has stopped taking them.
        """
        rest = memoryview(data)
        while rest:
            with gevent.Timeout(STALL_SECONDS, TimeoutError("The caller takes no more.")):
                rest = rest[self.send(rest[:PIECE], flags) :]

    def welcome_body(self) -> None:
        """Tell a caller who waits for it to send the request's body."""
        if self.request is not None and self.request.waits_to_send:
            self.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def refuse_body(self) -> None:
        """Have the connection end with the next answer: the rest of what is sent is not read."""
        self._unread = True
        if self.request is not None:
            self.request.force_close()

    def close_gently(self) -> None:
        """Close; where something is left unread, so that the answer still arrives.

        Closed at once, what the caller is still sending would be answered with a reset, which can
        take the answer with it.
        """
        if self._unread:
            close_graceful(self, LINGER_SECONDS, LINGER_BYTES)
        self.close()


class Request(message.Request):
    """A request whose head is bounded, and whose body is not asked for before it is wanted."""

    content: int | None = None
    """Bytes of content that have come of a body in chunks; none where it doesn't come so."""

    # Otherwise gunicorn says "100 Continue" to all.
    _policy_expect_continue = False

    @property
    def waits_to_send(self) -> bool:
        """Whether the caller sends the body only when it is told to."""
        expected = [value.lower() for name, value in self.headers if name == "EXPECT"]
        return self.version != (1, 0) and "100-continue" in expected

    def parse(self, unreader: Any) -> bytes:
        """Read the head, and give what was read beyond it."""
        self.max_buffer_headers = HEAD_BYTES
        return super().parse(unreader)

    def set_body_reader(self) -> None:
        """Find out how the body comes."""
        super().set_body_reader()
        for name, value in self.headers:
            if name == "TRANSFER-ENCODING" and value.lower() != "chunked":
                raise UnsupportedTransferCoding(value)
        body: Any = self.body
        if isinstance(body.reader, ChunkedReader) and body.reader.parser:
            self.content = 0
            body.reader.parser = self._counted(body.reader.parser)

    def _counted(self, pieces: Iterator[bytes]) -> Generator[bytes, None, None]:
        """Give the pieces of a body in chunks, and count what they hold.

        The sizes and extensions of chunks can be a thousand times as long: by them, one who sends
        next to nothing of a video would look fast.
        """
        for piece in pieces:
            self.content = (self.content or 0) + len(piece)
            yield piece


class Requests(parser.RequestParser):
    """The requests of a connection, one after the other."""

    mesg_class = Request

    def __init__(self, config: Any, connection: Connection, address: Any) -> None:
        super().__init__(config, connection, address)
        self._connection = connection
        unreader: Any = self.unreader
        unreader.max_body_chunk = PIECE

    def following(self, idle_seconds: float) -> Request:
        """Wait for the next request.

        Raises:
            NoMoreData: the caller ended within a head.
            ParseException: what was sent is no HTTP.
            StopIteration: the caller has closed the connection.
            TimeoutError: nothing comes, or a head too slowly.
        """
        ahead = self.unreader.take_buffered()
        self.unreader.unread(ahead)
        if not ahead:
            wait_read(self._connection.fileno(), idle_seconds)
        with gevent.Timeout(HEAD_SECONDS, TimeoutError("The head of a request comes too slowly.")):
            return cast(Request, next(self))
