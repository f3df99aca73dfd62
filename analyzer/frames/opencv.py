"""OpenCV imported so that it takes no core but the caller's."""

import cv2

cv2.setNumThreads(1)

__all__ = ["cv2"]
