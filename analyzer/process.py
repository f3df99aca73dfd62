"""The analysis: video -> landmarks -> poses -> result."""

import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import numpy as np

from analyzer.estimation.estimator import LANDMARKS
from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.frames.cuts import Cuts
from analyzer.frames.video import Video
from analyzer.holds import Hold, Timeline
from analyzer.limits import LOCAL, Limits
from analyzer.poses import Pose, trusted
from analyzer.report.advice import Watch
from analyzer.report.analysis import Analysis, Answer, Progress, Timing
from analyzer.report.kept import KeptLandmarks, Landmarks

BATCH: Final = 512
"""Frames that the poses are asked about at once."""

PROGRESS_INTERVAL: Final = 0.25
"""Seconds between two reports of progress, at least."""

PROMPT_INTERVAL: Final = 1.0
"""Seconds after which the poses are asked about where holds are wanted promptly."""


def analyze_dance_video(path: str | Path) -> Answer:
    """Tell which poses are held in a video, and in which frames.

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
    limits: Limits = LOCAL,
    keep_landmarks: bool | IO[bytes] = False,
    advise: bool = False,
    prompt: bool = False,
    threads: Callable[[], int] = lambda: 1,
    landmarker: PoseLandmarker | None = None,
) -> Iterator[Progress | Hold | Analysis]:
    """Analyse a video, telling on the way how far it is and which holds are certain.

    Args:
        video: the video's path, or its file, which stays open.
        poses: the poses to look for; by default all of the catalogue but its experiments.
        min_hold: seconds that a static pose is held at least, where the pose asks for no longer.
        limits: what the video may have at most.
        keep_landmarks: give the landmarks of every frame with the Analysis. They are kept in a
            temporary file, which goes with them, or in the one that is given: empty, open for
            writing and reading, and to be left open.
        advise: find out, for some more work, why little is found where that is so.
        prompt: tell a hold soon after it is certain, for some more work; otherwise it waits until
            BATCH frames are judged together. What is found is the same.
        threads: asked before each frame, how many threads its inference may take.
        landmarker: one that has seen nothing yet, which is closed at the end; one is made by
            default.

    Yields:
        Progress now and then and after the last frame, each Hold as soon as it is certain, and at
        the end the Analysis.

    Raises:
        UndecodableError: the file is no video, or nothing in it decodes.
        OverLimitError: the video is over the limits.
        OSError: the landmarks can't be kept.
    """
    with Video(video, limits) as opened, landmarker or PoseLandmarker() as finder:
        timeline = Timeline(
            trusted() if poses is None else poses,
            width=opened.info.width,
            height=opened.info.height,
            min_hold=min_hold,
        )
        image = np.empty((BATCH, LANDMARKS, 4), np.float32)
        world = np.empty((BATCH, LANDMARKS, 3), np.float32)
        times = np.empty(BATCH)
        cuts = np.empty(BATCH, np.bool_)
        scene = Cuts()
        kept = _kept_in(keep_landmarks)
        total = unjudged = 0
        watch = Watch(opened.info.width, opened.info.height)
        decode = inference = judging = 0.0
        reported = -PROGRESS_INTERVAL
        since = judged = time.perf_counter()

        def judge(*, last: bool = False) -> list[Hold]:
            batch = Landmarks(image[:unjudged], world[:unjudged], times[:unjudged])
            watch.note(batch.image)
            if kept is not None:
                kept.append(batch)
            return timeline.add(*batch, cuts[:unjudged], last=last)

        for frame in opened.frames():
            decoded = time.perf_counter()
            decode += decoded - since
            found = finder.find(frame.pixels, threads())
            since = time.perf_counter()
            inference += since - decoded
            image[unjudged], world[unjudged] = found[0].landmarks if found else (np.nan, np.nan)
            times[unjudged] = frame.time
            cuts[unjudged] = scene.before(frame.pixels)
            unjudged += 1
            total += 1
            if advise:
                watch.see(frame.pixels, frame.time)
            if unjudged == BATCH or (prompt and since - judged >= PROMPT_INTERVAL):
                yield from judge()
                unjudged = 0
                judged = time.perf_counter()
                judging += judged - since
            if since - reported >= PROGRESS_INTERVAL:
                reported = since
                yield Progress(total, opened.info.frames_expected)
            since = time.perf_counter()
        if unjudged:
            yield from judge(last=True)
        yield from timeline.finish()
        yield Progress(total, total)
        judging += time.perf_counter() - since
        yield Analysis(
            video=opened.info,
            total_frames=total,
            undecoded_packets=opened.undecoded_packets,
            frames_with_person=watch.people,
            duration=frame.time + 1 / (opened.info.frame_rate or 30),
            holds=timeline.holds,
            near_misses=timeline.near_misses,
            undecidable=timeline.undecidable,
            advice=watch.advice(finder) if advise and not timeline.holds else [],
            timing=Timing(decode, inference, judging),
            landmarks=kept,
        )


def _kept_in(place: bool | IO[bytes]) -> KeptLandmarks | None:
    """Where landmarks are kept, if anywhere."""
    if not place:
        return None
    if place is not True:
        return KeptLandmarks(place)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it goes with them
    kept = KeptLandmarks(file)
    weakref.finalize(kept, file.close)
    return kept
