"""What can go wrong with a request: each kind once, with its status and what to do."""

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Final

from gunicorn.http.errors import ParseException

MEDIA_TYPE: Final = "application/problem+json"

LONGEST_REASON: Final = 200
"""Characters of what a parser says of a request, which can repeat any part of it."""


class Kind(Enum):
    """A kind of problem: its status, and what the caller can do."""

    BAD_FORM = (HTTPStatus.BAD_REQUEST, "Send the video as multipart/form-data, field `video`.")
    BAD_OPTION = (HTTPStatus.BAD_REQUEST, "Use the values that the answer names.")
    EMPTY_FILE = (HTTPStatus.BAD_REQUEST, "Send a video file that has content.")
    UNAUTHORIZED = (HTTPStatus.UNAUTHORIZED, "Send `Authorization: Bearer` with a valid token.")
    FOREIGN_PAGE = (
        HTTPStatus.FORBIDDEN,
        "Open it from a page of the service, or have its origin added to CORS_ORIGINS.",
    )
    NOT_FOUND = (HTTPStatus.NOT_FOUND, "Use a path that exists.")
    NOT_DONE = (HTTPStatus.CONFLICT, "Ask again when the analysis is done.")
    METHOD_NOT_ALLOWED = (HTTPStatus.METHOD_NOT_ALLOWED, "Use a method that the path has.")
    UPLOAD_TOO_SLOW = (HTTPStatus.REQUEST_TIMEOUT, "Send it again over a faster connection.")
    UPLOAD_TOO_LARGE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Send a smaller or shorter video.")
    UNDECODABLE = (
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Send a video that plays in a video player, such as H.264 in an MP4 file.",
    )
    OVER_LIMIT = (HTTPStatus.UNPROCESSABLE_ENTITY, "Send a smaller or shorter video.")
    NOT_SHOWN = (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Name a time at which the dancer holds the pose.",
    )
    TOO_MUCH_MEMORY = (HTTPStatus.UNPROCESSABLE_ENTITY, "Send the video at a lower resolution.")
    BAD_REQUEST = (HTTPStatus.BAD_REQUEST, "Send a well-formed request.")
    TOO_FAST = (HTTPStatus.TOO_MANY_REQUESTS, "Send fewer frames a second.")
    SESSION_OVER = (HTTPStatus.REQUEST_TIMEOUT, "Open another live session.")
    CRASHED = (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Send another version of the video; if it happens again, report it.",
    )
    INTERNAL = (HTTPStatus.INTERNAL_SERVER_ERROR, "Send it again; if it happens again, report it.")
    BUSY = (HTTPStatus.SERVICE_UNAVAILABLE, "Send it again after the seconds in Retry-After.")
    STARTING = (HTTPStatus.SERVICE_UNAVAILABLE, "Send it again in a second.")
    BACKGROUND_DOWN = (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Ask again after the seconds in Retry-After.",
    )
    STOPPING = (HTTPStatus.SERVICE_UNAVAILABLE, "Send it again; another server takes it.")
    NO_ROOM = (HTTPStatus.INSUFFICIENT_STORAGE, "Send it again after the seconds in Retry-After.")
    DEADLINE = (HTTPStatus.GATEWAY_TIMEOUT, "Send it again, or a smaller video.")

    def __init__(self, status: HTTPStatus, advice: str) -> None:
        self.status = status
        self.advice = advice

    @classmethod
    def of(cls, slug: str) -> "Kind":
        """Give the kind of a slug, which is also that of analyzer.errors.

        Raises:
            KeyError: there is none.
        """
        return cls[slug.replace("-", "_").upper()]

    @property
    def slug(self) -> str:
        """The kind's name in answers, such as upload-too-large."""
        return self.name.lower().replace("_", "-")


@dataclass
class Problem(Exception):  # noqa: N818  (RFC 9457 calls it so)
    """A request that can't be answered as asked; detail is one sentence for the caller."""

    kind: Kind
    detail: str
    retry_after: int | None = None
    """Seconds after which it is worth trying again."""

    def body(self) -> dict[str, object]:
        """Give the fields of application/problem+json (RFC 9457), and `error`."""
        return {
            "type": f"/docs#{self.kind.slug}",
            "title": self.kind.slug.replace("-", " ").capitalize(),
            "status": int(self.kind.status),
            "detail": self.detail,
            "error": self.detail,
        }


def malformed(error: ParseException) -> Problem:
    """Give the problem of a request that is no HTTP."""
    reason = " ".join(str(error).split()).rstrip(".")[:LONGEST_REASON]
    return Problem(Kind.BAD_REQUEST, f"This is no well-formed HTTP request: {reason}.")


def stopped() -> Problem:
    """Give the problem of a request that the server's stop comes before."""
    return Problem(Kind.STOPPING, "The server stopped before the video was done; send it again.", 1)


def mistake() -> Problem:
    """Give the problem of a request that fails by a mistake of ours, which is logged."""
    return Problem(
        Kind.INTERNAL, "The server made a mistake; it is logged. Send the request again."
    )
