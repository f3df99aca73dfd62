"""What every request has: an id, a caller, a connection, and a line of the log."""

import time
from typing import Final, cast

from flask import Flask, Response, g, request

from service.connections.connection import Connection
from service.runtime import logs
from service.runtime.metrics import Metrics
from service.runtime.settings import Settings
from service.web.access import HEADERS, check_token, cors_headers, token_in

OPEN_TO_ALL: Final = frozenset(("health", "page", "static"))
"""Endpoints that want no token."""


def add_to(app: Flask, settings: Settings, metrics: Metrics) -> None:
    """Have every request identified, checked, counted and logged."""

    @app.before_request
    def begin() -> None:
        g.start = time.monotonic()
        g.received = False
        headers = request.headers
        logs.request_id.set(
            logs.usable_id(headers.get("X-Request-ID", ""), headers.get("X-Amzn-Trace-Id", ""))
        )
        if request.endpoint not in OPEN_TO_ALL and request.method != "OPTIONS":
            authorization = headers.get("Authorization", "")
            if request.endpoint == "dance":
                authorization = authorization or token_in(headers.get("Sec-WebSocket-Protocol", ""))
            check_token(authorization, settings)

    @app.after_request
    def finish(response: Response) -> Response:
        has_body = request.content_length or "Transfer-Encoding" in request.headers
        if has_body and not g.received:
            connection().refuse_body()
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.update(cors_headers(request.headers.get("Origin"), settings))
        response.headers["X-Request-ID"] = logs.request_id.get()
        # A file that gunicorn sends past the response would not tell when it is sent.
        response.direct_passthrough = False
        if request.endpoint != "health":
            route = request.url_rule.rule if request.url_rule else "other"
            metrics.requests.labels(route, response.status_code).inc()
            _log_when_sent(response)
        return response


def connection() -> Connection:
    """Give the connection of the request of now."""
    return cast(Connection, request.environ["gunicorn.socket"])


def _log_when_sent(response: Response) -> None:
    start, status = g.start, response.status_code
    method, path, length = request.method, request.path, request.content_length

    def write() -> None:
        logs.write(
            "request",
            method=method,
            path=path,
            status=status,
            bytes=length,
            seconds=round(time.monotonic() - start, 3),
        )

    response.call_on_close(write)
