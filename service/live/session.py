"""The life of one live session: what it wants, frames in, what is told of them out, and gone."""

import json
import logging
import struct
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from math import inf
from typing import Any, Final, Protocol

import gevent
from gevent.event import Event

from analyzer.child.pool import Ended, ProcessError
from analyzer.child.protocol import LiveMessage, NotTaken, Sent, Told
from analyzer.limits import LATEST_FRAME, is_picture
from service.intake.options import Catalogue, dance_of
from service.live.studio import News, Studio
from service.problems import Kind, Problem, mistake
from service.runtime import logs
from service.runtime.metrics import Metrics
from service.runtime.settings import Settings

FIRST_SECONDS: Final = 10.0
"""Within this time a session says what it wants."""

SILENT_SECONDS: Final = 30.0
"""After so long without a frame a session is over."""

ANSWER_SECONDS: Final = 10.0
"""Within this time a process has to tell of what it is sent."""

LONGEST_END: Final = 32
"""Characters of the message that says that no more comes: {"end": true}."""

TIME: Final = struct.Struct(">d")
"""What may stand before a picture, as browsers write it unless told otherwise."""

MOST_WAITING: Final = 256
"""Landmarks that wait for their turn at most; of more, the oldest are dropped."""

LANDMARK_BYTES: Final = 2**13
"""Size of a message with landmarks at most: 231 numbers with all the digits that they can have."""

MOST_HEARD: Final = 64
"""So much that a process tells may wait: it answers what it is sent, and tells no more."""

BURST_SECONDS: Final = 2.0
"""So many seconds' worth of frames may come at once: a network holds them up, and lets go."""

PICTURES: Final = "pictures"
LANDMARKS: Final = "landmarks"
SENDS: Final = (PICTURES, LANDMARKS)
"""What a session may send."""

NOT_SENT: Final = {
    PICTURES: 'After the first message this session takes pictures, and {"end": true}; for other '
    "options open another one, and for landmarks `/live?sends=landmarks`.",
    LANDMARKS: "This session takes landmarks; for pictures open `/live?sends=pictures`.",
}
"""What is told who sends something else, by what the session takes."""

NORMAL: Final = 1000
CODES: Final = {
    Kind.UNDECODABLE: 1003,
    Kind.BAD_OPTION: 1007,
    Kind.TOO_FAST: 1008,
    Kind.SESSION_OVER: 1008,
    Kind.OVER_LIMIT: 1009,
    Kind.UPLOAD_TOO_LARGE: 1009,
    Kind.CRASHED: 1011,
    Kind.INTERNAL: 1011,
    Kind.STOPPING: 1012,
    Kind.STARTING: 1013,
}
"""With which code the connection is closed after a problem (RFC 6455, 7.4)."""


log = logging.getLogger(__name__)


class GoneError(Exception):
    """The caller has gone."""


class Socket(Protocol):
    """A WebSocket."""

    def receive(self) -> str | bytes | None:
        """Wait for the next message; raises what `closed` names when there is none any more."""

    def send(self, text: str) -> None:
        """Send a message."""

    def close(self, code: int, reason: str) -> None:
        """Close it, with a code and a short reason."""


@dataclass(frozen=True)
class Frame:
    """A frame that has come."""

    number: int
    """Among those that were sent, from 0."""
    arrived: float
    """By the monotonic clock."""
    kind: Sent
    time: float
    """Seconds, where that isn't in what was sent."""
    content: bytes


