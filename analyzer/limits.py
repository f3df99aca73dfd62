"""What may be asked of an analysis, and what a video may have at most.

Nothing that takes long to load is imported here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from analyzer.errors import OverLimitError

INCLUDES: Final = ("segments", "video", "landmarks", "angles", "group", "beat", "timing")
"""What can be asked for beside the plain answer."""

MIN_HOLD: Final = 0.12
"""The shortest hold of a pose that sets none of its own, in seconds: 4 frames of 30 a second."""

LONGEST_HOLD: Final = 60.0
"""The most that the shortest hold of a static pose may be, in seconds."""

LONGEST_SIDE: Final = 32_766
"""Pixels of a frame's side at most: MediaPipe ends the process over a longer one."""

MEMORY: Final = 2 * 2**30
"""Bytes of address space that an analysis may take beyond its start."""

MOST_PIXELS: Final = 2**31 - 1
"""Width times height of a frame at most, for FFmpeg."""


MOST_PEOPLE: Final = 6
"""Dancers that are told apart in a frame at most."""

MOST_IDENTITIES: Final = 32
"""Dancers that are told apart in a whole video at most."""

RATES: Final = (24, 25, 30, 50, 60, 120)
"""Frames a second at which phones film."""


class Choice(NamedTuple):
    """How the one dancer who is followed is chosen among several."""

    kind: Literal["middle", "largest", "point"]
    x: float = 0.5
    y: float = 0.5
    """Of a point: parts of the frame's width and height, 0..1 from the top left."""


def choice_of(text: str) -> Choice:
    """Read a choice: `middle`, `largest` or a point `x,y`.

    Raises:
        ValueError: it is none.
    """
    match text.strip():
        case "middle" | "largest" as kind:
            return Choice(kind)
    x, y = map(float, text.split(","))
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError("A point of the picture has parts of its width and height, from 0 to 1.")
    return Choice("point", x, y)


MIRROR: Final = {"auto": None, "yes": True, "no": False}
"""How it is said whether a dancer has learnt something in the mirror; None for what fits."""


@dataclass(frozen=True)
class Comparing:
    """How a dancer is compared with a reference."""

    mirror: bool | None = None
    """Whether the dancer has learnt it in the mirror; None for what fits."""
    start: float = 0.0
    end: float | None = None
    """Seconds of the dancer's video between which it is; None for its end."""
    reference_start: float = 0.0
    reference_end: float | None = None
    """The same of the reference."""


@dataclass(frozen=True)
class Dance:
    """What somebody who dances live wants to be told."""

    poses: Sequence[str] = ()
    """Names, aliases or families of those to look for; all but experiments where there are none, or
    the one that is practised."""
    min_hold: float | None = None
    """Seconds that a static pose is held at least."""
    practise: str | None = None
    """The name of the one to be held."""
    mirror: bool = False
    """Whether left and right are exchanged in the pictures, as in a mirror."""
    pose: str | None = None
    """The text of a pose beside these, as posefile.read reads it."""
    size: Sequence[int] | None = None
    """Width and height of the pictures, in pixels, where landmarks are sent in their place."""


LATEST_FRAME: Final = 1e10
"""The largest time of a live frame, in seconds: since 1970 it is a sixth of that."""


def is_picture(content: bytes) -> bool:
    """Whether bytes begin as a JPEG or WebP file does."""
    return content[:2] == b"\xff\xd8" or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def told_apart(people: int, dancer: object = None) -> int:
    """Tell how many people are told apart in a frame at most.

    Args:
        people: how many were asked for, from 1.
        dancer: how the one who is followed is chosen, if at all: among all there are, where no
            number was asked for.
    """
    return MOST_PEOPLE if people == 1 and dancer is not None else people


@dataclass(frozen=True)
class Limits:
    """What a video may have at most."""

    pixels: int = 3840 * 2160
    """Width times height of a frame."""
    seconds: float = 300.0
    frames: int = 18_000
    people: int = 1
    """Why it may not have more frames: so many people may be told apart in each."""

    def check_size(self, width: int, height: int) -> None:
        """See that frames of a size can be analysed.

        Raises:
            OverLimitError: they can't.
        """
        if width * height > self.pixels:
            raise OverLimitError(
                f"The video's frames are {width} x {height} pixels; at most {self.pixels} pixels "
                "a frame are allowed, so send a smaller version."
            )
        if max(width, height) > LONGEST_SIDE:
            raise OverLimitError(
                f"The video's frames are {width} x {height} pixels; at most {LONGEST_SIDE} pixels "
                "a side can be analysed, so send a smaller version."
            )

    def decoder_options(self, times: int) -> dict[str, str]:
        """Give what has FFmpeg take no memory for frames that are so many times too large."""
        return {"max_pixels": str(min(times * self.pixels + 2**20, MOST_PIXELS))}

    def check_hidden(self, pictures: int) -> None:
        """See that not too much has to be decoded of a video that is never shown.

        Raises:
            OverLimitError: it has.
        """
        if pictures > self.frames:
            raise OverLimitError(
                f"The video is cut so often that more than {self.frames} pictures would be decoded "
                "and not shown; export it anew as one clip."
            )

    def check_length(self, seconds: float, frames: int, *, whole: bool) -> None:
        """See that a video isn't too long.

        Args:
            seconds: that it lasts.
            frames: that it has.
            whole: whether that is all of it, and not what has been seen so far.

        Raises:
            OverLimitError: it is.
        """
        if seconds > self.seconds:
            length = f"is {math.ceil(seconds):,} seconds long" if whole else "goes on"
            raise OverLimitError(
                f"The video {length}; at most {self.seconds:g} seconds are analysed, so send a "
                "shorter part."
            )
        if frames > self.frames:
            # Of a single frame nothing is known of the time.
            seconds = seconds or 1.0
            part = f"{seconds * self.frames / frames:.0f} seconds"
            fitting = [rate for rate in RATES if rate * seconds <= self.frames]
            slower = f", or film at {fitting[-1]} frames a second" if fitting else ""
            count = f"{frames:,} frames" if whole else f"{self.frames:,} frames and more"
            why = f" with up to {self.people} people in each" if self.people > 1 else ""
            raise OverLimitError(
                f"The video has {count}; at most {self.frames:,} are analysed{why}, so send a part "
                f"of {part} at most{slower}."
            )


LOCAL: Final = Limits(seconds=600.0, frames=36_000)
"""What a video may have that is analysed for somebody at the same machine, who waits for it."""
