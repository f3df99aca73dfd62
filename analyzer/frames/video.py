"""An open video: what it is, and its frames with their times, within limits."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import IO, Final, NamedTuple, Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from analyzer.errors import UndecodableError
from analyzer.frames.ahead import ahead
from analyzer.frames.clock import LONGEST_PAUSE, LONGEST_PAUSE_OF_JOINABLE, Clock, gaps, pace
from analyzer.frames.container import (
    Contents,
    look_through,
    open_sound,
    open_video,
    packets,
    seconds,
    sound_stamps,
)
from analyzer.frames.deinterlace import deinterlaced
from analyzer.frames.picture import Canvas
from analyzer.frames.reading import opened
from analyzer.frames.sound import Samples, listen
from analyzer.limits import LOCAL, Limits

AHEAD: Final = 4
"""How many frames the decoder may be ahead of the reader."""

PACKETS_A_SECOND: Final = 1000
"""Packets of sound that are looked at for each second that is allowed."""

SOUNDS_A_SECOND: Final = 50.0
"""Packets of sound a second, where no stamps tell."""

_JOINABLE: Final = {"mpegts", "mpeg", "ogg"}
"""Formats whose files can be joined end to end, each with a clock of its own."""


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a video before its frames are read."""

    width: int
    """Width in square pixels as shown, after rotation."""
    height: int
    """Height in square pixels as shown, after rotation."""
    rotation: int
    """Degrees clockwise (0, 90, 180, 270) by which stored pictures are turned to be upright."""
    mirrored: bool
    """Whether they are then exchanged left for right."""
    codec: str
    """FFmpeg's name of the codec, such as h264 or vp9."""
    frame_rate: float
    """Frames a second: as the file has it if its time stamps agree, else as they have it."""
    frames_expected: int
    """Pictures that the file holds to be shown, by its packets; fewer may decode."""


class Frame(NamedTuple):
    """One decoded frame."""

    time: float
    """Seconds since the first frame, strictly increasing."""
    pixels: NDArray[np.uint8]
    """(height, width, 3) RGB, upright, read-only; valid until the next frame is taken."""


