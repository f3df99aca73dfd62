"""Feedback while dancing: python -m analyzer live VIDEO, or --camera 0."""

import argparse
import json
import os
import statistics
import struct
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from analyzer.errors import VideoError
from analyzer.limits import LOCAL
from cli.client import wrong_service
from cli.options import listed
from cli.side_by_side import AnalysisError

SERVER: Final = "http://localhost:8080"
"""Where a service runs that was started as README says."""

LONGEST_SIDE: Final = 960
"""Pixels of a picture's longer side at most: more brings no more, and takes longer on the way."""

PATH: Final = "/live?sends=pictures"

REFUSED: Final = {
    401: "the service wants a token; set API_TOKEN",
    404: "there is no live session at this address",
    503: "all places for live sessions are taken, or the service starts or stops; try again later",
}
"""What it means that no session is opened, by the status."""


def parser() -> argparse.ArgumentParser:
    """Give the parser of the arguments behind `live`."""
    made = argparse.ArgumentParser(
        prog="python -m analyzer live",
        description="Have a running service tell what is danced before a camera, or in a video "
        "that is played at its own speed. Ctrl-C ends it.",
        epilog="Exit status: 0 at the end, 1 when it broke off, 2 for a wrong option.",
    )
    made.add_argument("video", nargs="?", type=Path, metavar="VIDEO", help="a video file")
    made.add_argument("--camera", type=int, metavar="N", help="the camera of this number, from 0")
    made.add_argument(
        "--server",
        default=SERVER,
        metavar="URL",
        help=f"the service (default {SERVER}); API_TOKEN in the environment is its token",
    )
    made.add_argument("--practise", metavar="NAME", help="a pose to hold, and to be advised on")
    made.add_argument(
        "--poses",
        type=listed,
        default=[],
        metavar="NAMES",
        help="poses, aliases or families, comma-separated (default: all, or the one of --practise)",
    )
    made.add_argument(
        "--min-hold",
        type=float,
        metavar="SECONDS",
        help="how long a static pose is held at least",
    )
    made.add_argument(
        "--mirror", action="store_true", help="left and right are exchanged in the pictures"
    )
    made.add_argument(
        "--format",
        choices=("text", "ndjson"),
        default="text",
        help="text: a line for what changes; ndjson: a line for each event",
    )
    return made


def run(arguments: Sequence[str]) -> int:
    """Dance as the arguments behind `live` say, and give the exit status."""
    command = parser()
    chosen = command.parse_args(arguments)
    if (chosen.video is None) == (chosen.camera is None):
        command.error("name a VIDEO, or a camera with --camera, and not both")
    token = os.environ.get("API_TOKEN")
    for problem in wrong_service(chosen.server, token):
        command.error(problem)
    try:
        # Closed before the end: what still decodes then would end the process.
        with closing(_frames(chosen)) as frames:
            _dance(chosen, token, frames)
    except BrokenPipeError:
        # Nobody reads on.
        raise
    except (AnalysisError, VideoError, OSError) as error:
        source = f"camera {chosen.camera}" if chosen.video is None else chosen.video
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        print(f"{source}: {reason}", file=sys.stderr)
        return 1
    return 0


def _dance(
    chosen: argparse.Namespace, token: str | None, frames: Iterator[tuple[float, bytes]]
) -> None:
    """Send the pictures, and print what is told, until the end.

    Raises:
        AnalysisError: the service can't be reached, or breaks off.
        VideoError: the video can't be read.
        OSError: the video or the camera can't be opened.
    """
    from simple_websocket import ConnectionClosed

    first = next(frames, None)
    client = _opened(chosen.server, token)
    names = ("poses", "practise", "min_hold", "mirror")
    wanted = {name: getattr(chosen, name) for name in names}
    # A hold of 0 seconds is asked for, too.
    client.send(json.dumps({name: value for name, value in wanted.items() if value is not None}))
    ended = threading.Event()
    unreadable: list[VideoError] = []

    def send() -> None:
        started = time.monotonic()
        with suppress(ConnectionClosed, OSError):
            if first is not None:
                client.send(_message(first))
            try:
                for seconds, picture in frames:
                    if ended.wait(max(0.0, started + seconds - time.monotonic())):
                        break
                    client.send(_message((seconds, picture)))
            except VideoError as error:
                unreadable.append(error)
            client.send(json.dumps({"end": True}))

    sender = threading.Thread(target=send)
    sender.start()
    printer = _Printer(chosen.format)
    try:
        while True:
            try:
                printer.print(json.loads(client.receive()))
            except KeyboardInterrupt:
                ended.set()
    except ConnectionClosed as closed:
        if not printer.has_ended:
            reason = printer.error or f"the connection was closed ({closed.reason})"
            raise AnalysisError(reason) from closed
    finally:
        ended.set()
        sender.join()
    if unreadable:
        raise unreadable[0]


