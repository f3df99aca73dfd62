"""What may be asked of an analysis, for all who take it: the library, the command, the service.

Nothing that takes long to load is imported here.
"""

from typing import Final

INCLUDES: Final = ("segments", "video", "landmarks", "angles", "timing")
"""What can be asked for beside the plain answer."""

LONGEST_HOLD: Final = 60.0
"""The most that the shortest hold of a static pose may be, in seconds."""

KEPT_FRAMES: Final = 3600
"""Frames of a video of which all landmarks may be asked for: two minutes at 30 a second."""
