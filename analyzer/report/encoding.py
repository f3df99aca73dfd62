"""Pictures to an H.264 video in an MP4 that browsers play."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import IO, Final

import av

from analyzer.report.drawing import Picture

LONGEST_EDGE: Final = 1280
"""Pixels of the rendered picture's longer edge at most."""

TIME_BASE: Final = Fraction(1, 90_000)
"""Seconds of a tick of the rendered video's clock."""

CRF: Final = 23
"""Quality of the encoding: x264's default."""


@contextmanager
def encoding(
    out: Path | IO[bytes], width: int, height: int
) -> Iterator[Callable[[Picture, float], None]]:
    """Give what takes the pictures of a video, each with its time in seconds; it is whole after it.

    Args:
        out: the file to write.
        width, height: of the pictures, even.

    Raises:
        OSError: the file can't be written.
    """
    target = str(out) if isinstance(out, Path) else out
    options = {"movflags": "frag_keyframe+empty_moov"}
    with av.open(target, "w", format="mp4", options=options) as to:
        stream = to.add_stream("libx264", options={"crf": str(CRF), "preset": "veryfast"})
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        stream.time_base = stream.codec_context.time_base = TIME_BASE

        def take(picture: Picture, seconds: float) -> None:
            shown = av.VideoFrame.from_ndarray(picture, "rgb24")
            shown.pts = round(seconds / TIME_BASE)
            shown.time_base = TIME_BASE
            to.mux(stream.encode(shown))

        yield take
        to.mux(stream.encode(None))
    if not isinstance(out, Path):
        # Whoever is told that the video is there may read it at once, through another file.
        out.flush()


def scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    """Give the size of a picture at a scale: even, as the encoder takes it."""
    edges = (max(2, round(edge * scale / 2) * 2) for edge in (width, height))
    return next(edges), next(edges)
