"""The Flask application: its routes, HTTP in, HTTP out."""

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from itertools import chain
from socket import IPPROTO_TCP, TCP_INFO
from typing import IO, Any

import gevent
from flask import Flask, Request, Response, g, jsonify, request
from gevent.socket import wait_read
from gunicorn.http.errors import ParseException
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import parse_accept_header
from werkzeug.middleware.proxy_fix import ProxyFix

from service.connections.connection import Connection
from service.connections.places import caller_of
from service.intake.options import Options, options_of
from service.intake.uploads import check_length, file_without_name, pieces, received
from service.jobs import HungUpError, Job, Jobs, Work
from service.problems import MEDIA_TYPE, Kind, Problem, malformed, mistake
from service.runtime import logs
from service.runtime.metrics import CONTENT_TYPE_LATEST, Metrics
from service.runtime.settings import Settings, settings_of_start
from service.web import openapi
from service.web.access import HEADERS, check_token, cors_headers
from service.web.delivery import Delivery
from service.web.streaming import NDJSON, SERVER_SENT, lines

CLIENT_CLOSED_REQUEST = 499
"""The status that logs show for a caller who hung up; nobody receives it."""

ESTABLISHED = 1
"""The state of a connection (Linux, tcp_states.h) that its caller has not closed."""

LOOK_SECONDS = 0.25
"""Pause between two looks at whether a caller is still there."""

Sending = Callable[[Iterable[bytes]], Iterator[bytes]]
"""What gives the pieces of an answer as they are sent."""

MAX_ACCEPT = 1000
"""Characters of an Accept header that are read."""


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application.

    Raises:
        SettingError: the environment has a setting that can't be used.
    """
    settings = settings or settings_of_start()
    metrics = Metrics(settings.analyses)
    jobs = Jobs(settings, metrics)
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["jobs"] = jobs
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    _add_analysis(app, jobs)
    _add_pages(app, jobs)
    _add_errors(app)

    @app.before_request
    def admit() -> None:
        g.start = time.monotonic()
        headers = request.headers
        g.request_id = logs.request_id(
            headers.get("X-Request-ID", ""), headers.get("X-Amzn-Trace-Id", "")
        )
        jobs.start()
        if request.endpoint != "health" and request.method != "OPTIONS":
            check_token(headers.get("Authorization", ""), settings)

    @app.after_request
    def finish(response: Response) -> Response:
        has_body = request.content_length or "Transfer-Encoding" in request.headers
        if has_body and "received" not in g:
            _connection().refuse_body()
        response.headers.update(HEADERS)
        response.headers.update(cors_headers(request.headers.get("Origin"), settings))
        response.headers["X-Request-ID"] = g.request_id
        if request.endpoint != "health":
            route = request.url_rule.rule if request.url_rule else "other"
            metrics.requests.labels(route, response.status_code).inc()
            response.call_on_close(_request_logged(response.status_code))
        return response

    return app


def _add_analysis(app: Flask, jobs: Jobs) -> None:
    delivery = Delivery()

    @app.post("/analyze")
    def analyze() -> Response:
        check_length(request.content_length, jobs.settings)
        query = {name: ",".join(values) for name, values in request.args.lists()}
        if query:
            options_of(query, _catalogue(jobs))
        wanted = _wanted(request)
        with ExitStack() as stack:
            address = caller_of(request.remote_addr or "")
            job = stack.enter_context(jobs.admitted(address))
            connection = _connection()
            with jobs.intake.arriving(connection, address):
                connection.welcome_body()
                upload = stack.enter_context(
                    received(request.stream.read, request.content_type or "", jobs.settings)
                )
            g.received = True
            jobs.metrics.upload_bytes.inc(upload.size)
            fields = query | upload.fields
            options = options_of(fields, _catalogue(jobs)) if fields else Options()
            video = wanted == openapi.MP4
            rendering = stack.enter_context(file_without_name(jobs.settings)) if video else None
            stack.callback(delivery.end, connection)
            # The files that it works on are still there when it is ended.
            stack.callback(job.end)
            stack.enter_context(_hang_up_noticed(job))
            ready = partial(delivery.begin, connection, address)
            sent = partial(delivery.sent, connection)
            work = Work(upload.file, upload.size, options, g.request_id, g.start, rendering)
            if rendering:
                job.start(work, ready)
                response = _rendered(job.events(), rendering, sent)
            elif wanted in (NDJSON, SERVER_SENT):
                job.start(replace(work, prompt=True), ready)
                told = lines(job.events(), lambda event: sent(_result(event)), wanted)
                response = Response(told, mimetype=wanted)
            else:
                job.start(work, ready)
                response = _plain(job.events(), sent)
            # What is still to be sent needs the files.
            response.call_on_close(stack.pop_all().close)
            return response


def _wanted(request: Request) -> str:
    """The media type of the answer, of those that there are."""
    # What comes after the first few types is not worth the time to read it.
    accepted = parse_accept_header(request.headers.get("Accept", "")[:MAX_ACCEPT], MIMEAccept)
    return accepted.best_match(list(openapi.ACCEPTED), "application/json") or "application/json"


def _plain(told: Iterator[dict[str, Any]], sent: Sending) -> Response:
    """The answer alone, when it is there."""
    event = deque(told, maxlen=1).pop()
    response = Response(sent(chain(_result(event), (b"\n",))), mimetype="application/json")
    if event["timing"]:
        response.headers["Server-Timing"] = ", ".join(
            f"{name};dur={seconds * 1000:.1f}" for name, seconds in event["timing"].items()
        )
    response.content_length = os.fstat(event["answer"].fileno()).st_size + len(_last(event))
    return response


def _result(event: dict[str, Any]) -> Iterator[bytes]:
    """The text of a result, with the times of its event; it can be large, and is not read here."""
    answer = event["answer"]
    yield from pieces(answer, end=os.fstat(answer.fileno()).st_size - len("}"))
    yield _last(event)


def _last(event: dict[str, Any]) -> bytes:
    """The end of a result's text: the times, which only the server knows in full."""
    timing = event["timing"]
    return f', "timing": {json.dumps(timing)}}}'.encode() if timing else b"}"


