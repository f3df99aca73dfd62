"""The Flask application: its routes, HTTP in, HTTP out."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from socket import MSG_PEEK
from typing import Any

import gevent
from flask import Flask, Request, Response, g, jsonify, request
from gevent.socket import wait_read
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from service.jobs import HungUpError, Job, Jobs
from service.problems import MEDIA_TYPE, Kind, Problem
from service.settings import Settings
from service.uploads import check_length, received

CLIENT_CLOSED_REQUEST = 499
"""The status that logs show for a caller who hung up; nobody receives it."""

UNREAD = "service.unread"
"""Set in the environment of a request whose body was not read to its end."""

KINDS = {400: Kind.BAD_REQUEST, 404: Kind.NOT_FOUND, 405: Kind.METHOD_NOT_ALLOWED}
"""What the exceptions of Flask are to a caller; others are an internal error."""


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application.

    Raises:
        SettingError: the environment has a setting that can't be used.
    """
    settings = settings or Settings.from_environment(os.environ)
    jobs = Jobs(settings)
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["jobs"] = jobs

    @app.post("/analyze")
    def analyze() -> Response:
        check_length(request.content_length, settings)
        with (
            jobs.admitted() as job,
            received(request.stream.read, request.content_type or "", settings) as upload,
            _hang_up_noticed(job, request),
        ):
            g.received = True
            *_, result = job.events(upload)
        return jsonify(result["result"])

    @app.get("/health")
    def health() -> tuple[Response, int]:
        jobs.start()
        if jobs.healthy:
            return jsonify(status="healthy"), 200
        return jsonify(status="unhealthy"), 503

    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        response = jsonify(error.body())
        response.status_code = error.kind.status
        response.mimetype = MEDIA_TYPE
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        has_body = request.content_length or "chunked" in request.headers.get(
            "Transfer-Encoding", ""
        )
        request.environ[UNREAD] = has_body and "received" not in g
        return response

    @app.errorhandler(HTTPException)
    def http_problem(error: HTTPException) -> Response:
        kind = KINDS.get(error.code or 500, Kind.INTERNAL)
        response = problem(Problem(kind, _sentence(kind, error)))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(HungUpError)
    def hung_up(_error: HungUpError) -> Response:
        return Response(status=CLIENT_CLOSED_REQUEST)

    return app


@contextmanager
def _hang_up_noticed(job: Job, request: Request) -> Iterator[None]:
    """Tell the job when its caller closes the connection; only a real server's caller can."""
    connection = request.environ.get("gunicorn.socket")
    if connection is None:
        yield
        return
    watcher = gevent.spawn(_tell_when_closed, connection, job)
    try:
        yield
    finally:
        watcher.kill()


def _tell_when_closed(connection: Any, job: Job) -> None:
    wait_read(connection.fileno())
    try:
        closed = not connection.recv(1, MSG_PEEK)
    except ConnectionError:
        closed = True
    if closed:
        job.hung_up()


def _sentence(kind: Kind, error: HTTPException) -> str:
    match kind:
        case Kind.NOT_FOUND:
            return f"There is nothing at {request.path}; send a video with POST to /analyze."
        case Kind.METHOD_NOT_ALLOWED:
            return f"{request.path} doesn't take {request.method}; use what the Allow header names."
        case Kind.BAD_REQUEST:
            return f"The request is not well-formed: {error.description}"
    return "The server made a mistake; it is logged. Send the request again."


app = create_app()
