"""What goes wrong, as application/problem+json (RFC 9457)."""

from http import HTTPStatus
from typing import Final

from flask import Flask, Response, jsonify, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing.exceptions import WebsocketMismatch
from wsproto.utilities import RemoteProtocolError

from service.jobs.job import AbandonedError
from service.problems import MEDIA_TYPE, Kind, Problem, malformed, mistake

CLIENT_CLOSED_REQUEST: Final = 499
"""The status that logs show for a caller who hung up; nobody receives it."""


def add_to(app: Flask) -> None:
    """Have everything that goes wrong answered with a problem."""

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

    @app.errorhandler(RemoteProtocolError)
    def no_handshake(error: RemoteProtocolError) -> Response:
        sentence = f"This is no well-formed handshake of a WebSocket: {error}."
        return problem(Problem(Kind.BAD_REQUEST, sentence))

    @app.errorhandler(HTTPException)
    def http_problem(error: HTTPException) -> Response:
        response = problem(_problem_of(error))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(AbandonedError)
    def abandoned(_error: AbandonedError) -> Response:
        return Response(status=CLIENT_CLOSED_REQUEST)


def _problem_of(error: HTTPException) -> Problem:
    if isinstance(error, WebsocketMismatch):
        return Problem(
            Kind.BAD_REQUEST, f"{request.path} is a WebSocket; open it with ws:// or wss://."
        )
    match error.code:
        case HTTPStatus.NOT_FOUND:
            sentence = f"There is nothing at {request.path}; send a video with POST to /analyze."
            return Problem(Kind.NOT_FOUND, sentence)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            sentence = f"{request.path} doesn't take {request.method}; use what Allow names."
            return Problem(Kind.METHOD_NOT_ALLOWED, sentence)
    if error.code is not None and error.code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Problem(Kind.BAD_REQUEST, f"The request can't be used: {error.description}")
    return mistake()
