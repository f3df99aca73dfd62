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
from analyzer.limits import Dance, Limits
from analyzer.live.session import Seen, Session, mirrored, tell_all

CHUNK: Final = 2**20
"""Bytes that are read at once."""

LATEST: Final = 1e9
"""The largest time of a frame, in seconds."""

FARTHEST: Final = 100.0
"""How large a number of a landmark may be: what is seen is about 1, what is guessed a few times."""


class _Dancer:
    """A session, with what is asked of its pictures."""

    def __init__(self, dance: Dance, engine: Engine) -> None:
        self.session = Session(dance)
        self.pipeline: Pipeline | None = None
        self.told: list[dict[str, Any]] = []
        self.shows_landmarks = False
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
        self.shows_landmarks = True
        self.told += self.session.see(
            Seen(message.time, image, world, size, level, self._cuts.before(pixels))
        )

    def take(self, message: LiveMessage) -> None:
        """Take landmarks.

        Raises:
            ValueError: they are none.
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
                        seen.pop(number, None)
                        yield Told(number, dancers.pop(number).session.end())
                    case Sent.PICTURE if number in dancers:
                        dancers[number].look(message, limits, threads())
                        seen[number] = dancers[number]
                    case Sent.LANDMARKS if number in dancers:
                        dancers[number].take(message)
                        seen[number] = dancers[number]
            except (VideoError, ValueError) as error:
                dancers.pop(number, None)
                seen.pop(number, None)
                kind = error.kind if isinstance(error, VideoError) else BAD_OPTION
                yield NotTaken(number, kind, str(error))
        for number, told in _told(seen):
            dancer = seen[number]
            if isinstance(told, Failed):
                del dancers[number]
                yield told
                yield NotTaken(number, CRASHED, "A pose of this session failed; ask for others.")
                continue
            if dancer.shows_landmarks:
                told[-1]["landmarks"] = dancer.session.landmarks()
            yield Told(number, [*dancer.told, *told])
            dancer.told = []


def _told(
    seen: Mapping[int, _Dancer],
) -> Iterator[tuple[int, list[dict[str, Any]] | Failed]]:
    """What each session is told of the frames that it has taken, or how that failed."""
    try:
        every = tell_all([dancer.session for dancer in seen.values()]) if seen else []
    except Exception:  # whatever somebody's own pose does, it costs the session that asks for it
        for number, dancer in seen.items():
            try:
                yield number, tell_all([dancer.session])[0]
            except Exception:  # as above
                yield number, Failed(traceback.format_exc()[-LONGEST_FAILURE:])
    else:
        yield from zip(seen, every, strict=True)


def _landmarks(
    content: bytes,
) -> tuple[float, NDArray[np.float32] | None, NDArray[np.float32] | None]:
    """The time of a message, and the landmarks in it, (33, 4) and (33, 3); None for nobody.

    Raises:
        ValueError: they are none.
    """
    try:
        message = json.loads(content)
        seconds = message["time"]
        if not isinstance(seconds, int | float) or not 0 <= seconds <= LATEST:
            raise ValueError("This is no time.")
        image, world = message["landmarks"], message["world_landmarks"]
        if image is None and world is None:
            return seconds, None, None
        return seconds, _array(image, 4), _array(world, 3)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError(
            "Landmarks are a message {time, landmarks, world_landmarks}: seconds from 0; 33 times "
            "[x, y, z, visibility], x and y as parts of the picture; 33 times [x, y, z] in metres; "
            "null for both where nobody is seen."
        ) from error


def _array(rows: Any, columns: int) -> NDArray[np.float32]:
    """Rows of numbers as an array, (33, columns)."""
    array = np.array(rows, np.float64)
    if array.shape != (33, columns) or not np.abs(array).max() <= FARTHEST:
        raise ValueError("These are no landmarks.")
    return array.astype(np.float32)
