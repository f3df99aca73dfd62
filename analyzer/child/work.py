"""What the process of one video does: it limits and confines itself, analyses, tells, and ends."""

import errno
import mmap
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NoReturn

from analyzer.child.confinement import confine
from analyzer.child.live import live
from analyzer.child.protocol import (
    LONGEST_FAILURE,
    AnalysisOrder,
    Answered,
    Event,
    Failed,
    HoldFound,
    LiveOrder,
    Order,
    Progress,
    Proof,
    ProofOrder,
    Refused,
    TeachingOrder,
    line_of,
)
from analyzer.errors import NoRoomError, OverLimitError, TooMuchMemoryError, VideoError
from analyzer.estimation.engine import Engine
from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.holds import Hold
from analyzer.limits import choice_of
from analyzer.posefile import PoseFile, written
from analyzer.poses import catalogue
from analyzer.poses.taught import looked_for
from analyzer.process import PROGRESS_INTERVAL, analyze, compare
from analyzer.report import analysis
from analyzer.report.answer import answer_text, catalogue_entry, segment, timing
from analyzer.report.comparison import Compared, Window, comparison_text
from analyzer.report.rendering import render
from analyzer.report.side_by_side import render_beside
from analyzer.teaching import teach

OPEN_FILES: Final = 64
"""Files that an analysis may have open."""

BEHIND: Final = 9
"""Of an analysis in the background, beyond the niceness of the others: an eighth of their share."""

UNWRITABLE: Final[dict[int | None, type[VideoError]]] = {
    errno.EFBIG: OverLimitError,
    errno.ENOSPC: NoRoomError,
    errno.EDQUOT: NoRoomError,
}
"""What it means that a file can't be written on."""


def work(
    order: Order,
    files: Sequence[int],
    landmarker: PoseLandmarker,
    engine: Engine,
    threads: Callable[[], int],
) -> NoReturn:
    """Carry out an order in this process, tell of it, and end.

    Args:
        order: what is to be done.
        files: the pipe to tell it through, and the files of the order.
        landmarker: one that has seen nothing yet.
        engine: one that has not run yet, for several people or threads.
        threads: asked before each frame, how many threads its inference may take.
    """
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        pipe, *others = files
        with os.fdopen(pipe, "wb") as lines:

            def tell(event: Event) -> None:
                lines.write(line_of(event))
                lines.flush()

            try:
                _limit(order)
                if isinstance(order, AnalysisOrder) and order.in_background:
                    os.nice(BEHIND)
                _say_nothing_else()
                confine()
                for event in _events(order, others, landmarker, engine, threads):
                    tell(event)
            except Exception:  # whatever a file, or somebody's own pose, does
                tell(Failed(traceback.format_exc()[-LONGEST_FAILURE:]))
            else:
                status = 0
    finally:
        os._exit(status)


def analysed(
    order: AnalysisOrder,
    video: IO[bytes],
    answer: IO[bytes],
    scratch: IO[bytes] | None = None,
    rendering: IO[bytes] | None = None,
    threads: Callable[[], int] = lambda: 1,
    landmarker: PoseLandmarker | None = None,
    engine: Engine | None = None,
) -> Iterator[Event]:
    """Analyse a video and tell of it; the answer, and the rendering, are written before the end.

    Args:
        order: what is to be done.
        video: the file to analyse.
        answer: the file to write the answer to.
        scratch: an empty one to write and read, where the order keeps landmarks.
        rendering: the file to draw the video to, where the order renders.
        threads: asked before each frame, how many threads its inference may take.
        landmarker: one that has seen nothing yet; one is made by default.
        engine: likewise, one that has not run yet.

    Raises:
        UnknownPoseError: a name is none of a pose.
        VideoError: the video can't be analysed.
    """
    include = order.include
    drawn = 0
    found = analyze(
        video,
        poses=looked_for(order.poses, order.pose),
        min_hold=order.min_hold,
        limits=order.limits,
        people=order.people,
        dancer=choice_of(order.dancer) if order.dancer else None,
        keep_landmarks=scratch or False,
        advise="video" in include,
        hear="beat" in include,
        prompt=order.prompt,
        threads=threads,
        landmarker=landmarker,
        engine=engine,
    )
    with _room_wanted("landmarks"):
        for each in found:
            match each:
                case analysis.Progress():
                    yield Progress(each.frames, each.frames_expected)
                case Hold():
                    yield HoldFound(segment(each))
                case analysis.Analysis():
                    if rendering is not None:
                        with _room_wanted("annotated video"):
                            for drawn in _now_and_then(render(video, each, rendering)):
                                yield Progress(each.total_frames, each.total_frames, drawn)
                    with _room_wanted("answer"):
                        for _ in _now_and_then(_written(answer_text(each, include), answer)):
                            yield Progress(each.total_frames, each.total_frames, drawn)
                    yield Answered(each.total_frames, timing(each) if "timing" in include else {})


