"""What a caller may ask for with a video: from the query and the form, checked."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from analyzer.limits import (
    INCLUDES,
    LONGEST_HOLD,
    LONGEST_SIDE,
    MIRROR,
    MOST_PEOPLE,
    Comparing,
    Dance,
    choice_of,
    told_apart,
)
from analyzer.posefile import Lesson, PoseFileError, read, written
from service.problems import Kind, Problem

NAMES: Final = ("poses", "min_hold", "include", "people", "dancer", "pose")

LESSON_NAMES: Final = ("at", "name", "family", "tolerance", "view", "sides", "pose")
"""What may be asked for where a pose is taught."""

COMPARING_NAMES: Final = (
    *("poses", "min_hold", "pose"),
    *("mirror", "start", "end", "reference_start", "reference_end"),
)
"""What may be asked for where a video is compared with a reference."""

DANCE_NAMES: Final = ("poses", "min_hold", "practise", "mirror", "pose", "size")
"""What somebody who dances live may ask for."""

BACKGROUND_NAMES: Final = ("callback", "callback_secret", "keep_video")
"""What may be asked for beside these with a background analysis."""

SIDES: Final = range(1, LONGEST_SIDE + 1)
"""Pixels that a side of a picture may have."""

TRUTHS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

Catalogue = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Options:
    """What to look for, and what to answer beside the plain answer."""

    poses: tuple[str, ...] = ()
    """Names, aliases or families; all poses but experiments where there are none."""
    min_hold: float | None = None
    """Seconds that a static pose is held at least."""
    include: tuple[str, ...] = ()
    people: int = 1
    """How many dancers are followed at most."""
    dancer: str | None = None
    """Which one of them alone is followed, as limits.choice_of reads it."""
    pose: str | None = None
    """A pose to look for beside the others, as posefile.read reads it."""

    @property
    def told_apart(self) -> int:
        """How many people are told apart in a frame at most."""
        return told_apart(self.people, self.dancer)


@dataclass(frozen=True)
class BackgroundOptions:
    """What is asked for with a background analysis alone."""

    callback: str | None = None
    """Where its end is told."""
    callback_secret: str | None = None
    """What that is signed with."""
    keep_video: bool = False
    """Whether the video is kept as long as the result."""


def background_options_of(fields: Mapping[str, str]) -> BackgroundOptions:
    """Read those of the options that only background analyses have.

    Raises:
        Problem: one has a value that isn't allowed.
    """
    keep = fields.get("keep_video", "no").casefold()
    if keep not in TRUTHS:
        raise _problem(f"`keep_video` can't be {keep[:40]!r}; it is yes or no.")
    callback, secret = fields.get("callback"), fields.get("callback_secret")
    if (callback is None) != (secret is None):
        raise _problem("`callback` and `callback_secret` go together; send both, or neither.")
    return BackgroundOptions(callback, secret, TRUTHS[keep])


def options_of(fields: Mapping[str, str], catalogue: Catalogue) -> Options:
    """Read the options that are set.

    Raises:
        Problem: an option is unknown or has a value that isn't allowed; it names those that are.
    """
    for name in fields:
        if name in BACKGROUND_NAMES:
            raise _problem(
                f"`{name}` is for background analyses; send the header `Prefer: respond-async`."
            )
        if name not in NAMES:
            raise _problem(f"There is no option `{name[:40]}`; the options are {_list(NAMES)}.")
    include = _names(fields.get("include", ""))
    for each in include:
        if each not in INCLUDES:
            raise _problem(f"`include` can't be {each[:40]!r}; it may list {_list(INCLUDES)}.")
    people, dancer = _people(fields.get("people", "1")), _dancer(fields.get("dancer"))
    if "group" in include and (people == 1 or dancer is not None):
        raise _problem(
            "`include=group` compares dancers with each other; ask for `people=2` or more, "
            "without `dancer`."
        )
    pose = _pose(fields.get("pose"), catalogue)
    return Options(
        _poses(fields.get("poses", ""), catalogue, pose),
        _min_hold(fields.get("min_hold")),
        include,
        people,
        dancer,
        pose,
    )


def comparing_of(fields: Mapping[str, str], catalogue: Catalogue) -> tuple[Options, Comparing]:
    """Read the options of a comparison that are set: those of an analysis, and its own.

    Raises:
        Problem: an option is unknown or has a value that isn't allowed; it names those that are.
    """
    for name in fields:
        if name not in COMPARING_NAMES:
            raise _problem(
                f"A comparison has no option `{name[:40]}`; its options are "
                f"{_list(COMPARING_NAMES)}."
            )
    mirror = fields.get("mirror", "auto").casefold()
    if mirror not in MIRROR:
        raise _problem(f"`mirror` can't be {mirror[:40]!r}; it is {_list(tuple(MIRROR))}.")
    start, end = _part(fields, "start", "end")
    reference_start, reference_end = _part(fields, "reference_start", "reference_end")
    pose = _pose(fields.get("pose"), catalogue)
    poses = _poses(fields.get("poses", ""), catalogue, pose)
    options = Options(poses, _min_hold(fields.get("min_hold")), pose=pose)
    return options, Comparing(MIRROR[mirror], start, end, reference_start, reference_end)


def dance_of(message: object, catalogue: Catalogue, *, landmarks: bool) -> Dance:
    """Read what somebody who dances live asks for.

    Args:
        message: an object of JSON, which is its first message.
        catalogue: the poses that there are.
        landmarks: whether landmarks are sent, and no pictures: then their size has to be told.

    Raises:
        Problem: something is unknown, lacks, or has a value that isn't allowed.
    """
    if not isinstance(message, dict):
        raise _problem(
            f"A live session begins with an object of JSON; it may have {_list(DANCE_NAMES)}."
        )
    message = {name: value for name, value in message.items() if value is not None}
    fields = {name: _text(name, value) for name, value in message.items() if name != "size"}
    for name in message:
        if name not in DANCE_NAMES:
            raise _problem(
                f"A live session has no option `{name[:40]}`; its options are {_list(DANCE_NAMES)}."
            )
    mirror = fields.get("mirror", "no").casefold()
    if mirror not in TRUTHS:
        raise _problem(f"`mirror` can't be {mirror[:40]!r}; it is true or false.")
    pose = _pose(fields.get("pose"), catalogue)
    return Dance(
        _poses(fields.get("poses", ""), catalogue, pose),
        _min_hold(fields.get("min_hold")),
        _practised(fields.get("practise"), catalogue, pose),
        TRUTHS[mirror],
        pose,
        _size(message.get("size"), wanted=landmarks),
    )


def _text(name: str, value: object) -> str:
    """A value of JSON as a form has it."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case list() if all(isinstance(each, str) for each in value):
            return ",".join(value)
        case dict() if name == "pose":
            return json.dumps(value)
    raise _problem(f"`{name[:40]}` has a value that it can't have; see /docs.")


