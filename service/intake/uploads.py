"""Uploads: a multipart body to one file on disk, once, in chunks.

The file has no name: it is gone when the last process that has it open closes it or ends, however
that happens, and no other file can be meant by mistake.
"""

import errno
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO, Final

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Field, File, MultipartDecoder, NeedData

from service.intake.disk import Room, no_room
from service.problems import Kind, Problem
from service.runtime.settings import Settings

CHUNK: Final = 2**16
"""Bytes that are read at once."""

MAX_OVERHEAD: Final = 2**16
"""Bytes that a body may have beside the file: boundaries, headers, the other fields."""

MAX_PARTS: Final = 20
MAX_BOUNDARY: Final = 200

VIDEO: Final = "video"
"""The field that holds the video."""

REFERENCE: Final = "reference"
"""The field that holds what it is compared with: a video, or an earlier answer."""

POSE: Final = "pose"
"""The field that holds a pose, as text or as a file, and is kept as text."""

log = logging.getLogger(__name__)


@dataclass
class Upload:
    """What was sent: the video's file, that of the reference, and the other fields of the form."""

    file: IO[bytes]
    reference: IO[bytes] | None = None
    """There where one is wanted."""
    size: int = 0
    """Bytes of both."""
    fields: dict[str, str] = field(default_factory=dict)


def check_length(length: int | None, settings: Settings) -> None:
    """Refuse a body whose Content-Length says that it is too large, before it is read.

    Raises:
        Problem: the body is too large.
    """
    if length is not None and length > settings.max_upload_bytes + MAX_OVERHEAD:
        raise _too_large(settings)


def file_without_name(settings: Settings) -> IO[bytes]:
    """Give a file that is gone when the last that has it open closes it or ends.

    Raises:
        Problem: none can be made now.
    """
    try:
        return tempfile.TemporaryFile(dir=settings.upload_directory)
    except OSError as error:
        log.error("No file can be made in the folder for uploads: %s", error)
        raise no_room() from error


def can_be_kept(settings: Settings) -> bool:
    """Whether uploads can be kept: their folder is there, and may be written to."""
    return os.access(settings.upload_directory, os.W_OK | os.X_OK)


