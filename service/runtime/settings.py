"""The settings of the service: from the environment, checked when it starts."""

import errno
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, Final, Self, get_origin
from urllib.parse import urlsplit

from analyzer.estimation.pace import usable_cores
from analyzer.limits import MEMORY, MIN_HOLD, Limits

ROOT: Final = Path(__file__).resolve().parents[2]


def _temporary() -> Path:
    """The system's folder for temporary files; where none can be written, the usual one."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return Path("/tmp")


TEMPORARY: Final = _temporary()


def _state() -> Path:
    """Where users keep what programs remember; where they have no home, a folder of ours."""
    try:
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:
        return TEMPORARY / f"dance-poses-{os.getuid()}"
    return home / "dance-poses"


QUEUE_SCHEMES: Final = ("sqlite:///", "postgresql://")
STORE_SCHEMES: Final = ("file:///", "s3://")

_ORIGIN: Final = re.compile(r"https?://[^/\s]+")


class SettingError(Exception):
    """A setting has a value that can't be used; the text says which and what it may be."""


def _setting(
    default: Any, meaning: str, *, least: float | None = None, most: float = inf, shown: str = ""
) -> Any:
    metadata = {"meaning": meaning, "least": least, "most": most, "shown": shown}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Each field is set by the environment variable of its name in capitals."""

    host: str = _setting("0.0.0.0", "Address that is listened on.")
    port: int = _setting(8080, "Port that is listened on.", least=0, most=65535)
    analyses: int = _setting(
        usable_cores(),
        "Videos analysed at once, each in a process of its own.",
        least=1,
        shown="the cores it may use",
    )
    waiting: int = _setting(
        8, "Uploads that may wait for their turn; further ones are refused with 503.", least=0
    )
    max_upload_bytes: int = _setting(
        512 * 2**20, "Size of an upload; larger ones are refused with 413.", least=1
    )
    upload_directory: Path = _setting(
        TEMPORARY,
        "Where uploads lie while they are analysed; they take three quarters of its free room at "
        "most, those of one address half of that.",
        shown="the system's folder for temporary files",
    )
    stall_seconds: float = _setting(
        60.0, "Time without progress after which an analysis is stopped and gets 504.", least=1
    )
    slowest_speed: float = _setting(
        40.0,
        "Frames a second that an analysis does at least, on one core; one that takes twice as "
        "long for its frames, and STALL_SECONDS, is stopped and gets 504. Drawing counts as much "
        "again, and so does each further dancer.",
        least=0.1,
    )
    analysis_memory_bytes: int = _setting(
        MEMORY, "Address space that an analysis may take beyond its start.", least=2**28
    )
    max_video_seconds: float = _setting(
        Limits.seconds, "Length of a video; longer ones are refused with 422.", least=0.01
    )
    max_video_frames: int = _setting(
        Limits.frames, "Frames of a video; more are refused with 422.", least=1
    )
    max_video_pixels: int = _setting(
        Limits.pixels, "Width times height of a video; larger ones are refused with 422.", least=1
    )
    min_hold_seconds: float = _setting(
        MIN_HOLD, "Time that a static pose is held at least, where the caller doesn't say.", least=0
    )
    pose_modules: tuple[str, ...] = _setting(
        (),
        "Modules with poses of your own, comma-separated, found on PYTHONPATH.",
        shown="none",
    )
    pose_folder: str = _setting(
        "",
        "Folder with poses that were taught, each a *.json file.",
        shown="none",
    )
    api_tokens: tuple[str, ...] = _setting(
        (),
        "Bearer tokens, comma-separated; where there are any, all but /health and the page itself "
        "wants one.",
        shown="none",
    )
    cors_origins: tuple[str, ...] = _setting(
        (),
        "Origins whose pages may call, comma-separated, or `*` for all.",
        shown="none",
    )
    grace_seconds: float = _setting(110.0, "Time for work to finish after SIGTERM.", least=0)
    keep_alive_seconds: float = _setting(
        75.0, "Time that an idle connection is kept; longer than a load balancer's 60.", least=0
    )
    ecs_agent_uri: str = _setting(
        "",
        "Set by ECS: where a task protects itself from scale-in while it has work.",
        shown="none",
    )
    trusted_proxies: int = _setting(
        0,
        "Proxies in front, such as a load balancer, each of which adds to X-Forwarded-For the "
        "address that called it; only what they add is believed.",
        least=0,
        most=10,
    )
    health_seconds: float = _setting(
        60.0, "Age up to which a proof that analysing works counts as healthy.", least=1
    )
    live_pictures: int = _setting(
        usable_cores(),
        "Live sessions at once that send pictures, each in a process of its own; at 30 pictures a "
        "second one takes half a core.",
        least=0,
        shown="the cores it may use",
    )
    live_landmarks: int = _setting(
        200,
        "Live sessions at once that send landmarks; they share a process for each core.",
        least=0,
    )
    live_seconds: float = _setting(3600.0, "How long a live session lasts at most.", least=1)
    live_frame_bytes: int = _setting(
        2**20, "Size of a picture of a live session; after a larger one it is closed.", least=2**10
    )
    live_frames_a_second: float = _setting(
        60.0, "Frames a second of a live session; after more it is closed.", least=1
    )
    background_analyses: int = _setting(
        usable_cores(),
        "Background analyses at once, in places that the callers who wait leave free; "
        "0 where consumers of their own do them all.",
        least=0,
        shown="the cores it may use",
    )
    backlog: int = _setting(
        1000, "Background analyses that may be unfinished; further ones get 503.", least=1
    )
    kept_seconds: float = _setting(
        86400.0,
        "Time that a background analysis is kept after its end.",
        least=1,
        # Its end has to be a date that can be told.
        most=10**9,
    )
    state_directory: Path = _setting(
        _state(),
        "Where the queue of background analyses and their files lie, unless the next two say "
        "otherwise.",
        shown="`~/.local/state/dance-poses`",
    )
    queue_url: str = _setting(
        "",
        "Database of the queue: sqlite:///FILE, or postgresql://... for several machines.",
        shown="SQLite in `STATE_DIRECTORY`",
    )
    store_url: str = _setting(
        "",
        "Where videos and results lie: file:///FOLDER, or s3://BUCKET/PREFIX.",
        shown="a folder in `STATE_DIRECTORY`",
    )
    callback_hosts: tuple[str, ...] = _setting(
        (),
        "Hosts that may be called back when a background analysis ends, comma-separated; "
        "`*.` before one stands for all that end so.",
        shown="none",
    )

    def longest_analysis(self, frames: int, *, renders: bool, people: int = 1) -> float:
        """Give the seconds that an analysis of so many frames takes at most, drawn if it renders.

        Each of several people is as much work as one alone. Beside the time of its frames it has
        that of a stall, to start and to write its answer.
        """
        return self.stall_seconds + frames * (people + renders) / self.slowest_speed

    def most_frames(self, people: int, *, in_background: bool) -> int:
        """Give how many frames a video may have in which so many people are told apart.

        Somebody waits for it, and others behind it in line: then it is no more work, whoever is in
        it, than the longest video of one.
        """
        return max(1, self.max_video_frames // (1 if in_background else people))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings that are set; the rest keep their defaults.

        Raises:
            SettingError: a value is of the wrong kind or too small.
        """
        values = {}
        for each in fields(cls):
            text = environment.get(each.name.upper())
            if text is not None:
                values[each.name] = _parsed(each.name.upper(), text, each.type, each.metadata)
        settings = cls(**values)
        settings._check()
        return settings

    def _check(self) -> None:
        for token in self.api_tokens:
            if not (token.isascii() and token.isprintable()) or " " in token:
                raise SettingError(
                    "API_TOKENS has a token that no header can carry; use ASCII without spaces."
                )
        for origin in self.cors_origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise SettingError(
                    f"CORS_ORIGINS names {origin!r}; an origin is like https://studio.example."
                )
        for name, schemes in (("queue_url", QUEUE_SCHEMES), ("store_url", STORE_SCHEMES)):
            if (url := getattr(self, name)) and not (url.startswith(schemes) and _leads(url)):
                raise SettingError(
                    f"{name.upper()} is no address; it begins with {' or '.join(schemes)}, and "
                    "names a file, a folder, a database or a bucket."
                )
        try:
            tempfile.TemporaryFile(dir=self.upload_directory).close()
        except OSError as error:
            raise SettingError(
                f"UPLOAD_DIRECTORY is {self.upload_directory}, where no file can be made "
                f"({error.strerror}); name a folder that can be written."
            ) from error
        if self.pose_folder and not Path(self.pose_folder).is_dir():
            raise SettingError(
                f"POSE_FOLDER is {self.pose_folder}, which is no folder; name one with *.json "
                "files, or unset it."
            )
        if not (self.queue_url and self.store_url):
            self._make_state_directory()

    def _make_state_directory(self) -> None:
        folder = self.state_directory
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # What lies there is believed.
            if folder.stat().st_uid != os.geteuid():
                raise PermissionError(errno.EPERM, "it belongs to somebody else")
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise SettingError(
                f"STATE_DIRECTORY is {folder}, where background analyses can't be kept "
                f"({error.strerror}); name a folder that can be written."
            ) from error

    @property
    def pose_files(self) -> tuple[Path, ...]:
        """The files with poses that were taught, by their names."""
        return tuple(sorted(Path(self.pose_folder).glob("*.json"))) if self.pose_folder else ()

    @property
    def queue_address(self) -> str:
        """The URL of the queue's database."""
        return self.queue_url or f"sqlite:///{self.state_directory.absolute() / 'queue.db'}"

    @property
    def store_address(self) -> str:
        """The URL of the store."""
        return self.store_url or f"file://{self.state_directory.absolute() / 'files'}"


