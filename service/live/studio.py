"""A process in which live sessions are looked at, from the side of those who send it something."""

import contextlib
import fcntl
import logging
import os
from collections.abc import Callable
from textwrap import indent
from typing import Final

from gevent.lock import BoundedSemaphore
from gevent.socket import wait_write

from analyzer.child.pool import Ended, Pool, Process
from analyzer.child.protocol import Event, Failed, LiveMessage, LiveOrder, NotTaken, Sent, Told

SEND_SECONDS: Final = 10.0
"""Within this time the process has to read on."""

PIPE_BYTES: Final = 2**20
"""How much may be on its way to the process: what all of many sessions send while it works."""

News = Told | NotTaken | Ended
"""What a session hears of its process."""

log = logging.getLogger(__name__)


class Studio:
    """A process, and who is in it."""

    def __init__(self, pool: Pool, order: LiveOrder) -> None:
        """Start the process.

        Raises:
            ProcessError: none could be started.
        """
        self._listeners: dict[int, Callable[[News], object]] = {}
        self._last = 0
        self._over = False
        self._turn = BoundedSemaphore()
        reading, self._writing = os.pipe()
        try:
            os.set_blocking(self._writing, False)
            with contextlib.suppress(OSError):
                # The more it finds at once, the less each takes; a system may allow less.
                fcntl.fcntl(self._writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            self._process: Process = pool.run(order, self._hear, reading)
        except BaseException:
            os.close(self._writing)
            raise
        finally:
            os.close(reading)

    @property
    def is_open(self) -> bool:
        """Whether somebody may come in."""
        return not self._over

    def __len__(self) -> int:
        """How many are in it."""
        return len(self._listeners)

    def enter(self, listener: Callable[[News], object]) -> int:
        """Let a session in, which hears from now on what is told of it; give its number."""
        self._last += 1
        self._listeners[self._last] = listener
        return self._last

    def send(self, messages: list[LiveMessage]) -> None:
        """Send messages of a session, one after the other.

        Raises:
            OSError: the process has ended, or doesn't read them.
        """
        with self._turn:
            if self._over:
                raise BrokenPipeError
            rest = memoryview(b"".join(message.packed() for message in messages))
            while rest:
                try:
                    rest = rest[os.write(self._writing, rest) :]
                except BlockingIOError:
                    wait_write(self._writing, SEND_SECONDS, TimeoutError())

    def end(self) -> None:
        """End the process, which all who are in it then hear."""
        self._over = True
        self._process.kill()

    def leave(self, number: int) -> None:
        """Have a session be gone; with the last of them the process ends."""
        if self._listeners.pop(number, None) is None:
            return
        if not self._listeners:
            self.close()
        else:
            with contextlib.suppress(OSError):
                self.send([LiveMessage(number, Sent.LEAVING, 0.0, b"")])

    def close(self) -> None:
        """End the process, and with it what leads to it."""
        self.end()
        with self._turn:
            if self._writing >= 0:
                os.close(self._writing)
                self._writing = -1

    def _hear(self, event: Event | Ended) -> None:
        match event:
            case Told(session=number) | NotTaken(session=number):
                listener = self._listeners.get(number)
                if listener is not None:
                    listener(event)
            case Failed(traceback=traceback):
                log.error("The process of live sessions failed.\n%s", indent(traceback, "| "))
            case Ended():
                self._over = True
                for listener in tuple(self._listeners.values()):
                    listener(event)
            case _:
                raise ValueError("A process told what is no news of a live session.")
