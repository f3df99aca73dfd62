"""One process a video: admitted, in line, started, watched and stopped."""

import logging
import math
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import indent
from typing import IO, Any, Final

import gevent
from gevent.queue import Empty, Queue

from analyzer.messages import ANSWER, LONGEST_FAILURE
from service.intake import Intake
from service.metrics import Metrics
from service.options import Catalogue, Options
from service.problems import Kind, Problem, stopped
from service.processes import Ended, Forkserver, Process, ProcessError
from service.protection import Protection
from service.settings import Settings
from service.uploads import ROOM_RETRY, can_be_kept, file_without_name

PROOF_SECONDS: Final = 10.0
"""Within this time an empty picture has to go through the model."""

PROOF_PAUSE: Final = 0.5
"""Seconds between two looks at whether a proof is due."""

STOP_MARGIN: Final = 2.0
"""Seconds before the end of the grace that are left for answers."""

HEARTBEAT: Final = 5.0
"""Seconds without news after which a job says that it still runs, or waits."""

TURN: Final = "turn"
GONE: Final = "gone"
STOPPED: Final = "stopped"

log = logging.getLogger(__name__)


class Jobs:
    """All that is analysed, or waits for it."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self.intake = Intake(metrics)
        self.catalogue: Catalogue = ()
        """The poses that there are; empty until the first proof tells."""
        self._forkserver = Forkserver(settings.analyses, settings.pose_modules)
        self._line: deque[Job] = deque()
        self._admitted: set[Job] = set()
        self._running = 0
        self._started = False
        self._stopping = False
        self._proof = (0, -math.inf)
        """The generation of the forkserver that last worked, and when that was."""

    def start(self) -> None:
        """Start the forkserver and have it prove, from now on, that it works."""
        if not self._started:
            self._started = True
            self._forkserver.start()
            gevent.spawn(self._keep_proving)
            if self.settings.ecs_agent_uri:
                protection = Protection(self.settings.ecs_agent_uri)
                gevent.spawn(protection.follow, lambda: bool(self._admitted))

    def stop(self) -> None:
        """Be unhealthy, and give up, just before the grace ends, what is not done by then."""
        if not self._stopping:
            self._stopping = True
            gevent.spawn_later(max(0.0, self.settings.grace_seconds - STOP_MARGIN), self._give_up)

    @property
    def healthy(self) -> bool:
        """Whether a frame has lately gone through the model, in a process as analyses have it.

        And uploads can be kept.
        """
        generation, moment = self._proof
        age = time.monotonic() - moment
        lately = generation == self._forkserver.generation and age <= self.settings.health_seconds
        return lately and not self._stopping and can_be_kept(self.settings)

    @contextmanager
    def admitted(self, address: str) -> Iterator["Job"]:
        """Admit a job, for as long as the block lasts.

        It is let in before its video is there, and takes a place in line only when it is.

        Args:
            address: from which it is sent; a quarter of the places is left to others.

        Raises:
            Problem: the line is full, or one address has too much of it.
        """
        self.start()
        places = self.settings.analyses + self.settings.waiting
        share = places - places // 4
        taken = Counter(job.address for job in self._admitted if job.has_place)
        if taken[address] >= share or sum(min(each, share) for each in taken.values()) >= places:
            self.metrics.refusals.inc()
            raise Problem(
                Kind.BUSY, "All places are taken; send it again a little later.", self._wait()
            )
        job = Job(self, address)
        self._admitted.add(job)
        try:
            yield job
        finally:
            job.end()

    def _wait(self) -> int:
        """Seconds after which a place may be free: a rough guess that spreads the callers."""
        return 5 * math.ceil(len(self._admitted) / self.settings.analyses)

    def queue(self, job: "Job") -> int:
        """Put a job in line, and tell its place."""
        self._line.append(job)
        job.has_place = True
        self._next()
        self.metrics.waiting.set(len(self._line))
        return self.place(job)

    def place(self, job: "Job") -> int:
        """Tell the place of a job in line, from 1; 0 for one that is not in it any more."""
        return self._line.index(job) + 1 if job in self._line else 0

    def release(self, job: "Job") -> None:
        """Free the place of a job: in line, or the core that it ran on."""
        self._admitted.discard(job)
        job.has_place = False
        if job.has_turn:
            job.has_turn = False
            self._running -= 1
            self.metrics.in_use.set(self._running)
        elif job in self._line:
            self._line.remove(job)
        self._next()
        self.metrics.waiting.set(len(self._line))

    def launch(self, work: "Work", answer: IO[bytes], mailbox: "Queue[Any]") -> Process:
        """Start the process that does some work, with a file for its result."""
        settings, options = self.settings, work.options
        message: dict[str, Any] = {
            "prompt": work.prompt,
            "poses": options.poses,
            "min_hold": settings.min_hold_seconds if options.min_hold is None else options.min_hold,
            "include": options.include,
            "memory": settings.analysis_memory_bytes,
            "file_bytes": ANSWER,
            "limits": {
                "pixels": settings.max_video_pixels,
                "seconds": settings.max_video_seconds,
                "frames": settings.max_video_frames,
            },
        }
        files = [work.video.fileno(), answer.fileno()]
        if work.rendering is not None:
            message["file_bytes"] = settings.max_upload_bytes
            files.append(work.rendering.fileno())
        return self._forkserver.run(message, mailbox, *files)

    def works(self) -> None:
        """Note that a frame has just gone through the model."""
        self._proof = (self._forkserver.generation, time.monotonic())

    def _next(self) -> None:
        while self._line and self._running < self.settings.analyses:
            self._running += 1
            self.metrics.in_use.set(self._running)
            job = self._line.popleft()
            job.has_turn = True
            job.mailbox.put(TURN)

    def _give_up(self) -> None:
        self.intake.stop()
        for job in self._admitted:
            job.mailbox.put(STOPPED)

    def _keep_proving(self) -> None:
        while True:
            generation, moment = self._proof
            age = time.monotonic() - moment
            if generation != self._forkserver.generation or age >= self.settings.health_seconds / 3:
                self._prove()
            gevent.sleep(PROOF_PAUSE)

    def _prove(self) -> None:
        mailbox: Queue[Any] = Queue()
        generation = self._forkserver.generation
        try:
            message = {"memory": self.settings.analysis_memory_bytes}
            process = self._forkserver.run(message, mailbox)
        except ProcessError as error:
            log.error("The analysis can't be proved to work: %s", error)
            return
        try:
            match mailbox.get(timeout=PROOF_SECONDS):
                case {"event": "proof", "catalogue": catalogue}:
                    self.catalogue = catalogue
                    self._proof = (generation, time.monotonic())
                case {"event": "failure", "text": text}:
                    log.error("The analysis doesn't work.\n%s", text)
                case message:
                    log.error("The analysis doesn't work: its proof failed (%s).", message)
        except Empty:
            log.error("The analysis doesn't work: its proof took over %g s.", PROOF_SECONDS)
            self._forkserver.kill()
        finally:
            process.kill()


@dataclass(frozen=True)
class Work:
    """What a job is to do."""

    video: IO[bytes]
    """The file to analyse; closed when that is done."""
    options: Options
    rendering: IO[bytes] | None = None
    """A file to render the video to."""
    prompt: bool = False
    """Whether somebody listens to the events on the way."""


class HungUpError(Exception):
    """The caller has closed the connection; nobody waits for an answer."""


class Job:
    """One admitted video. Everything that happens to it comes through its mailbox."""

    def __init__(self, jobs: Jobs, address: str) -> None:
        self.address = address
        self.mailbox: Queue[Any] = Queue()
        self.has_place = False
        """Whether it is in line, or has its turn."""
        self.has_turn = False
        self.waited = 0.0
        """Seconds in line."""
        self.frames = 0
        """Frames that are done."""
        self._answer: IO[bytes] | None = None
        self._jobs = jobs
        self._process: Process | None = None

    def events(self, work: Work) -> Iterator[dict[str, Any]]:
        """Wait for its turn, analyse, and give the events on the way; the last is the result.

        The result itself, which can be large, is JSON text in a file, `answer`, that is there until
        the end of the job; its `timing` comes with the event.
        There is an event every HEARTBEAT seconds at least.

        Raises:
            HungUpError: the caller has gone.
            Problem: there will be no result.
        """
        queued = time.monotonic()
        yield {"event": "accepted", "place": self._jobs.queue(self)}
        try:
            while True:
                try:
                    self._receive(HEARTBEAT)
                    break
                except Empty:
                    yield {"event": "waiting", "place": self._jobs.place(self)}
        finally:
            start = time.monotonic()
            self.waited = start - queued
        self._jobs.metrics.waiting_seconds.observe(self.waited)
        try:
            self._answer = file_without_name(self._jobs.settings)
            self._process = self._jobs.launch(work, self._answer, self.mailbox)
            yield from self._analysed(start)
        except ProcessError as error:
            raise Problem(
                Kind.CRASHED, "The analysis could not be started; send the video again.", 5
            ) from error
        finally:
            seconds = time.monotonic() - start
            self._jobs.metrics.analysed(seconds, self.frames)

    def _analysed(self, start: float) -> Iterator[dict[str, Any]]:
        deadline = start + self._jobs.settings.analysis_seconds
        progress: dict[str, Any] = {"event": "progress", "frames": 0, "of": 0}
        failure = ""
        while True:
            now = time.monotonic()
            try:
                event = self._receive(min(HEARTBEAT, deadline - now))
            except Empty:
                if time.monotonic() >= deadline:
                    self._jobs.metrics.deadlines.inc()
                    raise self._late(progress) from None
                yield progress
                continue
            match event:
                case Ended(status=status):
                    self._jobs.metrics.crashes.inc()
                    if failure:
                        log.error("An analysis failed.\n%s", failure)
                    raise _crash(status)
                case {"event": "failure", "text": str(text)}:
                    # No line of it can look like one of ours, whoever has taken the process over.
                    failure = indent(text[-LONGEST_FAILURE:], "| ")
                    continue
                case {"event": "problem", "kind": kind, "detail": detail}:
                    known = Kind[kind.replace("-", "_").upper()]
                    raise Problem(known, detail, ROOM_RETRY if known is Kind.NO_ROOM else None)
                case {"event": "progress", "frames": int(frames), "of": int()}:
                    self.frames = self._at_most(frames)
                    self._jobs.works()
                    speed = self.frames / (time.monotonic() - start)
                    event = progress = event | {"frames_per_second": round(speed, 1)}
                case {"event": "result", "frames": int(frames), "timing": dict()}:
                    self.frames = self._at_most(frames)
                    # Others needn't wait until this caller has read the answer, nor for what the
                    # process would still tidy up.
                    self._end_process()
                    self._jobs.release(self)
                    yield event | {"answer": self._answer}
                    return
                case {"event": "pose"}:
                    pass
                case _:
                    raise ValueError("A process told what it can't have to tell.")
            yield event

    def _at_most(self, frames: int) -> int:
        """A number of frames that there can be, whatever a process tells."""
        return max(0, min(frames, self._jobs.settings.max_video_frames))

    def hung_up(self) -> None:
        """Note that the caller has gone."""
        self.mailbox.put(GONE)

    def end(self) -> None:
        """Leave nothing behind: no process, no file, no place taken."""
        self._end_process()
        if self._answer is not None:
            self._answer.close()
        self._jobs.release(self)

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _receive(self, seconds: float | None) -> Any:
        message = self.mailbox.get(timeout=None if seconds is None else max(seconds, 0.001))
        if message == GONE:
            raise HungUpError
        if message == STOPPED:
            raise stopped()
        return message

    def _late(self, progress: dict[str, Any]) -> Problem:
        whole = f" of about {progress['of']}" if progress["of"] else ""
        return Problem(
            Kind.DEADLINE,
            f"The analysis took longer than {self._jobs.settings.analysis_seconds:g} seconds and "
            f"was stopped after {progress['frames']} frames{whole}; send a shorter video.",
        )


def _crash(status: int | None) -> Problem:
    how = (
        "ended" if status is None else f"exit code {status}" if status >= 0 else f"signal {-status}"
    )
    return Problem(
        Kind.CRASHED,
        f"The analysis of this video broke off ({how}); other requests are not affected. "
        "Send it again, or as H.264 in an MP4 file.",
    )