def _leads(url: str) -> bool:
    """Whether an address names something, at a port that there can be."""
    try:
        address = urlsplit(url)
        return address.port != 0 and len(address.netloc + address.path) > len("/")
    except ValueError:
        return False


def _parsed(name: str, text: str, kind: Any, metadata: Mapping[str, Any]) -> Any:
    if get_origin(kind) is tuple:
        listed = tuple(each.strip() for each in text.split(",") if each.strip())
        if text.strip() and not listed:
            raise SettingError(f"{name} is {text!r}, and names nothing; unset it, or name some.")
        return listed
    try:
        value = kind(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}[kind]
        raise SettingError(f"{name} is {text!r}, and must be {wanted}.") from None
    least, most = metadata["least"], metadata["most"]
    if least is not None and not (least <= value <= most and value < inf):
        upper = "up" if most == inf else f"to {most}"
        raise SettingError(f"{name} is {text!r}, and must be a number from {least} {upper}.")
    return value


@cache
def settings_of_start() -> Settings:
    """Give the settings of this process's environment, read once.

    A server that has started goes on with them: a folder that is gone is for /health to tell.

    Raises:
        SettingError: a value can't be used.
    """
    return Settings.from_environment(os.environ)


@cache
def check_own_poses(settings: Settings) -> None:
    """Load somebody's own poses in a process of its own, as the analyses will; once.

    Raises:
        SettingError: a module or a file with them can't be loaded.
    """
    _load("POSE_MODULES", settings.pose_modules, ())
    _load("POSE_FOLDER", settings.pose_files, settings.pose_modules)


def _load(name: str, own: Sequence[str | Path], before: Sequence[str]) -> None:
    """See that what a setting names can be loaded after others have been."""
    if not own:
        return
    load = "import sys\nfrom analyzer.poses.taught import load\nany(map(load, sys.argv[1:]))"
    every = (*before, *(each if isinstance(each, str) else str(each.absolute()) for each in own))
    command = [sys.executable, "-c", load, *every]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.splitlines() or ["it ended the process"])[-1]
        raise SettingError(f"{name} can't be loaded: {reason}")
