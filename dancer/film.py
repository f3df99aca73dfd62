"""Films of the dancer: from a score to pictures or a video file, with every frame's truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dancer.drawing import Camera, Clothes, Picture
from dancer.figure import (
    LANDMARKS,
    Build,
    Points,
    Side,
    Skeleton,
    clearance,
    skeleton,
    vertical_turn,
)
from dancer.repertoire import REPERTOIRE, STAND, Pose
from dancer.scene import PLAIN, Scene
from dancer.shooting import Model, shoot, write

Plain: TypeAlias = tuple[str, Side | None, float | None]


class Step(NamedTuple):
    """One item of a score: what to do, with which side working, for how many seconds.

    Without seconds, a pose is held for one second and a movement takes its natural time. `turns`
    counts for pirouettes.
    """

    name: str
    side: Side | None = None
    seconds: float | None = None
    turns: int = 1


Slipping: TypeAlias = Literal[
    "left arm", "right arm", "left forearm", "right forearm", "left leg", "right leg"
]


class Slip(NamedTuple):
    """A limb that is raised by so many degrees more than it should be, or less, for a while.

    It is on the way there, and back, for SLIPPING seconds within start to end.
    """

    limb: Slipping
    degrees: float
    start: float
    end: float
    """In seconds."""


SLIPPING: Final = 0.3


class Delay(NamedTuple):
    """By how many seconds the dancer is late for a while, or, negative, early.

    Within DELAYING seconds after start the dancer comes to be so, and after end is in time again.
    """

    seconds: float
    start: float
    end: float
    """In seconds."""


DELAYING: Final = 1.0

BALANCE_SECONDS: Final = 1.0
"""A pose on one leg is also the pose "Balance" if it is held for so long."""

_LANDMARK_INDEX: Final = {name: index for index, name in enumerate(LANDMARKS)}
_MIRROR_IMAGE: Final = [
    _LANDMARK_INDEX[
        name.replace("left_", "right_") if "left_" in name else name.replace("right_", "left_")
    ]
    for name in LANDMARKS
]


@dataclass(frozen=True)
class Film:
    """A dancer filmed: pictures are drawn as they are asked for.

    `times` (n,) are seconds from the start, `truth` holds for every frame the poses that are held
    in it, each with its side (None for a pose without sides); it is empty on the way between poses.
    A jump is true from leaving the floor to landing, a pirouette while it turns, a freeze once it
    is still.
    """

    width: int
    height: int
    frame_rate: float
    mirrored: bool
    times: Points
    truth: list[set[tuple[str, Side | None]]]
    body: Skeleton
    """The joints of every frame in the room: x right and z to the camera, y up from the floor."""
    camera: Camera
    build: Build
    clothes: Clothes
    scene: Scene

    def __len__(self) -> int:
        """The number of frames."""
        return len(self.times)

    def frames(self) -> Iterator[Picture]:
        """Each frame in turn, (height, width, 3), blue, green, red."""
        return shoot(
            [Model(self.body, self.build, self.clothes)],
            camera=self.camera,
            size=(self.width, self.height),
            scene=self.scene,
            wall=self.clothes.background,
            mirrored=self.mirrored,
        )

    def landmarks(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What a perfect MediaPipe Pose would give: image and world landmarks.

        Image landmarks are (n, 33, 4): x and y as shares of the width and the height, z in the
        scale of x with the middle of the hips at 0 and less nearer to the camera, and visibility,
        1 in the picture and 0 outside of it. World landmarks are (n, 33, 3) in metres from the
        middle of the hips: x to the right of the image, y down, z away from the camera.
        """
        seen = self.camera.see(self.body.landmarks())
        hips = seen[:, [_LANDMARK_INDEX["left_hip"], _LANDMARK_INDEX["right_hip"]]].mean(axis=1)
        world = seen - hips[:, None]
        size = np.array([self.width, self.height])
        x, y = np.moveaxis(self.camera.project(seen) / size, -1, 0)
        z = world[..., 2] * self.camera.focal / hips[:, None, 2] / self.width
        if self.mirrored:
            x, world = 1.0 - x, world * np.array([-1.0, 1.0, 1.0])
        visible = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
        image = np.stack([x, y, z, visible], axis=-1)
        if self.mirrored:
            image, world = image[:, _MIRROR_IMAGE], world[:, _MIRROR_IMAGE]
        return image.astype(np.float32), world.astype(np.float32)

    def write(self, path: str | Path) -> None:
        """Write the film as a video file: MPEG-4 for .mp4, Motion JPEG for .avi.

        Raises OSError if the file cannot be written.
        """
        write(path, self.frames(), self.frame_rate, (self.width, self.height))


