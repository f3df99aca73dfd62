"""What several dancers of a video do together, as the answer tells it."""

from typing import Any, Final

import numpy as np

from analyzer.compare import Shape, ensemble, joined, shape_of
from analyzer.report.analysis import Analysis

TOGETHER: Final = 0.04
"""Seconds by which dancers may be apart and still be together: a frame of 25 a second."""


def group_of(analysis: Analysis) -> dict[str, Any]:
    """Tell who is in unison with whom, and where somebody is the odd one out.

    Args:
        analysis: with its landmarks kept, of dancers that are told apart.
    """
    assert analysis.apart is not None
    shapes = {number: _shape(analysis, number) for number in analysis.apart}
    together = ensemble(shapes)
    frames = next(iter(shapes.values())).times if shapes else np.zeros(0)

    def stretch(start: float, end: float) -> dict[str, float]:
        first, last = np.searchsorted(frames, (start - 1e-6, end + 1e-6))
        return {
            "first": int(first),
            "last": int(last) - 1,
            "start": round(start, 3),
            "end": round(end, 3),
        }

    return {
        "unison": [
            {
                "dancers": list(each.dancers),
                **stretch(each.start, each.end),
                "degrees": round(each.difference, 1),
                "ahead_ms": round(1000 * each.ahead),
                "text": _timing(*each.dancers, each.ahead),
            }
            for each in together.unison
        ],
        "odd_one_out": [
            {
                "dancer": each.dancer,
                "limb": each.limb,
                **stretch(each.start, each.end),
                "degrees": round(each.degrees, 1),
                "text": each.text,
            }
            for each in together.odd
        ],
    }


def _shape(analysis: Analysis, number: int) -> Shape:
    """The shape of a dancer in all frames."""
    assert analysis.landmarks is not None
    size = analysis.video.width, analysis.video.height
    bodies = analysis.landmarks.of(number).bodies(*size)
    return joined([shape_of(body)[piece] for body, piece in bodies])


def _timing(one: int, other: int, ahead: float) -> str:
    """Who is ahead of whom, in a sentence."""
    if abs(ahead) < TOGETHER:
        return f"Dancers {one} and {other} are together."
    first, last = (one, other) if ahead > 0 else (other, one)
    return f"Dancer {last} is {abs(1000 * ahead):.0f} ms behind dancer {first}."
