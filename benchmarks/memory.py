"""How much memory an analysis takes, and that it does not grow with the length of the video.

    python -m benchmarks.memory VIDEO [VIDEO ...] [--seconds S]

Each video is analysed as it is; the first one also again and again in one file of so many seconds,
by default ten minutes. Each is analysed plainly, with landmarks and angles, and drawn into; each
time in a process of its own, whose peak is printed.
"""

import argparse
import tempfile
from pathlib import Path

import av

from benchmarks.common import table
from benchmarks.speed import in_process

WHAT = ("ours, answered", "ours, landmarks", "ours, annotated")
"""Measurements of benchmarks.speed."""

LONG_SECONDS = 590.0
"""A little less than the ten minutes that the library takes at most."""


def repeated(video: Path, seconds: float, out: Path) -> Path:
    """Write a video's packets again and again, as long as they fit into so many seconds."""
    with av.open(str(out), "w") as container:
        stream = None
        start = 0
        while True:
            with av.open(str(video)) as source:
                original = source.streams.video[0]
                stream = stream or container.add_stream_from_template(original)
                end = start
                for packet in source.demux(original):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts += start
                    packet.dts += start
                    end = max(end, packet.pts + (packet.duration or 0))
                    packet.stream = stream
                    container.mux(packet)
                length, second = end - start, 1 / float(original.time_base or 1)
            if end + length > seconds * second:
                return out
            start = end


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.memory",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("videos", nargs="+", type=lambda text: Path(text).resolve())
    parser.add_argument("--seconds", type=float, default=LONG_SECONDS)
    arguments = parser.parse_args()
    videos = arguments.videos
    with tempfile.TemporaryDirectory() as folder:
        long = repeated(videos[0], arguments.seconds, Path(folder) / f"repeated{videos[0].suffix}")
        rows = []
        for video in (*videos, long):
            measured = [in_process(what, video) for what in WHAT]
            with av.open(str(video)) as opened:
                shown = opened.streams.video[0]
                size = f"{shown.width} x {shown.height}"
            peaks = [f"{each['memory']:.0f}" for each in measured]
            rows.append((video.name, size, f"{measured[0]['frames']:.0f}", *peaks))
    print("Peaks in MB")
    print(table(("video", "size", "frames", "plain", "landmarks, angles", "annotated"), rows))


if __name__ == "__main__":
    main()
