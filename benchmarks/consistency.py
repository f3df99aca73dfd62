"""Whether what is found stays when a video is changed: python -m benchmarks.consistency VIDEO ...

It needs no labels: the holds of a clip are held against those of the same clip encoded again,
mirrored, smaller and so on. What the rules lose of themselves is told apart from what they lose
because MediaPipe sees something else: the change is also made to the landmarks of the clip.
"""

import argparse
import hashlib
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

import av
import cv2
import numpy as np
import numpy.typing as npt

from analyzer.body import Body, Landmark
from analyzer.frames.video import Video
from analyzer.poses import SideName, catalogue
from benchmarks.common import table
from benchmarks.seen import Picture, Seen, frames, kept_or_seen, look, of_video
from benchmarks.watching import watch

Times = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

SUFFIXES: Final = {".mp4", ".mov", ".avi", ".gif", ".webm", ".mkv"}
MOST_FRAMES: Final = 450

SAME: Final = 0.3
"""The intersection over union, in seconds, from which on two holds are the same."""

TRIMMED: Final = 0.5
"""Seconds that are cut off at the start."""

LIMBS: Final = (*range(11, 17), *range(23, 29))
"""The landmarks whose places are compared: shoulders to wrists, hips to ankles."""

BAR: Final = 0.25
"""The height of a black bar beside that of the picture."""

DARKNESS: Final = 0.4
"""What is left of the brightness of a pixel, as it is encoded."""

NEARLY_LOSSLESS: Final = 12
HARD: Final = 30
"""Qualities of H.264 (CRF)."""

TICK: Final = Fraction(1, 90_000)
"""Seconds by which the times of frames are counted in files."""

VERSION: Final = 1
"""To be raised where a change makes other pictures, so that none seen before are taken for them."""

MIRRORED: Final = [
    Landmark[
        landmark.name.replace("LEFT", "RIGHT")
        if "LEFT" in landmark.name
        else landmark.name.replace("RIGHT", "LEFT")
    ]
    for landmark in Landmark
]
"""The landmark that each becomes in the mirror."""

OTHER_SIDE: Final[Mapping[SideName | None, SideName | None]] = {
    "left": "right",
    "right": "left",
    None: None,
}


class Held(NamedTuple):
    """A hold, from start to end in seconds."""

    pose: str
    side: SideName | None
    start: float
    end: float


@dataclass(frozen=True)
class Change:
    """A change of a clip: what becomes of its pictures, and of its landmarks if they are exact.

    picture: of (height, width, 3) RGB. chosen: the numbers of the frames that stay, by their times.
    landmarks: of the frames that stay; None where pictures keep their geometry.
    """

    name: str
    picture: Callable[[Picture], Picture] = np.asarray
    chosen: Callable[[Times], Indices] | None = None
    landmarks: Callable[[Seen], Seen] | None = None
    quality: int = NEARLY_LOSSLESS
    mirrors: bool = False

    @property
    def tells_of_rules(self) -> bool:
        """Whether exact landmarks are others after it."""
        return self.chosen is not None or self.landmarks is not None

    def frames(self, times: Times) -> Indices:
        """The numbers of the frames that stay."""
        return np.arange(len(times)) if self.chosen is None else self.chosen(times)

    def exact(self, seen: Seen) -> Seen:
        """What would be seen if MediaPipe saw the same in the changed clip."""
        at = self.frames(seen.times)
        times = seen.times[at] - seen.times[at[0]]
        stays = seen._replace(image=seen.image[at], world=seen.world[at], times=times)
        return stays if self.landmarks is None else self.landmarks(stays)


def _mirrored(seen: Seen) -> Seen:
    image, world = seen.image[:, MIRRORED], seen.world[:, MIRRORED]
    image[..., 0] = 1 - image[..., 0]
    world[..., 0] = -world[..., 0]
    return seen._replace(image=image, world=world)


def _half(size: int) -> int:
    """Half of a number of pixels, even as H.264 wants it."""
    return size // 4 * 2


