"""Answers on their way to those who read them: so many wait for slow readers at once."""

import contextlib
import socket
from collections.abc import Iterable, Iterator
from typing import Final

MOST: Final = 32
"""Answers on their way at once, which bounds what those who don't read take of the disk."""


class Delivery:
    """The answers that are being sent; first the one that nothing was read of for longest."""

    def __init__(self) -> None:
        self._connections: dict[socket.socket, None] = {}

    def sent(self, connection: socket.socket, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Give the pieces of an answer; of too many on their way, the most idle one is cut off.

        Args:
            connection: on which they are sent.
            pieces: of the answer, as they are sent.
        """
        if len(self._connections) >= MOST:
            most_idle = next(iter(self._connections))
            del self._connections[most_idle]
            # Its reader may just have gone.
            with contextlib.suppress(OSError):
                most_idle.shutdown(socket.SHUT_RDWR)
        self._connections[connection] = None
        try:
            for piece in pieces:
                yield piece
                if connection in self._connections:
                    del self._connections[connection]
                    self._connections[connection] = None
        finally:
            self._connections.pop(connection, None)
