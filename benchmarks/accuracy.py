"""How often the poses that are there are found, and others: python -m benchmarks.accuracy.

The drawn dancer strikes every pose and MediaPipe looks at it; every other pose's films are the
negatives of a pose. Other cameras film it in a studio. With --data, what a folder has is judged
too: stills/ (photos with labels) and images/ (photos of no pose), yoga/ (landmarks with labels),
mocap/ (motion capture seen from all round) and videos/. With --kept, nothing is looked at twice.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzer.holds import Hold
from analyzer.poses import VIEWS, Pose, catalogue
from benchmarks.mocap import read_bvh, resampled, seen_from
from benchmarks.seen import Seen, of_film, of_video
from benchmarks.stills import counted, judge_negatives, judge_stills
from benchmarks.watching import watch
from dancer.drawing import CLOTHES
from dancer.figure import BUILDS, Side
from dancer.film import Film, Step, film
from dancer.repertoire import REPERTOIRE
from dancer.scene import STUDIO

Image = npt.NDArray[np.float32]
World = npt.NDArray[np.float32]
Span = tuple[str, Side | None, int, int]

EDGE: Final = 0.15
"""Seconds at the edges of a true hold that count neither way."""

VIEW_EDGE: Final = 5.0
"""Degrees at the edges of a pose's views in which it may be undecidable."""

SAME: Final = 0.5
"""The intersection over union at which two holds are the same."""

TARGETS: Final[Mapping[str, float]] = {"A": 0.97, "B": 0.90}
"""The F1 that poses of a grade shall reach where the rules were tried; other grades have none."""

ELSEWHERE: Final[Mapping[str, float]] = {"A": 0.93, "B": 0.85}
"""The same from other cameras."""

AT_THE_EDGE: Final = {
    "Balance": {"Coupe", "Degage devant", "Degage a la seconde", "Degage derriere"},
}
"""Poses with a foot so little off the floor that they may be a balance or not."""

POSE_SECONDS: Final = 1.3
SIDES: Final[tuple[Side, Side]] = ("left", "right")


