"""From the truth of a pose in each frame to poses that are held."""

from analyzer.holds.timeline import Hold, Judged, Measured, NearMiss, Timeline, Undecidable

__all__ = ["Hold", "Judged", "Measured", "NearMiss", "Timeline", "Undecidable"]
