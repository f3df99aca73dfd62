"""Poses whose rules, in place of an analysis, tell the server what it can't have to tell."""

import contextlib
import os
from collections.abc import Callable, Iterator

from analyzer.body import Body, Condition
from analyzer.poses import pose

LIES = {
    "Lie": b'{"event": "problem", "kind": "a-lie", "detail": ""}',
    "Nothing": b"17",
    "Depth": b"[" * 10_000,
    "Length": b'"' + b"x" * 2**21 + b'"',
    "Number": b'{"event": "result", "frames": NaN, "timing": {}}',
    "Much": b'{"event": "progress", "frames": 1' + b"0" * 400 + b', "of": 1}',
}


def liar(lie: bytes) -> Callable[[Body], Iterator[Condition]]:
    """A rule that tells the lie wherever this process can tell something."""

    def rule(body: Body) -> Iterator[Condition]:
        """No pose at all."""
        for descriptor in range(3, 64):
            with contextlib.suppress(OSError):
                os.write(descriptor, lie + b"\n")
        yield body.tilt.at_most(20)

    return rule


for name, lie in LIES.items():
    pose(name, family="lies")(liar(lie))
