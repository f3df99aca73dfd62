"""The landmarks of a whole video, kept in a file: memory is the same however long the video is."""

import os
from collections.abc import Iterator
from typing import IO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

PIECE: Final = 512
"""Frames that are read at a time."""

_RECORD: Final = np.dtype(
    [("image", np.float32, (33, 4)), ("world", np.float32, (33, 3)), ("times", np.float64)]
)
"""How a frame lies in the file: 932 bytes."""


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

    `kept[first:last]` gives the Landmarks of some frames, `kept[:]` those of all.

    file: empty, open for writing and reading; nobody else writes to it.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._frames = 0

    def __len__(self) -> int:
        """How many frames there are."""
        return self._frames

    def append(self, landmarks: Landmarks) -> None:
        """Keep those of the next frames.

        Raises:
            OSError: they can't be written.
        """
        records = np.empty(len(landmarks.times), _RECORD)
        for name, values in landmarks._asdict().items():
            records[name] = values
        self._file.seek(0, os.SEEK_END)
        self._file.write(records.tobytes())
        # What can't be written is an error here, and not where it is read.
        self._file.flush()
        self._frames += len(records)

    def __getitem__(self, frames: slice) -> Landmarks:
        """Give those of the frames of a slice whose step is 1."""
        first, last, _ = frames.indices(self._frames)
        self._file.seek(first * _RECORD.itemsize)
        content = self._file.read(max(0, last - first) * _RECORD.itemsize)
        records = np.frombuffer(content, _RECORD)
        return Landmarks(*(np.ascontiguousarray(records[name]) for name in Landmarks._fields))

    def pieces(self) -> Iterator[Landmarks]:
        """Give those of all frames, PIECE frames at a time."""
        for first in range(0, self._frames, PIECE):
            yield self[first : first + PIECE]
