"""Damaged files of every kind: bits flipped, parts cut out, pieces of others spliced in.

MUTATIONS sets how many uploads there are (make mutations: 10,000), SEED repeats a run.
"""

import itertools
import json
import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dancer.drawing import Picture
from testing.serving import Server, eventually, serving
from testing.videos import display_matrix, encode, remuxed, with_cover_first

UPLOADS = int(os.environ.get("MUTATIONS", "200"))
SEED = int(os.environ.get("SEED", "1"))
ANSWERS = {200, 400, 413, 415, 422}
"""Everything else would be a mistake of the server: none of these files is its fault."""

CONTAINERS = [
    ("a.mp4", "libx264", "yuv420p"),
    ("b.mov", "libx265", "yuv420p10le"),
    ("c.mp4", "libsvtav1", "yuv420p"),
    ("d.webm", "libvpx-vp9", "yuv420p"),
    ("e.mkv", "libx264", "yuv420p"),
    ("f.avi", "mjpeg", "yuvj420p"),
    ("g.avi", "mpeg4", "yuv420p"),
    ("h.ts", "mpeg2video", "yuv420p"),
    ("i.mpg", "mpeg2video", "yuv420p"),
    ("j.flv", "flv1", "yuv420p"),
    ("k.ogv", "libvpx", "yuv420p"),
    ("l.wmv", "wmv2", "yuv420p"),
    ("m.gif", "gif", "rgb8"),
    ("n.apng", "apng", "rgb24"),
    ("o.mxf", "mpeg2video", "yuv420p"),
    ("p.h264", "libx264", "yuv420p"),
    ("q.hevc", "libx265", "yuv420p"),
    ("r.ivf", "libvpx-vp9", "yuv420p"),
    ("s.obu", "libsvtav1", "yuv420p"),
    ("t.3gp", "mpeg4", "yuv420p"),
    ("u.mov", "prores_ks", "yuv422p10le"),
]

INTERLACED = {"options": {"flags": "+ildct+ilme"}}
KINDS: list[tuple[str, str, dict[str, Any]]] = [
    ("interlaced.mp4", "libx264", INTERLACED),
    ("interlaced.mts", "libx264", INTERLACED),
    ("interlaced.mpg", "mpeg2video", INTERLACED),
    ("aspect.mp4", "libx264", {"aspect": Fraction(4, 3)}),
    ("aspect.mpg", "mpeg2video", {"aspect": Fraction(20, 11)}),
    *(
        (f"orientation{across}{down}.mp4", "libx264", {"matrix": display_matrix(across, down)})
        for across, down in itertools.product((1, -1, 1j, -1j), repeat=2)
        if abs(across.real) != abs(down.real)
    ),
    ("pause.mkv", "libx264", {"times": [0.0, 0.04, 20.0, 20.04]}),
    ("late.mp4", "libx264", {"times": [5.0, 5.04, 5.08, 5.12]}),
]
"""Videos that are stored in ways of their own: how to encode them."""

LOSSY = [
    (f"blank-{name}", codec, pixel_format)
    for name, codec, pixel_format in CONTAINERS
    # FFmpeg's versions differ in how much of HEVC they drop; the muxer doesn't take AV1 so.
    if codec not in ("libx265", "libsvtav1")
]
"""Those of which one packet is blanked, too."""

BLANKED = ("blank.mp4", "blank.mkv", "blank.ts", "blank.flv")
STREAMS: list[tuple[str, Callable[[int, Any], None]]] = [
    ("stray.mp4", lambda number, packet: shift(packet, 10_000_000 if number == 2 else 0)),
    ("jump.ts", lambda number, packet: shift(packet, 3_600_000 if number >= 2 else 0)),
    ("trimmed.mp4", lambda _number, packet: shift(packet, -80, both=True)),
    *((name, lambda number, packet: blank(packet) if number == 3 else None) for name in BLANKED),
]
"""Videos whose packets are changed on the way from the encoder to the file."""


def shift(packet: Any, milliseconds: int, *, both: bool = False) -> None:
    packet.pts += milliseconds
    if both:
        packet.dts += milliseconds


def blank(packet: Any) -> None:
    packet.update(bytes(packet)[:8] + bytes(packet.size - 8))


