"""A video analysed here, in a process of its own: whatever it does to that, only it fails."""

import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from analyzer.child.pool import Ended, Pool, ProcessError
from analyzer.child.protocol import (
    AnalysisOrder,
    Answered,
    Failed,
    HoldFound,
    Progress,
    Refused,
    TeachingOrder,
)
from analyzer.child.protocol import Event as Told
from cli.side_by_side import AnalysisError, Event

NO_LIMIT: Final = 2**60
"""Bytes of a file that is the caller's own."""

log = logging.getLogger(__name__)


def local_events(
    pool: Pool,
    order: AnalysisOrder | TeachingOrder,
    rendering: Path | None,
    path: Path,
    reference: Path | None = None,
) -> Iterator[Event]:
    """Analyse a video, or have a pose taught in it, and give its events; the last is the result.

    Args:
        pool: one that has started.
        order: what is to be done; it renders where there is a rendering.
        rendering: the file to draw the video to, if anywhere.
        path: of the video.
        reference: that of the reference; the order says how they are compared.

    Raises:
        AnalysisError: the video can't be analysed.
        OSError: a file can't be opened.
    """
    mailbox: SimpleQueue[Told | Ended] = SimpleQueue()
    with (
        path.open("rb") as video,
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryFile() if order.keeps_landmarks else nullcontext() as scratch,
        reference.open("rb") if reference else nullcontext() as theirs,
        tempfile.TemporaryFile() if reference else nullcontext() as their_scratch,
        rendering.open("wb") if rendering else nullcontext() as out,
    ):
        # What can't be looked at anywhere, such as a pipe, is an error of the file.
        for file in (video, theirs):
            if file is not None:
                os.pread(file.fileno(), 1, 0)
        wanted = (video, answer, scratch, theirs, their_scratch, out)
        files = [file.fileno() for file in wanted if file is not None]
        try:
            process = pool.run(order, mailbox.put, *files)
        except ProcessError as error:
            raise AnalysisError(str(error)) from error
        try:
            while True:
                match mailbox.get():
                    case Progress(frames=frames, of=of, drawn=drawn):
                        rendered = {"drawn": drawn} if order.renders else {}
                        yield {"event": "progress", "frames": frames, "of": of, **rendered}
                    case HoldFound(hold=hold):
                        yield {"event": "pose", **hold}
                    case Answered(timing=timing):
                        answer.seek(0)
                        result = json.load(answer)
                        yield {"event": "result", "result": result | _named(timing)}
                        return
                    case Refused(detail=detail):
                        raise AnalysisError(detail)
                    case Failed(traceback=traceback):
                        log.error("%s", traceback.rstrip())
                    case Ended(status=status):
                        raise AnalysisError(
                            f"The process that analysed it was ended{_how(status)}."
                        )
        finally:
            process.kill()


def environment() -> dict[str, str]:
    """Give the environment of processes that analyse: all but the token for a service."""
    return {name: value for name, value in os.environ.items() if name != "API_TOKEN"}


def _how(status: int | None) -> str:
    if status is None:
        return ""
    return f" by signal {-status}" if status < 0 else f" with status {status}"


def _named(timing: dict[str, float]) -> dict[str, dict[str, float]]:
    return {"timing": timing} if timing else {}
