"""What benchmarks share: the two servers, a film to analyse, and tables."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

from analyzer.estimation.pace import usable_cores
from testing.serving import ROOT, reserved_port, serving

START_SECONDS = 60


@contextmanager
def our_server(folder: Path, **settings: object) -> Iterator[str]:
    """Our server, healthy; its address."""
    quiet = subprocess.DEVNULL
    with serving(folder, stdout=quiet, **settings) as server:
        yield server.url


@contextmanager
def obvious_server() -> Iterator[str]:
    """The obvious design with a worker for each core, warm; its address."""
    port = reserved_port()
    command = [sys.executable, "-m", "gunicorn", "--config", os.devnull, "--worker-class", "gevent"]
    command += ["--workers", str(usable_cores()), "--bind", f"127.0.0.1:{port}"]
    command += ["--timeout", "600", "--no-control-socket", "benchmarks.obvious:app"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                requests.get(f"{url}/health", timeout=5)
                break
            except requests.RequestException:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def upload(url: str, video: Path) -> requests.Response:
    """Send a video and wait for the answer."""
    with video.open("rb") as file:
        return requests.post(f"{url}/analyze", files={"video": file}, timeout=600)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
