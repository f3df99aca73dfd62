"""OpenCV imported with the settings that every use of it here depends on.

FFmpeg, inside OpenCV, is told which container formats it may recognise and that the file is all it
may open, because playlists and concatenation scripts name other files. It reads that when a video
is opened, and OpenCV's messages are silenced by a call: so both hold whoever imported cv2 first.
"""

import os
from typing import Final

import cv2
from cv2.utils.logging import setLogLevel

CONTAINERS: Final = (
    *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "gif"),
    *("mpegts", "mpeg", "mpegvideo", "flv", "asf", "ogg"),
)
"""FFmpeg's names of the container formats that are read: those that name no other file."""

_SILENT: Final = 0

os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = (
    f"protocol_whitelist;file|format_whitelist;{','.join(CONTAINERS)}"
)
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
setLogLevel(_SILENT)
cv2.setNumThreads(1)

__all__ = ["cv2"]
