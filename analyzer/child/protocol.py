"""What the pool, its forkserver and the process of a video tell each other, each message once.

An order goes to the forkserver with open files: the writing end of a pipe, and for an analysis the
video, a file for the answer, one for the landmarks where they are kept, the reference with one for
its landmarks where there is one, and one for the annotated video where it is drawn. The forkserver
answers with Started and Exited. With that of live sessions comes the reading end of a pipe, through
which their messages come. The process that it forks tells its events through the pipe, as
lines of JSON: it has read a stranger's file, so nothing that it sends is run, as a pickle would be,
and whatever is no event is an error.

Nothing that takes long to load is imported here.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from enum import IntEnum
from typing import Any, ClassVar, Final

from analyzer.errors import VideoError
from analyzer.limits import MOST_PEOPLE, Comparing, Limits, choice_of
from analyzer.posefile import Lesson, read

MESSAGE: Final = 2**16
"""Bytes of a message to the forkserver, or from it, at most."""

LINE: Final = 2**20
"""Bytes of a line that the process of a video tells at most; what is longer goes into a file."""

LONGEST_HOLD_LINE: Final = 2**14
"""Bytes of the line of a hold at most."""

FILE_BYTES: Final = 2**20
"""Bytes that a file which is written may have, however short the video is."""

ANSWER_BYTES_A_FRAME: Final = 2**12
"""Bytes that a file with an answer may have beside that for each frame.

Up to 2.6 kB are its landmarks, 33 of 7 numbers; 60 bytes its angles; 700 its number in each pose
that is held; the rest leaves room for the conditions of holds. The landmarks as they are kept for a
while, 936 bytes a frame, fit in as well. It is so for each of several dancers.
"""

RENDERED_BYTES_A_FRAME: Final = 2**15
"""The same of an annotated video: 16 Mbit/s at 60 frames a second."""

LONGEST_FAILURE: Final = 10_000
"""Characters that are told of a mistake at most: its end."""

MOST: Final = 2**31
"""No number that is told is larger."""

TIMED: Final = ("decode", "inference", "poses")
"""The parts of the work whose times are told."""

KINDS: Final = frozenset(error.kind for error in VideoError.__subclasses__())
"""What can be wrong with a video."""

BAD_OPTION: Final = "bad-option"
CRASHED: Final = "crashed"
"""What else can be wrong with a live session: what is no landmarks, and a pose that fails."""

_NUMBER: Final = struct.Struct("<Q")

_LIVE: Final = struct.Struct("<IBdI")
"""What stands before the content of a message of a live session: whose it is, what, when, and how
many bytes."""


class MessageError(ValueError):
    """A message is too long to be sent, or is none."""


@dataclass(frozen=True)
class ProofOrder:
    """Have a picture go through the model, to prove that it works."""

    memory: int
    """Bytes of address space that the process may take beyond its start."""


@dataclass(frozen=True)
class AnalysisOrder:
    """Analyse a video."""

    memory: int
    """Bytes of address space that the process may take beyond its start."""
    file_bytes: int
    """How long a file that it writes may become."""
    limits: Limits
    min_hold: float | None = None
    """Seconds that a static pose is held at least, where it asks for no longer itself."""
    poses: Sequence[str] = ()
    """Names, aliases or families of those to look for; all but experiments where there are none."""
    include: Sequence[str] = ()
    """What is answered beside the plain answer, of limits.INCLUDES."""
    renders: bool = False
    """Whether the video is drawn into, too; its file comes last."""
    prompt: bool = False
    """Whether holds are wanted as soon as they are certain."""
    in_background: bool = False
    """Whether others go first where there are too few cores."""
    people: int = 1
    """How many dancers are followed at most."""
    dancer: str | None = None
    """Which one of them alone is followed, as limits.choice_of reads it."""
    comparing: Comparing | None = None
    """How it is compared with a reference, if so, whose file and scratch file come before the
    last."""
    pose: str | None = None
    """The text of a pose to look for beside these, as posefile.read reads it."""

    def __post_init__(self) -> None:
        """See that there can be so many dancers, and such a one among them, and such a pose.

        Raises:
            ValueError: there can't.
        """
        if self.people not in range(1, MOST_PEOPLE + 1):
            raise ValueError(f"There are 1 to {MOST_PEOPLE} dancers, and not {self.people}.")
        if self.dancer is not None:
            choice_of(self.dancer)
        if self.pose is not None:
            read(self.pose)

    @property
    def compares(self) -> bool:
        """Whether a reference comes with it, and a file for its landmarks."""
        return self.comparing is not None

    @property
    def keeps_landmarks(self) -> bool:
        """Whether a file comes with it, before the last, to keep landmarks in for a while."""
        return (
            self.compares
            or self.renders
            or not {"landmarks", "angles", "group", "beat"}.isdisjoint(self.include)
        )


@dataclass(frozen=True)
class TeachingOrder:
    """Make a file of a pose that is shown in a video; that is the answer."""

    memory: int
    """Bytes of address space that the process may take beyond its start."""
    file_bytes: int
    """How long a file that it writes may become."""
    limits: Limits
    lesson: Lesson

    keeps_landmarks: ClassVar = True
    compares: ClassVar = False
    renders: ClassVar = False
    """Which files come with it, as with an AnalysisOrder."""


@dataclass(frozen=True)
class LiveOrder:
    """Look at what is sent of live sessions, each of which begins with a message of its own."""

    memory: int
    """Bytes of address space that the process may take beyond its start."""
    limits: Limits
    live: bool = True
    """What tells it from other orders."""


Order = ProofOrder | AnalysisOrder | TeachingOrder | LiveOrder


def longest_file(frames: int, *, renders: bool, people: int = 1) -> int:
    """Bytes that any file may have that is written of a video with so many frames at most.

    Args:
        frames: that it has.
        renders: whether it is drawn into.
        people: how many dancers are told apart in each frame at most.
    """
    drawn = RENDERED_BYTES_A_FRAME if renders else 0
    return FILE_BYTES + frames * max(drawn, people * ANSWER_BYTES_A_FRAME)


@dataclass(frozen=True)
class Started:
    """The process of an order runs."""

    pid: int


@dataclass(frozen=True)
class Exited:
    """The process of an order has ended, or never started."""

    status: int
    """Its exit code, or minus the signal that ended it."""


Reply = Started | Exited


@dataclass(frozen=True)
class Proof:
    """The model works."""

    NAME: ClassVar = "proof"
    catalogue: list[dict[str, Any]]
    """The poses that there are, as report.answer.catalogue_entry has them."""


@dataclass(frozen=True)
class Progress:
    """How far an analysis is."""

    NAME: ClassVar = "progress"
    frames: int
    of: int
    """How many the file holds, by its packets; 0 if it doesn't say. At the end, how many it had."""
    drawn: int = 0
    """How many frames are drawn into the annotated video; the others are all done by then."""


