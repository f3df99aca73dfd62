"""The log: lines of JSON, each with the id of its request where there is one.

One a request and an analysis on standard output, with nothing of the video in it; warnings and
mistakes, of whatever part or library, on standard error.

Whoever reads the log holds nothing up: what this process and those that it starts write goes
through pipes that take what fits, and threads of the first process pass it on. The rest is lost.
"""

import atexit
import contextlib
import fcntl
import io
import json
import logging
import mmap
import os
import re
import sys
import threading
import traceback
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

LONGEST: Final = 4096
"""Bytes of a line at most, which a pipe takes whole or not at all (PIPE_BUF of Linux)."""

LONGEST_FIELDS: Final = (500, 100, 10)
"""Characters of a field that are logged: the most with which the line isn't too long."""

LARGEST: Final = 2**53
"""A number beyond which none is logged: a header can have one of thousands of digits."""

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
    """Of what this process wrote."""
    passed_on = memoryview(mmap.mmap(-1, 16)).cast("Q")
    """Of what the first process had for standard output and error; all processes see it."""


request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that the running code serves; empty where there is none."""


def write(event: str, **fields: object) -> None:
    """Write one line to standard output, or count it as lost."""
    _put(STANDARD_OUTPUT, _line(event, fields))


def lost() -> int:
    """Tell how many lines were lost so far because nobody read them."""
    return _Lost.lines + sum(_Lost.passed_on)


def _line(event: str, fields: Mapping[str, object]) -> bytes:
    """A line of JSON, of fields as long as there is room for."""
    line: dict[str, object] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "event": event,
    }
    if its := request_id.get():
        line["request_id"] = its
    for longest in LONGEST_FIELDS:
        text = _json(line | {name: _short(value, longest) for name, value in fields.items()})
        if len(text) < LONGEST:
            break
    return text + b"\n"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace")


def _short(value: Any, longest: int) -> Any:
    """A value of which no more is logged than has room in a line."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return None
    return value[:longest] if isinstance(value, str) else value


def _put(descriptor: int, line: bytes) -> None:
    """Write a line as far as it may be long, or count it as lost."""
    try:
        os.write(descriptor, line if len(line) <= LONGEST else line[: LONGEST - 1] + b"\n")
    except OSError:
        _Lost.lines += 1


class Lines(logging.Handler):
    """Writes what is logged as lines to standard error, or counts them as lost."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; of a traceback that is too long for a line, the end."""
        try:
            _put(STANDARD_ERROR, self._of(record))
        except Exception:  # a record can fail in whatever is in it, as in other handlers
            self.handleError(record)

    def _of(self, record: logging.LogRecord) -> bytes:
        message, _, rest = record.getMessage().partition("\n")
        if record.exc_info:
            rest = "".join(traceback.format_exception(*record.exc_info))
        fields: dict[str, object] = {
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        if rest:
            fields["traceback"] = _end_of(
                rest, LONGEST - len(_line("log", fields | {"traceback": []}))
            )
        return _line("log", fields)


def _end_of(text: str, room: int) -> list[str]:
    """The last lines of a text, of which a line of JSON has room for so many bytes."""
    lines: list[str] = []
    for line in reversed(text.splitlines()):
        short = _short(line, LONGEST_FIELDS[0])
        room -= len(_json(short)) + len(", ")
        if room < 0:
            break
        lines.append(short)
    return lines[::-1]


CONFIG: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"lines": {"class": "service.runtime.logs.Lines"}},
    "root": {"level": "INFO", "handlers": ["lines"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["lines"], "propagate": False}},
}
"""Has everything that is logged come as lines; for logging.config and gunicorn."""


class _Errors(io.TextIOBase):
    """Standard error for what Python, or a library, writes to it: a line of JSON for each line."""

    def __init__(self) -> None:
        self._begun = ""

    def write(self, text: str) -> int:
        """Write the lines that are whole."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            if line.strip():
                _put(STANDARD_ERROR, _line("log", {"level": "error", "message": line}))
        return len(text)

    def fileno(self) -> int:
        """Tell where it leads, for those who write to it past Python."""
        return STANDARD_ERROR


def usable_id(*given_ids: str) -> str:
    """Give the first usable id of those that the caller or the load balancer gave, or a new one."""
    for given in given_ids:
        if _SAFE.fullmatch(given):
            return given
    return uuid.uuid4().hex


@cache
def relay() -> None:
    """Pass on from now on what is written to standard output and error, and stop for nobody."""
    threads = []
    kept = []
    for place, descriptor in enumerate((STANDARD_OUTPUT, STANDARD_ERROR)):
        outward = os.dup(descriptor)
        reading, writing = os.pipe()
        with contextlib.suppress(OSError):
            fcntl.fcntl(writing, _SET_PIPE_SIZE, QUEUE)
        os.set_blocking(writing, False)
        os.dup2(writing, descriptor)
        os.close(writing)
        thread = threading.Thread(target=_pass_on, args=(reading, outward, place), daemon=True)
        thread.start()
        threads.append(thread)
        kept += [reading, outward]
    sys.stderr = _Errors()

    def forked() -> None:
        # Only of what nobody reads any more is it known that it is lost.
        while kept:
            os.close(kept.pop())

    os.register_at_fork(after_in_child=forked)
    atexit.register(_finish, os.getpid(), threads)


def _pass_on(reading: int, outward: int, place: int) -> None:
    """Pass on what comes until nobody can send any more; when nobody takes it, count its lines."""
    taken = True
    while chunk := memoryview(os.read(reading, CHUNK)):
        while taken and chunk:
            try:
                chunk = chunk[os.write(outward, chunk) :]
            except OSError:
                taken = False
        _Lost.passed_on[place] += bytes(chunk).count(b"\n")
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
