"""The sound of a video is on the clock of its pictures, whatever the file has."""

import random
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Stream

from analyzer.errors import VideoError
from analyzer.frames.video import Video
from analyzer.limits import LOCAL, Limits
from dancer.music import RATE, Samples, clicks, with_sound
from testing.videos import encode

LISTENED = 22_050
"""Samples a second of what is given here."""

BLANKS = [np.full((48, 64, 3), 20 + number % 200, np.uint8) for number in range(120)]
"""Four seconds."""


def heard(path: Path, length: float = 4.0, limits: Limits = LOCAL) -> Samples | None:
    """The sound from the first frame on; None where there is none."""
    with Video(path, limits) as video:
        for _ in video.frames():
            pass
        sound = video.sound(LISTENED, length)
        return None if sound is None else np.concatenate([np.zeros(0, np.float32), *sound])


def begins(samples: Samples | None) -> float:
    """The seconds at which it is first loud."""
    assert samples is not None
    return float(np.argmax(np.abs(samples) > 0.1)) / LISTENED


def click(rate: int = RATE, seconds: float = 3.0, at: float = 1.5) -> Samples:
    """Silence with a beep of 0.2 s in it."""
    time = np.arange(round(seconds * rate)) / rate
    there = (time >= at) & (time < at + 0.2)
    return np.asarray(0.5 * there * np.sin(2 * np.pi * 600 * time), np.float32)


def changed(source: Path, path: Path, change: Callable[["av.Packet[Stream]", float], bool]) -> Path:
    """Copy a video, but for the packets of sound that are not kept by what changes them.

    Args:
        source: the video.
        path: of the new file.
        change: is given each packet of sound and its seconds, and tells whether it is kept.
    """
    with av.open(str(source)) as original, av.open(str(path), "w") as copy:
        streams = [copy.add_stream_from_template(each, opaque=True) for each in original.streams]
        for packet in original.demux():
            if packet.size and packet.pts is not None:
                seconds = float(packet.pts * packet.time_base)
                if packet.stream.type != "audio" or change(packet, seconds):
                    packet.stream = streams[packet.stream_index]
                    copy.mux_one(packet)
    return path


@pytest.mark.parametrize(
    ("name", "film", "codec", "rate", "layout"),
    [
        ("sound.mp4", "libx264", "aac", 44_100, "mono"),
        ("sound.mp4", "libx264", "aac", 8_000, "stereo"),
        ("sound.mkv", "libx264", "libopus", 48_000, "stereo"),
        ("sound.mkv", "libx264", "flac", 96_000, "7.1"),
        ("sound.mkv", "libx264", "pcm_s16le", 384_000, "mono"),
        ("sound.mov", "libx264", "alac", 44_100, "stereo"),
        ("sound.ts", "mpeg2video", "ac3", 48_000, "5.1"),
        ("sound.avi", "mpeg4", "libmp3lame", 44_100, "mono"),
        ("sound.avi", "mpeg4", "pcm_u8", 11_025, "mono"),
    ],
)
def test_a_sound_is_heard_at_its_time_in_any_format(
    tmp_path: Path, name: str, film: str, codec: str, rate: int, layout: str
) -> None:
    silent = encode(tmp_path / f"silent{Path(name).suffix}", BLANKS, film)
    path = with_sound(silent, tmp_path / name, click(rate), codec=codec, rate=rate, layout=layout)
    # MP3 in AVI has nothing that tells how long its decoder takes.
    assert begins(heard(path)) == pytest.approx(1.5, abs=0.03 if "mp3" in codec else 0.005)


@pytest.mark.parametrize("start", [0.0, 0.35, 1.0])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_sound_that_begins_after_the_pictures_is_heard_as_much_later(
    tmp_path: Path, start: float, suffix: str
) -> None:
    silent = encode(tmp_path / f"silent{suffix}", BLANKS, "libx264")
    path = with_sound(silent, tmp_path / f"sound{suffix}", click(), start=start)
    assert begins(heard(path)) == pytest.approx(1.5 + start, abs=0.005)


def test_sound_before_the_first_picture_is_not_heard(tmp_path: Path) -> None:
    late = encode(
        tmp_path / "silent.mkv",
        BLANKS[:30],
        "libx264",
        times=[1 + number / 30 for number in range(30)],
        options={"bf": "0"},
    )
    path = with_sound(late, tmp_path / "sound.mkv", click(), start=-1.0)
    assert begins(heard(path, 1.0)) == pytest.approx(0.5, abs=0.005)


def test_recordings_that_are_joined_each_have_their_own_sound(tmp_path: Path) -> None:
    silent = encode(tmp_path / "silent.ts", BLANKS[:90], "mpeg2video")
    one = with_sound(silent, tmp_path / "one.ts", click(48_000), codec="mp2", rate=48_000)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(2 * one.read_bytes())
    samples = heard(joined, 6.0)
    assert samples is not None
    assert begins(samples) == pytest.approx(1.5, abs=0.005)
    assert begins(samples[3 * LISTENED :]) == pytest.approx(1.5, abs=0.005)


