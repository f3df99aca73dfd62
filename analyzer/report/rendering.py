"""The video with what was found drawn into it, to look at: skeleton, poses and a timeline.

H.264 in an MP4 that browsers play. The dancer's left side is drawn in blue and the right in orange;
joints that are off in a near miss are red; poses are named while they hold, and a strip below shows
the holds of the whole clip with the moment that is seen. Where several dancers are followed, each
has one colour, and a number at the head that stands before the names of its poses too.
"""

import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import IO, Final

import av
import numpy as np
from numpy.typing import NDArray

from analyzer.body import Crowd, Landmark
from analyzer.frames.opencv import cv2
from analyzer.frames.video import Video
from analyzer.holds import Hold
from analyzer.limits import MOST_PIXELS, Limits
from analyzer.report.analysis import Analysis

ANALYSED: Final = Limits(pixels=MOST_PIXELS, seconds=float("inf"), frames=sys.maxsize)
"""Limits of a video that has been analysed within its own."""

LONGEST_EDGE: Final = 1280
"""Pixels of the rendered picture's longer edge at most."""

TIME_BASE: Final = Fraction(1, 90_000)
"""Seconds of a tick of the rendered video's clock."""

CRF: Final = 23
"""Quality of the encoding: x264's default."""

SEEN: Final = 0.5
"""Visibility below which a landmark is not drawn."""

LEFT: Final = (0, 160, 255)
RIGHT: Final = (255, 140, 0)
MIDDLE: Final = (235, 235, 235)
OFF: Final = (255, 40, 40)
STRIP: Final = (25, 25, 30)
BLACK: Final = (0, 0, 0)
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

Colour = tuple[int, int, int]

BONES: Final = (
    *((11, 12), (23, 24), (11, 23), (12, 24)),
    *((11, 13), (13, 15), (15, 19), (12, 14), (14, 16), (16, 20)),
    *((23, 25), (25, 27), (27, 29), (29, 31), (27, 31)),
    *((24, 26), (26, 28), (28, 30), (30, 32), (28, 32)),
    *((7, 0), (0, 8)),
)
"""Pairs of landmarks that are joined by a line."""

Picture = NDArray[np.uint8]


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
    # The encoder takes even sizes only.
    width, height = (max(2, round(edge * scale / 2) * 2) for edge in (info.width, info.height))
    off = _joints_off(analysis)
    names = sorted({hold.pose for hold in analysis.holds})
    colours = {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(names)}
    strip = _strip(analysis, colours, width)
    target = str(out) if isinstance(out, Path) else out
    with (
        Video(video, ANALYSED) as source,
        av.open(target, "w", format="mp4", options={"movflags": "frag_keyframe+empty_moov"}) as to,
    ):
        stream = to.add_stream("libx264", options={"crf": str(CRF), "preset": "veryfast"})
        stream.width, stream.height = width, height + strip.shape[0]
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        stream.time_base = stream.codec_context.time_base = TIME_BASE
        seen = (people for crowd in analysis.landmarks.crowds() for people in _each_frame(crowd))
        for number, (people, frame) in enumerate(zip(seen, source.frames(), strict=False)):
            picture = np.asarray(
                cv2.resize(frame.pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8
            )
            for dancer, marks in people:
                whose = None if analysis.dancers is None else dancer
                wrong = off.get((number, whose), set())
                if analysis.apart is None:
                    _draw_skeleton(picture, marks, wrong)
                else:
                    colour = DANCERS[(dancer - 1) % len(DANCERS)]
                    _draw_skeleton(picture, marks, wrong, colour)
                    _draw_number(picture, marks, dancer, colour)
            held = [hold for hold in analysis.holds if hold.first <= number <= hold.last]
            _draw_names(picture, held, colours, numbered=analysis.apart is not None)
            shown = av.VideoFrame.from_ndarray(
                np.vstack([picture, _with_cursor(strip, number, analysis.total_frames)]), "rgb24"
            )
            shown.pts = round(frame.time / TIME_BASE)
            shown.time_base = TIME_BASE
            to.mux(stream.encode(shown))
            yield number + 1
        to.mux(stream.encode(None))
    if not isinstance(out, Path):
        # Whoever is told that the video is there may read it at once, through another file.
        out.flush()


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


def _draw_skeleton(
    picture: Picture, marks: NDArray[np.float32], off: set[Landmark], own: Colour | None = None
) -> None:
    """Draw a dancer, in a colour of its own if there is one."""
    height, width = picture.shape[:2]
    points = np.round(marks[:, :2] * (width, height)).astype(int).tolist()
    thick = max(1, round(min(width, height) / 160))
    for first, last in BONES:
        if min(marks[first, 3], marks[last, 3]) >= SEEN:
            colour = MIDDLE if (first % 2) != (last % 2) else LEFT if first % 2 else RIGHT
            cv2.line(picture, points[first], points[last], own or colour, thick, cv2.LINE_AA)
    for joint in range(11, 33):
        if marks[joint, 3] >= SEEN:
            wrong = Landmark(joint) in off
            colour = OFF if wrong else own or (LEFT if joint % 2 else RIGHT)
            radius = thick * (3 if wrong else 2)
            cv2.circle(picture, points[joint], radius, colour, -1, cv2.LINE_AA)


def _draw_number(picture: Picture, marks: NDArray[np.float32], number: int, colour: Colour) -> None:
    """Write the number of a dancer above the head."""
    height, width = picture.shape[:2]
    head = marks[:11, :2] * (width, height)
    size = _letters(picture)
    across, down = head[:, 0].mean() - 9 * size, head[:, 1].min() - 24 * size
    _write(picture, str(number), (round(across), max(round(down), round(24 * size))), colour)


def _draw_names(
    picture: Picture, held: Sequence[Hold], colours: dict[str, Colour], *, numbered: bool
) -> None:
    size = _letters(picture)
    line = round(34 * size)
    for row, hold in enumerate(held):
        text = hold.pose if hold.side is None else f"{hold.pose} ({hold.side})"
        if numbered:
            text = f"{hold.dancer} {text}"
        _write(picture, text, (round(12 * size), line * (row + 1)), colours[hold.pose])


def _letters(picture: Picture) -> float:
    """How large letters are in a picture, in those of OpenCV."""
    return max(0.4, min(picture.shape[:2]) / 600)


def _write(picture: Picture, text: str, place: tuple[int, int], colour: Colour) -> None:
    """Write a text from a place on, in pixels from the left and to its foot from the top."""
    size = _letters(picture)
    thick = max(1, round(2 * size))
    for ink, width in ((BLACK, 3 * thick + 1), (colour, thick)):
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, ink, width, cv2.LINE_AA)


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


def _with_cursor(strip: Picture, number: int, total: int) -> Picture:
    shown = strip.copy()
    place = number * strip.shape[1] // total
    shown[:, place : place + 2] = 255
    return shown
