"""A pose as a file: what somebody has shown, as measured quantities with bounds, and no code.

It is JSON, small enough to be read by people and checked to the last value, so that it does no harm
whoever sent it:

    {
      "version": 1,
      "name": "Airplane",
      "family": "taught",
      "views": ["front"],
      "sided": false,
      "tolerance": 20,
      "examples": 1,
      "conditions": [
        {"quantity": "arm_raised", "of": "both", "seen": [88.2, 90.1], "bounds": [68.2, 110.1]}
      ]
    }

`quantity` is an attribute of a `Body` or a `Side` (see QUANTITIES), and `of` whose it is: `body`;
`both`, alike of the left and the right; `left` or `right` of a pose that is not `sided`; `side`,
the one that is told, or its `other`, of one that is. `seen` is the least and the most that the
examples had, and `bounds` what the pose may have: in degrees, in torso lengths, or for heights of
the hips as a share of the height standing. `tolerance` is in degrees. `views` are from where it can
be told, as the catalogue has them.

Nothing that takes long to load is imported here.
"""

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

VERSION: Final = 1
"""Of the form of the files."""

LONGEST: Final = 2**14
"""Bytes of a file at most."""

LONGEST_NAME: Final = 60
"""Characters of a name or a family at most."""

MOST_CONDITIONS: Final = 64
MOST_EXAMPLES: Final = 100
LARGEST: Final = 1000.0
"""No number in a file is further from 0."""

TOLERANCE: Final = 20.0
"""By how many degrees a limb may point elsewhere than in the only example, unless one says.

Half of the 45 degrees by which choreography and ballet tell directions apart is 22.5: a limb that
is off by less is nearer to the direction shown than to the next one. Less the 2 to 3 degrees that
MediaPipe errs in an angle.
"""

TOLERANCES: Final = (5.0, 45.0)
"""The least and the largest tolerance that can be asked for."""

FAMILY: Final = "taught"
"""The family of a pose that is given no other."""

VIEWS: Final = ("front", "three-quarter", "profile")
"""From where a pose can be told, as in analyzer.poses.VIEWS."""

ANY: Final = "any"
"""What stands for all views."""

SIDES: Final = ("left", "right", "none")
"""What can be said of the sides of a pose that is taught."""

MOST_TIMES: Final = 10
"""Examples that are taken from a video at most."""

LATEST: Final = 1e6
"""No time in a video is later, in seconds."""

ARM: Final = 1.1
LEG: Final = 1.7
"""How long an arm and a leg are, in torso lengths."""


class Kind(NamedTuple):
    """A quantity that files may bound.

    opposite: whether the other half has the same with the opposite sign, so that one tells both.
    reach: what moves its value, in torso lengths: a limb of that length that turns by the tolerance
    does so by its arc; None where the value is an angle, and turns with it. error: by how much
    it errs beside that, in its unit: the median error of docs/bounds.md, where it is more than a
    tenth of the tolerance.
    """

    of_body: bool = False
    opposite: bool = False
    reach: float | None = None
    error: float = 0.0


QUANTITIES: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "trunk_tilt": Kind(of_body=True),
        "forward_bend": Kind(of_body=True),
        "hips_above_feet": Kind(of_body=True, reach=1.0),
        "feet_apart": Kind(of_body=True, reach=LEG),
        "wrists_apart": Kind(of_body=True, reach=ARM),
        "elbows_apart": Kind(of_body=True, reach=ARM),
        "wrists_uncrossed": Kind(of_body=True, reach=ARM, error=0.1),
        "wrists_to_other_elbows": Kind(of_body=True, reach=ARM),
        "side_bend": Kind(opposite=True),
        "arm_raised": Kind(),
        "elbow": Kind(),
        "elbow_in_space": Kind(error=15.0),
        "wrist_above_shoulder": Kind(reach=ARM),
        "wrist_to_hip": Kind(reach=ARM / 2),
        "wrist_to_nose": Kind(reach=ARM / 2),
        "thigh_raised": Kind(),
        "thigh_direction": Kind(error=12.0),
        "leg_raised": Kind(),
        "leg_direction": Kind(error=13.0),
        "knee": Kind(),
        "knee_in_space": Kind(error=12.0),
        "ankle_above_other": Kind(opposite=True, reach=LEG, error=0.13),
        "foot_to_hand": Kind(reach=LEG / 2, error=0.1),
        "toes_to_other_leg": Kind(reach=LEG / 2),
    }
)
"""What a file may bound, by its name in `Body` and `Side`, whose docstrings say what each is."""

