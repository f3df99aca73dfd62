"""The text of a result, from the file that has it; it can be large, and is not read here."""

import json
import os
from collections.abc import Iterator
from typing import IO

from service.intake.uploads import pieces
from service.jobs.job import Result


def result_text(result: Result) -> Iterator[bytes]:
    """Give the JSON text of a result, with its times, in pieces."""
    yield from pieces(result.answer, end=size_of(result.answer) - len("}"))
    yield _last(result)


def length_of(result: Result) -> int:
    """Tell how many bytes the text has."""
    return size_of(result.answer) - len("}") + len(_last(result))


def size_of(file: IO[bytes]) -> int:
    """Tell how many bytes a file has."""
    return os.fstat(file.fileno()).st_size


def _last(result: Result) -> bytes:
    """The end of a result's text: the times, which only the server knows in full."""
    return f', "timing": {json.dumps(result.timing)}}}'.encode() if result.timing else b"}"
