"""A real load balancer in front of two servers: haproxy."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testing.serving import TIMEOUT, eventually, listens, reserved_port

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
    http-request replace-path {path}(.*) /\\1
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
def load_balancer(folder: Path, one: int, two: int, path: str = "/") -> Iterator[str]:
    """Run haproxy before the servers on two ports; the address that callers use, at a path."""
    front = reserved_port()
    configuration = folder / "haproxy.cfg"
    configuration.write_text(CONFIGURATION.format(front=front, one=one, two=two, path=path))
    process = subprocess.Popen(["haproxy", "-q", "-f", str(configuration)])
    try:
        if not eventually(lambda: listens(front)):
            raise AssertionError("haproxy doesn't listen")
        yield f"http://127.0.0.1:{front}{path}".rstrip("/")
    finally:
        process.terminate()
        process.wait(TIMEOUT)