OF_SIDED: Final = ("side", "other", "both")
OF_OTHERS: Final = ("left", "right", "both")


class PoseFileError(ValueError):
    """A text is no pose; it is one sentence that says why."""


@dataclass(frozen=True)
class Bounds:
    """What a pose wants of a quantity; all values in the quantity's unit."""

    quantity: str
    of: str
    seen: tuple[float, float]
    bounds: tuple[float, float]


@dataclass(frozen=True)
class PoseFile:
    """A pose as its file has it."""

    name: str
    family: str
    views: tuple[str, ...]
    sided: bool
    tolerance: float
    examples: int
    conditions: tuple[Bounds, ...]


def read(text: str | bytes) -> PoseFile:
    """Read a pose.

    Raises:
        PoseFileError: it is none, or not one of this form.
    """
    content = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if len(content) > LONGEST:
        raise PoseFileError(f"A file of a pose has {LONGEST} bytes at most; this one is longer.")
    try:
        read = json.loads(content, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise PoseFileError("The pose is no JSON; send a file that was taught.") from error
    match read:
        case {"version": int(version)} if version != VERSION or version is True:
            raise PoseFileError(
                f"The pose is of version {str(version)[:20]}, and {VERSION} is read here; "
                "teach it anew."
            )
        case {
            "version": int(),
            "name": str(name),
            "family": str(family),
            "views": list(views),
            "sided": bool(sided),
            "tolerance": int() | float() as tolerance,
            "examples": int(examples),
            "conditions": list(conditions),
        } if len(read) == 8:
            if not 1 <= examples <= MOST_EXAMPLES or examples is True:
                raise PoseFileError(f"`examples` has to be from 1 to {MOST_EXAMPLES} in a pose.")
            if not 1 <= len(conditions) <= MOST_CONDITIONS:
                raise PoseFileError(f"A pose has 1 to {MOST_CONDITIONS} conditions.")
            bounds = tuple(_bounds(each, sided) for each in conditions)
            if len({(each.quantity, each.of) for each in bounds}) < len(bounds):
                raise PoseFileError("A pose bounds each quantity once; this one has one twice.")
            return PoseFile(
                name=named(name, "name"),
                family=named(family, "family"),
                views=viewed(views),
                sided=sided,
                tolerance=tolerated(tolerance),
                examples=examples,
                conditions=bounds,
            )
    raise PoseFileError(
        "The pose lacks a field, or has one that there isn't; it has version, name, family, views, "
        "sided, tolerance, examples and conditions."
    )


def written(pose: PoseFile, *, short: bool = False) -> str:
    """Give the text of a pose as people read it, or as short as it can be."""
    head = {
        "version": VERSION,
        "name": pose.name,
        "family": pose.family,
        "views": list(pose.views),
        "sided": pose.sided,
        "tolerance": pose.tolerance,
        "examples": pose.examples,
    }
    conditions = [
        {
            "quantity": each.quantity,
            "of": each.of,
            "seen": list(each.seen),
            "bounds": list(each.bounds),
        }
        for each in pose.conditions
    ]
    if short:
        return json.dumps(head | {"conditions": conditions}, separators=(",", ":"))
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    rows = ",\n".join(f"    {json.dumps(each)}" for each in conditions)
    return "{\n" + ",\n".join(lines) + ',\n  "conditions": [\n' + rows + "\n  ]\n}"


def named(text: str, what: str) -> str:
    """Give a name that a pose, or a family, can have.

    Raises:
        PoseFileError: it can't.
    """
    name = " ".join(text.split(" "))
    if name != text.strip() or not 0 < len(name) <= LONGEST_NAME:
        raise PoseFileError(
            f"`{what}` has 1 to {LONGEST_NAME} characters in a pose, and no space at its ends."
        )
    for letter in name:
        if unicodedata.category(letter)[0] not in "LMN" and letter not in " '()-":
            raise PoseFileError(
                f"`{what}` can't have {letter!r} in a pose; it has letters, digits, spaces, and "
                "any of '()-."
            )
    return name


def viewed(views: Sequence[object]) -> tuple[str, ...]:
    """Give the views of a pose, in their order.

    Raises:
        PoseFileError: one is none, or there is none.
    """
    if not views or not all(view in VIEWS for view in views):
        raise PoseFileError(f"`views` lists some of {', '.join(VIEWS)} in a pose.")
    return tuple(view for view in VIEWS if view in views)


def tolerated(tolerance: float) -> float:
    """Give a tolerance that there can be, in degrees.

    Raises:
        PoseFileError: it can't.
    """
    least, most = TOLERANCES
    if isinstance(tolerance, bool) or not least <= tolerance <= most:
        raise PoseFileError(f"`tolerance` is a number of degrees from {least:g} to {most:g}.")
    return tolerance


def _bounds(given: Any, sided: bool) -> Bounds:
    match given:
        case {
            "quantity": str(quantity),
            "of": str(of),
            "seen": [seen_least, seen_most],
            "bounds": [low, high],
        } if len(given) == 4:
            kind = QUANTITIES.get(quantity)
            if kind is None:
                raise PoseFileError(
                    f"There is no quantity {quantity[:40]!r} that a pose can bound; "
                    f"there are {', '.join(QUANTITIES)}."
                )
            halves = OF_SIDED if sided else OF_OTHERS
            if of not in (("body",) if kind.of_body else halves):
                whose = "body" if kind.of_body else " or ".join(halves)
                raise PoseFileError(
                    f"`{quantity}` is of {whose} in such a pose, and not of {of[:40]!r}."
                )
            seen = _number(seen_least), _number(seen_most)
            bounds = _number(low), _number(high)
            if seen[0] > seen[1] or bounds[0] >= bounds[1]:
                raise PoseFileError(f"The lower bound of `{quantity}` has to be below the upper.")
            return Bounds(quantity, of, seen, bounds)
    raise PoseFileError(
        "A condition of a pose has quantity, of, and two numbers each of seen and bounds."
    )


def _number(value: object) -> float:
    # Compared before it is made a float, as a large whole number has none.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise PoseFileError(f"A bound of a pose is a number from {-LARGEST:g} to {LARGEST:g}.")
    return float(value)


def _refuse(constant: str) -> None:
    raise ValueError(f"JSON knows no {constant}.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("A name is there twice.")
    return made


def margin(quantity: str, tolerance: float, examples: int) -> float:
    """Tell how far the bounds of a quantity are from what was seen, in its unit.

    One example doesn't tell how much a pose varies; of several, part of that is in what was seen.
    So the tolerance is that of one example over the root of their number, and half of it at least.
    """
    kind = QUANTITIES[quantity]
    left = tolerance * max(0.5, 1 / math.sqrt(examples))
    turned = left if kind.reach is None else math.radians(left) * kind.reach
    # The example errs, and so does what is judged by it.
    return turned + 2 * kind.error


@dataclass(frozen=True)
class Lesson:
    """What is to be taught from a video, beside what is seen in it.

    at: seconds at which the pose is held, each an example. pose: the text of a file that the
    examples are added to. What is None is as in that file, or found out, or has its default. view
    and sides say otherwise than is found out: view is one of VIEWS or `any`, sides which side an
    example shows, or `none` if the pose has no sides and is looked for just as it is shown.
    """

    at: Sequence[float]
    name: str | None = None
    family: str | None = None
    tolerance: float | None = None
    view: str | None = None
    sides: str | None = None
    pose: str | None = None

    def __post_init__(self) -> None:
        """See that it can be taught.

        Raises:
            PoseFileError: it can't.
        """
        if not 1 <= len(self.at) <= MOST_TIMES or not all(0 <= time <= LATEST for time in self.at):
            raise PoseFileError(
                f"`at` is 1 to {MOST_TIMES} times at which the pose is held, in seconds from the "
                "start of the video."
            )
        if self.name is None and self.pose is None:
            raise PoseFileError("The pose needs a `name`.")
        if self.name is not None:
            named(self.name, "name")
        if self.family is not None:
            named(self.family, "family")
        if self.tolerance is not None:
            tolerated(self.tolerance)
        if self.view not in (None, ANY, *VIEWS):
            raise PoseFileError(f"`view` is one of {', '.join(VIEWS)} and {ANY}.")
        if self.sides not in (None, *SIDES):
            raise PoseFileError(f"`sides` is one of {', '.join(SIDES)}.")
        if self.pose is not None:
            read(self.pose)
