"""The events of a job as a stream: NDJSON, or server-sent events."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Final

from analyzer.child.protocol import HoldFound
from service.jobs.job import AbandonedError, Accepted, Job, JobEvent, Progress, Result, Waiting
from service.problems import Problem, mistake

NDJSON: Final = "application/x-ndjson"
SERVER_SENT: Final = "text/event-stream"

log = logging.getLogger(__name__)


def stream(
    job: Job, result_text: Callable[[Result], Iterator[bytes]], media_type: str
) -> Iterator[bytes]:
    """Give each event of a job as it comes; a problem is the last event, `error`.

    Args:
        job: one that has started.
        result_text: gives a result as JSON text in pieces.
        media_type: NDJSON or SERVER_SENT.
    """
    try:
        for event in job.events():
            if isinstance(event, Result):
                yield _begin("result", media_type) + b'{"event": "result", "result": '
                yield from result_text(event)
                yield b"}" + _end(media_type)
            else:
                yield _line(*_told(event), media_type)
    except AbandonedError:
        return
    except Problem as problem:
        yield _line("error", problem.body(), media_type)
    except Exception:  # the answer has begun: nothing else could tell of a mistake
        log.exception("A stream broke off.")
        yield _line("error", mistake().body(), media_type)


def _told(event: JobEvent) -> tuple[str, dict[str, Any]]:
    """The name of an event, and what it tells."""
    match event:
        case HoldFound(hold=hold):
            return "pose", hold
        case Accepted() | Waiting() | Progress():
            return type(event).__name__.lower(), asdict(event)
    raise TypeError(f"{event} is told otherwise.")


def _line(name: str, told: dict[str, Any], media_type: str) -> bytes:
    text = json.dumps({"event": name, **told}).encode()
    return _begin(name, media_type) + text + _end(media_type)


def _begin(name: str, media_type: str) -> bytes:
    return f"event: {name}\ndata: ".encode() if media_type == SERVER_SENT else b""


def _end(media_type: str) -> bytes:
    return b"\n\n" if media_type == SERVER_SENT else b"\n"
