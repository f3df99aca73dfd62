"""Who may call: bearer tokens, origins of pages, and headers that keep browsers careful."""

import hmac
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from service.problems import Kind, Problem
from service.runtime.settings import Settings

LIVE_PROTOCOL: Final = "dance"
"""The protocol of a live session, for those who have to name one."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer."""

_PREFLIGHT_SECONDS: Final = 600


def check_token(authorization: str, settings: Settings) -> None:
    """Refuse a caller without a valid token, where tokens are set.

    Raises:
        Problem: the token is missing or wrong.
    """
    if not settings.api_tokens:
        return
    scheme, _, _ = authorization.partition(" ")
    given = token_of(authorization)
    # All are compared, each in constant time: how long it takes tells nothing about any of them.
    matches = [hmac.compare_digest(given.encode(), token.encode()) for token in settings.api_tokens]
    if scheme.lower() != "bearer" or not any(matches):
        raise Problem(
            Kind.UNAUTHORIZED,
            "This service wants a token; send the header `Authorization: Bearer TOKEN`.",
        )


def check_origin(origin: str | None, host: str, origins: Sequence[str]) -> None:
    """Refuse the page of another origin where a browser wouldn't: it lets any open a WebSocket.

    Args:
        origin: of the page; None where no browser asks.
        host: that is asked, with its port, as the caller writes it.
        origins: those that are allowed beside the service's own.

    Raises:
        Problem: it is of a page that isn't allowed.
    """
    with suppress(ValueError):
        if origin is None or {"*", origin} & set(origins) or urlsplit(origin).netloc == host:
            return
    raise Problem(
        Kind.FOREIGN_PAGE,
        "Pages of this origin may not open a live session; CORS_ORIGINS says which may.",
    )


def token_in(protocols: str) -> str:
    """Give an Authorization header for the token that a browser's page can only send as a protocol.

    Args:
        protocols: Sec-WebSocket-Protocol, in which one is `bearer.` and the token in base64url.
    """
    for protocol in protocols.split(","):
        kind, _, text = protocol.strip().partition(".")
        if kind == "bearer":
            try:
                padded = text + "=" * (-len(text) % 4)
                return f"Bearer {urlsafe_b64decode(padded).decode()}"
            except ValueError:
                return ""
    return ""


def token_of(authorization: str) -> str:
    """Give the token in an Authorization header."""
    return authorization.partition(" ")[2].strip()


def cors_headers(origin: str | None, settings: Settings) -> dict[str, str]:
    """Give the headers that let the page of an allowed origin read the answer."""
    allowed = settings.cors_origins
    if not allowed:
        return {}
    if origin is None or not {"*", origin} & set(allowed):
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Idempotency-Key, Last-Event-ID, "
        "Prefer, X-Request-ID",
        "Access-Control-Expose-Headers": "Location, Retry-After, Server-Timing, X-Request-ID",
        "Access-Control-Max-Age": str(_PREFLIGHT_SECONDS),
    }
