"""How a dance lies on the beat of its music, as the answer tells it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzer.compare import arrivals
from analyzer.holds import Hold
from analyzer.music import Beats
from analyzer.report.analysis import DIGITS, Analysis
from analyzer.report.group import TOGETHER
from analyzer.report.kept import KeptLandmarks
from analyzer.report.shape import whole_shape

NEAR: Final = 0.6
"""Of the time from one beat to the next: what is farther than that from all beats is before the
music, or after it. Half would do where the tempo never changes."""

WITHIN: Final = 0.07
"""Seconds around a beat that are on it, as beats are judged usually."""

FREE: Final = 0.2
"""The spread, as a part of the time from one beat to the next, from which on a dance is free of the
beat: of accents at any time it is 0.29."""

BETWEEN: Final = 0.35
"""The part of the time from one beat to the next from which on nobody can tell whether a dance is
ahead of the one beat or behind the other."""

LEAST: Final = 3
"""Accents from which on a sentence judges them: one or two may lie anywhere by chance."""

Times = npt.NDArray[np.float64]


def beat_text(analysis: Analysis) -> Iterator[str]:
    """Tell the beats and how holds and accents lie on them, or why there are none, as JSON in
    pieces.

    The accents of each dancer are a piece, for it takes a while.

    Args:
        analysis: with its landmarks kept, and its music.
    """
    beats = analysis.music
    assert beats is not None
    if not isinstance(beats, Beats):
        yield json.dumps({"reason": str(beats)})
        return
    told = {
        "tempo": round(beats.tempo, 1),
        "beats": np.round(beats.times, DIGITS).tolist(),
        "holds": _holds(analysis.holds, beats),
    }
    yield json.dumps(told).removesuffix("}")
    if analysis.apart is None:
        found = _accents(analysis, analysis.alone, beats)
        yield f', "accents": {json.dumps(_listed(found))}'
        yield f', "summary": {json.dumps(_summary(found, beats))}}}'
        return
    assert analysis.landmarks is not None
    each = {}
    for number in analysis.apart:
        each[number] = _accents(analysis, analysis.landmarks.of(number), beats)
        yield ""
    accents = {number: _listed(found) for number, found in each.items()}
    summary = {number: _summary(found, beats, number) for number, found in each.items()}
    yield f', "accents": {json.dumps(accents)}, "summary": {json.dumps(summary)}}}'


def _holds(holds: Sequence[Hold], beats: Beats) -> list[dict[str, Any]]:
    """The holds that begin during the music: not with the video, when nobody knows since when."""
    begun = [hold for hold in holds if hold.first > 0]
    after = _after(np.array([hold.start for hold in begun]), beats)
    return [
        {
            "pose": hold.pose,
            "side": hold.side,
            **({} if hold.dancer is None else {"dancer": hold.dancer}),
            "start": round(hold.start, DIGITS),
            "ms": _milliseconds(seconds),
        }
        for hold, seconds in zip(begun, after, strict=True)
        if np.isfinite(seconds)
    ]


def _accents(analysis: Analysis, landmarks: KeptLandmarks, beats: Beats) -> tuple[Times, Times]:
    """When a dancer's limbs arrive during the music (n,), and how long after a beat (n,)."""
    times = arrivals(whole_shape(landmarks, analysis.video.width, analysis.video.height))
    after = _after(times, beats)
    during = np.isfinite(after)
    return times[during], after[during]


def _listed(accents: tuple[Times, Times]) -> list[dict[str, Any]]:
    return [
        {"time": round(float(time), DIGITS), "ms": _milliseconds(seconds)}
        for time, seconds in zip(*accents, strict=True)
    ]


def _summary(
    accents: tuple[Times, Times], beats: Beats, dancer: int | None = None
) -> dict[str, Any]:
    """How accents lie on the beat all together, in numbers and in a sentence."""
    after = accents[1]
    you = "You are" if dancer is None else f"Dancer {dancer} is"
    if not len(after):
        nothing = "No accent of the movement falls into the music."
        return {"mean_ms": None, "spread_ms": None, "within_70_ms": None, "text": nothing}
    mean, spread = float(after.mean()), float(after.std())
    if len(after) < LEAST:
        text = "Too few accents of the movement fall into the music to judge it."
    elif spread >= FREE * 60 / beats.tempo:
        text = f"{you} not with the beat: the accents fall before it, on it and after it."
    elif abs(mean) >= BETWEEN * 60 / beats.tempo:
        text = f"{you} between the beats: about as near to the next one as to the one before."
    elif abs(mean) < TOGETHER:
        text = f"{you} on the beat."
    else:
        way = "behind" if mean > 0 else "ahead of"
        text = f"{you} {abs(1000 * mean):.0f} ms {way} the beat on average."
    return {
        "mean_ms": _milliseconds(mean),
        "spread_ms": _milliseconds(spread),
        "within_70_ms": round(float((np.abs(after) <= WITHIN).mean()), 2),
        "text": text,
    }


def _after(times: Times, beats: Beats) -> Times:
    """(n,) how many seconds after the nearest beat, negative before it; NaN outside the music."""
    middles = (beats.times[1:] + beats.times[:-1]) / 2
    after = times - beats.times[np.searchsorted(middles, times)]
    return np.where(np.abs(after) <= NEAR * 60 / beats.tempo, after, np.nan)


def _milliseconds(seconds: float) -> int:
    return round(1000 * float(seconds))
