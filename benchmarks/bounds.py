"""What stands behind the bounds of the poses: python -m benchmarks.bounds --data DIR.

It prints a page. A bound is to lie between what its quantity is where the pose is held, and what it
is where nothing else keeps the pose from being said; and from both by more than MediaPipe errs.
"""

import argparse
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from math import inf, isfinite, nan
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from analyzer.body import Body, Condition, Floats
from analyzer.holds import Hold, Timeline
from analyzer.poses import Pose, Rule, SideName, catalogue
from benchmarks.common import table
from benchmarks.examples import Example, Source, drawn, recordings, stills

Found = tuple[float, str]

OUTER: Final = 5
"""The percentage of frames, at the end towards a bound, that are left out as outliers."""

SIDE: Final = re.compile(r"\b(left|right)\b")
NARROW: Final = "**narrow**"
HEAD: Final = """\
# What stands behind the bounds of the poses

Written by `python -m benchmarks.bounds --data DIR`, of films of the drawn dancer, and of photos and
recordings that are not part of this project. Of {bounds} bounds {narrow} are narrow: the nearer of
the two values that such a bound separates is less than an error away from it, or beyond it.

- The tightest true value is what {inner} % of the frames keep within in which the pose is truly
  held and can be seen, of the source that comes nearest to the bound. Of a movement, and of a
  recording of which it is only known that it has the pose, the best frame counts.
- The nearest false value is that of a clip without the pose, in which it would be said if nothing
  were wanted of this quantity: the median of that hold, and of a movement that of its best frame.
- The margin is how many errors the nearer of the two is away from the bound. The error is the
  median difference between what MediaPipe sees and what is there, over the films of the poses that
  want something of the quantity.

A pose that has sides stands as on its left. What is wanted of left and right alike is one row,
which has the worse of the two.

## Errors
"""


class Wanted(NamedTuple):
    """What a pose wants of a quantity, of that of the left and that of the right alike."""

    pose: str
    quantity: str
    any_view: bool
    low: float
    high: float

    @classmethod
    def by(cls, pose: Pose, condition: Condition) -> "Wanted":
        """What a condition of a pose wants."""
        of = condition.quantity
        quantity = SIDE.sub("", of.name)
        return cls(pose.name, quantity, of.any_view, condition.low, condition.high)


@dataclass
class Evidence:
    """Values that are seen where a pose is held, and those that alone keep it from being said.

    least, most: of the frames of each example, by source; (n,) the lesser and the greater of left
    and right. too_low, too_high: one for each hold that would be said, with where that is.
    """

    least: dict[Source, list[Floats]] = field(default_factory=lambda: defaultdict(list))
    most: dict[Source, list[Floats]] = field(default_factory=lambda: defaultdict(list))
    too_low: list[Found] = field(default_factory=list)
    too_high: list[Found] = field(default_factory=list)


class Collector:
    """Collects evidence from examples.

    units: what each pose wants, with the names of its quantities on the left and their unit.
    errors: how far off the quantities are in the films.
    """

    def __init__(self) -> None:
        self.evidence: dict[Wanted, Evidence] = defaultdict(Evidence)
        self.errors: dict[tuple[str, bool], list[Floats]] = defaultdict(list)
        self.units: dict[Wanted, dict[str, str]] = defaultdict(dict)
        nobody = np.full((1, 33, 4), nan, np.float32)
        body = Body(nobody, nobody[..., :3], np.zeros(1), 1, 1)
        for pose in catalogue():
            for each in pose.conditions(body, pose.sides[0]):
                self.units[Wanted.by(pose, each)][each.quantity.name] = each.quantity.unit

    def take(self, example: Example) -> None:
        """Add what an example shows."""
        asked: dict[str, tuple[Pose, Wanted | None]] = {}
        poses = []
        for pose in catalogue():
            if pose.name in example.true:
                asked[pose.name] = pose, None
                poses.append(pose if pose.movement else replace(pose, rule=_opened(pose, None)))
            elif pose.name in example.false:
                for wanted in (each for each in self.units if each.pose == pose.name):
                    name = f"{pose.name} {len(asked)}"
                    asked[name] = pose, wanted
                    poses.append(replace(pose, name=name, rule=_opened(pose, wanted)))
        seen = example.seen
        timeline = Timeline(poses, width=seen.width, height=seen.height)
        timeline.add(seen.image, seen.world, seen.times, last=True)
        timeline.finish()
        body = Body(*seen)
        true: dict[str, list[Hold]] = defaultdict(list)
        for hold in timeline.holds:
            pose, wanted_of = asked[hold.pose]
            if wanted_of is None:
                true[pose.name].append(hold)
            else:
                self._take_false(pose, wanted_of, hold, body, f"{example.source}: {example.name}")
        for name, holds in true.items():
            self._take_true(asked[name][0], holds, body, example)

    def _take_false(self, pose: Pose, of: Wanted, hold: Hold, body: Body, where: str) -> None:
        least, most = (
            float(np.nanmedian(each[_frames(pose, hold)]))
            for each in _values(pose, body, hold.side)[of]
        )
        # Where it is as wanted it is not this that keeps the pose from being said.
        if least < of.low:
            self.evidence[of].too_low.append((least, where))
        elif most > of.high:
            self.evidence[of].too_high.append((most, where))

    def _take_true(self, pose: Pose, holds: Sequence[Hold], body: Body, example: Example) -> None:
        sides, mask = example.true[pose.name]
        choices = []
        for side in sorted({hold.side for hold in holds} & set(sides), key=str):
            held = np.zeros(len(mask), np.bool_)
            for hold in holds:
                held[_frames(pose, hold)] |= hold.side == side
            at = np.flatnonzero(held & mask)
            if len(at):
                strain = _strain(pose, body, side)[at]
                if not example.throughout:
                    at = at[[strain.argmin()]]
                    strain = strain.min(keepdims=True)
                choices.append((float(np.median(strain)), side, at))
        if not choices:
            return
        _, side, at = min(choices, key=lambda choice: choice[0])
        for wanted, (least, most) in _values(pose, body, side).items():
            self.evidence[wanted].least[example.source].append(least[at])
            self.evidence[wanted].most[example.source].append(most[at])
        if example.exact is not None:
            exact = pose.conditions(Body(*example.exact), side)
            for seen, true in zip(pose.conditions(body, side), exact, strict=True):
                wanted = Wanted.by(pose, seen)
                off = np.abs(seen.quantity.value - true.quantity.value)[at]
                self.errors[wanted.quantity, wanted.any_view].append(off)


