"""Two servers behind haproxy are replaced one after the other under steady uploads: none fails.

Needs haproxy, which a distribution's packages have; run by `make rolling`.
"""

import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from dancer.film import film
from tests.serving import TIMEOUT, eventually, free_port, serving

CONFIGURATION = """
global
    maxconn 200
defaults
    mode http
    timeout connect 2s
    timeout client 130s
    timeout server 130s
    option redispatch
    retries 3
    retry-on conn-failure
frontend public
    bind 127.0.0.1:{front}
    default_backend servers
backend servers
    balance leastconn
    option httpchk GET /health
    http-check expect status 200
    default-server check inter 300ms fall 1 rise 1
    server one 127.0.0.1:{one}
    server two 127.0.0.1:{two}
"""


@contextmanager
def load_balancer(folder: Path, one: int, two: int) -> Iterator[str]:
    front = free_port()
    configuration = folder / "haproxy.cfg"
    configuration.write_text(CONFIGURATION.format(front=front, one=one, two=two))
    process = subprocess.Popen(["haproxy", "-q", "-f", str(configuration)])
    try:
        yield f"http://127.0.0.1:{front}"
    finally:
        process.terminate()
        process.wait(TIMEOUT)


def test_no_upload_fails_while_two_servers_are_replaced(tmp_path: Path) -> None:
    video = tmp_path / "dance.mp4"
    film([("T-Pose", None, 0.5)], width=240, height=240, frame_rate=15).write(video)
    content = video.read_bytes()
    ports = free_port(), free_port()
    statuses: Counter[int | str] = Counter()
    enough = threading.Event()

    def keep_uploading(url: str) -> None:
        while not enough.is_set():
            try:
                files = {"video": content}
                answer = requests.post(f"{url}/analyze", files=files, timeout=TIMEOUT)
                statuses[answer.status_code] += 1
            except requests.RequestException as error:
                statuses[type(error).__name__] += 1

    def await_uploads(more: int) -> None:
        wanted = sum(statuses.values()) + more
        assert eventually(lambda: sum(statuses.values()) >= wanted, TIMEOUT)

    with load_balancer(tmp_path, *ports) as url, ExitStack() as servers:
        first = [
            servers.enter_context(serving(tmp_path / "uploads", port, ANALYSES=1)) for port in ports
        ]
        assert eventually(lambda: requests.get(f"{url}/health", timeout=5).status_code == 200)
        callers = [threading.Thread(target=keep_uploading, args=(url,)) for _ in range(3)]
        for caller in callers:
            caller.start()
        for server in first:
            await_uploads(5)
            server.process.terminate()
            assert server.process.wait(TIMEOUT) == 0
            servers.enter_context(serving(tmp_path / "uploads", server.port, ANALYSES=1))
        await_uploads(5)
        enough.set()
        for caller in callers:
            caller.join(TIMEOUT)
    print(dict(statuses))
    assert statuses.keys() == {200}
    assert list((tmp_path / "uploads").iterdir()) == []