@dataclass
class Score:
    """What became of one pose: frames found, invented and missed; holds likewise; sides."""

    found: int = 0
    invented: int = 0
    missed: int = 0
    holds_found: int = 0
    holds_invented: int = 0
    holds_missed: int = 0
    sides_right: int = 0
    sides_wrong: int = 0
    false_holds: int = 0
    negative_seconds: float = 0.0
    mistaken: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def precision(self) -> float:
        """The share of the frames with the pose that have it rightly."""
        return self.found / max(self.found + self.invented, 1)

    @property
    def recall(self) -> float:
        """The share of the frames with the pose in truth that are found."""
        return self.found / max(self.found + self.missed, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return 2 * self.found / max(2 * self.found + self.invented + self.missed, 1)

    @property
    def hold_f1(self) -> float:
        """The same of whole holds."""
        wrong = self.holds_invented + self.holds_missed
        return 2 * self.holds_found / max(2 * self.holds_found + wrong, 1)

    @property
    def false_holds_a_minute(self) -> float:
        """Holds in films in which the pose does not occur."""
        return 60 * self.false_holds / max(self.negative_seconds, 1e-9)


# The drawn dancer


@dataclass(frozen=True)
class Filming:
    """A way to film all poses.

    settings are those of `film`; turned is by how many degrees the dancer is turned from the views
    of the repertoire; takes is how many of a pose's views are filmed, None for all. The pose begins
    with another of its views, of the builds and of the clothes in each way, by its number.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    turned: float = 0.0
    takes: int | None = None
    number: int = 0


PLAIN: Final = Filming()
CAMERAS: Final = {
    "base": Filming(),
    "above": Filming({"pitch": 12.0}, takes=2, number=1),
    "below": Filming({"pitch": -12.0}, takes=2, number=2),
    "left": Filming(turned=10.0, takes=2, number=3),
    "right": Filming(turned=-10.0, takes=2, number=4),
    "24/s": Filming({"frame_rate": 24.0}, takes=1, number=5),
    "60/s": Filming({"frame_rate": 60.0}, takes=1, number=6),
    "half": Filming({"width": 320, "height": 240}, takes=1, number=7),
}
"""The cameras of the studio. All films are too many to look at from all of them."""


def films(way: Filming, *, studio: bool) -> Iterator[tuple[str, float, Film]]:
    """Every pose, each in several builds: its name, the yaw, the film."""
    builds, clothes = list(BUILDS.values()), list(CLOTHES.values())
    known = {pose.name: pose for pose in catalogue()}
    for name, pose in REPERTOIRE.items():
        views = [
            (take, yaw)
            for take, yaw in enumerate(pose.yaws)
            if not way.turned or decidable(known[pose.name], yaw + way.turned)
        ]
        start = way.number % max(len(views), 1)
        for take, yaw in (views[start:] + views[:start])[: way.takes]:
            side = SIDES[take % 2] if pose.sides else None
            step = Step(name, side, None if pose.moves else POSE_SECONDS)
            seen = yaw + way.turned
            turned = -seen if side == "right" else seen
            settings = dict(way.settings)
            if studio:
                worn = clothes[(take + way.number) % len(clothes)]
                settings |= {"scene": STUDIO, "clothes": worn}
            build = builds[(take + way.number) % len(builds)]
            yield name, turned, film([step], yaw=turned, build=build, **settings)


def judge_drawn(way: Filming, *, studio: bool, exact: bool, kept: Path | None) -> dict[str, Score]:
    """The scores of all poses on the drawn dancer."""
    scores: dict[str, Score] = defaultdict(Score)
    poses = {pose.name: pose for pose in catalogue()}
    for name, yaw, filmed in films(way, studio=studio):
        seen = exactly(filmed) if exact else of_film(filmed, kept)
        holds = watch(seen).holds
        truth = true_spans(filmed)
        shown = told(name, yaw, {pose for pose, *_ in truth})
        never = unheld(name, {pose for pose, *_ in truth})
        for pose in poses.values():
            if pose.name not in shown | never:
                continue
            mine = [span for span in truth if span[0] == pose.name]
            found = [hold for hold in holds if hold.pose == pose.name]
            judge(scores[pose.name], name, found, mine, filmed.times)
    return scores


def told(film_name: str, yaw: float, held: Collection[str]) -> set[str]:
    """Which of the poses that are held in a film are to be told in it.

    What is struck with the pose may not be decidable from where the pose is.
    """
    poses = {pose.name: pose for pose in catalogue()}
    own = REPERTOIRE[film_name].name
    return {pose for pose in held if pose == own or decidable(poses[pose], yaw)}


def unheld(film_name: str, held: Collection[str]) -> set[str]:
    """The poses that are certainly not held in a film in which `held` are.

    A movement passes through poses, and may hold the arms in one throughout.
    """
    poses = {pose.name: pose for pose in catalogue()}
    implied = {other for pose in held for other in poses[pose].implies}
    return {
        name
        for name, pose in poses.items()
        if name not in implied
        and name not in held
        and film_name not in AT_THE_EDGE.get(name, ())
        and (pose.movement or not REPERTOIRE[film_name].moves)
    }


def exactly(filmed: Film) -> Seen:
    """What would be seen of a film without error."""
    image, world = filmed.landmarks()
    return Seen(image, world, filmed.times, filmed.width, filmed.height)


def decidable(pose: Pose, yaw: float) -> bool:
    """Whether a pose can certainly be told in a body that is turned by `yaw` degrees."""
    turned = 90 - abs(abs(yaw) % 180 - 90)
    views = [VIEWS[view] for view in pose.views]
    return any(
        (low == 0 or turned - low >= VIEW_EDGE) and (high == 90 or high - turned >= VIEW_EDGE)
        for low, high in views
    )


def true_spans(filmed: Film) -> list[Span]:
    """The runs of frames with a pose: its name, side, first and last frame."""
    spans = []
    for name, side in {pose for truth in filmed.truth for pose in truth}:
        held = np.array([(name, side) in truth for truth in filmed.truth])
        edges = np.flatnonzero(np.diff(held.astype(int), prepend=0, append=0))
        spans += [(name, side, int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]
    return spans


def judge(
    score: Score,
    film_name: str,
    found: Sequence[Hold],
    truth: Sequence[Span],
    times: npt.NDArray[np.float64],
) -> None:
    """Add what became of one pose in one film."""
    held = np.zeros(len(times), bool)
    true, edge = held.copy(), held.copy()
    for hold in found:
        held[hold.first : hold.last + 1] = True
    for _, _, first, last in truth:
        true[first : last + 1] = True
        for at in (times[first], times[last]):
            edge |= np.abs(times - at) <= EDGE
    score.found += int((held & true & ~edge).sum())
    score.missed += int((~held & true & ~edge).sum())
    invented = int((held & ~true & ~edge).sum())
    score.invented += invented
    if invented:
        score.mistaken[film_name] += invented
    unmatched = list(found)
    for _, side, first, last in truth:
        same = [hold for hold in unmatched if overlap(hold, first, last) >= SAME]
        score.holds_found += bool(same)
        score.holds_missed += not same
        if same:
            unmatched.remove(same[0])
            score.sides_right += same[0].side == side
            score.sides_wrong += same[0].side != side
    score.holds_invented += len(unmatched)
    if not truth:
        score.false_holds += len(found)
        score.negative_seconds += float(times[-1])


def overlap(hold: Hold, first: int, last: int) -> float:
    """The intersection over union of a hold and a span of frames."""
    both = min(hold.last, last) - max(hold.first, first) + 1
    either = max(hold.last, last) - min(hold.first, first) + 1
    return max(both, 0) / either


def print_drawn(*, exact: bool, kept: Path | None) -> None:
    """The table of the drawn dancer."""
    scores = judge_drawn(PLAIN, studio=False, exact=exact, kept=kept)
    print(f"{'drawn dancer':24} grade    P     R    F1  hold F1  false/min  side  ", end="")
    print("target  mistaken in")
    met = 0
    for pose in catalogue():
        score = scores[pose.name]
        met += (verdict := judged(score, pose, TARGETS)) == "met"
        sides = score.sides_right + score.sides_wrong
        side = f"{score.sides_right / sides:.2f}" if pose.sided and sides else "   -"
        print(
            f"{pose.name:24} {pose.grade:5} {score.precision:5.2f} {score.recall:5.2f} "
            f"{score.f1:5.2f} {score.hold_f1:8.2f} {score.false_holds_a_minute:10.2f}  {side}  "
            f"{verdict:6}  {mistaken([score])}"
        )
    asked = sum(pose.grade in TARGETS for pose in catalogue())
    print(f"{met} of {asked} poses reach their target\n")


def print_cameras(*, exact: bool, kept: Path | None) -> None:
    """The table of the F1 in the studio, from all cameras."""
    scores = {
        camera: judge_drawn(way, studio=True, exact=exact, kept=kept)
        for camera, way in CAMERAS.items()
    }
    columns = "".join(f"{camera:>7} " for camera in CAMERAS)
    print(f"{'F1 in the studio':24} grade  {columns} mistaken in")
    print("(* misses the target, - not seen from there)")
    missed = dict.fromkeys(CAMERAS, 0)
    for pose in catalogue():
        line = f"{pose.name:24} {pose.grade:5}  "
        for camera, found in scores.items():
            score = found[pose.name]
            targets = TARGETS if camera == "base" else ELSEWHERE
            misses = judged(score, pose, targets) == "missed"
            missed[camera] += misses
            shown = f"{score.f1:.2f}" if score.found + score.missed else "-"
            line += f"{shown:>7}{'*' if misses else ' '}"
        print(f"{line} {mistaken(found[pose.name] for found in scores.values())}")
    there = [
        [score for score in found.values() if score.found + score.missed]
        for found in scores.values()
    ]
    totals = {
        "poses that miss their target": [f"{count}" for count in missed.values()],
        "mean F1": [f"{np.mean([score.f1 for score in seen]):.3f}" for seen in there],
        "mean recall": [f"{np.mean([score.recall for score in seen]):.3f}" for seen in there],
        "false holds of all a minute": [
            f"{sum(score.false_holds_a_minute for score in found.values()):.2f}"
            for found in scores.values()
        ],
    }
    for name, values in totals.items():
        print(f"{name:31}{''.join(f'{value:>7} ' for value in values)}")
    print()


def mistaken(scores: Iterable[Score]) -> str:
    """The films of other poses that a pose is found in for longest."""
    frames: Counter[str] = Counter()
    for score in scores:
        frames.update(score.mistaken)
    return ", ".join(name for name, _ in frames.most_common(3))


def judged(score: Score, pose: Pose, targets: Mapping[str, float]) -> str:
    """Whether a pose that has a target, and was to be seen, reaches it: met, missed or nothing."""
    if pose.grade not in targets or not score.found + score.missed:
        return ""
    return "met" if score.f1 >= targets[pose.grade] else "missed"


# Recorded landmarks with labels

YOGA_SIZE: Final = (1280, 720)
YOGA_RATE: Final = 30.0
YOGA: Final = {
    "tree": ("Tree", 0.99),
    "warrior": ("Warrior II", 0.95),
    "goddess": ("Goddess", 0.94),
}
YOGA_TRUE: Final = {
    "Arms Overhead": {"tree", "chair"},
    "Arms V": {"tree", "chair"},
    "En Haut": {"tree"},
    "Balance": {"tree"},
}
"""Poses of the general and ballet families that these asanas are done with."""

DEPTH: Final = 0.26
"""World z against image z in one scale: the regression over recordings with both (r = 0.99)."""


def yoga_landmarks(path: Path) -> tuple[Image, World]:
    """Image landmarks of a recording, and what the world landmarks would have been."""
    rows = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=range(132), dtype=np.float32)
    image = rows.reshape(-1, 33, 4)
    points = image[..., :3] * np.array([*YOGA_SIZE, DEPTH * YOGA_SIZE[0]], np.float32)
    hips = points[:, 23:25].mean(axis=1, keepdims=True)
    torso = np.linalg.norm(points[:, 11:13].mean(axis=1) - hips[:, 0], axis=1)
    return image, ((points - hips) * (0.48 / np.median(torso))).astype(np.float32)


def judge_yoga(folder: Path) -> None:
    """Print in how many recordings the pose of the label, and others, are found."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    counts: dict[str, int] = defaultdict(int)
    for path in sorted(folder.glob("*/*.csv")):
        image, world = yoga_landmarks(path)
        times = np.arange(len(image)) / YOGA_RATE
        counts[path.parent.name] += 1
        for name in {hold.pose for hold in watch(Seen(image, world, times, *YOGA_SIZE)).holds}:
            found[name][path.parent.name] += 1
    print("yoga: recordings with the pose of their label")
    for label, (name, target) in YOGA.items():
        right = found[name][label]
        wrong = sum(found[name].values()) - right
        f1 = 2 * right / (right + wrong + counts[label])
        print(f"  {name:12} found in {right} of {counts[label]}, in {wrong} others", end="")
        print(f": F1 {f1:.3f}, target {target:.2f} {'met' if f1 >= target else 'missed'}")
    strict = [
        pose.name
        for pose in catalogue()
        if pose.name in {"T-Pose", "Star"} or pose.family.startswith("ballet")
    ]
    for name in strict:
        wrong_labels = {
            label: count
            for label, count in found[name].items()
            if label not in YOGA_TRUE.get(name, set())
        }
        if wrong_labels:
            print(f"  {name} found where its label excludes it: {wrong_labels}")
    print()


# Motion capture

MOCAP: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "005_02": (("Pirouette", "Turn"),),
    "005_04": (("Arabesque", "A la Seconde en l'air", "Tilt"),),
    "005_06": (("Pirouette", "Turn"), ("Grand Jete",)),
    "005_08": (("Grand Jete",), ("Pirouette", "Turn")),
    "005_10": (("Attitude derriere", "Arabesque"),),
    "005_12": (("Arms V", "Arms Overhead", "En Haut"),),
    "005_14": (("Passe",), ("Attitude derriere", "Arabesque")),
    "005_16": (("Jete en Tournant",),),
    "005_18": (("Attitude derriere", "Arabesque"), ("Jete en Tournant",)),
    "005_20": (("Attitude derriere", "Arabesque"), ("Jete en Tournant",)),
    "dab": (("Dab",),),
    "cmu1_jumping_jacks": (),
    "jumping": (),
    "wave_hello": (),
}
"""What the labels of whole clips name; any of a group will do."""

