"""One JSON line a request and an analysis on standard output; nothing of the video in it.

Whoever reads the log holds nothing up: what this process and those that it starts write goes
through pipes that take what fits, and threads of the first process pass it on. The rest is lost.
"""

import atexit
import contextlib
import fcntl
import json
import os
import re
import threading
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Final

LONGEST: Final = 4096
"""Bytes of a line at most, which a pipe takes whole or not at all (PIPE_BUF of Linux)."""

LONGEST_FIELD: Final = 500
"""Characters of a field that are logged."""

QUEUE: Final = 2**18
"""Bytes that wait for whoever reads the log, where the system allows so many."""

CHUNK: Final = 2**16

LAST_SECONDS: Final = 1.0
"""Time that is left at the end for what has still to be read."""

STANDARD_OUTPUT: Final = 1
STANDARD_ERROR: Final = 2

_SET_PIPE_SIZE: Final = 1031
_SAFE: Final = re.compile(r"[\w.:;=+/@-]{1,200}", re.ASCII)


class _Lost:
    """How many lines nobody took."""

    lines = 0


def write(event: str, **fields: object) -> None:
    """Write one line, or count it as lost."""
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
    text = json.dumps(line | {name: _short(value) for name, value in fields.items()}) + "\n"
    try:
        os.write(STANDARD_OUTPUT, text.encode())
    except OSError:
        _Lost.lines += 1


def lost() -> int:
    """Tell how many lines were lost so far because nobody read them."""
    return _Lost.lines


def _short(value: object) -> object:
    return value[:LONGEST_FIELD] if isinstance(value, str) else value


def request_id(*given_ids: str) -> str:
    """The first usable id of those that the caller or the load balancer gave, or a new one."""
    for given in given_ids:
        if _SAFE.fullmatch(given):
            return given
    return uuid.uuid4().hex


@cache
def relay() -> None:
    """Pass on from now on what is written to standard output and error, and stop for nobody."""
    threads = []
    kept = []
    for descriptor in (STANDARD_OUTPUT, STANDARD_ERROR):
        outward = os.dup(descriptor)
        reading, writing = os.pipe()
        with contextlib.suppress(OSError):
            fcntl.fcntl(writing, _SET_PIPE_SIZE, QUEUE)
        os.set_blocking(writing, False)
        os.dup2(writing, descriptor)
        os.close(writing)
        thread = threading.Thread(target=_pass_on, args=(reading, outward), daemon=True)
        thread.start()
        threads.append(thread)
        kept += [reading, outward]

    def forked() -> None:
        # Only of what nobody reads any more is it known that it is lost.
        while kept:
            os.close(kept.pop())

    os.register_at_fork(after_in_child=forked)
    atexit.register(_finish, os.getpid(), threads)


def _pass_on(reading: int, outward: int) -> None:
    """Pass on what comes until nobody can send any more, or take it."""
    with contextlib.suppress(OSError):
        while chunk := memoryview(os.read(reading, CHUNK)):
            while chunk:
                chunk = chunk[os.write(outward, chunk) :]
    os.close(reading)


def _finish(process: int, threads: list[threading.Thread]) -> None:
    """Give what has been written a moment to be read; in the process that passes it on."""
    if os.getpid() != process:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (STANDARD_OUTPUT, STANDARD_ERROR):
        os.dup2(nowhere, descriptor)
    for thread in threads:
        thread.join(LAST_SECONDS)
