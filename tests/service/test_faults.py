"""Everything that can go wrong with an upload, in random order; nothing of it is left behind.

FAULTS sets how many uploads there are (make faults: 500), SEED repeats a run.
"""

import contextlib
import os
import random
import signal
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from analyzer.process import analyze_dance_video
from dancer.film import film
from testing.serving import (
    TIMEOUT,
    Footprint,
    Server,
    answer_of,
    eventually,
    multipart,
    serving,
    upload_head,
    upload_of,
)

UPLOADS = int(os.environ.get("FAULTS", "60"))
SEED = int(os.environ.get("SEED", "1"))
CALLERS = 4
REFUSED = {400, 413, 415, 422}


class Caller:
    """One who sends a video in one of many ways and looks at what comes back."""

    def __init__(self, server: Server, good: Path, long: Path, chance: random.Random) -> None:
        self.server = server
        self.good = good.read_bytes()
        self.long = long.read_bytes()
        self.right = analyze_dance_video(good)
        self.chance = chance

    def good_one(self) -> None:
        answer = self.server.analyze(self.good)
        assert (answer.status_code, answer.json()) == (200, self.right)

    def broken_one(self) -> None:
        cut = self.good[: self.chance.randrange(len(self.good) // 2)]
        noise = self.chance.randbytes(self.chance.randrange(1, 5000))
        answer = self.server.analyze(self.chance.choice([b"", cut, noise, b"\0" * 1000]))
        assert answer.status_code in REFUSED, answer.text

    def bomb(self) -> None:
        huge = self.chance.randrange(20_000, 65_536).to_bytes(2, "little") * 2
        gif = b"GIF89a" + huge + b"\x80\0\0" + bytes(6) + b"," + bytes(4) + huge + b"\0\2\2L\1\0;"
        million = self.good.replace(b"stts", b"stts" + bytes(4) + b"\0\0\0\1\0\x0f\x42\x40", 1)
        answer = self.server.analyze(self.chance.choice([gif, million]))
        assert answer.status_code in REFUSED | {200}, answer.text

    def no_form(self) -> None:
        answer = self.server.exchange(upload_head(20) + b"--edge\r\nnothing here")
        assert answer.startswith(b"HTTP/1.1 400 ")

    def hang_up_while_sending(self) -> None:
        body = multipart(self.good)
        with self.server.connect() as connection:
            connection.sendall(upload_head(len(body)) + body[: self.chance.randrange(len(body))])

    def hang_up_while_analysed(self) -> None:
        with self.server.connect() as connection:
            connection.sendall(upload_of(self.long))
            connection.settimeout(self.chance.random())
            with pytest.raises(TimeoutError):
                connection.recv(1)

    def reset(self) -> None:
        with self.server.connect() as connection:
            linger = b"\1\0\0\0\0\0\0\0"
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.sendall(upload_head(10_000) + multipart(b"")[:70])

    def killed(self) -> None:
        """Kill an analysis; whose it is decides who notices, so it is of a video of our own."""
        with self.server.connect() as connection:
            connection.sendall(upload_of(self.long))
            number = self.chance.choice([signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
            assert eventually(lambda: self._kill_a_long_one(number))
            # Another caller's kill may have hit this one first, or this one's another's.
            connection.settimeout(TIMEOUT)
            assert answer_of(connection).startswith(b"HTTP/1.1 500 ")

    def _kill_a_long_one(self, number: signal.Signals) -> bool:
        for process in self.server.analyses():
            # What ends or closes a file meanwhile is looked at again.
            with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess):
                sizes = {file.stat().st_size for file in Path(f"/proc/{process.pid}/fd").iterdir()}
                if len(self.long) in sizes:
                    process.send_signal(number)
                    return True
        return False


def test_no_fault_harms_another_upload_or_leaves_anything_behind(
    long_video: Path, tmp_path: Path
) -> None:
    print(f"SEED={SEED} FAULTS={UPLOADS}")
    chance = random.Random(SEED)
    good = tmp_path / "good.mp4"
    film([("T-Pose", None, 0.3)], width=160, height=160, frame_rate=15, rest=0.3).write(good)
    # All come from one address, which has a share of the line; who hung up is in it until seen.
    with serving(tmp_path / "uploads", WAITING=4 * CALLERS) as server:
        caller = Caller(server, good, long_video, chance)
        kinds: list[Callable[[], None]] = [
            *[caller.good_one] * 3,
            *[caller.broken_one] * 3,
            caller.bomb,
            caller.no_form,
            caller.hang_up_while_sending,
            caller.hang_up_while_analysed,
            caller.reset,
        ]
        caller.good_one()
        before = Footprint.at_rest(server)
        done: Counter[str] = Counter()

        def run(kind: Callable[[], None]) -> None:
            kind()
            done[kind.__name__] += 1

        # Kills come one at a time between the others, so that each hits a known upload.
        rounds = max(1, UPLOADS // 50)
        for _ in range(rounds):
            with ThreadPoolExecutor(CALLERS) as callers:
                chosen = chance.choices(kinds, k=UPLOADS // rounds - 5)
                for future in [callers.submit(run, kind) for kind in chosen]:
                    future.result()
            # Nor may one that its caller has left be taken for it.
            assert eventually(lambda: not server.analyses())
            with ThreadPoolExecutor(2) as callers:
                for _ in range(5):
                    pair = [callers.submit(run, kind) for kind in (caller.killed, caller.good_one)]
                    for future in pair:
                        future.result()
        print(dict(done))
        caller.good_one()
        after = Footprint.at_rest(server)
        assert after.processes == before.processes
        assert after.descriptors == before.descriptors
        assert after.threads == before.threads
        assert after.memory < before.memory + 8 * 2**20
        assert server.received() == 0
        assert list(server.uploads.iterdir()) == []
        assert psutil.Process(server.process.pid).is_running()
