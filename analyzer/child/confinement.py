"""A process that reads a stranger's file, kept to what it needs: memory, time, what it has open.

Whoever takes it over by a damaged file can open no file and no socket, run no program, and neither
signal, read nor trace another process. What it may call is listed; all else fails as not permitted.

The filter is a program of seccomp: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable, Iterator
from typing import Final

_CALLS: Final = {
    # Memory and threads.
    "mmap": 9,
    "mprotect": 10,
    "munmap": 11,
    "brk": 12,
    "mremap": 25,
    "madvise": 28,
    "futex": 202,
    "set_robust_list": 273,
    "rseq": 334,
    "membarrier": 324,
    "exit": 60,
    "exit_group": 231,
    "gettid": 186,
    "sched_yield": 24,
    "sched_getaffinity": 204,
    # What is open, by its descriptor.
    "read": 0,
    "write": 1,
    "close": 3,
    "fstat": 5,
    "poll": 7,
    "lseek": 8,
    "pread64": 17,
    "pwrite64": 18,
    "readv": 19,
    "writev": 20,
    "dup": 32,
    "dup2": 33,
    "dup3": 292,
    "fsync": 74,
    "ftruncate": 77,
    "fadvise64": 221,
    # Signals to itself, and times.
    "rt_sigaction": 13,
    "rt_sigprocmask": 14,
    "rt_sigreturn": 15,
    "sigaltstack": 131,
    "nanosleep": 35,
    "gettimeofday": 96,
    "times": 100,
    "time": 201,
    "clock_gettime": 228,
    "clock_getres": 229,
    "clock_nanosleep": 230,
    "restart_syscall": 219,
    # Who it is, and what it may take.
    "getpid": 39,
    "uname": 63,
    "getrusage": 98,
    "sysinfo": 99,
    "getuid": 102,
    "getgid": 104,
    "geteuid": 107,
    "getegid": 108,
    "getppid": 110,
    "getrlimit": 97,
    "getcpu": 309,
    "getrandom": 318,
}
"""The calls that are permitted whatever their arguments, by their number on x86-64."""

_FCNTL: Final = 72
_FCNTL_COMMANDS: Final = (0, 1, 2, 3, 1030)
"""To duplicate a descriptor and to look at its flags; others have signals sent to anybody."""

_CLONE: Final = 56
_CLONE_THREAD: Final = 0x10000

_CLONE3: Final = 435
"""Has its flags in memory, where a filter can't see them; without it the C library takes clone."""

_NEWFSTATAT: Final = 262
_AT_EMPTY_PATH: Final = 0x1000
"""How the C library asks for what fstat tells."""

_PRCTL: Final = 157
_PR_SET_NAME: Final = 15

_PRLIMIT: Final = 302
_TGKILL: Final = 234

_X86_64: Final = 0xC000003E
_X32: Final = 0x40000000
"""Numbers from here on are those of another architecture's calls."""

NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
"""Places in what the filter is given of a call (struct seccomp_data)."""

LOAD, EQUAL, AT_LEAST, ANY_BIT, GIVE = 0x20, 0x15, 0x35, 0x45, 0x06
"""Instructions of the filter (linux/bpf_common.h)."""

PERMIT, FAIL, END = 0x7FFF0000, 0x00050000, 0x80000000
"""What becomes of a call: permitted, failed with an error's number, or the end of the process."""

REFUSE: Final = FAIL | errno.EPERM

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
SECCOMP: Final = 317
_SET_FILTER, _ACTION_AVAILABLE = 1, 2

_INSTRUCTION: Final = struct.Struct("=HBBI")

_libc: Final = ctypes.CDLL(None, use_errno=True)


def available() -> bool:
    """Tell whether the kernel can confine a process."""
    action = ctypes.c_uint32(FAIL)
    asked = SECCOMP, _ACTION_AVAILABLE, 0, ctypes.byref(action)
    return platform.machine() == "x86_64" and _libc.syscall(*asked) == 0


def confine() -> None:
    """Keep this process, from now on, to what it needs.

    Where the kernel can't, it gets no new privileges all the same, and isn't to be looked into.

    Raises:
        OSError: the kernel can do it, and doesn't.
    """
    allow_no_new_privileges()
    _must(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))
    if available():
        install(_filter())


def allow_no_new_privileges() -> None:
    """See that no program that this process runs gets privileges that it hasn't itself."""
    _must(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def install(instructions: Iterable[bytes]) -> None:
    """Have the calls of this process, and of those it starts, pass a filter.

    Args:
        instructions: each a struct sock_filter, from `instruction`.

    Raises:
        OSError: the kernel doesn't take it.
    """
    text = b"".join(instructions)
    kept = ctypes.create_string_buffer(text, len(text))
    program = struct.pack("@HP", len(text) // _INSTRUCTION.size, ctypes.addressof(kept))
    _must(_libc.syscall(SECCOMP, _SET_FILTER, 0, program))


def instruction(code: int, operand: int, if_so: int = 0, if_not: int = 0) -> bytes:
    """Give one instruction of a filter; after a comparison some can be skipped."""
    return _INSTRUCTION.pack(code, if_so, if_not, operand)


def _filter() -> Iterator[bytes]:
    """The filter that confines this process."""
    own = os.getpid()
    yield instruction(LOAD, ARCHITECTURE)
    yield instruction(EQUAL, _X86_64, if_so=1)
    yield instruction(GIVE, END)
    yield instruction(LOAD, NUMBER)
    yield instruction(AT_LEAST, _X32, if_not=1)
    yield instruction(GIVE, REFUSE)
    for number in _CALLS.values():
        yield from _call(number, instruction(GIVE, PERMIT))
    yield from _call(_FCNTL, *_one_of(1, _FCNTL_COMMANDS))
    yield from _call(_NEWFSTATAT, *_one_of(3, [_AT_EMPTY_PATH]))
    yield from _call(_PRCTL, *_one_of(0, [_PR_SET_NAME]))
    yield from _call(
        _PRLIMIT,
        # To ask for a limit, and not to set one: where that would come from is no place at all.
        instruction(LOAD, ARGUMENTS + 8 * 2),
        instruction(EQUAL, 0, if_not=3),
        instruction(LOAD, ARGUMENTS + 8 * 2 + 4),
        instruction(EQUAL, 0, if_not=1),
        instruction(GIVE, PERMIT),
        instruction(GIVE, REFUSE),
    )
    yield from _call(_TGKILL, *_one_of(0, [own]))
    yield from _call(
        _CLONE,
        instruction(LOAD, ARGUMENTS),
        instruction(ANY_BIT, _CLONE_THREAD, if_not=1),
        instruction(GIVE, PERMIT),
        instruction(GIVE, REFUSE),
    )
    yield from _call(_CLONE3, instruction(GIVE, FAIL | errno.ENOSYS))
    yield instruction(GIVE, REFUSE)


def _call(number: int, *then: bytes) -> Iterator[bytes]:
    """What is to be done where a call has this number."""
    yield instruction(EQUAL, number, if_not=len(then))
    yield from then


def _one_of(argument: int, values: Iterable[int]) -> Iterator[bytes]:
    """Permit a call whose argument (from 0; its lower half) has one of the values."""
    yield instruction(LOAD, ARGUMENTS + 8 * argument)
    for value in values:
        yield instruction(EQUAL, value, if_not=1)
        yield instruction(GIVE, PERMIT)
    yield instruction(GIVE, REFUSE)


def _must(status: int) -> None:
    if status:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
