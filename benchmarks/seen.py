"""What MediaPipe sees of films, recordings and stills, kept so that rules can be tried at once."""

import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.frames.video import Video
from dancer import drawing, scene
from dancer.film import Film

Picture = npt.NDArray[np.uint8]

STILL_SECONDS: Final = 1.5
STILL_RATE: Final = 30.0
"""A still is a clip of so many seconds, at so many frames a second, in which nothing moves."""


class Seen(NamedTuple):
    """The landmarks of n frames, NaN where nobody is found, as in `analyzer.body.Body`."""

    image: npt.NDArray[np.float32]
    """(n, 33, 4)."""
    world: npt.NDArray[np.float32]
    """(n, 33, 3)."""
    times: npt.NDArray[np.float64]
    """(n,) seconds."""
    width: int
    height: int


def look(pictures: Iterable[tuple[Picture, float]]) -> Seen:
    """What is seen in pictures, (height, width, 3) RGB, each with its time in seconds."""
    image, world, times, size = [], [], [], (0, 0)
    nobody = np.full((33, 4), np.nan, np.float32), np.full((33, 3), np.nan, np.float32)
    with PoseLandmarker() as landmarker:
        for picture, time in pictures:
            size = picture.shape[1], picture.shape[0]
            pixels = np.ascontiguousarray(picture)
            pixels.flags.writeable = False
            people = landmarker.find(pixels)
            in_image, in_space = people[0].landmarks if people else nobody
            image.append(in_image)
            world.append(in_space)
            times.append(time)
    return Seen(np.array(image), np.array(world), np.array(times, np.float64), *size)


def of_film(filmed: Film, kept: Path | None = None) -> Seen:
    """What is seen in a film of the drawn dancer."""
    shown = (filmed.width, filmed.height, filmed.frame_rate, filmed.mirrored)
    drawn = repr((*shown, filmed.camera, filmed.build, filmed.clothes, filmed.scene)).encode()
    drawn += b"".join(points.tobytes() for _, points in sorted(filmed.body.points.items()))
    drawn += b"".join(inspect.getsource(module).encode() for module in (drawing, scene))
    pictures = (picture[..., ::-1] for picture in filmed.frames())
    return kept_or_seen(
        kept, drawn, lambda: look(zip(pictures, filmed.times.tolist(), strict=True))
    )


def of_video(path: Path, kept: Path | None = None) -> Seen:
    """What is seen in a recording."""
    return kept_or_seen(kept, path.read_bytes(), lambda: look(frames(path)))


def of_still(path: Path, kept: Path | None = None) -> Seen:
    """What is seen in a clip of a photo in which nothing moves."""
    return kept_or_seen(kept, b"still" + path.read_bytes(), lambda: look(_still(path)))


def frames(path: Path) -> Iterator[tuple[Picture, float]]:
    """The pictures of a recording, each with its time; valid until the next one is taken."""
    with Video(path) as video:
        for frame in video.frames():
            yield frame.pixels, frame.time


def _still(path: Path) -> Iterator[tuple[Picture, float]]:
    read = cv2.imread(str(path))
    if read is None:
        raise ValueError(f"{path} is no picture that can be read.")
    picture = np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), np.uint8)
    for number in range(round(STILL_SECONDS * STILL_RATE)):
        yield picture, number / STILL_RATE


def kept_or_seen(folder: Path | None, contents: bytes, see: Callable[[], Seen]) -> Seen:
    """What was seen of `contents` before, or else is seen now and kept."""
    if folder is None:
        return see()
    file = folder / f"{hashlib.sha256(contents).hexdigest()[:24]}.npz"
    if file.exists():
        with np.load(file) as arrays:
            width, height = arrays["size"].tolist()
            return Seen(arrays["image"], arrays["world"], arrays["times"], width, height)
    seen = see()
    folder.mkdir(parents=True, exist_ok=True)
    size = np.array([seen.width, seen.height])
    part = file.with_suffix(".part.npz")
    np.savez(part, image=seen.image, world=seen.world, times=seen.times, size=size)
    part.replace(file)
    return seen
