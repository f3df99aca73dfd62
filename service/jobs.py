"""One process a video: admitted, in line, started, watched and stopped."""

import json
import logging
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import indent
from typing import IO, Any, Final

import gevent
from gevent.event import Event
from gevent.queue import Empty, Queue

from analyzer.child.protocol import ANSWER, LONGEST_FAILURE
from service.intake.arrivals import Intake
from service.intake.options import Catalogue, Options
from service.intake.uploads import ROOM_RETRY, can_be_kept, file_without_name
from service.problems import Kind, Problem, stopped
from service.processes import Ended, Forkserver, Process, ProcessError
from service.runtime import logs
from service.runtime.metrics import Metrics
from service.runtime.protection import Protection
from service.runtime.settings import Settings

PROOF_SECONDS: Final = 10.0
"""Within this time an empty picture has to go through the model."""

PROOF_PAUSE: Final = 0.5
"""Seconds between two looks at whether a proof is due."""

STOP_MARGIN: Final = 2.0
"""Seconds before the end of the grace that are left for answers."""

HEARTBEAT: Final = 5.0
"""Seconds without news after which a job says that it still runs, or waits."""

UNHEARD: Final = 256
"""Events that wait for a slow listener at most; of more, the oldest are left out."""

LONGEST_POSE: Final = 2**14
"""Characters of the event of a pose at most."""

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
        self._round = 0
        """Of the job that had its turn last."""
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
        """Put a job in line, and tell its place.

        Of each address there is one job a round, so that who sends many holds up nobody who sends
        one; those of a round have their turns in the order in which they came.
        """
        rounds = [
            its.round for its in self._admitted if its.has_place and its.address == job.address
        ]
        job.round = max([self._round, *(before + 1 for before in rounds)])
        self._line.append(job)
        job.has_place = True
        self._next()
        self.metrics.waiting.set(len(self._line))
        return self.place(job)

    def place(self, job: "Job") -> int:
        """Tell the place of a job in line, from 1; 0 for one that is not in it any more."""
        return self._in_order().index(job) + 1 if job in self._line else 0

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
            job = self._in_order()[0]
            self._line.remove(job)
            self._round = job.round
            job.has_turn = True
            job.mailbox.put(TURN)

    def _in_order(self) -> list["Job"]:
        """Those in line, in the order in which they have their turns."""
        return sorted(self._line, key=lambda job: job.round)

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
    size: int
    """Bytes of it."""
    options: Options
    request_id: str
    """Of the request that brought it, for the log."""
    arrived: float
    """When that request came, by the monotonic clock."""
    rendering: IO[bytes] | None = None
    """A file to render the video to."""
    prompt: bool = False
    """Whether somebody listens to the events on the way."""


class HungUpError(Exception):
    """The caller has closed the connection; nobody waits for an answer."""


