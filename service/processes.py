"""The processes that analyse: started, listened to and killed through analyzer/child/forkserver.py.

What a process tells comes as JSON lines, because it has read a stranger's file: nothing that it
sends is run here, as a pickle would be.
"""

import array
import contextlib
import itertools
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import gevent
from gevent.event import AsyncResult
from gevent.os import nb_read
from gevent.queue import Queue

from analyzer.child.protocol import LINE, MESSAGE, MessageError, job_of, packed, unpacked
from service.runtime.settings import ROOT

CHUNK: Final = 2**16

ANSWER_SECONDS: Final = 10.0
"""Within this time the forkserver has to tell that a process has started, or has ended when it was
killed; or it counts as broken."""

PASSED: Final = frozenset(
    ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
) | {"MODEL_DIRECTORY", "XDG_CACHE_HOME"}
"""Variables of the environment that the processes get, beside those of Python: no token."""

READ_SECONDS: Final = 0.005
"""Pause after so much of what a process tells."""

MOST_THREADS: Final = 16 + 8 * (os.cpu_count() or 1)
"""Threads of a process that are far more than an analysis takes, whose graphs have some a core."""

COUNT_SECONDS: Final = 0.25
"""Pause between two looks at how many threads the processes have."""

RESTART_SECONDS: Final = 1.0
"""Pause before a forkserver is started in place of one that ended."""

log = logging.getLogger(__name__)


class ProcessError(Exception):
    """A process could not be started."""


@dataclass(frozen=True)
class Ended:
    """The end of a process: its exit code, or minus the signal that ended it; None if unknown."""

    status: int | None


class Process:
    """One job in a process of its own. Its mailbox gets the events that it tells, then Ended."""

    def __init__(self, job: int, mailbox: "Queue[Any]", forkserver: "Forkserver") -> None:
        self.job = job
        self.pid = 0
        self.started: AsyncResult[int] = AsyncResult()
        self.status: AsyncResult[int | None] = AsyncResult()
        self._mailbox = mailbox
        self._forkserver = forkserver

    def kill(self) -> None:
        """End the process, now, and wait until it is gone."""
        if not self.status.ready():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.status.wait(timeout=ANSWER_SECONDS)
        if not self.status.ready():
            self._forkserver.replace()
            self.status.wait()

    def listen(self, pipe: int) -> None:
        """Read what it tells, until it has ended."""
        try:
            for line in _lines(pipe):
                self._mailbox.put(json.loads(line))
        except (ValueError, RecursionError):
            log.exception("What the process of a video tells can't be read; it is ended.")
            self.kill()
        finally:
            os.close(pipe)
        self._mailbox.put(Ended(self.status.get()))


class Forkserver:
    """The process that the analyses are forked from; when it ends, another takes its place."""

    def __init__(self, cores: int, pose_modules: Iterable[str]) -> None:
        self._arguments = (str(cores), *pose_modules)
        self._jobs = itertools.count(1)
        self._processes: dict[int, Process] = {}
        self._control: Any = None
        self._server: subprocess.Popen[bytes] | None = None
        self.generation = 0
        """Counts starts and ends; a proof from one that has ended says nothing of the next."""

    def start(self) -> None:
        """Start it, and keep one running."""
        self._launch()
        gevent.spawn(self._keep_running)
        gevent.spawn(self._keep_counting)

    def run(self, message: dict[str, Any], mailbox: "Queue[Any]", *files: int) -> Process:
        """Start a process for a job, with open files; its events come to the mailbox.

        Raises:
            ProcessError: none could be started.
        """
        process = Process(next(self._jobs), mailbox, self)
        try:
            text = packed(process.job, message)
        except MessageError as error:
            raise ProcessError("What is asked for is too long.") from error
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._processes[process.job] = process
        try:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [writing, *files]))
            self._control.sendmsg([text], [rights])
            process.pid = process.started.get(timeout=ANSWER_SECONDS) or 0
        except (OSError, gevent.Timeout) as error:
            os.close(reading)
            if isinstance(error, gevent.Timeout):
                self.replace()
            self._processes.pop(process.job, None)
            raise ProcessError("No process could be started.") from error
        finally:
            os.close(writing)
        gevent.spawn(process.listen, reading)
        return process

    def replace(self) -> None:
        """End it because it doesn't answer."""
        log.error("The forkserver doesn't answer; it is replaced.")
        self.kill()

    def kill(self) -> None:
        """End it, and with it all that runs; another takes its place."""
        if self._server is not None:
            self._server.kill()

    def _launch(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, _reopened(1) as output, _reopened(2) as errors:
            command = ["-m", "analyzer.child.forkserver", str(theirs.fileno()), *self._arguments]
            # One thread for every library that would take all cores.
            one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
            passed = {
                name: value
                for name, value in os.environ.items()
                if name in PASSED or name.startswith("PYTHON")
            }
            self._server = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=passed | one,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
        self._control = ours
        self.generation += 1

    def _keep_running(self) -> None:
        while True:
            self._listen()
            # What it had forked is killed by the kernel when it ends.
            self.kill()
            assert self._server is not None
            status = self._server.wait()
            self._control.close()
            self.generation += 1
            log.error("The forkserver ended (%s); another is started.", status)
            for process in tuple(self._processes.values()):
                self._settle(process, None)
            gevent.sleep(RESTART_SECONDS)
            self._launch()

    def _keep_counting(self) -> None:
        """End what has far too many threads: neither a filter nor a limit of its own bounds them.

        The system's limit counts those of a whole user, so the service's own as well.
        """
        while True:
            gevent.sleep(COUNT_SECONDS)
            for process in tuple(self._processes.values()):
                if process.pid and _threads(process.pid) > MOST_THREADS:
                    log.error("The process of a video has too many threads; it is ended.")
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process.pid, signal.SIGKILL)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while text := self._control.recv(MESSAGE):
                message = unpacked(text)
                process = self._processes.get(job_of(text))
                if process is None:
                    # Given up before it started.
                    if "status" not in message:
                        os.kill(message["pid"], signal.SIGKILL)
                elif "status" in message:
                    self._settle(process, message["status"])
                else:
                    process.started.set(message["pid"])

    def _settle(self, process: Process, status: int | None) -> None:
        self._processes.pop(process.job, None)
        process.status.set(status)
        if not process.started.ready():
            process.started.set_exception(OSError("The forkserver ended."))


def _threads(pid: int) -> int:
    """How many threads a process has; 0 if it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    # What comes before is the name, which can hold anything.
    return int(text.rpartition(")")[2].split()[17])


def _reopened(descriptor: int) -> IO[bytes]:
    """Open once more what is written to, for another process.

    Whether a write waits is set for all who share what was opened once, and gevent sets it where it
    starts a process.
    """
    return os.fdopen(os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_APPEND), "wb")


def _lines(pipe: int) -> Iterator[bytes]:
    """The whole lines that come through a pipe; what a killed writer left unfinished is dropped.

    Raises:
        MessageError: a line is too long.
    """
    line = bytearray()
    read = 0
    while chunk := nb_read(pipe, CHUNK):
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
            gevent.sleep(READ_SECONDS)
            read = 0
