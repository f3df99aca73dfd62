"""POST /analyze: a video in; the poses in it out, or the events on the way, or the video drawn."""

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from socket import IPPROTO_TCP, TCP_INFO
from typing import IO, Final

import gevent
from flask import Flask, Response, g, request
from gevent.socket import wait_read
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from service.connections.connection import Connection
from service.connections.places import caller_of
from service.intake.options import Catalogue, Options, options_of
from service.intake.uploads import check_length, file_without_name, pieces, received
from service.jobs.job import Job, Result, Work
from service.jobs.jobs import Jobs
from service.problems import Kind, Problem
from service.runtime import logs
from service.web.delivery import Delivery
from service.web.every_request import connection
from service.web.openapi import ACCEPTED, MP4
from service.web.streaming import NDJSON, SERVER_SENT, stream

ESTABLISHED: Final = 1
"""The state of a connection (Linux, tcp_states.h) that its caller has not closed."""

LOOK_SECONDS: Final = 0.25
"""Pause between two looks at whether a caller is still there."""

MAX_ACCEPT: Final = 1000
"""Characters of an Accept header that are read."""


def add_to(app: Flask, jobs: Jobs) -> None:
    """Add the route."""
    delivery = Delivery()

    @app.post("/analyze")
    def analyze() -> Response:
        settings = jobs.settings
        check_length(request.content_length, settings)
        query = {name: ",".join(values) for name, values in request.args.lists()}
        if query:
            options_of(query, catalogue_of(jobs))
        wanted = _wanted()
        caller, address = connection(), caller_of(request.remote_addr or "")
        with ExitStack() as stack:
            ticket = stack.enter_context(jobs.let_in(address))
            with jobs.arrivals.arriving(caller, address, request.content_length) as room:
                caller.welcome_body()
                upload = stack.enter_context(
                    received(request.stream.read, request.content_type or "", room, settings)
                )
            g.received = True
            jobs.metrics.upload_bytes.inc(upload.size)
            fields = query | upload.fields
            work = Work(
                upload.file,
                upload.size,
                options_of(fields, catalogue_of(jobs)) if fields else Options(),
                logs.request_id.get(),
                g.start,
                stack.enter_context(file_without_name(settings)) if wanted == MP4 else None,
                prompt=wanted in (NDJSON, SERVER_SENT),
            )
            stack.callback(delivery.end, caller)
            job = stack.enter_context(jobs.job(work, ticket))
            stack.enter_context(_abandoned_when_closed(caller, job))
            job.start(on_result=partial(delivery.begin, caller, address))
            if work.rendering:
                response = _rendered(job, work.rendering)
            elif work.prompt:
                response = Response(stream(job, _result_text, wanted), mimetype=wanted)
            else:
                response = _plain(job)
            response.response = delivery.sent(caller, response.iter_encoded())
            # What is still to be sent needs the files.
            response.call_on_close(stack.pop_all().close)
            return response


def catalogue_of(jobs: Jobs) -> Catalogue:
    """Give the poses that there are.

    Raises:
        Problem: that is not known yet.
    """
    if not jobs.catalogue:
        raise Problem(Kind.STARTING, "The server is starting; send it again in a moment.", 1)
    return jobs.catalogue


def _wanted() -> str:
    """The media type of the answer, of those that there are."""
    # What comes after the first few types is not worth the time to read it.
    accepted = parse_accept_header(request.headers.get("Accept", "")[:MAX_ACCEPT], MIMEAccept)
    return accepted.best_match(list(ACCEPTED), "application/json") or "application/json"


def _plain(job: Job) -> Response:
    """The answer alone, when it is there."""
    result = deque(job.events(), maxlen=1).pop()
    assert isinstance(result, Result)
    text: Iterable[bytes] = chain(_result_text(result), (b"\n",))
    response = Response(text, mimetype="application/json")
    if result.timing:
        response.headers["Server-Timing"] = ", ".join(
            f"{name};dur={seconds * 1000:.1f}" for name, seconds in result.timing.items()
        )
    response.content_length = _size(result.answer) + len(_last(result))
    return response


def _rendered(job: Job, rendering: IO[bytes]) -> Response:
    """The annotated video, when it is there."""
    deque(job.events(), maxlen=0)
    response = Response(pieces(rendering), mimetype=MP4)
    response.content_length = _size(rendering)
    return response


def _result_text(result: Result) -> Iterator[bytes]:
    """The text of a result, with its times; it can be large, and is not read here."""
    yield from pieces(result.answer, end=_size(result.answer) - len("}"))
    yield _last(result)


def _last(result: Result) -> bytes:
    """The end of a result's text: the times, which only the server knows in full."""
    return f', "timing": {json.dumps(result.timing)}}}'.encode() if result.timing else b"}"


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


@contextmanager
def _abandoned_when_closed(caller: Connection, job: Job) -> Iterator[None]:
    """Abandon the job when its caller closes the connection."""
    watcher = gevent.spawn(_watch, caller, job)
    try:
        yield
    finally:
        watcher.kill()


def _watch(caller: Connection, job: Job) -> None:
    wait_read(caller.fileno())
    # That is the end, or more to read before it, which stays unread: then the system is asked.
    while caller.getsockopt(IPPROTO_TCP, TCP_INFO, 1)[0] == ESTABLISHED:
        gevent.sleep(LOOK_SECONDS)
    job.abandon()
