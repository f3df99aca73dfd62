"""Live sessions under load: python -m benchmarks.live

A server with places for all, on loopback, and callers in a process of their own who send what has
been prepared: pictures of the drawn dancer, 640 x 480 JPEG, or its landmarks, 30 a second each.
Meanwhile /health is asked 20 times a second. Latency is what the callers see, from the sending of
a frame to its answer. At the end sessions are opened and dropped in every way.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import struct
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from benchmarks.common import table
from dancer.film import Film, Step, film
from testing.serving import Footprint, Server, eventually, serving

RATE: Final = 30.0
"""Frames a second of each session."""

SECONDS: Final = 20.0
"""How long each is measured."""

SETTLING: Final = 2.0
"""Seconds at the beginning that aren't counted."""

HEALTH_SECONDS: Final = 0.05
"""Pause between two looks at /health."""

MOST: Final = 6
"""Sessions of pictures that are tried at once."""

WANTED: Final = 0.100
"""Seconds within which 95 % of the answers of sessions side by side have to come."""

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
"""Kinds of WebSocket frames (RFC 6455, 5.2)."""


@dataclass
class Heard:
    """What the callers have heard."""

    latencies: list[float] = field(default_factory=list)
    """Seconds from the sending of a frame to its answer."""
    health: list[float] = field(default_factory=list)
    """Seconds that /health took."""
    sent: int = 0
    answered: int = 0
    dropped: int = 0


def masked(kind: int, content: bytes) -> bytes:
    """A WebSocket frame as a caller sends it; its mask is of zeros, which changes nothing."""
    length = len(content)
    if length < 126:
        head = bytes([0x80 | kind, 0x80 | length])
    elif length < 2**16:
        head = bytes([0x80 | kind, 0x80 | 126]) + struct.pack(">H", length)
    else:
        head = bytes([0x80 | kind, 0x80 | 127]) + struct.pack(">Q", length)
    return head + bytes(4) + content


