"""What is answered to a request that waits for its job: the result, the events, or the video."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from socket import IPPROTO_TCP, TCP_INFO
from typing import IO, Final

import gevent
from flask import Response
from gevent.socket import wait_read

from service.connections.connection import Connection
from service.intake.uploads import Upload, pieces
from service.jobs.job import Job, Result, Work
from service.jobs.jobs import Jobs
from service.web.body import address_of_caller, received_upload
from service.web.delivery import Delivery
from service.web.every_request import connection
from service.web.openapi import MP4
from service.web.results import length_of, result_text, size_of
from service.web.streaming import stream

ESTABLISHED: Final = 1
"""The state of a connection (Linux, tcp_states.h) that its caller has not closed."""

LOOK_SECONDS: Final = 0.25
"""Pause between two looks at whether a caller is still there."""


def answered(
    jobs: Jobs,
    delivery: Delivery,
    work_of: Callable[[Upload, ExitStack], Work],
    wanted: str = "application/json",
    *,
    compared: bool = False,
) -> Response:
    """Receive the upload of the request of now, have it worked on, and answer what comes of it.

    Args:
        jobs: that let it in, and do the work.
        delivery: keeps count of who reads.
        work_of: gives the work, once the upload is there; what it opens is closed with the stack.
        wanted: the media type of the answer.
        compared: whether a reference has to come with the video.
    """
    caller, address = connection(), address_of_caller()
    with ExitStack() as stack:
        ticket = stack.enter_context(jobs.let_in(address))
        work = work_of(received_upload(jobs, stack, compared=compared), stack)
        stack.callback(delivery.end, caller)
        job = stack.enter_context(jobs.job(work, ticket))
        stack.enter_context(_abandoned_when_closed(caller, job))
        job.start(on_result=partial(delivery.begin, caller, address))
        if work.rendering:
            response = _rendered(job, work.rendering)
        elif work.prompt:
            response = Response(stream(job, wanted), mimetype=wanted)
        else:
            response = _plain(job)
        response.response = delivery.sent(caller, response.iter_encoded())
        # What is still to be sent needs the files.
        response.call_on_close(stack.pop_all().close)
        return response


def _plain(job: Job) -> Response:
    """The answer alone, when it is there."""
    result = deque(job.events(), maxlen=1).pop()
    assert isinstance(result, Result)
    text: Iterable[bytes] = chain(result_text(result), (b"\n",))
    response = Response(text, mimetype="application/json")
    if result.timing:
        response.headers["Server-Timing"] = ", ".join(
            f"{name};dur={seconds * 1000:.1f}" for name, seconds in result.timing.items()
        )
    response.content_length = length_of(result)
    return response


def _rendered(job: Job, rendering: IO[bytes]) -> Response:
    """The annotated video, when it is there."""
    deque(job.events(), maxlen=0)
    response = Response(pieces(rendering), mimetype=MP4)
    response.content_length = size_of(rendering)
    return response


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
