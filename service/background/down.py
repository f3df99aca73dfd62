"""That the database, the queue or the store doesn't answer, whatever library says it how."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import gevent

ANSWER_SECONDS: Final = 10.0
"""Time in which a database has to answer: less than a lease lasts."""


class DownError(Exception):
    """What background analyses need doesn't answer now; it may soon."""


@contextmanager
def answered_in_time(what: str) -> Iterator[None]:
    """Have it be a DownError where something has not answered at the end of its time.

    Who waits is a greenlet; SQLite, which isn't waited for as greenlets do, has a time of its own.
    """
    timeout = gevent.Timeout(ANSWER_SECONDS)
    try:
        with timeout:
            yield
    except gevent.Timeout as late:
        if late is not timeout:
            raise
        raise DownError(f"{what} doesn't answer within {ANSWER_SECONDS:g} seconds.") from late
