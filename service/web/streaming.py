"""The events of a job as a stream: NDJSON, or server-sent events."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from analyzer.child.protocol import HoldFound
from service.jobs.job import AbandonedError, Accepted, Job, JobEvent, Progress, Result, Waiting
from service.problems import Problem, mistake
from service.web.results import result_text

NDJSON: Final = "application/x-ndjson"
SERVER_SENT: Final = "text/event-stream"

Id = int | str | None
"""After which event a caller can go on who has lost the connection, where that can be done."""

log = logging.getLogger(__name__)


def stream(job: Job, media_type: str) -> Iterator[bytes]:
    """Give each event of a job that has started as it comes; a problem is the last, `error`."""
    try:
        for event in job.events():
            if isinstance(event, Result):
                yield from result_line(result_text(event), media_type)
            else:
                yield line(*_told(event), media_type)
    except AbandonedError:
        return
    except Problem as problem:
        yield line("error", problem.body(), media_type)
    except Exception:  # the answer has begun: nothing else could tell of a mistake
        log.exception("A stream broke off.")
        yield line("error", mistake().body(), media_type)


def _told(event: JobEvent) -> tuple[str, dict[str, Any]]:
    """The name of an event, and what it tells."""
    match event:
        case HoldFound(hold=hold):
            return "pose", hold
        case Accepted() | Waiting() | Progress():
            return type(event).__name__.lower(), asdict(event)
    raise TypeError(f"{event} is told otherwise.")


def line(name: str, told: Mapping[str, Any], media_type: str, number: Id = None) -> bytes:
    """Give an event as it is sent.

    Args:
        name: of the event.
        told: what it tells.
        media_type: NDJSON or SERVER_SENT.
        number: of an event after which a caller can go on who has lost the connection.
    """
    text = json.dumps({"event": name, **told}).encode()
    return _begin(name, media_type, number) + text + _end(media_type)


def result_line(text: Iterable[bytes], media_type: str, number: Id = None) -> Iterator[bytes]:
    """Give the event of a result, whose JSON text comes in pieces, as it is sent."""
    yield _begin("result", media_type, number) + b'{"event": "result", "result": '
    yield from text
    yield b"}" + _end(media_type)


def _begin(name: str, media_type: str, number: Id = None) -> bytes:
    if media_type == NDJSON:
        return b""
    numbered = "" if number is None else f"id: {number}\n"
    return f"{numbered}event: {name}\ndata: ".encode()


def _end(media_type: str) -> bytes:
    return b"\n\n" if media_type == SERVER_SENT else b"\n"
