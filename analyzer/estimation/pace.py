"""How many cores this process may use."""

import os
from functools import cache
from pathlib import Path
from typing import Final

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
