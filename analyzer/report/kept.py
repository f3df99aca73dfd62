"""The landmarks of a whole video, kept in a file: memory is the same however long the video is."""

import copy
import os
from collections.abc import Iterator
from typing import IO, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from analyzer.body import SECONDS_AFTER, SECONDS_BEFORE, Body, Crowd

PIECE: Final = 512
"""Frames that are read at a time."""


def _record(people: int) -> np.dtype[np.void]:
    """How a frame with up to so many people lies in the file: 928 bytes for each, and 8."""
    return np.dtype(
        [
            ("identities", np.uint32, (people,)),
            ("image", np.float32, (people, 33, 4)),
            ("world", np.float32, (people, 33, 3)),
            ("times", np.float64),
        ]
    )


class Landmarks(NamedTuple):
    """The landmarks of frames one after the other, NaN where nobody is found."""

    image: NDArray[np.float32]
    """(n, 33, 4), as in estimator.Landmarks."""
    world: NDArray[np.float32]
    """(n, 33, 3), as in estimator.Landmarks."""
    times: NDArray[np.float64]
    """(n,) seconds since the first frame."""


class KeptLandmarks:
    """The landmarks of every frame of a video, as many in memory as are read at once.

    `kept[first:last]` gives the Landmarks of some frames, `kept[:]` those of all: of the dancer who
    is 1, who is the only one unless several are told apart. `kept.of(2)[first:last]` gives those of
    another.

    file: empty, open for writing and reading; nobody else writes to it.
    people: how many there are in a frame at most.
    """

    def __init__(self, file: IO[bytes], people: int = 1) -> None:
        self._file = file
        self._record = _record(people)
        self._frames = 0
        self._identity = 1
        self._whole: KeptLandmarks | None = None

    def __len__(self) -> int:
        """How many frames there are."""
        return self._frames

    def of(self, identity: int) -> Self:
        """Give the landmarks of a dancer in the frames that there are by now."""
        other = copy.copy(self)
        other._identity = identity
        # With the one that it is of, the file would go.
        other._whole = self
        return other

    def append(self, crowd: Crowd) -> None:
        """Keep those of the next frames.

        Raises:
            OSError: they can't be written.
        """
        records = np.empty(len(crowd.times), self._record)
        for name, values in crowd._asdict().items():
            records[name] = values
        self._file.seek(0, os.SEEK_END)
        self._file.write(records.tobytes())
        # What can't be written is an error here, and not where it is read.
        self._file.flush()
        self._frames += len(records)

    def __getitem__(self, frames: slice) -> Landmarks:
        """Give those of the frames of a slice whose step is 1."""
        return Landmarks(*self._crowd(frames).of(self._identity))

    def pieces(self) -> Iterator[Landmarks]:
        """Give those of all frames, PIECE frames at a time."""
        for crowd in self.crowds():
            yield Landmarks(*crowd.of(self._identity))

    def bodies(self, width: int, height: int) -> Iterator[tuple[Body, slice]]:
        """Give the body in all frames, PIECE frames at a time.

        Each piece comes with all around it that says something about it, so that what is measured
        is that of the whole video, and with which frames of the body are the piece.

        Args:
            width, height: of the frames, in pixels.
        """
        times = np.concatenate([piece.times for piece in self.pieces()])
        for begin in range(0, len(times), PIECE):
            end = min(begin + PIECE, len(times))
            first = int(np.searchsorted(times, times[begin] - SECONDS_BEFORE)) - 1
            last = int(np.searchsorted(times, times[end - 1] + SECONDS_AFTER)) + 1
            first = max(first, 0)
            body = Body(*self[first:last], width, height)
            yield body, slice(begin - first, end - first)

    def crowds(self) -> Iterator[Crowd]:
        """Give everybody in all frames, PIECE frames at a time."""
        for first in range(0, self._frames, PIECE):
            yield self._crowd(slice(first, first + PIECE))

    def _crowd(self, frames: slice) -> Crowd:
        """Everybody in the frames of a slice whose step is 1."""
        first, last, _ = frames.indices(self._frames)
        size = self._record.itemsize
        self._file.seek(first * size)
        records = np.frombuffer(self._file.read(max(0, last - first) * size), self._record)
        return Crowd(*(np.ascontiguousarray(records[name]) for name in Crowd._fields))