MOCAP_NOT: Final = frozenset(
    name for groups in MOCAP.values() for group in groups for name in group
) - {"Dab"}
YAWS: Final = range(0, 360, 45)


def judge_mocap(folder: Path) -> None:
    """Print from how many cameras what the labels name is found."""
    print(f"motion capture, from {len(YAWS)} cameras each")
    for clip, groups in MOCAP.items():
        motion = resampled(read_bvh(folder / f"{clip}.bvh"), 30)
        seen: dict[str, int] = defaultdict(int)
        for yaw in YAWS:
            image, world = seen_from(motion, yaw)
            holds = watch(Seen(image, world, motion.times, *YOGA_SIZE)).holds
            for name in {hold.pose for hold in holds}:
                seen[name] += 1
        for group in groups:
            best = {name: seen[name] for name in group if seen[name]}
            print(
                f"  {clip:20} {' or '.join(group):42} {'found ' + str(best) if best else 'MISSED'}"
            )
        if not groups:
            wrong = {name: count for name, count in seen.items() if name in MOCAP_NOT}
            print(f"  {clip:20} nothing of these expected: {wrong or 'nothing found'}")
    print()


# Videos

VIDEOS: Final[Sequence[tuple[str, Collection[str], int, int, bool]]] = (
    ("besir_dancing.mp4", ("Goddess", "Grand Plie", "Squat"), 119, 129, True),
    ("besir_dancing.mp4", ("Goddess", "Grand Plie", "Squat"), 132, 141, True),
    ("besir_dancing.mp4", ("Goddess", "Grand Plie", "Squat"), 144, 153, True),
    ("besir_dancing.mp4", ("Pirouette", "Turn"), 207, 229, True),
    ("musepose_dance.mp4", ("T-Pose",), 9, 85, False),
    ("poseformerv2_sample_video.mp4", ("Arms Overhead", "En Haut"), 33, 77, True),
    ("poseformerv2_sample_video.mp4", ("Arms V",), 79, 93, True),
    ("justfit_squat.mov", ("Squat",), 17, 43, True),
    ("justfit_squat.mov", ("Squat",), 127, 171, True),
    ("justfit_squat.mov", ("Squat",), 262, 285, True),
    ("justfit_fente.mov", ("Lunge",), 39, 69, True),
    ("ak_yoga_sample_wrong.mp4", ("Squat",), 65, 111, True),
    ("mediapipe_pose_world_landmarks.mp4", ("Squat",), 0, 148, True),
)
"""Recordings: poses of which one is held, or none is, between two frames (seen by eye)."""

