"""Video files for tests, encoded with PyAV in whatever container and codec a test needs."""

import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


def encode(
    path: Path,
    pictures: Iterable[NDArray[np.uint8]],
    codec: str,
    *,
    rate: int = 30,
    pixel_format: str = "yuv420p",
    times: Sequence[float] | None = None,
) -> Path:
    """Write pictures (height, width, 3) BGR; at their own times in seconds if these are given."""
    with av.open(str(path), "w") as container:
        stream = None
        for number, picture in enumerate(pictures):
            if stream is None:
                stream = container.add_stream(codec, rate=rate)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pixel_format
                stream.codec_context.time_base = Fraction(1, rate if times is None else 1000)
            frame = av.VideoFrame.from_ndarray(picture, "bgr24")
            frame.pts = number if times is None else round(times[number] * 1000)
            frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        assert stream is not None
        container.mux(stream.encode(None))
    return path


def tag_rotation(path: Path, degrees: int) -> None:
    """Have an MP4 file say that its pictures are to be turned clockwise by so much."""
    one = 1 << 16
    cosine, sine = {0: (one, 0), 90: (0, one), 180: (-one, 0), 270: (0, -one)}[degrees]
    content = bytearray(path.read_bytes())
    # The matrix follows 40 bytes after the version field of the track header, version 0.
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 36] = struct.pack(
        ">9i", cosine, sine, 0, -sine, cosine, 0, 0, 0, 1 << 30
    )
    path.write_bytes(content)
