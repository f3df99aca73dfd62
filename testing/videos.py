"""Video files for tests, encoded with PyAV in whatever container and codec a test needs."""

import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.packet import Packet
from av.rational import AVRational
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray


def encode(
    path: Path,
    pictures: Iterable[NDArray[np.uint8]],
    codec: str,
    *,
    rate: int = 30,
    pixel_format: str = "yuv420p",
    times: Sequence[float] | None = None,
    options: Mapping[str, str] | None = None,
    aspect: Fraction | None = None,
    matrix: Sequence[int] | None = None,
    transfer: int | None = None,
) -> Path:
    """Write pictures (height, width, 3) BGR; at their own times in seconds if these are given.

    Args:
        path: of the file; its suffix decides the container.
        pictures: of one size.
        codec: FFmpeg's name of the encoder.
        rate: frames a second.
        pixel_format: FFmpeg's name of it.
        times: of the pictures.
        options: of the encoder.
        aspect: width of a pixel to its height.
        matrix: nine numbers of a display matrix, in FFmpeg's order.
        transfer: FFmpeg's number of a transfer characteristic.
    """
    with _at_usual_priority(), av.open(str(path), "w") as container:
        stream = None
        for number, picture in enumerate(pictures):
            if stream is None:
                stream = container.add_stream(codec, rate=rate, options=dict(options or {}))
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pixel_format
                # Threads of libvpx can wait for each other for ever where cores are busy.
                stream.thread_count = 1
                stream.codec_context.time_base = Fraction(1, rate if times is None else 1000)
                if aspect is not None:
                    stream.codec_context.sample_aspect_ratio = aspect
                if transfer is not None:
                    stream.codec_context.color_trc = transfer
                stream.set_display_matrix(matrix)
            frame = av.VideoFrame.from_ndarray(picture, "bgr24")
            frame.pts = number if times is None else round(times[number] * 1000)
            frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        assert stream is not None
        container.mux(stream.encode(None))
    return path


@contextmanager
def _at_usual_priority() -> Iterator[None]:
    """Undo what SVT-AV1 does to the thread that it is called in, where that is root's.

    It leaves it with the highest priority of real time, which whatever is started later inherits: a
    browser or a server then keeps a core from everybody else.
    """
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, priority)


def display_matrix(across: complex, down: complex) -> list[int]:
    """Say where the right (`across`) and the bottom (`down`) of a stored picture come to lie.

    Args:
        across: 1 for the right, -1 for the left, 1j for the bottom, -1j for the top.
        down: likewise.
    """
    one = 1 << 16
    a, b, c, d = (round(part * one) for part in (across.real, across.imag, down.real, down.imag))
    return [a, b, 0, c, d, 0, 0, 0, 1 << 30]


def remuxed(source: Path, path: Path, change: Callable[[int, "Packet[VideoStream]"], None]) -> Path:
    """Copy the packets of a video to another file, changed on the way.

    Args:
        source: the video.
        path: of the new file.
        change: is given the number of each packet, and the packet with stamps in milliseconds.
    """
    with av.open(str(source)) as original, av.open(str(path), "w") as copy:
        stream = original.streams.video[0]
        out = copy.add_stream_from_template(stream, opaque=True)
        for number, packet in enumerate(original.demux(stream)):
            if packet.size:
                packet.rescale_ts(AVRational(1, 1000))
                change(number, packet)
                packet.stream = out
                copy.mux_one(packet)
    return path


def with_subtitles(source: Path, path: Path) -> Path:
    """Copy a video to a Matroska file that has a track of subtitles, too."""
    with av.open(str(source)) as original, av.open(str(path), "w") as copy:
        stream = original.streams.video[0]
        out = copy.add_stream_from_template(stream, opaque=True)
        subtitles = copy.add_mux_stream("subrip")
        text = Packet(b"Left!")
        text.stream, text.time_base = subtitles, Fraction(1, 1000)
        text.pts = text.dts = 0
        text.duration = 500
        copy.mux_one(text)
        for packet in original.demux(stream):
            if packet.size:
                packet.stream = out
                copy.mux_one(packet)
    return path


def growing(path: Path, sizes: Sequence[tuple[int, int]]) -> Path:
    """Write an AVI file whose pictures have these widths and heights, and that tells the first."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        (stream.width, stream.height), stream.pix_fmt = sizes[0], "yuvj420p"
        for number, (width, height) in enumerate(sizes):
            _, picture = cv2.imencode(".jpg", np.full((height, width, 3), 90, np.uint8))
            packet = Packet(picture.tobytes())
            packet.stream = stream
            packet.time_base = Fraction(1, 25)
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            container.mux(packet)
    return path


def with_edits(path: Path, times: Sequence[int]) -> Path:
    """Have an MP4 file with its metadata at the end show, for a tick each, what is at these times.

    Args:
        path: of the file, with one track.
        times: in the track's own ticks.
    """
    content = path.read_bytes()
    place = content.rindex(b"moov") - 4
    shown = b"".join(struct.pack(">IIHH", 1, time, 1, 0) for time in times)
    edits = _box(b"edts", _box(b"elst", struct.pack(">II", 0, len(times)) + shown))
    parts = []
    for kind, part in _boxes(content[place + 8 :]):
        if kind == b"trak":
            kept = [_box(*each) for each in _boxes(part) if each[0] != b"edts"]
            parts.append(_box(kind, b"".join([kept[0], edits, *kept[1:]])))
        else:
            parts.append(_box(kind, part))
    path.write_bytes(content[:place] + _box(b"moov", b"".join(parts)))
    return path


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of an MP4 file, or of one of its boxes: the kind and content of each."""
    while content:
        size = int.from_bytes(content[:4], "big")
        yield content[4:8], content[8:size]
        content = content[size:]


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def with_cover_first(
    path: Path, pictures: Sequence[NDArray[np.uint8]], cover: NDArray[np.uint8]
) -> Path:
    """Write pictures (height, width, 3) BGR to an MP4 file, with a cover that is found first."""
    with av.open(str(path), "w") as container:
        film = container.add_stream("libx264", rate=25)
        film.height, film.width = pictures[0].shape[:2]
        front = container.add_stream("mjpeg", rate=1)
        front.height, front.width = cover.shape[:2]
        film.pix_fmt, front.pix_fmt = "yuv420p", "yuvj420p"
        front.disposition = Disposition.attached_pic
        for picture in pictures:
            container.mux(film.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(front.encode(av.VideoFrame.from_ndarray(cover, "bgr24")))
        for stream in (front, film):
            container.mux(stream.encode(None))
    # The cover is in the metadata, which come before the tracks in some files.
    content = path.read_bytes()
    place = content.index(b"moov") - 4
    size = int.from_bytes(content[place : place + 4], "big")
    boxes = sorted(
        _boxes(content[place + 8 : place + size]),
        key=lambda box: (b"mvhd", b"udta", b"trak").index(box[0]),
    )
    metadata = _box(b"moov", b"".join(_box(*each) for each in boxes))
    path.write_bytes(content[:place] + metadata + content[place + size :])
    return path
