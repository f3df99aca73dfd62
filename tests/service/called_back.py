"""Callbacks of a server, in a network of its own that has an address of the public internet.

Run as `python -m tests.service.called_back FOLDER VIDEO` by a user who may set up that network, it
prints what came, as lines of JSON.
"""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from testing.serving import eventually, serving

PUBLIC = "192.88.99.1"
"""Of the public internet, and nobody's since RFC 7526."""

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def main(folder: Path, video: Path) -> None:
    """Have two analyses call back, a good one and a bad one, and print what came."""
    for command in ("link set lo up", f"address add {PUBLIC}/32 dev lo"):
        subprocess.run(["ip", *command.split()], check=True)
    came: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        """Refuses what comes first, or sends it elsewhere, and then takes it."""

        def do_POST(self) -> None:
            """Note a call."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            came.append({"path": self.path, "headers": headers, "body": body})
            again = sum(call["path"] == self.path for call in came) > 1
            self.send_response(204 if again else 302 if self.path == "/good" else 500)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

    receiver = ThreadingHTTPServer((PUBLIC, 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    port = receiver.server_address[1]
    hosts = f"{PUBLIC},127.0.0.1"
    with serving(folder / "uploads", CALLBACK_HOSTS=hosts, ANALYSES=1, stdout=2) as server:
        for path, content in (("/good", video.read_bytes()), ("/bad", b"no video")):
            callback = f"http://{PUBLIC}:{port}{path}"
            server.send(content, data={"callback": callback, "callback_secret": SECRET})
        # It may lead to where the server itself is, and isn't followed there.
        inward = f"http://127.0.0.1:{server.port}/poses"
        server.send(b"no video", data={"callback": inward, "callback_secret": SECRET})
        assert eventually(lambda: len(came) >= 4, 90)
    for call in came:
        print(json.dumps(call))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
