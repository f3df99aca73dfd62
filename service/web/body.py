"""The body of a request: the video, and the fields with it."""

from contextlib import ExitStack

from flask import g, request

from service.connections.places import caller_of
from service.intake.uploads import Upload, received
from service.jobs.jobs import Jobs
from service.web.every_request import connection


def address_of_caller() -> str:
    """Give what stands for the caller of the request of now."""
    return caller_of(request.remote_addr or "")


def received_upload(jobs: Jobs, stack: ExitStack, *, compared: bool = False) -> Upload:
    """Receive the upload of the request of now; its files are gone when the stack is closed.

    Args:
        jobs: with the limits, and what arrives.
        stack: what is open until it is closed.
        compared: whether a reference has to come with the video.

    Raises:
        Problem: it can't be had.
    """
    caller = connection()
    with jobs.arrivals.arriving(caller, address_of_caller(), request.content_length) as room:
        caller.welcome_body()
        content_type = request.content_type or ""
        upload = stack.enter_context(
            received(request.stream.read, content_type, room, jobs.settings, compared=compared)
        )
    g.received = True
    jobs.metrics.upload_bytes.inc(upload.size)
    return upload
