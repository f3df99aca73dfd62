"""The disk that uploads lie on: what they may take of it, and how much of that one address may."""

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from service.problems import Kind, Problem
from service.runtime.metrics import Metrics

OF_ANSWERS: Final = 4
"""One part in so many of the room is left to answers."""

OF_ADDRESS: Final = 2
"""One part in so many of the rest is what uploads of one address may take."""

ROOM_RETRY: Final = 10
"""Seconds after which there may be room on the disk again."""

log = logging.getLogger(__name__)


class Disk:
    """What uploads have of the disk, and what is promised to those that arrive.

    Who announces a length is promised all of it before the body is read, and so isn't refused
    for want of room afterwards. To others as much is promised as arrives: if it were the most
    that an upload may have, a small disk would refuse what is small, and who sends next to nothing
    would keep others out. So they may be told on their way that there is no more.

    Whenever something is promised, the system is asked how much is free, and what is promised and
    not yet written is not promised again, however many come between two writes. An upload that
    waits in line or is analysed keeps what it has until its file is closed. Of a tmpfs its size
    counts, which the system doesn't hold against the memory that there is.
    """

    def __init__(self, folder: Path, metrics: Metrics) -> None:
        self._folder = folder
        self._metrics = metrics
        self._rooms: list[Room] = []

    def room(self, address: str, size: int) -> "Room":
        """Give an upload of an address room for so many bytes.

        Raises:
            Problem: there is not so much, or the address has too much of it.
        """
        room = Room(address, self)
        self.promise(room, size)
        self._rooms.append(room)
        return room

    def promise(self, room: "Room", size: int) -> None:
        """Promise an upload so many bytes more.

        Raises:
            Problem: there is not so much, or the address has too much of it.
        """
        try:
            told = os.statvfs(self._folder)
        except OSError as error:
            log.error("The folder for uploads can't be looked at: %s", error)
            raise no_room() from error
        self._rooms = [each for each in self._rooms if not each.is_over]
        # As if no upload were there: what is left to answers is not less because some are.
        free = told.f_bavail * told.f_frsize + sum(each.written for each in self._rooms)
        own = sum(each.promised for each in self._rooms if each.address == room.address)
        in_all = sum(each.promised for each in self._rooms)
        # A tmpfs without a limit tells of no blocks at all.
        if told.f_blocks:
            if room.promised + size > _share(told.f_blocks * told.f_frsize):
                raise Problem(
                    Kind.UPLOAD_TOO_LARGE,
                    "The upload is larger than the server's disk can take; "
                    "send a smaller or shorter video.",
                )
            if own and own + size > _share(free) >= room.promised + size:
                self._metrics.refusals.inc()
                raise Problem(
                    Kind.BUSY,
                    "Uploads from your address have all the room that they may; "
                    "send it again when one of them is done.",
                    ROOM_RETRY,
                )
            if own + size > _share(free) or in_all + size > _of_uploads(free):
                self._metrics.refusals.inc()
                raise no_room()
        room.promised += size


@dataclass(eq=False)
class Room:
    """What one upload may take of the disk, and has taken."""

    address: str
    disk: Disk
    promised: int = 0
    """Bytes that it may take."""
    written: int = 0
    """Bytes that it has taken."""
    files: list[IO[bytes]] = field(default_factory=list)
    """What takes them, once it is there."""
    arrived: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it takes nothing any more."""
        return all(file.closed for file in self.files) if self.files else self.arrived

    def take(self, size: int) -> None:
        """Take so many bytes, of what isn't promised yet if need be.

        Raises:
            Problem: there is not so much, or the address has too much of it.
        """
        lacks = self.written + size - self.promised
        if lacks > 0:
            self.disk.promise(self, lacks)
        self.written += size

    def end(self) -> None:
        """Note that no more arrives: it has what is in its files, if there are any."""
        self.arrived = True


def no_room() -> Problem:
    """Give the problem of an upload or an answer for which the disk has no room now."""
    return Problem(
        Kind.NO_ROOM, "The server has no room for the upload now; send it again later.", ROOM_RETRY
    )


def _of_uploads(room: int) -> int:
    return room - room // OF_ANSWERS


def _share(room: int) -> int:
    return _of_uploads(room) // OF_ADDRESS
