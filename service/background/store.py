"""The files of background analyses, by obstore: in a local folder, or in S3.

Each analysis has its files under its id. obstore doesn't wait as greenlets do, so threads call it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING, Final, TypeVar

import obstore
from gevent.threadpool import ThreadPool
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from service.background.down import DownError
from service.background.records import ID

if TYPE_CHECKING:
    from obstore.store import RetryConfig

CHUNK: Final = 2**20
"""Bytes that are fetched at once."""

FOLDER: Final = "file://"

VIDEO: Final = "video"
"""The name of an analysis's video."""

_THREADS: Final = 8
"""Calls at once; not in the threads where names are looked up, which others wait for."""

_RETRIES: Final["RetryConfig"] = {"retry_timeout": timedelta(seconds=10)}
"""A caller may wait for it; what runs in the background insists by itself.

Options of the client would be in place of AWS's own variables.
"""

Given = TypeVar("Given")


class Store:
    """The files of all analyses.

    Each method raises DownError where the store doesn't answer.

    Args:
        url: file:///FOLDER, or s3://BUCKET/PREFIX, with what AWS's own variables say.
    """

    def __init__(self, url: str) -> None:
        self._threads = ThreadPool(_THREADS)
        self._store: ObjectStore
        if url.startswith(FOLDER):
            folder = url.removeprefix(FOLDER)
            self._store = LocalStore(folder, mkdir=True, automatic_cleanup=True)
        else:
            self._store = from_url(url, retry_config=_RETRIES)

    def keep(self, analysis: str, name: str, file: IO[bytes]) -> None:
        """Store a file, from its beginning."""

        def put() -> None:
            file.seek(0)
            obstore.put(self._store, f"{analysis}/{name}", file)

        self._in_thread(put)

    def fetch(self, analysis: str, name: str, file: IO[bytes]) -> bool:
        """Write a stored file to one that is empty; whether there is such a file."""

        def get() -> bool:
            try:
                for piece in obstore.get(self._store, f"{analysis}/{name}").stream(CHUNK):
                    file.write(piece)
            except (FileNotFoundError, NotFoundError):
                return False
            file.flush()
            return True

        return self._in_thread(get)

    def delete(self, analysis: str, *names: str) -> None:
        """Delete files of an analysis, those that are there; all where none are named."""

        def remove() -> None:
            there = [meta["path"] for many in obstore.list(self._store, analysis) for meta in many]
            wanted = [f"{analysis}/{name}" for name in names] or there
            if gone := [path for path in wanted if path in there]:
                obstore.delete(self._store, gone)

        self._in_thread(remove)

    def ids(self, seconds: float) -> set[str]:
        """Give the ids of analyses with a file that was stored at least so many seconds ago."""

        def look() -> set[str]:
            now = datetime.now(UTC)
            return {
                meta["path"].partition("/")[0]
                for many in obstore.list(self._store)
                for meta in many
                if (now - meta["last_modified"]).total_seconds() >= seconds
            }

        # Whatever else lies there is none of ours.
        return {name for name in self._in_thread(look) if ID.fullmatch(name)}

    def _in_thread(self, call: Callable[[], Given]) -> Given:
        def caught() -> Given | Exception:
            # What a thread of the pool raises, it also prints.
            try:
                return call()
            except (BaseError, OSError) as error:
                return error

        given = self._threads.apply(caught)
        if isinstance(given, Exception):
            reason = str(given).partition("\n")[0]
            raise DownError(f"The store of the analyses doesn't answer: {reason}") from given
        return given


def answer_of(holder: str) -> str:
    """Give the name of the answer that a holder stores, so that no two write the same file."""
    return f"{holder}.json"


def rendering_of(holder: str) -> str:
    """Give the name of the annotated video that a holder stores."""
    return f"{holder}.mp4"
