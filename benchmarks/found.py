"""How often each pose is right and found: python -m benchmarks.found --data DIR > docs/found.json.

What POSES.md says of it, of recordings and stills first, then of the drawn dancer.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from analyzer.poses import catalogue
from benchmarks.accuracy import CAMERAS, PLAIN, Score, judge_drawn
from benchmarks.examples import recordings, stills
from benchmarks.watching import watch


def in_recordings(data: Path, kept: Path | None) -> dict[str, dict[str, int]]:
    """In how many recordings and stills a pose is found of those with it, and of those without."""
    counts: dict[str, dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(("found", "with", "wrongly", "without"), 0)
    )
    for example in (*stills(data / "stills", kept), *recordings(data, kept)):
        held = {hold.pose for hold in watch(example.seen).holds}
        for pose in example.true:
            counts[pose]["with"] += 1
            counts[pose]["found"] += pose in held
        for pose in example.false:
            counts[pose]["without"] += 1
            counts[pose]["wrongly"] += pose in held
    return counts


def in_films(scores: Iterable[Score]) -> dict[str, float]:
    """The share of the frames said to have a pose that do, and of those with it that are found."""
    every = list(scores)
    found = sum(score.found for score in every)
    invented = sum(score.invented for score in every)
    missed = sum(score.missed for score in every)
    return {
        "right": round(found / max(found + invented, 1), 2),
        "found": round(found / max(found + missed, 1), 2),
    }


def main() -> None:
    """Print the figures as JSON, by pose."""
    parser = argparse.ArgumentParser(description=__doc__.split(":", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with yoga/, stills/, ...")
    parser.add_argument("--kept", type=Path, help="folder in which landmarks are kept")
    options = parser.parse_args()
    recorded = in_recordings(options.data, options.kept)
    plain = judge_drawn(PLAIN, studio=False, exact=False, kept=options.kept)
    studio = [
        judge_drawn(way, studio=True, exact=False, kept=options.kept) for way in CAMERAS.values()
    ]
    figures = {
        pose.name: {
            "recordings": recorded[pose.name],
            "drawn": in_films([plain[pose.name]]),
            "studio": in_films(scores[pose.name] for scores in studio),
        }
        for pose in catalogue()
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
