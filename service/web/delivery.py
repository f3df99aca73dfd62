"""Answers on their way to those who read them: so many wait for slow readers at once."""

import contextlib
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

MOST: Final = 32
"""Answers on their way at once, which bounds what those who don't read take of the disk."""


class Delivery:
    """The answers that are there and not read to their end, first the most idle one."""

    def __init__(self) -> None:
        self._address: dict[socket.socket, str] = {}
        """Where each connection leads to; first the one on which nothing was taken for longest."""

    def begin(self, connection: socket.socket, address: str) -> None:
        """Note that an answer is there to be read; of too many, one is cut off.

        That is the most idle one of the address that has the most.

        Args:
            connection: on which it is sent.
            address: of the caller.
        """
        if len(self._address) >= MOST:
            ((busiest, _),) = Counter(self._address.values()).most_common(1)
            most_idle = next(one for one, its in self._address.items() if its == busiest)
            self.end(most_idle)
            # Its reader may just have gone.
            with contextlib.suppress(OSError):
                most_idle.shutdown(socket.SHUT_RDWR)
        self._address[connection] = address

    def sent(self, connection: socket.socket, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Give the pieces of an answer, as they are sent."""
        for piece in pieces:
            yield piece
            if connection in self._address:
                self._address[connection] = self._address.pop(connection)

    def end(self, connection: socket.socket) -> None:
        """Note that an answer was read, or given up."""
        self._address.pop(connection, None)
