"""The events of a job as a stream: NDJSON, or server-sent events."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from service.jobs import HungUpError
from service.problems import Problem

NDJSON: Final = "application/x-ndjson"
SERVER_SENT: Final = "text/event-stream"


def lines(
    events: Iterator[dict[str, Any]], result: Callable[[dict[str, Any]], Iterator[bytes]], kind: str
) -> Iterator[bytes]:
    """Each event as it comes; a problem is the last event, `error`.

    Args:
        events: of a job.
        result: gives, for the event of a result, the result as JSON text in pieces.
        kind: the media type, NDJSON or SERVER_SENT.
    """
    try:
        for event in events:
            if event["event"] == "result":
                yield _begin("result", kind) + b'{"event": "result", "result": '
                yield from result(event)
                yield b"}" + _end(kind)
            else:
                yield _line(event, kind)
    except HungUpError:
        return
    except Problem as problem:
        yield _line({"event": "error", **problem.body()}, kind)


def _line(event: dict[str, Any], kind: str) -> bytes:
    return _begin(event["event"], kind) + json.dumps(event).encode() + _end(kind)


def _begin(name: str, kind: str) -> bytes:
    return f"event: {name}\ndata: ".encode() if kind == SERVER_SENT else b""


def _end(kind: str) -> bytes:
    return b"\n\n" if kind == SERVER_SENT else b"\n"
