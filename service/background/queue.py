"""The queue of background analyses: Huey's, in SQLite or PostgreSQL.

Huey takes a task off its queue before it runs it, and a process that is killed then loses it. So a
task is no more than the id of an analysis, whose record tells whether there is something to do, and
of Huey's rooms it takes the one where tasks lie: nothing is pickled, nothing runs by its name.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from huey.storage import BaseSqlStorage, PostgresStorage, SqliteStorage

from service.background.down import DownError, answered_in_time
from service.background.postgres import Connection

SQLITE: Final = "sqlite:///"
NAME: Final = "dance-poses"


class Queue:
    """The ids of analyses that wait for their turn.

    Each method raises DownError where the database doesn't answer.

    Args:
        url: of the database: sqlite:///FILE or postgresql://...
    """

    def __init__(self, url: str) -> None:
        self._storage: BaseSqlStorage
        if url.startswith(SQLITE):
            file = url.removeprefix(SQLITE)
            self._storage = SqliteStorage(
                NAME, filename=file, create_tables=False, factory=_SqliteConnection
            )
        else:
            # Its reader is told of what comes, and needn't look time and again.
            self._storage = PostgresStorage(
                NAME, connection=lambda: Connection.connect(url), create_tables=False
            )

    def prepare(self) -> None:
        """Make the tables that aren't there."""
        with _telling_when_down():
            self._storage.initialize_schema()

    def put(self, analysis: str, turn: int) -> None:
        """Add an analysis; the smaller the turn, the sooner it comes."""
        with _telling_when_down():
            self._storage.enqueue(analysis.encode(), -turn)

    def take(self) -> str | None:
        """Take the next analysis off the queue; None if there is none, perhaps after a second."""
        with _telling_when_down():
            task = self._storage.dequeue()
        return None if task is None else bytes(task).decode()

    def ids(self) -> set[str]:
        """Give the ids of the analyses in the queue."""
        with _telling_when_down():
            return {bytes(task).decode() for task in self._storage.enqueued_items()}

    def size(self) -> int:
        """Tell how many there are."""
        with _telling_when_down():
            return int(self._storage.queue_size())

    def close(self) -> None:
        """Close the connections."""
        self._storage.close()


class _SqliteConnection(sqlite3.Connection):
    """One that waits for no disk: what a power cut takes of the queue, the records know."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def _telling_when_down() -> Iterator[None]:
    try:
        with answered_in_time("The queue of the analyses"):
            yield
    except (sqlite3.OperationalError, psycopg.Error) as error:
        raise DownError(f"The queue of the analyses doesn't answer: {error}") from error