def _practised(name: str | None, catalogue: Catalogue, pose: str | None) -> str | None:
    """The name of a static pose as the catalogue spells it."""
    if not name:
        return None
    if pose is not None and read(pose).name.casefold() == name.casefold():
        return read(pose).name
    for entry in catalogue:
        if name.casefold() in {known.casefold() for known in (entry["name"], *entry["aliases"])}:
            if entry["kind"] == "static":
                return str(entry["name"])
            raise _problem(f"{entry['name']} is a movement; practise a pose that can be held.")
    raise _problem(f"There is no pose {name[:40]!r} to practise; GET /poses lists the poses.")


def _size(size: object, *, wanted: bool) -> tuple[int, int] | None:
    match size:
        # True is a whole number too, and no width.
        case [int(width), int(height)] if bool not in map(type, (width, height)) and (
            width in SIDES and height in SIDES
        ):
            return width, height
        case None if not wanted:
            return None
    raise _problem(
        "`size` is the [width, height] in pixels of the pictures in which the landmarks are found."
    )


def _part(fields: Mapping[str, str], first: str, last: str) -> tuple[float, float | None]:
    """The seconds between which a part of a video lies; None for its end."""
    start = _seconds(first, fields.get(first, "0"))
    if last not in fields:
        return start, None
    end = _seconds(last, fields[last])
    if end <= start:
        raise _problem(f"`{last}` is {end:g} and `{first}` {start:g}; the end is after the start.")
    return start, end


