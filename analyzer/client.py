"""A running service asked to analyse a local file."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    import requests

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

    The proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name are used.

    Raises:
        ServiceError: the service can't be reached, or answers with a problem.
        OSError: the file can't be opened.
    """
    # Loaded here: most of what the command does needs no HTTP.
    import requests

    address = urlsplit(server)
    path_of_service = quote(address.path.rstrip("/"), safe="/%")
    headers = {"Accept": "application/x-ndjson"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with path.open("rb") as video, requests.Session() as session:
        # Nor may a password of ~/.netrc take the token's place.
        session.auth = lambda request: request
        form = _Form(video)
        try:
            # A service that refuses an upload answers, and reads no more of it: that is heard.
            with session.post(
                f"{address.scheme}://{address.netloc}{path_of_service}/analyze",
                params={name: value.encode("utf-8", "replace") for name, value in options.items()},
                data=form,
                headers=headers | {"Content-Type": form.content_type},
                timeout=TIMEOUT,
                stream=True,
                allow_redirects=False,
            ) as response:
                yield from _events(response)
        except (requests.RequestException, UnicodeError) as error:
            raise ServiceError(f"{server} doesn't answer as a service: {_reason(error)}") from error


class _Form:
    """A multipart form with a video in it, read from its file as it is sent."""

    def __init__(self, video: IO[bytes]) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._video = video
        self._head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="video"; filename="video"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()

    def __len__(self) -> int:
        size = os.fstat(self._video.fileno()).st_size
        return len(self._head) + size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        return chain((self._head,), iter(lambda: self._video.read(CHUNK), b""), (self._tail,))


def _reason(error: BaseException) -> str:
    """What the system said in the end: libraries wrap it up."""
    reason = None
    cause: BaseException | None = error
    while cause is not None:
        reason = getattr(cause, "strerror", None) or reason
        cause = cause.__cause__ or cause.__context__
    return reason or repr(error)


def _events(response: "requests.Response") -> Iterator[dict[str, Any]]:
    if response.status_code != 200:
        try:
            sentence = response.json()["error"]
        except (ValueError, KeyError, TypeError):
            sentence = f"The service answered with status {response.status_code}."
        raise ServiceError(sentence)
    for line in response.iter_lines(CHUNK):
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
