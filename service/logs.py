"""One JSON line a request and an analysis on standard output; nothing of the video in it."""

import json
import re
import sys
import uuid
from datetime import UTC, datetime
from typing import Final

_SAFE: Final = re.compile(r"[\w.:;=+/@-]{1,200}", re.ASCII)


def write(event: str, **fields: object) -> None:
    """Write one line."""
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
    print(json.dumps(line), file=sys.stdout, flush=True)


def request_id(*given_ids: str) -> str:
    """The first usable id of those that the caller or the load balancer gave, or a new one."""
    for given in given_ids:
        if _SAFE.fullmatch(given):
            return given
    return uuid.uuid4().hex
