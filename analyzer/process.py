"""The analysis: video -> landmarks -> poses -> result."""

import tempfile
import time
import weakref
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Final

import numpy as np

from analyzer.body import Crowd
from analyzer.errors import VideoError
from analyzer.estimation.engine import Engine
from analyzer.estimation.estimator import Estimator, Person
from analyzer.estimation.landmarker import PoseLandmarker
from analyzer.estimation.people import People
from analyzer.estimation.pipeline import Pipeline
from analyzer.frames.cuts import Cuts
from analyzer.frames.video import Video
from analyzer.holds import Hold, Timelines
from analyzer.limits import LOCAL, Choice, Limits, told_apart
from analyzer.music import RATE as SOUND_RATE
from analyzer.music import Beats, beats_of, loudness
from analyzer.poses import Pose, trusted
from analyzer.report.advice import Watch
from analyzer.report.analysis import Analysis, Answer, NoBeats, Progress, Timing
from analyzer.report.attendance import Attendance
from analyzer.report.comparison import WHOLE, Compared, Window, compared
from analyzer.report.kept import KeptLandmarks
from analyzer.report.performance import Performance, performance_in, performance_of

USUAL_RATE: Final = 30.0
"""Frames a second of a video that doesn't say how many it has."""

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
    people: int = 1,
    dancer: Choice | None = None,
    keep_landmarks: bool | IO[bytes] = False,
    advise: bool = False,
    hear: bool = False,
    prompt: bool = False,
    threads: Callable[[], int] = lambda: 1,
    landmarker: PoseLandmarker | None = None,
    engine: Engine | None = None,
) -> Iterator[Progress | Hold | Analysis]:
    """Analyse a video, telling on the way how far it is and which holds are certain.

    Args:
        video: the video's path, or its file, which stays open.
        poses: the poses to look for; by default all of the catalogue but its experiments.
        min_hold: seconds that a static pose is held at least, where the pose asks for no longer.
        limits: what the video may have at most.
        people: how many dancers are told apart in a frame and followed, up to limits.MOST_PEOPLE;
            of one alone nobody asks who it is.
        dancer: which one of them alone is followed, if so; among limits.MOST_PEOPLE where `people`
            is 1.
        keep_landmarks: give the landmarks of every frame with the Analysis. They are kept in a
            temporary file, which goes with them, or in the one that is given: empty, open for
            writing and reading, and to be left open.
        advise: find out, for some more work, what is wrong with the picture where something is.
        hear: find the beats of the sound, too.
        prompt: tell a hold soon after it is certain, for some more work; otherwise it waits until
            BATCH frames are judged together. What is found is the same.
        threads: asked before each frame, how many threads its inference may take.
        landmarker: one that has seen nothing yet, which is closed at the end; one is made by
            default where it is needed.
        engine: likewise, for several people or threads, or where there is no landmarker; it needs
            no closing.

    Yields:
        Progress now and then and after the last frame, each Hold as soon as it is certain, and at
        the end the Analysis.

    Raises:
        UndecodableError: the file is no video, or nothing in it decodes.
        OverLimitError: the video is over the limits.
        OSError: the landmarks can't be kept.
    """
    apart = people > 1 or dancer is not None
    most = told_apart(people, dancer)
    with ExitStack() as stack:
        opened = stack.enter_context(Video(video, limits))
        info = opened.info
        rate = info.frame_rate or USUAL_RATE
        finder: Estimator
        ours = apart or threads() > 1 or (landmarker is None and engine is not None)
        if landmarker or advise or not ours:
            finder = landmarker = stack.enter_context(landmarker or PoseLandmarker())
        if apart:
            finder = People(most, dancer, frame_rate=rate, engine=engine)
        elif ours:
            # The same landmarks; with several threads it takes a fifth less time, with one as long.
            finder = Pipeline(engine)
        room = 1 if dancer else most
        timelines = Timelines(
            trusted() if poses is None else poses,
            width=info.width,
            height=info.height,
            min_hold=min_hold,
            numbered=apart,
        )
        watch = Watch(info.width, info.height)
        noted = _Noted(timelines, watch, _kept_in(keep_landmarks, room), room)
        scene = Cuts()
        decode = inference = judging = 0.0
        reported = -PROGRESS_INTERVAL
        since = judged = time.perf_counter()
        for frame in opened.frames():
            decoded = time.perf_counter()
            decode += decoded - since
            found = finder.find(frame.pixels, threads())
            since = time.perf_counter()
            inference += since - decoded
            noted.note(frame.time, found, cut=scene.before(frame.pixels))
            if advise:
                watch.see(frame.pixels, frame.time)
            if noted.unjudged == BATCH or (prompt and since - judged >= PROMPT_INTERVAL):
                yield from noted.judge()
                judged = time.perf_counter()
                judging += judged - since
            if since - reported >= PROGRESS_INTERVAL:
                reported = since
                yield Progress(noted.total, info.frames_expected)
            since = time.perf_counter()
        yield from noted.judge(last=True)
        yield from timelines.finish()
        judging += time.perf_counter() - since
        holds, duration = timelines.holds, frame.time + 1 / rate
        music = (yield from _heard(opened, duration, noted.total)) if hear else None
        yield Progress(noted.total, noted.total)
        undecidable = timelines.undecidable
        dancers = noted.attendance.ended(noted.total, duration, awaited=dancer is not None)
        yield Analysis(
            video=info,
            total_frames=noted.total,
            undecoded_packets=opened.undecoded_packets,
            frames_with_person=watch.people,
            duration=duration,
            holds=holds,
            near_misses=timelines.near_misses,
            undecidable=undecidable,
            advice=watch.advice(landmarker, held=bool(holds), undecidable=undecidable)
            if landmarker and advise
            else [],
            timing=Timing(decode, inference, judging),
            landmarks=noted.kept,
            dancers=dancers if apart else None,
            chosen=dancer is not None,
            music=music,
        )


