"""A pose as somebody shows it in a video: what is held at a time is measured, and made a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from analyzer.body import SECONDS_AFTER, SECONDS_BEFORE, Body, Floats, Landmark, Quantity
from analyzer.errors import NotShownError
from analyzer.posefile import (
    ANY,
    FAMILY,
    QUANTITIES,
    TOLERANCE,
    Bounds,
    Lesson,
    PoseFile,
    margin,
    read,
)
from analyzer.poses import VIEWS, View
from analyzer.poses.taught import quantities
from analyzer.process import analyze
from analyzer.report.analysis import Analysis, Progress
from analyzer.report.kept import KeptLandmarks

STILL: Final = 1.2
"""Up to how fast the fastest joint of a pose that is held moves, in torso lengths a second."""

HELD: Final = 0.12
"""How many seconds a pose is held at least to be taught."""

AROUND: Final = 0.25
"""How many seconds before and after the time that is named count, as far as it is held."""

SEEN: Final = 0.5
"""The visibility from which on a joint is seen well enough to be taught."""

TOUCHES: Final = 0.4
"""Up to how far apart, in torso lengths, two places are that touch."""

CONTACTS: Final = frozenset(("wrist_to_hip", "wrist_to_nose", "foot_to_hand", "toes_to_other_leg"))
"""Distances that tell something only where there is none."""

DIRECTIONS: Final = frozenset(("thigh_direction", "leg_direction"))
"""Where a leg leads, seen from above: only a raised leg leads anywhere."""

RAISED: Final = 0.5
"""What share of its length a raised leg, or thigh, leads away from the vertical at least."""

BEND_SHOWS: Final = 45.0
"""From how many degrees out of the front or back view on a bend to the front shows, and up to how
many one to a side."""

MOVING: Final = tuple(Landmark(i) for i in (*range(13, 17), *range(25, 29)))
"""The joints that are watched for stillness: elbows, wrists, knees, ankles."""

ARMS: Final = tuple(Landmark(i) for i in range(13, 17))
"""Elbows and wrists."""

HALF_A_TRUNK: Final = 0.25
"""How far aside of the middle of the trunk, in torso lengths, something is hidden behind it."""

STEPS: Final = 7
"""At how many headings, evenly over half a view, is looked at what the view does to a quantity."""

SIZE: Final = 1000
METRE: Final = 0.2
"""The side of a picture in pixels, and which part of it a metre takes, as far as that matters."""

Half = tuple[str, str]
"""A quantity, and whose it is: body, left or right."""


@dataclass(frozen=True)
class Seen:
    """A quantity that is seen of an example, in its unit.

    value: the median while it is held. spread: by how much it changes with the heading within the
    views of the pose. told: whether it says something about the pose.
    """

    value: float
    spread: float
    told: bool


@dataclass(frozen=True)
class Example:
    """What is seen of one example, from which of posefile.VIEWS."""

    quantities: Mapping[Half, Seen]
    views: tuple[View, ...]


def teach(
    video: str | Path | IO[bytes],
    lesson: Lesson,
    *,
    keep_landmarks: bool | IO[bytes] = True,
    **settings: Any,
) -> Iterator[Progress | PoseFile]:
    """Make a pose of what a dancer holds in a video, telling on the way how far it is.

    Args:
        video: the video's path, or its file, which stays open.
        lesson: when the pose is held, what it is called, and what it is added to, if so.
        keep_landmarks: where they are kept meanwhile, as in `analyze`.
        settings: limits, threads, landmarker and engine, as in `analyze`.

    Yields:
        Progress now and then, and at the end the pose; posefile.written gives its text.

    Raises:
        NotShownError: at one of the times nobody is there, or holds anything.
        VideoError: the video can't be analysed, as `analyze` says.
        OSError: the landmarks can't be kept.
    """
    for each in analyze(video, poses=(), keep_landmarks=keep_landmarks, **settings):
        match each:
            case Progress():
                yield each
            case Analysis():
                tolerance = _tolerance(lesson)
                examples = [
                    example(_around(each, at), at, lesson.view, tolerance) for at in lesson.at
                ]
                yield made(examples, lesson)


def _tolerance(lesson: Lesson) -> float:
    """The tolerance of a lesson, in degrees: as is asked for, or that of the file, or the usual."""
    if lesson.tolerance is not None:
        return lesson.tolerance
    return TOLERANCE if lesson.pose is None else read(lesson.pose).tolerance


def _around(analysis: Analysis, at: float) -> Body:
    """The body around a time, in seconds."""
    if at >= analysis.duration:
        raise NotShownError(
            f"The video is {analysis.duration:.1f} seconds long, and has nothing at {at:g}; name a "
            "time within it."
        )
    landmarks: KeptLandmarks = analysis.alone
    times = np.concatenate([piece.times for piece in landmarks.pieces()])
    first = max(int(np.searchsorted(times, at - SECONDS_BEFORE)) - 1, 0)
    last = int(np.searchsorted(times, at + SECONDS_AFTER)) + 1
    return Body(*landmarks[first:last], analysis.video.width, analysis.video.height)


def example(
    body: Body, at: float, view: str | None = None, tolerance: float = TOLERANCE
) -> Example:
    """Measure what a body holds at a time.

    Args:
        body: in all frames that say something about it.
        at: seconds, as the body's times.
        view: from where the pose can be told, one of VIEWS or ANY; as it is seen by default.
        tolerance: in degrees.

    Raises:
        NotShownError: nobody is seen then, or the dancer moves.
    """
    frames = _held(body, at)
    facing = float(np.median(body.turned_to_profile.value[frames]))
    views = _views(facing, view)
    least, most = min(VIEWS[each][0] for each in views), max(VIEWS[each][1] for each in views)
    turned = _turned(body, frames, least, most)
    behind = _behind_the_trunk(turned)
    seen: dict[Half, Seen] = {}
    for name, kind in QUANTITIES.items():
        for of in ("body",) if kind.of_body else ("left", "right"):
            (here,) = quantities(body, None, name, of)
            (elsewhere,) = quantities(turned, None, name, of)
            value = float(np.median(here.value[frames]))
            hidden = np.median(body.visibility(here.joints)[frames]) < SEEN
            if hidden or behind & set(here.joints) or not np.isfinite(value):
                continue
            spread = float(np.ptp(elsewhere.value))
            told = spread <= 2 * margin(name, tolerance, 1)
            told &= _tells(body, name, here, value, facing, frames)
            seen[name, of] = Seen(value, spread, told)
    return Example(seen, views)


def made(examples: Sequence[Example], lesson: Lesson) -> PoseFile:
    """Make the file of a pose from what is seen of examples, or add that to the lesson's."""
    pose = None if lesson.pose is None else read(lesson.pose)
    for each in examples:
        pose = _begun(each, lesson) if pose is None else _added(pose, each, lesson)
    assert pose is not None
    return pose


