"""The command `python -m dancer.catalogue`: writes POSES.md and its drawings.

Both come from what is registered in `analyzer.poses`, with a drawing of each pose by the dancer.
"""

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from analyzer import poses
from analyzer.body import Body, Condition
from analyzer.poses import Pose
from dancer.film import film
from dancer.illustration import illustration

ROOT: Final = Path(__file__).parent.parent
DOCUMENT: Final = ROOT / "POSES.md"
DRAWINGS: Final = ROOT / "service" / "static" / "drawings"

_INTRODUCTION: Final = """\
# The poses

Every pose and movement that the analysis knows, and what it takes for one. This page is written by
`python -m dancer.catalogue` from the registrations in `analyzer/poses/`; a test keeps it current.

Left and right are the dancer's. A pose with sides is drawn, and its conditions are given, for the
left; the side is that of the limb that acts. An angle of a knee or an elbow is 180 degrees when
straight; lengths are in torso lengths, from the middle of the shoulders to that of the hips. While
a pose is held, its conditions may be left by a little more than stands here. Grade A is reliable
in the views that are named, which are seen from the front or from behind; grade B less so. Grade C
is an experiment, which is looked for only where it is asked for by name: in the studio it is right
in less than 0.7 or found in less than half and no recording shows otherwise, or it is said in
recordings of people who don't do it.

How often a pose is found is counted in labelled recordings and stills that are not part of this
project, and in films of the drawn dancer: *right* is the share of the frames said to have the pose
that do, *found* the share of those with it that are. The studio has a floor, shadows, loose clothes
and noise, and eight cameras: from above and below, from other angles, at other frame rates and half
the size. The figures are in [docs/found.json](docs/found.json), written by
`python -m benchmarks.found --data DIR`.
"""

FOUND: Final = ROOT / "docs" / "found.json"


def document() -> str:
    """The text of POSES.md: a table for each family of poses."""
    families = groupby(_own(), key=lambda pose: pose.family)
    sections = [
        f"## {family.capitalize()}\n\n"
        "| | Pose | Conditions |\n|---|---|---|\n" + "".join(map(_row, members))
        for family, members in families
    ]
    return "\n".join([_INTRODUCTION, *sections])


def drawings() -> dict[str, str]:
    """The drawing of each pose, an SVG document, by its file name."""
    return {pose.drawing: illustration(pose.name) for pose in _own()}


def _own() -> list[Pose]:
    """The poses of the project, without someone's own modules, by family."""
    own = (pose for pose in poses.catalogue() if pose.rule.__module__.startswith(poses.__name__))
    return sorted(own, key=lambda pose: pose.family)


def _row(pose: Pose) -> str:
    picture = f'<img src="{(DRAWINGS / pose.drawing).relative_to(ROOT)}" width="150" alt="">'
    about = "<br>".join([f"**{pose.name}**", pose.description, *_remarks(pose)])
    return f"| {picture} | {about} | {'<br>'.join(_conditions(pose))} |\n"


def _remarks(pose: Pose) -> Iterator[str]:
    if pose.aliases:
        names = (f"{name} ({school})" for name, school in pose.aliases.items())
        yield f"Also: {', '.join(names)}."
    kind = "A movement" if pose.movement else "Held"
    sides = "left or right" if pose.sided else "no sides"
    if pose.min_hold is not None:
        kind += f" for at least {pose.min_hold:g} seconds"
    yield f"{kind}; {sides}; view: {', '.join(pose.views)}; grade {pose.grade}."
    yield _found(pose)
    if pose.implies:
        yield f"Then also: {', '.join(pose.implies)}."
    if pose.source:
        yield f"Source: {pose.source}"


def _found(pose: Pose) -> str:
    """How often it is found, where it is and where it isn't."""
    figures = json.loads(FOUND.read_text(encoding="utf-8")).get(pose.name)
    if figures is None:
        return "Not measured yet."
    recorded, drawn, studio = figures["recordings"], figures["drawn"], figures["studio"]
    parts = []
    if recorded["with"]:
        parts.append(f"found in {recorded['found']} of {recorded['with']} recordings with it")
    if recorded["without"]:
        parts.append(f"said in {recorded['wrongly']} of {recorded['without']} without it")
    films = f"drawn: right {drawn['right']:.2f}, found {drawn['found']:.2f}; "
    films += f"in the studio: right {studio['right']:.2f}, found {studio['found']:.2f}"
    return f"{'; '.join([*parts, films]).capitalize()}."


def _conditions(pose: Pose) -> Iterator[str]:
    """What has to hold, one line each; what is asked of both sides alike is said once."""
    side = pose.sides[0]
    taken = film([(pose.name, side, None)], rest=None, frame_rate=15)
    image, world = taken.landmarks()
    body = Body(image, world, taken.times, taken.width, taken.height)
    lines = [(one.quantity.name, _bounds(one)) for one in pose.conditions(body, side)]
    for name, bounds in lines:
        other = re.sub("^left ", "right ", name)
        if name != other and (other, bounds) in lines:
            yield f"{name.replace('left', 'each', 1)} {bounds}"
        elif (re.sub("^right ", "left ", name), bounds) not in lines or not name.startswith(
            "right"
        ):
            yield f"{name} {bounds}"


def _bounds(condition: Condition) -> str:
    low, high, unit = condition.low, condition.high, condition.quantity.unit
    if high == float("inf"):
        return f"at least {low:g} {unit}"
    if low == -float("inf"):
        return f"at most {high:g} {unit}"
    return f"{low:g} to {high:g} {unit}"


def main() -> None:
    """Write POSES.md and the drawings, and remove those of poses that are gone."""
    DOCUMENT.write_text(document(), encoding="utf-8")
    DRAWINGS.mkdir(parents=True, exist_ok=True)
    drawn = drawings()
    for file in DRAWINGS.glob("*.svg"):
        if file.name not in drawn:
            file.unlink()
    for name, picture in drawn.items():
        (DRAWINGS / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
