"""A running service asked to analyse a local file."""

import json
import secrets
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

CHUNK: Final = 2**16
TIMEOUT: Final = 60.0
"""Seconds without a byte after which the service counts as gone; it sends one every 5 seconds."""


class ServiceError(Exception):
    """The service refused the video or could not be asked; the text says why."""


def remote_events(
    server: str, path: Path, options: Mapping[str, str], token: str | None = None
) -> Iterator[dict[str, Any]]:
    """Send a video to a service and give the events that it answers, the last being the result.

    Raises:
        ServiceError: the service can't be reached, or answers with a problem.
        OSError: the file can't be read.
    """
    address = urlsplit(server)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ServiceError(f"{server} is no address of a service; write http://HOST:PORT.")
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.hostname, address.port, timeout=TIMEOUT)
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="video"; filename="video"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Accept": "application/x-ndjson",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + path.stat().st_size + len(tail)),
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    target = f"{address.path.rstrip('/')}/analyze?{urlencode(options)}".rstrip("?")
    try:
        connection.request("POST", target, _body(head, path, tail), headers)
        yield from _events(connection.getresponse())
    except (HTTPException, ConnectionError, TimeoutError) as error:
        raise ServiceError(f"{server} doesn't answer as a service ({error!r}).") from error
    finally:
        connection.close()


def _body(head: bytes, path: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
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
        event = json.loads(line)
        if event["event"] == "error":
            raise ServiceError(event["error"])
        yield event