NEGATIVES: Final = ("openpose_video.avi", "sthowells_shop.mp4", "mediapipe_objects_noperson.gif")
"""Recordings of people who walk and stand, and of nobody."""


def judge_videos(folder: Path, kept: Path | None) -> None:
    """Print whether what is seen in the recordings is found."""
    print("videos")
    holds: dict[str, list[Hold]] = {}
    nearly: Counter[str] = Counter()
    for video in dict.fromkeys([name for name, *_ in VIDEOS] + list(NEGATIVES)):
        timeline = watch(of_video(folder / video, kept))
        holds[video] = timeline.holds
        nearly.update(miss.pose for miss in timeline.near_misses)
    for video, names, first, last, there in VIDEOS:
        found = [
            hold
            for hold in holds[video]
            if hold.pose in names and hold.first <= last and hold.last >= first
        ]
        shown = ", ".join(f"{hold.pose} {hold.first}-{hold.last}" for hold in found) or "nothing"
        verdict = "right" if bool(found) == there else "WRONG"
        wants = f"{' or '.join(names)} {first}-{last}" if there else f"no {' or '.join(names)}"
        print(f"  {verdict}  {video}: {wants}: found {shown}")
    for video in NEGATIVES:
        shown = ", ".join(f"{hold.pose} {hold.first}-{hold.last}" for hold in holds[video])
        print(f"  {video}: found {shown or 'nothing'}")
    print(f"  near misses: {nearly.total()} in {len(holds)} videos; {counted(nearly)}\n")


def main(arguments: Iterable[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, help="folder with stills/, yoga/, mocap/, videos/")
    parser.add_argument("--kept", type=Path, help="folder in which landmarks are kept")
    parser.add_argument("--exact", action="store_true", help="the drawn dancer without MediaPipe")
    tables = ("drawn", "cameras", "stills", "yoga", "mocap", "videos")
    parser.add_argument("--only", choices=tables, help="one table")
    options = parser.parse_args(None if arguments is None else list(arguments))
    chosen = tables if options.only is None else (options.only,)
    kept: Path | None = options.kept
    if "drawn" in chosen:
        print_drawn(exact=options.exact, kept=kept)
    if "cameras" in chosen:
        print_cameras(exact=options.exact, kept=kept)
    if options.data is None:
        return
    for folder, name, judge_folder in (
        ("stills", "stills", partial(judge_stills, kept=kept)),
        ("images", "stills", partial(judge_negatives, kept=kept)),
        ("yoga", "yoga", judge_yoga),
        ("mocap", "mocap", judge_mocap),
        ("videos", "videos", partial(judge_videos, kept=kept)),
    ):
        if name in chosen and (options.data / folder).is_dir():
            judge_folder(options.data / folder)


if __name__ == "__main__":
    main()
