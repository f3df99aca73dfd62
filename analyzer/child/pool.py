"""The forkserver and the processes that it forks, from the side of those who have videos analysed.

Written with the standard library's threads, so that it serves the command as it is, and the service
where gevent has made greenlets of threads.
"""

import array
import contextlib
import itertools
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from analyzer.child.protocol import (
    LINE,
    MESSAGE,
    Event,
    Exited,
    MessageError,
    Order,
    Started,
    event_of,
    number_of,
    packed,
    reply_of,
)

ROOT: Final = Path(__file__).resolve().parents[2]

CHUNK: Final = 2**16
"""Bytes that are read at once of what a process tells."""

ANSWER_SECONDS: Final = 10.0
"""Within this time the forkserver has to tell that a process has started, or has ended when it was
killed; or it counts as broken."""

LOADING_SECONDS: Final = 60.0
"""Within this time it has to do so for its first process: before, it loads what they all need."""

PASSED: Final = frozenset(
    ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
) | {"MODEL_DIRECTORY", "XDG_CACHE_HOME"}
"""Variables of the environment that the processes get, beside those of Python: no token."""

ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""For every library that would take all cores."""

READ_SECONDS: Final = 0.005
"""Pause after so much of what a process tells."""

TOO_MANY_THREADS: Final = 16 + 8 * (os.cpu_count() or 1)
"""Threads of a process, far more than an analysis takes, whose graphs have some a core."""

COUNT_SECONDS: Final = 0.25
"""Pause between two looks at how many threads the processes have."""

END_SECONDS: Final = 1.0
"""Within this time a forkserver that has closed its socket ends by itself."""

RESTART_SECONDS: Final = 1.0
"""Pause before a forkserver is started in place of one that ended."""

log = logging.getLogger(__name__)


class ProcessError(Exception):
    """A process could not be started."""


@dataclass(frozen=True)
class Ended:
    """The end of a process: its exit code, or minus the signal that ended it; None if unknown."""

    status: int | None

    def __str__(self) -> str:
        """How it ended, in words."""
        if self.status is None:
            return "ended"
        return f"exit code {self.status}" if self.status >= 0 else f"signal {-self.status}"


Listener = Callable[[Event | Ended], object]
"""Gets what a process tells, as it comes, and at last that it has ended."""


class Process:
    """The process of one order."""

    def __init__(self, number: int, listener: Listener, pool: "Pool") -> None:
        self.number = number
        """Of its order."""
        self.pid = 0
        self.started: Future[int] = Future()
        self.status: Future[int | None] = Future()
        self._listener = listener
        self._pool = pool

    def kill(self) -> None:
        """End the process, now, and wait until it is gone."""
        if not self.status.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        try:
            self.status.result(ANSWER_SECONDS)
        except TimeoutError:
            self._pool.replace()
            self.status.result()

    def listen(self, pipe: int) -> None:
        """Pass on what it tells, until it has ended."""
        try:
            for line in _lines(pipe):
                self._listener(event_of(line))
        except Exception:  # whatever it is, whoever waits for the process hears of its end
            log.exception("What the process of a video tells can't be taken; it is ended.")
            self.kill()
        finally:
            os.close(pipe)
        self._listener(Ended(self.status.result()))


class Pool:
    """Processes for orders, forked from one that has all loaded; when that ends, by another."""

    def __init__(
        self,
        cores: int,
        pose_modules: Iterable[str] = (),
        environment: Mapping[str, str] | None = None,
        pose_files: Iterable[Path] = (),
    ) -> None:
        """Make a pool that has not started.

        Args:
            cores: that all analyses share.
            pose_modules: with somebody's own poses.
            environment: variables that the processes get; by default those of PASSED and Python's.
            pose_files: with further poses.
        """
        files = (str(path.absolute()) for path in pose_files)
        self._arguments = (str(cores), *pose_modules, *files)
        # What can be imported here can be there, wherever this was started.
        found = {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
        self._environment = dict(_passed() if environment is None else environment) | found
        self._numbers = itertools.count(1)
        self._processes: dict[int, Process] = {}
        self._control: Any = None
        self._forkserver: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._loaded = False
        """Whether the forkserver has answered."""
        self.generation = 0
        """Counts starts and ends of forkservers; a proof of one says nothing of the next."""

    def start(self) -> None:
        """Start a forkserver, and keep one running."""
        self._launch()
        for endless in (self._keep_running, self._keep_counting):
            threading.Thread(target=endless, daemon=True).start()

    def run(self, order: Order, listener: Listener, *files: int) -> Process:
        """Start a process for an order, with the files that it takes.

        Raises:
            ProcessError: none could be started.
        """
        process = Process(next(self._numbers), listener, self)
        try:
            text = packed(process.number, order)
        except MessageError as error:
            raise ProcessError("What is asked for is too long.") from error
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._processes[process.number] = process
        try:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [writing, *files]))
            self._control.sendmsg([text], [rights])
            seconds = ANSWER_SECONDS if self._loaded else LOADING_SECONDS
            process.pid = process.started.result(seconds)
        except (OSError, TimeoutError) as error:
            os.close(reading)
            if isinstance(error, TimeoutError):
                self.replace()
            self._processes.pop(process.number, None)
            raise ProcessError("No process could be started.") from error
        finally:
            os.close(writing)
        # What is logged of it belongs to what the caller does.
        listen = copy_context().run
        threading.Thread(target=listen, args=(process.listen, reading), daemon=True).start()
        return process

    def stop(self) -> None:
        """End the forkserver, and with it all that runs, for good."""
        self._stopped = True
        self._end_forkserver()

    def replace(self) -> None:
        """End a forkserver that doesn't answer, and all that runs; another takes its place."""
        log.error("The forkserver doesn't answer; it is replaced.")
        self._end_forkserver()

    def _end_forkserver(self) -> None:
        if self._forkserver is not None:
            self._forkserver.kill()

    def _launch(self) -> None:
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            control, its_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.enter_context(control)
            theirs.enter_context(its_control)
            output, inward = os.pipe()
            ours.callback(os.close, output)
            theirs.callback(os.close, inward)
            arguments = [str(its_control.fileno()), *self._arguments]
            self._forkserver = subprocess.Popen(
                [sys.executable, "-m", "analyzer.child.forkserver", *arguments],
                cwd=ROOT,
                env=self._environment | ONE_THREAD,
                pass_fds=[its_control.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=inward,
                stderr=inward,
                start_new_session=True,
            )
            ours.pop_all()
        os.set_blocking(output, False)
        threading.Thread(target=_log_what_is_said, args=(output,), daemon=True).start()
        self._control = control
        self._loaded = False
        self.generation += 1

    def _keep_running(self) -> None:
        while not self._stopped:
            self._listen()
            assert self._forkserver is not None
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._forkserver.wait(END_SECONDS)
            # What it had forked is killed by the kernel when it ends.
            self._end_forkserver()
            status = self._forkserver.wait()
            self._control.close()
            self.generation += 1
            if not self._stopped:
                log.error("The forkserver ended (%s); another is started.", status)
            for process in tuple(self._processes.values()):
                self._settle(process, None)
            self._relaunch()

    def _relaunch(self) -> None:
        while not self._stopped:
            time.sleep(RESTART_SECONDS)
            try:
                if not self._stopped:
                    self._launch()
                return
            except OSError as error:
                log.error("No forkserver can be started, and it is tried again: %s", error)

    def _keep_counting(self) -> None:
        """End what has far too many threads: neither a filter nor a limit of its own bounds them.

        The system's limit counts those of a whole user, so the service's own as well.
        """
        while True:
            time.sleep(COUNT_SECONDS)
            for process in tuple(self._processes.values()):
                if process.pid and _threads_of(process.pid) >= TOO_MANY_THREADS:
                    log.error("The process of a video has too many threads; it is ended.")
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process.pid, signal.SIGKILL)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while text := self._control.recv(MESSAGE):
                self._loaded = True
                process = self._processes.get(number_of(text))
                match reply_of(text):
                    case Started(pid=pid) if process is not None:
                        process.started.set_result(pid)
                    case Started(pid=pid):
                        # Given up before it started.
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                    case Exited(status=status) if process is not None:
                        self._settle(process, status)

    def _settle(self, process: Process, status: int | None) -> None:
        self._processes.pop(process.number, None)
        process.status.set_result(status)
        if not process.started.done():
            process.started.set_exception(OSError("The forkserver ended."))


def _passed() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in PASSED or name.startswith("PYTHON")
    }


def _threads_of(pid: int) -> int:
    """How many threads a process has; 0 if it has ended, or nobody can tell now."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    # What comes before is the name, which can hold anything.
    return int(text.rpartition(")")[2].split()[17])


def _log_what_is_said(pipe: int) -> None:
    """Log the lines that the forkserver, or a library in it, writes."""
    with contextlib.suppress(MessageError):
        for line in _lines(pipe):
            log.warning("%s", line.decode(errors="replace"))
    os.close(pipe)


def _lines(pipe: int) -> Iterator[bytes]:
    """The whole lines that come through a pipe; what a killed writer left unfinished is dropped.

    Raises:
        MessageError: a line is too long.
    """
    ready = select.poll()
    ready.register(pipe, select.POLLIN)
    line = bytearray()
    read = 0
    while True:
        ready.poll()
        if not (chunk := os.read(pipe, CHUNK)):
            return
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield bytes(line + end)
            line.clear()
        line += rest
        if len(line) > LINE:
            raise MessageError(f"A line is longer than {LINE} bytes.")
        read += len(chunk)
        if read >= CHUNK:
            # There may always be more, however fast it is read.
            time.sleep(READ_SECONDS)
            read = 0
