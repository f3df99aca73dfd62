"""Places for connections: so many in all and for one address; who is idle makes room."""

import ipaddress
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RD
from typing import Final

from service.connections.connection import Connection

PLACES: Final = 4096
"""Connections at once, where the system lets a process have so many."""

MOST_ANEW: Final = 500
"""Connections that one address may make in a second; more are closed as soon as they are there."""

NETWORK_BITS: Final = 64
"""Of an IPv6 address, the part that a caller can't choose."""


def caller_of(address: str) -> str:
    """Give what stands for one caller: an IPv4 address, or the network of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, NETWORK_BITS), strict=False))


class Places:
    """The connections that there are, and those of them that wait for a request."""

    def __init__(self, places: int, share: int) -> None:
        self._places = places
        self._share = share
        """Places that one address may have."""
        self._address: dict[Connection, str] = {}
        self._taken: Counter[str] = Counter()
        self._second = 0
        self._anew: Counter[str] = Counter()
        """Connections that each address has made in this second."""
        self._idle: dict[Connection, None] = {}
        """The idle ones, oldest first."""
        self._idle_of: defaultdict[str, dict[Connection, None]] = defaultdict(dict)
        """The same, of each address."""

    def welcomes(self, address: str) -> bool:
        """Whether a connection that is just made is to be looked at; that alone costs some work."""
        second = int(time.monotonic())
        if second != self._second:
            self._second = second
            self._anew.clear()
        self._anew[address] += 1
        return self._anew[address] <= MOST_ANEW or self._share == self._places

    def take(self, connection: Connection, address: str) -> bool:
        """Give a connection a place, the oldest idle one's if need be; False if there is none."""
        if self._taken[address] >= self._share and not self._close_first(self._idle_of[address]):
            return False
        if len(self._address) >= self._places and not self._close_first(self._idle):
            return False
        self._address[connection] = address
        self._taken[address] += 1
        return True

    def has(self, connection: Connection) -> bool:
        """Whether a connection has a place, and has not been closed to make room."""
        return connection in self._address

    def leave(self, connection: Connection) -> None:
        """Give the place of a connection back, if it still has it."""
        address = self._address.pop(connection, None)
        if address is not None:
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]

    @contextmanager
    def idle(self, connection: Connection) -> Iterator[None]:
        """Note that a connection waits for a request within the block, and may be closed."""
        address = self._address.get(connection)
        if address is None:
            yield
            return
        self._idle[connection] = self._idle_of[address][connection] = None
        try:
            yield
        finally:
            self._no_more_idle(connection, address)

    def close_idle(self) -> None:
        """Close all that wait for a request."""
        while self._close_first(self._idle):
            pass

    def _close_first(self, connections: dict[Connection, None]) -> bool:
        for connection in connections:
            self._no_more_idle(connection, self._address[connection])
            self.leave(connection)
            # What has already arrived is still read and answered; the caller may have gone.
            with suppress(OSError):
                connection.shutdown(SHUT_RD)
            return True
        return False

    def _no_more_idle(self, connection: Connection, address: str) -> None:
        self._idle.pop(connection, None)
        idle = self._idle_of[address]
        idle.pop(connection, None)
        if not idle:
            del self._idle_of[address]