class Session:
    """One caller who sends frames, of which the newest counts where they are pictures."""

    def __init__(
        self,
        sends: str,
        settings: Settings,
        metrics: Metrics,
        catalogue: Catalogue,
        open_studio: Callable[[], Studio],
    ) -> None:
        self.sends = sends
        self._settings = settings
        self._metrics = metrics
        self._catalogue = catalogue
        self._open_studio = open_studio
        self._studio: Studio | None = None
        self._number = 0
        """Of this session in its studio."""
        self._news = Event()
        self._first: Any = None
        self._waiting: deque[Frame] = deque()
        self._handed: deque[Frame] = deque()
        """What the process is working on."""
        self._handed_at = 0.0
        self._frames_looked_at = 0
        """How many frames it has looked at."""
        self._heard: deque[News] = deque()
        self._wants_end = False
        self._is_ending = False
        self._over: Exception | None = None
        """Why it is to end."""
        self._sent = 0
        self._dropped = 0
        self._allowed = BURST_SECONDS * settings.live_frames_a_second
        """How many frames may come now."""
        self._start = self._last_came = time.monotonic()

    def run(self, socket: Socket, came: Callable[[], str | bytes]) -> None:
        """Take what comes and tell what there is to tell, until it is over.

        Args:
            socket: to the caller.
            came: waits for the next message, and raises GoneError when there are no more.
        """
        self._start = self._last_came = time.monotonic()
        receiver = gevent.spawn(self._receive, came)
        outcome = "ended"
        try:
            self._live(socket)
            socket.close(NORMAL, "")
        except GoneError:
            outcome = "hung-up"
        except Problem as problem:
            outcome = problem.kind.slug
            self._say(socket, problem)
        except Exception:  # nothing else can tell of it: the answer to the request has begun
            log.exception("A live session broke off.")
            outcome = "mistake"
            self._say(socket, mistake())
        finally:
            if self._studio is not None:
                self._studio.leave(self._number)
            # Until now it has taken away what still comes.
            receiver.kill()
            logs.write(
                "live",
                outcome=outcome,
                sends=self.sends,
                frames=self._sent,
                dropped=self._dropped,
                seconds=round(time.monotonic() - self._start, 3),
            )

    @property
    def _message_bytes(self) -> int:
        """Size of a message after the first at most."""
        return LANDMARK_BYTES if self.sends == LANDMARKS else self._settings.live_frame_bytes

    @property
    def silent_seconds(self) -> float:
        """For how long nothing has come."""
        return time.monotonic() - self._last_came

    def end_with(self, over: Exception) -> None:
        """Have it end, soon, for a reason; the first one counts."""
        if self._over is None:
            self._over = over
            self._news.set()

    def _say(self, socket: Socket, problem: Problem) -> None:
        """Tell a problem and close, where somebody still listens."""
        try:
            socket.send(json.dumps({"event": "error", **problem.body()}))
            socket.close(CODES.get(problem.kind, 1011), problem.kind.slug)
        except GoneError:
            return

    def _live(self, socket: Socket) -> None:
        while True:
            self._news.wait(self._patience())
            self._news.clear()
            while self._heard:
                if self._pass_on(socket, self._heard.popleft()):
                    return
            if self._over is not None:
                raise self._over
            if self._first is not None and self._studio is None:
                self._begin(socket)
            self._check_times()
            if self._studio is not None and not self._handed and not self._is_ending:
                self._hand()

    def _begin(self, socket: Socket) -> None:
        """Read what it wants, and have a process look at it."""
        dance = dance_of(self._first, self._catalogue, landmarks=self.sends == LANDMARKS)
        if dance.min_hold is None:
            dance = replace(dance, min_hold=self._settings.min_hold_seconds)
        try:
            self._studio = self._open_studio()
        except ProcessError as error:
            raise _crashed("could not be started") from error
        self._number = self._studio.enter(self._hear)
        self._deliver([(Sent.BEGINNING, 0.0, json.dumps(asdict(dance)).encode())])
        settings = self._settings
        ready = {
            "event": "ready",
            "sends": self.sends,
            "seconds": settings.live_seconds,
            "frames_a_second": settings.live_frames_a_second,
            "frame_bytes": self._message_bytes,
        }
        socket.send(json.dumps(ready))

    def _hand(self) -> None:
        """Have the process work on what waits, or end."""
        self._handed_at = time.monotonic()
        if self._waiting:
            self._handed, self._waiting = self._waiting, deque()
            self._deliver([(frame.kind, frame.time, frame.content) for frame in self._handed])
        elif self._wants_end:
            self._is_ending = True
            self._deliver([(Sent.END, 0.0, b"")])

    def _deliver(self, pieces: list[tuple[Sent, float, bytes]]) -> None:
        assert self._studio is not None
        messages = [LiveMessage(self._number, *piece) for piece in pieces]
        try:
            self._studio.send(messages)
        except OSError as error:
            raise _crashed("broke off") from error

    def _pass_on(self, socket: Socket, news: News) -> bool:
        """Tell the caller what the process tells; whether that was the last."""
        match news:
            case NotTaken(kind=kind, detail=detail):
                raise Problem(Kind.of(kind), detail)
            case Ended():
                self._metrics.crashes.inc()
                raise _crashed(f"broke off ({news})")
            case Told(things=[*others, last]):
                for thing in others:
                    socket.send(json.dumps(thing))
                if last["event"] == "end":
                    socket.send(json.dumps(last | {"sent": self._sent, "dropped": self._dropped}))
                    return True
                self._answer(socket, last)
        return False

    def _answer(self, socket: Socket, told: Mapping[str, Any]) -> None:
        """Send what is told of a frame that was worked on, of several handed together the last."""
        frame = None
        number = told.get("frame")
        while isinstance(number, int) and self._handed and self._frames_looked_at <= number:
            frame = self._handed.popleft()
            self._frames_looked_at += 1
        if frame is None:
            raise ValueError("A process told of a frame that it hasn't been sent.")
        latency = time.monotonic() - frame.arrived
        told = {**told, "sent": frame.number, "dropped": self._dropped}
        socket.send(json.dumps(told | {"latency": round(latency, 4)}))
        self._metrics.latency.labels(self.sends).observe(latency)
        self._metrics.live_frames.labels("answered").inc()
        self._news.set()

    def _hear(self, news: News) -> None:
        if len(self._heard) >= MOST_HEARD:
            self.end_with(_crashed("broke off"))
            return
        self._heard.append(news)
        self._news.set()

    def _receive(self, came: Callable[[], str | bytes]) -> None:
        """Take what the caller sends, as it comes; once it is over, only take it away."""
        try:
            while True:
                message = came()
                if self._over is None and not self._wants_end:
                    try:
                        self._take(message)
                    except Problem as problem:
                        self.end_with(problem)
        except GoneError as gone:
            self.end_with(gone)

    def _take(self, message: str | bytes) -> None:
        now, most = time.monotonic(), self._message_bytes
        content = message.encode() if isinstance(message, str) else message
        if self._first is None:
            self._first = _first(message)
        elif len(content) > most:
            raise Problem(Kind.OVER_LIMIT, f"A message of this session has at most {most} bytes.")
        elif isinstance(message, bytes):
            self._take_frame(now, Sent.PICTURE, *_timed(message, now - self._start))
        elif len(message) <= LONGEST_END and _read(message).get("end") is True:
            self._wants_end = True
        else:
            self._take_frame(now, Sent.LANDMARKS, 0.0, content)
        self._last_came = now
        self._news.set()

    def _take_frame(self, now: float, kind: Sent, seconds: float, content: bytes) -> None:
        if (kind is Sent.PICTURE) != (self.sends == PICTURES):
            raise Problem(Kind.BAD_OPTION, NOT_SENT[self.sends])
        rate = self._settings.live_frames_a_second
        self._allowed = min(BURST_SECONDS * rate, self._allowed + rate * (now - self._last_came))
        if self._allowed < 1:
            raise Problem(
                Kind.TOO_FAST,
                f"Frames come faster than {rate:g} a second; send fewer, in time with the camera.",
            )
        self._allowed -= 1
        if self._waiting and (kind is Sent.PICTURE or len(self._waiting) == MOST_WAITING):
            self._waiting.popleft()
            self._dropped += 1
            self._metrics.live_frames.labels("dropped").inc()
        self._waiting.append(Frame(self._sent, now, kind, seconds, content))
        self._sent += 1

    def _patience(self) -> float:
        """Seconds until something has to be looked at, even if nothing comes."""
        return max(0.0, min(self._ends()) - time.monotonic())

    def _ends(self) -> tuple[float, float, float]:
        """When it has lasted too long, been silent for too long, been left without an answer."""
        silent = SILENT_SECONDS if self._first is not None else FIRST_SECONDS
        waits = self._handed or self._is_ending
        return (
            self._start + self._settings.live_seconds,
            self._last_came + silent,
            self._handed_at + ANSWER_SECONDS if waits else inf,
        )

    def _check_times(self) -> None:
        now = time.monotonic()
        length, silence, answer = self._ends()
        if now >= answer:
            assert self._studio is not None
            self._studio.end()
            raise _crashed("doesn't answer")
        if now >= length:
            seconds = self._settings.live_seconds
            raise Problem(
                Kind.SESSION_OVER, f"The session has lasted {seconds:g} seconds; open another one."
            )
        if now >= silence and self._first is None:
            raise Problem(
                Kind.SESSION_OVER,
                f"Nothing came for {FIRST_SECONDS:g} seconds; begin with what you want, an object "
                "of JSON, which may be empty.",
            )
        if now >= silence:
            raise Problem(
                Kind.SESSION_OVER,
                f"Nothing came for {SILENT_SECONDS:g} seconds; open another one when you go on.",
            )


