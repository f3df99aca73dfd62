"""How much memory an analysis takes, and that it does not grow with the length of the video.

    python -m benchmarks.memory VIDEO [VIDEO ...]

Each video is analysed as it is; the first one also again and again in one file of ten minutes. Each
analysis is a process of its own, whose peak is printed.
"""

import argparse
import tempfile
from pathlib import Path

import av

from benchmarks.common import table
from benchmarks.speed import in_process

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
    videos = parser.parse_args().videos
    with tempfile.TemporaryDirectory() as folder:
        long = repeated(videos[0], LONG_SECONDS, Path(folder) / f"repeated{videos[0].suffix}")
        rows = []
        for video in (*videos, long):
            measured = in_process("ours", video)
            with av.open(str(video)) as opened:
                shown = opened.streams.video[0]
                size = f"{shown.width} x {shown.height}"
            rows.append(
                (video.name, size, f"{measured['frames']:.0f}", f"{measured['memory']:.0f}")
            )
    print(table(("video", "size", "frames", "peak MB"), rows))


if __name__ == "__main__":
    main()
