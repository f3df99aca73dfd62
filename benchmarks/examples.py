"""Clips with what is held in them and what is not: of the drawn dancer, photos and recordings."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.poses import SideName, catalogue
from benchmarks.accuracy import (
    EDGE,
    NEGATIVES,
    PLAIN,
    VIDEOS,
    YOGA,
    YOGA_RATE,
    YOGA_SIZE,
    YOGA_TRUE,
    exactly,
    films,
    told,
    true_spans,
    unheld,
    yoga_landmarks,
)
from benchmarks.seen import Seen, of_film, of_still, of_video
from benchmarks.stills import LABELS

Flags = npt.NDArray[np.bool_]
Sides = Collection[SideName | None]
Source = Literal["drawn", "still", "recording"]

EITHER: Final[Sides] = ("left", "right", None)


class Example(NamedTuple):
    """A clip of n frames with what is held in it.

    true: of the poses that are held, which sides it can be and (n,) the frames, of which the pose
    is held in one at least, or in all where `throughout`. false: the poses that are not held.
    exact: what a perfect MediaPipe would see.
    """

    name: str
    source: Source
    seen: Seen
    true: Mapping[str, tuple[Sides, Flags]]
    false: Collection[str]
    exact: Seen | None = None
    throughout: bool = True


def drawn(kept: Path | None) -> Iterator[Example]:
    """The films of the drawn dancer."""
    poses = {pose.name: pose for pose in catalogue()}
    for name, yaw, filmed in films(PLAIN, studio=False):
        true: dict[str, tuple[Sides, Flags]] = {}
        spans = true_spans(filmed)
        held = {pose for pose, *_ in spans}
        shown = told(name, yaw, held)
        for pose, side, first, last in spans:
            if pose in shown:
                edge = 0 if poses[pose].movement else EDGE
                since, until = filmed.times[first] + edge, filmed.times[last] - edge
                true[pose] = [side], (filmed.times >= since) & (filmed.times <= until)
        never = unheld(name, held)
        yield Example(name, "drawn", of_film(filmed, kept), true, never, exactly(filmed))


def stills(folder: Path, kept: Path | None) -> Iterator[Example]:
    """Photos of asanas, and of people who don't dance."""
    shown = frozenset[str]().union(*(label.wanted for label in LABELS.values()))
    for name, label in LABELS.items():
        for path in sorted((folder / name).iterdir()):
            seen = of_still(path, kept)
            true = _all(next(iter(label.wanted), None), seen)
            yield Example(name, "still", seen, true, shown - label.wanted | label.excluded)
    every = {pose.name for pose in catalogue()}
    for path in sorted((folder.parent / "images").iterdir()):
        yield Example("images", "still", of_still(path, kept), {}, every)


def recordings(folder: Path, kept: Path | None) -> Iterator[Example]:
    """Recordings of asanas and dances, with their labels."""
    strict = {pose.name for pose in catalogue() if pose.family.startswith("ballet")}
    strict |= {"T-Pose", "Star"} | {name for name, _ in YOGA.values()}
    for path in sorted((folder / "yoga").glob("*/*.csv")):
        label = path.parent.name
        image, world = yoga_landmarks(path)
        seen = Seen(image, world, np.arange(len(image)) / YOGA_RATE, *YOGA_SIZE)
        true = _all(YOGA[label][0] if label in YOGA else None, seen)
        never = {name for name in strict - true.keys() if label not in YOGA_TRUE.get(name, ())}
        yield Example(label, "recording", seen, true, never, throughout=False)
    for video, names, first, last, there in VIDEOS:
        if there and len(names) > 1:
            continue
        seen = of_video(folder / "videos" / video, kept)
        at = slice(first, last + 1)
        part = seen._replace(image=seen.image[at], world=seen.world[at], times=seen.times[at])
        true = _all(next(iter(names)) if there else None, part)
        yield Example(video, "recording", part, true, set(names) - set(true), throughout=False)
    for video in NEGATIVES:
        seen = of_video(folder / "videos" / video, kept)
        yield Example(video, "recording", seen, {}, {pose.name for pose in catalogue()})


def _all(name: str | None, seen: Seen) -> dict[str, tuple[Sides, Flags]]:
    return {name: (EITHER, np.ones(len(seen.times), np.bool_))} if name else {}
