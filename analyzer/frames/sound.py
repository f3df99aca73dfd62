"""The sound of a video: one channel at one rate, from the moment of the first frame on.

Sound that can't be decoded is left out, and is no error: the pictures are what is analysed.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final, NamedTuple

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from analyzer.frames.container import packets, seconds

RATES: Final = range(4_000, 400_000)
"""Samples a second of sound that is listened to: with others FFmpeg takes memory without bounds."""

RAW: Final = 1_000_000
"""Samples of all channels that are decoded for each second that is listened to, at most: more than
eight channels at 96 kHz."""

APART: Final = 0.02
"""Seconds by which a stamp is another than that of sound which goes on, to be believed."""

Samples = NDArray[np.float32]


class _Piece(NamedTuple):
    """Some sound, and when it begins, if it doesn't follow the piece before."""

    samples: Samples
    start: float | None


def listen(
    container: InputContainer,
    stream: AudioStream,
    time_of: Callable[[float | None], float],
    *,
    rate: int,
    length: float,
) -> Iterator[Samples]:
    """Give the sound from 0 seconds on, piece by piece, (n,) each, -1..1, silence where it pauses.

    Args:
        container: just opened.
        stream: the sound in it.
        time_of: tells the time of each stamp in turn, in seconds since the first frame.
        rate: samples a second.
        length: seconds after which it ends, if there is more.
    """
    most = round(length * rate)
    given = place = 0
    raw = RAW * length
    for samples, start in _even(_decoded(container, stream, raw), time_of, rate):
        if start is not None:
            place = round(max(-length, min(start, length)) * rate)
            while given < place:
                silence = np.zeros(min(place - given, rate), np.float32)
                yield silence
                given += len(silence)
        new = samples[max(0, given - place) : max(0, most - place)]
        place += len(samples)
        if len(new):
            yield new
            given += len(new)
        if given >= most:
            return


def _decoded(
    container: InputContainer, stream: AudioStream, most: float
) -> Iterator[av.AudioFrame]:
    """Every frame of sound that decodes, past those that don't, up to so many samples."""
    codec = stream.codec_context
    for packet in chain(packets(container, stream), (None,)):
        try:
            frames = codec.decode(packet)
        except av.FFmpegError:
            continue
        for frame in frames:
            most -= frame.samples * frame.layout.nb_channels
            if most < 0:
                return
            if frame.time_base is None:
                frame.time_base = stream.time_base
            yield frame


def _even(
    frames: Iterator[av.AudioFrame], time_of: Callable[[float | None], float], rate: int
) -> Iterator[_Piece]:
    """The frames as one channel at a rate; what FFmpeg can't make that of is left out."""
    resampler: AudioResampler | None = None
    form: tuple[str, str, int] | None = None
    expected = 0.0
    for frame in frames:
        stamp = None if frame.pts is None else seconds(frame.pts, frame)
        time = time_of(stamp)
        start = None
        if form != _form(frame) or abs(time - expected) > APART:
            yield from _resampled(resampler, None, None)
            form = _form(frame)
            readable = frame.sample_rate in RATES
            resampler = AudioResampler("flt", "mono", rate) if readable else None
            start = expected = time
        yield from _resampled(resampler, frame, start)
        expected += frame.samples / max(frame.sample_rate, 1)
    yield from _resampled(resampler, None, None)


def _form(frame: av.AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _resampled(
    resampler: AudioResampler | None, frame: av.AudioFrame | None, start: float | None
) -> Iterator[_Piece]:
    """What comes of a frame that begins a stretch at `start`, or of none at the end of one."""
    try:
        made = resampler.resample(frame) if resampler else []
    except (av.FFmpegError, ValueError):
        made = []
    pieces = [each.to_ndarray()[0] for each in made if each is not None]
    whole = np.concatenate([np.zeros(0, np.float32), *pieces])
    yield _Piece(np.clip(np.nan_to_num(whole), -1, 1).astype(np.float32), start)
