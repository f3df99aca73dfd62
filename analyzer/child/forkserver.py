"""Processes that each analyse one video, forked from one that has MediaPipe loaded.

Run as `python -m analyzer.child.forkserver SOCKET CORES [MODULE ...]`: SOCKET is the number of an
inherited SOCK_SEQPACKET socket, the modules hold someone's own poses. A message to it (messages.py)
comes with open files: the writing end of a pipe and, but for a proof that all works, the video, a
file for the result, and perhaps one to render the video to. A process is forked for it, whose JSON
lines come through that pipe. Back come {"pid"} when it runs and {"pid", "status"} when it has ended
(an exit code, or minus a signal). A message that can't be read is answered like a process that has
failed. When the other end of the socket closes, this process ends, and with it all that it has
forked.
"""

import contextlib
import ctypes
import errno
import gc
import json
import logging
import mmap
import os
import resource
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from analyzer.child.confinement import available, confine
from analyzer.child.protocol import LONGEST_FAILURE, MESSAGE, MessageError, job_of, packed, unpacked
from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.estimation.pace import MOST_THREADS
from analyzer.limits import Limits, OverLimitError, VideoError
from analyzer.poses import catalogue, load_module
from analyzer.report.answer import catalogue_entry, events

FILES: Final = 4
"""Open files that come with a message at most."""

NICENESS: Final = 10

OPEN_FILES: Final = 64
"""Files that an analysis may have open."""

ROOM: Final = {errno.EFBIG: "over-limit", errno.ENOSPC: "no-room", errno.EDQUOT: "no-room"}
"""What it means that a rendering can't be written on, as the kind of a problem."""

_PR_SET_PDEATHSIG: Final = 1

log = logging.getLogger(__name__)


def main(control: socket.socket, cores: int, pose_modules: Sequence[str]) -> None:
    """Serve until the other end of `control` closes."""
    end_with(os.getppid())
    for standard in (1, 2):
        # Who reads the log is not waited for.
        os.set_blocking(standard, False)
    # The server, which has little to do, gets a core at once when it wants one.
    os.nice(NICENESS)
    landmarker = _prepared(pose_modules)
    forkserver = os.getpid()
    running = _Running()
    jobs: dict[int, int] = {}
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(awake, selectors.EVENT_READ)
    while True:
        ready = {key.fd for key, _ in selector.select()}
        if awake in ready:
            os.read(awake, 4096)
            for pid, status in _ended():
                _send(control, jobs.pop(pid), {"pid": pid, "status": status})
            running.count = len(jobs)
        if control.fileno() in ready:
            text, files, _, _ = socket.recv_fds(control, MESSAGE, FILES)
            if not text:
                return
            job = job_of(text)
            # Counted before it is there: the first thing it asks is how many there are.
            running.count = len(jobs) + 1
            try:
                message = unpacked(text)
                if not files:
                    raise MessageError("The message came without a pipe.")
                pid = os.fork()
            except (MessageError, OSError):
                traceback.print_exc()
                running.count = len(jobs)
                _send(control, job, {"pid": 0, "status": 1})
            else:
                if pid == 0:
                    end_with(forkserver)
                    signal.set_wakeup_fd(-1)
                    selector.close()
                    for descriptor in (control.detach(), awake, wake):
                        os.close(descriptor)
                    _work(message, files, landmarker, lambda: _threads(cores, running.count))
                jobs[pid] = job
                _send(control, job, {"pid": pid})
            for descriptor in files:
                os.close(descriptor)


def _prepared(pose_modules: Sequence[str]) -> PoseLandmarker:
    """Load all that an analysis needs, and give what it is to begin with."""
    if not available():
        log.warning(
            "The kernel can't confine the processes that read videos (seccomp on x86-64): "
            "whoever takes one over by a damaged file has the rights of the service."
        )
    for module in pose_modules:
        load_module(module)
    catalogue()
    landmarker = PoseLandmarker()
    # Frozen, so that a collection in a child doesn't write to, and so copy, the pages it shares.
    gc.collect()
    gc.freeze()
    return landmarker