class Job:
    """One admitted video. Everything that happens to it comes through its mailbox.

    It lives in a greenlet of its own: whoever listens to its events, however slowly, holds up
    neither the analysis nor those who wait for their turn.
    """

    def __init__(self, jobs: Jobs, address: str) -> None:
        self.address = address
        self.mailbox: Queue[Any] = Queue()
        self.has_place = False
        """Whether it is in line, or has its turn."""
        self.has_turn = False
        self.round = 0
        """Rounds go one after the other; a job has its turn in this one."""
        self._jobs = jobs
        self._waited = 0.0
        """Seconds in line."""
        self._frames = 0
        """Frames that are done."""
        self._answer: IO[bytes] | None = None
        self._process: Process | None = None
        self._life: gevent.Greenlet[[Work, Callable[[], None]], None] | None = None
        self._unheard: deque[dict[str, Any]] = deque(maxlen=UNHEARD)
        self._failure: Exception | None = None
        self._over = False
        self._news = Event()

    def start(self, work: Work, ready: Callable[[], None]) -> None:
        """Wait for its turn and analyse, from now on; the video is closed when that is done.

        Args:
            work: what is to be done.
            ready: called when there is a result, which takes room until the end of the job.
        """
        self._life = gevent.spawn(self._live, work, ready)

    def events(self) -> Iterator[dict[str, Any]]:
        """Give the events on the way, as they come; the last is the result.

        The result itself, which can be large, is JSON text in a file, `answer`, that is there until
        the end of the job; its `timing` comes with the event.
        There is an event every HEARTBEAT seconds at least.

        Raises:
            HungUpError: the caller has gone.
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

    def _tell(self, event: dict[str, Any]) -> None:
        """Have an event heard; it takes the place of one like it that nobody has heard yet."""
        kind = event["event"]
        if kind != "pose" and self._unheard and self._unheard[-1]["event"] == kind:
            self._unheard.pop()
        self._unheard.append(event)
        self._news.set()

    def _live(self, work: Work, ready: Callable[[], None]) -> None:
        queued = time.monotonic()
        outcome = "hung-up"
        try:
            self._wait_for_turn()
            self._waited = time.monotonic() - queued
            result = self._analysis(work)
            if result["timing"]:
                times = {"upload": queued - work.arrived, "queue": self._waited}
                rounded = {name: round(seconds, 4) for name, seconds in times.items()}
                result["timing"] = rounded | result["timing"]
            outcome = "result"
            ready()
            self._tell(result)
        except Problem as problem:
            outcome = problem.kind.slug
            self._failure = problem
        except Exception as error:
            if not isinstance(error, HungUpError):
                outcome = "mistake"
            self._failure = error
        finally:
            seconds = time.monotonic() - queued
            if self.has_place and not self.has_turn:
                self._waited = seconds
            logs.write(
                "analysis",
                request_id=work.request_id,
                outcome=outcome,
                bytes=work.size,
                frames=self._frames,
                waited=round(self._waited, 3),
                seconds=round(seconds - self._waited, 3),
            )
            # Others needn't wait until the answer has been read, nor for what the process would
            # still tidy up, and nobody needs the video.
            work.video.close()
            self._end_process()
            self._jobs.release(self)
            self._over = True
            self._news.set()

    def _wait_for_turn(self) -> None:
        self._tell({"event": "accepted", "place": self._jobs.queue(self)})
        while True:
            try:
                self._receive(HEARTBEAT)
                return
            except Empty:
                self._tell({"event": "waiting", "place": self._jobs.place(self)})

    def _analysis(self, work: Work) -> dict[str, Any]:
        """Have the video analysed, and give the event of the result."""
        self._jobs.metrics.waiting_seconds.observe(self._waited)
        start = time.monotonic()
        try:
            self._answer = file_without_name(self._jobs.settings)
            self._process = self._jobs.launch(work, self._answer, self.mailbox)
            return self._result(start)
        except ProcessError as error:
            raise Problem(
                Kind.CRASHED, "The analysis could not be started; send the video again.", 5
            ) from error
        finally:
            seconds = time.monotonic() - start
            self._jobs.metrics.analysed(seconds, self._frames)

    def _result(self, start: float) -> dict[str, Any]:
        """Pass on what the process tells until it has a result, and give that."""
        deadline = start + self._jobs.settings.analysis_seconds
        progress: dict[str, Any] = {"event": "progress", "frames": 0, "of": 0}
        failure = ""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                self._jobs.metrics.deadlines.inc()
                raise self._late(progress)
            try:
                event = self._receive(min(HEARTBEAT, left))
            except Empty:
                self._tell(progress)
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
                case {"event": "problem", "kind": kind, "detail": detail}:
                    known = Kind[kind.replace("-", "_").upper()]
                    raise Problem(known, detail, ROOM_RETRY if known is Kind.NO_ROOM else None)
                case {"event": "progress", "frames": int(frames), "of": int(of)}:
                    self._frames = self._at_most(frames)
                    self._jobs.works()
                    speed = round(self._frames / (time.monotonic() - start), 1)
                    progress = {"event": "progress", "frames": frames, "of": of}
                    progress["frames_per_second"] = speed
                    self._tell(progress)
                case {"event": "pose"} if len(json.dumps(event)) <= LONGEST_POSE:
                    self._tell(event)
                case {"event": "result", "frames": int(frames), "timing": dict(timing)}:
                    self._frames = self._at_most(frames)
                    answer = self._answer
                    return {"event": "result", "timing": timing, "answer": answer}
                case _:
                    raise ValueError("A process told what it can't have to tell.")

    def _at_most(self, frames: int) -> int:
        """A number of frames that there can be, whatever a process tells."""
        return max(0, min(frames, self._jobs.settings.max_video_frames))

    def hung_up(self) -> None:
        """Note that the caller has gone."""
        self.mailbox.put(GONE)

    def end(self) -> None:
        """Leave nothing behind: no process, no file, no place taken."""
        if self._life is not None:
            self.mailbox.put(GONE)
            self._life.join()
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
