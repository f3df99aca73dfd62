"""A pose whose rule, in place of an analysis, tells the server what it can't have to tell."""

import contextlib
import os
from collections.abc import Iterator

from analyzer.body import Body, Condition
from analyzer.poses import pose


@pose("Lie", family="lies")
def lie(body: Body) -> Iterator[Condition]:
    """No pose at all."""
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(descriptor, b'{"event": "problem", "kind": "a-lie", "detail": ""}\n')
    yield body.tilt.at_most(20)
