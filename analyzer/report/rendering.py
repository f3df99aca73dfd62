"""The video with what was found drawn into it, to look at: skeleton, poses and a timeline.

H.264 in an MP4 that browsers play. The dancer's left side is drawn in blue and the right in orange;
joints that are off in a near miss are red; poses are named while they hold, and a strip below shows
the holds of the whole clip with the moment that is seen. Where several dancers are followed, each
has one colour, and a number at the head that stands before the names of its poses too.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from analyzer.body import Crowd, Landmark
from analyzer.frames.opencv import cv2
from analyzer.frames.video import Video
from analyzer.holds import Hold
from analyzer.limits import MOST_PIXELS, Limits
from analyzer.report.analysis import Analysis
from analyzer.report.drawing import (
    STRIP,
    Colour,
    Picture,
    draw_skeleton,
    letters,
    with_cursor,
    write,
)
from analyzer.report.encoding import LONGEST_EDGE, encoding, scaled

ANALYSED: Final = Limits(pixels=MOST_PIXELS, seconds=float("inf"), frames=sys.maxsize)
"""Limits of a video that has been analysed within its own."""

COLOURS: Final = (
    (0, 200, 120),
    (250, 200, 0),
    (180, 110, 255),
    (0, 190, 230),
    (255, 120, 160),
    (160, 210, 60),
)

DANCERS: Final = (
    (0, 160, 255),
    (255, 140, 0),
    (0, 200, 120),
    (250, 220, 0),
    (200, 120, 255),
    (0, 220, 220),
    (255, 150, 190),
    (170, 220, 80),
)
"""Of the dancers 1, 2, ... and so on from the first again."""


def render(
    video: str | Path | IO[bytes], analysis: Analysis, out: Path | IO[bytes]
) -> Iterator[int]:
    """Write the annotated video.

    Args:
        video: the file that was analysed, or its path.
        analysis: what was found in it, with its landmarks kept.
        out: the file to write.

    Yields:
        How many frames are drawn, after each.

    Raises:
        OSError: the file can't be written.
    """
    assert analysis.landmarks is not None
    info = analysis.video
    scale = min(1.0, LONGEST_EDGE / max(info.width, info.height))
    width, height = scaled(info.width, info.height, scale)
    off = _joints_off(analysis)
    names = sorted({hold.pose for hold in analysis.holds})
    colours = {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(names)}
    strip = _strip(analysis, colours, width)
    with (
        Video(video, ANALYSED) as source,
        encoding(out, width, height + strip.shape[0]) as take,
    ):
        seen = (people for crowd in analysis.landmarks.crowds() for people in _each_frame(crowd))
        for number, (people, frame) in enumerate(zip(seen, source.frames(), strict=False)):
            picture = np.asarray(
                cv2.resize(frame.pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8
            )
            for dancer, marks in people:
                whose = None if analysis.dancers is None else dancer
                wrong = off.get((number, whose), set())
                if analysis.apart is None:
                    draw_skeleton(picture, marks, wrong)
                else:
                    colour = DANCERS[(dancer - 1) % len(DANCERS)]
                    draw_skeleton(picture, marks, wrong, colour)
                    _draw_number(picture, marks, dancer, colour)
            held = [hold for hold in analysis.holds if hold.first <= number <= hold.last]
            _draw_names(picture, held, colours, numbered=analysis.apart is not None)
            shown = np.vstack([picture, with_cursor(strip, number, analysis.total_frames)])
            take(shown, frame.time)
            yield number + 1


def _each_frame(crowd: Crowd) -> Iterator[list[tuple[int, NDArray[np.float32]]]]:
    """The people in each frame, by their identities, with (33, 4) landmarks."""
    for identities, image in zip(crowd.identities.tolist(), crowd.image, strict=True):
        yield [each for each in zip(identities, image, strict=True) if each[0]]


def _joints_off(analysis: Analysis) -> dict[tuple[int, int | None], set[Landmark]]:
    """The joints that are off in each frame of a near miss, and of which dancer."""
    off: dict[tuple[int, int | None], set[Landmark]] = {}
    for miss in analysis.near_misses:
        joints = {Landmark[name.upper()] for wrong in miss.off for name in wrong.joints}
        for frame in range(miss.first, miss.last + 1):
            off.setdefault((frame, miss.dancer), set()).update(joints)
    return off


def _draw_number(picture: Picture, marks: NDArray[np.float32], number: int, colour: Colour) -> None:
    """Write the number of a dancer above the head."""
    height, width = picture.shape[:2]
    head = marks[:11, :2] * (width, height)
    size = letters(picture)
    across, down = head[:, 0].mean() - 9 * size, head[:, 1].min() - 24 * size
    write(picture, str(number), (round(across), max(round(down), round(24 * size))), colour)


def _draw_names(
    picture: Picture, held: Sequence[Hold], colours: dict[str, Colour], *, numbered: bool
) -> None:
    size = letters(picture)
    line = round(34 * size)
    for row, hold in enumerate(held):
        text = hold.pose if hold.side is None else f"{hold.pose} ({hold.side})"
        if numbered:
            text = f"{hold.dancer} {text}"
        write(picture, text, (round(12 * size), line * (row + 1)), colours[hold.pose])


def _strip(analysis: Analysis, colours: dict[str, Colour], width: int) -> Picture:
    """The timeline of the clip: a row a pose, its holds in the pose's colour."""
    row = 8
    strip = np.full((row * max(1, len(colours)) + 8, width, 3), STRIP, np.uint8)
    rows = {name: 4 + row * index for index, name in enumerate(colours)}
    for hold in analysis.holds:
        first, last = (
            edge * width // analysis.total_frames for edge in (hold.first, hold.last + 1)
        )
        top = rows[hold.pose]
        strip[top + 1 : top + row - 1, first : max(last, first + 1)] = colours[hold.pose]
    return strip