def test_a_pause_of_the_sound_is_silence(tmp_path: Path) -> None:
    silent = encode(tmp_path / "silent.mkv", BLANKS, "libx264")
    whole = with_sound(silent, tmp_path / "sound.mkv", click(seconds=4.0, at=3.0), codec="flac")
    path = changed(whole, tmp_path / "paused.mkv", lambda _, seconds: not 1 < seconds < 2.5)
    samples = heard(path)
    assert begins(samples) == pytest.approx(3.0, abs=0.005)


def test_a_video_without_sound_has_none(tmp_path: Path) -> None:
    assert heard(encode(tmp_path / "silent.mp4", BLANKS, "libx264")) is None


@pytest.mark.parametrize(
    ("rate", "layout"),
    [
        (1, "mono"),
        (3_999, "mono"),
        (2_000_000, "mono"),
        (44_100, "9 channels"),
        (44_100, "64 channels"),
    ],
)
def test_sound_that_nobody_listens_to_is_left_out(tmp_path: Path, rate: int, layout: str) -> None:
    silent = encode(tmp_path / "silent.mkv", BLANKS, "libx264")
    samples = np.zeros(4 * rate, np.float32)
    path = with_sound(
        silent, tmp_path / "sound.mkv", samples, codec="pcm_s16le", rate=rate, layout=layout
    )
    nothing = heard(path)
    assert nothing is not None
    assert not len(nothing)


def test_what_is_no_number_is_silence_and_what_is_too_loud_is_cut(tmp_path: Path) -> None:
    silent = encode(tmp_path / "silent.mkv", BLANKS, "libx264")
    wild = np.tile(np.array([np.nan, np.inf, -np.inf, 1e30], np.float32), LISTENED)
    path = with_sound(silent, tmp_path / "sound.mkv", wild, codec="pcm_f32le", rate=LISTENED)
    samples = heard(path)
    assert samples is not None
    assert len(samples) == 4 * LISTENED
    assert np.abs(samples).max() <= 1


def test_no_more_is_heard_than_the_video_lasts_or_the_limits_allow(tmp_path: Path) -> None:
    silent = encode(tmp_path / "silent.mp4", BLANKS, "libx264")
    path = with_sound(silent, tmp_path / "sound.mp4", click(seconds=60.0))
    for length, limits, longest in ((1.5, LOCAL, 1.5), (60.0, Limits(seconds=5.0), 5.0)):
        samples = heard(path, length, limits)
        assert samples is not None
        assert len(samples) == longest * LISTENED


def test_damaged_sound_costs_no_more_than_what_is_damaged(tmp_path: Path) -> None:
    silent = encode(tmp_path / "silent.mkv", BLANKS, "libx264")
    path = with_sound(silent, tmp_path / "sound.mkv", click(48_000), codec="libopus", rate=48_000)

    def spoil(packet: "av.Packet[Stream]", seconds: float) -> bool:
        if 0.5 < seconds < 0.8:
            packet.update(bytes(range(packet.size % 256)))
        return True

    damaged = changed(path, tmp_path / "damaged.mkv", spoil)
    assert damaged.read_bytes() != path.read_bytes()
    samples = heard(damaged)
    assert samples is not None
    assert begins(samples[LISTENED:]) == pytest.approx(0.5, abs=0.025)


def test_sound_that_claims_to_be_larger_than_any_memory_ends_there(tmp_path: Path) -> None:
    silent = encode(tmp_path / "silent.mov", BLANKS, "libx264")
    path = with_sound(silent, tmp_path / "sound.mov", click())
    content = path.read_bytes()
    # The sizes of the packets of the second track come after its version, one size and count.
    table = content.rindex(b"stsz") + 16 + 4 * 20
    path.write_bytes(content[:table] + b"\x7f\xff\xff\xff" + content[table + 4 :])
    samples = heard(path)
    assert samples is not None
    assert len(samples) < 2 * LISTENED


def test_bytes_that_are_damaged_anywhere_never_raise_anything_else(tmp_path: Path) -> None:
    chance = random.Random(5)
    silent = encode(tmp_path / "silent.mkv", BLANKS[:30], "libx264")
    beat = clicks(100, 1.0).samples
    sources = [
        with_sound(silent, tmp_path / f"{codec}.mkv", beat, codec=codec, rate=48_000)
        for codec in ("libopus", "aac", "flac", "ac3")
    ]
    for number in range(80):
        content = bytearray(sources[number % len(sources)].read_bytes())
        for _ in range(chance.choice([1, 10, 100, 1000])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path = tmp_path / "damaged.mkv"
        path.write_bytes(content[: chance.randrange(len(content) // 2, len(content))])
        try:
            samples = heard(path)
        except VideoError:
            continue
        assert samples is None or np.isfinite(samples).all()