def compared(
    order: AnalysisOrder,
    video: IO[bytes],
    reference: IO[bytes],
    answer: IO[bytes],
    scratch: tuple[IO[bytes], IO[bytes]],
    rendering: IO[bytes] | None = None,
    threads: Callable[[], int] = lambda: 1,
    engine: Engine | None = None,
) -> Iterator[Event]:
    """Compare a video with a reference and tell of it, like `analysed`.

    Args:
        order: what is to be done, which says how they are compared.
        video: the file of the dancer.
        reference: that of the reference, or of an earlier answer.
        answer: the file to write the answer to.
        scratch: two empty ones to write and read.
        rendering, threads, engine: as for `analysed`.

    Raises:
        UnknownPoseError: a name is none of a pose.
        VideoError: one of the two can't be analysed.
    """
    how = order.comparing
    assert how is not None
    frames = drawn = 0
    found = compare(
        video,
        reference,
        mirror=how.mirror,
        window=Window(how.start, _end(how.end)),
        reference_window=Window(how.reference_start, _end(how.reference_end)),
        poses=looked_for(order.poses, order.pose),
        min_hold=order.min_hold,
        limits=order.limits,
        keep_landmarks=scratch,
        prompt=order.prompt,
        threads=threads,
        engine=engine,
    )
    with _room_wanted("landmarks"):
        for each in found:
            match each:
                case analysis.Progress():
                    frames = each.frames
                    yield Progress(each.frames, each.frames_expected)
                case Hold():
                    yield HoldFound(segment(each))
                case Compared():
                    if rendering is not None:
                        with _room_wanted("annotated video"):
                            drawing = render_beside(video, reference, each, rendering)
                            for drawn in _now_and_then(drawing):
                                yield Progress(frames, frames, drawn)
                    with _room_wanted("answer"):
                        for _ in _now_and_then(_written(comparison_text(each), answer)):
                            yield Progress(frames, frames, drawn)
                    yield Answered(frames, {})


def _end(seconds: float | None) -> float:
    return float("inf") if seconds is None else seconds


def _events(
    order: Order,
    files: Sequence[int],
    landmarker: PoseLandmarker,
    engine: Engine,
    threads: Callable[[], int],
) -> Iterator[Event]:
    if isinstance(order, ProofOrder):
        landmarker.prove()
        yield Proof([catalogue_entry(pose) for pose in catalogue()])
        return
    if isinstance(order, LiveOrder):
        yield from live(files[0], order.limits, engine, threads)
        return
    video, answer, *rest = files
    seen, told = os.fdopen(video, "rb", buffering=0), os.fdopen(answer, "wb", closefd=False)
    scratch = os.fdopen(rest[0], "w+b", closefd=False) if order.keeps_landmarks else None
    rendering = os.fdopen(rest[-1], "wb", closefd=False) if order.renders else None
    try:
        if isinstance(order, TeachingOrder):
            assert scratch is not None
            yield from _lesson(
                order, seen, told, scratch, threads=threads, landmarker=landmarker, engine=engine
            )
        elif order.comparing and scratch:
            reference = os.fdopen(rest[1], "rb", buffering=0)
            kept = scratch, os.fdopen(rest[2], "w+b", closefd=False)
            yield from compared(order, seen, reference, told, kept, rendering, threads, engine)
        else:
            yield from analysed(order, seen, told, scratch, rendering, threads, landmarker, engine)
    except VideoError as error:
        yield Refused(error.kind, str(error))
    except MemoryError:
        yield Refused(
            TooMuchMemoryError.kind,
            "The video needs more memory than an analysis may take; send it at a lower resolution.",
        )


def _lesson(
    order: TeachingOrder,
    video: IO[bytes],
    answer: IO[bytes],
    scratch: IO[bytes],
    **means: Any,
) -> Iterator[Event]:
    """Make a pose of what is shown in a video, and tell how far that is; its text is the answer.

    Args:
        order: what is to be done.
        video: the file in which it is shown.
        answer: the file to write the text to.
        scratch: an empty one to write and read.
        means: threads, landmarker and engine, as in `work`.
    """
    frames = 0
    with _room_wanted("landmarks"):
        for each in teach(
            video, order.lesson, keep_landmarks=scratch, limits=order.limits, **means
        ):
            match each:
                case analysis.Progress():
                    frames = each.frames
                    yield Progress(each.frames, each.frames_expected)
                case PoseFile():
                    with _room_wanted("answer"):
                        answer.write(written(each).encode())
                        answer.flush()
    yield Answered(frames, {})


def _written(texts: Iterable[str], file: IO[bytes]) -> Iterator[int]:
    """Write a text into a file, telling after each piece how many are written."""
    for number, text in enumerate(texts):
        file.write(text.encode())
        yield number + 1
    file.flush()


def _now_and_then(numbers: Iterable[int]) -> Iterator[int]:
    """Go through numbers, and give one every PROGRESS_INTERVAL seconds, and the last."""
    given, number, told = time.monotonic(), 0, 0
    for number in numbers:
        if time.monotonic() - given >= PROGRESS_INTERVAL:
            given, told = time.monotonic(), number
            yield number
    if number != told:
        yield number


@contextmanager
def _room_wanted(what: str) -> Iterator[None]:
    """Have a full disk, or a file that may not become so long, be an error of the video."""
    try:
        yield
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        raise UNWRITABLE[error.errno](
            f"There is no room for the {what}; "
            "send it again later, a shorter part, or a smaller version."
        ) from error


def _say_nothing_else() -> None:
    """Have what this process writes to standard output and standard error go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for standard in (1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def _limit(order: Order) -> None:
    """Bound what the process can take: address space beyond today's, files, a core dump."""
    size = 0 if isinstance(order, ProofOrder | LiveOrder) else order.file_bytes
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    space = pages * mmap.PAGESIZE + order.memory
    bounds = {
        resource.RLIMIT_AS: space,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: size,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    for kind, bound in bounds.items():
        already = resource.getrlimit(kind)[1]
        least = bound if already == resource.RLIM_INFINITY else min(bound, already)
        resource.setrlimit(kind, (least, least))
