"""A dancer compared with a reference, as the answer tells it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from analyzer.compare import (
    LEAST_SECONDS,
    NAMES,
    RATE,
    SAME,
    Comparison,
    Fault,
    Off,
    Shape,
    clock,
    compare,
    every,
    off,
    to_do,
)
from analyzer.holds import Hold
from analyzer.report.analysis import DIGITS
from analyzer.report.performance import Performance

MOST_MOMENTS: Final = 50
"""Moments that are told at most, the worst of them."""

TIMING_EVERY: Final = 0.5
"""Seconds from one time at which it is told who is ahead to the next."""

DIFFERENCES_EVERY: Final = 0.1
"""Seconds from one moment at which it is told how far they are apart to the next."""

EDGE: Final = 0.05
"""Seconds by which a hold may reach out of what is compared and still be told."""

LIKE: Final = 8.0
"""Degrees between limbs up to which a pose that isn't found of a dancer looks like one: then it is
MediaPipe that misses it."""

AS_LONG: Final = 0.4
"""Seconds by which a hold may be longer or shorter than the reference's and be as long."""

OPPOSITE: Final = {"left": "right", "right": "left", None: None}


class Window(NamedTuple):
    """The part of a video that is compared, in seconds."""

    start: float = 0.0
    end: float = float("inf")

    def of(self, shape: Shape) -> Shape | None:
        """Give a shape within it; None where nothing is."""
        first, last = np.searchsorted(shape.times, self)
        return shape[first:last] if first < last else None

    def has(self, hold: Hold) -> bool:
        """Whether it has some of a hold."""
        return hold.start < self.end and self.start < hold.end


WHOLE: Final = Window()


@dataclass(frozen=True)
class Compared:
    """A dancer compared with a reference."""

    dancer: Performance
    reference: Performance
    comparison: Comparison | None
    """None where they have nothing in common."""
    advice: str
    """What to do where they don't show the same dance; else empty."""
    holds: Sequence[Hold]
    """Of the dancer, in what is compared."""
    reference_holds: Sequence[Hold]
    """Those of the reference."""


def compared(
    dancer: Performance,
    reference: Performance,
    *,
    mirror: bool | None = None,
    window: Window = WHOLE,
    reference_window: Window = WHOLE,
) -> Compared:
    """Compare what a dancer dances with a reference.

    Args:
        dancer, reference: what they dance.
        mirror: whether the dancer has learnt it in the mirror; by default what fits.
        window, reference_window: the part of each that is compared.
    """
    own, theirs = window.of(dancer.shape()), reference_window.of(reference.shape())
    found = compare(own, theirs, mirror=mirror) if own and theirs else None
    advice = ""
    if not found or not found.same:
        advice = (
            _nothing_there("dancer's video", "start", dancer, own)
            or _nothing_there("reference", "reference_start", reference, theirs)
            or _in_the_mirror(own, theirs, mirror)
            or _too_short(found)
            or "see that both show the same part of it, and all of the dancer, or choose the parts "
            "with `start`, `end`, `reference_start` and `reference_end`"
        )
    return Compared(
        dancer,
        reference,
        found,
        advice,
        [hold for hold in dancer.holds if window.has(hold)],
        [hold for hold in reference.holds if reference_window.has(hold)],
    )


def comparison_text(found: Compared) -> Iterator[str]:
    """Give the answer as JSON in pieces."""
    comparison = found.comparison
    if comparison is None or not comparison.same:
        yield json.dumps(_other_dance(comparison, found.advice))
        return
    yield json.dumps(
        {
            "same_dance": True,
            "text": _summary(comparison),
            "score": round(comparison.score, 2),
            "degrees": round(comparison.degrees, 1),
            "limbs": {name: round(value, 1) for name, value in comparison.limbs.items()},
            "mirrored": comparison.beside.mirrored,
            "compared": _both(comparison, slice(0, len(comparison.times))),
        }
    ).removesuffix("}")
    yield f', "timing": {json.dumps(_timing(comparison))}'
    yield f', "moments": {json.dumps(_moments(comparison))}'
    yield f', "poses": {json.dumps(_poses(found, comparison))}'
    yield f', "differences": {json.dumps(_differences(comparison))}}}'


