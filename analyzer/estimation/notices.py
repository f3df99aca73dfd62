"""What the models' own code has to say, which is no news."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def native_notices_dropped() -> Iterator[None]:
    """Standard error closed while models load and first run: they report there what is no news.

    Neither MediaPipe nor LiteRT offers a switch for it.
    """
    kept = os.dup(2)
    try:
        os.dup2(_nowhere(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@cache
def _nowhere() -> int:
    """A descriptor to which anything can be written."""
    return os.open(os.devnull, os.O_WRONLY)
