"""A running service asked to analyse a local file."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from cli.side_by_side import AnalysisError

if TYPE_CHECKING:
    # Loaded where a service is asked: it takes longer than all else of the command's start.
    from urllib3 import BaseHTTPResponse, PoolManager

CHUNK: Final = 2**16
TIMEOUT: Final = 60.0
"""Seconds without a byte after which the service counts as gone; it sends one every 5 seconds."""

POSE: Final = "pose"
"""The option that is sent as a part of the form."""

PLAINLY: Final[dict[str, Any]] = {
    "timeout": TIMEOUT,
    "retries": False,
    "redirect": False,
    "preload_content": False,
}
"""How a service is asked: what it answers is what counts."""


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

    It goes through the proxy that HTTP_PROXY or HTTPS_PROXY in the environment names, unless
    NO_PROXY excepts the service.

    Args:
        server: its address, with which nothing is wrong in itself.
        token: likewise, if the service wants one.
        options: fields of the request.
        path: the video file.

    Raises:
        AnalysisError: the service can't be reached, or refuses the video.
        OSError: the file can't be opened.
    """
    address = urlsplit(server)
    streamed = {"Accept": "application/x-ndjson"}
    with (
        path.open("rb") as video,
        telling_who_fails(address),
        connections_to(address) as connections,
        sent(connections, address, options, token, video, streamed) as response,
    ):
        yield from _events(response)


@contextmanager
def telling_who_fails(address: SplitResult) -> Iterator[None]:
    """Have it be an AnalysisError when a service doesn't answer within the block."""
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (HTTPError, OSError, UnicodeError) as error:
        way = " through the proxy that the environment names" if _proxy(address) else ""
        raise AnalysisError(
            f"{address.geturl()} doesn't answer as a service{way}: {_reason(error)}"
        ) from error


def _proxy(address: SplitResult) -> str | None:
    """The proxy on the way to an address, as the environment says."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(address.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def connections_to(address: SplitResult) -> "PoolManager":
    """Give what makes connections to a service, through the proxy that leads there, if any.

    Raises:
        AnalysisError: the environment names a proxy that is none.
    """
    from urllib3 import PoolManager, ProxyManager, make_headers
    from urllib3.exceptions import HTTPError
    from urllib3.util import parse_url

    proxy = _proxy(address)
    if proxy is None:
        return PoolManager()
    try:
        name = parse_url(proxy).auth
        headers = make_headers(proxy_basic_auth=unquote(name)) if name else None
        return ProxyManager(proxy, proxy_headers=headers)
    except HTTPError as error:
        # Without the variable's value, which can hold a password.
        raise AnalysisError(
            "The proxy that the environment names is no address of one; write http://HOST:PORT."
        ) from error


def sent(
    connections: "PoolManager",
    address: SplitResult,
    options: Mapping[str, str],
    token: str | None,
    video: IO[bytes],
    more: Mapping[str, str],
) -> "BaseHTTPResponse":
    """Send a video, from its beginning, with further headers, and give the answer."""
    video.seek(0)
    boundary = secrets.token_hex(16)
    # A pose is too long for a query.
    asked = {name: value for name, value in options.items() if name != POSE}
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="video"; filename="video"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    if POSE in options:
        part = f'--{boundary}\r\nContent-Disposition: form-data; name="{POSE}"\r\n\r\n'
        head = f"{part}{options[POSE]}\r\n".encode() + head
    tail = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        **more,
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + os.fstat(video.fileno()).st_size + len(tail)),
    }
    # A service that refuses an upload answers, and reads no more of it: urllib3 hears that out.
    return connections.request(
        "POST",
        _target(address, "/analyze")._replace(query=urlencode(asked, errors="replace")).geturl(),
        body=_body(head, video, tail),
        headers=headers | _authorization(token),
        **PLAINLY,
    )


def asked(
    connections: "PoolManager", address: SplitResult, path: str, token: str | None
) -> "BaseHTTPResponse":
    """Ask a service for what it has at a path of its own."""
    url = _target(address, path).geturl()
    return connections.request("GET", url, headers=_authorization(token), **PLAINLY)


def sentence_of(response: "BaseHTTPResponse") -> str:
    """Give the sentence that a service says of what it can't do."""
    try:
        return str(json.loads(response.data)["error"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"The service answered with status {response.status}."


def _target(address: SplitResult, path: str) -> SplitResult:
    return address._replace(path=quote(address.path.rstrip("/"), safe="/%") + path)


def _authorization(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _body(head: bytes, video: IO[bytes], tail: bytes) -> Iterator[bytes]:
    yield head
    while chunk := video.read(CHUNK):
        yield chunk
    yield tail


def _reason(error: BaseException) -> str:
    """What the system said at the bottom of it, or else what the library says."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return " ".join(str(error).split())


def _events(response: "BaseHTTPResponse") -> Iterator[dict[str, Any]]:
    if response.status != 200:
        raise AnalysisError(sentence_of(response))
    for line in _lines(response):
        try:
            event = json.loads(line)
            kind = event["event"]
            if kind == "error":
                raise AnalysisError(str(event["error"]))
            if kind == "result" and "detected_poses" not in event["result"]:
                raise KeyError("detected_poses")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise AnalysisError("What the server answers is no answer of this service.") from error
        yield event
        if kind == "result":
            return
    raise AnalysisError("The service ended its answer without a result.")


def _lines(response: "BaseHTTPResponse") -> Iterator[bytes]:
    """The lines of an answer, each as soon as it is there, however it is cut on the way."""
    begun: list[bytes] = []
    while piece := response.read1(CHUNK):
        *ends, rest = piece.split(b"\n")
        for end in ends:
            yield b"".join((*begun, end))
            begun = []
        begun.append(rest)
    if any(begun):
        yield b"".join(begun)