def _held(body: Body, at: float) -> slice:
    """The frames around a time in which something is held."""
    frame = int(np.abs(body.times - at).argmin())
    if not body.present[frame]:
        raise NotShownError(
            f"Nobody is seen at {at:g} seconds of the video; name a time at which the dancer holds "
            "the pose."
        )
    with np.errstate(invalid="ignore"):
        still = body.present & (body.speed_in_space(MOVING).value <= STILL)
    still &= np.abs(body.times - body.times[frame]) <= AROUND
    others = np.flatnonzero(~still)
    first = int(others[others <= frame].max(initial=-1)) + 1
    last = int(others[others >= frame].min(initial=len(still))) - 1
    if first > last or body.times[last] - body.times[first] < HELD:
        raise NotShownError(
            f"The dancer moves at {at:g} seconds of the video; name a time at which the pose is "
            f"held still, for {2 * AROUND:g} seconds at best."
        )
    return slice(first, last + 1)


def _views(facing: float, view: str | None) -> tuple[View, ...]:
    """From where a pose can be told: as is asked for, or else the views that it is seen from."""
    if view is not None:
        return tuple(name for name in VIEWS if view in (name, ANY))
    return tuple(name for name, (low, high) in VIEWS.items() if low <= facing <= high)


def _turned(body: Body, frames: slice, least: float, most: float) -> Body:
    """The body as it is held, as it would look from all over a view, from far away.

    That is turned by `least` to `most` degrees to either side, for the other side of a pose is seen
    from the other side.
    """
    world: Floats = np.median(body.metres[:, :, frames], axis=2)
    across = body.across[frames]
    own = np.angle(np.median(across.real) + 1j * np.median(across.imag))
    # The back view is one as the front view is.
    front = np.pi * (np.abs(own) > np.pi / 2)
    steps = np.radians(np.linspace(least, most, STEPS))
    headings = front + np.concatenate([steps, -steps])
    ground = (world[:, 0] + 1j * world[:, 2]) * np.exp(1j * (headings - own))[:, None]
    places = np.stack([ground.real, np.broadcast_to(world[:, 1], ground.shape), ground.imag], -1)
    image = np.ones((*ground.shape, 4), np.float32)
    image[..., :3] = 0.5 + METRE * places
    # A second apart, so that none says anything about another.
    times = np.arange(len(headings), dtype=np.float64)
    return Body(image, places.astype(np.float32), times, SIZE, SIZE)


def _behind_the_trunk(body: Body) -> set[Landmark]:
    """The joints of the arms that the trunk hides in a frame: in profile the far arm that hangs."""
    trunk = body.middle_of_shoulders - body.middle_of_hips
    shoulders, hips = body.metres[[11, 12], 2].mean(axis=0), body.metres[[23, 24], 2].mean(axis=0)
    hidden = set()
    for joint in ARMS:
        place = (body.point(joint) - body.middle_of_hips) / trunk
        along = np.clip(place.real, 0, 1)
        aside = np.abs(place - along) * np.abs(trunk)
        depth = body.world(joint)[2] - hips - along * (shoulders - hips)
        if ((aside < HALF_A_TRUNK) & (depth > 0)).any():
            hidden.add(joint)
    return hidden


