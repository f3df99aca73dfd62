"""A file that several read at once, each from a place of its own."""

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO


def opened(video: str | Path | IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    """Open a file to be closed after the block; one that is open already stays so.

    Raises:
        OSError: it can't be opened.
    """
    if isinstance(video, str | Path):
        return Path(video).open("rb", buffering=0)
    return nullcontext(video)


class Reading:
    """Reads a file that others may read too: neither uses nor moves the place they share."""

    def __init__(self, file: IO[bytes]) -> None:
        self._descriptor = file.fileno()
        self._place = 0

    def read(self, size: int) -> bytes:
        """Give at most so many bytes, none at the end."""
        content = os.pread(self._descriptor, size, self._place)
        self._place += len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, counted as `whence` says, and tell it."""
        begin = {
            os.SEEK_SET: 0,
            os.SEEK_CUR: self._place,
            os.SEEK_END: os.fstat(self._descriptor).st_size,
        }
        self._place = max(0, begin[whence] + offset)
        return self._place

    def tell(self) -> int:
        """Tell the place that is read from next."""
        return self._place