@dataclass(frozen=True)
class HoldFound:
    """A hold is certain."""

    NAME: ClassVar = "pose"
    hold: dict[str, Any]
    """As report.answer.segment has it."""


@dataclass(frozen=True)
class Answered:
    """The analysis is done, and its answer in the file for it."""

    NAME: ClassVar = "result"
    frames: int
    timing: dict[str, float]
    """Seconds for each part of the work, where they were asked for."""


@dataclass(frozen=True)
class Refused:
    """The video can't be analysed."""

    NAME: ClassVar = "problem"
    kind: str
    """As errors.VideoError.kind."""
    detail: str


@dataclass(frozen=True)
class Failed:
    """A mistake, of ours or in somebody's own pose."""

    NAME: ClassVar = "failure"
    traceback: str


@dataclass(frozen=True)
class Told:
    """What a live session is told of what it has sent last: the last thing is of that."""

    NAME: ClassVar = "told"
    session: int
    things: list[dict[str, Any]]


@dataclass(frozen=True)
class NotTaken:
    """What a live session has sent can't be taken, and the session is over."""

    NAME: ClassVar = "not-taken"
    session: int
    kind: str
    """As of Refused, or BAD_OPTION, or CRASHED."""
    detail: str


Event = Proof | Progress | HoldFound | Answered | Refused | Failed | Told | NotTaken


class Sent(IntEnum):
    """What of a live session is sent to its process."""

    BEGINNING = 1
    """What it wants, a limits.Dance as JSON."""
    PICTURE = 2
    """A picture, JPEG or WebP."""
    LANDMARKS = 3
    """The landmarks in a picture, as JSON: landmarks and world_landmarks, null for nobody."""
    END = 4
    """No more comes, and it wants the rest."""
    LEAVING = 5
    """No more comes, and nobody waits for anything."""


@dataclass(frozen=True)
class LiveMessage:
    """Something of a live session, on its way to its process."""

    session: int
    """Its number among those of the process."""
    kind: Sent
    time: float
    """When it was seen, in seconds."""
    content: bytes

    def packed(self) -> bytes:
        """Give it as it is sent."""
        return _LIVE.pack(self.session, self.kind, self.time, len(self.content)) + self.content


def live_messages(buffer: bytearray) -> list[LiveMessage]:
    """Take the whole messages from the beginning of what has come."""
    messages = []
    begin = 0
    while len(buffer) - begin >= _LIVE.size:
        session, kind, time, length = _LIVE.unpack_from(buffer, begin)
        end = begin + _LIVE.size + length
        if len(buffer) < end:
            break
        content = bytes(memoryview(buffer)[begin + _LIVE.size : end])
        messages.append(LiveMessage(session, Sent(kind), time, content))
        begin = end
    del buffer[:begin]
    return messages


