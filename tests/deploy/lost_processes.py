"""Two services and three consumers share a database and a bucket; all are killed, nothing is lost.

`make queue` runs it with a real PostgreSQL and a stand-in for S3, for QUEUED analyses.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import obstore
import psycopg
import pytest
import requests
from obstore.store import S3Store

from testing.postgres import Postgres, postgres
from testing.serving import (
    ROOT,
    TIMEOUT,
    Server,
    ended,
    eventually,
    kill,
    reserved_port,
    serving,
    starting,
)
from testing.videos import encode

QUEUED = int(os.environ.get("QUEUED", "20"))
SEED = int(os.environ.get("SEED", "1"))
KILL_SECONDS = (1.0, 4.0)
"""Between two kills, at least and at most."""

BUCKET = "routines"
STORE = f"s3://{BUCKET}/all"
MOTO = ROOT / ".venv" / "deploy" / "bin" / "moto_server"


@contextmanager
def bucket() -> Iterator[dict[str, str]]:
    """A stand-in for S3 with a bucket, and the variables that lead there."""
    port = reserved_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "eu-central-1",
    }
    moto = subprocess.Popen(
        [MOTO, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"{variables['AWS_ENDPOINT_URL']}/{BUCKET}"

        def made() -> bool:
            try:
                return requests.put(url, timeout=TIMEOUT).status_code == 200
            except requests.ConnectionError:
                return False

        assert eventually(made, TIMEOUT)
        yield variables
    finally:
        moto.kill()
        moto.wait()


class Consumer:
    """A consumer that may be killed and started again."""

    def __init__(self, log: IO[bytes], settings: Mapping[str, str]) -> None:
        self._log = log
        self._environment = os.environ | settings | {"ANALYSES": "1"}
        self.start()

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service.consumer"],
            cwd=ROOT,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
        )

    def kill(self) -> None:
        """End all its processes at once."""
        kill(self.process)


class Fleet:
    """All that works on the same queue."""

    def __init__(self, folder: Path, database: Postgres, settings: dict[str, str]) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._settings = settings | {"GRACE_SECONDS": "5"}
        self._database = database
        self.ports = [reserved_port() for _ in range(2)]
        self._services = [self._service(port) for port in self.ports]
        self._consumers = [self._consumer(number) for number in range(3)]
        self.killed: Counter[str] = Counter()

    def _consumer(self, number: int) -> Consumer:
        log = self._stack.enter_context((self._folder / f"consumer {number}").open("ab"))
        return Consumer(log, self._settings)

    def _service(self, port: int) -> Server:
        settings = self._settings | {"ANALYSES": "1", "BACKGROUND_ANALYSES": "0"}
        log = self._stack.enter_context((self._folder / f"service {port}").open("ab"))
        return self._stack.enter_context(
            starting(self._folder / str(port), port, log, log, **settings)
        )

    def kill_one(self, chance: random.Random) -> None:
        """Kill a service, a consumer or the database, and start another in its place."""
        serving = [place for place, service in enumerate(self._services) if service.healthy()]
        # One that only just starts is let alone, or on a busy machine none would ever serve.
        whom = chance.choice(["consumer"] * 4 + ["service"] * 2 * bool(serving) + ["database"])
        self.killed[whom] += 1
        if whom == "database":
            self._database.kill()
            self._database.start()
        elif whom == "consumer":
            consumer = chance.choice(self._consumers)
            consumer.kill()
            consumer.start()
        else:
            place = chance.choice(serving)
            kill(self._services[place].process)
            self._services[place] = self._service(self.ports[place])

    def close(self) -> None:
        """Stop all as an update does."""
        for consumer in self._consumers:
            consumer.process.send_signal(signal.SIGTERM)
        for consumer in self._consumers:
            consumer.process.wait(TIMEOUT)
        self._stack.close()


def insistently(method: str, urls: list[str], wanted: set[int], **options: Any) -> Any:
    """Ask one of several servers, or another, until one answers with what is wanted."""
    end = time.monotonic() + 5 * TIMEOUT
    told: object = None
    for turn in range(10**6):
        try:
            answer = requests.request(method, urls[turn % len(urls)], timeout=TIMEOUT, **options)
        except requests.RequestException as error:
            told = error
        else:
            if answer.status_code in wanted:
                return answer
            assert answer.status_code == 503, answer.text
            told = answer.text
        if time.monotonic() > end:
            break
        time.sleep(0.3)
    raise AssertionError(told)


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Videos whose answers differ in the number of their frames: 20, 25, ..."""
    folder = tmp_path_factory.mktemp("videos")
    black = np.zeros((48, 64, 3), np.uint8)
    return [
        encode(folder / f"{frames}.mp4", [black] * frames, "libx264").read_bytes()
        for frames in range(20, 45, 5)
    ]