def _opened(pose: Pose, of: Wanted | None) -> Rule:
    """The pose's rule that wants of a quantity, or of all, only that it can be known."""

    def rule(*body_and_side: object) -> Iterator[Condition]:
        for each in pose.rule(*body_and_side):
            free = of is None or Wanted.by(pose, each) == of
            yield replace(each, low=-inf, high=inf) if free else each

    return rule


def _frames(pose: Pose, hold: Hold) -> slice:
    """The frames that tell of a hold: of a movement the best one."""
    if pose.movement:
        return slice(hold.best, hold.best + 1)
    return slice(hold.first, hold.last + 1)


def _values(pose: Pose, body: Body, side: SideName | None) -> dict[Wanted, tuple[Floats, Floats]]:
    """(n,) the lesser and the greater value of left and right."""
    values: dict[Wanted, list[Floats]] = defaultdict(list)
    for each in pose.conditions(body, side):
        values[Wanted.by(pose, each)].append(each.quantity.value)
    return {of: (np.min(each, axis=0), np.max(each, axis=0)) for of, each in values.items()}


def _strain(pose: Pose, body: Body, side: SideName | None) -> Floats:
    """(n,) how many times its slack the worst quantity is out of its bounds."""
    strains = [
        np.fmax(each.low - each.quantity.value, each.quantity.value - each.high) / each.slack
        for each in pose.conditions(body, side)
    ]
    return np.asarray(np.fmax.reduce(strains), np.float32)


def _error(found: Collector, of: Wanted) -> float:
    """The median error of a quantity, NaN where it is in no film."""
    off = found.errors.get((of.quantity, of.any_view))
    return float(np.nanmedian(np.concatenate(off))) if off else nan


def _named(units: Mapping[str, str]) -> str:
    """What a quantity is called, on the left where its pose has sides."""
    first = next(iter(units))
    return SIDE.sub("left and right", first) if len(units) > 1 else first


def _bounds(found: Collector) -> Iterator[tuple[object, ...]]:
    """The line of each bound."""
    for of, units in found.units.items():
        evidence = found.evidence[of]
        for bound, sign, outer, seen, false in (
            (of.low, 1, OUTER, evidence.least, evidence.too_low),
            (of.high, -1, 100 - OUTER, evidence.most, evidence.too_high),
        ):
            if not isfinite(bound):
                continue
            true = [
                (float(np.nanpercentile(np.concatenate(each), outer)), source)
                for source, each in seen.items()
            ]
            tightest = min(true, key=lambda each: sign * each[0], default=None)
            nearest = max(false, key=lambda each: sign * each[0], default=None)
            gaps = [sign * (tightest[0] - bound)] if tightest else []
            gaps += [sign * (bound - nearest[0])] if nearest else []
            error = _error(found, of)
            margin = min(gaps) / error if gaps and error > 0 else nan
            yield (
                of.pose,
                _named(units),
                f"{'at least' if sign > 0 else 'at most'} {bound:g}",
                _shown(tightest),
                _shown(nearest),
                "-" if np.isnan(margin) else f"{margin:.1f}",
                NARROW if margin < 1 else "",
            )


def _shown(found: Found | None) -> str:
    return "none" if found is None else f"{found[0]:.3g} ({found[1]})"


def _errors(found: Collector) -> list[tuple[str, str, str]]:
    """The line of each quantity: how far MediaPipe is off it."""
    lines: dict[tuple[str, bool], tuple[str, str, str]] = {}
    for of, units in sorted(found.units.items(), key=lambda each: min(each[1])):
        error = _error(found, of)
        if not np.isnan(error):
            name, unit = min(units.items())
            view = "any" if of.any_view else "the pose's"
            line = name, view, f"{error:.2g} {unit}"
            lines.setdefault((of.quantity, of.any_view), line)
    return list(lines.values())


def main(arguments: Iterable[str] | None = None) -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="has stills/, yoga/ and videos/")
    parser.add_argument("--kept", type=Path, help="folder in which landmarks are kept")
    options = parser.parse_args(None if arguments is None else list(arguments))
    found = Collector()
    # What can't be measured may be infinite.
    with np.errstate(invalid="ignore"):
        for example in chain(
            drawn(options.kept),
            stills(options.data / "stills", options.kept),
            recordings(options.data, options.kept),
        ):
            found.take(example)
        bounds, errors = list(_bounds(found)), _errors(found)
    narrow = sum(NARROW in line for line in bounds)
    print(HEAD.format(bounds=len(bounds), narrow=narrow, inner=100 - OUTER))
    print(table(("quantity", "view", "median error"), errors), end="\n\n## Bounds\n\n")
    head = ("pose", "quantity", "bound", "tightest true value", "nearest false value", "margin", "")
    print(table(head, bounds))


if __name__ == "__main__":
    main()