def film(
    score: Sequence[Step | Plain],
    *,
    width: int = 640,
    height: int = 480,
    frame_rate: float = 30.0,
    yaw: float = 0.0,
    pitch: float = 0.0,
    scale: float = 0.64,
    offset: tuple[float, float] = (0.0, 0.0),
    mirrored: bool = False,
    transition: float = 0.6,
    rest: float | None = 0.4,
    build: Build = Build(),  # noqa: B008 - frozen
    clothes: Clothes = Clothes(),  # noqa: B008 - frozen
    scene: Scene = PLAIN,
    slips: Sequence[Slip] = (),
    tempo: float = 1.0,
    delays: Sequence[Delay] = (),
) -> Film:
    """Film a score: (name in the repertoire, side or None, seconds held) one after the other.

    The dancer stands neutrally for `rest` seconds before, between and after the poses, and takes
    `transition` seconds from the stand into a pose or back. With `rest` None there is no stand: the
    film begins and ends in a pose, and one passes straight into the next.

    `yaw` is how far the dancer is turned to the own left (90 faces the right edge of the picture,
    180 shows the back), `pitch` how far the camera is raised to look down, both in degrees. `scale`
    is the standing height as a share of the shorter edge of the picture, `offset` moves the dancer
    by shares of the width to the right and of the height down. A mirrored film is the mirror image,
    as from a selfie camera: its truth and landmarks have left and right exchanged. `scene` is what
    the pictures have besides the dancer; truth and landmarks know nothing of it. `slips` are what
    the dancer does wrong, of which the truth knows nothing, and the landmarks do. With a `tempo` of
    2 all goes twice as fast; `delays`, like slips, are in seconds of the film.

    Raises ValueError if the repertoire has no such pose, or the side does not fit it.
    """
    plan = _schedule(score, transition, rest)
    late = sum(delay.seconds for delay in delays if delay.end == np.inf)
    end = plan.times[-1] / tempo + late
    times = np.arange(0.0, end - 0.5 / frame_rate, 1.0 / frame_rate)
    instants = np.clip(_delayed(times, delays) * tempo, 0.0, plan.times[-1])
    body = _staged(plan, times, instants, yaw, build, slips)
    truth: list[set[tuple[str, Side | None]]] = [set() for _ in instants]
    for pose, side, start, end in plan.shown:
        held = {
            (name, _seen_side(of, mirrored) if REPERTOIRE[name].sides else None)
            for name, of in _held(pose, side, end - start)
        }
        for frame in np.flatnonzero((instants >= start - 1e-6) & (instants <= end + 1e-6)):
            truth[frame] |= held
    pixels = scale * min(width, height) / build.standing_height
    camera = Camera.framing(
        pixels,
        (width * (0.5 + offset[0]), height * (0.5 + offset[1])),
        build.standing_height,
        pitch,
    )
    if scene.flowing:
        clothes = replace(clothes, flowing=True)
    return Film(
        width, height, frame_rate, mirrored, times, truth, body, camera, build, clothes, scene
    )


def _delayed(times: Points, delays: Sequence[Delay]) -> Points:
    """For when (n,) what the dancer does at times (n,) was meant."""
    meant = times.copy()
    for seconds, start, end in delays:
        meant -= np.clip((times - start) / DELAYING, 0.0, 1.0) * seconds
        meant += np.clip((times - end) / DELAYING, 0.0, 1.0) * seconds
    return meant


