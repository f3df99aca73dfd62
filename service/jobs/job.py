"""The life of one video: in line, analysed in a process of its own, answered, and gone."""

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from textwrap import indent
from typing import IO, Any, Final

import gevent
from gevent.event import Event
from gevent.queue import Empty, Queue

from analyzer.child import protocol
from analyzer.child.pool import Ended, Pool, ProcessError
from analyzer.child.protocol import (
    AnalysisOrder,
    Answered,
    Failed,
    HoldFound,
    Refused,
    TeachingOrder,
    longest_file,
)
from analyzer.limits import Comparing, Limits
from analyzer.posefile import Lesson
from service.intake.disk import ROOM_RETRY
from service.intake.options import Options
from service.intake.uploads import file_without_name
from service.jobs.deadline import Deadline
from service.jobs.line import Line, Ticket
from service.jobs.proof import Prover
from service.problems import Kind, Problem, stopped
from service.runtime import logs
from service.runtime.metrics import Metrics
from service.runtime.settings import Settings

HEARTBEAT: Final = 5.0
"""Seconds without news after which a job says that it still runs, or waits."""

UNHEARD: Final = 256
"""Events that wait for a slow listener at most; of more, the oldest are left out."""

TURN: Final = "turn"
GONE: Final = "gone"
STOPPED: Final = "stopped"
"""Mail that is not of the process: its turn has come, nobody waits any more, the server stops."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Means:
    """What all jobs work with."""

    settings: Settings
    metrics: Metrics
    line: Line
    pool: Pool
    prover: Prover


@dataclass(frozen=True)
class Work:
    """What a job is to do."""

    video: IO[bytes]
    """The file to analyse; closed when that is done."""
    size: int
    """Bytes of it."""
    options: Options
    request_id: str
    """Of the request that brought it, for the log."""
    arrived: float
    """When that request came, by the monotonic clock."""
    rendering: IO[bytes] | None = None
    """A file to draw the video to, with what was found."""
    prompt: bool = False
    """Whether somebody listens to the events on the way."""
    in_background: bool = False
    """Whether nobody waits for it, so that others go first."""
    lesson: Lesson | None = None
    """What is to be taught from it, where it isn't to be analysed."""
    reference: IO[bytes] | None = None
    """The file of what it is compared with, if so; closed like the video."""
    comparing: Comparing | None = None
    """How it is compared."""

    @property
    def shares(self) -> int:
        """How many times as much work it is as one dancer in as many frames."""
        return 2 if self.comparing else self.options.told_apart


@dataclass(frozen=True)
class Accepted:
    """The job is in line."""

    place: int
    """From 1; 0 without a wait."""


@dataclass(frozen=True)
class Waiting:
    """The job still is in line."""

    place: int


@dataclass(frozen=True)
class Progress:
    """How far the analysis is."""

    frames: int
    of: int
    """How many the file holds, by its packets; 0 if it doesn't say."""
    frames_per_second: float


@dataclass(frozen=True)
class Result:
    """The analysis is done."""

    answer: IO[bytes]
    """JSON text, an object, which can be large; there until the end of the job."""
    timing: Mapping[str, float]
    """Seconds for each part of the work, where they were asked for."""


JobEvent = Accepted | Waiting | Progress | HoldFound | Result


class AbandonedError(Exception):
    """Nobody waits for the job any more."""


