"""The files of the page, smaller on their way."""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, request

KINDS: Final = frozenset(
    ("text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml")
)
"""What is text, and a third as large when it is compressed."""


def add_to(app: Flask) -> None:
    """Have static files compressed for those who can read that."""

    @app.after_request
    def compress(response: Response) -> Response:
        if request.endpoint != "static" or response.mimetype not in KINDS:
            return response
        response.vary.add("Accept-Encoding")
        if response.status_code == 200 and request.accept_encodings.quality("gzip") > 0:
            assert app.static_folder is not None and request.view_args is not None
            file = Path(app.static_folder) / request.view_args["filename"]
            response.close()
            response.direct_passthrough = False
            response.set_data(_compressed(file, file.stat().st_mtime_ns))
            response.content_encoding = "gzip"
        return response


@lru_cache(maxsize=512)
def _compressed(file: Path, changed: int) -> bytes:  # noqa: ARG001 - what was read before is old then
    return gzip.compress(file.read_bytes(), mtime=0)
