"""Several people in the frames of a video: an Estimator."""

from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.engine import Engine
from analyzer.estimation.estimator import Person
from analyzer.limits import Choice


class People:
    """Stands in for what tells people apart: it finds one."""

    def __init__(
        self,
        most: int,
        choice: Choice | None = None,
        *,
        frame_rate: float = 30.0,
        engine: Engine | None = None,
    ) -> None:
        del most, choice, frame_rate
        self._one = (engine or Engine()).landmarker

    def __enter__(self) -> Self:
        """Give it; leaving the block closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self._one.__exit__(kind, error, traceback)

    def find(self, pixels: NDArray[np.uint8], threads: int = 1) -> list[Person]:
        """Give the people in the next frame; see Estimator."""
        return self._one.find(pixels, threads)
