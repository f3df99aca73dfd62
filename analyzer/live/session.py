"""A live session: the landmarks of one dancer as they are seen in, what there is to tell out."""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analyzer.holds import Hold, Holding, Now, Timeline, judge
from analyzer.limits import Dance
from analyzer.poses import select
from analyzer.poses.taught import looked_for
from analyzer.report.analysis import DIGITS
from analyzer.report.answer import measured, segment
from analyzer.report.coaching import Coach
from analyzer.report.sight import (
    FAR,
    FEET_OUT,
    Advice,
    feet_out,
    nobody,
    quarter_turns,
    size,
    too_far,
    turned,
    view,
)

TOLD_SECONDS: Final = 1.0
TOLD_FRAMES: Final = 60
"""After so much, by the times of frames or by their number, it is looked which holds have become
certain; or after more, where many dance."""

TROUBLE_SECONDS: Final = 0.5
"""For so long something is wrong with the picture before it is told, but at the beginning."""

TURNED_SECONDS: Final = 3.0
"""The same of a dancer who doesn't stand upright, as in some poses nobody does."""

MOST_A_SECOND: Final = 240
"""Frames whose times may lie within a second: with them grows what is looked at around each."""

BRIGHT: Final = 255.0
"""The level of a picture that nobody has seen, and so can't call dark."""

SWAPPED: Final = [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, *((each ^ 1) + 1 for each in range(10, 32))]
"""Which landmark each one is where left and right are exchanged."""


class UnusableFrameError(ValueError):
    """A frame that can't be taken; the text says why."""


@dataclass(frozen=True)
class Seen:
    """What is seen in one frame."""

    time: float
    """Seconds."""
    image: NDArray[np.float32] | None
    """(33, 4), as in `Body`; None for nobody."""
    world: NDArray[np.float32] | None
    """(33, 3), likewise."""
    size: tuple[int, int]
    """Width and height of the picture, in pixels."""
    level: float = BRIGHT
    """Mean of the picture's pixels, of 255."""
    cut: bool = False
    """Whether the picture was cut before it."""