def _threads(cores: int, running: int) -> int:
    """How many threads each of so many analyses may take."""
    return max(1, min(MOST_THREADS, cores // max(1, running)))


class _Running:
    """How many analyses run, in memory that they share: each asks it before each frame.

    One of them may have overwritten it, so the forkserver itself never reads it.
    """

    def __init__(self) -> None:
        self._memory = memoryview(mmap.mmap(-1, 4)).cast("i")

    @property
    def count(self) -> int:
        """Number of processes."""
        return self._memory[0]

    @count.setter
    def count(self, count: int) -> None:
        self._memory[0] = count


def _ended() -> Iterator[tuple[int, int]]:
    """The children that have ended, and how."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, os.waitstatus_to_exitcode(status)


def _send(control: socket.socket, job: int, message: dict[str, int]) -> None:
    control.send(packed(job, message))


def _work(
    message: dict[str, Any],
    files: list[int],
    landmarker: PoseLandmarker,
    threads: Callable[[], int],
) -> None:
    """Do a job in this process, and end it."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        pipe, *others = files
        with os.fdopen(pipe, "w") as lines:

            def tell(event: dict[str, Any]) -> None:
                lines.write(json.dumps(event) + "\n")
                lines.flush()

            try:
                _limit(message["memory"], message.get("file_bytes", 0))
                _say_nothing_else()
                confine()
                for event in _events(message, others, landmarker, threads):
                    tell(event)
            except Exception:  # whatever a file, or someone's own pose, does
                tell({"event": "failure", "text": traceback.format_exc()[-LONGEST_FAILURE:]})
            else:
                status = 0
    finally:
        os._exit(status)


def _say_nothing_else() -> None:
    """Have what this process writes to standard output and standard error go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for standard in (1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def _events(
    message: dict[str, Any],
    files: list[int],
    landmarker: PoseLandmarker,
    threads: Callable[[], int],
) -> Iterator[dict[str, Any]]:
    """What a job has to tell; without a video, that the model works and which poses there are."""
    if not files:
        landmarker.prove()
        yield {"event": "proof", "catalogue": [catalogue_entry(pose) for pose in catalogue()]}
        return
    video, answer, *rest = files
    try:
        told = events(
            os.fdopen(video, "rb", buffering=0),
            poses=message["poses"],
            min_hold=message["min_hold"],
            include=message["include"],
            limits=Limits(**message["limits"]),
            render_to=os.fdopen(rest[0], "wb", closefd=False) if rest else None,
            prompt=message["prompt"],
            threads=threads,
            landmarker=landmarker,
        )
        for event in told:
            yield _kept(event["result"], answer) if event["event"] == "result" else event
    except OverLimitError as error:
        yield {"event": "problem", "kind": "over-limit", "detail": str(error)}
    except VideoError as error:
        yield {"event": "problem", "kind": "undecodable", "detail": str(error)}
    except OSError as error:
        if error.errno not in ROOM:
            raise
        yield {
            "event": "problem",
            "kind": ROOM[error.errno],
            "detail": f"There is no room for the {'annotated video' if rest else 'answer'}; "
            "send it again later, a shorter part, or a smaller version.",
        }
    except MemoryError:
        yield {
            "event": "problem",
            "kind": "too-much-memory",
            "detail": "The video needs more memory than an analysis may take; "
            "send it at a lower resolution.",
        }


def _kept(result: dict[str, Any], answer: int) -> dict[str, Any]:
    """The event of a result, once it is in its file: the server passes it on without reading it."""
    timing = result.pop("timing", {})
    with os.fdopen(answer, "w", closefd=False) as file:
        file.write(json.dumps(result))
    return {"event": "result", "frames": result["total_frames"], "timing": timing}


def _limit(memory: int, file_size: int) -> None:
    """Bound what an analysis can take: address space beyond today's, files, a core dump."""
    space = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE + memory
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def end_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; end now if it has ended before."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), sys.argv[3:])
