"""Poses that were shown and not written: from their file to a pose."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType

from analyzer.body import Body, Condition, Quantity, Side
from analyzer.posefile import LONGEST, PoseFile, read
from analyzer.poses import VIEWS, Pose, add, load_module, select, trusted


def load(own: str) -> None:
    """Add somebody's own poses to the catalogue: of a module, or of a file by its absolute path.

    Raises what `load_module` and `load_file` raise.
    """
    if Path(own).is_absolute():
        load_file(Path(own))
    else:
        load_module(own)


def load_file(path: Path) -> Pose:
    """Add the pose of a file to the catalogue.

    Raises OSError where the file can't be read, and ValueError where it holds no pose, or one whose
    name is taken.
    """
    with path.open("rb") as file:
        content = file.read(LONGEST + 1)
    try:
        pose = taught(read(content))
        add(pose)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return pose


def looked_for(names: Sequence[str], pose: str | None) -> tuple[Pose, ...]:
    """Give the poses to look for, with the one that came along, whether it is named or not.

    names: as of `select`; all trusted poses where there are none. pose: the text of the one that
    came along, if one did. Raises UnknownPoseError, and PoseFileError where the text is none.
    """
    if pose is None:
        return tuple(select(names) if names else trusted())
    own = taught(read(pose))
    others = [name for name in names if name != own.name]
    return (*(select(others) if others else () if names else trusted()), own)


def taught(file: PoseFile) -> Pose:
    """Give the pose that a file tells."""

    def rule(body: Body, side: Side | None = None) -> Iterator[Condition]:
        for each in file.conditions:
            for quantity in quantities(body, side, each.quantity, each.of):
                yield quantity.between(*each.bounds)

    return Pose(
        name=file.name,
        family=file.family,
        description=f"As it was shown, {_times(file.examples)}.",
        source="Taught from a video.",
        rule=rule,
        sided=file.sided,
        views=tuple(view for view in VIEWS if view in file.views),
        grade="B",
        movement=False,
        still=True,
        min_hold=None,
        counts_turns=False,
        aliases=MappingProxyType({}),
        implies=(),
    )


def quantities(body: Body, side: Side | None, name: str, of: str) -> Iterator[Quantity]:
    """Give what a file means by a quantity: one, or the same of the left and the right.

    Args:
        body: that it is measured of.
        side: which is told, of a pose that is sided.
        name: of posefile.QUANTITIES.
        of: whose it is, as in posefile.
    """
    wholes: dict[str, tuple[Body | Side, ...]] = {
        "body": (body,),
        "both": body.sides,
        "left": (body.left,),
        "right": (body.right,),
    }
    if side is not None:
        wholes |= {"side": (side,), "other": (side.other,)}
    for whole in wholes[of]:
        quantity = getattr(whole, name)
        assert isinstance(quantity, Quantity)
        yield quantity


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
