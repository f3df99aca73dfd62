"""When each frame is shown: the stamps of a file made into times that only go forward.

Most files need nothing but their first stamp taken off. Others have a stamp that is far off for a
frame or two, jump where two recordings were joined, repeat stamps or lack them; the pace of the
video tells such faults from a pause, which stays.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

NEIGHBOURS: Final = 8
"""Stamps before and after one that it is compared with."""

STRAYED: Final = 2.0
"""Seconds by which a stamp lies outside of all around it at least, that is taken for wrong."""

STRAYED_STEPS: Final = 16
"""The same in steps of the video, because decoders want pictures in another order than viewers."""

BACK: Final = 1.0
"""Seconds backwards that are a new beginning, and no disorder."""

LONGEST_PAUSE: Final = 60.0
"""Seconds without a picture that are a pause; a longer one has to have sound in it."""

LONGEST_PAUSE_OF_JOINABLE: Final = 10.0
"""The same in formats whose files can be joined end to end, as FFmpeg has it for them."""

LEAST_STEP: Final = 1e-4
"""Seconds between two frames at least; stamps that are nearer are meant to be the same."""


def gaps(stamps: Sequence[float]) -> list[float]:
    """Seconds from each stamp to the next, in order, those that are there twice taken once."""
    return [after - before for before, after in pairwise(sorted(set(stamps)))]


def pace(stamps: Sequence[float], frame_rate: float) -> float:
    """Seconds from a frame to the next, usually.

    Args:
        stamps: seconds, in any order.
        frame_rate: frames a second as claimed, for where too few stamps tell; 0 for no claim.
    """
    if steps := gaps(stamps):
        return median(steps)
    return 1 / frame_rate if frame_rate else 1 / 30


def strays(stamps: Sequence[float], step: float) -> set[float]:
    """Stamps that are far from all before and after them: the frames are shown, the stamps wrong.

    Args:
        stamps: seconds, in the order of the file.
        step: the pace of the video.
    """
    reach = max(STRAYED, STRAYED_STEPS * step)
    jumps = [
        place
        for place, (before, after) in enumerate(pairwise(stamps))
        if abs(after - before) > reach
    ]
    suspects = {
        place
        for jump in jumps
        for place in range(jump - NEIGHBOURS + 1, jump + NEIGHBOURS + 1)
        if 0 < place < len(stamps) - 1
    }
    wrong = set()
    for place in suspects:
        around = (
            median(stamps[max(0, place - NEIGHBOURS) : place]),
            median(stamps[place + 1 : place + 1 + NEIGHBOURS]),
        )
        if not min(around) - reach <= stamps[place] <= max(around) + reach:
            wrong.add(stamps[place])
    return wrong


class Clock:
    """Gives the time of one frame after the other, in the order in which they are shown."""

    def __init__(
        self,
        stamps: Sequence[float],
        step: float,
        longest_pause: float,
        sounds_between: Callable[[float, float], bool],
    ) -> None:
        """Look at the whole video first.

        Args:
            stamps: of the frames, in seconds, in the order of the file.
            step: the pace of the video.
            longest_pause: seconds between two frames that need no sound to be a pause.
            sounds_between: asked over a longer one, whether there is sound between two stamps.
        """
        self._step = step
        self._wrong = strays(stamps, step)
        self._longest_pause = longest_pause
        self._sounds_between = sounds_between
        self.zeros: list[float] = []
        """The stamps at which it is 0 seconds: one, and another for each recording joined on."""
        self._stamp = 0.0
        self._time = -step

    def time_of(self, stamp: float | None) -> float:
        """Seconds since the first frame, more than for the frame before.

        Args:
            stamp: the next frame's, in seconds; None if it has none.
        """
        onward = self._time + self._step
        if stamp is None or stamp in self._wrong:
            self._time = onward
            return onward
        if not self.zeros or self._jumps_to(stamp):
            self.zeros.append(stamp - onward)
        self._stamp = stamp
        time = stamp - self.zeros[-1]
        self._time = time if time >= self._time + LEAST_STEP else onward
        return self._time

    def _jumps_to(self, stamp: float) -> bool:
        """Whether something else begins here, and no time passes."""
        if stamp < self._stamp - BACK:
            return True
        pause = stamp - self._stamp
        return pause > self._longest_pause and not self._sounds_between(self._stamp, stamp)