def _nothing_there(what: str, option: str, danced: Performance, shape: Shape | None) -> str:
    """What to do where a part of a video has nothing to compare; nothing where it has."""
    if shape is None:
        return f"the {what} is {danced.duration:.1f} seconds long, so choose an earlier `{option}`"
    if not np.isfinite(shape.directions).any():
        return f"nobody is seen in the {what}, so choose a part in which all of the dancer is seen"
    return ""


def _in_the_mirror(own: Shape | None, theirs: Shape | None, mirror: bool | None) -> str:
    """What to do where it would be the same dance in the mirror, or out of it."""
    if own is None or theirs is None or mirror is None:
        return ""
    other = compare(own, theirs, mirror=not mirror)
    if other is None or not other.same:
        return ""
    way = "without the mirror" if mirror else "in the mirror"
    return f"they do {way}, so leave out `mirror`"


def _too_short(found: Comparison | None) -> str:
    """What to do where what is alike is too short for a dance."""
    if found is None or found.score < SAME:
        return ""
    return (
        f"what is alike is {found.seconds:.1f} seconds long, so compare {LEAST_SECONDS:g} second "
        "of each at least"
    )


def _other_dance(comparison: Comparison | None, advice: str) -> dict[str, Any]:
    return {
        "same_dance": False,
        "text": f"The two don't show the same dance: {advice}.",
        "score": round(comparison.score, 2) if comparison else 0.0,
    }


def _summary(comparison: Comparison) -> str:
    """The most important in a sentence."""
    text = f"Limbs differ by {comparison.degrees:.0f} degrees on average"
    if comparison.beside.mirrored:
        text += " from the reference's in the mirror"
    tempo = comparison.tempo
    if tempo and abs(tempo.ratio - 1) >= 0.02:
        how = "faster" if tempo.ratio > 1 else "slower"
        text += f", at a tempo {abs(tempo.ratio - 1) * 100:.0f} % {how}"
    if comparison.off_beat:
        worst = max(comparison.off_beat, key=lambda each: abs(each.ahead))
        text += f", {_ahead(worst.ahead)} at {clock(_start(comparison, worst.moments))}"
    return text + "."


def _ahead(seconds: float) -> str:
    return f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} the reference"


def _start(comparison: Comparison, moments: slice) -> float:
    return float(comparison.times[moments.start])


def _both(comparison: Comparison, moments: slice) -> dict[str, float]:
    """When some moments are, in both videos."""
    last = moments.stop - 1
    return {
        "start": round(float(comparison.times[moments.start]), DIGITS),
        "end": round(float(comparison.times[last]), DIGITS),
        "reference_start": round(float(comparison.theirs[moments.start]), DIGITS),
        "reference_end": round(float(comparison.theirs[last]), DIGITS),
    }


def _timing(comparison: Comparison) -> dict[str, Any]:
    tempo = comparison.tempo
    if tempo is None:
        return {"tempo_ratio": None, "ahead": [], "off": []}
    return {
        "tempo_ratio": round(tempo.ratio, 3),
        "ahead": [
            {
                "time": round(float(comparison.times[moment]), DIGITS),
                "reference_time": round(float(comparison.theirs[moment]), DIGITS),
                "seconds": round(float(tempo.ahead[moment]), 2) + 0.0,
            }
            for moment in every(TIMING_EVERY, tempo)
        ],
        "off": [_off(comparison, each) for each in comparison.off_beat],
    }


def _off(comparison: Comparison, each: Off) -> dict[str, Any]:
    start, end = (
        clock(comparison.times[moment]) for moment in (each.moments.start, each.moments.stop - 1)
    )
    wait = "take more time" if each.ahead > 0 else "hurry"
    return {
        **_both(comparison, each.moments),
        "seconds": round(each.ahead, 2),
        "text": f"From {start} to {end} {_ahead(each.ahead)}: {wait}.",
    }


def _differences(comparison: Comparison) -> list[dict[str, float]]:
    """How far they are apart all along, where it can be told."""
    return [
        {
            "time": round(float(comparison.times[moment]), DIGITS),
            "reference_time": round(float(comparison.theirs[moment]), DIGITS),
            "degrees": round(float(np.nanmean(comparison.apart[moment])), 1),
        }
        for moment in range(0, len(comparison.times), round(DIFFERENCES_EVERY * RATE))
        if np.isfinite(comparison.apart[moment]).any()
    ]


