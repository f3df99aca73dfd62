"""A process that does nothing but background analyses: python -m service.consumer

It has the settings of the service, and takes what waits in QUEUE_URL, as many at once as ANALYSES
says. On SIGTERM it takes no more, has what runs finish within GRACE_SECONDS, and leaves the rest to
others. It ends with status 1 when analysing is no longer proved to work.
"""

import logging
import logging.config
import os
import signal
import sys
from typing import Any, Final

from gevent import monkey

from service.runtime import logs
from service.runtime.settings import SettingError, check_own_poses, settings_of_start

LOOK_SECONDS: Final = 1.0
"""Pause between two looks at whether analysing works, and whether somebody watches over it."""

PROOFS_MISSED: Final = 3
"""So many times the age that a proof may have, it may be missing before the process ends."""

log = logging.getLogger(__name__)


def main() -> int:
    """Have a process of its own do background analyses until told to stop; give its exit status."""
    try:
        check_own_poses(settings_of_start())
    except SettingError as error:
        sys.exit(f"Can't start: {error}")
    # Its threads pass on what the other process writes; that one has greenlets for threads.
    logs.relay()
    watcher = os.getpid()
    worker = os.fork()
    if worker == 0:
        monkey.patch_all()
        os._exit(_consume(watcher))

    def pass_on(number: int, _frame: Any) -> None:
        os.kill(worker, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    return status if status >= 0 else 128 - status


def _consume(watcher: int) -> int:
    """Do background analyses until told to stop, or nobody watches over it any more."""
    # Loaded here, as it takes the locks of threads for its own, which are greenlets' by now.
    import gevent
    from gevent.event import Event

    from analyzer.version import version
    from service.background.background import Background
    from service.jobs.jobs import STOP_MARGIN, Jobs
    from service.runtime.metrics import Metrics

    logging.config.dictConfig(logs.CONFIG)
    settings = settings_of_start()
    jobs = Jobs(settings, Metrics(settings.analyses))
    background = Background(jobs)
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stopped.set)
    jobs.start()
    background.start()
    logs.write("start", version=version(), analyses=settings.analyses, consumer=True)
    unproved = 0.0
    while not stopped.wait(LOOK_SECONDS) and os.getppid() == watcher:
        unproved = 0.0 if jobs.healthy else unproved + LOOK_SECONDS
        if unproved > PROOFS_MISSED * settings.health_seconds:
            log.error("Analysing is not proved to work any more; this consumer ends.")
            background.finish(0.0)
            return 1
    background.finish(max(0.0, settings.grace_seconds - STOP_MARGIN))
    return 0


if __name__ == "__main__":
    sys.exit(main())
