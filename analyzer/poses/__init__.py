"""The vocabulary: what a pose is, and the poses that are known.

A pose is one function in one of the modules of this package, or in a module of someone's own (see
`load_module`), registered with `pose`. It yields conditions over a `Body`, and they answer in
which frames the pose is held, how well, and what is off by how much.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Literal

from analyzer.body import Body, Condition

Grade = Literal["A", "B", "C"]
SideName = Literal["left", "right"]
View = Literal["front", "three-quarter", "profile"]
Rule = Callable[..., Iterator[Condition]]

VIEWS: Mapping[View, tuple[float, float]] = MappingProxyType(
    {"front": (0, 45), "three-quarter": (15, 60), "profile": (50, 90)}
)
"""How far the body is turned out of the front or back view, in degrees."""

ANY_VIEW: tuple[View, ...] = ("front", "three-quarter", "profile")


class UnknownPoseError(ValueError):
    """A name that is no pose, alias or family; its sentence names those that are."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A pose or movement of the vocabulary.

    description and source: what it is, and who says so. aliases: other names and the schools that
    use them. sided: whether it has a left and a right; the side is that of the limb that acts.
    views: from where it can be decided, the front including the back. grade: A where it is
    reliable in those views, B where less so, C where one camera tells it too seldom or too often:
    an experiment, looked for only where it is asked for by name. movement: decided over time.
    still: whether passing through is not holding. min_hold: the shortest hold in seconds where that
    is longer than the default, and that of a movement; None for the default.
    counts_turns: whether a hold says how many turns it has. implies: the poses that are then true
    too.
    """

    name: str
    family: str
    description: str
    source: str
    rule: Rule = field(repr=False)
    sided: bool
    views: tuple[View, ...]
    grade: Grade
    movement: bool
    still: bool
    min_hold: float | None
    counts_turns: bool
    aliases: Mapping[str, str]
    implies: tuple[str, ...]

    @property
    def sides(self) -> tuple[SideName | None, ...]:
        """The sides on which it is looked for."""
        return ("left", "right") if self.sided else (None,)

    @property
    def drawing(self) -> str:
        """The name of the file with its drawing, where there is one."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-") + ".svg"

    def conditions(self, body: Body, side: SideName | None) -> tuple[Condition, ...]:
        """What has to hold for the pose, on `side` where it has sides."""
        if side is None:
            return tuple(self.rule(body))
        return tuple(self.rule(body, body.left if side == "left" else body.right))


_registered: dict[str, Pose] = {}

_POSITIONAL = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}


def pose(
    name: str,
    *,
    family: str,
    view: View | tuple[View, ...] = ANY_VIEW,
    grade: Grade = "A",
    movement: bool = False,
    still: bool | None = None,
    min_hold: float | None = None,
    counts_turns: bool = False,
    aliases: Mapping[str, str] | None = None,
    implies: tuple[str, ...] = (),
) -> Callable[[Rule], Rule]:
    """Register the decorated function as the pose `name` (see `Pose` for the rest).

    A function of (body) is one pose; a function of (body, side) is tried for the dancer's left
    and right. Its docstring is the description, and what follows "Source:" in it the source.
    Raises ValueError for a name that is taken, for a function without a docstring, and for one that
    takes something else.
    """

    def register(rule: Rule) -> Rule:
        if any(name.casefold() == known.casefold() for known in _registered):
            raise ValueError(f"There is a pose named {name} already; give this one another name.")
        description, _, source = (inspect.getdoc(rule) or "").partition("Source:")
        if not description:
            raise ValueError(f"The pose {name} needs a docstring that describes it.")
        parameters = inspect.signature(rule).parameters.values()
        if len(parameters) not in {1, 2} or {each.kind for each in parameters} - _POSITIONAL:
            raise ValueError(
                f"The pose {name} has to be a function of (body), or of (body, side) where it has "
                "a left and a right."
            )
        _registered[name] = Pose(
            name=name,
            family=family,
            description=" ".join(description.split()),
            source=" ".join(source.split()),
            rule=rule,
            sided=len(parameters) == 2,
            views=(view,) if isinstance(view, str) else view,
            grade=grade,
            movement=movement,
            still=not movement if still is None else still,
            min_hold=min_hold,
            counts_turns=counts_turns,
            aliases=MappingProxyType(dict(aliases or {})),
            implies=implies,
        )
        return rule

    return register


@cache
def _import_families() -> None:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


def catalogue() -> tuple[Pose, ...]:
    """Every pose that is known."""
    _import_families()
    return tuple(_registered.values())


def trusted() -> tuple[Pose, ...]:
    """The poses that are looked for where nothing else is asked for: all but experiments."""
    return tuple(pose for pose in catalogue() if pose.grade != "C")


def select(names: Iterable[str]) -> tuple[Pose, ...]:
    """The poses that have any of `names` as name, alias or family, in the catalogue's order.

    Upper and lower case are the same. A family is its trusted poses, or its experiments where it
    has no others; of other families an experiment has to be named. Raises UnknownPoseError for a
    name that is none of these.
    """
    poses = catalogue()
    chosen = set()
    for name in names:
        wanted = name.strip().casefold()
        found = _family(wanted) | {
            pose.name
            for pose in poses
            if wanted in {known.casefold() for known in (pose.name, *pose.aliases)}
        }
        if not found:
            families = ", ".join(dict.fromkeys(pose.family for pose in poses))
            known = ", ".join(pose.name for pose in poses)
            raise UnknownPoseError(
                f"There is no pose or family named {name.strip()!r}. "
                f"The families are {families}; the poses are {known}."
            )
        chosen |= found
    return tuple(pose for pose in poses if pose.name in chosen)


def _family(name: str) -> set[str]:
    """The names of the trusted poses of a family, or of all of it where none are."""
    family = [pose for pose in catalogue() if pose.family.casefold() == name]
    return {pose.name for pose in family if pose.grade != "C"} or {pose.name for pose in family}


def add(pose: Pose) -> None:
    """Add a pose to the catalogue, such as one from a file.

    Raises ValueError where its name is one there already.
    """
    wanted = pose.name.casefold()
    if any(wanted == each.casefold() for known in catalogue() for each in _names(known)):
        raise ValueError(f"There is a pose named {pose.name} already; give this one another name.")
    _registered[pose.name] = pose


def _names(pose: Pose) -> tuple[str, ...]:
    return (pose.name, *pose.aliases)


def load_module(name: str) -> None:
    """Import someone's own module of poses, which registers them with `pose`.

    Raises ImportError where there is no such module, and ValueError where a pose of it can't be
    registered.
    """
    _import_families()
    importlib.import_module(name)
