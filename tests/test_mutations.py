"""Damaged files of every container: bits flipped, parts cut out, pieces of others spliced in.

MUTATIONS sets how many uploads there are (make mutations: 10,000), SEED repeats a run.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.serving import Server, eventually, serving
from tests.videos import encode

UPLOADS = int(os.environ.get("MUTATIONS", "200"))
SEED = int(os.environ.get("SEED", random.randrange(2**32)))
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
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("containers")
    noise = np.random.default_rng(1)
    pictures = [noise.integers(0, 256, (64, 80, 3), np.uint8) for _ in range(4)]
    return [
        encode(folder / name, pictures, codec, rate=25, pixel_format=pixel_format).read_bytes()
        for name, codec, pixel_format in CONTAINERS
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("uploads"), ANALYSIS_SECONDS=20) as server:
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


def test_no_damaged_file_is_the_servers_fault_or_leaves_anything(
    files: list[bytes], server: Server
) -> None:
    print(f"SEED={SEED} MUTATIONS={UPLOADS}")
    chance = random.Random(SEED)
    for file in files:
        assert server.analyze(file).json() == {"detected_poses": {}, "total_frames": 4}
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
    assert eventually(lambda: not server.forkserver().children(), 5)
    assert server.received() == 0
    assert list(server.uploads.iterdir()) == []
