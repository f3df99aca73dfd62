"""From bodies in the room to pictures: the nearer hide the farther, and what moves is blurred."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from dancer.drawing import SHADES, Camera, Clothes, Colour, Picture, Shades, Shape, figure, paint
from dancer.figure import Build, Points, Skeleton
from dancer.scene import Scene, Stage

_STEP: Final = 4.0
"""How many pixels what moves is blurred by from one drawing to the next."""

_MOST_STEPS: Final = 4


@dataclass(frozen=True)
class Model:
    """Somebody before the camera: the joints of every frame in the room, and the looks."""

    body: Skeleton
    build: Build
    clothes: Clothes


class View:
    """One model as a camera sees it."""

    def __init__(self, model: Model, camera: Camera) -> None:
        self._model, self._camera = model, camera
        self._names = list(model.body.points)
        self._heads = camera.axes @ model.body.head
        points = np.stack([model.body.points[name] for name in self._names], axis=1)
        self._seen = camera.see(points)

    def __len__(self) -> int:
        """The number of frames."""
        return len(self._seen)

    def pixels(self, instant: float) -> Points:
        """Where all joints are in the picture, (k, 2), at an instant in frames."""
        return self._camera.project(_between(self._seen, instant))

    def distance(self, instant: float) -> float:
        """Metres from the camera to the waist, along its axis, at an instant in frames."""
        return float(_between(self._seen, instant)[self._names.index("waist"), 2])

    def shapes(self, instant: float, shades: Shades = SHADES) -> Iterator[Shape]:
        """What the model is drawn from at an instant in frames, the farthest first."""
        points = dict(zip(self._names, _between(self._seen, instant), strict=True))
        head = _between(self._heads, instant)
        return figure(
            points,
            head if instant == int(instant) else _upright(head),
            camera=self._camera,
            build=self._model.build,
            clothes=self._model.clothes,
            shades=shades,
        )

    def outlines(self, instant: float) -> Iterator[Shape]:
        """The same in flat colours: quicker, and with the same silhouette."""
        return self.shapes(instant, shades=((1.0, 1.0),))


def shoot(
    models: Sequence[Model],
    *,
    camera: Camera,
    size: tuple[int, int],
    scene: Scene,
    wall: Colour,
    mirrored: bool,
) -> Iterator[Picture]:
    """Each frame in turn, (height, width, 3), blue, green, red, for a `size` of (width, height)."""
    stage = Stage(scene, camera, size, wall)
    views = [View(model, camera) for model in models]
    for frame in range(len(views[0])):
        empty = stage.empty(
            ({name: at[frame] for name, at in model.body.points.items()}, model.build)
            for model in models
        )
        picture = empty.copy()
        for taken, instant in enumerate(_instants(views, frame, scene.shutter)):
            drawn = empty.copy()
            for view in farthest_first(views, instant):
                paint(drawn, view.shapes(instant))
            cv2.addWeighted(picture, taken / (taken + 1), drawn, 1 / (taken + 1), 0, picture)
        picture = stage.taken(picture, frame)
        yield np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture


def farthest_first(views: Sequence[View], instant: float) -> list[View]:
    """The views in the order in which they are painted."""
    return sorted(views, key=lambda view: -view.distance(instant))


def write(
    path: str | Path, pictures: Iterable[Picture], frame_rate: float, size: tuple[int, int]
) -> None:
    """Write pictures of (width, height) as a video file: MPEG-4 for .mp4, Motion JPEG for .avi.

    Raises OSError if the file cannot be written.
    """
    codec = "MJPG" if Path(path).suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), frame_rate, size)
    if not writer.isOpened():
        raise OSError(f"cannot write a video to {path}")
    for picture in pictures:
        writer.write(picture)
    writer.release()


def _instants(views: Sequence[View], frame: int, shutter: float) -> Points:
    """When the models are drawn for a frame, in frames: more than once where one moves."""
    reach = shutter / 2
    ends = np.clip([frame - reach, frame + reach], 0, len(views[0]) - 1)
    moved = max(
        float(np.linalg.norm(view.pixels(ends[1]) - view.pixels(ends[0]), axis=-1).max())
        for view in views
    )
    count = min(1 + round(moved / _STEP), _MOST_STEPS)
    return np.linspace(ends[0], ends[1], count) if count > 1 else np.array([float(frame)])


def _between(values: Points, instant: float) -> Points:
    """What lies between the frames (n, ...) at an instant, in frames."""
    before = int(instant)
    share = instant - before
    if not share:
        return np.asarray(values[before])
    return np.asarray((1 - share) * values[before] + share * values[before + 1])


def _upright(rotation: Points) -> Points:
    """The rotation (3, 3) next to a mixture of two."""
    left, _, right = np.linalg.svd(rotation)
    return np.asarray(left @ right)
