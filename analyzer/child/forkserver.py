"""Processes that each analyse one video, forked from one that has MediaPipe loaded.

Run as `python -m analyzer.child.forkserver SOCKET CORES [OWN ...]`: SOCKET is the number of an
inherited SOCK_SEQPACKET socket; somebody's own poses are in modules, by their names, or in files,
by their absolute paths. Orders come to it and
replies go back as protocol.py has them; an order that can't be read is answered like one whose
process has failed. When the other end of the socket closes, this process ends, and with it all that
it has forked.
"""

import contextlib
import ctypes
import gc
import linecache
import logging
import mmap
import os
import selectors
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from analyzer.child.confinement import available
from analyzer.child.protocol import (
    MESSAGE,
    AnalysisOrder,
    Exited,
    LiveOrder,
    MessageError,
    Order,
    Reply,
    Started,
    TeachingOrder,
    number_of,
    order_of,
    packed,
)
from analyzer.child.work import work
from analyzer.estimation.engine import Engine
from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.estimation.pace import MOST_THREADS
from analyzer.poses import catalogue
from analyzer.poses.taught import load

FILES: Final = 7
"""Open files that come with an order at most."""

NICENESS: Final = 10
"""Of this process and those that it forks."""

_PR_SET_PDEATHSIG: Final = 1

log = logging.getLogger(__name__)


def main(control: socket.socket, cores: int, own_poses: Sequence[str]) -> None:
    """Serve until the other end of `control` closes."""
    end_with(os.getppid())
    for standard in (1, 2):
        # Who reads the log is not waited for.
        os.set_blocking(standard, False)
    # The server, which has little to do, gets a core at once when it wants one.
    os.nice(NICENESS)
    landmarker, engine = _prepared(own_poses)
    forkserver = os.getpid()
    running = _Running()
    orders: dict[int, int] = {}
    woken, waking = os.pipe()
    os.set_blocking(waking, False)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    while True:
        ready = {key.fd for key, _ in selector.select()}
        if woken in ready:
            os.read(woken, 4096)
            for pid, status in _ended():
                # Somebody's own module may have started others.
                if pid in orders:
                    _send(control, orders.pop(pid), Exited(status))
            running.count = len(orders)
        if control.fileno() in ready:
            text, files, _, _ = socket.recv_fds(control, MESSAGE, FILES)
            if not text:
                return
            number = number_of(text)
            # Counted before it is there: the first thing it asks is how many there are.
            running.count = len(orders) + 1
            try:
                order = _checked(order_of(text), files)
                pid = os.fork()
            except (MessageError, OSError) as error:
                log.warning("The process of an order can't be started: %s", error)
                running.count = len(orders)
                _send(control, number, Exited(1))
            else:
                if pid == 0:
                    end_with(forkserver)
                    signal.set_wakeup_fd(-1)
                    selector.close()
                    for descriptor in (control.detach(), woken, waking):
                        os.close(descriptor)
                    work(order, files, landmarker, engine, partial(_threads, cores, running))
                orders[pid] = number
                _send(control, number, Started(pid))
            for descriptor in files:
                os.close(descriptor)


def _prepared(own_poses: Sequence[str]) -> tuple[PoseLandmarker, Engine]:
    """Load all that an analysis needs, and give what it is to begin with."""
    if not available():
        log.warning(
            "The kernel can't confine the processes that read videos (seccomp on x86-64): "
            "whoever takes one over by a damaged file has the rights of who started them."
        )
    for own in own_poses:
        load(own)
        if own in sys.modules:
            _remember_source(sys.modules[own].__file__ or "")
    catalogue()
    landmarker, engine = PoseLandmarker(), Engine()
    # Frozen, so that a collection in a child doesn't write to, and so copy, the pages it shares.
    gc.collect()
    gc.freeze()
    return landmarker, engine


def _remember_source(path: str) -> None:
    """Have tracebacks show the lines of a file also where no file can be opened any more."""
    lines = linecache.getlines(path)
    # Without a time: what has one is looked at on the disk each time.
    linecache.cache[path] = (sum(map(len, lines)), None, lines, path)


def _threads(cores: int, running: "_Running") -> int:
    """How many threads each of the analyses that run may take."""
    return max(1, min(MOST_THREADS, cores // max(1, running.count)))


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


def _checked(order: Order, files: Sequence[int]) -> Order:
    """An order that has come with the files that it takes.

    Raises:
        MessageError: it hasn't.
    """
    takes = 2 if isinstance(order, LiveOrder) else 1
    if isinstance(order, AnalysisOrder | TeachingOrder):
        takes = 3 + order.keeps_landmarks + 2 * order.compares + order.renders
    if len(files) != takes:
        raise MessageError(f"The order came with {len(files)} files, and takes {takes}.")
    return order


def _send(control: socket.socket, number: int, reply: Reply) -> None:
    control.send(packed(number, reply))


def end_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; end now if it has ended before."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), sys.argv[3:])