def pieces(file: IO[bytes], begin: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Give a file's bytes from `begin` to `end` (all by default), a little at a time.

    The file's own offset, which a process that writes to it shares, is neither used nor moved.
    """
    end = os.fstat(file.fileno()).st_size if end is None else end
    while begin < end and (piece := os.pread(file.fileno(), min(CHUNK, end - begin), begin)):
        begin += len(piece)
        yield piece


@contextmanager
def received(
    read: Callable[[int], bytes],
    content_type: str,
    room: Room,
    settings: Settings,
    *,
    compared: bool = False,
) -> Iterator[Upload]:
    """Receive an upload; its files are there within the block and gone after it.

    Args:
        read: gives at most so many bytes of the body, none at its end.
        content_type: of the body.
        room: what it may take of the disk.
        settings: the limits, and where the files lie.
        compared: whether a reference has to come with the video.

    Raises:
        Problem: the body is no form with a video in it, or too large, or there is no room for it.
    """
    boundary = _boundary(content_type)
    with ExitStack() as stack, _room_wanted():
        upload = Upload(stack.enter_context(file_without_name(settings)))
        files = {VIDEO: upload.file}
        if compared:
            upload.reference = stack.enter_context(file_without_name(settings))
            files[REFERENCE] = upload.reference
        room.files = list(files.values())
        _fill(upload, files, read, boundary, room, settings)
        for file in files.values():
            file.flush()
        yield upload


@contextmanager
def _room_wanted() -> Iterator[None]:
    """Have a full disk be a problem that passes."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise no_room() from error
        raise


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind.lower() != "multipart/form-data" or not 0 < len(boundary) <= MAX_BOUNDARY:
        raise Problem(
            Kind.BAD_FORM,
            "The body is no multipart form; send the video in the field `video`, "
            'with curl: -F "video=@FILE".',
        )
    return boundary.encode("utf-8", "replace")


def _fill(
    upload: Upload,
    files: Mapping[str, IO[bytes]],
    read: Callable[[int], bytes],
    boundary: bytes,
    room: Room,
    settings: Settings,
) -> None:
    """Write what is in the fields of files to them, and the other fields to upload.fields."""
    sizes: dict[str, int] = {}
    name = ""
    left = MAX_OVERHEAD
    texts: dict[str, bytes] = {}
    for event in _events(read, boundary):
        match event:
            case File() | Field():
                name = event.name or ""
                _check_part(name, event, files, twice=name in texts or name in sizes)
                if name in files:
                    sizes[name] = 0
            case Data(data=data) if name in files:
                sizes[name] += len(data)
                upload.size += len(data)
                if upload.size > settings.max_upload_bytes:
                    raise _too_large(settings)
                room.take(len(data))
                files[name].write(data)
            case Data(data=data):
                left -= len(data)
                if left < 0:
                    raise Problem(Kind.BAD_FORM, "The form's fields are too long; shorten them.")
                texts[name] = texts.get(name, b"") + data
    for wanted in files:
        if wanted not in sizes:
            raise Problem(
                Kind.BAD_FORM,
                f"The form has no field `{wanted}`; send the file in it, "
                f'with curl: -F "{wanted}=@FILE".',
            )
    # Whole, because a character may come in two pieces.
    upload.fields = {field: text.decode("utf-8", "replace") for field, text in texts.items()}
    if sizes[VIDEO] == 0:
        raise Problem(Kind.EMPTY_FILE, "The file is empty; send a video file.")
    if sizes.get(REFERENCE) == 0:
        raise Problem(Kind.EMPTY_FILE, "The reference is empty; send a video file.")


def _check_part(
    name: str, part: File | Field, files: Mapping[str, IO[bytes]], *, twice: bool
) -> None:
    if not name:
        raise Problem(
            Kind.BAD_FORM, "A part of the form has no name; send the video in the field `video`."
        )
    if twice:
        raise Problem(
            Kind.BAD_FORM, f"The field `{name[:40]}` was sent more than once; send it once."
        )
    if isinstance(part, Field) and name == VIDEO:
        raise Problem(
            Kind.BAD_FORM,
            "The field `video` holds text and no file; "
            'with curl, write -F "video=@FILE" with the @.',
        )
    if isinstance(part, File) and name not in (*files, POSE):
        raise Problem(
            Kind.BAD_FORM,
            f"The file is in a field `{name[:40]}`; send it in the field "
            f"{' or '.join(f'`{each}`' for each in files)}.",
        )


def _events(read: Callable[[int], bytes], boundary: bytes) -> Iterator[File | Field | Data]:
    """The parts of a multipart body as they come in."""
    decoder = MultipartDecoder(boundary, 2 * CHUNK + MAX_OVERHEAD, max_parts=MAX_PARTS)
    try:
        while chunk := read(CHUNK):
            decoder.receive_data(chunk)
            while not isinstance(event := decoder.next_event(), NeedData):
                if isinstance(event, File | Field | Data):
                    yield event
        decoder.receive_data(None)
        decoder.next_event()
    except RequestEntityTooLarge as error:
        raise Problem(
            Kind.BAD_FORM,
            f"The form has more than {MAX_PARTS} parts, or one with a very long head; send only "
            "the video and the options.",
        ) from error
    except (ValueError, OSError, HTTPException) as error:
        raise Problem(
            Kind.BAD_FORM, "The multipart form is damaged or was cut off; send it again."
        ) from error


def _too_large(settings: Settings) -> Problem:
    megabytes = settings.max_upload_bytes / 2**20
    return Problem(
        Kind.UPLOAD_TOO_LARGE,
        f"The upload is larger than {megabytes:.3g} MiB; send a smaller or shorter video.",
    )