def packed(number: int, message: Order | Reply) -> bytes:
    """Give a message about the order of a number as it is sent.

    Raises:
        MessageError: it would be too long.
    """
    text = _NUMBER.pack(number) + json.dumps(asdict(message)).encode()
    if len(text) > MESSAGE:
        raise MessageError(f"A message of {len(text)} bytes is longer than {MESSAGE}.")
    return text


def number_of(text: bytes) -> int:
    """Tell the number of a message's order, also where it can't be read; 0 for none."""
    return int(_NUMBER.unpack_from(text)[0]) if len(text) >= _NUMBER.size else 0


def order_of(text: bytes) -> Order:
    """Read a message to the forkserver.

    Raises:
        MessageError: it is no order.
    """
    message = _read(text[_NUMBER.size :])
    match message:
        case {"memory": int(memory), "limits": dict(limits), "lesson": dict(lesson)} if memory > 0:
            try:
                taught = {"limits": Limits(**limits), "lesson": Lesson(**lesson)}
                return TeachingOrder(**message | taught)
            except (TypeError, ValueError, AttributeError) as error:
                raise MessageError("The message is no order.") from error
        case {"memory": int(memory), "limits": dict(limits), "live": True} if memory > 0:
            try:
                return LiveOrder(**message | {"limits": Limits(**limits)})
            except TypeError as error:
                raise MessageError("The message is no order.") from error
        case {"memory": int(memory), "limits": dict(limits)} if memory > 0:
            try:
                comparing = message.get("comparing")
                told = {"comparing": comparing and Comparing(**comparing)}
                return AnalysisOrder(**message | {"limits": Limits(**limits)} | told)
            except (TypeError, ValueError, AttributeError) as error:
                raise MessageError("The message is no order.") from error
        case {"memory": int(memory)} if memory > 0 and len(message) == 1:
            return ProofOrder(memory)
    raise MessageError("The message is no order.")


def reply_of(text: bytes) -> Reply:
    """Read a message from the forkserver.

    Raises:
        MessageError: it is no reply.
    """
    match _read(text[_NUMBER.size :]):
        case {"pid": int(pid)}:
            return Started(pid)
        case {"status": int(status)}:
            return Exited(status)
    raise MessageError("The message is no reply.")


def line_of(event: Event) -> bytes:
    """Give an event as the process of a video tells it."""
    # Not `asdict`, which copies all that is in it, at a cost where much is told.
    told = {each.name: getattr(event, each.name) for each in fields(event)}
    return json.dumps({"event": event.NAME, **told}).encode() + b"\n"


def event_of(line: bytes) -> Event:
    """Read what the process of a video tells.

    Raises:
        MessageError: it is no event, or a longer one than there are.
    """
    message = _read(line)
    event = _of_analysis(message, len(line)) or _of_others(message)
    if event is None:
        raise MessageError("A process told what it can't have to tell.")
    return event


def _of_analysis(message: Any, length: int) -> Event | None:
    """What is told of an analysis."""
    match message:
        case {"event": Progress.NAME, "frames": int(frames), "of": int(of), "drawn": int(drawn)}:
            return Progress(_count(frames), _count(of), _count(drawn))
        case {"event": HoldFound.NAME, "hold": dict(hold)} if (
            length <= LONGEST_HOLD_LINE and "event" not in hold
        ):
            return HoldFound(hold)
        case {"event": Answered.NAME, "frames": int(frames), "timing": dict(timing)}:
            return Answered(_count(frames), _seconds(timing))
        case {"event": Refused.NAME, "kind": str(kind), "detail": str(detail)} if kind in KINDS:
            return Refused(kind, detail)
        case {"event": Failed.NAME, "traceback": str(traceback)}:
            return Failed(traceback[-LONGEST_FAILURE:])
    return None


def _of_others(message: Any) -> Event | None:
    """What is told of a proof, or of live sessions."""
    match message:
        case {"event": Proof.NAME, "catalogue": list(catalogue)}:
            return Proof(catalogue)
        case {
            "event": Told.NAME,
            "session": int(session),
            "things": [*things, {"event": str(_)} as last],
        } if all(isinstance(thing, dict) for thing in things):
            return Told(session, [*things, last])
        case {
            "event": NotTaken.NAME,
            "session": int(session),
            "kind": str(kind),
            "detail": str(detail),
        } if kind in KINDS | {BAD_OPTION, CRASHED}:
            return NotTaken(session, kind, detail)
    return None


def _read(text: bytes) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MessageError("The message is no JSON.") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"JSON knows no {constant}.")


def _count(number: int) -> int:
    """A number that there can be."""
    return max(0, min(int(number), MOST))


def _seconds(timing: dict[str, Any]) -> dict[str, float]:
    for name, seconds in timing.items():
        # Compared, as a large whole number has no float.
        if name not in TIMED or not isinstance(seconds, int | float) or not 0 <= seconds <= MOST:
            raise MessageError("A process told times that are none.")
    return timing
