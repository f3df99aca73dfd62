"""A task of ECS protects itself from scale-in while it has work."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from service.runtime.protection import RENEW_SECONDS, RETRY_SECONDS, Protection
from testing.dancing import dancing
from testing.serving import eventually, reserved_port, serving


class Agent(ThreadingHTTPServer):
    """Stands for the agent of ECS: notes what a task asks, and answers as it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.status = 200
        self.answer: bytes = b'{"protection": {"ProtectionEnabled": true}}'

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/container"

    @property
    def states(self) -> list[bool]:
        return [asked["ProtectionEnabled"] for asked in self.asked]


class Handler(BaseHTTPRequestHandler):
    server: Agent

    def do_PUT(self) -> None:
        self.server.paths.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(json.loads(body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def agent() -> Iterator[Agent]:
    with Agent() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_server_is_protected_while_it_analyses_or_somebody_dances_and_not_after(
    agent: Agent, long_video: Path, tmp_path: Path
) -> None:
    with serving(tmp_path / "uploads", ECS_AGENT_URI=agent.url, ANALYSES=1) as server:
        assert agent.asked == [], "an idle server asks for nothing"
        connection = server.start_upload(long_video)
        assert eventually(lambda: agent.states == [True])
        assert agent.asked[0]["ExpiresInMinutes"] > 0
        assert set(agent.paths) == {"/api/container/task-protection/v1/state"}
        connection.close()
        assert eventually(lambda: agent.states == [True, False])
        with dancing(server, "landmarks"):
            assert eventually(lambda: agent.states == [True, False, True])
        assert eventually(lambda: agent.states == [True, False, True, False])


def test_an_agent_that_is_gone_harms_no_request(t_pose_video: Path, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{reserved_port()}"
    with serving(tmp_path / "uploads", ECS_AGENT_URI=nobody) as server:
        answers = [server.analyze(t_pose_video).status_code for _ in range(2)]
        assert answers == [200, 200]
        assert server.healthy()


def test_protection_is_renewed_before_it_ends(agent: Agent) -> None:
    protection = Protection(agent.url)
    for now in (0.0, 1.0, RENEW_SECONDS - 1, RENEW_SECONDS + 1, RENEW_SECONDS + 2):
        protection.look(working=True, now=now)
    assert agent.states == [True, True]
    assert agent.asked[0]["ExpiresInMinutes"] * 60 > RENEW_SECONDS


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, b'{"failure": {"Reason": "DEPLOYMENT_BLOCKED"}}'),
        (400, b'{"error": {"Code": "AccessDeniedException"}}'),
        (200, b"no JSON"),
    ],
)
def test_a_refusal_is_logged_and_asked_again_later(
    agent: Agent, status: int, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    protection = Protection(agent.url)
    right, agent.answer, agent.status = agent.answer, answer, status
    protection.look(working=True, now=0.0)
    protection.look(working=True, now=1.0)
    assert agent.states == [True]
    (record,) = caplog.records
    assert "protection can't be changed" in record.getMessage()
    agent.answer, agent.status = right, 200
    protection.look(working=True, now=RETRY_SECONDS + 1)
    protection.look(working=False, now=RETRY_SECONDS + 2)
    assert agent.states == [True, True, False]
