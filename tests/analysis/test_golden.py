"""The landmarks of drawn films stay what they were, on any machine and with either estimator."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.estimation.estimator import Estimator
from analyzer.estimation.landmarker import PoseLandmarker
from benchmarks.same_landmarks import pipeline
from dancer.film import Film, film

GOLDEN: Final = Path(__file__).parent / "golden"
"""Image landmarks (n, 33, 4) of each film, as MediaPipe Pose gave them when they were filmed.

`python -m tests.analysis.test_golden` writes them anew.
"""

FRAMES: Final = 12
"""Machines round differently, and what one frame brings the next enlarges: so a short film."""

FILMS: Final[dict[str, Film]] = {
    "arms-v": film([("Arms V", None, 0.3)], rest=None, yaw=10),
    "warrior-ii": film([("Warrior II", "left", 0.5)], rest=None),
    "arabesque": film([("Arabesque", "right", 0.5)], rest=None, yaw=80),
}


def landmarks(filmed: Film, opened: AbstractContextManager[Estimator]) -> NDArray[np.float32]:
    """The landmarks (n, 33, 4) of the first frames of a film."""
    found = []
    with opened as estimator:
        for picture, _ in zip(filmed.frames(), range(FRAMES), strict=False):
            pixels = np.ascontiguousarray(picture[..., ::-1])
            pixels.flags.writeable = False
            [person] = estimator.find(pixels)
            found.append(person.landmarks.image)
    return np.array(found)


@pytest.mark.parametrize("made", [PoseLandmarker, pipeline])
@pytest.mark.parametrize("name", FILMS)
def test_the_landmarks_of_a_drawn_film_stay_what_they_were(
    name: str, made: Callable[[], AbstractContextManager[Estimator]]
) -> None:
    filmed = FILMS[name]
    golden = np.load(GOLDEN / f"{name}.npy")
    now = landmarks(filmed, made())
    apart = np.linalg.norm((now - golden)[..., :2] * (filmed.width, filmed.height), axis=-1)
    assert np.median(apart) < 0.05
    assert apart.max() < 1


if __name__ == "__main__":
    for each, filmed in FILMS.items():
        np.save(GOLDEN / f"{each}.npy", landmarks(filmed, PoseLandmarker()))
