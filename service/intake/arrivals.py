"""Uploads on their way: how many may arrive at once, and how fast each has to."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import gevent

from service.connections.connection import Connection
from service.intake.disk import Disk, Room
from service.problems import Kind, Problem, stopped
from service.runtime.metrics import Metrics
from service.runtime.settings import Settings

MOST: Final = 64
"""Uploads that arrive at once."""

SHARE: Final = 0.5
"""The part of them that one address may have."""

SLOWEST: Final = 10_000
"""Bytes a second that have to arrive of an upload, not counting what is around its chunks."""

WINDOW: Final = 5
"""Seconds over which that is judged."""

LOOK_SECONDS: Final = 1.0
"""Pause between two looks at how much has arrived."""

RETRY: Final = 5
"""Seconds after which there may be room for another."""


class Arrivals:
    """All uploads that are on their way."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._arrivals: list[Arrival] = []
        self._disk = Disk(settings.upload_directory, metrics)
        self._most = settings.max_upload_bytes
        self._metrics = metrics
        self._watch: gevent.Greenlet[[], None] | None = None

    @contextmanager
    def arriving(self, connection: Connection, address: str, length: int | None) -> Iterator[Room]:
        """Have the upload of the calling greenlet arrive within the block.

        Args:
            connection: through which it comes.
            address: from which it is sent.
            length: bytes of its body, if that is announced: no more are read then.

        Returns:
            What it may take of the disk, which it keeps until its file is closed.

        Raises:
            Problem: too many arrive, there is no room for what is announced, or, within the block,
                this one comes too slowly.
        """
        room = self._disk.room(address, min(length or 0, self._most))
        try:
            with self._on_its_way(connection, address), self._metrics.arriving.track_inprogress():
                yield room
        finally:
            room.end()

    @contextmanager
    def _on_its_way(self, connection: Connection, address: str) -> Iterator[None]:
        """Look within the block at how fast it comes."""
        self._make_place(address)
        arrival = Arrival(connection, address)
        self._arrivals.append(arrival)
        if not self._watch:
            self._watch = gevent.spawn(self._keep_looking)
        try:
            yield
        finally:
            self._arrivals.remove(arrival)
            arrival.ended = True

    def _make_place(self, address: str) -> None:
        """See that another may come, if need be in place of one that has stalled."""
        present = [arrival for arrival in self._arrivals if not arrival.leaves]
        of_address = [arrival for arrival in present if arrival.address == address]
        if len(present) < MOST and len(of_address) < SHARE * MOST:
            return
        rivals = of_address if len(present) < MOST else present
        slowest = min(rivals, key=Arrival.lately)
        if not slowest.stalls:
            self._metrics.refusals.inc()
            raise Problem(
                Kind.BUSY, "Too many uploads arrive at once; send it again a little later.", RETRY
            )
        slowest.end(_too_slow())

    def stop(self) -> None:
        """Have all uploads on their way fail because the server stops."""
        for arrival in self._arrivals:
            arrival.end(stopped())

    def _keep_looking(self) -> None:
        while self._arrivals:
            gevent.sleep(LOOK_SECONDS)
            for arrival in tuple(self._arrivals):
                arrival.look()
        self._watch = None


class Arrival:
    """One upload on its way."""

    def __init__(self, connection: Connection, address: str) -> None:
        self.address = address
        self.ended = False
        self.leaves = False
        """Whether it is about to be ended."""
        self._connection = connection
        self._greenlet = gevent.getcurrent()
        self._seen = deque([connection.content], maxlen=WINDOW + 1)
        """How many bytes had come at each look."""

    def lately(self) -> int:
        """Bytes that have come in the last few seconds."""
        return self._connection.content - self._seen[0]

    @property
    def stalls(self) -> bool:
        """Whether it is slow, and has been looked at for long enough to tell."""
        return len(self._seen) > 1 and self.lately() < SLOWEST * (len(self._seen) - 1)

    def look(self) -> None:
        """Note how much has come, and end it where that is too little."""
        if len(self._seen) > WINDOW and self.stalls:
            self.end(_too_slow())
        self._seen.append(self._connection.content)

    def end(self, problem: Problem) -> None:
        """Have it fail with a problem, unless it is done before."""
        self.leaves = True
        gevent.get_hub().loop.run_callback(self._throw_if_arriving, problem)

    def _throw_if_arriving(self, problem: Problem) -> None:
        # Looked at in the event loop, right before: thrown any later, it would hit what follows.
        if not self.ended:
            self._greenlet.throw(problem)


def _too_slow() -> Problem:
    return Problem(
        Kind.UPLOAD_TOO_SLOW,
        f"The upload came more slowly than {SLOWEST // 1000} kilobytes a second; "
        "use a faster connection, or send a smaller video.",
    )
