"""A whole routine from a phone, sent to our server in each way, one after the other.

    python -m benchmarks.routine [--seconds S] [--ways NAME ...]

The film is the drawn dancer's, 1080x1920 at 60 frames a second in H.264: a few seconds of it again
and again. Each way goes to a server with the default settings. The peak of memory is that of its
largest analysing process, the machine's doing included.
"""

import argparse
import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import psutil
import requests

from analyzer.estimation.pace import usable_cores
from benchmarks.common import table
from benchmarks.memory import repeated
from dancer.film import Step, film
from dancer.scene import STUDIO
from testing.serving import Server, ended, serving
from testing.videos import encode

SECONDS: Final = 182.4
WIDTH, HEIGHT, RATE = 1080, 1920, 60
DANCED: Final = (Step("T-Pose", None, 1.0), Step("Tree", "left", 1.0))
BITS: Final = "4200000"
"""A second, as of a phone's film that was sent on: 95 MB for three minutes."""

TIMEOUT: Final = 3000.0
LOOK_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Sent:
    """What became of a video that was sent."""

    status: int
    frames: int
    """That were analysed; 0 where it failed."""
    problem: str = ""


def routine(seconds: float, folder: Path) -> Path:
    """Film a routine of so many seconds, in a file in a folder."""
    danced = film(DANCED, width=WIDTH, height=HEIGHT, frame_rate=RATE, scene=STUDIO)
    options = {"preset": "veryfast", "bf": "0", "b": BITS, "maxrate": BITS, "bufsize": BITS}
    part = encode(folder / "part.mp4", danced.frames(), "libx264", rate=RATE, options=options)
    return repeated(part, seconds, folder / "routine.mp4")


def post(url: str, video: Path, **options: Any) -> requests.Response:
    """Send it with further options of the request, and give the answer."""
    with video.open("rb") as file:
        return requests.post(f"{url}/analyze", files={"video": file}, timeout=TIMEOUT, **options)


def plain(url: str, video: Path, include: str = "") -> Sent:
    """Send it, and wait for the answer."""
    answer = post(url, video, data={"include": include} if include else {})
    told = answer.json()
    if answer.status_code != 200:
        return Sent(answer.status_code, 0, told["error"])
    wanted = [name for name in include.split(",") if name and name not in told]
    return Sent(answer.status_code, told["total_frames"], " ".join(wanted))


def landmarks(url: str, video: Path) -> Sent:
    """Send it, and have landmarks and angles with the answer."""
    return plain(url, video, "landmarks,angles")


def streamed(url: str, video: Path) -> Sent:
    """Send it, and hear of its progress."""
    headers = {"Accept": "application/x-ndjson"}
    with post(url, video, headers=headers, stream=True) as answer:
        *_, last = (json.loads(line) for line in answer.iter_lines())
    if last.get("event") != "result":
        return Sent(last["status"], 0, last["error"])
    return Sent(answer.status_code, last["result"]["total_frames"])


def background(url: str, video: Path) -> Sent:
    """Send it, and ask for its analysis until that is done."""
    answer = post(url, video, headers={"Prefer": "respond-async"})
    if answer.status_code != 202:
        return Sent(answer.status_code, 0, answer.json()["error"])
    analysis = f"{url}{answer.headers['Location']}"
    told = ended(analysis, TIMEOUT)
    requests.delete(analysis, timeout=TIMEOUT)
    if told["state"] == "failed":
        return Sent(told["problem"]["status"], 0, told["problem"]["error"])
    return Sent(200, told["result"]["total_frames"])


def annotated(url: str, video: Path) -> Sent:
    """Send it, and have it drawn into; its frames are analysed as well."""
    answer = post(url, video, headers={"Accept": "video/mp4"})
    if answer.status_code != 200:
        return Sent(answer.status_code, 0, answer.json()["error"])
    with tempfile.NamedTemporaryFile(suffix=".mp4") as out:
        out.write(answer.content)
        out.flush()
        return Sent(answer.status_code, frames_in(Path(out.name)))


def frames_in(video: Path) -> int:
    """How many pictures a file holds, by its packets."""
    with av.open(str(video)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


WAYS: Final[dict[str, tuple[Callable[[str, Path], Sent], int]]] = {
    "plain": (plain, 1),
    "streamed": (streamed, 1),
    "background": (background, 1),
    "two at once": (plain, 2),
    "two at once in the background": (background, 2),
    "landmarks and angles": (landmarks, 1),
    "annotated": (annotated, 1),
}
"""Each way by its name: what sends a video so, and how many at once."""


@contextmanager
def watched(server: Server) -> Iterator[list[int]]:
    """See how much memory the analyses take within the block: a list with the peaks in bytes."""
    over = threading.Event()
    peaks = [0]

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            for process in server.forkserver().children():
                try:
                    peaks.append(process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.routine",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), metavar="NAME")
    arguments = parser.parse_args()
    rows = []
    failed = []
    quiet = subprocess.DEVNULL
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "uploads", None, quiet) as server,
    ):
        video = routine(arguments.seconds, Path(folder))
        frames, size = frames_in(video), video.stat().st_size / 1e6
        for name in arguments.ways:
            send, at_once = WAYS[name]
            start = time.perf_counter()
            with watched(server) as peaks, ThreadPoolExecutor(at_once) as callers:
                calls = [callers.submit(send, server.url, video) for _ in range(at_once)]
                sent = [call.result() for call in calls]
            seconds = time.perf_counter() - start
            done = sum(each.frames for each in sent)
            status = ", ".join(str(each.status) for each in sent)
            rows.append(
                (name, status, f"{seconds:.0f}", f"{done / seconds:.0f}", f"{max(peaks) / 1e6:.0f}")
            )
            failed += [
                f"{name}: {each.status} {each.problem}"
                for each in sent
                if each.status != 200 or each.frames != frames or each.problem
            ]
    print(f"{frames} frames of {WIDTH}x{HEIGHT}, {size:.0f} MB, on {usable_cores()} cores")
    print(table(("way", "status", "seconds", "frames/s", "peak MB"), rows))
    print("\n".join(failed) if failed else "None failed.")


if __name__ == "__main__":
    main()
