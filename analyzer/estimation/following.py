"""One person followed from frame to frame: where to look, what is there, where to look next.

The steps, constants and floats of MediaPipe's pose_landmark_cpu graph, in numpy.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.engine import CROP_SIZE, HEATMAP_SIZE, Engine
from analyzer.estimation.estimator import LANDMARKS, Floats, Landmarks
from analyzer.estimation.region import Region, sigmoid, turned
from analyzer.estimation.smoothing import LowPass, OneEuro

THERE: Final = 0.5
"""How sure the model has to be that somebody is there."""

REACH: Final = 4
"""Cells of the heatmap on each side of a point that are looked at: as far as MediaPipe's own goes,
to which its graph gives a kernel size of 7."""

CONFIDENT: Final = 0.5
"""What the best cell has to reach for the heatmap to count."""

VISIBILITY: Final = 0.1
"""Share of a new visibility in the smoothed one."""

_AROUND: Final = np.arange(-REACH, REACH + 1)


class Found(NamedTuple):
    """What is in a region, not smoothed."""

    places: Floats
    """(35, 3): x and y as parts of the frame's width and height, z on the scale of x. The
    landmarks, then the middle of the hips and a point on the circle around the body."""
    visibility: Floats
    """(33,), from 0 to 1."""
    world: Floats
    """(33, 3) metres, as Landmarks.world."""


def look(
    engine: Engine, pixels: NDArray[np.uint8], region: Region, threads: int = 1
) -> Found | None:
    """Give what is in a region of a frame, (height, width, 3) RGB; None where nobody is."""
    raw = engine.landmarks(region.seen(pixels, CROP_SIZE), threads)
    if raw.presence <= THERE:
        return None
    points = raw.points[: LANDMARKS + 2]
    within = points[:, :3] / np.float32(CROP_SIZE)
    within[:, :2] = _refined(within[:, :2], raw.heatmap)
    world = raw.world[:LANDMARKS].copy()
    world[:, :2] = turned(world[:, :2], region.turn)
    places = region.to_frame(within, (pixels.shape[1], pixels.shape[0]))
    return Found(places, sigmoid(points[:LANDMARKS, 3]), world)


class Following:
    """Keeps to one person: looks where the landmarks before say, and smooths what is there.

    Who is lost and found again is smoothed anew in the picture, but goes on in visibility and in
    space: so MediaPipe's graph has it.
    """

    def __init__(self, region: Region) -> None:
        """Begin with where the person is."""
        self._visibility = LowPass()
        self._world = OneEuro(0.1, 40.0)
        self._frames = 1
        self.begin(region)

    def begin(self, region: Region) -> None:
        """Look at a region, not where the last landmarks were."""
        self.region = region
        self._image = OneEuro(0.05, 80.0)
        self._aim = OneEuro(0.01, 10.0)

    def miss(self) -> None:
        """Let a frame go by in which the person isn't seen."""
        self._frames += 1

    def take(self, found: Found, size: tuple[int, int]) -> Landmarks:
        """Take what was found in the region, aim at what comes next, and give it smoothed.

        Args:
            found: what is there.
            size: width and height of the frame, in pixels.
        """
        scale = np.array([size[0], size[1], size[0]], np.float32)
        per_size = _per_size(found.places[LANDMARKS:, :2], scale)
        places = found.places * scale
        aim = self._aim.next(places[LANDMARKS:], per_size) / scale
        self.region = Region.around(aim[:, :2], size)
        image = np.empty((LANDMARKS, 4), np.float32)
        image[:, :3] = self._image.next(places[:LANDMARKS], per_size) / scale
        image[:, 3] = self._visibility.next(found.visibility, VISIBILITY)
        world = self._world.next(found.world, frames=self._frames)
        self._frames = 1
        return Landmarks(image, world)


def _per_size(points: Floats, scale: Floats) -> float:
    """One over the diameter of the circle around a body, in pixels."""
    middle, top = points * scale[:2]
    across, down = top - middle
    long = np.float32(2.0 * np.sqrt(across * across + down * down))
    width, height = long / scale[:2] * scale[:2]
    return float(np.float32(1) / ((width + height) / np.float32(2)))


def _refined(points: Floats, heatmap: Floats) -> Floats:
    """Points (n, 2), parts of the crop, moved to where the heatmap around them says they are."""
    cells = np.trunc(points * HEATMAP_SIZE).astype(int)
    inside = ((cells >= 0) & (cells < HEATMAP_SIZE)).all(axis=1)
    across, down = cells[:, :1] + _AROUND, cells[:, 1:] + _AROUND
    columns, rows = (np.clip(each, 0, HEATMAP_SIZE - 1) for each in (across, down))
    numbers = np.arange(len(points))[:, None, None]
    sure = sigmoid(heatmap[rows[:, :, None], columns[:, None, :], numbers])
    sure *= (rows == down)[:, :, None] & (columns == across)[:, None, :]
    counts = inside & (sure.max(axis=(1, 2)) >= CONFIDENT)
    total = _summed(sure)
    x = _summed(sure * columns[:, None, :].astype(np.float32))
    y = _summed(sure * rows[:, :, None].astype(np.float32))
    means = np.stack([x, y], axis=1)[counts] / np.float32(HEATMAP_SIZE) / total[counts, None]
    refined = points.copy()
    refined[counts] = means
    return refined


def _summed(values: Floats) -> Floats:
    """The sums (n,) of values (n, rows, columns), one after the other as MediaPipe adds them."""
    return np.asarray(np.add.accumulate(values.reshape(len(values), -1), axis=1)[:, -1])
