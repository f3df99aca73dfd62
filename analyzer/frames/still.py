"""A picture that a live caller sends."""

import numpy as np
from numpy.typing import NDArray

from analyzer.errors import UndecodableError
from analyzer.frames.opencv import cv2
from analyzer.limits import Limits, is_picture


def picture_of(content: bytes, limits: Limits) -> NDArray[np.uint8]:
    """Decode a JPEG or WebP file.

    Args:
        content: of the file.
        limits: what its size may be.

    Returns:
        (height, width, 3) RGB, upright as its EXIF orientation says, read-only.

    Raises:
        UndecodableError: it is none, or is damaged.
        OverLimitError: it is too large.
    """
    pixels = None
    if is_picture(content):
        try:
            pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
        except cv2.error:
            # It wants more memory than there is, or than OpenCV lets a picture have.
            pixels = None
    if pixels is None:
        raise UndecodableError("The picture can't be read; send JPEG or WebP, and a smaller one.")
    limits.check_size(pixels.shape[1], pixels.shape[0])
    picture = np.asarray(pixels, np.uint8)
    picture.flags.writeable = False
    return picture
