"""A PostgreSQL of its own for tests and benchmarks, from the system's package, on loopback."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from testing.serving import TIMEOUT, eventually, kill, reserved_port

PLACES = ("/usr/lib/postgresql", "/usr/local/lib/postgresql")
"""Where Debian, and others, have the programs of each version in a folder."""


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    found = [str(path) for place in PLACES for path in Path(place).glob(f"*/bin/{name}")]
    path = shutil.which(name) or (max(found) if found else None)
    assert path is not None, "PostgreSQL is not installed; on Debian: apt install postgresql"
    return path


@dataclass
class Postgres:
    """A database server, which may be killed and started again."""

    folder: Path
    port: int
    user: str | None
    """Who runs it, where that can't be the one who runs the tests."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where its database is."""
        return f"postgresql://dance@127.0.0.1:{self.port}/postgres"

    @property
    def variables(self) -> dict[str, str]:
        """What libpq's own variables say of where it is, for a URL that doesn't."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "dance"}

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert eventually(self._runs, TIMEOUT)

    def _runs(self) -> bool:
        """Whether it answers; where it has ended, it is launched."""
        # A process of the one before may still be about to notice that it has been killed.
        if self.process is None or self.process.poll() is not None:
            self._launch()
        return self._answers()

    def _launch(self) -> None:
        arguments = ["-D", str(self.folder / "data"), "-p", str(self.port), "-k", str(self.folder)]
        self.process = subprocess.Popen(
            [program("postgres"), *arguments, "-c", "listen_addresses=127.0.0.1"],
            user=self.user,
            cwd=self.folder,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """End all its processes at once."""
        assert self.process is not None
        kill(self.process)

    def processes(self) -> list[psutil.Process]:
        """All its processes, first the one that starts the others."""
        assert self.process is not None
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have it keep its connections and answer nothing within the block."""
        processes = self.processes()
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A database server that is gone after the block, with all that was in it."""
    # It refuses to be run by root.
    user = pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="postgres"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        subprocess.run(
            [
                *(program("initdb"), "-D", folder / "data", "-U", "dance"),
                *("--auth=trust", "--encoding=UTF8", "--no-sync"),
            ],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        server = Postgres(folder, reserved_port(), user)
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