def joined(folder: Path, pictures: list[Picture]) -> Iterator[Path]:
    """Streams one after the other, also of another size."""
    tall = [np.ascontiguousarray(np.rot90(picture)) for picture in pictures]
    parts = [
        encode(folder / f"part{number}.ts", part, "libx264", rate=25).read_bytes()
        for number, part in enumerate((pictures, tall))
    ]
    for name, order in (("joined.ts", (0, 0)), ("turned.ts", (0, 1))):
        path = folder / name
        path.write_bytes(b"".join(parts[number] for number in order))
        yield path


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A small video of every kind, four frames a stream."""
    folder = tmp_path_factory.mktemp("videos")
    noise = np.random.default_rng(1)
    pictures = [noise.integers(0, 256, (64, 80, 3), np.uint8) for _ in range(4)]
    whole = encode(folder / "whole.mp4", pictures, "libx264", rate=25, options={"bf": "0"})
    return [
        *(
            encode(folder / name, pictures, codec, rate=25, pixel_format=pixel_format)
            for name, codec, pixel_format in CONTAINERS
        ),
        *(encode(folder / name, pictures, codec, rate=25, **how) for name, codec, how in KINDS),
        *(remuxed(whole, folder / name, change) for name, change in STREAMS),
        *(
            remuxed(
                encode(folder / name[6:], pictures, codec, rate=25, pixel_format=pixel_format),
                folder / name,
                lambda number, packet: blank(packet) if number == 2 else None,
            )
            for name, codec, pixel_format in LOSSY
        ),
        with_cover_first(folder / "cover.mp4", pictures, np.zeros((96, 96, 3), np.uint8)),
        *joined(folder, pictures),
    ]


@pytest.fixture(scope="module")
def files(videos: list[Path]) -> list[bytes]:
    return [path.read_bytes() for path in videos]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("uploads"), STALL_SECONDS=20) as server:
        yield server


def damaged(file: bytes, files: list[bytes], chance: random.Random) -> bytes:
    content = bytearray(file)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        place = chance.randrange(max(1, len(content) - 4))
        length = chance.choice([1, 4, 64, 1024])
        match chance.randrange(6):
            case 0:
                content[place] ^= 1 << chance.randrange(8)
            case 1:
                content[place : place + 4] = chance.choice([b"\xff" * 4, bytes(4), b"\x7f\xff" * 2])
            case 2:
                del content[max(place, 100) : place + length]
            case 3:
                other = chance.choice(files)
                start = chance.randrange(len(other))
                content[place:place] = other[start : start + length]
            case 4:
                content[place:place] = content[place : place + length]
            case 5:
                del content[max(place, 100) :]
    # Headers are where a decoder is told how much to take, and a small part of a file.
    if chance.random() < 0.5:
        content[chance.randrange(min(200, len(content)))] = chance.randrange(256)
    return bytes(content)


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="ffprobe is not installed")
def test_every_kind_of_file_has_the_frames_that_ffprobe_counts(
    videos: list[Path], server: Server
) -> None:
    wanted = {path.name: counted(path) for path in videos}
    found = {path.name: server.analyze(path).json().get("total_frames") for path in videos}
    assert found == wanted
    assert set(wanted.values()) == {2, 3, 4, 8}


def counted(path: Path) -> int:
    """How many frames decode, as FFmpeg's own tool counts them."""
    command = ["ffprobe", "-v", "quiet", "-count_frames", "-select_streams", "V"]
    show = ["-show_entries", "stream=nb_read_frames", "-of", "json", str(path)]
    done = subprocess.run([*command, *show], capture_output=True, check=True)
    return int(json.loads(done.stdout)["streams"][0]["nb_read_frames"])


def test_no_damaged_file_is_the_servers_fault_or_leaves_anything(
    files: list[bytes], server: Server
) -> None:
    print(f"SEED={SEED} MUTATIONS={UPLOADS}")
    chance = random.Random(SEED)
    statuses: Counter[int] = Counter()

    def upload(number: int, content: bytes) -> None:
        answer = server.analyze(content)
        statuses[answer.status_code] += 1
        assert answer.status_code in ANSWERS, f"number {number}: {answer.text}"

    with ThreadPoolExecutor(4) as callers:
        futures = [
            callers.submit(upload, number, damaged(files[number % len(files)], files, chance))
            for number in range(UPLOADS)
        ]
        for future in futures:
            future.result()
    print(dict(statuses))
    assert statuses[200] > 0
    assert server.healthy()
    assert eventually(lambda: not server.forkserver().children())
    assert server.received() == 0
    assert list(server.uploads.iterdir()) == []