class Job:
    """One video, from the moment at which it is there. All that happens to it comes as mail.

    It lives in a greenlet of its own: whoever listens to its events, however slowly or not at all,
    holds up neither the analysis nor those who wait for their turn.
    """

    def __init__(self, work: Work, ticket: Ticket, means: Means) -> None:
        self._work = work
        self._ticket = ticket
        self._means = means
        self._mail: Queue[Any] = Queue()
        self._waited = 0.0
        """Seconds in line."""
        self._progress = Progress(0, 0, 0.0)
        self._drawn = 0
        """Frames drawn into the annotated video, which comes after the analysis."""
        self._files = ExitStack()
        """What is there until the end of the job."""
        self._life: gevent.Greenlet[[Callable[[], None]], None] | None = None
        self._unheard: deque[JobEvent] = deque(maxlen=UNHEARD)
        self._failure: Exception | None = None
        self._over = False
        self._news = Event()

    def start(self, on_result: Callable[[], None]) -> None:
        """Wait for its turn and analyse, from now on.

        Args:
            on_result: called when there is a result, which takes room until the end of the job.
        """
        self._life = gevent.spawn(self._live, on_result)

    def events(self) -> Iterator[JobEvent]:
        """Give what is told on the way, as it comes; the last is the result.

        There is an event every HEARTBEAT seconds at least.

        Raises:
            AbandonedError: nobody waits for it any more.
            Problem: there will be no result.
        """
        while True:
            self._news.wait()
            self._news.clear()
            while self._unheard:
                yield self._unheard.popleft()
            if self._over:
                if self._failure is not None:
                    raise self._failure
                return

    def abandon(self) -> None:
        """Note that nobody waits for it any more."""
        self._mail.put(GONE)

    def stop(self) -> None:
        """Note that the server stops."""
        self._mail.put(STOPPED)

    def end(self) -> None:
        """Leave nothing behind: no process, no file of its own, no place taken."""
        if self._life is not None:
            self.abandon()
            self._life.join()
        self._files.close()

    def _live(self, on_result: Callable[[], None]) -> None:
        logs.request_id.set(self._work.request_id)
        queued = time.monotonic()
        outcome = "hung-up"
        try:
            self._wait_for_turn()
            self._waited = time.monotonic() - queued
            result = self._analysis()
            if result.timing:
                times = {"upload": queued - self._work.arrived, "queue": self._waited}
                rounded = {name: round(seconds, 4) for name, seconds in times.items()}
                result = replace(result, timing=rounded | dict(result.timing))
            outcome = "result"
            on_result()
            self._tell(result)
        except Problem as problem:
            outcome = problem.kind.slug
            self._failure = problem
        except Exception as error:  # whatever it is, whoever hears the events gets it
            if not isinstance(error, AbandonedError):
                outcome = "mistake"
            self._failure = error
        finally:
            seconds = time.monotonic() - queued
            if self._means.line.place(self._ticket):
                self._waited = seconds
            logs.write(
                "analysis",
                outcome=outcome,
                bytes=self._work.size,
                frames=self._progress.frames,
                waited=round(self._waited, 3),
                seconds=round(seconds - self._waited, 3),
                background=self._work.in_background,
            )
            # Others needn't wait until the answer has been read, and nobody needs the video.
            self._work.video.close()
            if self._work.reference is not None:
                self._work.reference.close()
            self._means.line.leave(self._ticket)
            self._over = True
            self._news.set()

    def _wait_for_turn(self) -> None:
        line = self._means.line
        if line.has_turn(self._ticket):
            return
        self._tell(Accepted(line.queue(self._ticket, lambda: self._mail.put(TURN))))
        while True:
            try:
                if self._receive(HEARTBEAT) == TURN:
                    return
            except Empty:
                self._tell(Waiting(line.place(self._ticket)))

    def _analysis(self) -> Result:
        """Have the video analysed, and give the result."""
        means, work = self._means, self._work
        if not work.in_background:
            means.metrics.waiting_seconds.observe(self._waited)
        start = time.monotonic()
        process = None
        try:
            order = order_of(work, means.settings)
            answer = self._files.enter_context(file_without_name(means.settings))
            with ExitStack() as lent:
                files = [work.video, answer]
                if order.keeps_landmarks:
                    # Its process alone keeps it, and with it goes the file.
                    files.append(lent.enter_context(file_without_name(means.settings)))
                if work.reference is not None:
                    files.append(work.reference)
                    files.append(lent.enter_context(file_without_name(means.settings)))
                if work.rendering is not None:
                    files.append(work.rendering)
                numbers = [file.fileno() for file in files]
                process = means.pool.run(order, self._mail.put, *numbers)
            timing = self._answered(start).timing
            if os.pread(answer.fileno(), 1, 0) != b"{":
                raise ValueError("A process told of an answer that isn't there.")
            return Result(answer, timing)
        except ProcessError as error:
            raise Problem(
                Kind.CRASHED, "The analysis could not be started; send the video again.", 5
            ) from error
        finally:
            means.metrics.analysed(time.monotonic() - start, self._progress.frames)
            if process is not None:
                # What it would still tidy up is not waited for.
                process.kill()

    def _answered(self, start: float) -> Answered:
        """Pass on what the process tells until it has answered."""
        means = self._means
        work = self._work
        deadline = Deadline(
            means.settings,
            start,
            renders=work.rendering is not None,
            in_background=work.in_background,
            people=work.shares,
        )
        failure = ""
        while True:
            left = deadline.end - time.monotonic()
            if left <= 0:
                means.metrics.deadlines.inc()
                raise self._late(deadline, start)
            try:
                event = self._receive(min(HEARTBEAT, left))
            except Empty:
                self._tell(self._progress)
                continue
            match event:
                case protocol.Progress(frames=frames, of=of, drawn=drawn):
                    means.prover.note()
                    now, done = time.monotonic(), self._at_most(frames)
                    deadline.progress(now, done, of)
                    self._drawn = self._at_most(drawn)
                    if not drawn:
                        speed = round(done / (now - start), 1)
                        self._progress = Progress(done, self._at_most(of), speed)
                    # While it is drawn all frames are done.
                    self._tell(self._progress)
                case HoldFound():
                    self._tell(event)
                case Answered(frames=frames):
                    self._progress = replace(self._progress, frames=self._at_most(frames))
                    return event
                case Refused(kind=kind, detail=detail):
                    known = Kind.of(kind)
                    raise Problem(known, detail, ROOM_RETRY if known is Kind.NO_ROOM else None)
                case Failed(traceback=traceback):
                    # No line of it can look like one of ours, whoever has taken the process over.
                    failure = indent(traceback, "| ")
                case Ended():
                    means.metrics.crashes.inc()
                    if failure:
                        log.error("An analysis failed.\n%s", failure)
                    raise _crash(event)
                case _:
                    raise ValueError("A process told what is no news of an analysis.")

    def _at_most(self, frames: int) -> int:
        """A number of frames that there can be, whatever a process tells."""
        return max(0, min(frames, self._means.settings.max_video_frames))

    def _tell(self, event: JobEvent) -> None:
        """Have an event heard; it takes the place of one like it that nobody has heard yet."""
        if self._unheard and type(self._unheard[-1]) is type(event) is not HoldFound:
            self._unheard.pop()
        self._unheard.append(event)
        self._news.set()

    def _receive(self, seconds: float) -> Any:
        message = self._mail.get(timeout=max(seconds, 0.001))
        if message == GONE:
            raise AbandonedError
        if message == STOPPED:
            raise stopped()
        return message

    def _late(self, deadline: Deadline, start: float) -> Problem:
        seconds = time.monotonic() - start
        done, settings = self._progress, self._means.settings
        came = f"{done.frames:,} frames" + (f" of about {done.of:,}" if done.of else "")
        if self._drawn:
            came += f" and {self._drawn:,} drawn"
        came += f", {(done.frames + self._drawn) / seconds:.0f} a second"
        if deadline.stalls:
            text = (
                f"The analysis made no progress for {settings.stall_seconds:g} seconds and was "
                f"stopped after {came}; send the video as H.264 in an MP4 file, or smaller."
            )
        else:
            text = (
                f"The analysis took longer than {deadline.end - start:.0f} seconds and was stopped "
                f"after {came} where {settings.slowest_speed / self._work.shares:g} "
                "are needed; send it again later, or smaller."
            )
        return Problem(Kind.DEADLINE, text)