def test_each_analysis_is_delivered_once_whoever_is_killed(
    tmp_path: Path, videos: list[bytes]
) -> None:
    chance = random.Random(SEED)
    with postgres() as database, bucket() as variables, ExitStack() as stack:
        settings = {"QUEUE_URL": database.url, "STORE_URL": STORE, **variables}
        fleet = Fleet(tmp_path, database, settings)
        stack.callback(fleet.close)
        roots = [f"http://127.0.0.1:{port}" for port in fleet.ports]
        done = threading.Event()

        def keep_killing() -> None:
            while not done.wait(chance.uniform(*KILL_SECONDS)):
                fleet.kill_one(chance)

        def delivered(number: int) -> tuple[str, int]:
            """Where an analysis was, and how many frames its answer has."""
            headers = {"Prefer": "respond-async", "Idempotency-Key": f"{SEED} {number}"}
            files = {"video": ("v.mp4", videos[number % len(videos)])}
            urls = [f"{root}/analyze" for root in roots]
            place = insistently("POST", urls, {202}, headers=headers, files=files).headers[
                "Location"
            ]
            at = [root + place for root in roots]
            while (told := insistently("GET", at, {200}).json())["state"] != "done":
                assert told["state"] != "failed", told
                time.sleep(0.5)
            again = insistently("GET", at, {200}).json()
            assert again["result"] == told["result"]
            # The first answer to it may have been lost.
            insistently("DELETE", at, {204, 404})
            return place, told["result"]["total_frames"]

        killer = threading.Thread(target=keep_killing)
        killer.start()
        try:
            with ThreadPoolExecutor(12) as pool:
                answers = list(pool.map(delivered, range(QUEUED)))
        finally:
            done.set()
            killer.join()
        print(f"{QUEUED} analyses, killed: {dict(fleet.killed)}")
        assert len({place for place, _ in answers}) == QUEUED
        for number, (_, frames) in enumerate(answers):
            assert frames == 20 + 5 * (number % len(videos))
        assert eventually(lambda: rows(database) == 0)
        assert eventually(lambda: not stored(variables))


def rows(database: Postgres) -> int:
    """How many analyses are known, or in the queue."""
    with psycopg.connect(database.url) as connection:
        counts = "SELECT (SELECT count(*) FROM analyses) + (SELECT count(*) FROM huey_task)"
        row = connection.execute(counts).fetchone()
    assert row is not None
    return int(row[0])


def stored(variables: dict[str, str]) -> list[str]:
    """The files in the bucket."""
    store = S3Store(
        BUCKET,
        endpoint=variables["AWS_ENDPOINT_URL"],
        access_key_id="nobody",
        secret_access_key="nothing",
        region=variables["AWS_REGION"],
        client_options={"allow_http": True},
    )
    return [meta["path"] for many in obstore.list(store) for meta in many]


def test_a_service_that_is_replaced_leaves_its_analyses_to_the_others(
    tmp_path: Path, videos: list[bytes]
) -> None:
    with postgres() as database, bucket() as variables:
        # As on AWS, where no URL can have the password in it.
        queue = {"QUEUE_URL": "postgresql:///postgres", **database.variables}
        shared: dict[str, Any] = {"STORE_URL": STORE, **queue, **variables}
        port = reserved_port()
        with starting(tmp_path / "one", port, ANALYSES=1, **shared) as one:
            assert eventually(one.healthy, TIMEOUT)
            sent = [one.send(videos[0]) for _ in range(4)]
            one.process.send_signal(signal.SIGTERM)
            assert one.process.wait(TIMEOUT) == 0
        with starting(tmp_path / "two", port, ANALYSES=1, **shared) as two:
            assert eventually(two.healthy, TIMEOUT)
            for analysis in sent:
                assert ended(analysis)["result"]["total_frames"] == 20


def test_a_database_that_says_nothing_is_one_that_is_down_until_it_goes_on(
    tmp_path: Path, videos: list[bytes]
) -> None:
    with (
        postgres() as database,
        serving(tmp_path / "uploads", QUEUE_URL=database.url, ANALYSES=1) as server,
        ThreadPoolExecutor(20) as pool,
    ):
        analysis = server.send(videos[0])
        assert ended(analysis)["state"] == "done"

        def asked(_number: int) -> int:
            return requests.get(analysis, timeout=TIMEOUT).status_code

        with database.frozen():
            answers = [pool.submit(asked, number) for number in range(20)]
            assert server.healthy()
            sent = server.analyze(videos[0], headers={"Prefer": "respond-async"})
            assert sent.status_code == 503
            assert {answer.result() for answer in answers} == {503}
        assert eventually(lambda: asked(0) == 200)
        assert ended(server.send(videos[0]))["state"] == "done"


def test_what_is_no_id_is_found_nowhere(tmp_path: Path) -> None:
    with (
        postgres() as database,
        serving(tmp_path / "uploads", QUEUE_URL=database.url) as server,
    ):
        for method in ("GET", "DELETE"):
            for path in ("a%00b", "%F0%9F%92%83", "x" * 22, "'--"):
                url = f"{server.url}/analyses/{path}"
                assert requests.request(method, url, timeout=TIMEOUT).status_code == 404
