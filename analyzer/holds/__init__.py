"""From the truth of a pose in each frame to poses that are held."""

from analyzer.holds.results import Hold, Measured, NearMiss, Undecidable
from analyzer.holds.timeline import Timeline
from analyzer.holds.timelines import Timelines

__all__ = ["Hold", "Measured", "NearMiss", "Timeline", "Timelines", "Undecidable"]
