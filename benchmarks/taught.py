"""How well a pose is found that was shown once: python -m benchmarks.taught.

Ten poses of the catalogue are taught each from one film of the drawn dancer: one build, one side,
one heading. MediaPipe looks at them in all builds, on both sides and from all headings of the
repertoire in that view, and at every other pose as negatives; the built-in rule of the pose has the
same films to find it in. With --kept, nothing is looked at twice.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from analyzer.body import Body
from analyzer.holds import Timeline
from analyzer.posefile import Lesson, PoseFile
from analyzer.poses import Pose, catalogue
from analyzer.poses.taught import taught
from analyzer.teaching import example, made
from benchmarks.accuracy import (
    PLAIN,
    POSE_SECONDS,
    SIDES,
    Score,
    Span,
    decidable,
    films,
    judge,
    mistaken,
    told,
    true_spans,
    unheld,
)
from benchmarks.common import table
from benchmarks.seen import Seen, of_film
from dancer.figure import BUILDS
from dancer.film import Film, Step, film
from dancer.repertoire import REPERTOIRE

POSES: Final = (
    "Arms V",
    "Demi-Plie",
    "A la Seconde en l'air",
    "Fourth (arms)",
    "Warrior II",
    "Hinge",
    "Tilt",
    "Dab",
    "Closed Frame",
    "Aramandi",
)
"""Two of ballet, and one of each other family that has a pose with several headings."""

WORSE: Final = 0.05
"""By how much the F1 of a pose that was taught may be less than that of its rule."""

SHOWN: Final = " as shown"
"""What the name of a pose that was taught ends with here."""


class Filmed(NamedTuple):
    """A film of a pose, and what is seen in it."""

    name: str
    yaw: float
    film: Film
    seen: Seen


def every_build(name: str, kept: Path | None) -> Iterator[Filmed]:
    """Films of a pose in all builds, on both sides and from all headings; the first is taught."""
    pose = REPERTOIRE[name]
    for yaw in pose.yaws:
        for build in BUILDS.values():
            for side in SIDES if pose.sides else (None,):
                turned = -yaw if side == "right" else yaw
                filmed = film([Step(name, side, POSE_SECONDS)], yaw=turned, build=build)
                yield Filmed(name, turned, filmed, of_film(filmed, kept))


def shown(filmed: Filmed) -> PoseFile:
    """The pose of a film, taught from the middle of the hold."""
    ((_, _, first, last),) = (span for span in true_spans(filmed.film) if span[0] == filmed.name)
    at = float(filmed.film.times[(first + last) // 2])
    return made([example(Body(*filmed.seen), at)], Lesson((at,), filmed.name + SHOWN))


def main(arguments: Iterable[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kept", type=Path, help="folder in which landmarks are kept")
    kept: Path | None = parser.parse_args(None if arguments is None else list(arguments)).kept
    rules = {pose.name: pose for pose in catalogue() if pose.name in POSES}
    lessons: dict[str, PoseFile] = {}
    true: list[Filmed] = []
    for name in POSES:
        first, *others = every_build(name, kept)
        lessons[name] = shown(first)
        true += others
    poses = {name: taught(lesson) for name, lesson in lessons.items()}
    false = [
        Filmed(name, yaw, filmed, of_film(filmed, kept))
        for name, yaw, filmed in films(PLAIN, studio=False)
        if name not in POSES
    ]
    scores: dict[str, Score] = defaultdict(Score)
    for each in (*true, *false):
        _judge(scores, each, rules, poses)
    rows = []
    for name in POSES:
        by_rule, by_lesson = scores[name], scores[name + SHOWN]
        sides = by_lesson.sides_right + by_lesson.sides_wrong
        met = by_lesson.f1 >= by_rule.f1 - WORSE
        rows.append(
            (
                name,
                rules[name].family,
                " ".join(lessons[name].views),
                len(lessons[name].conditions),
                f"{by_lesson.precision:.2f}",
                f"{by_lesson.recall:.2f}",
                f"{by_lesson.f1:.2f}",
                f"{by_rule.f1:.2f}",
                f"{by_lesson.sides_right} of {sides}" if rules[name].sided else "",
                "met" if met else "missed",
                mistaken([by_lesson]),
            )
        )
    head = (
        "pose",
        "family",
        "views",
        "conditions",
        "P",
        "R",
        "F1",
        "F1 of the rule",
        "sides right",
    )
    print(table((*head, "target", "mistaken in"), rows))


def _judge(
    scores: dict[str, Score], filmed: Filmed, rules: dict[str, Pose], poses: dict[str, Pose]
) -> None:
    """Add what becomes of each pose in a film, by its rule and as it was taught."""
    timeline = Timeline(
        (*rules.values(), *poses.values()), width=filmed.seen.width, height=filmed.seen.height
    )
    with np.errstate(invalid="ignore"):
        timeline.add(filmed.seen.image, filmed.seen.world, filmed.seen.times)
        timeline.finish()
    spans = true_spans(filmed.film)
    held = {pose for pose, *_ in spans}
    known = told(filmed.name, filmed.yaw, held) | unheld(filmed.name, held)
    for name, pose in poses.items():
        true: list[Span] = [span for span in spans if span[0] == name]
        # What is seen from elsewhere than it was shown isn't to be told.
        if name not in known or (true and not decidable(pose, filmed.yaw)):
            continue
        for called in (name, pose.name):
            found = [hold for hold in timeline.holds if hold.pose == called]
            judge(scores[called], filmed.name, found, true, filmed.film.times)


if __name__ == "__main__":
    main()
