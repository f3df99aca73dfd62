"""Live sessions: who is let in, where they are looked at, and their end when the server stops."""

from typing import Final

from gevent.lock import BoundedSemaphore

from analyzer.child.protocol import LiveOrder
from analyzer.estimation.pace import usable_cores
from analyzer.limits import Limits
from service.jobs.jobs import Jobs
from service.jobs.line import share_of_one
from service.live.session import LANDMARKS, PICTURES, SENDS, Session
from service.live.studio import Studio
from service.problems import Kind, Problem

RETRY_SECONDS: Final = 30
"""After so long a place may be free; nobody knows how long a dancer goes on."""

QUIET_SECONDS: Final = 2.0
"""After so long without a frame a session gives its place to who comes and finds no other."""

PIXELS: Final = 1920 * 1080
"""Width times height of a picture at most: larger ones take too long to decode."""

CROWDED: Final = 16
"""Sessions that send landmarks in a process before the next core has one, too."""


class Live:
    """All live sessions."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._places = {
            PICTURES: jobs.settings.live_pictures,
            LANDMARKS: jobs.settings.live_landmarks,
        }
        self._sessions: dict[Session, str] = {}
        """Those that there are, each with the address from which it comes."""
        self._shared: list[Studio] = []
        """Where those are looked at that send landmarks."""
        self._starting = BoundedSemaphore()
        self._is_stopping = False
        jobs.others_at_work = lambda: bool(self._sessions)

    @property
    def origins(self) -> tuple[str, ...]:
        """Of the pages that may open a session, beside those of the service."""
        return self._jobs.settings.cors_origins

    def let_in(self, sends: str, address: str) -> Session:
        """Give a session to who calls from an address; it has its place until `leave`.

        Raises:
            Problem: nobody can be let in now, or it isn't said well what is sent.
        """
        jobs = self._jobs
        if sends not in SENDS:
            raise Problem(
                Kind.BAD_OPTION, f"`sends` can't be {sends[:40]!r}; it is {' or '.join(SENDS)}."
            )
        if self._is_stopping:
            raise Problem(Kind.STOPPING, "The server is stopping; open it again in a moment.", 1)
        if not jobs.catalogue:
            raise Problem(Kind.STARTING, "The server is starting; open it again in a moment.", 1)
        self._make_room(sends, address)
        session = Session(
            sends,
            jobs.settings,
            jobs.metrics,
            jobs.catalogue,
            self._studio if sends == LANDMARKS else self._new_studio,
        )
        self._sessions[session] = address
        self._count(sends)
        return session

    def _make_room(self, sends: str, address: str) -> None:
        """See that there is a place; who has been silent for long gives it to who comes.

        Raises:
            Problem: there is none.
        """
        there = [session for session in self._sessions if session.sends == sends]
        own = [session for session in there if self._sessions[session] == address]
        places = self._places[sends]
        full = len(there) >= places
        if not full and len(own) < share_of_one(places):
            return
        quietest = max(there if full else own, key=lambda each: each.silent_seconds, default=None)
        if quietest is None or quietest.silent_seconds < QUIET_SECONDS:
            self._jobs.metrics.refusals.inc()
            raise Problem(
                Kind.BUSY,
                f"All places for live sessions that send {sends} are taken; try again later."
                if full
                else "Your address has all the live sessions that it may; end one of them first.",
                RETRY_SECONDS,
            )
        quietest.end_with(
            Problem(
                Kind.SESSION_OVER,
                "Nothing came for a while, and somebody else has the place now; open another one "
                "when you go on.",
            )
        )
        self.leave(quietest)

    def leave(self, session: Session) -> None:
        """Free the place of a session."""
        if self._sessions.pop(session, None) is not None:
            self._count(session.sends)

    def stop(self) -> None:
        """Let nobody in any more."""
        self._is_stopping = True

    def end(self) -> None:
        """Have those who are in open another session elsewhere."""
        for session in tuple(self._sessions):
            session.end_with(Problem(Kind.STOPPING, "The server stops; open another session.", 1))

    def _count(self, sends: str) -> None:
        number = sum(session.sends == sends for session in self._sessions)
        self._jobs.metrics.live.labels(sends).set(number)

    def _studio(self) -> Studio:
        """A process that is shared: the emptiest, or another where they are crowded."""
        # While one starts, others who come wait for it.
        with self._starting:
            self._shared = [studio for studio in self._shared if studio.is_open]
            emptiest = min(self._shared, key=len, default=None)
            if emptiest is not None and (
                len(emptiest) < CROWDED or len(self._shared) >= usable_cores()
            ):
                return emptiest
            self._shared.append(self._new_studio())
            return self._shared[-1]

    def _new_studio(self) -> Studio:
        settings = self._jobs.settings
        pixels = min(PIXELS, settings.max_video_pixels)
        order = LiveOrder(settings.analysis_memory_bytes, Limits(pixels=pixels))
        return Studio(self._jobs.pool, order)
