"""Drawn groups: are the poses of each dancer found as well as those of the same dancer alone?

python -m benchmarks.group_poses films rows, crossings, who comes and goes, and dancers of several
sizes, has them analysed together and each alone at the same place, and prints F1 over the frames of
all poses, the mean of the dancers, and by how much the one for whom that is worst is worse.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np

from analyzer.holds import Hold
from analyzer.poses import catalogue, trusted
from analyzer.process import analyze
from analyzer.report.analysis import Analysis
from benchmarks.accuracy import Score, judge, true_spans
from benchmarks.common import table
from benchmarks.groups import FILMS
from dancer.film import Film
from dancer.group import GroupFilm

NEAR = 0.5
"""Trunk lengths by which a dancer's hips lie from the true ones at most, in the middle frame."""


def analysed(film: GroupFilm, people: int) -> Analysis:
    """What is found in a film."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        film.write(path)
        *_, analysis = analyze(path, people=people, keep_landmarks=True)
        assert isinstance(analysis, Analysis)
        return analysis


def number_of(analysis: Analysis, film: Film) -> int | None:
    """Which number a dancer was given, by where it is in most frames."""
    assert analysis.landmarks is not None
    assert analysis.apart is not None
    size = np.array([film.width, film.height])
    true = film.landmarks()[0][..., :2] * size
    trunk = np.linalg.norm(true[:, 11:13].mean(axis=1) - true[:, 23:25].mean(axis=1), axis=1)
    near = {}
    for number in analysis.apart:
        given = analysis.landmarks.of(number)[:].image[..., :2] * size
        away = np.linalg.norm((given - true)[:, 23:25].mean(axis=1), axis=1)
        near[number] = int((away < NEAR * trunk).sum())
    return max(near, key=lambda number: near[number]) if near else None


def f1(holds: Sequence[Hold], film: Film) -> float:
    """How well the holds of a dancer are those that it was filmed with, over the frames."""
    score = Score()
    spans = true_spans(film)
    shown = {name for name, *_ in spans}
    implied = {other for pose in catalogue() if pose.name in shown for other in pose.implies}
    for pose in trusted():
        if pose.name in shown or pose.name not in implied:
            found = [hold for hold in holds if hold.pose == pose.name]
            true = [span for span in spans if span[0] == pose.name]
            judge(score, pose.name, found, true, film.times)
    return score.f1


def main() -> None:
    """Print the table."""
    lines = []
    for name, made in FILMS.items():
        film = made(False)
        together = analysed(film, len(film.dancers))
        group, alone = [], []
        for index, dancer in enumerate(film.dancers):
            number = number_of(together, dancer)
            group.append(f1([hold for hold in together.holds if hold.dancer == number], dancer))
            alone.append(f1(analysed(film.alone(index), 1).holds, dancer))
        worse = max(0.0, *(one - other for one, other in zip(alone, group, strict=True)))
        lines.append((name, f"{fmean(alone):.3f}", f"{fmean(group):.3f}", f"{worse:.3f}"))
        print(lines[-1], flush=True)
    print(table(("film", "F1 alone", "F1 in the group", "the worst is worse by"), lines))


if __name__ == "__main__":
    main()
