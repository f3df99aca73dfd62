"""What is found in landmarks, whatever they were seen in."""

from analyzer.holds import Timeline
from analyzer.poses import catalogue
from benchmarks.seen import Seen


def watch(seen: Seen) -> Timeline:
    """The holds and near misses of all poses."""
    timeline = Timeline(catalogue(), width=seen.width, height=seen.height)
    timeline.add(seen.image, seen.world, seen.times)
    timeline.finish()
    return timeline