def _crashed(how: str) -> Problem:
    return Problem(
        Kind.CRASHED,
        f"The analysis of this session {how}; others are not affected. Open another session.",
    )


def _first(message: str | bytes) -> dict[str, Any]:
    """What is wanted.

    Raises:
        Problem: it is no object of JSON.
    """
    if isinstance(message, bytes):
        raise Problem(
            Kind.BAD_OPTION,
            "The first message has to say what is wanted, an object of JSON, such as {}.",
        )
    return _read(message)


def _read(message: str) -> dict[str, Any]:
    """An object of JSON.

    Raises:
        Problem: it is none.
    """
    try:
        read = json.loads(message)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Problem(
            Kind.BAD_OPTION, "A message that is no picture has to be an object of JSON; see /docs."
        )
    return read


def _timed(message: bytes, now: float) -> tuple[float, bytes]:
    """A picture and its time, which stands before it, or is when it came.

    Raises:
        Problem: it is no picture, or that is no time.
    """
    if is_picture(message):
        return now, message
    if not is_picture(message[TIME.size :]):
        raise Problem(Kind.UNDECODABLE, "The picture can't be read; send JPEG or WebP.")
    (seconds,) = TIME.unpack_from(message)
    if not 0 <= seconds <= LATEST_FRAME:
        raise Problem(
            Kind.BAD_OPTION,
            "The time before a picture is no time: it is seconds from 0, a float64, big-endian.",
        )
    return seconds, message[TIME.size :]
