"""What several dancers of a video do together, as the answer tells it."""

import json
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzer.body import TIME_ROUNDING
from analyzer.compare import OddOneOut, Together, Unison
from analyzer.report.analysis import DIGITS, Analysis
from analyzer.report.shape import whole_shape

TOGETHER: Final = 0.04
"""Seconds by which dancers may be apart and still be together: a frame of 25 a second."""

LONGEST_SHOWN: Final = 0.5
"""Seconds for which a frame is shown at most, where the video pauses."""

Times = npt.NDArray[np.float64]


def group_text(analysis: Analysis) -> Iterator[str]:
    """Tell who is in unison with whom, and where somebody is the odd one out, as JSON in pieces.

    Each pair of dancers is a piece, and may be an empty one, for it takes a while.

    Args:
        analysis: with its landmarks kept, of dancers that are told apart.
    """
    assert analysis.apart is not None
    assert analysis.landmarks is not None
    kept = {number: analysis.landmarks.of(number) for number in analysis.apart}
    size = analysis.video.width, analysis.video.height
    shapes = {number: whole_shape(each, *size) for number, each in kept.items()}
    times = next((shape.times for shape in shapes.values()), np.zeros(0))
    ends = np.append(times[1:], analysis.duration)
    ends = np.minimum(ends, times + LONGEST_SHOWN)
    together = Together(shapes)
    yield '{"unison": ['
    yield from _listed(
        [_unison(each, times, ends) for each in found] for found in together.unison()
    )
    yield '], "odd_one_out": ['
    yield from _listed([_odd(each, times, ends) for each in found] for found in together.odd())
    yield "]}"


def _listed(pieces: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    """The entries of a JSON array that come in pieces."""
    separator = ""
    for piece in pieces:
        yield separator + ", ".join(map(json.dumps, piece)) if piece else ""
        if piece:
            separator = ", "


def _unison(found: Unison, times: Times, ends: Times) -> dict[str, Any]:
    return {
        "dancers": list(found.dancers),
        **_stretch(found, times, ends),
        "degrees": round(found.difference, 1),
        "ahead_ms": round(1000 * found.ahead),
        "text": _timing(*found.dancers, found.ahead),
    }


def _odd(found: OddOneOut, times: Times, ends: Times) -> dict[str, Any]:
    return {
        "dancer": found.dancer,
        "limb": found.limb,
        **_stretch(found, times, ends),
        "degrees": round(found.degrees, 1),
        "text": found.text,
    }


def _stretch(found: Unison | OddOneOut, times: Times, ends: Times) -> dict[str, float]:
    """The frames, at times and until ends (n,), that lie within what was found."""
    first = int(np.searchsorted(times, found.start - TIME_ROUNDING))
    last = max(first, int(np.searchsorted(times, found.end + TIME_ROUNDING)) - 1)
    first, last = (min(frame, len(times) - 1) for frame in (first, last))
    return {
        "first": first,
        "last": last,
        "start": round(float(times[first]), DIGITS),
        "end": round(float(ends[last]), DIGITS),
    }


def _timing(one: int, other: int, ahead: float) -> str:
    """Who is ahead of whom, in a sentence."""
    if abs(ahead) < TOGETHER:
        return f"Dancers {one} and {other} are together."
    first, last = (one, other) if ahead > 0 else (other, one)
    return f"Dancer {last} is {abs(1000 * ahead):.0f} ms behind dancer {first}."
