"""What is wrong with a video, and how to film or turn it so that more is found in it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.frames.opencv import cv2
from analyzer.holds import SEEN_FROM, Undecidable
from analyzer.report.sight import Advice, Sight, lying, nobody, quarter_turns, too_far, view

Picture = NDArray[np.uint8]

SAMPLES: Final = 5
"""Pictures of a video that are looked at again."""

SAMPLE_INTERVAL: Final = 0.6
"""Seconds between them: so they are of the first three seconds."""

SAMPLE_EDGE: Final = 1280
"""Pixels of their longer edge at most."""

SELDOM: Final = 0.5
"""A person in less than this part of the frames is too little to go by."""

NEARLY_ALWAYS: Final = 0.9
"""In this part of the frames a whole video lies on its side, and not a dancer for a while."""

SURE: Final = 0.8
"""Mean visibility of the landmarks of a person who is really there."""

PARTS: Final = (2, 3, 4)
"""Into how many parts a side of a picture is cut, to look at each for a small person."""

SEARCHED: Final = 2
"""Samples that are looked at so closely."""

SMALLEST: Final = 16
"""Pixels of a picture's shorter edge, below which nobody is looked for: a head takes as many."""

_TURNS: Final = {90: "a quarter clockwise", 180: "by half", 270: "a quarter anticlockwise"}


class Watch:
    """Watches a video go by, to say afterwards why little is found in it."""

    def __init__(self, width: int, height: int) -> None:
        """Begin with a video whose frames have a size in pixels."""
        self._size = width, height
        self._samples: list[Picture] = []
        self._turns: Counter[int] = Counter()
        self._frames = 0
        self._with_people = 0
        self._sight = Sight(width, height)

    @property
    def people(self) -> int:
        """In how many frames somebody was found."""
        return self._with_people

    def see(self, pixels: Picture, time: float) -> None:
        """Keep a small copy of a frame, (height, width, 3) RGB, if one of its time is wanted."""
        if len(self._samples) < SAMPLES and time >= SAMPLE_INTERVAL * len(self._samples):
            scale = min(1.0, SAMPLE_EDGE / max(self._size))
            width, height = (max(1, round(scale * side)) for side in self._size)
            small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
            self._samples.append(np.asarray(small, np.uint8))

    def note(self, image: NDArray[np.float32]) -> None:
        """Take note of landmarks, (n, k, 33, 4): k people in each of n frames, NaN for nobody."""
        self._frames += len(image)
        self._with_people += int(np.isfinite(image).all(axis=(2, 3)).any(axis=1).sum())
        people = image.reshape(-1, *image.shape[2:])
        self._turns += quarter_turns(people, *self._size)
        self._sight.note(people)

    def advice(
        self, landmarker: PoseLandmarker, *, held: bool, undecidable: Sequence[Undecidable]
    ) -> list[Advice]:
        """Find out what is wrong with the video, as far as it can be told.

        Args:
            landmarker: looks at some pictures again; it can't go on with a video afterwards.
            held: whether something is held; if not, it is found out why.
            undecidable: what can't be decided in it.
        """
        if held:
            return self._sight.advice()
        if found := self._why_little_is_seen(landmarker):
            return found
        wrong_view = [each for each in undecidable if each.reason.startswith(SEEN_FROM)]
        if wrong_view:
            longest = max(wrong_view, key=lambda each: each.end - each.start)
            return [*self._sight.advice(), view(longest.pose, longest.reason)]
        return self._sight.advice()

    def _why_little_is_seen(self, landmarker: PoseLandmarker) -> list[Advice]:
        """Why nobody is seen for long, or only on one side."""
        if self.people >= SELDOM * self._frames:
            quarters, count = self._turns.most_common(1)[0]
            if quarters and count >= NEARLY_ALWAYS * self._turns.total():
                return [_turned(quarters, hedged=True)]
            return []
        if quarters := _better_turned(self._samples, landmarker):
            return [_turned(quarters, hedged=False)]
        if size := _size_of_a_small_person(self._samples, landmarker):
            return [too_far(size)]
        if self.people:
            return []
        return [nobody(float(np.mean([picture.mean() for picture in self._samples])))]


def _turned(quarters: int, *, hedged: bool) -> Advice:
    """That a video would have to be turned back by so many quarters, if the dancer did stand."""
    turn = 360 - 90 * quarters
    seen = lying(quarters)
    if hedged:
        text = f"The dancer is seen {seen} all the time; if that isn't so, turn the video"
    else:
        text = f"The dancer is seen only when the picture, now {seen}, is turned; turn the video"
    return Advice("turned", f"{text} {_TURNS[turn]} and send it again.", turn)


def _better_turned(pictures: Sequence[Picture], landmarker: PoseLandmarker) -> int:
    """Quarters clockwise by which the pictures are turned, if somebody is seen only upright."""
    upright = [
        sum(_upright(np.rot90(picture, quarters), landmarker) is not None for picture in pictures)
        for quarters in range(4)
    ]
    best = max(range(4), key=upright.__getitem__)
    return best if upright[best] > max(upright[0], len(pictures) / 2) else 0


def _size_of_a_small_person(
    pictures: Sequence[Picture], landmarker: PoseLandmarker
) -> float | None:
    """The part of the picture's height that a person takes who is seen only from nearby."""
    for parts in PARTS:
        for picture in pictures[:SEARCHED]:
            for tile in _tiles(picture, parts):
                found = _upright(tile, landmarker)
                if found is not None:
                    return float(np.ptp(found[:, 1])) / parts
    return None


def _tiles(picture: Picture, parts: int) -> Iterator[Picture]:
    """Cuttings of a picture, of a part of its sides, that overlap by half."""
    height, width = (side // parts for side in picture.shape[:2])
    for top in range(0, picture.shape[0] - height + 1, max(1, height // 2)):
        for left in range(0, picture.shape[1] - width + 1, max(1, width // 2)):
            yield picture[top : top + height, left : left + width]


def _upright(picture: Picture, landmarker: PoseLandmarker) -> NDArray[np.float32] | None:
    """The landmarks, (33, 4), of somebody in a picture who beyond doubt stands upright there."""
    if min(picture.shape[:2]) < SMALLEST:
        return None
    pixels = np.array(picture, order="C")
    pixels.flags.writeable = False
    found = landmarker.find_in_picture(pixels)
    if found is None or found[:, 3].mean() < SURE:
        return None
    height, width = picture.shape[:2]
    return found if quarter_turns(found[None], width, height)[0] else None
