"""What finds the people in the frames of a video: a frame in, each person's landmarks out."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LANDMARKS: Final = 33


class Landmarks(NamedTuple):
    """The landmarks of a person in one frame."""

    image: Floats
    """(33, 4): x and y as parts of the frame's width and height (origin top left), z on about the
    scale of x (smaller is nearer), visibility from 0 to 1."""
    world: Floats
    """(33, 3): metres from the middle of the hips, x to the image's right, y down, z away."""


class Person(NamedTuple):
    """A person in one frame."""

    identity: int
    """The same in all frames of a video in which this person is seen: 1, 2, ... in the order of
    first sight, from the left where several are seen at once."""
    landmarks: Landmarks


class Estimator(Protocol):
    """Finds the people in the frames of one video, in order."""

    def find(self, pixels: NDArray[np.uint8], threads: int = 1) -> Sequence[Person]:
        """Give the people in the next frame, none where nobody is found.

        Args:
            pixels: (height, width, 3) RGB, read-only and unchanged until this returns.
            threads: how many threads inference may take; it takes fewer where more don't make it
                faster. The landmarks don't depend on it.
        """
        ...
