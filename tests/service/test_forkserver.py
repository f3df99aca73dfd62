"""The forkserver: whatever is sent to it costs one job at most."""

import array
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from analyzer.child.protocol import (
    MESSAGE,
    AnalysisOrder,
    Exited,
    MessageError,
    Proof,
    ProofOrder,
    event_of,
    number_of,
    order_of,
    packed,
    reply_of,
)
from analyzer.limits import Limits
from testing.serving import ROOT, TIMEOUT, serving

PROOF = ProofOrder(2**31)


class Control:
    """The other end of a forkserver's socket."""

    def __init__(self, ours: socket.socket) -> None:
        self._socket = ours
        self._job = 0

    def send(self, text: bytes, *files: int) -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))] if files else []
        self._socket.sendmsg([text], rights)

    def order_proof(self) -> bytes:
        """An order with a job of its own."""
        self._job += 1
        return packed(self._job, PROOF)

    def end_of(self, job: int) -> int:
        """Wait for the end of a job, and give its status."""
        while True:
            text = self._socket.recv(MESSAGE)
            assert text, "the forkserver has ended"
            reply = reply_of(text)
            if number_of(text) == job and isinstance(reply, Exited):
                return reply.status

    def works(self) -> bool:
        """Whether a good job is done."""
        reading, writing = os.pipe()
        self.send(self.order_proof(), writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as told:
            event = event_of(told.readline())
        return isinstance(event, Proof) and self.end_of(self._job) == 0


@pytest.fixture(scope="module")
def started() -> Iterator[tuple[Control, int]]:
    """A forkserver, and its number."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(TIMEOUT)
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "analyzer.child.forkserver", str(theirs.fileno()), "2"],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        yield Control(ours), process.pid
    process.wait(TIMEOUT)


@pytest.fixture
def spare() -> Iterator[BinaryIO]:
    with Path(os.devnull).open("rb") as file:
        yield file


@pytest.fixture
def control(started: tuple[Control, int]) -> Iterator[Control]:
    """It, which works before and after, and keeps none of the files that it was sent."""
    control, pid = started
    assert control.works()
    before = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    yield control
    assert control.works()
    assert len(list(Path(f"/proc/{pid}/fd").iterdir())) == before


@pytest.mark.parametrize("size", [9, 100, MESSAGE - 1, MESSAGE, MESSAGE + 1, 100_000])
def test_a_message_that_is_no_json_costs_one_job(
    control: Control, spare: BinaryIO, size: int
) -> None:
    control.send(struct.pack("<Q", 77).ljust(size, b"{"), spare.fileno())
    assert control.end_of(77) != 0


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"7",
        b'"text"',
        b"null",
        b"[" * 60_000,
        b"\xff\xfe",
        b"{}",
        b'{"memory": "much"}',
        b'{"memory": -1}',
        b'{"memory": 1e400}',
        b'{"memory": 2147483648, "file_bytes": "x"}',
        b'{"memory": 2147483648, "file_bytes": 1, "limits": {}}',
        b'{"memory": 2147483648, "file_bytes": 1, "limits": {"size": 1}}',
        b'{"memory": 2147483648, "file_bytes": 1, "limits": {}, "more": 1}',
    ],
)
def test_a_message_that_makes_no_sense_costs_one_job(
    control: Control, spare: BinaryIO, text: bytes
) -> None:
    control.send(struct.pack("<Q", 78) + text, spare.fileno())
    assert control.end_of(78) != 0


@pytest.mark.parametrize("count", [0, 2, 3, 4, 5, 60])
def test_too_few_and_too_many_files_cost_one_job(
    control: Control, spare: BinaryIO, count: int
) -> None:
    control.send(packed(79, PROOF), *[spare.fileno()] * count)
    assert control.end_of(79) != 0


def test_a_pipe_whose_other_end_is_closed_costs_one_job(control: Control) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    control.send(packed(80, PROOF), writing)
    os.close(writing)
    control.end_of(80)


def test_a_message_without_even_a_job_is_passed_over(control: Control, spare: BinaryIO) -> None:
    control.send(b"short", spare.fileno())
    assert control.end_of(0) != 0


@pytest.mark.parametrize(
    "wrong", [{"people": 0}, {"people": 7}, {"people": "2"}, {"dancer": "left"}, {"dancer": 1}]
)
def test_an_order_for_dancers_that_there_cannot_be_is_none(wrong: dict[str, object]) -> None:
    order = AnalysisOrder(2**31, 2**20, Limits(), poses=[], include=[], people=6, dancer="0.5,0.25")
    text = packed(7, order)
    assert order_of(text) == order
    head, message = text[:8], json.loads(text[8:])
    with pytest.raises(MessageError):
        order_of(head + json.dumps(message | wrong).encode())


def test_a_message_that_would_be_too_long_is_not_sent() -> None:
    order = AnalysisOrder(2**31, 2**20, Limits(), poses=["Tree"], include=["video"])
    assert order_of(packed(7, order)) == order
    with pytest.raises(MessageError, match="longer than"):
        packed(7, replace(order, poses=["x" * MESSAGE]))


def test_a_pose_spelled_in_thousands_of_ways_is_looked_for_once_and_ends_nothing(
    tmp_path: Path, t_pose_video: Path
) -> None:
    spellings = [
        "".join(c.upper() if number >> place & 1 else c for place, c in enumerate("t-pose, ballet"))
        for number in range(2**12)
    ]
    with serving(tmp_path / "uploads") as server:
        before = server.forkserver().pid
        many = ",".join(spellings)[:65_000].rsplit(",", 2)[0]
        answer = server.analyze(t_pose_video, data={"poses": many})
        assert answer.status_code == 200, answer.text
        assert "T-Pose" in answer.json()["detected_poses"]
        assert server.healthy()
        assert server.forkserver().pid == before