def _letterboxed(seen: Seen) -> Seen:
    bar = _bar(seen.height)
    image, height = seen.image.copy(), seen.height + 2 * bar
    image[..., 1] = (image[..., 1] * seen.height + bar) / height
    return seen._replace(image=image, height=height)


def _bar(height: int) -> int:
    return round(height * BAR)


def _small(picture: Picture) -> Picture:
    size = _half(picture.shape[1]), _half(picture.shape[0])
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _with_bars(picture: Picture) -> Picture:
    bar = _bar(picture.shape[0])
    return np.pad(picture, ((bar, bar), (0, 0), (0, 0)))


CHANGES: Final = (
    Change("encoded again"),
    Change(
        "mirrored",
        picture=lambda picture: picture[:, ::-1],
        landmarks=_mirrored,
        mirrors=True,
    ),
    Change(
        "half size",
        picture=_small,
        landmarks=lambda seen: seen._replace(width=_half(seen.width), height=_half(seen.height)),
    ),
    Change("compressed hard", quality=HARD),
    Change("half the frame rate", chosen=lambda times: np.arange(0, len(times), 2)),
    Change("trimmed", chosen=lambda times: np.flatnonzero(times >= min(TRIMMED, times[-1]))),
    Change("letterboxed", picture=_with_bars, landmarks=_letterboxed),
    Change("darkened", picture=lambda picture: (picture * DARKNESS).astype(np.uint8)),
)


def write(pictures: Iterable[tuple[Picture, float]], path: Path, quality: int) -> None:
    """Write RGB pictures with their times as H.264; the same file each time."""
    with av.open(path, "w") as container:
        stream = container.add_stream(
            "libx264", options={"crf": str(quality), "preset": "veryfast"}
        )
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TICK
        stream.codec_context.thread_count = 1
        for picture, time in pictures:
            # H.264 in 4:2:0 has even sizes.
            height, width = (size // 2 * 2 for size in picture.shape[:2])
            if not stream.codec_context.is_open:
                stream.width, stream.height = width, height
            frame = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(picture[:height, :width]), format="rgb24"
            )
            frame.pts, frame.time_base = round(time / TICK), TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def of_changed(path: Path, seen: Seen, change: Change, kept: Path | None) -> Seen:
    """What is seen in a recording after a change; `seen` is what is seen in it before."""

    def see() -> Seen:
        stay = set(change.frames(seen.times).tolist())
        pictures = (
            (change.picture(picture), time)
            for number, (picture, time) in enumerate(frames(path))
            if number in stay
        )
        with tempfile.TemporaryDirectory() as folder:
            changed = Path(folder) / "changed.mp4"
            write(pictures, changed, change.quality)
            return look(frames(changed))

    original = hashlib.sha256(path.read_bytes()).digest()
    return kept_or_seen(kept, original + f"{change.name} {VERSION}".encode(), see)


def holds(seen: Seen) -> list[Held]:
    """What is held in what was seen."""
    return [Held(hold.pose, hold.side, hold.start, hold.end) for hold in watch(seen).holds]


def moved(changed: Seen, exact: Seen) -> npt.NDArray[np.float32]:
    """(n, k) how far off the exact places limbs and trunk are seen, in torso lengths."""
    size = np.array([exact.width, exact.height], np.float32)
    off = (changed.image[:, LIMBS, :2] - exact.image[:, LIMBS, :2]) * size
    torso = Body(exact.image, exact.world, exact.times, exact.width, exact.height).torso_pixels
    return np.asarray(np.linalg.norm(off, axis=2) / torso[:, None], np.float32)


