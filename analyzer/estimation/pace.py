"""How many cores there are to use, and how many threads of inference are worth it."""

import os
import time
from functools import cache
from pathlib import Path
from typing import Final

MOST_THREADS: Final = 2
"""Threads of one inference at most: a third gains little and costs other videos their core."""

WORTHWHILE: Final = 0.85
"""Several threads have to take less than this part of the time of one."""

HOPELESS: Final = 3.0
"""One inference with several threads that takes so many times the time of one ends it."""

IDLE: Final = 0.6
"""Cores that have to be idle before several threads are taken."""

SHORTEST_PAUSE: Final = 10
LONGEST_PAUSE: Final = 640
"""Inferences with one thread before several are tried; each time in vain the pause doubles."""

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_ALL: Final = 2**20
CGROUP: Final = Path("/sys/fs/cgroup")


def usable_cores(cgroup: Path = CGROUP) -> int:
    """Whole cores that the affinity mask and the container's CPU limit (cgroup 2 or 1) leave."""
    cores = len(os.sched_getaffinity(0))
    quota = _quota(cgroup)
    return cores if quota is None else max(1, min(cores, int(quota)))


def idle_seconds() -> float:
    """How long the cores that this process may run on have been idle, all together, since boot."""
    mine = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    lines = (line.split() for line in os.pread(_statistics(), _ALL, 0).decode().splitlines())
    return sum(int(line[4]) for line in lines if line and line[0] in mine) / _TICKS


@cache
def _statistics() -> int:
    """The system's statistics, opened once: a process that may open no files reads them, too."""
    return os.open("/proc/stat", os.O_RDONLY)


def _quota(cgroup: Path) -> float | None:
    """CPU limit in cores, None where there is none."""
    try:
        limit, period = (cgroup / "cpu.max").read_text().split()
    except OSError:
        try:
            limit = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text()
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text()
        except OSError:
            return None
    return None if limit in ("max", "-1\n", "-1") else int(limit) / int(period)


class Pace:
    """Whether several threads are worth it: found out on the way, because it changes.

    The threads of an inference wait for each other in a busy loop. With a core for each, two take
    about half the time of one; where others want a core too, they can take a hundred times as long.
    So several are taken only after the other cores have been idle, and given up when they are slow.
    """

    def __init__(self) -> None:
        self._alone = 0.0
        """Seconds that an inference lately took with one thread."""
        self._together = 0.0
        """Seconds that an inference lately took with several threads."""
        self._next_pause = SHORTEST_PAUSE
        self._begin_pause(SHORTEST_PAUSE)

    def threads(self, most: int) -> int:
        """How many threads to take now, of as many as may be taken."""
        return 1 if self._pause > 0 else most

    def took(self, threads: int, seconds: float) -> None:
        """Note how long an inference took that might have had several threads."""
        if threads == 1:
            self._alone += (seconds - self._alone) * (0.2 if self._alone else 1.0)
            self._pause -= 1
            if self._pause <= 0 and not self._others_idle():
                self._begin_pause(SHORTEST_PAUSE)
            return
        self._together += (seconds - self._together) * (0.2 if self._together else 1.0)
        # One slow inference is an accident, such as the decoder wanting the core; a very slow one
        # is not.
        if self._together < WORTHWHILE * self._alone and seconds < HOPELESS * self._alone:
            self._next_pause = SHORTEST_PAUSE
        else:
            self._together = 0.0
            self._begin_pause(self._next_pause)
            self._next_pause = min(2 * self._next_pause, LONGEST_PAUSE)

    def _begin_pause(self, inferences: int) -> None:
        self._pause = inferences
        self._paused_at = time.perf_counter(), idle_seconds()

    def _others_idle(self) -> bool:
        """Whether about a whole core had nothing to do since the pause began."""
        clock, idle = self._paused_at
        return idle_seconds() - idle > IDLE * (time.perf_counter() - clock)
