"""What the process of live sessions does: pictures or landmarks in, what there is to tell out.

Pictures are of one session alone, as a process reads the files of one stranger only. Sessions that
send landmarks, which are but numbers, share a process, where their frames are judged together.
"""

import json
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analyzer.child.protocol import (
    BAD_OPTION,
    CRASHED,
    LONGEST_FAILURE,
    Failed,
    LiveMessage,
    NotTaken,
    Sent,
    Told,
    live_messages,
)
from analyzer.errors import VideoError
from analyzer.estimation.engine import Engine
from analyzer.estimation.pipeline import Pipeline
from analyzer.frames.cuts import Cuts
from analyzer.frames.opencv import cv2
from analyzer.frames.still import picture_of
from analyzer.limits import LATEST_FRAME, Dance, Limits
from analyzer.live.session import Seen, Session, UnusableFrameError, mirrored, tell_all

CHUNK: Final = 2**20
"""Bytes that are read at once."""

FARTHEST: Final = 100.0
"""How large a number of a landmark may be: what is seen is about 1, what is guessed a few times."""


class _Dancer:
    """A session, with what is asked of its pictures."""

    def __init__(self, dance: Dance, engine: Engine) -> None:
        self.session = Session(dance)
        self.pipeline: Pipeline | None = None
        self.told: list[dict[str, Any]] = []
        self._dance = dance
        self._engine = engine
        self._cuts = Cuts()

    def look(self, message: LiveMessage, limits: Limits, threads: int) -> None:
        """Look at a picture.

        Raises:
            VideoError: it can't be read, or is too large.
        """
        pixels = picture_of(message.content, limits)
        if self._dance.mirror:
            pixels = np.asarray(cv2.flip(pixels, 1), np.uint8)
            pixels.flags.writeable = False
        if self.pipeline is None:
            self.pipeline = Pipeline(self._engine)
        people = self.pipeline.find(pixels, threads)
        image, world = people[0].landmarks if people else (None, None)
        size = pixels.shape[1], pixels.shape[0]
        level = 0.0 if people else float(pixels.mean())
        self.told += self.session.see(
            Seen(message.time, image, world, size, level, self._cuts.before(pixels))
        )

    def take(self, message: LiveMessage) -> None:
        """Take landmarks.

        Raises:
            UnusableFrameError: they are none.
        """
        assert self._dance.size is not None
        width, height = self._dance.size
        seconds, image, world = _landmarks(message.content)
        seen = Seen(seconds, image, world, (width, height))
        self.told += self.session.see(mirrored(seen) if self._dance.mirror else seen)


def live(
    inward: int, limits: Limits, engine: Engine, threads: Callable[[], int]
) -> Iterator[Told | NotTaken | Failed]:
    """Look at what comes of live sessions until there is no more.

    Args:
        inward: the pipe through which it comes.
        limits: what a picture may have at most.
        engine: one that has not run yet.
        threads: asked before each picture, how many threads its inference may take.

    Yields:
        What each session is told of the last frame that has come of it, or why it is over, after
        the failure where a pose has failed.
    """
    dancers: dict[int, _Dancer] = {}
    buffer = bytearray()
    while chunk := os.read(inward, CHUNK):
        buffer += chunk
        seen: dict[int, _Dancer] = {}
        for message in live_messages(buffer):
            number = message.session
            try:
                match message.kind:
                    case Sent.BEGINNING:
                        dancers[number] = _Dancer(Dance(**json.loads(message.content)), engine)
                    case Sent.LEAVING:
                        dancers.pop(number, None)
                        seen.pop(number, None)
                    case Sent.END if number in dancers:
                        yield Told(number, dancers[number].session.end())
                        del dancers[number]
                        seen.pop(number, None)
                    case Sent.PICTURE if number in dancers:
                        dancers[number].look(message, limits, threads())
                        seen[number] = dancers[number]
                    case Sent.LANDMARKS if number in dancers:
                        dancers[number].take(message)
                        seen[number] = dancers[number]
            except Exception as error:  # whatever it is, it costs this session
                dancers.pop(number, None)
                seen.pop(number, None)
                yield from _refused(number, error)
        for number, told in _told(seen):
            dancer = seen[number]
            if isinstance(told, Exception):
                del dancers[number]
                yield from _refused(number, told)
                continue
            if dancer.pipeline is not None:
                # A caller who sends landmarks has them.
                told[-1]["landmarks"] = dancer.session.landmarks()
            yield Told(number, [*dancer.told, *told])
            dancer.told = []


def _refused(number: int, error: Exception) -> Iterator[NotTaken | Failed]:
    """What is told of a session that an error has ended."""
    match error:
        case VideoError():
            yield NotTaken(number, error.kind, str(error))
        case UnusableFrameError():
            yield NotTaken(number, BAD_OPTION, str(error))
        case _:
            yield Failed("".join(traceback.format_exception(error))[-LONGEST_FAILURE:])
            yield NotTaken(number, CRASHED, "A pose of this session failed; ask for others.")


def _told(
    seen: Mapping[int, _Dancer],
) -> Iterator[tuple[int, list[dict[str, Any]] | Exception]]:
    """What each session is told of the frames that it has taken, or how that failed."""
    try:
        every = tell_all([dancer.session for dancer in seen.values()]) if seen else []
    except Exception:  # whatever somebody's own pose does, it costs the session that asks for it
        for number, dancer in seen.items():
            try:
                yield number, tell_all([dancer.session])[0]
            except Exception as error:  # as above
                yield number, error
    else:
        yield from zip(seen, every, strict=True)


def _landmarks(
    content: bytes,
) -> tuple[float, NDArray[np.float32] | None, NDArray[np.float32] | None]:
    """The time of a message, and the landmarks in it, (33, 4) and (33, 3); None for nobody.

    Raises:
        UnusableFrameError: they are none.
    """
    try:
        message = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnusableFrameError("Landmarks are an object of JSON; see /docs.") from error
    if not isinstance(message, dict):
        raise UnusableFrameError("Landmarks are an object of JSON; see /docs.")
    seconds = message.get("time")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        seconds = -1
    if not 0 <= seconds <= LATEST_FRAME:
        raise UnusableFrameError(
            f"`time` has to be seconds, those at which it was seen, from 0 to {LATEST_FRAME:g}."
        )
    image, world = (message.get(name) for name in ("landmarks", "world_landmarks"))
    if image is None and world is None:
        return seconds, None, None
    return seconds, _array("landmarks", image, 4), _array("world_landmarks", world, 3)


def _array(name: str, rows: Any, columns: int) -> NDArray[np.float32]:
    """Rows of numbers as an array, (33, columns).

    Raises:
        UnusableFrameError: they are none, or of another number.
    """
    try:
        array = np.array(rows, np.float64)
    except (ValueError, TypeError, OverflowError):
        array = np.empty(0)
    if array.shape != (33, columns) or not np.abs(array).max() <= FARTHEST:
        each = (
            "[x, y, z, visibility], x and y as parts of the picture"
            if columns == 4
            else ("[x, y, z] in metres")
        )
        raise UnusableFrameError(
            f"`{name}` has to be 33 times {each}, no number beyond {FARTHEST:g}; or null, with the "
            "other, where nobody is seen."
        )
    return array.astype(np.float32)
