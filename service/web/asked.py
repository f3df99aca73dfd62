"""What a request asks for, beside what is in its body."""

from typing import Final

from flask import request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from service.intake.options import Catalogue
from service.jobs.jobs import Jobs
from service.problems import Kind, Problem
from service.web.openapi import ACCEPTED

MAX_ACCEPT: Final = 1000
"""Characters of an Accept or Prefer header that are read."""

RESPOND_ASYNC: Final = "respond-async"


def wanted_type() -> str:
    """Give the media type of the answer, of those that there are."""
    # What comes after the first few types is not worth the time to read it.
    accepted = parse_accept_header(request.headers.get("Accept", "")[:MAX_ACCEPT], MIMEAccept)
    return accepted.best_match(list(ACCEPTED), "application/json") or "application/json"


def prefers_background() -> bool:
    """Whether it would rather be answered at once, and have its video analysed after it."""
    preferences = request.headers.get("Prefer", "")[:MAX_ACCEPT].split(",")
    return any(each.partition(";")[0].strip().lower() == RESPOND_ASYNC for each in preferences)


def query_fields() -> dict[str, str]:
    """Give the options in its query."""
    return {name: ",".join(values) for name, values in request.args.lists()}


def catalogue_of(jobs: Jobs) -> Catalogue:
    """Give the poses that there are.

    Raises:
        Problem: that is not known yet.
    """
    if not jobs.catalogue:
        raise Problem(Kind.STARTING, "The server is starting; send it again in a moment.", 1)
    return jobs.catalogue