def _rendered(told: Iterator[dict[str, Any]], rendering: IO[bytes], sent: Sending) -> Response:
    """The annotated video, when it is there."""
    deque(told, maxlen=0)
    response = Response(sent(pieces(rendering)), mimetype=openapi.MP4)
    response.content_length = os.fstat(rendering.fileno()).st_size
    return response


def _add_pages(app: Flask, jobs: Jobs) -> None:
    @app.get("/poses")
    def poses() -> Response:
        return jsonify(poses=_catalogue(jobs))

    @app.get("/health")
    def health() -> tuple[Response, int]:
        trouble = {"lost_log_lines": lost} if (lost := logs.lost()) else {}
        if jobs.healthy:
            return jsonify(status="healthy", **trouble), 200
        return jsonify(status="unhealthy", **trouble), 503

    @app.get("/metrics")
    def figures() -> Response:
        return Response(jobs.metrics.text(), content_type=CONTENT_TYPE_LATEST)

    @app.get("/openapi.json")
    def description() -> Response:
        return jsonify(openapi.description())

    @app.get("/docs")
    def docs() -> Response:
        return Response(openapi.page(), mimetype="text/html")


def _add_errors(app: Flask) -> None:
    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        response = jsonify(error.body())
        response.status_code = error.kind.status
        response.mimetype = MEDIA_TYPE
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        if error.kind is Kind.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.errorhandler(ParseException)
    def bad_request(error: ParseException) -> Response:
        return problem(malformed(error))

    @app.errorhandler(HTTPException)
    def http_problem(error: HTTPException) -> Response:
        response = problem(_problem_of(error))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(HungUpError)
    def hung_up(_error: HungUpError) -> Response:
        return Response(status=CLIENT_CLOSED_REQUEST)


def _catalogue(jobs: Jobs) -> Any:
    if not jobs.catalogue:
        raise Problem(Kind.STARTING, "The server is starting; send it again in a moment.", 1)
    return jobs.catalogue


def _request_logged(status: int) -> Any:
    """A function that logs the request of now, for when its answer has been sent."""
    start, request_id = g.start, g.request_id
    method, path, length = request.method, request.path, request.content_length

    def write() -> None:
        logs.write(
            "request",
            request_id=request_id,
            method=method,
            path=path,
            status=status,
            bytes=length,
            seconds=round(time.monotonic() - start, 3),
        )

    return write


def _connection() -> Connection:
    """The connection of the request of now."""
    connection: Connection = request.environ["gunicorn.socket"]
    return connection


@contextmanager
def _hang_up_noticed(job: Job) -> Iterator[None]:
    """Tell the job when its caller closes the connection."""
    watcher = gevent.spawn(_tell_when_closed, _connection(), job)
    try:
        yield
    finally:
        watcher.kill()


def _tell_when_closed(connection: Any, job: Job) -> None:
    wait_read(connection.fileno())
    # That is the end, or more to read before it, which stays unread: then the system is asked.
    while connection.getsockopt(IPPROTO_TCP, TCP_INFO, 1)[0] == ESTABLISHED:
        gevent.sleep(LOOK_SECONDS)
    job.hung_up()


def _problem_of(error: HTTPException) -> Problem:
    match error.code:
        case HTTPStatus.NOT_FOUND:
            sentence = f"There is nothing at {request.path}; send a video with POST to /analyze."
            return Problem(Kind.NOT_FOUND, sentence)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            sentence = f"{request.path} doesn't take {request.method}; use what Allow names."
            return Problem(Kind.METHOD_NOT_ALLOWED, sentence)
        case HTTPStatus.BAD_REQUEST:
            return Problem(Kind.BAD_REQUEST, f"The request can't be used: {error.description}")
    return mistake()


app = create_app()
