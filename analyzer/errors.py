"""Why a video can't be analysed, each kind once; the text is one sentence for who sent it."""

from typing import ClassVar


class VideoError(Exception):
    """The video can't be analysed."""

    kind: ClassVar[str]
    """What is wrong, in a word that others can tell it by."""


class UndecodableError(VideoError):
    """The file is no video, or nothing in it decodes."""

    kind = "undecodable"


class OverLimitError(VideoError):
    """The video, or what is made of it, is larger, longer or wider than the limits allow."""

    kind = "over-limit"


class TooMuchMemoryError(VideoError):
    """The analysis needs more memory than it may take."""

    kind = "too-much-memory"


class NoRoomError(VideoError):
    """There is no room on the disk for what was found."""

    kind = "no-room"


class NotShownError(VideoError):
    """At the time that is named nobody holds a pose in the video."""

    kind = "not-shown"