def _held(pose: Pose, side: Side | None, seconds: float) -> list[tuple[str, Side | None]]:
    """The pose and what is struck with it, with their sides; a balance has to last."""
    also = [name for name in pose.also if name != "Balance" or seconds >= BALANCE_SECONDS]
    opposite = [(name, _other(side)) for name in pose.also_opposite]
    return [*((name, side) for name in (pose.name, *also)), *opposite]


def _other(side: Side | None) -> Side | None:
    return None if side is None else "right" if side == "left" else "left"


def _seen_side(side: Side | None, mirrored: bool) -> Side | None:
    return _other(side) if mirrored else side


@dataclass(frozen=True)
class _Schedule:
    """What the dancer passes when."""

    times: Points
    """(m,) seconds."""
    postures: Points
    """(m, 30), as in `Posture.coordinates`."""
    places: Points
    """(m, 2): degrees turned to the left, metres come to the front."""
    shown: list[tuple[Pose, Side | None, float, float]]
    """Poses with their sides, from when to when."""
    homecomings: list[tuple[float, float]]
    """From when to when the dancer goes back into a stand."""


def _schedule(score: Sequence[Step | Plain], transition: float, rest: float | None) -> _Schedule:
    stand = STAND.coordinates()
    passed: list[tuple[float, Points, tuple[float, float]]] = []
    shown, homecomings = [], []
    now, turned = 0.0, 0.0
    if rest is not None:
        passed = [(0.0, stand, (0.0, 0.0)), (rest, stand, (0.0, 0.0))]
        now = rest + transition
    for item in score:
        step = Step(*item)
        pose = _known(step)
        keys = pose.perform(step.turns)
        if step.side == "right":
            keys = tuple(key.mirrored() for key in keys)
        natural = sum(key.seconds for key in keys)
        seconds = natural if step.seconds is None else step.seconds
        instants = []
        for key in keys:
            now += key.seconds * seconds / natural
            instants.append(now)
            passed.append((now, key.posture.coordinates(), (turned + key.turn, key.travel)))
        shown.append((pose, step.side, instants[pose.first], instants[pose.last]))
        turned += keys[-1].turn
        if rest is not None:
            homecomings.append((now, now + transition))
            now += transition
            passed += [(now, stand, (turned, 0.0)), (now + rest, stand, (turned, 0.0))]
            now += rest
        now += transition
    passed = [passed[0], *(b for a, b in pairwise(passed) if b[0] > a[0])]
    times, postures, places = (np.array(column) for column in zip(*passed, strict=True))
    return _Schedule(times, postures, places, shown, homecomings)


def _known(step: Step) -> Pose:
    if step.name not in REPERTOIRE:
        raise ValueError(f"the repertoire has no {step.name!r}; it has {', '.join(REPERTOIRE)}")
    pose = REPERTOIRE[step.name]
    if pose.sides != (step.side is not None):
        wanted = "'left' or 'right'" if pose.sides else "no side"
        raise ValueError(f"{step.name} takes {wanted}, not {step.side!r}")
    return pose


def interpolate(instants: Points, times: Points, keys: Points) -> Points:
    """Values (n, k) at instants on the way through keys (m, k), smooth and without overshoot.

    Monotone cubic interpolation (Fritsch and Butland): where keys repeat it stands still.
    """
    steps = np.diff(times)[:, None]
    slopes = np.diff(keys, axis=0) / steps
    before, after = slopes[:-1], slopes[1:]
    through = before * after > 0
    harmonic = 2 * before * after / np.where(through, before + after, 1.0)
    tangents = np.zeros_like(keys)
    tangents[1:-1] = np.where(through, harmonic, 0.0)
    index = np.clip(np.searchsorted(times, instants, side="right") - 1, 0, len(steps) - 1)
    share = ((instants - times[index]) / steps[index, 0])[:, None]
    rise = share * share * (3 - 2 * share)
    return np.asarray(
        keys[index] * (1 - rise)
        + keys[index + 1] * rise
        + steps[index] * tangents[index] * share * (1 - share) ** 2
        - steps[index] * tangents[index + 1] * share**2 * (1 - share)
    )


