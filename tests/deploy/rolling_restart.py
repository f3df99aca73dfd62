"""Two servers behind haproxy are replaced one after the other under steady uploads: none fails.

Needs haproxy, which a distribution's packages have; run by `make rolling`.
"""

import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import requests

from dancer.film import film
from testing.balancer import load_balancer
from testing.serving import TIMEOUT, eventually, reserved_port, serving


def test_no_upload_fails_while_two_servers_are_replaced(tmp_path: Path) -> None:
    video = tmp_path / "dance.mp4"
    film([("T-Pose", None, 0.5)], width=240, height=240, frame_rate=15).write(video)
    content = video.read_bytes()
    ports = reserved_port(), reserved_port()
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
        assert eventually(lambda: requests.get(f"{url}/health", timeout=TIMEOUT).status_code == 200)
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
