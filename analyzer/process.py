"""The analysis: video -> landmarks -> poses -> result."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.landmarker import LANDMARKS, PoseLandmarker
from analyzer.frames.video import Video, VideoInfo
from analyzer.holds import Hold, NearMiss, Timeline, Undecidable
from analyzer.limits import KEPT_FRAMES, Limits
from analyzer.poses import Pose, catalogue
from analyzer.report.advice import Advice, Watch

BATCH: Final = 512
"""Frames that the poses are asked about at once."""

PROGRESS_INTERVAL: Final = 0.25
"""Seconds between two reports of progress, at least."""

PROMPT_INTERVAL: Final = 1.0
"""Seconds after which the poses are asked about where holds are wanted promptly."""


class Answer(TypedDict):
    """What a caller gets who asks for nothing more."""

    detected_poses: dict[str, list[int]]
    """The frames in which each pose is held, by the pose's name; 0-based, in decoding order."""
    total_frames: int
    """How many frames decode."""


@dataclass(frozen=True)
class Progress:
    """How far an analysis is."""

    frames: int
    frames_expected: int
    """How many the file holds, by its packets; fewer may decode."""


@dataclass(frozen=True)
class Timing:
    """Seconds of wall time that an analysis spent waiting for decoding, in the model, on poses."""

    decode: float
    inference: float
    poses: float


class KeptLandmarks(NamedTuple):
    """The landmarks of every frame, NaN where nobody is found."""

    image: NDArray[np.float32]
    """(n, 33, 4), as in landmarker.Landmarks."""
    world: NDArray[np.float32]
    """(n, 33, 3), as in landmarker.Landmarks."""
    times: NDArray[np.float64]
    """(n,) seconds since the first frame."""

    def copy(self) -> "KeptLandmarks":
        """Give the same in arrays of its own."""
        return KeptLandmarks(self.image.copy(), self.world.copy(), self.times.copy())


@dataclass(frozen=True)
class Analysis:
    """Everything that was found out about a video."""

    video: VideoInfo
    total_frames: int
    undecoded_packets: int
    """How many packets of the file held a picture that could not be decoded."""
    frames_with_person: int
    duration: float
    """Seconds from the first frame to the end of the last."""
    holds: Sequence[Hold]
    near_misses: Sequence[NearMiss]
    undecidable: Sequence[Undecidable]
    advice: Sequence[Advice]
    """Why nothing is held, where it was asked for and there is a reason."""
    timing: Timing
    landmarks: KeptLandmarks
    """Of all frames where they were to be kept, else of none."""

    def answer(self) -> Answer:
        """Give the plain answer."""
        frames: dict[str, set[int]] = {}
        for hold in self.holds:
            frames.setdefault(hold.pose, set()).update(range(hold.first, hold.last + 1))
        return {
            "detected_poses": {name: sorted(frames[name]) for name in sorted(frames)},
            "total_frames": self.total_frames,
        }


def analyze_dance_video(path: str | Path) -> Answer:
    """Tell which poses of the whole catalogue are held in a video, and in which frames.

    Raises:
        UndecodableError: the file is no video, or nothing in it decodes.
        OverLimitError: the video is over the default limits.
    """
    *_, analysis = analyze(path)
    assert isinstance(analysis, Analysis)
    return analysis.answer()


def analyze(
    video: str | Path | IO[bytes],
    *,
    poses: Sequence[Pose] | None = None,
    min_hold: float | None = None,
    limits: Limits | None = None,
    keep_landmarks: bool = False,
    advise: bool = False,
    prompt: bool = False,
    threads: Callable[[], int] = lambda: 1,
    landmarker: PoseLandmarker | None = None,
) -> Iterator[Progress | Hold | Analysis]:
    """Analyse a video, telling on the way how far it is and which holds are certain.

    Args:
        video: the video's path, or its file, which stays open.
        poses: the poses to look for; the whole catalogue by default.
        min_hold: seconds that a static pose is held at least; each pose's own by default.
        limits: what the video may have at most.
        keep_landmarks: give the landmarks of every frame with the Analysis, in memory that grows
            with the video, which may then have KEPT_FRAMES at most.
        advise: find out, for some more work, why little is found where that is so.
        prompt: tell a hold soon after it is certain, for some more work; otherwise it waits until
            BATCH frames are judged together. What is found is the same.
        threads: asked before each frame, how many threads its inference may take.
        landmarker: one that has seen nothing yet, which is closed at the end; one is made by
            default.

    Yields:
        Progress now and then, each Hold as soon as it is certain, and at the end the Analysis.

    Raises:
        UndecodableError: the file is no video, or nothing in it decodes.
        OverLimitError: the video is over the limits.
    """
    limits = limits or Limits()
    if keep_landmarks:
        what = "A video whose landmarks, angles or rendering are asked for"
        limits = replace(limits, frames=min(limits.frames, KEPT_FRAMES), what=what)
    with Video(video, limits) as opened, landmarker or PoseLandmarker() as marker:
        timeline = Timeline(
            catalogue() if poses is None else poses,
            width=opened.info.width,
            height=opened.info.height,
            min_hold=min_hold,
        )
        image = np.empty((BATCH, LANDMARKS, 4), np.float32)
        world = np.empty((BATCH, LANDMARKS, 3), np.float32)
        times = np.empty(BATCH)
        kept = [KeptLandmarks(image[:0], world[:0], times[:0])]
        total = unjudged = 0
        watch = Watch(opened.info.width, opened.info.height)
        decode = inference = judging = 0.0
        reported = -PROGRESS_INTERVAL
        mark = judged = time.perf_counter()
        for frame in opened.frames():
            decoded = time.perf_counter()
            decode += decoded - mark
            found = marker.find(frame.pixels, threads())
            mark = time.perf_counter()
            inference += mark - decoded
            image[unjudged], world[unjudged] = (np.nan, np.nan) if found is None else found
            times[unjudged] = frame.time
            unjudged += 1
            total += 1
            if advise:
                watch.see(frame.pixels, frame.time)
            if unjudged == BATCH or (prompt and mark - judged >= PROMPT_INTERVAL):
                batch = KeptLandmarks(image[:unjudged], world[:unjudged], times[:unjudged])
                yield from timeline.add(*batch)
                watch.note(batch.image)
                judged = time.perf_counter()
                judging += judged - mark
                if keep_landmarks:
                    kept.append(batch.copy())
                unjudged = 0
            if mark - reported >= PROGRESS_INTERVAL:
                reported = mark
                yield Progress(total, opened.info.frames_expected)
            mark = time.perf_counter()
        if unjudged:
            batch = KeptLandmarks(image[:unjudged], world[:unjudged], times[:unjudged])
            yield from timeline.add(*batch, last=True)
            watch.note(batch.image)
            if keep_landmarks:
                kept.append(batch)
        yield from timeline.finish()
        judging += time.perf_counter() - mark
        yield Analysis(
            video=opened.info,
            total_frames=total,
            undecoded_packets=opened.undecoded_packets,
            frames_with_person=watch.people,
            duration=frame.time + 1 / (opened.info.frame_rate or 30),
            holds=timeline.holds,
            near_misses=timeline.near_misses,
            undecidable=timeline.undecidable,
            advice=watch.advice(marker) if advise and not timeline.holds else [],
            timing=Timing(decode, inference, judging),
            landmarks=KeptLandmarks(*map(np.concatenate, zip(*kept, strict=True))),
        )
