"""Whether a dancer is in the picture as is needed, as the landmarks tell."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analyzer.body import Landmark

DARK: Final = 30.0
"""Mean level of a picture, of 255, below which people are hard to see."""

FAR: Final = 96.0
"""How many pixels long a dancer is at least: the model looks at a body with 256."""

FEET: Final = [
    Landmark.LEFT_ANKLE,
    Landmark.RIGHT_ANKLE,
    Landmark.LEFT_HEEL,
    Landmark.RIGHT_HEEL,
]

MOSTLY: Final = 0.5
"""In what share of the frames something has to be wrong to be told of a whole video."""


@dataclass(frozen=True)
class Advice:
    """What to do so that more is found."""

    reason: str
    """turned, too-far, feet-out, view, too-dark or nobody."""
    text: str
    """A sentence for the person who films."""
    turn: int | None = None
    """Degrees clockwise (90, 180, 270) by which to turn the pictures, where that is what to do."""


class Sight:
    """Counts in how many frames something is wrong with the picture.

    width and height: of the frames, in pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._people = 0
        self._feet_out = 0
        self._far: list[float] = []
        """What part of the picture's height those take who are too far away."""

    def note(self, image: NDArray[np.float32]) -> None:
        """Take note of landmarks, (n, 33, 4), NaN for nobody."""
        seen = image[np.isfinite(image).all(axis=(1, 2))]
        self._people += len(seen)
        self._feet_out += int(feet_out(seen).sum())
        sizes = size(seen, *self._size)
        self._far += (sizes[sizes < FAR] / self._size[1]).tolist()

    def advice(self) -> list[Advice]:
        """Give what was wrong most of the time."""
        given = []
        if self._far and len(self._far) >= MOSTLY * self._people:
            given.append(too_far(float(np.median(self._far))))
        if self._feet_out and self._feet_out >= MOSTLY * self._people:
            given.append(FEET_OUT)
        return given


FEET_OUT: Final = Advice(
    "feet-out",
    "The feet are out of the picture; film from further away, or tilt the camera down.",
)
"""That the feet aren't in the picture."""


def feet_out(image: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Give (n,) whether an ankle or heel is outside of the picture, for landmarks (n, 33, 4)."""
    places = image[:, FEET, :2]
    outside: NDArray[np.bool_] = ((places < 0) | (places > 1)).any(axis=(1, 2))
    return outside


def size(image: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Give (n,) how many pixels long a dancer is in the picture, for landmarks (n, 33, 4)."""
    across = np.ptp(image[:, :, 0], axis=1) * np.float32(width)
    down = np.ptp(image[:, :, 1], axis=1) * np.float32(height)
    long: NDArray[np.float32] = np.maximum(across, down)
    return long


def quarter_turns(image: NDArray[np.float32], width: int, height: int) -> Counter[int]:
    """Count by how many quarters clockwise the trunk is turned from upright, frame by frame.

    Args:
        image: (n, 33, 4) landmarks as parts of the frame; NaN for nobody, who isn't counted.
        width: of the frame, in pixels.
        height: of the frame, in pixels.
    """
    places = image[:, :, 0] * width + 1j * image[:, :, 1] * height
    shoulders = places[:, Landmark.LEFT_SHOULDER] + places[:, Landmark.RIGHT_SHOULDER]
    hips = places[:, Landmark.LEFT_HIP] + places[:, Landmark.RIGHT_HIP]
    trunk = (shoulders - hips) * 1j
    turned = trunk[np.isfinite(trunk)]
    return Counter((np.round(np.degrees(np.angle(turned)) / 90).astype(int) % 4).tolist())


def lying(quarters: int) -> str:
    """Tell how a dancer lies in the picture who is turned by so many quarters."""
    return "upside down" if quarters == 2 else "lying on one side"


def turned(quarters: int) -> Advice:
    """Give that a dancer doesn't stand upright in the picture.

    Args:
        quarters: by which the trunk is turned clockwise.
    """
    return Advice(
        "turned",
        f"The dancer is seen {lying(quarters)}; if that isn't so, turn the camera.",
        360 - 90 * quarters,
    )


def too_far(part: float) -> Advice:
    """Give that a dancer fills too little of the picture's height."""
    return Advice(
        "too-far",
        f"The dancer fills about {round(100 * part)} % of the picture's height, too little "
        "to be made out; film from nearer, or cut the picture to the dancer.",
    )


def nobody(level: float) -> Advice:
    """Give that nobody is there, or nobody can be seen there.

    Args:
        level: mean of the picture's pixels, of 255.
    """
    if level < DARK:
        return Advice("too-dark", "The pictures are too dark to see anybody; film in more light.")
    return Advice(
        "nobody", "Nobody is seen; film the whole dancer, from head to feet, from a few metres."
    )


def view(pose: str, doubt: str) -> Advice:
    """Give that a pose can't be told from where the dancer is seen.

    Args:
        pose: its name.
        doubt: why, as an Undecidable tells it.
    """
    return Advice("view", f"{pose} can't be told: it is {doubt}; turn, or move the camera.")