class Tally(NamedTuple):
    """Of how many holds how many survive, forward and back."""

    before: int = 0
    after: int = 0
    forward: int = 0
    back: int = 0

    def with_another(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(*(mine + its for mine, its in zip(self, other, strict=True)))

    def shares(self) -> tuple[str, str, str]:
        """Forward, back, and of both together."""
        both = self.forward + self.back, self.before + self.after
        return (
            _share(self.forward, self.before),
            _share(self.back, self.after),
            _share(*both),
        )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


def survivors(
    original: Sequence[Held], changed: Sequence[Held], begin: float, *, mirrored: bool
) -> dict[str, Tally]:
    """What survives of each pose, in a clip that begins `begin` seconds later."""
    after = [
        Held(
            hold.pose,
            OTHER_SIDE[hold.side] if mirrored else hold.side,
            hold.start + begin,
            hold.end + begin,
        )
        for hold in changed
    ]
    # Of what is cut at its start the rest may be too short.
    whole = [hold for hold in original if hold.start >= begin]
    cut = [hold._replace(start=max(hold.start, begin)) for hold in original if hold.end > begin]
    tallies: dict[str, Tally] = defaultdict(Tally)
    for hold in whole:
        one = Tally(before=1, forward=any(_same(hold, other) for other in after))
        tallies[hold.pose] = tallies[hold.pose].with_another(one)
    for hold in after:
        one = Tally(after=1, back=any(_same(hold, other) for other in cut))
        tallies[hold.pose] = tallies[hold.pose].with_another(one)
    return tallies


def _same(one: Held, other: Held) -> bool:
    if (one.pose, one.side) != (other.pose, other.side):
        return False
    both = min(one.end, other.end) - max(one.start, other.start)
    either = max(one.end, other.end) - min(one.start, other.start)
    return both >= SAME * either


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    together = Tally()
    for tally in tallies:
        together = together.with_another(tally)
    return together


def clips(paths: Iterable[Path]) -> Iterator[Path]:
    """The videos among paths and in folders that are short enough."""
    for path in paths:
        for each in sorted(path.iterdir()) if path.is_dir() else [path]:
            if each.suffix.lower() in SUFFIXES:
                with Video(each) as video:
                    short = video.info.frames_expected <= MOST_FRAMES
                if short:
                    yield each


def main(arguments: Iterable[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("videos", type=Path, nargs="+", help="videos, or folders of them")
    parser.add_argument("--kept", type=Path, help="folder in which landmarks are kept")
    options = parser.parse_args(None if arguments is None else list(arguments))
    kept: Path | None = options.kept
    seen = {path: of_video(path, kept) for path in clips(options.videos)}
    held = {path: holds(each) for path, each in seen.items()}
    seen = {path: each for path, each in seen.items() if held[path]}
    by_pose: dict[str, Mapping[str, Tally]] = {}
    rows = []
    for change in CHANGES:
        tallies: dict[str, Tally] = defaultdict(Tally)
        rules: dict[str, Tally] = defaultdict(Tally)
        off = []
        for path, original in seen.items():
            exact, changed = change.exact(original), of_changed(path, original, change, kept)
            begin = float(original.times[change.frames(original.times)[0]])
            for found, sums in ((changed, tallies), (exact, rules)):
                after = holds(found)
                for pose, tally in survivors(
                    held[path], after, begin, mirrored=change.mirrors
                ).items():
                    sums[pose] = sums[pose].with_another(tally)
            off.append(moved(changed, exact).ravel())
        by_pose[change.name] = tallies
        count = total(tallies.values())
        alone = total(rules.values()).shares() if change.tells_of_rules else ("-",) * 3
        far = f"{np.nanmedian(np.concatenate(off)):.3f}"
        rows.append((change.name, count.before, count.after, *count.shares(), *alone, far))
    print(f"{len(seen)} clips in which something is held\n")
    head = ("change", "holds", "after it", "forward", "back", "both")
    last = ("rules alone: forward", "back", "both", "landmarks moved (torso lengths)")
    print(table((*head, *last), rows), end="\n\n")
    print(table(("pose", "holds", *by_pose), _poses(held.values(), by_pose)))


def _poses(
    held: Iterable[Sequence[Held]], by_pose: Mapping[str, Mapping[str, Tally]]
) -> Iterator[Sequence[object]]:
    """The lines of the poses that occur: how many holds, and what share survives each change."""
    counts = Counter(hold.pose for each in held for hold in each)
    for pose in catalogue():
        if any(pose.name in tallies for tallies in by_pose.values()):
            shares = (each.get(pose.name, Tally()).shares()[2] for each in by_pose.values())
            yield pose.name, counts[pose.name], *shares


if __name__ == "__main__":
    main()
