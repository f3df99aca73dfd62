"""The end of an analysis told to a URL, signed as Standard Webhooks has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

A caller chooses the URL, so it leads nowhere but to hosts that a setting names, and there only to
addresses of the public internet: the connection goes to the address that was looked at.
"""

import base64
import binascii
import hmac
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import gevent
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from service.background.records import Record

SECRET_PREFIX: Final = "whsec_"
SECRET_BYTES: Final = (24, 64)
"""Bytes that a secret has at least and at most, as the standard says."""

LONGEST_URL: Final = 2000

ANSWER_SECONDS: Final = 10.0
"""Time in which each piece of a receiver's answer has to come."""

CALL_SECONDS: Final = 30.0
"""Time that a call may take in all."""

PAUSES: Final = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0)
"""Seconds before each further try; the last is repeated until the analysis is forgotten."""

GONE: Final = 410
"""The status with which a receiver says that it wants no more."""

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class CallbackError(Exception):
    """A callback can't be made; the text is one sentence that says why."""


def check_callback(url: str, secret: str, hosts: Sequence[str]) -> None:
    """See that a callback may be made, as far as that can be known before.

    Args:
        url: where to.
        secret: what it is signed with.
        hosts: the names that are allowed; `*.` before one stands for all that end so.

    Raises:
        CallbackError: it may not.
    """
    if not hosts:
        raise CallbackError("This service makes no callbacks; ask for the analysis instead.")
    try:
        address = urlsplit(url)
        host, port = address.hostname, address.port
    except ValueError:
        host, port = None, None
    wrong = not host or port == 0 or address.scheme not in ("http", "https") or "@" in url
    if wrong or len(url) > LONGEST_URL or not (url.isascii() and url.isprintable()) or " " in url:
        raise CallbackError("`callback` is no address; write https://HOST/PATH.")
    assert host is not None
    if not any(_fits(host, allowed.lower()) for allowed in hosts):
        raise CallbackError(
            f"`callback` leads to {host[:100]}, where this service may not call; "
            f"it may call {', '.join(hosts)}."
        )
    _key(secret)


def call_back(record: Record) -> None:
    """Tell a callback's receiver that an analysis has ended.

    Raises:
        CallbackError: it has neither taken it, nor said that it wants no more.
    """
    assert record.callback is not None and record.secret is not None
    body = json.dumps(
        {
            "type": f"analysis.{record.state}",
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "data": {
                "id": record.id,
                "state": record.state,
                "location": f"/analyses/{record.id}",
            },
        }
    ).encode()
    # The same for each try, so that the receiver can tell that it has had it.
    message = f"msg_{record.id}"
    moment = str(int(time.time()))
    address = urlsplit(record.callback)
    headers = {
        "Content-Type": "application/json",
        "Host": address.netloc,
        "User-Agent": "dance-poses",
        "webhook-id": message,
        "webhook-timestamp": moment,
        "webhook-signature": signature(record.secret, message, moment, body),
    }
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    try:
        with (
            gevent.Timeout(CALL_SECONDS, TimeoutError("it took too long")),
            _connection(address.scheme, address.hostname or "", address.port) as connections,
        ):
            answer = connections.request(
                "POST",
                target,
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            status = answer.status
            answer.close()
    except (HTTPError, OSError) as error:
        raise CallbackError(f"The callback to {address.hostname} failed: {error}") from error
    if status != GONE and not 200 <= status < 300:
        raise CallbackError(f"The callback to {address.hostname} was answered with {status}.")


def signature(secret: str, message: str, moment: str, body: bytes) -> str:
    """Give the signature of a message with an id, sent at a moment in whole seconds since 1970.

    Raises:
        CallbackError: the secret is none.
    """
    signed = f"{message}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


def public_address(host: str, port: int) -> str:
    """Give an address of a host that is one of the public internet.

    Raises:
        CallbackError: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CallbackError(f"{host} isn't found: {error}") from error
    for *_, place in found:
        if is_public(str(place[0])):
            return str(place[0])
    raise CallbackError(f"{host} has no address of the public internet.")


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, also one that it stands for."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if found.teredo or found.sixtofour:
            return False
        if found.ipv4_mapped:
            return is_public(str(found.ipv4_mapped))
    return found.is_global and not found.is_multicast


def _fits(host: str, allowed: str) -> bool:
    return host == allowed or (allowed.startswith("*.") and host.endswith(allowed[1:]))


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    least, most = SECRET_BYTES
    if not least <= len(key) <= most:
        raise CallbackError(
            f"`callback_secret` is none; it is {SECRET_PREFIX} and {least} to {most} random bytes "
            "in base64."
        )
    return key


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnectionPool:
    """Connections to a host, by an address that has been looked at."""
    if scheme == "http":
        return HTTPConnectionPool(
            public_address(host, port or 80), port or 80, timeout=ANSWER_SECONDS
        )
    return HTTPSConnectionPool(
        public_address(host, port or 443),
        port or 443,
        timeout=ANSWER_SECONDS,
        ssl_context=ssl.create_default_context(),
        server_hostname=host,
        assert_hostname=host,
    )
