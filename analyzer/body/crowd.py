"""The people in frames one after the other, before each of them is looked at alone."""

from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class Crowd(NamedTuple):
    """Up to k people in each of n frames; which place of a frame somebody has says nothing."""

    identities: NDArray[np.uint32]
    """(n, k) who has a place: the same number in all frames, from 1; 0 where nobody has it."""
    image: NDArray[np.float32]
    """(n, k, 33, 4) landmarks in the image as in `Body`, NaN where nobody is."""
    world: NDArray[np.float32]
    """(n, k, 33, 3) landmarks in space as in `Body`, NaN where nobody is."""
    times: NDArray[np.float64]
    """(n,) seconds since the first frame."""

    @classmethod
    def empty(cls, frames: int, people: int) -> Self:
        """Give room for so many frames with up to so many people; its content is any."""
        return cls(
            np.zeros((frames, people), np.uint32),
            np.empty((frames, people, 33, 4), np.float32),
            np.empty((frames, people, 33, 3), np.float32),
            np.empty(frames, np.float64),
        )

    def put(
        self,
        frame: int,
        time: float,
        people: Iterable[tuple[int, tuple[NDArray[np.float32], NDArray[np.float32]]]],
    ) -> None:
        """Put in who is in a frame: the identity of each, and landmarks (33, 4) and (33, 3)."""
        self.identities[frame] = 0
        self.image[frame] = self.world[frame] = np.nan
        self.times[frame] = time
        for place, (identity, landmarks) in enumerate(people):
            self.identities[frame, place] = identity
            self.image[frame, place], self.world[frame, place] = landmarks

    def first(self, frames: int) -> "Crowd":
        """Give the first of the frames."""
        identities, image, world, times = self
        return Crowd(identities[:frames], image[:frames], world[:frames], times[:frames])

    def of(
        self, identity: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]]:
        """Give the landmarks of one: (n, 33, 4), (n, 33, 3) and times (n,) as `Body` takes them."""
        frames, places = np.nonzero(self.identities == identity)
        image = np.full((len(self.times), *self.image.shape[2:]), np.nan, np.float32)
        world = np.full((len(self.times), *self.world.shape[2:]), np.nan, np.float32)
        image[frames] = self.image[frames, places]
        world[frames] = self.world[frames, places]
        return image, world, self.times
