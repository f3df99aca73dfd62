"""A picture that a live caller sends."""

import numpy as np
from numpy.typing import NDArray

from analyzer.errors import OverLimitError, UndecodableError
from analyzer.frames.opencv import cv2
from analyzer.limits import LONGEST_SIDE, Limits, is_picture

UNREADABLE = "The picture can't be read; send JPEG or WebP."


def picture_of(content: bytes, limits: Limits) -> NDArray[np.uint8]:
    """Decode a JPEG or WebP file.

    Args:
        content: of the file.
        limits: what its size may be.

    Returns:
        (height, width, 3) RGB, upright as its EXIF orientation says, read-only.

    Raises:
        UndecodableError: it is none, or is damaged.
        OverLimitError: it is too large, by its head: so it is not decoded.
    """
    size = size_in(content) if is_picture(content) else None
    if size is None:
        raise UndecodableError(UNREADABLE)
    width, height = size
    if width * height > limits.pixels or max(size) > LONGEST_SIDE:
        raise OverLimitError(
            f"The picture is {width} x {height} pixels; at most {limits.pixels} in all are looked "
            "at, so send smaller ones."
        )
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise UndecodableError(UNREADABLE)
    picture = np.asarray(pixels, np.uint8)
    picture.flags.writeable = False
    return picture


def size_in(content: bytes) -> tuple[int, int] | None:
    """Give the width and height that the head of a JPEG or WebP file tells, if it does.

    JPEG: ITU-T T.81, B.2.2, the frame header. WebP: RFC 9649, 2.5 to 2.7.
    """
    match content[12:16]:
        case b"VP8X":
            wide, high = content[24:27], content[27:30]
            return int.from_bytes(wide, "little") + 1, int.from_bytes(high, "little") + 1
        case b"VP8L":
            bits = int.from_bytes(content[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            wide, high = content[26:28], content[28:30]
            return int.from_bytes(wide, "little") & 0x3FFF, int.from_bytes(high, "little") & 0x3FFF
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            high, wide = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return int.from_bytes(wide, "big"), int.from_bytes(high, "big")
        # 0xFF may stand before a marker any number of times.
        place += 1 if marker == 0xFF else 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return None
