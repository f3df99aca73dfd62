"""Stretches of frames, followed from frame to frame and from block to block."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from analyzer.body import TIME_ROUNDING
from analyzer.holds.judging import IN, OUT, REST, SPOILS, UNSURE, Block, Span

BRIDGE: Final = 0.15
"""How long a held pose may be lost, in seconds."""

UNSURE_BRIDGE: Final = 0.5
"""How long a held pose may be hidden, in seconds, while nothing speaks against it."""

MOVING_COUNTS_LESS: Final = 100.0
"""By how much less of a margin a frame counts in which the body moves: more than any margin."""

SETTLED: Final = 0.8
"""How slow the fastest joint is between arriving in a pose and leaving it, in torso lengths a
second."""

Detail = TypeVar("Detail")


@dataclass(slots=True)
class Stretch(Generic[Detail]):
    """A stretch of frames under way; what is counted since its last frame comes last."""

    span: Span
    """From the first to the last frame that is of it."""
    best: int
    merit: float
    margin: float
    """Those of the best frame; its merit is its margin, less where the body moves."""
    detail: Callable[[], Detail]
    spoilt: bool
    rest: Span | None
    """From the first to the last frame in which the body is at rest, if there is one."""
    settled: Span | None
    """From the first to the last frame in which it has settled, if there is one."""
    turned: float = 0.0
    turned_since: float = 0.0
    lost: float = 0.0
    hidden: float = 0.0


class Course(NamedTuple, Generic[Detail]):
    """What m frames say of a stretch, each (m,) as in `Block`; detail is kept of the best."""

    states: npt.NDArray[np.int8]
    margin: npt.NDArray[np.float32] | npt.NDArray[np.float64]
    evidence: npt.NDArray[np.float32] | npt.NDArray[np.float64]
    speed: npt.NDArray[np.float32] | npt.NDArray[np.float64]
    detail: Callable[[int], Detail]
    counts_turns: bool = False


class Follower(Generic[Detail]):
    """Makes stretches of the states of frames as they come."""

    def __init__(self, bridge: float) -> None:
        self._bridge = bridge
        self._open: Stretch[Detail] | None = None
        self._evidence = 0.0

    @property
    def under_way(self) -> Stretch[Detail] | None:
        """The stretch that has not ended yet, if there is one."""
        return self._open

    def follow(self, block: Block, course: Course[Detail]) -> list[Stretch[Detail]]:
        """Take the frames of a block; the stretches that end in it."""
        states = course.states
        if self._open is None and states.max() < IN:
            return []
        evidence = np.concatenate([[0.0], course.evidence.cumsum()]) + self._evidence
        self._evidence = float(evidence[-1])
        ended: list[Stretch[Detail]] = []
        changes = np.flatnonzero((states[1:] != states[:-1]) | block.jumps[1:]) + 1
        edges = [0, *changes.tolist()]
        kinds = states[edges].tolist()
        for state, (begin, end) in zip(kinds, pairwise([*edges, len(states)]), strict=True):
            if begin in block.jumps_at:
                ended += self.close()
            if state >= IN:
                self._extend(block, course, begin, end, evidence)
            elif self._open is not None:
                if course.counts_turns:
                    turns = block.turn_since_previous_frame[begin:end]
                    self._open.turned_since += float(turns.sum())
                length = block.ends[end - 1] - block.starts[begin]
                if state == OUT:
                    self._open.lost += length
                elif state == UNSURE:
                    self._open.hidden += length
                if (
                    self._open.lost > self._bridge + TIME_ROUNDING
                    or self._open.hidden > UNSURE_BRIDGE + TIME_ROUNDING
                ):
                    ended += self.close()
        if self._open is not None:
            # Most stretches end unkept, and a block is not to be held on to.
            self._open.detail = partial(_same, self._open.detail())
        return ended

    def close(self) -> list[Stretch[Detail]]:
        """End the stretch under way, if there is one."""
        ended = [] if self._open is None else [self._open]
        self._open = None
        return ended

    def _extend(
        self,
        block: Block,
        course: Course[Detail],
        begin: int,
        end: int,
        evidence: npt.NDArray[np.float64],
    ) -> None:
        margin, speed = course.margin[begin:end], course.speed[begin:end]
        spoilt = bool(course.states[begin] == SPOILS)
        at_rest = speed <= REST
        # The best frame is one that has settled or is at rest, where there is one.
        merit = margin - MOVING_COUNTS_LESS * ((speed > REST) + (speed > SETTLED).astype(np.int8))
        best = int(merit.argmax())
        whole = block.span(np.ones(end - begin, np.bool_), begin, evidence)
        rest = block.span(at_rest, begin, evidence)
        settled = block.span(speed <= SETTLED, begin, evidence)
        assert whole is not None
        # The turn up to the first frame is not of the stretch.
        turned, turn = 0.0, 0.0
        if course.counts_turns:
            turns = block.turn_since_previous_frame[begin:end]
            turned, turn = float(turns.sum()), float(turns[0])
        stretch = self._open
        if stretch is None:
            stretch = self._open = Stretch(
                span=whole,
                best=whole.first + best,
                merit=float(merit[best]),
                margin=float(margin[best]),
                detail=partial(course.detail, begin + best),
                spoilt=spoilt,
                rest=rest,
                settled=settled,
                turned=turned - turn,
            )
            return
        stretch.span = whole.since(stretch.span)
        stretch.turned += stretch.turned_since + turned
        stretch.spoilt |= spoilt
        stretch.rest = _joined(stretch.rest, rest)
        stretch.settled = _joined(stretch.settled, settled)
        stretch.turned_since = stretch.lost = stretch.hidden = 0.0
        if merit[best] > stretch.merit:
            stretch.merit = float(merit[best])
            stretch.best = whole.first + best
            stretch.margin = float(margin[best])
            stretch.detail = partial(course.detail, begin + best)


def _joined(early: Span | None, late: Span | None) -> Span | None:
    """From the start of the early span to the end of the late one."""
    if early is None or late is None:
        return early or late
    return late.since(early)


def _same(detail: Detail) -> Detail:
    return detail