def compare(
    dancer: str | Path | IO[bytes],
    reference: str | Path | IO[bytes],
    *,
    mirror: bool | None = None,
    window: Window = WHOLE,
    reference_window: Window = WHOLE,
    poses: Sequence[Pose] | None = None,
    min_hold: float | None = None,
    limits: Limits = LOCAL,
    keep_landmarks: tuple[IO[bytes], IO[bytes]] | None = None,
    prompt: bool = False,
    threads: Callable[[], int] = lambda: 1,
    engine: Engine | None = None,
) -> Iterator[Progress | Hold | Compared]:
    """Compare a dancer with a reference.

    Args:
        dancer: the dancer's video, as for `analyze`.
        reference: likewise; or the answer to an earlier analysis of it, with its landmarks.
        mirror: whether the dancer has learnt it in the mirror, facing who showed it; by default
            what fits.
        window, reference_window: the part of each that is compared.
        poses, min_hold, prompt, threads, engine: as for `analyze`.
        limits: likewise, of each of the two.
        keep_landmarks: files to keep the landmarks of the dancer and of the reference in; by
            default temporary ones.

    Yields:
        Progress over both, first the reference, each Hold of the dancer as soon as it is certain,
        and at the end what was Compared.

    Raises:
        UndecodableError, OverLimitError, OSError: as for `analyze`, of either.
    """
    engine = engine or Engine()
    own, theirs = keep_landmarks or (True, True)
    looked_for = trusted() if poses is None else poses
    look = partial(
        analyze,
        poses=looked_for,
        min_hold=min_hold,
        limits=limits,
        threads=threads,
        engine=engine,
    )
    read = partial(performance_in, poses=looked_for, min_hold=min_hold, limits=limits)
    with Video(dancer, limits) as opened:
        expected = opened.info.frames_expected
    try:
        shown, done = yield from _performance(reference, theirs, look, read, expected)
    except VideoError as error:
        text = str(error)
        raise type(error)(f"The reference: {text[:1].lower()}{text[1:]}") from error
    for each in look(dancer, keep_landmarks=own, prompt=prompt):
        match each:
            case Progress():
                yield Progress(done + each.frames, done + each.frames_expected)
            case Hold():
                yield each
            case Analysis():
                yield compared(
                    performance_of(each),
                    shown,
                    mirror=mirror,
                    window=window,
                    reference_window=reference_window,
                )


