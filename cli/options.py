"""What options of several commands mean, and what can be wrong with them before the work."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from analyzer.posefile import LONGEST, PoseFileError, read


def listed(text: str) -> list[str]:
    """Give what is listed with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def wrong_out(out: Path, videos: Sequence[Path], option: str = "--render") -> Iterator[str]:
    """Tell why nothing can be written to OUT, if so, beside the videos that it is made of."""
    try:
        if out.exists() and not out.is_file():
            yield f"argument {option}: {out} is no file"
        for video in videos:
            if out.exists() and video.exists() and out.samefile(video):
                yield f"argument {option}: {out} is the VIDEO itself"
        if not os.access(out.resolve().parent, os.W_OK):
            yield f"argument {option}: {out} can't be written"
    except OSError as error:
        yield f"argument {option}: {error}"


def wrong_poses(
    poses: Sequence[str], pose_modules: Sequence[str] = (), pose_files: Sequence[Path] = ()
) -> Iterator[str]:
    """Tell which modules and files can't be loaded, and which poses there aren't."""
    from analyzer.poses import UnknownPoseError, load_module, select
    from analyzer.poses.taught import load_file

    for module in pose_modules:
        try:
            load_module(module)
        except (Exception, SystemExit) as error:  # whatever someone's own module does
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            yield f"argument --pose-module: {module} can't be loaded ({reason})"
    for path in pose_files:
        try:
            load_file(path)
        except (OSError, ValueError) as error:
            yield f"argument --pose-file: {reason_of(error)}"
    try:
        select(poses)
    except UnknownPoseError as error:
        yield f"argument --poses: {error}"


def wanted_poses(poses: Sequence[str], pose_files: Sequence[Path]) -> list[str]:
    """Give the poses to look for, with those of files; none for those that there are by default."""
    own = [read(content_of(path)).name for path in pose_files] if poses else []
    return list(dict.fromkeys((*poses, *own)))


def wrong_files(paths: Sequence[Path]) -> Iterator[str]:
    """Tell which files hold no pose."""
    for path in paths:
        try:
            read(content_of(path))
        except (OSError, PoseFileError) as error:
            yield f"argument --pose-file: {path}: {reason_of(error)}"


def content_of(path: Path) -> bytes:
    """Give the content of a file with a pose, and no more than shows that it is too long.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        return file.read(LONGEST + 1)


def reason_of(error: Exception) -> str:
    """Give what is wrong with a file, without the file's name."""
    return str(error.strerror if isinstance(error, OSError) else error)