def _moments(comparison: Comparison) -> list[dict[str, Any]]:
    """The worst moments, first the worst."""
    whole = [
        {
            "limb": None,
            **_both(comparison, moments),
            "degrees": round(float(np.nanmean(comparison.apart[moments])), 1),
            "text": f"Something else than the reference from {clock(_start(comparison, moments))} "
            f"to {clock(float(comparison.times[moments.stop - 1]))}.",
        }
        for moments in comparison.others
    ]
    return [*whole, *(_fault(comparison, fault) for fault in comparison.faults)][:MOST_MOMENTS]


def _fault(comparison: Comparison, fault: Fault) -> dict[str, Any]:
    what = off(fault.limb, fault.change, fault.degrees)
    start = clock(_start(comparison, fault.moments))
    return {
        "limb": NAMES[fault.limb],
        **_both(comparison, fault.moments),
        "degrees": round(fault.degrees, 1),
        "text": f"The {what} than the reference's at {start}: {to_do(fault.limb, fault.change)}.",
    }


def _poses(found: Compared, comparison: Comparison) -> list[dict[str, Any]]:
    """What became of each pose that the reference holds."""
    told = []
    for theirs in found.reference_holds:
        begin, end = np.interp((theirs.start, theirs.end), comparison.theirs, comparison.times)
        # What is cut off nobody can hold for as long.
        if theirs.start < comparison.theirs[0] - EDGE or theirs.end > comparison.theirs[-1] + EDGE:
            continue
        side = OPPOSITE[theirs.side] if comparison.beside.mirrored else theirs.side
        own = max(
            (hold for hold in found.holds if hold.pose == theirs.pose and _meet(hold, begin, end)),
            key=lambda hold: (hold.side == side, hold.end - hold.start),
            default=None,
        )
        told.append(_pose(comparison, theirs, own, side, float(begin), float(end)))
    return told


def _meet(hold: Hold, begin: float, end: float) -> bool:
    return hold.start < end and begin < hold.end


def _looks_like(comparison: Comparison, begin: float, end: float) -> bool:
    """Whether a dancer's limbs are those of the reference from `begin` to `end`, in seconds."""
    during = comparison.apart[(comparison.times >= begin) & (comparison.times <= end)]
    known = np.isfinite(during)
    return bool(known.any()) and float(during[known].mean()) <= LIKE


def _pose(
    comparison: Comparison,
    theirs: Hold,
    own: Hold | None,
    side: str | None,
    begin: float,
    end: float,
) -> dict[str, Any]:
    """What became of a pose that was to be held from `begin` to `end` of the dancer's video."""
    name = theirs.pose if side is None else f"{theirs.pose} ({side})"
    ratio = comparison.tempo.ratio if comparison.tempo else 1.0
    longer = 0.0 if own is None else own.end - own.start - (theirs.end - theirs.start) / ratio
    if own is None and _looks_like(comparison, begin, end):
        result = "alike"
        text = f"{name} is not told at {clock(begin)}, but limbs are like the reference's."
    elif own is None:
        result, text = "missed", f"{name} is missed at {clock(begin)}."
    elif own.side != side:
        result = "other side"
        text = (
            f"{theirs.pose} is held with the {own.side} at {clock(own.start)} and not the {side}."
        )
    elif abs(longer) <= AS_LONG:
        result, text = "held", f"{name} is held at {clock(own.start)}."
    else:
        result = "longer" if longer > 0 else "shorter"
        text = f"{name} is held {abs(longer):.1f} s {result} at {clock(own.start)}."
    return {
        "pose": theirs.pose,
        "side": side,
        "result": result,
        "expected": round(begin, DIGITS),
        "start": None if own is None else round(own.start, DIGITS),
        "end": None if own is None else round(own.end, DIGITS),
        "reference_start": round(theirs.start, DIGITS),
        "reference_end": round(theirs.end, DIGITS),
        "longer": round(longer, 2) + 0.0,
        "text": text,
    }
