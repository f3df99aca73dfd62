"""A file opened as a video: its stream, its packets and what a look through them tells.

FFmpeg (inside PyAV) is given no name of the file, and may open no other, because playlists and
concatenation scripts name some.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO, Final, TypeGuard

import av

# PyAV imports them with the first file that has subtitles, when no file may be opened any more.
import av.subtitles.codeccontext
import av.subtitles.stream
import av.subtitles.subtitle
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard, Disposition, Stream
from av.video.stream import VideoStream

from analyzer.errors import UndecodableError
from analyzer.frames.kinds import (
    CONTAINERS,
    HEAD,
    still_picture,
    why_a_still,
    why_not_a_video,
)
from analyzer.frames.reading import Reading
from analyzer.limits import Limits

MOST_FAILURES: Final = 64
"""Times in a row that reading on may fail before a damaged file counts as at its end."""

_PICTURES_OF_A_FILE: Final = (
    Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
)
_PREFERENCE_OF_DEFAULT: Final = 5_000_000
"""Pixels that being marked as the default is worth, as in FFmpeg's choice of a stream."""

_PICTURE_FORMATS: Final = {"gif": "GIF", "apng": "APNG"}
"""Formats that hold a sequence of pictures, or just one."""


@dataclass(frozen=True)
class Contents:
    """What the packets of a video tell before one is decoded."""

    stamps: list[float]
    """Seconds, of each picture to be shown, in the order of the file; those that have one."""
    pictures: int
    """How many packets have a picture to be shown."""
    whole: bool
    """Whether they are all that there are, and not just more than enough."""


def open_video(file: IO[bytes], limits: Limits) -> tuple[InputContainer, VideoStream]:
    """Find the video in a file, and leave all else in it aside.

    Args:
        file: which is read, and stays open.
        limits: of what is decoded.

    Raises:
        UndecodableError: there is none.
        OSError: the file can't be read.
    """
    head = Reading(file).read(HEAD)
    if still := still_picture(head):
        raise UndecodableError(why_a_still(still))
    container = _opened(file, limits)
    streams = [] if container is None else list(container.streams)
    videos = [stream for stream in streams if _is_video(stream)]
    if container is None or not videos:
        raise UndecodableError(why_not_a_video(head))
    chosen = max(videos, key=_preference)
    for stream in streams:
        if stream is not chosen:
            # Not even read: broken sound must not end the pictures.
            stream.discard = Discard.all
    chosen.thread_count = 1
    # Codecs want some room around a frame.
    chosen.codec_context.options = limits.decoder_options(times=2)
    return container, chosen


def packets(container: InputContainer, stream: Stream) -> "Iterator[av.Packet[Stream]]":
    """Give the packets of a stream that aren't empty, to the end of the file, past what can't be
    read."""
    failures = 0
    while failures < MOST_FAILURES:
        try:
            for packet in container.demux(stream):
                failures = 0
                # An empty one repeats the picture before, or is PyAV's mark of the end.
                if packet.size:
                    yield packet
        except av.MemoryError:
            raise
        except av.FFmpegError:
            failures += 1
        except IndexError:
            # At the end PyAV looks for streams that have turned up since it began, as in damaged
            # MPEG-TS, and has none.
            return
        else:
            return


def look_through(container: InputContainer, stream: VideoStream, limits: Limits) -> Contents:
    """Read all packets of a video without decoding any.

    Args:
        container: just opened; it is at its end afterwards.
        stream: the video in it.
        limits: pictures of which twice as many are enough to know.

    Raises:
        OverLimitError: there is more to be decoded beside what is shown than may be shown.
        UndecodableError: it is a still picture.
    """
    stamps: list[float] = []
    pictures = hidden = 0
    for packet in packets(container, stream):
        if packet.is_discard:
            hidden += 1
            limits.check_hidden(hidden)
        else:
            pictures += 1
            if pictures > 2 * limits.frames:
                return Contents(stamps, pictures, whole=False)
            stamp = packet.dts if packet.pts is None else packet.pts
            if stamp is not None:
                stamps.append(seconds(stamp, packet))
    name = _PICTURE_FORMATS.get(container.format.name)
    if name and pictures == 1:
        raise UndecodableError(why_a_still(name))
    return Contents(stamps, pictures, whole=True)


def open_sound(file: IO[bytes], limits: Limits) -> tuple[InputContainer, AudioStream] | None:
    """Find the sound of a video, and leave all else in the file aside; None where there is none.

    Args:
        file: which is read, and stays open.
        limits: of what is decoded.

    Raises:
        OSError: the file can't be read.
    """
    container = _opened(file, limits)
    if container is None or not container.streams.audio:
        return None
    sound = container.streams.audio[0]
    for stream in container.streams:
        if stream is not sound:
            stream.discard = Discard.all
    return container, sound


def sound_stamps(file: IO[bytes], limits: Limits, most: int | None = None) -> list[float]:
    """When there is sound in a file, in seconds, on the same clock as its pictures.

    Args:
        file: which is read, and stays open.
        limits: of what is decoded.
        most: packets that are looked at, if not all.
    """
    opened = open_sound(file, limits)
    if opened is None:
        return []
    container, sound = opened
    stamps: list[float] = []
    # A damaged packet of sound may claim any size: what comes before it counts.
    with container, suppress(MemoryError):
        stamps.extend(
            seconds(packet.pts, packet)
            for packet in islice(packets(container, sound), most)
            if packet.pts is not None
        )
    return stamps


def seconds(stamp: int, stamped: "av.Packet[Stream] | av.VideoFrame | av.AudioFrame") -> float:
    """Give a stamp of a packet or frame in seconds."""
    return stamp * float(stamped.time_base)


def _opened(file: IO[bytes], limits: Limits) -> InputContainer | None:
    """The file as a container; None where it is none that is read."""
    options = {"protocol_whitelist": "none", "format_whitelist": ",".join(CONTAINERS)}
    # A frame may have to be decoded to find out what a stream is, such as too large by some times.
    options |= limits.decoder_options(times=4)
    try:
        container: InputContainer = av.open(
            Reading(file), "r", options=options, metadata_errors="replace"
        )
    except av.MemoryError:
        raise
    except av.FFmpegError:
        return None
    return container


def _is_video(stream: Stream) -> TypeGuard[VideoStream]:
    """Whether it is a video that can be decoded, and no cover or thumbnail of one."""
    return (
        isinstance(stream, VideoStream)
        and stream.codec_context is not None
        and not stream.disposition & _PICTURES_OF_A_FILE
        and stream.codec_context.width > 0
        and stream.codec_context.height > 0
    )


def _preference(stream: VideoStream) -> tuple[bool, int]:
    """How likely it is that a player shows this video, as FFmpeg chooses."""
    preferred = _PREFERENCE_OF_DEFAULT if stream.disposition & Disposition.default else 0
    return stream.frames != 1, stream.width * stream.height + preferred
