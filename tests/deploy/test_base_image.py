"""The base image: by digest, and renewed to what its tag names, asked of a registry on loopback."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.base_image import DOCKERFILE, INDEX, renewed

DIGEST = f"sha256:{'0123456789abcdef' * 4}"


class Registry(BaseHTTPRequestHandler):
    """Stands for a registry: gives a token, and to who has it the digest of a tag."""

    def do_GET(self) -> None:
        if self.path.startswith("/token?") and "scope=repository:library/python:pull" in self.path:
            self._answer(200, b'{"token": "given"}')
        elif (
            self.path == "/v2/library/python/manifests/3.11-slim"
            and self.headers["Authorization"] == "Bearer given"
            and self.headers["Accept"] == INDEX
        ):
            self._answer(200, b"{}", DIGEST)
        elif self.path == "/single/v2/library/python/manifests/3.11-slim":
            self._answer(200, b"{}", DIGEST, INDEX.replace("index", "manifest"))
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes, digest: str = "", kind: str = INDEX) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Docker-Content-Digest", digest)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_every_image_that_is_built_on_is_named_by_its_digest() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11-slim@sha256:[0-9a-f]{64}", bases[0])


def test_the_digest_is_renewed_and_nothing_else_changed(registry: str) -> None:
    text = DOCKERFILE.read_text()
    new = renewed(text, registry, f"{registry}/token")
    old = re.search(r"@(sha256:\w+)", text)
    assert old
    assert new == text.replace(old[1], DIGEST)
    assert new.count(DIGEST) == 2


def test_the_image_of_one_architecture_is_refused(registry: str) -> None:
    with pytest.raises(ValueError, match=r"3\.11-slim is no index"):
        renewed(DOCKERFILE.read_text(), f"{registry}/single", f"{registry}/token")


def test_a_registry_that_doesnt_answer_changes_nothing(registry: str) -> None:
    with pytest.raises(OSError, match="404"):
        renewed(DOCKERFILE.read_text(), f"{registry}/elsewhere", f"{registry}/token")
