"""Poses of which each is an attempt to get out of the process that judges it, held if it succeeds.

Printed as a program: the attempts that succeed in a process that nothing confines.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import resource
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from analyzer.body import Body, Condition
from analyzer.poses import pose
from tests.service.loot import TOKEN, UPLOAD

NOBODY: Final = 1e9
"""More than any body tilts."""

_libc = ctypes.CDLL(None, use_errno=True)

ATTEMPTS: Final[dict[str, Callable[[], bool]]] = {}


def attempt(try_it: Callable[[], bool]) -> Callable[[], bool]:
    """Make an attempt a pose, named by its docstring, that is held where it succeeds."""
    name = (try_it.__doc__ or "").removesuffix(".")
    ATTEMPTS[name] = try_it

    @pose(name, family="hostile")
    def judged(body: Body) -> Iterator[Condition]:
        """No pose at all."""
        succeeds = False
        with contextlib.suppress(OSError, ValueError):
            succeeds = try_it()
        yield body.trunk_tilt.at_most(NOBODY if succeeds else -NOBODY)

    return try_it


@attempt
def opens_a_file() -> bool:
    """Opens A File."""
    return bool(Path("/etc/hostname").read_bytes())


@attempt
def makes_a_file() -> bool:
    """Makes A File."""
    return os.memfd_create("made") >= 0


@attempt
def lists_a_folder() -> bool:
    """Lists A Folder."""
    return bool(list(Path("/").iterdir()))


@attempt
def opens_a_socket() -> bool:
    """Opens A Socket."""
    socket.socket().close()
    return True


@attempt
def opens_a_local_socket() -> bool:
    """Opens A Local Socket."""
    socket.socketpair()[0].close()
    return True


@attempt
def runs_a_program() -> bool:
    """Runs A Program."""
    return subprocess.run(["/bin/true"], check=False).returncode == 0


@attempt
def forks() -> bool:
    """Forks."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


@attempt
def signals_another() -> bool:
    """Signals Another."""
    os.kill(os.getppid(), 0)
    return True


@attempt
def has_another_signalled() -> bool:
    """Has Another Signalled."""
    reading, _ = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, os.getppid())
    return True


@attempt
def has_another_signalled_through_what_is_open() -> bool:
    """Has Another Signalled Through What Is Open."""
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())
    return True


@attempt
def reads_the_memory_of_another() -> bool:
    """Reads The Memory Of Another."""
    place = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(place), 8)
    read = _libc.process_vm_readv(os.getppid(), vector, 1, vector, 1, 0)
    # Nothing need be at this address, but it has been looked for.
    return bool(read >= 0 or ctypes.get_errno() == errno.EFAULT)


@attempt
def traces_another() -> bool:
    """Traces Another."""
    seize, detach = 0x4206, 17
    _libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    seized = _libc.ptrace(seize, os.getppid(), None, None) == 0
    _libc.ptrace(detach, os.getppid(), None, None)
    return bool(seized)


@attempt
def takes_more_memory() -> bool:
    """Takes More Memory."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    return True


@attempt
def may_be_looked_into() -> bool:
    """May Be Looked Into."""
    get_dumpable = 3
    return bool(_libc.prctl(get_dumpable, 0, 0, 0, 0) == 1)


@attempt
def knows_a_token() -> bool:
    """Knows A Token."""
    return any("".join(TOKEN) in value for value in os.environ.values())


@attempt
def has_another_upload() -> bool:
    """Has Another Upload."""
    for descriptor in range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]):
        with contextlib.suppress(OSError):
            if UPLOAD in os.pread(descriptor, 10_000, 0):
                return True
    return False


if __name__ == "__main__":
    for name, try_it in ATTEMPTS.items():
        with contextlib.suppress(OSError):
            if try_it():
                print(name)
