"""Decoding: every frame, upright, at its time, whatever the file."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from analyzer.errors import OverLimitError, UndecodableError
from analyzer.frames.video import Video
from analyzer.limits import LOCAL, LONGEST_SIDE, Limits
from analyzer.process import analyze_dance_video
from testing.serving import ROOT
from testing.videos import display_matrix, encode, growing, remuxed, with_cover_first, with_edits

RED, GREEN, BLUE, WHITE = (0, 0, 200), (0, 200, 0), (200, 0, 0), (220, 220, 220)


def quarters(width: int = 96, height: int = 64) -> NDArray[np.uint8]:
    """A picture whose corners tell how it is turned: red, green, below them blue, white."""
    picture = np.zeros((height, width, 3), np.uint8)
    middle_y, middle_x = height // 2, width // 2
    picture[:middle_y, :middle_x], picture[:middle_y, middle_x:] = RED, GREEN
    picture[middle_y:, :middle_x], picture[middle_y:, middle_x:] = BLUE, WHITE
    return picture


def grays(count: int, width: int = 64, height: int = 48) -> list[NDArray[np.uint8]]:
    return [np.full((height, width, 3), 20 + 5 * number, np.uint8) for number in range(count)]


def claim_frames(path: Path, count: int) -> None:
    """Have the headers of an AVI file claim a number of frames."""
    content = bytearray(path.read_bytes())
    content[48:52] = count.to_bytes(4, "little")
    header = content.index(b"strh")
    content[header + 40 : header + 44] = count.to_bytes(4, "little")
    path.write_bytes(content)


def read(path: Path, limits: Limits = LOCAL) -> tuple[list[float], list[NDArray[np.uint8]]]:
    with Video(path, limits) as video:
        frames = [(frame.time, frame.pixels.copy()) for frame in video.frames()]
    return [time for time, _ in frames], [pixels for _, pixels in frames]


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("h264.mp4", "libx264", "yuv420p"),
        ("h264.mkv", "libx264", "yuv420p"),
        ("h264.ts", "libx264", "yuv420p"),
        ("h264.flv", "libx264", "yuv420p"),
        ("hevc.mov", "libx265", "yuv420p"),
        ("hevc10.mp4", "libx265", "yuv420p10le"),
        ("av1.mp4", "libsvtav1", "yuv420p"),
        ("vp9.webm", "libvpx-vp9", "yuv420p"),
        ("vp8.webm", "libvpx", "yuv420p"),
        ("mjpeg.avi", "mjpeg", "yuvj420p"),
        ("mpeg4.avi", "mpeg4", "yuv420p"),
        ("mpeg2.mpg", "mpeg2video", "yuv420p"),
        ("film.gif", "gif", "rgb8"),
        ("film.apng", "apng", "rgb24"),
        ("film.h264", "libx264", "yuv420p"),
        ("film.hevc", "libx265", "yuv420p"),
        ("film.m4v", "mpeg4", "yuv420p"),
        ("film.m2v", "mpeg2video", "yuv420p"),
        ("film.obu", "libsvtav1", "yuv420p"),
        ("film.ivf", "libvpx-vp9", "yuv420p"),
        ("film.mxf", "mpeg2video", "yuv420p"),
        ("film.3gp", "mpeg4", "yuv420p"),
        ("film.m2ts", "libx264", "yuv420p"),
        ("film.vob", "mpeg2video", "yuv420p"),
        ("film.wmv", "wmv2", "yuv420p"),
        ("film.ogv", "libvpx", "yuv420p"),
        ("prores.mov", "prores_ks", "yuv422p10le"),
    ],
)
def test_every_frame_of_every_codec_comes_in_order_and_upright(
    tmp_path: Path, name: str, codec: str, pixel_format: str
) -> None:
    path = encode(tmp_path / name, [quarters()] * 12, codec, rate=25, pixel_format=pixel_format)
    times, pictures = read(path)
    assert len(pictures) == 12
    assert np.allclose(np.diff(times), 0.04, atol=0.011)
    for picture in pictures:
        assert picture.shape == (64, 96, 3)
        assert_upright(picture)


ORIENTATIONS = [
    # Where the right and the bottom of a stored picture lie, the turn clockwise, then a mirror.
    (1, 1j, 0, False),
    (1j, -1, 90, False),
    (-1, -1j, 180, False),
    (-1j, 1, 270, False),
    (-1, 1j, 0, True),
    (1j, 1, 90, True),
    (1, -1j, 180, True),
    (-1j, -1, 270, True),
]


def stored(picture: NDArray[np.uint8], rotation: int, *, mirrored: bool) -> NDArray[np.uint8]:
    """What a file holds whose pictures are to be turned clockwise, then mirrored, to be this."""
    turned = picture[:, ::-1] if mirrored else picture
    return np.ascontiguousarray(np.rot90(turned, rotation // 90))


def assert_upright(picture: NDArray[np.uint8]) -> None:
    """See that red, green, blue and white are in their corners."""
    height, width = picture.shape[:2]
    rows, columns = [height // 8] * 2 + [height * 7 // 8] * 2, [width // 8, width * 7 // 8] * 2
    corners = picture[rows, columns].astype(int)
    wanted = np.array([RED, GREEN, BLUE, WHITE])[:, ::-1]
    assert np.abs(corners - wanted).max() < 60


@pytest.mark.parametrize(("across", "down", "rotation", "mirrored"), ORIENTATIONS)
@pytest.mark.parametrize("name", ["turned.mp4", "turned.mkv"])
def test_all_eight_orientations_are_followed(
    tmp_path: Path, name: str, across: complex, down: complex, rotation: int, mirrored: bool
) -> None:
    picture = stored(quarters(), rotation, mirrored=mirrored)
    matrix = display_matrix(across, down)
    path = encode(tmp_path / name, [picture] * 3, "libx264", matrix=matrix)
    with Video(path) as video:
        assert (video.info.width, video.info.height) == (96, 64)
        assert (video.info.rotation, video.info.mirrored) == (rotation, mirrored)
        for frame in video.frames():
            assert_upright(frame.pixels)


@pytest.mark.parametrize(
    ("name", "codec", "aspect", "stored_size"),
    [
        ("anamorphic.mp4", "libx264", Fraction(4, 3), (72, 64)),
        ("half.mpg", "mpeg2video", Fraction(20, 11), (176, 240)),
        ("tall.mkv", "libx264", Fraction(3, 4), (96, 48)),
        ("turned.mp4", "libx264", Fraction(4, 3), (48, 96)),
    ],
)
def test_pixels_that_are_not_square_are_made_square(
    tmp_path: Path, name: str, codec: str, aspect: Fraction, stored_size: tuple[int, int]
) -> None:
    turned = name.startswith("turned")
    picture = quarters(*stored_size)
    if turned:
        picture = stored(quarters(*stored_size[::-1]), 90, mirrored=False)
    matrix = display_matrix(1j, -1) if turned else None
    path = encode(tmp_path / name, [picture] * 3, codec, aspect=aspect, matrix=matrix)
    with Video(path) as video:
        width, height = stored_size
        width, height = (
            (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))
        )
        shown = (height, width) if turned else (width, height)
        assert (video.info.width, video.info.height) == pytest.approx(shown, abs=2)
        for frame in video.frames():
            assert frame.pixels.shape == (video.info.height, video.info.width, 3)
            assert_upright(frame.pixels)


def test_square_pixels_stay_within_the_limit_of_pixels(tmp_path: Path) -> None:
    pictures = [quarters(72, 64)] * 3
    path = encode(tmp_path / "film.mp4", pictures, "libx264", aspect=Fraction(4, 3))
    with Video(path, Limits(pixels=72 * 64)) as video:
        assert (video.info.width, video.info.height) == (72, 48)


@pytest.mark.parametrize("aspect", [Fraction(1, 100), Fraction(100), Fraction(591, 590)])
def test_an_aspect_that_cant_be_meant_is_none(tmp_path: Path, aspect: Fraction) -> None:
    path = encode(tmp_path / "film.mp4", [quarters()] * 3, "libx264", aspect=aspect)
    with Video(path) as video:
        assert (video.info.width, video.info.height) == (96, 64)


def two_moments(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """A bar that moves, seen by one field a moment later than by the other."""
    picture = np.full((height, width, 3), 60, np.uint8)
    for field in (0, 1):
        begin = 8 * number + 8 * field
        picture[field::2, begin : begin + 30] = 220
    return picture


@pytest.mark.parametrize(
    ("name", "codec", "size"),
    [
        ("film.mp4", "libx264", (128, 96)),
        ("film.mts", "libx264", (128, 96)),
        ("film.mpg", "mpeg2video", (128, 96)),
        ("film.dv", "dvvideo", (720, 576)),
    ],
)
def test_interlaced_video_is_made_whole(
    tmp_path: Path, name: str, codec: str, size: tuple[int, int]
) -> None:
    pictures = [two_moments(number, *size) for number in range(10)]
    options = {} if codec == "dvvideo" else {"flags": "+ildct+ilme"}
    path = encode(tmp_path / name, pictures, codec, rate=25, options=options)
    _, frames = read(path)
    assert len(frames) == 10
    for picture, frame in zip(pictures[1:-1], frames[1:-1], strict=True):
        assert frame.max() > 180
        assert combing(frame) < combing(picture) / 4


def test_interlaced_video_that_is_too_small_to_be_made_whole_is_taken_as_it_is(
    tmp_path: Path,
) -> None:
    pictures = [two_moments(number, 64, 4) for number in range(5)]
    path = encode(tmp_path / "low.mpg", pictures, "mpeg2video", options={"flags": "+ildct+ilme"})
    assert len(read(path)[1]) == 5


def combing(picture: NDArray[np.uint8]) -> float:
    """How much a row differs from the next."""
    return float(np.abs(np.diff(picture.astype(int), axis=0)).mean())


CODECS = [
    ("h264.mp4", "libx264", "yuv420p"),
    ("hevc.mp4", "libx265", "yuv420p"),
    ("av1.mp4", "libsvtav1", "yuv420p"),
    ("vp8.webm", "libvpx", "yuv420p"),
    ("vp9.webm", "libvpx-vp9", "yuv420p"),
    ("mpeg4.avi", "mpeg4", "yuv420p"),
    ("mpeg2.mpg", "mpeg2video", "yuv420p"),
    ("mjpeg.avi", "mjpeg", "yuvj420p"),
    ("wmv2.wmv", "wmv2", "yuv420p"),
    ("flv1.flv", "flv1", "yuv420p"),
    ("vp8.ogv", "libvpx", "yuv420p"),
]


@pytest.mark.parametrize(("name", "codec", "pixel_format"), CODECS)
def test_a_bad_packet_costs_no_more_than_the_pictures_that_build_on_it(
    tmp_path: Path, name: str, codec: str, pixel_format: str
) -> None:
    options = {"g": "6", "bf": "0"}
    whole = encode(
        tmp_path / f"whole_{name}", grays(30), codec, pixel_format=pixel_format, options=options
    )
    times, pictures = read(remuxed(whole, tmp_path / name, blanked({8})))
    assert len(pictures) >= 24
    assert times[-1] > 0.9
    assert pictures[-1][0, 0, 0] == pytest.approx(20 + 5 * 29, abs=12)


def blanked(numbers: set[int]) -> Callable[[int, av.Packet], None]:
    """Have most of some packets be zeros."""

    def change(number: int, packet: av.Packet) -> None:
        if number in numbers:
            kept = packet.size // 8
            packet.update(bytes(packet)[:kept] + bytes(packet.size - kept))

    return change


@pytest.mark.parametrize(
    ("codec", "end"), [("libx264", "mp4"), ("libx265", "mp4"), ("mpeg2video", "mkv")]
)
def test_what_could_not_be_decoded_is_counted(tmp_path: Path, codec: str, end: str) -> None:
    whole = encode(tmp_path / f"whole.{end}", grays(30), codec, options={"bf": "0"})
    with Video(remuxed(whole, tmp_path / f"film.{end}", blanked({10, 11, 12}))) as video:
        frames = sum(1 for _ in video.frames())
        assert video.info.frames_expected == 30
        assert frames < 30
        assert video.undecoded_packets == 30 - frames


def test_what_needs_pictures_before_the_beginning_is_counted_as_not_decoded(
    tmp_path: Path,
) -> None:
    pictures = [quarters()] * 60
    path = encode(tmp_path / "film.ts", pictures, "libx264", options={"g": "20", "bf": "0"})
    content = path.read_bytes()
    path.write_bytes(content[len(content) // 188 // 6 * 188 :])
    with Video(path) as video:
        times = [frame.time for frame in video.frames()]
        assert times[0] == 0
        assert len(times) in {20, 40}
        assert 0 < video.undecoded_packets < 20


def test_the_times_of_a_variable_frame_rate_are_those_of_the_file(tmp_path: Path) -> None:
    stamps = [0.0, 0.04, 0.2, 0.24, 0.5, 0.51]
    path = encode(tmp_path / "variable.mkv", grays(6), "libx264", times=stamps)
    times, _ = read(path)
    assert np.allclose(times, stamps, atol=0.002)


@pytest.mark.parametrize(("name", "seconds"), [("film.mp4", 100), ("film.mkv", 10_800)])
def test_a_stamp_that_is_far_off_makes_no_video_longer(
    tmp_path: Path, name: str, seconds: int
) -> None:
    whole = encode(tmp_path / "whole.mp4", grays(40), "libx264", options={"bf": "0"}, rate=25)

    def stray(number: int, packet: av.Packet) -> None:
        if number == 20 and packet.pts is not None:
            packet.pts += 1000 * seconds

    times, _ = read(remuxed(whole, tmp_path / name, stray), Limits(seconds=60))
    assert np.allclose(times, np.arange(40) / 25, atol=0.002)


def test_streams_joined_end_to_end_go_on_where_the_first_ended(tmp_path: Path) -> None:
    part = encode(tmp_path / "part.ts", grays(25), "libx264", rate=25).read_bytes()
    path = tmp_path / "film.ts"
    path.write_bytes(part * 3)
    times, _ = read(path)
    assert times[0] == 0
    assert np.allclose(np.diff(times), 0.04, atol=0.05)
    assert len(times) == 75


def test_streams_that_turn_up_on_the_way_are_left_aside(tmp_path: Path) -> None:
    alone = encode(tmp_path / "alone.ts", grays(30), "libx264")
    with av.open(str(alone)) as original, av.open(str(tmp_path / "more.ts"), "w") as copy:
        pictures = original.streams.video[0]
        out = copy.add_stream_from_template(pictures, opaque=True)
        sounds = [copy.add_stream("mp2", rate=48000, layout="mono") for _ in range(40)]
        for packet in original.demux(pictures):
            if packet.size:
                packet.stream = out
                copy.mux_one(packet)
        for sound in sounds:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), "flt", "mono")
            frame.sample_rate, frame.pts = 48000, 0
            copy.mux([*sound.encode(frame), *sound.encode(None)])
    joined = tmp_path / "joined.ts"
    joined.write_bytes(3 * alone.read_bytes() + (tmp_path / "more.ts").read_bytes())
    assert len(read(joined)[0]) == 120


@pytest.mark.parametrize("sound", [True, False])
def test_pictures_that_pause_for_long_while_the_sound_goes_on_keep_their_times(
    tmp_path: Path, sound: bool
) -> None:
    path = tmp_path / "film.webm"
    stamps = [40 * number for number in range(10)] + [100_000 + 40 * number for number in range(10)]
    with av.open(str(path), "w") as container:
        film = container.add_stream("libvpx", rate=25)
        film.width, film.height, film.pix_fmt = 96, 64, "yuv420p"
        film.codec_context.time_base, film.thread_count = Fraction(1, 1000), 1
        heard = container.add_stream("libopus", rate=48000, layout="mono")
        for stamp in stamps:
            frame = av.VideoFrame.from_ndarray(quarters(), "bgr24")
            frame.pts, frame.time_base = stamp, Fraction(1, 1000)
            container.mux(film.encode(frame))
        for number in range(5000 if sound else 1):
            samples = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), "s16", "mono")
            samples.sample_rate, samples.pts = 48000, 960 * number
            container.mux(heard.encode(samples))
        for stream in (film, heard):
            container.mux(stream.encode(None))
    times, _ = read(path)
    assert len(times) == 20
    assert times[-1] == pytest.approx(100.36 if sound else 0.76, abs=0.05)


def test_a_frame_rate_that_the_stamps_belie_is_not_believed(tmp_path: Path) -> None:
    stamps = [number / 25 for number in range(50)]
    path = encode(tmp_path / "film.mkv", grays(50), "libx264", rate=1000, times=stamps)
    with Video(path) as video:
        assert video.info.frame_rate == pytest.approx(25, abs=0.1)


def test_frames_are_counted_as_they_decode_and_not_as_the_header_claims(tmp_path: Path) -> None:
    path = encode(tmp_path / "film.avi", grays(20), "mpeg4")
    claim_frames(path, 25)
    with Video(path, Limits(frames=20)) as video:
        assert video.info.frames_expected == 20
        assert sum(1 for _ in video.frames()) == 20


@pytest.mark.parametrize(("width", "height"), [(50, 38), (98, 62), (33, 47), (17, 201)])
def test_odd_sizes_keep_their_size(tmp_path: Path, width: int, height: int) -> None:
    pictures = [quarters(width, height)] * 3
    path = encode(tmp_path / "odd.avi", pictures, "mjpeg", pixel_format="yuvj444p")
    assert [picture.shape for picture in read(path)[1]] == [(height, width, 3)] * 3


def test_a_video_that_is_cut_off_gives_the_frames_before_the_cut(tmp_path: Path) -> None:
    path = encode(tmp_path / "film.mkv", grays(40), "mjpeg", pixel_format="yuvj420p")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    _, pictures = read(path)
    assert 0 < len(pictures) < 40
    assert [int(picture[0, 0, 0]) for picture in pictures[:3]] == pytest.approx([20, 25, 30], abs=4)


def test_a_frame_stays_as_it_is_until_the_next_is_taken_while_decoding_goes_on(
    tmp_path: Path,
) -> None:
    path = encode(tmp_path / "film.avi", grays(40), "mjpeg", pixel_format="yuvj420p")
    with Video(path) as video:
        for number, frame in enumerate(video.frames()):
            time.sleep(0.005)
            assert not frame.pixels.flags.writeable
            assert frame.pixels[0, 0, 0] == pytest.approx(20 + 5 * number, abs=4)


def test_a_reader_who_stops_leaves_no_thread_and_no_open_file(tmp_path: Path) -> None:
    path = encode(tmp_path / "film.avi", grays(40), "mjpeg", pixel_format="yuvj420p")
    with Video(path) as video:
        for _ in video.frames():
            break
    assert str(path) not in [file.path for file in psutil.Process().open_files()]
    assert "decoder" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        (Limits(pixels=64 * 48 - 1), "64 x 48 pixels"),
        (Limits(seconds=1), "is 2 seconds long; at most 1 seconds are analysed"),
        (Limits(frames=39), "has 40 frames; at most 39 are analysed, so send a part of 1 seconds"),
    ],
)
def test_what_the_packets_tell_is_refused_before_a_frame_is_analysed(
    tmp_path: Path, limits: Limits, word: str
) -> None:
    path = encode(tmp_path / "film.avi", grays(40), "mpeg4")
    with pytest.raises(OverLimitError, match=word):
        Video(path, limits)


@pytest.mark.parametrize("upright", [True, False])
def test_no_side_may_be_longer_than_the_model_can_look_at(tmp_path: Path, upright: bool) -> None:
    for side, refused in ((LONGEST_SIDE, False), (LONGEST_SIDE + 2, True)):
        shape = (side, 16, 3) if upright else (16, side, 3)
        path = encode(tmp_path / "thin.mkv", [np.full(shape, 90, np.uint8)] * 2, "ffv1")
        if refused:
            with pytest.raises(OverLimitError, match="pixels a side"):
                Video(path)
        else:
            assert analyze_dance_video(path)["total_frames"] == 2


def test_frames_that_grow_beyond_the_limit_end_the_video(tmp_path: Path) -> None:
    path = growing(tmp_path / "film.avi", [(96, 64)] * 5 + [(110, 110)] + [(96, 64)] * 5)
    with (
        Video(path, Limits(pixels=100 * 100)) as video,
        pytest.raises(OverLimitError, match="110 x 110 pixels"),
    ):
        list(video.frames())


def test_frames_that_are_much_too_large_are_not_decoded(tmp_path: Path) -> None:
    path = growing(tmp_path / "film.avi", [(96, 64)] * 5 + [(2000, 2000)] + [(96, 64)] * 5)
    with Video(path, Limits(pixels=100 * 100)) as video:
        assert sum(1 for _ in video.frames()) == 10
        assert video.undecoded_packets == 1


def test_no_memory_is_taken_for_a_frame_that_is_much_too_large(tmp_path: Path) -> None:
    path = growing(tmp_path / "film.avi", [(96, 64)] * 5 + [(8000, 8000)])
    # In a process of its own, whose most memory says what this took.
    code = (
        "import resource, sys\n"
        "from analyzer.frames.video import Video\n"
        "def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = most()\n"
        "with Video(sys.argv[1]) as video:\n"
        "    list(video.frames())\n"
        "print(most() - before)"
    )
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 8000 * 8000 // 1024


@pytest.mark.parametrize("edits", [5, 40])
def test_a_video_cut_so_often_that_most_is_decoded_in_vain_is_refused(
    tmp_path: Path, edits: int
) -> None:
    path = encode(tmp_path / "film.mp4", grays(30), "libx264", options={"bf": "0", "g": "30"})
    with_edits(path, [28 * 512] * edits)
    if edits == 5:
        with Video(path, Limits(frames=200)) as video:
            assert sum(1 for _ in video.frames()) == edits
    else:
        with pytest.raises(OverLimitError, match="cut so often"):
            Video(path, Limits(frames=200))


def test_a_video_with_too_many_frames_is_told_what_would_fit() -> None:
    with pytest.raises(OverLimitError) as refused:
        Limits().check_length(20_000 / 120, 20_000, whole=True)
    assert str(refused.value) == (
        "The video has 20,000 frames; at most 18,000 are analysed, so send a part of 150 seconds "
        "at most, or film at 60 frames a second."
    )


def test_what_the_header_hides_is_refused_when_the_limit_is_reached(tmp_path: Path) -> None:
    path = encode(tmp_path / "film.mkv", grays(4), "mpeg4", times=[0, 0.04, 40, 40.04])
    with (
        Video(path, Limits(seconds=10)) as video,
        pytest.raises(OverLimitError, match="goes on; at most 10 seconds"),
    ):
        list(video.frames())


def test_frames_that_the_header_hides_are_counted_all_the_same(tmp_path: Path) -> None:
    path = encode(tmp_path / "film.avi", grays(40), "mpeg4")
    claim_frames(path, 5)
    with pytest.raises(OverLimitError, match="10 frames and more; at most 10 are analysed"):
        Video(path, Limits(frames=10))
    assert len(read(path)[1]) == 40


def test_an_unreadable_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"")
    with pytest.raises(UndecodableError, match="empty"):
        Video(path)
    path.write_bytes(b"RIFF\0\0\0\0AVI LIST")
    with pytest.raises(UndecodableError, match="an AVI file"):
        Video(path)


def test_no_file_opens_another_and_decoding_is_silent(tmp_path: Path) -> None:
    whole = encode(tmp_path / "whole.avi", grays(12), "mpeg4")
    damaged = remuxed(whole, tmp_path / "film.avi", blanked({5}))
    script = tmp_path / "list.txt"
    script.write_text("ffconcat version 1.0\nfile film.avi\n")
    code = (
        "import sys; from analyzer.frames.video import *\n"
        "assert list(Video(sys.argv[1]).frames())\n"
        "try: Video(sys.argv[2])\n"
        "except UndecodableError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, damaged, script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("The file is not a video")
    assert done.stderr == ""


def test_the_cover_of_a_video_is_not_the_video(tmp_path: Path) -> None:
    path = with_cover_first(tmp_path / "film.mp4", [quarters()] * 12, quarters(400, 400))
    with av.open(str(path)) as container:
        assert [stream.name for stream in container.streams.video] == ["mjpeg", "h264"]
    with Video(path) as video:
        assert (video.info.width, video.info.height) == (96, 64)
        assert sum(1 for _ in video.frames()) == 12


def test_broken_sound_does_not_end_the_pictures(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w", options={"movflags": "frag_keyframe+empty_moov"}) as container:
        film = container.add_stream("libx264", rate=25, options={"g": "100"})
        film.width, film.height, film.pix_fmt = 96, 64, "yuv420p"
        sound = container.add_stream("aac", rate=44100, layout="mono")
        for number in range(50):
            container.mux(film.encode(av.VideoFrame.from_ndarray(quarters(), "bgr24")))
            samples = np.zeros((1, 1764), np.float32)
            heard = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
            heard.sample_rate, heard.pts = 44100, 1764 * number
            container.mux(sound.encode(heard))
        for stream in (film, sound):
            container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        ends = [
            packet.pos + packet.size
            for packet in container.demux(container.streams.video[0])
            if packet.pos is not None
        ]
    # The sound of a fragment lies behind its pictures, so most of it is cut off.
    path.write_bytes(path.read_bytes()[: max(ends) + 50])
    assert len(read(path)[1]) == 50


@pytest.mark.parametrize("first", ["wide", "tall"])
def test_a_size_that_changes_midway_is_padded_and_not_stretched(tmp_path: Path, first: str) -> None:
    sizes = {"wide": (96, 64), "tall": (64, 96)}
    parts = [
        encode(tmp_path / f"{name}.ts", [quarters(*size)] * 10, "libx264", rate=25).read_bytes()
        for name, size in sorted(sizes.items(), key=lambda part: part[0] != first)
    ]
    path = tmp_path / "film.ts"
    path.write_bytes(b"".join(parts))
    with Video(path) as video:
        frames = [frame.pixels.copy() for frame in video.frames()]
        assert (video.info.width, video.info.height) == sizes[first]
    assert len(frames) == 20
    assert_upright(frames[0])
    height, width = frames[-1].shape[:2]
    shown = round(min(height, width) ** 2 / max(height, width))
    begin = (max(height, width) - shown) // 2
    inner = frames[-1][:, begin : begin + shown] if width > height else frames[-1][begin:][:shown]
    assert_upright(inner)
    assert frames[-1][2, 2].max() < 20


def test_pq_video_is_shown_as_bright_as_it_is_meant(tmp_path: Path) -> None:
    level = np.array([40, 100, 160, 220]) / 255
    # SMPTE ST 2084, for paper white of 203 cd/m2.
    light = (
        203 / 10_000 * np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    )
    power = light ** (2610 / 16384)
    pq = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    picture = np.repeat(np.round(255 * pq).astype(np.uint8), 32)[None, :, None]
    pictures = [np.ascontiguousarray(np.broadcast_to(picture, (64, 128, 3)))] * 3
    path = encode(
        tmp_path / "film.mp4", pictures, "libx265", pixel_format="yuv420p10le", transfer=16
    )
    shown = read(path)[1][0][32, 16::32, 0].astype(int)
    # Whites are rolled off to leave room for what is brighter.
    assert shown == pytest.approx([40, 95, 135, 175], abs=12)


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format", "kind"),
    [
        ("still.jpg", "mjpeg", "yuvj420p", "JPEG"),
        ("still.png", "png", "rgb24", "PNG"),
        ("still.webp", "libwebp", "yuv420p", "WebP"),
        ("still.avif", "libsvtav1", "yuv420p", "AVIF"),
        ("still.gif", "gif", "rgb8", "GIF"),
        ("still.apng", "apng", "rgb24", "PNG"),
        ("still.bmp", "bmp", "bgr24", "BMP"),
        ("still.tiff", "tiff", "rgb24", "TIFF"),
    ],
)
def test_a_still_picture_is_no_video_whatever_its_format(
    tmp_path: Path, name: str, codec: str, pixel_format: str, kind: str
) -> None:
    path = encode(tmp_path / name, [quarters()], codec, pixel_format=pixel_format)
    with pytest.raises(UndecodableError, match=rf"still picture \(A?{kind}\)"):
        Video(path)
