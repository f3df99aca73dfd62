"""Connections to PostgreSQL that are of use to the next who asks, or closed."""

from typing import Any

import gevent
import psycopg


class Connection(psycopg.Connection[Any]):
    """A connection that is closed where an answer is not waited for any longer.

    It would come before that to the next question. Who finds it closed makes a new one.
    """

    def wait(self, *arguments: Any, **options: Any) -> Any:
        """Wait for an answer."""
        try:
            return super().wait(*arguments, **options)
        except gevent.Timeout:
            self.close()
            raise
