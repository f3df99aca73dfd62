"""The events of a job as a stream: NDJSON, or server-sent events."""

import json
from collections.abc import Iterator
from typing import Any, Final

from service.jobs import HungUpError
from service.problems import Problem

NDJSON: Final = "application/x-ndjson"
SERVER_SENT: Final = "text/event-stream"


def lines(events: Iterator[dict[str, Any]], media_type: str) -> Iterator[str]:
    """Each event as it comes; a problem is the last event, `error`."""
    try:
        for event in events:
            yield _line(event, media_type)
    except HungUpError:
        return
    except Problem as problem:
        yield _line({"event": "error", **problem.body()}, media_type)


def _line(event: dict[str, Any], media_type: str) -> str:
    if event["event"] == "result":
        text = f'{{"event": "result", "result": {event["body"]}}}'
    else:
        text = json.dumps(event)
    if media_type == SERVER_SENT:
        return f"event: {event['event']}\ndata: {text}\n\n"
    return text + "\n"
