"""Videos followed side by side, so many at once, each in a thread."""

import logging
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

LAST: Final = ("result", "error")
"""The events of which a video has one, at its end."""

Event = dict[str, Any]
Follow = Callable[[Path], Iterator[Event]]
"""Gives the events of a video; the last is a result."""


log = logging.getLogger(__name__)


class AnalysisError(Exception):
    """A video can't be analysed; the text is one sentence that says why."""


def side_by_side(
    paths: Sequence[Path], follow: Follow, at_once: int
) -> Generator[tuple[int, Event], None, None]:
    """Give the events of videos as they come, with each the number of its video, from 0.

    The last event of each video is a result or an error.
    """
    told: SimpleQueue[tuple[int, Event]] = SimpleQueue()

    def pass_on(number: int) -> None:
        for event in to_the_end(follow, paths[number]):
            told.put((number, event))

    running = begun = 0
    while True:
        while running < at_once and begun < len(paths):
            threading.Thread(target=pass_on, args=(begun,), daemon=True).start()
            running += 1
            begun += 1
        if not running:
            return
        number, event = told.get()
        if event["event"] in LAST:
            running -= 1
        yield number, event


def to_the_end(follow: Follow, path: Path) -> Iterator[Event]:
    """Give the events of a video; the last is a result, or an error in place of what is raised."""
    try:
        yield from follow(path)
    except AnalysisError as error:
        yield {"event": "error", "error": str(error)}
    except OSError as error:
        yield {"event": "error", "error": error.strerror or str(error)}
    except Exception as error:  # whatever it is, it ends this video alone
        log.exception("A mistake of this program:")
        yield {"event": "error", "error": f"It could not be analysed ({type(error).__name__})."}