class Session:
    """What one dancer is told.

    Raises UnknownPoseError for a name that is none of a pose.
    """

    def __init__(self, dance: Dance) -> None:
        self._dance = dance
        names = dance.poses or ((dance.practise,) if dance.practise else ())
        poses = looked_for(names, dance.pose)
        practised = None
        if dance.practise:
            among = [pose for pose in poses if pose.name == dance.practise]
            practised = (among or select([dance.practise]))[0]
        self._poses = poses if practised is None or practised in poses else (*poses, practised)
        self.now = Now(self._poses, practised=practised, min_hold=dance.min_hold)
        self._coach = Coach()
        self._timeline: Timeline | None = None
        self._frames = 0
        self._held = 0
        self._last = Seen(0.0, None, None, (1, 1))
        self._times: deque[float] = deque(maxlen=MOST_A_SECOND)
        self.looked_at = time.monotonic()
        """When it was last looked which holds have become certain, by the monotonic clock."""
        self._waiting: list[Seen] = []
        """What the timeline has not taken yet."""
        self._taken = 0.0
        """When it took the last, in seconds."""
        self._has_told = False
        self._troubles: dict[str, float] = {}
        """Since when each thing is wrong with the picture."""

    def see(self, seen: Seen) -> list[dict[str, Any]]:
        """Take the next frame; the holds that end where it has another size than the ones before.

        Raises UnusableFrameError where its time is before that of the last one, or stands still.
        """
        if self._frames and seen.time < self._last.time:
            raise UnusableFrameError("The times of the frames decrease; they have to be in order.")
        if len(self._times) == MOST_A_SECOND and seen.time - self._times[0] < 1.0:
            raise UnusableFrameError(
                f"{MOST_A_SECOND} frames have times within a second; they are seconds."
            )
        self._times.append(seen.time)
        ended = []
        if self._timeline is None or seen.size != self._last.size:
            ended = self.finish()
            self._timeline = Timeline(
                self._poses,
                width=seen.size[0],
                height=seen.size[1],
                min_hold=self._dance.min_hold,
                first=self._frames,
            )
        if not self._frames:
            self._taken = seen.time
        self._frames += 1
        self._last = seen
        self._waiting.append(seen)
        self.now.take(*_arrays(seen), seen.time, seen.size, cut=seen.cut)
        return ended

    @property
    def is_due(self) -> bool:
        """Whether enough has come to look which holds have become certain."""
        seconds = self._last.time - self._taken
        return seconds >= TOLD_SECONDS or len(self._waiting) >= TOLD_FRAMES

    def tell(self, *, look: bool) -> list[dict[str, Any]]:
        """Give what there is to tell, once the frame has been judged; the last is the frame.

        Args:
            look: whether to look which holds have become certain.
        """
        told = self._certain() if look else []
        troubles = self._note_troubles()
        attempt = self.now.attempt
        practised: dict[str, Any] | None = None
        if attempt is not None:
            practised = {
                "pose": attempt.pose,
                "side": attempt.side,
                "held": attempt.held,
                "seconds": round(attempt.seconds, DIGITS),
                "score": round(attempt.score, DIGITS),
                "conditions": [measured(each) for each in attempt.conditions],
            }
        # First the picture has to be right.
        advice = self._coach.sentence(self._last.time, None if troubles else attempt)
        if practised is not None:
            practised |= {"advice": advice, "about": self._coach.about}
        frame = {
            "event": "frame",
            "frame": self._frames - 1,
            "time": round(self._last.time, DIGITS),
            "poses": [_holding(each) for each in self.now.holding],
            "practise": practised,
            "trouble": [{"reason": each.reason, "text": each.text} for each in troubles],
        }
        return [*told, frame]

    def landmarks(self) -> list[list[float]] | None:
        """Give the landmarks of the last frame as places in the picture that was sent."""
        if self._last.image is None:
            return None
        image = self._last.image.astype(np.float64)
        if self._dance.mirror:
            image = image * [-1, 1, 1, 1] + [1, 0, 0, 0]
        rows: list[list[float]] = np.round(image, DIGITS).tolist()
        return rows

    def finish(self) -> list[dict[str, Any]]:
        """Say that there are no more frames; the remaining holds."""
        if self._timeline is None:
            return []
        told = self._certain(last=True)
        held = self._timeline.finish()
        self._timeline = None
        self._held += len(held)
        return [*told, *map(_hold, held)]

    def end(self) -> list[dict[str, Any]]:
        """Give what there is to tell at the end."""
        holds = self.finish()
        return [*holds, {"event": "end", "frames": self._frames, "holds": self._held}]

    def _certain(self, *, last: bool = False) -> list[dict[str, Any]]:
        """The holds that have become certain."""
        self.looked_at = time.monotonic()
        if not self._waiting or self._timeline is None:
            return []
        images, worlds = zip(*map(_arrays, self._waiting), strict=True)
        found = self._timeline.add(
            np.stack(images),
            np.stack(worlds),
            np.array([each.time for each in self._waiting]),
            np.array([each.cut for each in self._waiting]),
            last=last,
        )
        self._taken = self._waiting[-1].time
        self._waiting.clear()
        self._held += len(found)
        return list(map(_hold, found))

    def _note_troubles(self) -> list[Advice]:
        """Note what is wrong with the picture of the last frame; what has been for a while."""
        found, now = self._wrong(), self._last.time
        # What is wrong from the beginning is told at once.
        begun = now if self._has_told else now - TROUBLE_SECONDS
        self._has_told = True
        self._troubles = {each.reason: self._troubles.get(each.reason, begun) for each in found}
        lasts = [now - self._troubles[each.reason] >= _patience(each) for each in found]
        return list(compress(found, lasts))

    def _wrong(self) -> list[Advice]:
        """What is wrong with the picture of the last frame."""
        last = self._last
        if last.image is None:
            return [nobody(last.level)]
        wrong = []
        pixels = float(size(last.image[None], *last.size)[0])
        if pixels < FAR:
            wrong.append(too_far(pixels / last.size[1]))
        if feet_out(last.image[None])[0]:
            wrong.append(FEET_OUT)
        wrong += [turned(each) for each in quarter_turns(last.image[None], *last.size) if each]
        attempt = self.now.attempt
        if attempt is not None and attempt.wrong_view:
            wrong.append(view(attempt.pose, attempt.doubt or ""))
        return wrong


def tell_all(sessions: Sequence[Session]) -> list[list[dict[str, Any]]]:
    """Judge the frames that sessions have taken, together, and give what each is told.

    Only one of them, which has waited longest, is looked at for holds that have become certain: so
    the others don't wait long, however many there are.
    """
    judge([session.now for session in sessions])
    due = [session for session in sessions if session.is_due]
    first = min(due, key=lambda session: session.looked_at, default=None)
    return [session.tell(look=session is first) for session in sessions]


def mirrored(seen: Seen) -> Seen:
    """Give what landmarks tell that were found in a mirror, where left is taken for right."""
    if seen.image is None or seen.world is None:
        return seen
    image = seen.image[SWAPPED] * np.array([-1, 1, 1, 1], "f4") + np.array([1, 0, 0, 0], "f4")
    return Seen(
        seen.time, image, seen.world[SWAPPED] * np.array([-1, 1, 1], "f4"), seen.size, seen.level
    )


def _patience(trouble: Advice) -> float:
    """Seconds for which something is wrong before it is told."""
    return TURNED_SECONDS if trouble.reason == "turned" else TROUBLE_SECONDS


def _arrays(seen: Seen) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The landmarks, NaN where nobody is seen."""
    if seen.image is None or seen.world is None:
        return np.full((33, 4), np.nan, np.float32), np.full((33, 3), np.nan, np.float32)
    return seen.image, seen.world


def _holding(each: Holding) -> dict[str, Any]:
    return {
        "pose": each.pose,
        "side": each.side,
        "seconds": round(each.seconds, DIGITS),
        "score": round(each.score, DIGITS),
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {"event": "hold", **segment(hold)}
