"""Drawn groups: are dancers told apart and kept apart, and what does each cost?

python -m benchmarks.groups films rows, crossings, who comes and goes, and dancers of several sizes,
in clothes of their own and all alike, and prints for each how often a dancer who is in view has the
identity that is his or hers, and how the CPU of a frame compares with as many times one dancer
alone. It prints the same of the frames in which one hides another, for both; and for the hidden one
of those in which a tenth to a half is hidden, and more. Truth and landmarks come from the drawing.
"""

import time
from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.people import People
from analyzer.estimation.pipeline import Pipeline
from benchmarks.common import table
from dancer.formations import crossing, entering, row, sizes
from dancer.group import GroupFilm

FILMS: dict[str, Callable[[bool], GroupFilm]] = {
    "row of 2": lambda alike: row(2, alike=alike),
    "row of 3": lambda alike: row(3, alike=alike),
    "row of 4": lambda alike: row(4, alike=alike),
    "row of 5": lambda alike: row(5, alike=alike),
    "crossing": lambda alike: crossing(alike=alike),
    "entering": lambda alike: entering(alike=alike),
    "sizes": lambda alike: sizes(alike=alike),
}

HIDDEN: float = 0.1
"""From which part on a dancer is hidden, ..."""

HALF: float = 0.5
"""... and from which part on for the most part."""

SAME: float = 0.5
"""Trunk lengths by which the ends of the trunk lie from the true ones at most, on average."""


def trunks(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The middles of shoulders and hips, (n, 2, 2), of landmarks (n, 33, 4).

    Whoever takes a back for a front has left and right exchanged, and the middles all the same.
    """
    return np.stack([image[:, 11:13, :2].mean(axis=1), image[:, 23:25, :2].mean(axis=1)], axis=1)


def identities(film: GroupFilm) -> tuple[NDArray[np.int_], float]:
    """Who was taken for whom: (dancers, n) identities by the truth, 0 for not found.

    And the seconds of CPU for a frame.
    """
    size = np.array([film.width, film.height])
    truth = [trunks(dancer.landmarks()[0]) * size for dancer in film.dancers]
    given = np.zeros((len(truth), len(film)), int)
    seconds = 0.0
    people = People(len(truth), frame_rate=film.frame_rate)
    for frame, picture in enumerate(film.frames()):
        pixels = np.ascontiguousarray(picture[..., ::-1])
        begun = time.process_time()
        found = people.find(pixels)
        seconds += time.process_time() - begun
        pairs = []
        for person in found:
            there = trunks(person.landmarks.image[None])[0] * size
            for dancer, true in enumerate(truth):
                trunk = float(np.linalg.norm(true[frame, 0] - true[frame, 1]))
                away = float(np.linalg.norm(there - true[frame], axis=1).mean()) / trunk
                pairs.append((away, dancer, person.identity))
        for away, dancer, identity in sorted(pairs):
            if away < SAME and not given[dancer, frame] and identity not in given[:, frame]:
                given[dancer, frame] = identity
    return given, seconds / len(film)


def alone(film: GroupFilm) -> float:
    """The seconds of CPU for a frame with one dancer of a film alone."""
    seconds = 0.0
    pipeline = Pipeline()
    for picture in film.alone(0).frames():
        pixels = np.ascontiguousarray(picture[..., ::-1])
        begun = time.process_time()
        pipeline.find(pixels)
        seconds += time.process_time() - begun
    return seconds / len(film)


def crossings(film: GroupFilm) -> NDArray[np.bool_]:
    """(dancers, n) where one hides another, of both."""
    counted = np.zeros(film.in_view.shape, np.bool_)
    places = np.stack([dancer.landmarks()[0][:, 23:25, 0].mean(axis=1) for dancer in film.dancers])
    for behind, hidden in enumerate(film.hidden > 0):
        away = np.abs(places - places[behind])
        away[behind] = np.inf
        counted[behind] |= hidden
        counted[away.argmin(axis=0)[hidden], np.flatnonzero(hidden)] = True
    return counted & film.in_view


def kept(given: NDArray[np.int_], counted: NDArray[np.bool_]) -> float:
    """The share of what is counted in which each dancer has the identity that is most often his."""
    right = np.zeros(given.shape, np.bool_)
    for dancer, row_of in enumerate(given):
        own = Counter(row_of[row_of > 0].tolist()).most_common(1)
        right[dancer] = row_of == (own[0][0] if own else -1)
    return float(right[counted].mean()) if counted.any() else float("nan")


def main() -> None:
    """Print the table."""
    rows = []
    for name, made in FILMS.items():
        for alike in (False, True):
            film = made(alike)
            given, seconds = identities(film)
            hidden = film.in_view & (film.hidden >= HIDDEN)
            mostly = film.hidden >= HALF
            one = alone(film)
            rows.append(
                (
                    name + (", alike" if alike else ""),
                    f"{kept(given, film.in_view):.3f}",
                    *(
                        f"{kept(given, counted):.3f}" if counted.any() else ""
                        for counted in (crossings(film), hidden & ~mostly, hidden & mostly)
                    ),
                    len(set(given[given > 0].tolist())),
                    f"{1000 * seconds:.1f}",
                    f"{seconds / one / len(film.dancers):.2f}",
                )
            )
            print(rows[-1], flush=True)
    head = (
        "film",
        "identity kept",
        "at crossings",
        "hidden by 10 to 50 %",
        "by more",
        "identities",
        "ms CPU",
        "of n times one",
    )
    print(table(head, rows))


if __name__ == "__main__":
    main()
