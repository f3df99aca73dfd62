"""What the service and the forkserver tell each other: how it is written and how long it is.

Nothing that takes long to load is imported here.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any, Final

MESSAGE: Final = 2**16
"""Bytes of a message to the forkserver, or from it, at most."""

LINE: Final = 2**20
"""Bytes of a line that the process of a video tells at most; what is longer goes into a file."""

ANSWER: Final = 2**26
"""Bytes of the file with a result at most."""

LONGEST_FAILURE: Final = 10_000
"""Characters that are told of a mistake at most: its end."""

_JOB: Final = struct.Struct("<Q")


class MessageError(ValueError):
    """A message is too long to be sent, or can't be read."""


def packed(job: int, message: Mapping[str, Any]) -> bytes:
    """Give a message about a job as it is sent.

    Raises:
        MessageError: it would be too long.
    """
    text = _JOB.pack(job) + json.dumps(message).encode()
    if len(text) > MESSAGE:
        raise MessageError(f"A message of {len(text)} bytes is longer than {MESSAGE}.")
    return text


def job_of(text: bytes) -> int:
    """Tell which job a message is about, also one that can't be read; 0 for none."""
    return int(_JOB.unpack_from(text)[0]) if len(text) >= _JOB.size else 0


def unpacked(text: bytes) -> dict[str, Any]:
    """Read a message.

    Raises:
        MessageError: it can't be read.
    """
    try:
        message = json.loads(text[_JOB.size :])
    except (ValueError, RecursionError) as error:
        raise MessageError("The message is no JSON.") from error
    if not isinstance(message, dict):
        raise MessageError("The message is no JSON object.")
    return message
