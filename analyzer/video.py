"""Decoding: a video file to upright RGB frames with their times, within limits.

FFmpeg (inside OpenCV) reads the file, as analyzer/opencv.py allows it to.
"""

import contextlib
import math
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from analyzer.opencv import cv2

LONGEST_SIDE: Final = 32_766
"""Pixels of a frame's side at most: MediaPipe ends the process over a longer one."""

AHEAD: Final = 4
"""How many frames the decoder may be ahead of the reader."""

_MAGIC: Final = (
    (4, b"ftyp", "an MP4 or QuickTime file"),
    (4, b"moov", "an MP4 or QuickTime file"),
    (4, b"mdat", "an MP4 or QuickTime file"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
    (8, b"AVI ", "an AVI file"),
    (0, b"GIF8", "a GIF"),
    (0, b"OggS", "an Ogg file"),
    (0, b"FLV", "an FLV file"),
    (0, b"0&\xb2u", "a Windows Media file"),
    (0, b"\x00\x00\x01\xba", "an MPEG file"),
)


class VideoError(Exception):
    """The video can't be analysed; the text is one sentence for the person who sent it."""


class UndecodableError(VideoError):
    """The file is no video, or nothing in it decodes."""


class OverLimitError(VideoError):
    """The video is larger, longer or wider than the limits allow."""


@dataclass(frozen=True)
class Limits:
    """What a video may have at most."""

    pixels: int = 3840 * 2160
    """Width times height of a frame."""
    seconds: float = 600.0
    frames: int = 36_000
    what: str = "A video"
    """Which videos may have at most so many frames, in words."""


@dataclass(frozen=True)
class VideoInfo:
    """What the file says of itself; frame rate and counts can be wrong in practice."""

    width: int
    """Width in pixels as shown, after rotation."""
    height: int
    """Height in pixels as shown, after rotation."""
    rotation: int
    """Degrees clockwise (0, 90, 180, 270) by which stored pictures are turned to be upright."""
    codec: str
    """The stream's four-character code, such as h264 or VP90."""
    frame_rate: float
    """Frames a second as claimed; 0 when the file gives no usable figure."""
    frames_claimed: int
    """Frames as claimed by the header; 0 when it gives no usable figure."""


class Frame(NamedTuple):
    """One decoded frame."""

    time: float
    """Seconds since the first frame, strictly increasing."""
    pixels: NDArray[np.uint8]
    """(height, width, 3) RGB, upright, read-only; valid until the next frame is taken."""


class Video:
    """An open video file, whose frames can be read once.

    Raises:
        UndecodableError: the file holds no video stream that opens.
        OverLimitError: the header tells that the video is over the limits.
    """

    def __init__(self, path: str | Path, limits: Limits | None = None, threads: int = 1) -> None:
        self._path = Path(path)
        self._limits = limits or Limits()
        self._capture = cv2.VideoCapture(
            str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, threads]
        )
        if not self._capture.isOpened():
            raise UndecodableError(_why_not_open(self._path))
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        self.info = self._read_info()
        try:
            self._check_claims()
        except VideoError:
            self._capture.release()
            raise

    def __enter__(self) -> Self:
        """Give the open video; leaving the block closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._capture.release()

    def frames(self) -> Iterator[Frame]:
        """Decode every frame in order, a few frames ahead of the reader, in a thread of its own.

        Raises:
            UndecodableError: not one frame decodes.
            OverLimitError: the video goes on past the limits.
        """
        filled: queue.Queue[Frame | Exception | None] = queue.Queue(AHEAD)
        closed = threading.Event()

        def put(item: Frame | Exception | None) -> None:
            while not closed.is_set():
                with contextlib.suppress(queue.Full):
                    filled.put(item, timeout=0.1)
                    return

        def decode() -> None:
            try:
                for frame in self._decoded(closed):
                    put(frame)
                put(None)
            except Exception as error:  # raised again in the reader's thread
                put(error)

        thread = threading.Thread(target=decode, name="decoder", daemon=True)
        thread.start()
        try:
            while (item := filled.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            closed.set()
            thread.join()

    def _decoded(self, closed: threading.Event) -> Iterator[Frame]:
        # A ring of pictures, so that no memory is taken or given back per frame: those waiting,
        # the one the reader has, and the one being filled.
        ring: list[NDArray[np.uint8]] = [
            np.empty((self.info.height, self.info.width, 3), np.uint8) for _ in range(AHEAD + 2)
        ]
        step = 1 / self.info.frame_rate if self.info.frame_rate else 1 / 30
        time = -step
        count = 0
        while not closed.is_set() and self._capture.grab():
            slot = count % len(ring)
            try:
                decoded, pixels = self._capture.retrieve(ring[slot])
            except cv2.error:
                break
            if not decoded:
                break
            stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            time = stamp if stamp > time and math.isfinite(stamp) else time + step
            count += 1
            self._check_length(time, count)
            ring[slot] = self._upright(pixels, ring[slot])
            readonly = ring[slot].view()
            readonly.flags.writeable = False
            yield Frame(time, readonly)
        if count == 0:
            raise UndecodableError(
                f"The video's pictures ({self.info.codec}, {self.info.width} x {self.info.height}) "
                "can't be decoded; send it as H.264 in an MP4 file, or smaller."
            )

    def _upright(self, pixels: object, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """RGB of the size of the first frame: a stream may change its size on the way."""
        image = np.asarray(pixels, np.uint8)
        if image.shape != picture.shape:
            image = np.asarray(cv2.resize(image, (self.info.width, self.info.height)), np.uint8)
        cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image)
        return image

    def _read_info(self) -> VideoInfo:
        get = self._capture.get
        width, height = int(get(cv2.CAP_PROP_FRAME_WIDTH)), int(get(cv2.CAP_PROP_FRAME_HEIGHT))
        rate, frames = get(cv2.CAP_PROP_FPS), get(cv2.CAP_PROP_FRAME_COUNT)
        code = int(get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        return VideoInfo(
            width=width,
            height=height,
            rotation=int(get(cv2.CAP_PROP_ORIENTATION_META)) % 360,
            codec=code.to_bytes(4, "little").decode("ascii", "replace").strip("\0 "),
            frame_rate=round(rate, 3) if 0 < rate <= 1000 else 0.0,
            frames_claimed=int(frames) if 0 < frames < 2**31 else 0,
        )

    def _check_claims(self) -> None:
        info, limits = self.info, self._limits
        if info.width < 1 or info.height < 1:
            raise UndecodableError(_why_not_open(self._path))
        if info.width * info.height > limits.pixels:
            raise OverLimitError(
                f"The video's frames are {info.width} x {info.height} pixels; at most "
                f"{limits.pixels} pixels a frame are allowed, so send a smaller version."
            )
        if max(info.width, info.height) > LONGEST_SIDE:
            raise OverLimitError(
                f"The video's frames are {info.width} x {info.height} pixels; at most "
                f"{LONGEST_SIDE} pixels a side can be analysed, so send a smaller version."
            )
        self._check_length(
            info.frames_claimed / info.frame_rate if info.frame_rate else 0.0, info.frames_claimed
        )

    def _check_length(self, seconds: float, frames: int) -> None:
        if seconds > self._limits.seconds:
            raise OverLimitError(
                f"The video is longer than {self._limits.seconds:g} seconds; send a shorter part."
            )
        if frames > self._limits.frames:
            raise OverLimitError(
                f"{self._limits.what} may have {self._limits.frames} frames at most; "
                "send a shorter part."
            )


def _why_not_open(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        return "The file is empty; send a video file."
    for offset, magic, name in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return (
                f"The file is {name} without a video that can be read (only sound, an unknown "
                "codec, cut off, or damaged); send it as H.264 in an MP4 file."
            )
    return "The file is not a video; send an MP4, MOV, WebM, MKV, AVI or GIF file."
