"""Many videos analysed in the background of a running service, so that nothing is lost by a break.

Each is sent under a key made of its content and the options, so a command that was broken off and
is run again goes on: what the service has it isn't sent again.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from cli.client import asked, connections_to, sent, sentence_of, telling_who_fails
from cli.side_by_side import LAST, AnalysisError, Event

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

ASK_SECONDS: Final = 1.0
"""Pause between two rounds of asking for what isn't done."""

PAUSES: Final = (1.0, 3.0, 10.0, 30.0)
"""Before each further time that a service is asked that doesn't answer."""

RETRY_SECONDS: Final = 5.0
"""Pause before a video is sent again for which there was no room."""

WAIT: Final = (503, 507)
"""Statuses that pass."""


class Background:
    """A running service that analyses videos in its background.

    Args:
        server: its address, with which nothing is wrong in itself.
        token: likewise, if the service wants one.
        options: fields of the request.
    """

    def __init__(self, server: str, token: str | None, options: Mapping[str, str]) -> None:
        self._address = urlsplit(server)
        self._token = token
        self._options = options

    def events(self, paths: Sequence[Path], at_once: int) -> Iterator[tuple[int, Event]]:
        """Send videos, so many at once, and give their events, with each the video's number from 0.

        The last event of each video is a result or an error; progress comes while it is analysed.
        """
        with connections_to(self._address) as connections:
            pool = ThreadPoolExecutor(at_once)
            sending = {
                number: pool.submit(self._place, connections, path)
                for number, path in enumerate(paths)
            }
            unfinished: dict[int, str] = {}
            try:
                while sending or unfinished:
                    for number in [each for each, future in sending.items() if future.done()]:
                        place = sending.pop(number).result()
                        if isinstance(place, AnalysisError):
                            yield number, {"event": "error", "error": str(place)}
                        else:
                            unfinished[number] = place
                    for number, place in tuple(unfinished.items()):
                        event = self._event(connections, place)
                        if event["event"] in LAST:
                            del unfinished[number]
                        yield number, event
                    time.sleep(ASK_SECONDS)
            finally:
                # Who breaks it off doesn't wait for what isn't sent yet.
                pool.shutdown(wait=False, cancel_futures=True)

    def _place(self, connections: "PoolManager", path: Path) -> str | AnalysisError:
        """Where the analysis of a video is, or why there is none."""
        try:
            with path.open("rb") as video:
                headers = {"Prefer": "respond-async", "Idempotency-Key": self._key(video)}
                return self._accepted(connections, headers, video)
        except AnalysisError as error:
            return error
        except OSError as error:
            return AnalysisError(error.strerror or str(error))

    def _key(self, video: BufferedReader) -> str:
        made = hashlib.file_digest(video, "sha256")
        made.update(json.dumps(dict(self._options), sort_keys=True).encode())
        return made.hexdigest()

    def _accepted(
        self, connections: "PoolManager", headers: Mapping[str, str], video: BufferedReader
    ) -> str:
        """Where the analysis of a video is that has been sent, when there was room for it."""

        def send() -> "BaseHTTPResponse":
            return sent(connections, self._address, self._options, self._token, video, headers)

        while True:
            answer = self._insist(send)
            if answer.status == 202 and (place := answer.headers.get("Location")):
                return place
            if answer.status not in WAIT:
                raise AnalysisError(sentence_of(answer))
            # What stands before a service may name a date there.
            seconds = answer.headers.get("Retry-After", "")
            time.sleep(int(seconds) if seconds.isdecimal() else RETRY_SECONDS)

    def _event(self, connections: "PoolManager", place: str) -> Event:
        """What there is to tell of an analysis now."""
        try:
            answer = self._insist(lambda: asked(connections, self._address, place, self._token))
            if answer.status in WAIT:
                return {"event": "waiting"}
            if answer.status != 200:
                raise AnalysisError(sentence_of(answer))
            return _event_of(json.loads(answer.data))
        except (AnalysisError, ValueError) as error:
            return {"event": "error", "error": str(error)}

    def _insist(self, ask: Callable[[], "BaseHTTPResponse"]) -> "BaseHTTPResponse":
        """Give the whole answer of a service that may be about to come back.

        Raises:
            AnalysisError: it doesn't answer for a while.
        """
        for pause in PAUSES:
            with suppress(AnalysisError), telling_who_fails(self._address):
                return _whole(ask())
            time.sleep(pause)
        with telling_who_fails(self._address):
            return _whole(ask())


def _whole(answer: "BaseHTTPResponse") -> "BaseHTTPResponse":
    """An answer whose body is there."""
    assert answer.data is not None
    return answer


def _event_of(told: Any) -> Event:
    """The event of what a service tells of an analysis.

    Raises:
        ValueError: it tells nothing of one.
    """
    match told:
        case {"state": "done", "result": {"detected_poses": _} as result}:
            return {"event": "result", "result": result}
        case {"state": "failed", "problem": {"error": str(error)}}:
            return {"event": "error", "error": error}
        case {"state": "running", "frames": int(frames), "of": int(of)}:
            return {"event": "progress", "frames": frames, "of": of}
        case {"state": "waiting", "place": int(place)}:
            return {"event": "waiting", "place": place}
    raise ValueError("What the server answers is no answer of this service.")
