"""One who dances live: a caller of /live for tests and benchmarks."""

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR
from typing import Any

from simple_websocket import Client, ConnectionClosed
from wsproto.events import Pong

from testing.serving import TIMEOUT, Server


class Caller:
    """An open live session."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.code: int | None = None
        """With which it was closed."""

    @property
    def protocol(self) -> str | None:
        """The one that the server has chosen."""
        chosen: str | None = self._client.subprotocol
        return chosen

    def tell(self, message: Mapping[str, Any] | str | bytes) -> None:
        """Send a message, an object of JSON or something else as it is; nowhere once it is over.

        That it is over, and why, is heard.
        """
        text = json.dumps(message) if isinstance(message, Mapping) else message
        # The thread that reads may close it at any moment.
        with suppress(ConnectionClosed, OSError):
            self._client.send(text)

    def show(self, picture: bytes, time: float) -> None:
        """Send a picture with its time."""
        self.tell(struct.pack(">d", time) + picture)

    def hear(self) -> dict[str, Any] | None:
        """Wait for the next message; None when it is closed."""
        try:
            text = self._client.receive(TIMEOUT)
        except ConnectionClosed as closed:
            self.code = int(closed.reason)
            return None
        assert text is not None, "nothing came"
        heard: dict[str, Any] = json.loads(text)
        return heard

    def hear_until(self, event: str) -> list[dict[str, Any]]:
        """Wait for an event; all that is told up to it."""
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["event"] != event:
            told = self.hear()
            assert told is not None, f"it was closed with {self.code} after {heard[-1:]}"
            heard.append(told)
        return heard

    def on_ping(self, called: Callable[[], object]) -> None:
        """Have it called whenever the server asks whether there is anybody."""
        answer = self._client.ws.send

        def send(event: Any) -> Any:
            if isinstance(event, Pong):
                called()
            return answer(event)

        self._client.ws.send = send

    def end(self) -> list[dict[str, Any]]:
        """Say that no more comes; all that is told until it is closed."""
        self.tell({"end": True})
        return self.rest()

    def rest(self) -> list[dict[str, Any]]:
        """All that is told until it is closed."""
        heard = []
        while (told := self.hear()) is not None:
            heard.append(told)
        return heard

    def drop(self) -> None:
        """Be gone without a word."""
        self._client.sock.shutdown(SHUT_RDWR)


@contextmanager
def dancing(server: Server, sends: str = "pictures", **options: Any) -> Iterator[Caller]:
    """A live session, open and without its first message; closed after the block.

    options: as of simple_websocket.Client.
    """
    url = f"ws://127.0.0.1:{server.port}/live?sends={sends}"
    client = Client(url, receive_bytes=2**16, **options)
    try:
        yield Caller(client)
    finally:
        # It may be closed already.
        with suppress(ConnectionClosed, OSError):
            client.close()