async def opened(
    port: int, sends: str, wanted: dict[str, Any]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A session that has been told what is wanted."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /live?sends={sends} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head.splitlines()[0], head
    writer.write(masked(TEXT, json.dumps(wanted).encode()))
    return reader, writer


async def received(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next frame that the server sends: its kind and content."""
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", await reader.readexactly(8))
    return first & 0xF, await reader.readexactly(length)


async def danced(
    port: int, sends: str, wanted: dict[str, Any], messages: Sequence[bytes], heard: Heard
) -> None:
    """One session: sends a message each frame, as long as it lasts, and notes what is answered."""
    reader, writer = await opened(port, sends, wanted)
    sent_at: list[float] = []
    # They don't all send at the same moment.
    begin = time.perf_counter() + random.random() / RATE
    counts = begin + SETTLING

    dropped = 0

    async def listen() -> None:
        nonlocal dropped
        while True:
            kind, text = await received(reader)
            if kind == CLOSE:
                return
            if kind == PING:
                writer.write(masked(PONG, text))
                continue
            told = json.loads(text)
            if told["event"] == "frame":
                now = time.perf_counter()
                if sent_at[told["sent"]] >= counts:
                    heard.latencies.append(now - sent_at[told["sent"]])
                    heard.answered += 1
                dropped = told["dropped"]

    listener = asyncio.create_task(listen())
    number = 0
    while (due := begin + number / RATE) < begin + SETTLING + SECONDS:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        sent_at.append(time.perf_counter())
        writer.write(messages[number % len(messages)])
        heard.sent += sent_at[-1] >= counts
        number += 1
    writer.write(masked(TEXT, b'{"end": true}'))
    await asyncio.wait_for(listener, 30)
    heard.dropped += dropped
    writer.close()


async def looked_after(port: int, heard: Heard) -> None:
    """Ask for /health over one connection, time and again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while True:
        begin = time.perf_counter()
        writer.write(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.splitlines() if b"ontent-Length" in line
        )
        await reader.readexactly(length)
        heard.health.append(time.perf_counter() - begin)
        await asyncio.sleep(HEALTH_SECONDS)


def call(
    port: int, sessions: int, sends: str, wanted: dict[str, Any], messages: Sequence[bytes]
) -> Heard:
    """Have so many dance at once; what all of them hear."""

    async def all_of_them() -> Heard:
        heard = Heard()
        health = asyncio.create_task(looked_after(port, heard))
        await asyncio.gather(
            *(danced(port, sends, wanted, messages, heard) for _ in range(sessions))
        )
        health.cancel()
        return heard

    return asyncio.run(all_of_them())


def pictures_of(filmed: Film) -> list[bytes]:
    """The frames of a film as JPEG messages."""
    return [
        masked(BINARY, cv2.imencode(".jpg", picture)[1].tobytes()) for picture in filmed.frames()
    ]


def landmarks_of(filmed: Film) -> list[bytes]:
    """The landmarks of a film as messages, often enough for a whole session."""
    image, world = filmed.landmarks()
    messages = []
    for number in range(round((SETTLING + SECONDS) * RATE) + 1):
        row = number % len(image)
        told = {
            "time": number / RATE,
            "landmarks": np.round(image[row].astype(float), 4).tolist(),
            "world_landmarks": np.round(world[row].astype(float), 4).tolist(),
        }
        messages.append(masked(TEXT, json.dumps(told, separators=(",", ":")).encode()))
    return messages


def cpu_seconds(server: Server) -> float:
    """How long all processes of a server have worked so far."""
    return sum(sum(process.cpu_times()[:2]) for process in server.tree())


def row_of(name: str, sessions: int, heard: Heard, cores: float) -> list[object]:
    """A row of the table."""
    middle, late, latest = np.percentile(heard.latencies, [50, 95, 99]) * 1000
    return [
        name,
        sessions,
        f"{middle:.1f}",
        f"{late:.1f}",
        f"{latest:.1f}",
        f"{heard.answered / sessions / SECONDS:.1f}",
        heard.dropped,
        f"{cores / sessions:.3f}",
        f"{np.percentile(heard.health, 99) * 1000:.1f}",
    ]


HEAD: Final = (
    *("session", "at once", "p50 ms", "p95 ms", "p99 ms"),
    *("answers a second each", "dropped", "cores each", "/health p99 ms"),
)


def dropped_in_every_way(server: Server, times: int, picture: bytes, mark: bytes) -> float:
    """Open so many sessions and leave each somehow; the longest time until one has left nothing."""

    async def leave(way: int) -> None:
        sends = ("pictures", "landmarks")[way % 2]
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        if way % 12 < 2:
            # Without an upgrade, or in the middle of its head.
            writer.write(b"GET /live HTTP/1.1\r\nUpgrade: webso")
            writer.close()
            return
        writer.close()
        reader, writer = await opened(server.port, sends, {"size": [640, 480]})
        if way % 12 >= 4:
            await received(reader)
            writer.write((picture, mark)[way % 2])
        if way % 12 >= 6:
            await received(reader)
        match way % 12:
            case 6 | 7:
                writer.write(masked(TEXT, b'{"end": true}'))
                while (await received(reader))[0] != CLOSE:
                    pass
            case 8 | 9:
                writer.write(masked(BINARY, b"\xff\xd8 no picture"))
            case 10 | 11:
                # Half of a message.
                writer.write(masked(BINARY, picture)[:1000])
                await writer.drain()
        # With what is unread the system sends a reset, not an end.
        writer.transport.abort() if way % 3 else writer.close()

    longest = 0.0
    for way in range(times):
        asyncio.run(leave(way))
        begin = time.monotonic()
        gone: Callable[[], bool] = lambda: sum(sessions_of(server)) == 0  # noqa: E731
        assert eventually(gone), "a session is still there"
        longest = max(longest, time.monotonic() - begin)
    return longest


def sessions_of(server: Server) -> list[float]:
    """How many sessions there are, of each kind."""
    figures = server.figures()
    return [figures.get(("dance_live_sessions", sends), 0.0) for sends in ("pictures", "landmarks")]


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dropped", type=int, default=1000, help="sessions that are dropped")
    chosen = parser.parse_args()
    filmed = film([Step(name, None, 1.0) for name in ("T-Pose", "Goddess", "Squat", "Star")])
    pictures, marks = pictures_of(filmed), landmarks_of(filmed)
    settings: dict[str, Any] = {"LIVE_PICTURES": 4 * MOST, "LIVE_LANDMARKS": 400}
    quiet = subprocess.DEVNULL
    with (
        tempfile.TemporaryDirectory() as folder,
        multiprocessing.get_context("spawn").Pool(1) as caller,
        serving(Path(folder), stdout=quiet, **settings) as server,
    ):

        def measured(name: str, sessions: int, *what: Any) -> Heard:
            result = caller.apply_async(call, (server.port, sessions, *what))
            time.sleep(2 * SETTLING)
            begin, worked = time.monotonic(), cpu_seconds(server)
            time.sleep(SECONDS - 2 * SETTLING)
            cores = (cpu_seconds(server) - worked) / (time.monotonic() - begin)
            heard: Heard = result.get()
            rows.append(row_of(name, sessions, heard, cores))
            print(*rows[-1], sep=" | ", flush=True)
            return heard

        before = Footprint.at_rest(server)
        rows: list[list[object]] = []
        kinds: dict[str, dict[str, Any]] = {"all poses": {}, "Goddess": {"practise": "Goddess"}}
        for name, wanted in kinds.items():
            measured(f"pictures, {name}", 1, "pictures", wanted, pictures)
        for sessions in range(2, MOST + 1):
            heard = measured("pictures, all poses", sessions, "pictures", {}, pictures)
            if np.percentile(heard.latencies, 95) > WANTED:
                break
        for name, wanted in kinds.items():
            for sessions in (100, 200):
                sized = wanted | {"size": [640, 480]}
                measured(f"landmarks, {name}", sessions, "landmarks", sized, marks)
        print(table(HEAD, rows))
        longest = dropped_in_every_way(server, chosen.dropped, pictures[0], marks[0])
        after = Footprint.at_rest(server)
        print(f"\n{chosen.dropped} sessions dropped; each had left nothing within {longest:.2f} s.")
        print(f"before: {before}\nafter:  {after}")


if __name__ == "__main__":
    main()
