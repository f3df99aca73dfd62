"""The frames of a clip by their times: what is around a frame, before it and after it.

Every quantity at a frame depends only on the frames from SECONDS_BEFORE before it to SECONDS_AFTER
after it, so a clip of any length can be measured a piece at a time with equal results.
"""

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzer.body.geometry import Flags, Floats, Indices, Scalar

SECONDS_BEFORE: Final = 6.0
"""From how many seconds before a frame on others say something about it."""

SECONDS_AFTER: Final = 1.5
"""Up to how many seconds after a frame others say something about it."""

NEIGHBOURS: Final = 0.07
"""How many seconds before and after a frame its neighbours are."""

LONGEST_STEP: Final = 0.5
"""How far apart, in seconds, two frames may be of which the one says something about the other."""

SHORTEST_TIME: Final = 1e-3
"""The shortest time, in seconds, by which a speed is divided."""

TIME_ROUNDING: Final = 1e-6
"""What rounding may do to a time in seconds."""


class Clip:
    """The times of n frames, and what lies around each of them.

    times: (n,) seconds, not decreasing.
    """

    def __init__(self, times: npt.NDArray[np.float64]) -> None:
        self.times = times
        self._windows: dict[tuple[float, float, int], Indices] = {}

    def window(
        self, values: npt.NDArray[Scalar], before: float, after: float, samples: int = 7
    ) -> npt.NDArray[Scalar]:
        """(samples, n) the values at `samples` times from `before` seconds before each frame
        to `after` seconds after it.

        At the ends of the clip the first and the last frame stand for what is not there.
        """
        key = (before, after, samples)
        index = self._windows.get(key)
        if index is None:
            rows = []
            for offset in np.linspace(-before, after, samples):
                at = self.times + offset
                # A frame that is there to the last bit but for rounding counts as there.
                if offset < 0:
                    rows.append(np.searchsorted(self.times, at - TIME_ROUNDING, side="left"))
                else:
                    rows.append(np.searchsorted(self.times, at + TIME_ROUNDING, side="right") - 1)
            index = self._windows[key] = np.stack(rows)
        seen: npt.NDArray[Scalar] = values[index]
        return seen

    @cached_property
    def neighbours(self) -> tuple[Indices, Indices]:
        """The frames about NEIGHBOURS before and after each frame, at least one frame away."""
        frames = np.arange(len(self.times))
        reach = NEIGHBOURS + TIME_ROUNDING
        early = np.searchsorted(self.times, self.times - reach, side="left")
        late = np.searchsorted(self.times, self.times + reach, side="right") - 1
        # Not over a pause in the clip: the context of a frame is bounded.
        near = np.diff(self.times) <= LONGEST_STEP
        before = frames - np.concatenate([[False], near])
        after = frames + np.concatenate([near, [False]])
        return np.minimum(early, before), np.maximum(late, after)

    def share_of_time(self, held: Flags, before: float, after: float) -> Floats:
        """(n,) in how much of the time from `before` to `after` something held, 0..1.

        Of what lies outside of the clip nothing is known, so nothing held there.
        """
        samples = 9
        at = self.times + np.linspace(-before, after, samples)[:, None]
        inside = (at >= self.times[0] - TIME_ROUNDING) & (at <= self.times[-1] + TIME_ROUNDING)
        known = self.window(held, before, after, samples) & inside
        share: Floats = known.mean(axis=0, dtype=np.float32)
        return share

    def seconds_above(self, course: Floats, level: float, spell: slice) -> float:
        """How long a course stays above `level` around a spell in which it does.

        It is timed between the frames, where the course passes the level.
        """
        start, end = float(self.times[spell.start]), float(self.times[spell.stop - 1])
        if spell.start > 0:
            start = self._passes(course, level, spell.start - 1)
        if spell.stop < len(self.times):
            end = self._passes(course, level, spell.stop - 1)
        return end - start

    def _passes(self, course: Floats, level: float, frame: int) -> float:
        """When a course passes `level` on the way from a frame to the next."""
        first, second = float(course[frame]), float(course[frame + 1])
        here, there = float(self.times[frame]), float(self.times[frame + 1])
        if not np.isfinite(first + second) or there - here > LONGEST_STEP:
            return here if first > level else there
        return here + (level - first) / (second - first) * (there - here)

    def last_frame_with(self, flags: Flags, within: float) -> Indices:
        """(n,) the number of the last frame with a flag, up to `within` seconds before; else -1."""
        frames = np.arange(len(self.times))
        last = np.maximum.accumulate(np.where(flags, frames, -1))
        known = (last >= 0) & (self.times - self.times[last] <= within)
        return np.where(known, last, -1)

    def spells(self, flags: Flags, longest: float) -> list[slice]:
        """The runs of frames with a flag that take no longer than `longest` seconds."""
        edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
        return [
            slice(begin, end)
            for begin, end in edges.reshape(-1, 2).tolist()
            if self.times[end - 1] - self.times[begin] <= longest
        ]
