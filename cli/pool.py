"""Videos analysed side by side, each in a process of its own.

Whatever a video does to its process, only that video fails. The processes are forked from one that
has loaded what they need, and tell JSON.
"""

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import islice
from multiprocessing import forkserver, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final

from cli.client import ServiceError

LAST: Final = ("result", "error")
"""The events of which a video has one, at its end."""

Event = dict[str, Any]
Events = Callable[[Path], Iterator[Event]]


def side_by_side(
    paths: Sequence[Path], events: Events, jobs: int, preload: Sequence[str] = ()
) -> Generator[tuple[int, Event], None, None]:
    """Analyse the videos, so many at once, and give their events as they come.

    With each event comes the number of its video, from 0; the last of a video is a result or an
    error. Whoever stops taking them and closes the iterator ends the processes.

    Args:
        paths: the videos.
        events: gives the events of a video, in another process.
        jobs: how many videos are analysed at once.
        preload: modules that are loaded once, before the processes are forked.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    _start_without_interrupts()
    waiting = iter(enumerate(paths))
    running: dict[Connection, tuple[int, ForkServerProcess]] = {}
    try:
        while True:
            for number, path in islice(waiting, jobs - len(running)):
                ours, theirs = context.Pipe(duplex=False)
                with theirs:
                    process = context.Process(
                        target=_work, args=(events, path, theirs), daemon=True
                    )
                    process.start()
                running[ours] = number, process
            if not running:
                return
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                number, process = running[ready]
                event = _received(ready, process)
                if event["event"] in LAST:
                    del running[ready]
                    ready.close()
                yield number, event
    finally:
        for _, process in running.values():
            process.kill()
            process.join()


def _start_without_interrupts() -> None:
    """Start what forks the processes so that Ctrl-C, which reaches all, is left to this one."""
    # Started first, as starting it would unblock the signal.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _received(told: Connection, process: ForkServerProcess) -> Event:
    try:
        event: Event = json.loads(told.recv_bytes())
    except (EOFError, OSError):
        process.join()
        status = process.exitcode or 0
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return {"event": "error", "error": f"The process that analysed it was ended {how}."}
    return event


def _work(events: Events, path: Path, told: Connection) -> None:
    """Tell the events of a video, in a process that ends when the one that started it does."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        for event in _all_events(events, path):
            told.send_bytes(json.dumps(event).encode())


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _all_events(events: Events, path: Path) -> Iterator[Event]:
    from analyzer.limits import VideoError

    try:
        yield from events(path)
    except (VideoError, ServiceError) as error:
        yield {"event": "error", "error": str(error)}
    except OSError as error:
        yield {"event": "error", "error": error.strerror or str(error)}
