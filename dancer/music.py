"""Music for films: clicks whose beats are known."""

from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from dancer.figure import Points

RATE: Final = 44_100
"""Samples a second."""

Samples = NDArray[np.float32]


class Track(NamedTuple):
    """A sound, and when its beats are."""

    samples: Samples
    """(n,) RATE a second, -1..1."""
    beats: Points
    """(m,) seconds."""


def clicks(
    tempo: float,
    seconds: float = 30.0,
    *,
    start: float = 0.3,
    offbeats: float = 0.0,
    drift: float = 0.0,
    noise: float = 0.0,
) -> Track:
    """Give clicks on the beats of a tempo.

    Args:
        tempo: beats a minute, in the middle.
        seconds: how long it sounds.
        start: seconds at which a beat is; the first is up to a beat earlier.
        offbeats: how loud the clicks midway between beats are, as a part of those on them.
        drift: the part by which the tempo is slower at the start and faster at the end.
        noise: the root of the mean square of white noise; a click has 0.5 at its height.
    """
    samples = noise * np.random.default_rng(7).standard_normal(round(seconds * RATE))
    beats = []
    now = start % (60 / tempo)
    while now < seconds - 0.1:
        beats.append(now)
        period = 60 / (tempo * (1 + drift * (2 * now / seconds - 1)))
        _add(samples, now, 0.5 * _tone(1000))
        if offbeats:
            _add(samples, now + period / 2, offbeats * 0.5 * _tone(1300))
        now += period
    return Track(np.clip(samples, -1, 1).astype(np.float32), np.array(beats))


def with_sound(
    source: Path,
    path: Path,
    samples: Samples,
    *,
    start: float = 0.0,
    codec: str = "aac",
    rate: int = RATE,
    layout: str = "mono",
) -> Path:
    """Copy a video to another file, with sound.

    Args:
        source: the video.
        path: of the new file; its suffix decides the container.
        samples: (n,) `rate` a second, -1..1.
        start: seconds after the first picture at which it begins.
        codec: FFmpeg's name of the encoder.
        rate: samples a second.
        layout: FFmpeg's name of the channels, each of which has the samples.
    """
    with av.open(str(source)) as original, av.open(str(path), "w") as copy:
        film = original.streams.video[0]
        pictures = copy.add_stream_from_template(film, opaque=True)
        sound = copy.add_stream(codec, rate=rate, layout=layout)
        channels = sound.layout.nb_channels
        packets = [packet for packet in original.demux(film) if packet.size]
        first = min(packet.pts for packet in packets if packet.pts is not None)
        first_sample = round((start + float(first * packets[0].time_base)) * rate)
        for packet in packets:
            packet.stream = pictures
            copy.mux_one(packet)
        for begin in range(0, len(samples), rate):
            second = np.repeat(samples[begin : begin + rate], channels)
            frame = av.AudioFrame.from_ndarray(second[None], "flt", layout)
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = first_sample + begin
            copy.mux(sound.encode(frame))
        copy.mux(sound.encode(None))
    return path


def _tone(hertz: float) -> Points:
    """(n,) a tone that dies away within 50 ms."""
    time = np.arange(round(0.05 * RATE)) / RATE
    return np.asarray(np.sin(2 * np.pi * hertz * time) * np.exp(-time / 0.01))


def _add(samples: Points, seconds: float, sound: Points) -> None:
    """Have a sound in samples (n,) at a time."""
    begin = round(seconds * RATE)
    part = samples[begin : begin + len(sound)]
    part += sound[: len(part)]