def order_of(work: Work, settings: Settings) -> AnalysisOrder | TeachingOrder:
    """Give what the process of a video is told to do, to analyse it or to teach from it."""
    order = analysis_order(work, settings)
    if work.lesson is None:
        return order
    return TeachingOrder(order.memory, order.file_bytes, order.limits, work.lesson)


def analysis_order(work: Work, settings: Settings) -> AnalysisOrder:
    """Give what the process of a video is told to do."""
    options = work.options
    renders = work.rendering is not None
    people = work.shares
    frames = settings.most_frames(people, in_background=work.in_background)
    return AnalysisOrder(
        memory=settings.analysis_memory_bytes,
        file_bytes=longest_file(frames, renders=renders, people=people),
        limits=Limits(
            pixels=settings.max_video_pixels,
            seconds=settings.max_video_seconds,
            frames=frames,
            people=1 if work.in_background else options.told_apart,
        ),
        min_hold=settings.min_hold_seconds if options.min_hold is None else options.min_hold,
        poses=options.poses,
        include=options.include,
        renders=renders,
        prompt=work.prompt,
        in_background=work.in_background,
        people=options.people,
        dancer=options.dancer,
        pose=options.pose,
        comparing=work.comparing,
    )


def _crash(end: Ended) -> Problem:
    return Problem(
        Kind.CRASHED,
        f"The analysis of this video broke off ({end}); other requests are not affected. "
        "Send it again, or as H.264 in an MP4 file.",
    )
