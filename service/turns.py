"""Turns at the event loop: nobody's bytes keep it from the others."""

import time
from typing import Any, Final, cast

import gevent

SLICE: Final = 0.005
"""Seconds that a greenlet works before others get a turn."""


def take_turn() -> None:
    """Let others run, if the calling greenlet has worked for a while since it last did.

    Called between pieces of work whose number a caller decides: bytes, chunks, requests.
    """
    greenlet = cast(Any, gevent.getcurrent())
    if time.monotonic() - getattr(greenlet, "turn_began", 0.0) > SLICE:
        # Not sleep(0): of such, gevent runs fifty before it looks at the sockets again.
        gevent.idle()
        greenlet.turn_began = time.monotonic()