def _performance(
    reference: str | Path | IO[bytes],
    landmarks: bool | IO[bytes],
    look: Callable[..., Iterator[Progress | Hold | Analysis]],
    read: Callable[..., Performance],
    further: int,
) -> Generator[Progress, None, tuple[Performance, int]]:
    """What the reference dances, and how many frames of it were analysed; `further` are to come."""
    if _is_answer(reference):
        kept = _kept_in(landmarks, 1)
        assert kept is not None
        with _opened(reference) as answer:
            return read(answer, kept), 0
    for each in look(reference, keep_landmarks=landmarks):
        match each:
            case Progress():
                yield Progress(each.frames, each.frames_expected + further)
            case Analysis():
                analysis = each
    return performance_of(analysis), analysis.total_frames


@contextmanager
def _opened(file: str | Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """A file, open for reading from its beginning."""
    if isinstance(file, str | Path):
        with Path(file).open("rb") as opened:
            yield opened
    else:
        file.seek(0)
        yield file


def _is_answer(file: str | Path | IO[bytes]) -> bool:
    """Whether a file holds an answer, and no video: JSON, which begins with a brace."""
    with _opened(file) as opened:
        return opened.read(64).lstrip()[:1] == b"{"


class _Noted:
    """What is noted of the frames of a video, of which up to BATCH are judged together."""

    def __init__(
        self, timelines: Timelines, watch: Watch, kept: KeptLandmarks | None, people: int
    ) -> None:
        self.total = 0
        self.unjudged = 0
        self.attendance = Attendance()
        self.kept = kept
        self._timelines = timelines
        self._watch = watch
        self._crowd = Crowd.empty(BATCH, people)
        self._cuts = np.empty(BATCH, np.bool_)

    def note(self, seconds: float, found: Sequence[Person], *, cut: bool) -> None:
        """Note who is found in the next frame, and whether the picture was cut before it."""
        self._crowd.put(self.unjudged, seconds, found)
        self._cuts[self.unjudged] = cut
        self.attendance.see(self.total, seconds, [person.identity for person in found])
        self.unjudged += 1
        self.total += 1

    def judge(self, *, last: bool = False) -> list[Hold]:
        """Judge the frames that aren't yet; the holds that have become certain."""
        if not self.unjudged:
            return []
        batch = self._crowd.first(self.unjudged)
        self._watch.note(batch.image)
        if self.kept is not None:
            self.kept.append(batch)
        found = self._timelines.add(batch, self._cuts[: self.unjudged], last=last)
        self.unjudged = 0
        return found


def _heard(video: Video, length: float, frames: int) -> Generator[Progress, None, Beats | NoBeats]:
    """Find the beats of the sound of a video whose frames have been read, telling on the way.

    Args:
        video: which lasts `length` seconds and has so many frames.
    """
    sound = video.sound(SOUND_RATE, length)
    if sound is None:
        return NoBeats.NO_SOUND
    levels = []
    reported = time.perf_counter()
    for piece in loudness(sound):
        levels.append(piece)
        if time.perf_counter() - reported >= PROGRESS_INTERVAL:
            reported = time.perf_counter()
            yield Progress(frames, video.info.frames_expected)
    if not levels:
        return NoBeats.UNREADABLE
    return beats_of(np.concatenate(levels)) or NoBeats.NO_CLEAR_BEAT


def _kept_in(place: bool | IO[bytes], people: int) -> KeptLandmarks | None:
    """Where landmarks are kept, if anywhere."""
    if not place:
        return None
    if place is not True:
        return KeptLandmarks(place, people)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it goes with them
    kept = KeptLandmarks(file, people)
    weakref.finalize(kept, file.close)
    return kept
