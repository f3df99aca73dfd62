"""Photos with labels: how often what a folder's label names is found, and what it excludes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from analyzer.poses import catalogue, select
from benchmarks.seen import of_still
from benchmarks.watching import watch


class Label(NamedTuple):
    """What a still with a label must give and what it must not, as names of poses."""

    wanted: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()


UPRIGHT: Final = frozenset(
    pose.name
    for pose in select(
        [
            "ballet arms",
            "Demi-Plie",
            "Grand Plie",
            "Second Position (feet)",
            "Tendu devant",
            "Tendu a la seconde",
            "Tendu derriere",
            "Degage devant",
            "Degage a la seconde",
            "Degage derriere",
            "Coupe",
            "Passe",
            "Closed Frame",
            "T-Pose",
            "A-Pose",
            "Arms V",
            "Arms Overhead",
            "Star",
            "Hands on Hips",
            "Squat",
            "Balance",
            "Samapadam",
            "Aramandi",
            "Muzhumandi",
            "Natyarambhe (arms)",
            "Tribhanga",
            "Nataraja",
            "B-Boy Stance",
            "Tree",
            "Goddess",
        ]
    )
)
"""Poses of a trunk that is upright over the feet."""

ANYWHERE: Final = frozenset({"Kneel", "Splits", "Freeze"})
"""Poses that need no foot to stand on."""

STANDING: Final = frozenset(pose.name for pose in catalogue()) - ANYWHERE

LABELS: Final = {
    "Natarajasana": Label(frozenset({"Dancer"})),
    "Vrukshasana": Label(frozenset({"Tree"}), frozenset({"Passe"})),
    "UtkataKonasana": Label(frozenset({"Goddess"}), frozenset({"Lunge"})),
    "Veerabhadrasana": Label(frozenset({"Warrior II"})),
    "BaddhaKonasana": Label(excluded=STANDING),
    "ArdhaChandrasana": Label(excluded=frozenset({"Layout", "Warrior III"})),
    "Triangle": Label(excluded=UPRIGHT),
    "Downward_dog": Label(excluded=UPRIGHT),
}
"""What the folders of stills are called, in Sanskrit mostly."""


@dataclass
class Found:
    """In how many stills of a folder what is found, by pose."""

    stills: int = 0
    nobody: int = 0
    wanted: int = 0
    excluded: int = 0
    held: Counter[str] = field(default_factory=Counter)
    nearly: Counter[str] = field(default_factory=Counter)

    @property
    def near_misses(self) -> str:
        """How many near misses a still has, and in how many stills each pose is one."""
        return f"{self.nearly.total() / max(self.stills, 1):.2f} a still; {counted(self.nearly)}"


def judge_stills(folder: Path, kept: Path | None) -> None:
    """Print what is found in the stills of each label."""
    print("stills: in how many of a folder what its label wants, and what it excludes, is found")
    for name, label in LABELS.items():
        found = _found(folder / name, label, kept)
        print(f"  {name}: {found.stills} stills, nobody seen in {found.nobody}")
        if label.wanted:
            share = found.wanted / max(found.stills, 1)
            print(f"    wanted    {', '.join(label.wanted)}: {found.wanted}, {share:.2f}")
        if label.excluded:
            wrong = Counter(
                {pose: found.held[pose] for pose in found.held if pose in label.excluded}
            )
            share = found.excluded / max(found.stills, 1)
            print(f"    excluded  any: {found.excluded}, {share:.2f}; {counted(wrong)}")
        named = label.wanted | label.excluded
        others = Counter({pose: found.held[pose] for pose in found.held if pose not in named})
        print(f"    others    {counted(others)}")
        print(f"    nearly    {found.near_misses}")
    print()


def judge_negatives(folder: Path, kept: Path | None) -> None:
    """Print what is found in stills in which nobody dances."""
    found = _found(folder, Label(), kept)
    print(f"stills without a pose: {found.stills}, nobody seen in {found.nobody}")
    print(f"    found     {counted(found.held)}")
    print(f"    nearly    {found.near_misses}\n")


def counted(numbers: Counter[str]) -> str:
    """Names with their counts, the most first."""
    return ", ".join(f"{name} {count}" for name, count in numbers.most_common()) or "nothing"


def _found(folder: Path, label: Label, kept: Path | None) -> Found:
    found = Found()
    for path in _stills(folder):
        seen = of_still(path, kept)
        timeline = watch(seen)
        held = {hold.pose for hold in timeline.holds}
        found.stills += 1
        found.nobody += bool(np.isnan(seen.image).all())
        found.wanted += bool(held & label.wanted)
        found.excluded += bool(held & label.excluded)
        found.held.update(held)
        found.nearly.update({miss.pose for miss in timeline.near_misses})
    return found


def _stills(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if path.suffix.lower() in {".jpg", ".png"})