_BONES: Final = {
    "left arm": (0, 2),
    "right arm": (1, 3),
    "left forearm": (2,),
    "right forearm": (3,),
    "left leg": (4, 6, 8),
    "right leg": (5, 7, 9),
}
"""Which of the bones in `Posture.coordinates` a limb is made of."""


def _slipped(coordinates: Points, times: Points, slips: Sequence[Slip]) -> Points:
    """The postures (n, 30) at times (n,) with what slips."""
    slipped = coordinates.copy()
    for limb, by, start, end in slips:
        share = np.interp(
            times, [start, start + SLIPPING, end - SLIPPING, end], [0.0, 1.0, 1.0, 0.0]
        )
        for bone in _BONES[limb]:
            swing = slipped[:, 9 + 2 * bone : 11 + 2 * bone]
            raised = np.maximum(np.linalg.norm(swing, axis=1), 1e-6)
            swing *= (np.maximum(raised + by * share, 0.0) / raised)[:, None]
    return slipped


def _staged(
    plan: _Schedule,
    times: Points,
    instants: Points,
    yaw: float,
    build: Build,
    slips: Sequence[Slip],
) -> Skeleton:
    """The body in the room at times (n,), for which instants (n,) of the plan were meant.

    It is on the floor and has no sliding foot.

    The body moves so that the toes of the foot that carries it stay where they are; coming back to
    a stand, it comes back to where it first stood.
    """
    coordinates = _slipped(interpolate(instants, plan.times, plan.postures), times, slips)
    turned, travelled = interpolate(instants, plan.times, plan.places).T
    body = skeleton(coordinates, build)
    turn = vertical_turn(np.radians(turned + yaw))
    points = {name: np.einsum("nij,nj->ni", turn, point) for name, point in body.points.items()}
    toes = np.stack([points["left_foot_index"], points["right_foot_index"]], axis=1)[..., [0, 2]]
    interval = np.searchsorted(plan.times, instants, side="right") - 1
    support = _support(plan.postures, build)[np.clip(interval, 0, len(plan.times) - 2)]
    steps = -(support[1:, :, None] * np.diff(toes, axis=0)).sum(axis=1)
    home = -toes[0].mean(axis=0)
    path = np.concatenate([home[None], home + np.cumsum(steps, axis=0)])
    for start, end in plan.homecomings:
        share = np.clip((instants - start) / (end - start), 0.0, 1.0)[:, None]
        there = min(np.searchsorted(instants, end - 1e-6), len(instants) - 1)
        path += share * (home - path[there])
    front = np.array([np.sin(np.radians(yaw)), np.cos(np.radians(yaw))])
    path += travelled[:, None] * front
    height = coordinates[:, -1] - clearance(body, build)
    root = np.stack([path[:, 0], height, path[:, 1]], axis=1)
    return Skeleton({name: point + root for name, point in points.items()}, turn @ body.head)


def _support(keys: Points, build: Build) -> Points:
    """How far the left and the right foot carry the body on the way between keys, (m - 1, 2).

    A foot that leaves the floor or arrives on it carries nothing on the way; in the air none does.
    """
    body = skeleton(keys, build)
    low = clearance(body, build)
    lifted = keys[:, -1] > 0
    toes = [body.points[f"{side}_foot_index"][:, 1] - low for side in ("left", "right")]
    carries = np.array(toes).T < 0.05
    both = carries[:-1] & carries[1:]
    feet = np.where(both.any(axis=1, keepdims=True), both, True)
    on_floor = ~(lifted[:-1] | lifted[1:])[:, None]
    return np.asarray(on_floor * feet / feet.sum(axis=1, keepdims=True))
