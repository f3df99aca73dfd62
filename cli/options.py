"""What options of several commands mean, and what can be wrong with them before the work."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path


def listed(text: str) -> list[str]:
    """Give what is listed with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def wrong_render(out: Path, videos: Sequence[Path]) -> Iterator[str]:
    """Tell why a video can't be written to OUT, if so, beside the videos that it is made of."""
    try:
        if out.exists() and not out.is_file():
            yield f"argument --render: {out} is no file"
        for video in videos:
            if out.exists() and video.exists() and out.samefile(video):
                yield f"argument --render: {out} is the VIDEO itself"
        if not os.access(out.resolve().parent, os.W_OK):
            yield f"argument --render: {out} can't be written"
    except OSError as error:
        yield f"argument --render: {error}"


def wrong_poses(poses: Sequence[str], pose_modules: Sequence[str] = ()) -> Iterator[str]:
    """Tell which modules can't be loaded, and which poses there aren't."""
    from analyzer.poses import UnknownPoseError, load_module, select

    for module in pose_modules:
        try:
            load_module(module)
        except (Exception, SystemExit) as error:  # whatever someone's own module does
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            yield f"argument --pose-module: {module} can't be loaded ({reason})"
    try:
        select(poses)
    except UnknownPoseError as error:
        yield f"argument --poses: {error}"
