"""What a command writes: a bar of its progress, and a file that is whole or not there."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cli.side_by_side import Event

BAR_WIDTH: Final = 30
WIPE: Final = "\r\x1b[K"
"""What takes back the terminal's current line."""


def bar(name: str, event: Event) -> str:
    """Give a line of progress; empty at the end."""
    if event["event"] != "progress":
        return ""
    drawn = event.get("drawn", 0)
    done, whole = drawn or event["frames"], max(event["of"], event["frames"], 1)
    return f"{name} [{filled(done, whole)}] {done}/{whole} frames{' drawn' if drawn else ''}"


def filled(done: int, whole: int) -> str:
    """Give a bar of which a part is done."""
    return ("#" * (BAR_WIDTH * done // whole)).ljust(BAR_WIDTH)


@contextmanager
def part_of(out: Path | None) -> Iterator[Path | None]:
    """Give a file beside OUT to write to; it is gone at the end, unless it was renamed to OUT."""
    if out is None:
        yield None
        return
    part = out.resolve().with_name(f"{secrets.token_hex(8)}.part")
    part.touch(exist_ok=False)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
