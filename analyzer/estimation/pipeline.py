"""MediaPipe's pose pipeline in our own hands, as an Estimator: of each frame, one person.

The landmarks are those of MediaPipe's graph to the last bit (benchmarks.same_landmarks shows it),
for less work: no picture is copied, and the arrays come as they are.

A pipeline that has seen nothing yet has no threads and opens no more files, so a process can be
forked with it.
"""

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.detection import detect
from analyzer.estimation.engine import CROP_SIZE, DETECTED_SIZE, Engine
from analyzer.estimation.estimator import LANDMARKS, Person
from analyzer.estimation.following import Following, Found, look
from analyzer.estimation.region import Region


class Pipeline:
    """Finds one person, the most prominent, in the frames of one video: an Estimator."""

    def __init__(self, engine: Engine | None = None) -> None:
        """Begin before the first frame, with models that have not run yet, or load them."""
        self._engine = engine or Engine()
        self._following: Following | None = None
        self._sees = False
        """Whether somebody was seen in the frame before."""

    def find(self, pixels: NDArray[np.uint8], threads: int = 1) -> list[Person]:
        """Give the person in the next frame, or nobody; see Estimator.

        Whoever is found is 1: whether it is the same person as before isn't asked.
        """
        if not self._sees:
            region = _detected(self._engine, pixels)
            if region is None:
                return self._nobody()
            if self._following is None:
                self._following = Following(region)
            self._following.begin(region)
        assert self._following is not None
        found = look(self._engine, pixels, self._following.region, threads)
        if found is None:
            return self._nobody()
        self._sees = True
        return [Person(1, self._following.take(found, (pixels.shape[1], pixels.shape[0])))]

    def _nobody(self) -> list[Person]:
        self._sees = False
        if self._following is not None:
            self._following.miss()
        return []

    def find_in_picture(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Give the landmarks in a picture that has nothing to do with the video.

        Args:
            pixels: as for `find`.

        Returns:
            As Landmarks.image, not smoothed; None where nobody is found.
        """
        region = _detected(self._engine, pixels)
        found = None if region is None else look(self._engine, pixels, region)
        return None if found is None else _as_landmarks(found)

    def prove(self) -> None:
        """Run both models once on an empty picture, whatever is to be seen in it.

        Raises:
            RuntimeError: they don't work.
        """
        self._engine.detected(np.zeros((DETECTED_SIZE, DETECTED_SIZE, 3), np.uint8))
        self._engine.landmarks(np.zeros((CROP_SIZE, CROP_SIZE, 3), np.uint8))


def _detected(engine: Engine, pixels: NDArray[np.uint8]) -> Region | None:
    """Where the surest person in a frame is."""
    people = detect(engine, pixels)
    if not people:
        return None
    return Region.around(people[0].body, (pixels.shape[1], pixels.shape[0]))


def _as_landmarks(found: Found) -> NDArray[np.float32]:
    return np.column_stack([found.places[:LANDMARKS], found.visibility])
