"""Where the picture is cut: what is held before a cut is not held on after it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

ROWS: Final = 24
COLUMNS: Final = 32
"""How many pixels of a picture are looked at, down and across."""

ALIKE: Final = 0.25
"""The correlation of two pictures below which there is a cut between them. A hall filmed by hand
keeps 0.4 from frame to frame at five frames a second, and a dancer before a wall 0.9."""


class Cuts:
    """Compares each picture of a video with the one before."""

    def __init__(self) -> None:
        """Begin before the first picture."""
        self._before: NDArray[np.float32] | None = None

    def before(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether a picture, (height, width, 3), is another scene than the one before it.

        It is compared by what is light and what is dark in it, so a flash or a fade is no cut; nor
        is an even picture, which is like any other.
        """
        height, width = pixels.shape[:2]
        down, across = max(height // ROWS, 1), max(width // COLUMNS, 1)
        seen = pixels[down // 2 :: down, across // 2 :: across, 1].astype(np.float32).ravel()
        seen -= seen.mean()
        before, self._before = self._before, seen
        if before is None or len(before) != len(seen):
            # A picture of another shape is no cut for that.
            return False
        lengths = float(np.linalg.norm(seen)) * float(np.linalg.norm(before))
        return lengths > 0 and float(seen @ before) < ALIKE * lengths