def _seconds(name: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise _problem(f"`{name}` can't be {text[:40]!r}; it is a number of seconds, from 0.")
    return seconds


def _poses(text: str, catalogue: Catalogue, pose: str | None) -> tuple[str, ...]:
    """Names as the catalogue spells them, each once: so nobody asks for more than there is.

    One of them may be that of the pose that came along.
    """
    known = _known(catalogue)
    if pose is not None:
        own = read(pose).name
        known[own.casefold()] = own
    for name in _names(text):
        if name.casefold() not in known:
            families = _list(sorted({str(entry["family"]) for entry in catalogue}))
            raise _problem(
                f"There is no pose {name[:40]!r}; GET /poses lists the poses, "
                f"and their families are {families}."
            )
    return tuple(dict.fromkeys(known[name.casefold()] for name in _names(text)))


def lesson_of(fields: Mapping[str, str], catalogue: Catalogue) -> Lesson:
    """Read what is to be taught.

    Raises:
        Problem: something is unknown, lacks, or has a value that isn't allowed.
    """
    check_lesson_names(fields)
    if fields.get("name", "").casefold() in _known(catalogue):
        raise _taken(fields["name"])
    try:
        tolerance = fields.get("tolerance")
        return Lesson(
            at=tuple(_number(time, "at") for time in _names(fields.get("at", ""))),
            name=fields.get("name"),
            family=fields.get("family"),
            tolerance=None if tolerance is None else _number(tolerance, "tolerance"),
            view=fields.get("view"),
            sides=fields.get("sides"),
            pose=None if "pose" not in fields else written(read(fields["pose"]), short=True),
        )
    except PoseFileError as error:
        raise _problem(str(error)) from error


def check_lesson_names(fields: Mapping[str, str]) -> None:
    """See that all fields are of those that a lesson has.

    Raises:
        Problem: one isn't.
    """
    for name in fields:
        if name not in LESSON_NAMES:
            raise _problem(
                f"There is no option `{name[:40]}` where a pose is taught; the options are "
                f"{_list(LESSON_NAMES)}."
            )


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise _problem(f"`{what}` can't be {text[:40]!r}; it is a number.") from error


def _pose(text: str | None, catalogue: Catalogue) -> str | None:
    """The text of a pose as short as it can be, as it goes on from here in messages."""
    if text is None:
        return None
    try:
        pose = read(text)
    except PoseFileError as error:
        raise _problem(str(error)) from error
    if pose.name.casefold() in _known(catalogue):
        raise _taken(pose.name)
    if pose.family.casefold() in {str(entry["name"]).casefold() for entry in catalogue}:
        raise _problem(f"There is a pose named {pose.family}; choose another `family`.")
    return written(pose, short=True)


def _min_hold(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_HOLD:
        raise _problem(
            f"`min_hold` can't be {text[:40]!r}; it is a number of seconds, "
            f"from 0 to {LONGEST_HOLD:g}."
        )
    return seconds


def _people(text: str) -> int:
    if text not in map(str, range(1, MOST_PEOPLE + 1)):
        raise _problem(
            f"`people` can't be {text[:40]!r}; it is a whole number of dancers, "
            f"from 1 to {MOST_PEOPLE}."
        )
    return int(text)


def _dancer(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        choice_of(text)
    except ValueError as error:
        raise _problem(
            f"`dancer` can't be {text[:40]!r}; it is middle, largest or a point x,y, "
            "each a part of the width or height from 0 to 1."
        ) from error
    return text.strip()


def _known(catalogue: Catalogue) -> dict[str, str]:
    """Each name, alias and family as the catalogue spells it, by how it is compared."""
    return {
        name.casefold(): name
        for entry in catalogue
        for name in (entry["name"], entry["family"], *entry["aliases"])
    }


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _list(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else ", ".join(names)


def _problem(detail: str) -> Problem:
    return Problem(Kind.BAD_OPTION, detail)


def _taken(name: str) -> Problem:
    return _problem(
        f"There is a pose or family named {name[:40]} already; choose another `name`, which stands "
        "at the top of a file."
    )
