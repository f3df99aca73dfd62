"""A running service asked to analyse a local file."""

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote, urlencode, urlsplit

CHUNK: Final = 2**16
TIMEOUT: Final = 60.0
"""Seconds without a byte after which the service counts as gone; it sends one every 5 seconds."""


class ServiceError(Exception):
    """The service refused the video or could not be asked; the text says why."""


def wrong_service(server: str, token: str | None) -> Iterator[str]:
    """Tell what is wrong with an address and a token in themselves."""
    try:
        address = urlsplit(server)
        # Reading the port raises for one that is no number or too large.
        usable = address.scheme in ("http", "https") and address.hostname and address.port != 0
        usable = usable and not ("@" in address.netloc or address.query or address.fragment)
    except ValueError:
        usable = False
    if not usable:
        yield f"argument --server: {server!r} is no address; write http://HOST:PORT"
    if token and not (token.isascii() and token.isprintable()):
        yield "API_TOKEN holds a character that can't be sent, such as the end of a line"


def remote_events(
    server: str, token: str | None, options: Mapping[str, str], path: Path
) -> Iterator[dict[str, Any]]:
    """Send a video to a service and give the events that it answers, the last being the result.

    Args:
        server: its address, with which nothing is wrong in itself.
        token: likewise, if the service wants one.
        options: fields of the request.
        path: the video file.

    Raises:
        ServiceError: the service can't be reached, or answers with a problem.
        OSError: the file can't be opened.
    """
    address = urlsplit(server)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=TIMEOUT)
    target = f"{quote(address.path.rstrip('/'), safe='/%')}/analyze"
    if options:
        target += f"?{urlencode(options, errors='replace')}"
    with path.open("rb") as video:
        try:
            yield from _events(_answer(connection, target, token, video))
        except (HTTPException, OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or repr(error)
            raise ServiceError(f"{server} doesn't answer as a service: {reason}") from error
        finally:
            connection.close()


def _answer(
    connection: HTTPConnection, target: str, token: str | None, video: IO[bytes]
) -> HTTPResponse:
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="video"; filename="video"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Accept": "application/x-ndjson",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + os.fstat(video.fileno()).st_size + len(tail)),
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    # A service that refuses an upload answers, and reads no more of it.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request("POST", target, _body(head, video, tail), headers)
    return connection.getresponse()


def _body(head: bytes, video: IO[bytes], tail: bytes) -> Iterator[bytes]:
    yield head
    while chunk := video.read(CHUNK):
        yield chunk
    yield tail


def _events(response: HTTPResponse) -> Iterator[dict[str, Any]]:
    if response.status != 200:
        try:
            sentence = json.loads(response.read())["error"]
        except (ValueError, KeyError, TypeError):
            sentence = f"The service answered with status {response.status}."
        raise ServiceError(sentence)
    for line in response:
        try:
            event = json.loads(line)
            kind = event["event"]
        except (ValueError, KeyError, TypeError) as error:
            raise ServiceError("What the server answers is no answer of this service.") from error
        if kind == "error":
            raise ServiceError(event["error"])
        yield event
        if kind == "result":
            return
    raise ServiceError("The service ended its answer without a result.")