def _opened(server: str, token: str | None) -> Any:
    """A session that has been opened.

    Raises:
        AnalysisError: it can't be.
    """
    from simple_websocket import Client
    from simple_websocket import ConnectionError as NotOpenedError

    address = urlsplit(server)
    scheme = "wss" if address.scheme == "https" else "ws"
    url = f"{scheme}://{address.netloc}{address.path.rstrip('/')}{PATH}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        return Client(url, headers=headers, receive_bytes=2**16)
    except NotOpenedError as error:
        status = int(str(error).rpartition(" ")[2])
        raise AnalysisError(
            REFUSED.get(status, f"no session could be opened ({status})")
        ) from error
    except OSError as error:
        raise AnalysisError(
            f"nobody answers at {server} ({error.strerror or error}); start the service, or name "
            "another with --server"
        ) from error


def _message(frame: tuple[float, bytes]) -> bytes:
    """A picture with its time before it."""
    seconds, picture = frame
    return struct.pack(">d", seconds) + picture


def _frames(chosen: argparse.Namespace) -> Generator[tuple[float, bytes]]:
    """The pictures to send, as JPEG, each with its time in seconds."""
    from analyzer.frames.opencv import cv2
    from analyzer.frames.video import Video

    if chosen.video is not None:
        with Video(chosen.video, LOCAL) as opened:
            for frame in opened.frames():
                yield frame.time, _jpeg(cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2BGR))
        return
    camera = cv2.VideoCapture(chosen.camera)
    try:
        if not camera.isOpened():
            raise OSError("it can't be opened; see that no other program has it")
        started = time.monotonic()
        while True:
            there, picture = camera.read()
            if not there:
                return
            yield time.monotonic() - started, _jpeg(picture)
    finally:
        camera.release()


def _jpeg(picture: Any) -> bytes:
    """A picture, (height, width, 3) blue, green, red, no larger than is of use."""
    from analyzer.frames.opencv import cv2

    height, width = picture.shape[:2]
    scale = LONGEST_SIDE / max(height, width)
    if scale < 1:
        size = (max(1, round(scale * width)), max(1, round(scale * height)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", picture)[1].tobytes()


class _Printer:
    """Prints what is told, as text only what changes."""

    def __init__(self, form: str) -> None:
        self.has_ended = False
        self.error = ""
        self._form = form
        self._latencies: list[float] = []
        self._said: list[str] = []

    def print(self, told: dict[str, Any]) -> None:
        """Print a message."""
        if self._form == "ndjson":
            print(json.dumps(told), flush=True)
        match told:
            case {"event": "error", "error": str(error)}:
                self.error = error
            case {"event": "end"}:
                self.has_ended = True
                self._line(self._summary(told))
            case {"event": "frame"}:
                self._latencies.append(told["latency"])
                self._frame(told)
            case {"event": "hold"}:
                held = told["end"] - told["start"]
                self._line(
                    f"{_clock(told['start'])}  {_name(told)}, {held:.1f} s, "
                    f"score {told['score']:.2f}"
                )

    def _frame(self, told: dict[str, Any]) -> None:
        """Print what is new: what is wrong with the picture, what to do, what is held."""
        said = [trouble["text"] for trouble in told["trouble"]]
        practised = told["practise"]
        if practised is not None:
            said += [practised["advice"]] if practised["advice"] else []
            said += [f"{_name(practised)}: hold it"] if practised["held"] else []
        for sentence in said:
            if sentence not in self._said:
                self._line(f"{_clock(told['time'])}  {sentence}")
        self._said = said

    def _summary(self, told: dict[str, Any]) -> str:
        holds = f"{told['holds']} {'hold' if told['holds'] == 1 else 'holds'}"
        frames = f"{told['frames']} of {told['sent']} frames looked at, {holds}"
        if not self._latencies:
            return frames
        return f"{frames}, {1000 * statistics.median(self._latencies):.0f} ms from frame to answer"

    def _line(self, text: str) -> None:
        if self._form == "text":
            print(text, flush=True)


def _name(told: dict[str, Any]) -> str:
    """A pose with its side."""
    return f"{told['pose']} ({told['side']})" if told["side"] else str(told["pose"])


def _clock(seconds: float) -> str:
    from analyzer.compare.words import clock

    return clock(seconds)
