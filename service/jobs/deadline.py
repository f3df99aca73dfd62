"""How long an analysis may go on: as long as it makes progress and its frames may take."""

from typing import Final

from service.runtime.settings import Settings

MARGIN: Final = 2
"""So many times as long as is promised one may take: others may keep a machine busy for a time."""

PATIENCE: Final = 10
"""The same of one in the background, which gives way to all others."""


class Deadline:
    """When an analysis is ended, by what it has told so far.

    What it tells comes from a process that a video may have taken over: it never gets more time
    than the longest video that there may be. Times are those of the monotonic clock. Of several
    people each has the time of one.
    """

    def __init__(
        self,
        settings: Settings,
        start: float,
        *,
        renders: bool,
        in_background: bool,
        people: int = 1,
    ) -> None:
        self._settings = settings
        self._start = start
        self._renders = renders
        self._people = people
        self._most = settings.most_frames(people, in_background=in_background)
        self._patience = PATIENCE if in_background else MARGIN
        self._heard = start
        self._frames = 0

    def progress(self, now: float, frames: int, of: int) -> None:
        """Note that it has made progress: the frames that are done, of how many; 0 for unknown.

        The larger number counts, and the largest so far: a file can claim too few or too many.
        """
        self._heard = now
        self._frames = min(max(self._frames, frames, of), self._most)

    @property
    def end(self) -> float:
        """When it is ended if it tells of no progress before."""
        return min(self._stall, self._budget)

    @property
    def stalls(self) -> bool:
        """Whether it is then ended for want of progress, and not for all the time it took."""
        return self._stall <= self._budget

    @property
    def _stall(self) -> float:
        return self._heard + self._settings.stall_seconds

    @property
    def _budget(self) -> float:
        longest = self._settings.longest_analysis(
            self._frames, renders=self._renders, people=self._people
        )
        return self._start + self._patience * longest
