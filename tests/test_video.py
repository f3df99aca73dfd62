"""Decoding: every frame, upright, at its time, whatever the file."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from analyzer.process import analyze_dance_video
from analyzer.video import LONGEST_SIDE, Limits, OverLimitError, UndecodableError, Video
from tests.serving import ROOT
from tests.videos import encode, tag_rotation

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


def read(path: Path, limits: Limits | None = None) -> tuple[list[float], list[NDArray[np.uint8]]]:
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
        corners = picture[[8, 8, 56, 56], [8, 88, 8, 88]].astype(int)
        wanted = np.array([RED, GREEN, BLUE, WHITE])[:, ::-1]
        assert np.abs(corners - wanted).max() < 60


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_rotation_tag_is_followed(tmp_path: Path, degrees: int) -> None:
    turned = np.ascontiguousarray(np.rot90(quarters(), degrees // 90))
    path = encode(tmp_path / "turned.mp4", [turned] * 3, "libx264")
    tag_rotation(path, degrees)
    with Video(path) as video:
        assert (video.info.width, video.info.height) == (96, 64)
        assert video.info.rotation == degrees
        for frame in video.frames():
            red, white = frame.pixels[8, 8].astype(int), frame.pixels[56, 88].astype(int)
            assert red[0] > 150
            assert red[2] < 80
            assert white.min() > 150


def test_the_times_of_a_variable_frame_rate_are_those_of_the_file(tmp_path: Path) -> None:
    stamps = [0.0, 0.04, 0.2, 0.24, 0.5, 0.51]
    path = encode(tmp_path / "variable.mkv", grays(6), "libx264", times=stamps)
    times, _ = read(path)
    assert np.allclose(times, stamps, atol=0.002)


def test_frames_are_counted_as_they_decode_and_not_as_the_header_claims(tmp_path: Path) -> None:
    path = encode(tmp_path / "film.avi", grays(20), "mpeg4")
    claim_frames(path, 25)
    with Video(path) as video:
        assert video.info.frames_claimed == 25
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
        (Limits(seconds=1), "longer than 1 seconds"),
        (Limits(frames=39), "39 frames at most"),
    ],
)
def test_what_the_header_tells_is_refused_before_a_frame_is_read(
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


def test_what_the_header_hides_is_refused_when_the_limit_is_reached(tmp_path: Path) -> None:
    path = encode(tmp_path / "film.avi", grays(40), "mpeg4")
    claim_frames(path, 5)
    with Video(path, Limits(frames=10)) as video:
        assert video.info.frames_claimed == 5
        with pytest.raises(OverLimitError, match="10 frames at most"):
            list(video.frames())


def test_an_unreadable_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"")
    with pytest.raises(UndecodableError, match="empty"):
        Video(path)
    path.write_bytes(b"RIFF\0\0\0\0AVI LIST")
    with pytest.raises(UndecodableError, match="an AVI file"):
        Video(path)


@pytest.mark.parametrize("first", ["cv2", "analyzer.lean", "analyzer.opencv", "analyzer.video"])
def test_no_file_opens_another_and_opencv_is_silent_whatever_is_imported_first(
    tmp_path: Path, first: str
) -> None:
    encode(tmp_path / "film.avi", grays(3), "mpeg4")
    script = tmp_path / "list.txt"
    script.write_text("ffconcat version 1.0\nfile film.avi\n")
    code = (
        f"import sys, {first}; from analyzer.video import *; Video(sys.argv[1])\n"
        "try: Video(sys.argv[2])\n"
        "except UndecodableError as error: print(error)"
    )
    unset = {name: value for name, value in os.environ.items() if not name.startswith("OPENCV")}
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "film.avi", script],
        cwd=ROOT,
        env=unset,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("The file is not a video")
    assert done.stderr == ""
