"""Looks at analyses that are followed: so many a second, however many follow them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

LOOK_SECONDS: Final = 0.5
"""Pause between two looks at an analysis, where few are followed."""

MOST: Final = 40
"""Looks a second at all of them, which leaves the process its time for everything else."""


class Looks:
    """Who follows an analysis, and how often each looks: addresses have equal parts."""

    def __init__(self) -> None:
        self._followers: Counter[str] = Counter()

    def followed(self, address: str, events: Iterable[bytes]) -> Iterator[bytes]:
        """Give events, as long as somebody at an address follows them."""
        self._followers[address] += 1
        try:
            yield from events
        finally:
            self._followers[address] -= 1
            if not self._followers[address]:
                del self._followers[address]

    def pause(self, address: str) -> float:
        """Give the seconds until the next look of one who follows at an address."""
        return max(LOOK_SECONDS, self._followers[address] * len(self._followers) / MOST)