def _tells(
    body: Body, name: str, quantity: Quantity, value: float, facing: float, frames: slice
) -> bool:
    """Whether a quantity says something about the pose of an example."""
    if name in CONTACTS:
        return value <= TOUCHES
    if name in DIRECTIONS:
        return _leads_away(body, quantity, frames) >= RAISED
    if name == "forward_bend":
        return facing >= BEND_SHOWS
    if name == "side_bend":
        return facing <= BEND_SHOWS
    return True


def _leads_away(body: Body, quantity: Quantity, frames: slice) -> float:
    """What share of its length a leg, or its thigh, leads away from the vertical."""
    hip, end = quantity.joints
    line = body.world(end) - body.world(hip)
    share = np.hypot(line[0], line[2]) / np.sqrt((line**2).sum(axis=0))
    return float(np.median(share[frames]))


def _begun(seen: Example, lesson: Lesson) -> PoseFile:
    """A pose of its first example."""
    tolerance = _tolerance(lesson)
    alike = _alike(seen, tolerance)
    sided = lesson.sides in ("left", "right") or (lesson.sides is None and not alike)
    halves = ["side", "other"] if sided else ["both"] if alike else ["left", "right"]
    conditions = []
    for name, kind in QUANTITIES.items():
        for of in ["body"] if kind.of_body else halves[:1] if kind.opposite else halves:
            values = _values(seen, name, of, lesson)
            if values:
                least, most = min(values), max(values)
                conditions.append(_bounds(name, of, (least, most), tolerance, 1))
    return PoseFile(
        name=lesson.name or "",
        family=lesson.family or FAMILY,
        views=seen.views,
        sided=sided,
        tolerance=tolerance,
        examples=1,
        conditions=tuple(conditions),
    )


def _added(pose: PoseFile, seen: Example, lesson: Lesson) -> PoseFile:
    """A pose with one more example; what that can't tell is no longer asked for."""
    tolerance = pose.tolerance if lesson.tolerance is None else lesson.tolerance
    count = pose.examples + 1
    conditions = []
    for each in pose.conditions:
        values = _values(seen, each.quantity, each.of, lesson)
        if values:
            extremes = min(*each.seen, *values), max(*each.seen, *values)
            conditions.append(_bounds(each.quantity, each.of, extremes, tolerance, count))
    if not conditions:
        raise NotShownError(
            "The example has nothing in common with those that the pose was taught from; "
            "teach it as a pose of its own."
        )
    return replace(
        pose,
        name=lesson.name or pose.name,
        family=lesson.family or pose.family,
        views=tuple(view for view in VIEWS if view in (*pose.views, *seen.views)),
        tolerance=tolerance,
        examples=count,
        conditions=tuple(conditions),
    )


def _values(seen: Example, name: str, of: str, lesson: Lesson) -> list[float]:
    """What an example has of a quantity, of one half or of both; nothing where one isn't told."""
    side = lesson.sides if lesson.sides in ("left", "right") else _acting(seen)
    other = "right" if side == "left" else "left"
    halves = {"side": (side,), "other": (other,), "both": ("left", "right")}.get(of, (of,))
    found = [seen.quantities.get((name, half)) for half in halves]
    values = [each.value for each in found if each is not None and each.told]
    return values if len(values) == len(halves) else []


def _bounds(
    name: str, of: str, seen: tuple[float, float], tolerance: float, examples: int
) -> Bounds:
    room = margin(name, tolerance, examples)
    digits = 1 if QUANTITIES[name].reach is None else 2
    least, most = (round(value, digits) for value in seen)
    return Bounds(
        name, of, (least, most), (round(least - room, digits), round(most + room, digits))
    )


def _alike(seen: Example, tolerance: float) -> bool:
    """Whether left and right of an example are alike, as far as is tolerated and the view tells."""
    for (name, of), left in seen.quantities.items():
        right = seen.quantities.get((name, "right"))
        told = right is not None and left.told and right.told
        if of != "left" or right is None or (name in DIRECTIONS and not told):
            continue
        least = margin(name, tolerance, 1)
        if not told:
            least += max(left.spread, right.spread)
        if abs(left.value - right.value) > least:
            return False
    return True


def _acting(seen: Example) -> str:
    """The side that acts: that of the leg that is raised more, or else of the arm."""
    for name, least in (("thigh_raised", 10.0), ("ankle_above_other", 0.2), ("arm_raised", 0.0)):
        left, right = (seen.quantities.get((name, of)) for of in ("left", "right"))
        if left is not None and right is not None and abs(left.value - right.value) >= least:
            return "left" if left.value > right.value else "right"
    return "left"
