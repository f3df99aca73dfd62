"""Items made a few ahead of their reader, in a thread of their own."""

import contextlib
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item], count: int) -> Iterator[Item]:
    """Give the items in order, up to `count` of them made before they are asked for.

    An error that making one raises is raised to the reader in its turn. When the reader stops, so
    does the making, before the next item.
    """
    made: queue.Queue[Item | Exception | None] = queue.Queue(count)
    closed = threading.Event()

    def put(item: Item | Exception | None) -> None:
        while not closed.is_set():
            with contextlib.suppress(queue.Full):
                made.put(item, timeout=0.1)
                return

    def make() -> None:
        try:
            for item in items:
                put(item)
                if closed.is_set():
                    return
            put(None)
        except Exception as error:  # raised again in the reader's thread
            put(error)

    thread = threading.Thread(target=make, name="decoder", daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        closed.set()
        thread.join()
