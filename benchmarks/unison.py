"""Drawn rows: who is together, by how many milliseconds late, and who is the odd one out?

python -m benchmarks.unison films rows that dance one and the same, some dancers late, some with a
limb that slips by 20 to 30 degrees for two seconds, and rows in which everybody dances something
else; and prints what is found of it and what is found that isn't there.
"""

import json
import tempfile
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from analyzer.limits import Limits
from analyzer.process import analyze
from analyzer.report.analysis import Analysis
from analyzer.report.group import group_text
from benchmarks.common import table
from dancer.film import Plain, Slip
from dancer.formations import PHRASE, row, unison
from dancer.group import GroupFilm

SLIPS: tuple[Slip, ...] = (
    Slip("left arm", -25, 1.0, 3.0),
    Slip("right arm", -20, 4.6, 6.6),
    Slip("left forearm", -30, 8.2, 10.2),
    Slip("right arm", 25, 1.0, 3.0),
)

SCORES: tuple[Sequence[Plain], ...] = (
    PHRASE,
    [("Star", None, 1.0), ("Goddess", None, 1.0), ("Arms Overhead", None, 1.0)],
    [("Tree", "left", 1.0), ("T-Pose", None, 1.0), ("Hands on Hips", None, 1.0)],
    [("Arms V", None, 1.0), ("Warrior II", "right", 1.0), ("T-Pose", None, 1.0)],
)

LIMBS = {"left arm": "left upper arm", "right arm": "right upper arm"}
"""What is found of what slips, where it isn't called the same."""


class Row(NamedTuple):
    """A film, by how many seconds each dancer is late, and what slips."""

    name: str
    film: GroupFilm
    late: tuple[float, ...]
    slips: tuple[tuple[Slip, ...], ...]


def rows() -> list[Row]:
    """The films."""
    films = []
    lates = [(0.0, 0.0), (0.0, 0.133, 0.3), (0.2, 0.0, 0.067), (0.0, 0.1, 0.0, 0.2)]
    for number, (late, score) in enumerate(zip(lates, SCORES, strict=True)):
        films.append(Row(f"together {number + 1}", unison(late, score=score), late, ()))
    for number, slip in enumerate(SLIPS):
        late = (0.0, 0.1, 0.0)
        slips = tuple((slip,) if each == number % 3 else () for each in range(3))
        films.append(Row(f"a slip {number + 1}", unison(late, slips), late, slips))
    films += [Row(f"each its own, {n}", row(n), (), ()) for n in (3, 5)]
    return films


def found(film: GroupFilm) -> dict[str, Any]:
    """What is answered of a film."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        film.write(path)
        people = len(film.dancers)
        *_, analysis = analyze(path, people=people, keep_landmarks=True, limits=Limits())
        assert isinstance(analysis, Analysis)
        answer: dict[str, Any] = json.loads("".join(group_text(analysis)))
        return answer


def main() -> None:
    """Print the table."""
    lines = []
    for name, film, late, slips in rows():
        answer = found(film)
        told = {tuple(each["dancers"]): each for each in answer["unison"]}
        pairs = list(combinations(range(len(late)), 2))
        errors = [
            abs(told[one + 1, other + 1]["ahead_ms"] - 1000 * (late[other] - late[one]))
            for one, other in pairs
            if (one + 1, other + 1) in told
        ]
        expected = [
            (dancer + 1, LIMBS.get(slip.limb, slip.limb), slip)
            for dancer, each in enumerate(slips)
            for slip in each
        ]
        odd = [(each["dancer"], each["limb"]) for each in answer["odd_one_out"]]
        sizes = [
            abs(each["degrees"] - abs(slip.degrees))
            for dancer, limb, slip in expected
            for each in answer["odd_one_out"]
            if (each["dancer"], each["limb"]) == (dancer, limb)
        ]
        right = {(dancer, limb) for dancer, limb, _ in expected}
        lines.append(
            (
                name,
                f"{len(errors)} of {len(pairs)}" if pairs else f"{len(told)} of 0",
                f"{np.max(errors):.0f}" if errors else "",
                f"{len(right & set(odd))} of {len(right)}",
                f"{np.max(sizes):.1f}" if sizes else "",
                sum(each not in right for each in odd),
            )
        )
        print(lines[-1], *answer["odd_one_out"], sep="\n    ", flush=True)
    head = ("row", "pairs together", "ms off", "slips found", "degrees off", "other limbs told")
    print(table(head, lines))


if __name__ == "__main__":
    main()