class Video:
    """An open video, whose frames can be read once: a path's, or that of a file that stays open.

    Raises:
        UndecodableError: the file holds no video of which a frame decodes.
        OverLimitError: the video is certainly over the limits.
        OSError: the file can't be read.
    """

    def __init__(self, video: str | Path | IO[bytes], limits: Limits = LOCAL) -> None:
        self._limits = limits
        self._undecoded = 0
        with ExitStack() as stack:
            file = self._file = stack.enter_context(opened(video))
            container, stream = open_video(file, self._limits)
            with container:
                contents = look_through(container, stream, self._limits)
            self._container, self._stream = open_video(file, self._limits)
            stack.callback(self._container.close)
            self._frames = self._begin(file, contents)
            self._close = stack.pop_all().close

    def __enter__(self) -> Self:
        """Give the open video; leaving the block closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file, if it was opened here."""
        self._close()

    @property
    def undecoded_packets(self) -> int:
        """How many packets held a picture that could not be decoded, so far."""
        return self._undecoded

    def frames(self) -> Iterator[Frame]:
        """Decode every frame in order, a few frames ahead of the reader, in a thread of its own.

        Raises:
            OverLimitError: the video goes on past the limits.
        """
        return ahead(self._painted(), AHEAD)

    def sound(self, rate: int, length: float) -> Iterator[Samples] | None:
        """Decode the sound from the first frame on, which has been read; None where there is none.

        Args:
            rate: samples a second.
            length: seconds after which it ends, if there is more.

        Returns:
            The samples (n,) of one piece after the other, -1..1; no piece where nothing decodes.

        Raises:
            OSError: the file can't be read.
        """
        sound = open_sound(self._file, self._limits)
        if sound is None:
            return None
        return self._heard(*sound, rate, min(length, self._limits.seconds))

    def _heard(
        self, container: InputContainer, stream: AudioStream, rate: int, length: float
    ) -> Iterator[Samples]:
        most = round(PACKETS_A_SECOND * self._limits.seconds)
        stamps = sound_stamps(self._file, self._limits, most)
        clock = Clock(
            stamps,
            pace(stamps, SOUNDS_A_SECOND),
            self._longest_pause,
            partial(_any_between, lambda: self._stamps),
        )

        def time_of(stamp: float | None) -> float:
            """The time that the pictures' clock shows."""
            time = clock.time_of(stamp)
            joined = min(len(clock.zeros), len(self._clock.zeros))
            if not joined:
                return time
            return time + clock.zeros[joined - 1] - self._clock.zeros[joined - 1]

        # Sound without a decoder has no codec; what takes too much memory is left out as well.
        with container, suppress(MemoryError):
            if stream.codec_context is not None:
                yield from listen(container, stream, time_of, rate=rate, length=length)

    def _begin(self, file: IO[bytes], contents: Contents) -> Iterator[av.VideoFrame]:
        """Decode the first frame, and find out from it and the packets what is to be known."""
        width, height = self._stream.width, self._stream.height
        name = self._stream.codec_context.codec.canonical_name
        frames = deinterlaced(self._decoded())
        first = next(frames, None)
        if first is None:
            self._limits.check_size(width, height)
            raise UndecodableError(
                f"The video's pictures ({name}, {width} x {height}) can't be decoded; "
                "send it as H.264 in an MP4 file, or smaller."
            )
        rate = self._stream.average_rate or self._stream.guessed_rate
        if not contents.stamps:
            # Of pictures without a container, their codec alone may know.
            rate = self._stream.codec_context.framerate or rate
        claimed = float(rate or 0)
        step = pace(contents.stamps, claimed)
        self._canvas = Canvas(first, self._stream.sample_aspect_ratio, self._limits)
        shown = _shown(contents, step, interlaced=first.interlaced_frame)
        self._limits.check_length(_lasts(contents, step), shown, whole=contents.whole)
        joinable = bool(_JOINABLE & set(self._container.format.name.split(",")))
        self._longest_pause = LONGEST_PAUSE_OF_JOINABLE if joinable else LONGEST_PAUSE
        self._stamps = contents.stamps
        self._clock = Clock(
            contents.stamps,
            step,
            self._longest_pause,
            partial(_any_between, cache(lambda: sound_stamps(file, self._limits))),
        )
        self._undecoded = max(self._undecoded, _left_out(first, contents.stamps))
        self.info = VideoInfo(
            width=self._canvas.size.width,
            height=self._canvas.size.height,
            rotation=self._canvas.orientation.rotation,
            mirrored=self._canvas.orientation.mirrored,
            codec=name,
            frame_rate=round(claimed if 0.5 <= claimed * step <= 2 else 1 / step, 3),
            frames_expected=contents.pictures,
        )
        # Of interlaced ones a packet can be a frame or half of it, so a few fewer say nothing.
        return self._counted(chain([first], frames), 0 if first.interlaced_frame else shown)

    def _decoded(self) -> Iterator[av.VideoFrame]:
        """Every frame that decodes, past those that don't."""
        codec = self._stream.codec_context
        declared = codec.width, codec.height
        for packet in chain(packets(self._container, self._stream), (None,)):
            try:
                for frame in codec.decode(packet):
                    # Those that come at the end, without a packet, have no time base.
                    frame.time_base = self._stream.time_base
                    yield frame
            except av.MemoryError:
                raise
            except av.FFmpegError:
                self._limits.check_size(*declared)
                self._limits.check_size(codec.width, codec.height)
                self._undecoded += packet is not None

    def _painted(self) -> Iterator[Frame]:
        # A ring of pictures, so that no memory is taken or given back per frame: those waiting,
        # the one the reader has, and the one being filled.
        ring = [self._canvas.blank() for _ in range(AHEAD + 2)]
        for number, frame in enumerate(self._frames):
            stamp = None if frame.pts is None else seconds(frame.pts, frame)
            time = self._clock.time_of(stamp)
            self._limits.check_length(time, number + 1, whole=False)
            picture = ring[number % len(ring)]
            self._canvas.paint(frame, self._stream.codec_context.sample_aspect_ratio, picture)
            readonly = picture.view()
            readonly.flags.writeable = False
            yield Frame(time, readonly)

    def _counted(self, frames: Iterator[av.VideoFrame], shown: int) -> Iterator[av.VideoFrame]:
        """Give the frames; some decoders drop what is damaged without a word, so count at last."""
        count = 0
        for frame in frames:
            count += 1
            yield frame
        self._undecoded = max(self._undecoded, shown - count)


def _shown(contents: Contents, step: float, *, interlaced: bool) -> int:
    """How many frames there are at least, by the packets.

    Packets can be twice as many as frames: a field each, or pictures that are never shown, which
    have their stamps right beside those of others.
    """
    steps = gaps(contents.stamps)
    shown = 1 + sum(gap >= step / 2 for gap in steps) if steps else contents.pictures // 2
    return shown // 2 if interlaced else shown


def _lasts(contents: Contents, step: float) -> float:
    """How many seconds there are at least; pauses and wrong stamps count as one step each."""
    return sum(min(gap, step) for gap in gaps(contents.stamps))


def _left_out(first: av.VideoFrame, stamps: list[float]) -> int:
    """How many pictures come before the first that decodes: of a video cut from a longer one."""
    begin = None if first.pts is None else seconds(first.pts, first)
    if begin is None or begin not in stamps:
        return 0
    return sum(stamp < begin for stamp in stamps[: stamps.index(begin)])


def _any_between(stamps: Callable[[], list[float]], begin: float, end: float) -> bool:
    """Whether something is shown or sounds well inside of a stretch, and not just at its edges."""
    quarter = (end - begin) / 4
    return any(begin + quarter < stamp < end - quarter for stamp in stamps())
