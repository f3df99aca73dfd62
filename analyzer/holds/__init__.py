"""From the truth of a pose in each frame to poses that are held."""

from analyzer.holds.judging import SEEN_FROM
from analyzer.holds.now import Attempt, Holding, Now, judge
from analyzer.holds.results import Hold, Measured, NearMiss, Undecidable
from analyzer.holds.timeline import Timeline
from analyzer.holds.timelines import Timelines

__all__ = [
    "SEEN_FROM",
    "Attempt",
    "Hold",
    "Holding",
    "Measured",
    "NearMiss",
    "Now",
    "Timeline",
    "Timelines",
    "Undecidable",
    "judge",
]
