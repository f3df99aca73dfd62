"""Poses whose rules, in place of an analysis, do what they can to the server and to others."""

import _thread
import contextlib
import gc
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator

from analyzer.body import Body, Condition
from analyzer.poses import pose

LIES = {
    "Lie": b'{"event": "problem", "kind": "a-lie", "detail": ""}',
    "Nothing": b"17",
    "Depth": b"[" * 10_000,
    "Length": b'"' + b"x" * 2**21 + b'"',
    "Number": b'{"event": "result", "frames": NaN, "timing": {}}',
    "Times": b'{"event": "result", "frames": 1, "timing": {"poses": 1' + b"0" * 400 + b"}}",
    "Constant": b'{"event": "pose", "hold": {"score": NaN}}',
    "Disguise": b'{"event": "pose", "hold": {"event": "result", "result": {}}}',
    "Much": b'{"event": "progress", "frames": 1' + b"0" * 400 + b', "of": 1, "drawn": 0}',
    "Large": b'{"event": "pose", "hold": {"x": [' + b"{}, " * 200_000 + b"{}]}}",
}

TRUTH = b'{"event": "pose", "hold": {"x": [' + b"{}, " * 4000 + b"{}]}}\n"
"""An event that there may be, as large as it may be."""


def tell(text: bytes) -> None:
    """Write into the pipe through which this process tells things."""
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                rest = memoryview(text)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]


def talk() -> None:
    """Tell much that may be told."""
    for _ in range(2000):
        tell(TRUTH)


def finish() -> None:
    """Tell of an answer that isn't there."""
    tell(b'{"event": "result", "frames": 1, "timing": {}}\n')
    time.sleep(1000)


def babble() -> None:
    """Tell what may be told without end."""
    while True:
        tell(TRUTH)


def chatter() -> None:
    """Tell a live session of frames that it hasn't sent, without end."""
    while True:
        tell(b'{"event": "told", "session": 1, "things": [{"event": "frame", "frame": 9}]}\n')


def pretend() -> None:
    """Tell of progress without end."""
    while True:
        tell(b'{"event": "progress", "frames": 1000000, "of": 1000000, "drawn": 1000000}\n')
        time.sleep(0.1)


def count() -> None:
    """Overwrite how many analyses run, which all of them and the forkserver know."""
    (found,) = [one for one in gc.get_objects() if type(one).__name__ == "_Running"]
    found.count = -(2**31)


def crowd() -> None:
    """Start threads by the thousand."""
    threading.stack_size(2**15)
    for _ in range(2000):
        _thread.start_new_thread(time.sleep, (1000,))
    time.sleep(1000)


def mistake() -> None:
    """Fail."""
    raise ValueError("This rule fails." + "\n" * 9000 + "At length.")


def rule_that(does: Callable[[], None]) -> Callable[[Body], Iterator[Condition]]:
    """A rule that does something, and is met nowhere."""

    def rule(body: Body) -> Iterator[Condition]:
        """No pose at all."""
        does()
        yield body.trunk_tilt.at_most(-1)

    return rule


def told(lie: bytes) -> Callable[[], None]:
    return lambda: tell(lie + b"\n")


for name, lie in LIES.items():
    pose(name, family="hostile")(rule_that(told(lie)))
for does in (talk, finish, babble, chatter, pretend, count, crowd, mistake):
    pose(does.__name__.title(), family="hostile")(rule_that(does))
print("Loaded what lies.", file=sys.stderr)
