"""How the service is served: one worker, because it only waits; each video has its own process."""

import os
import resource
import sys
from typing import Any

from gunicorn.util import close_graceful

from service.settings import SettingError, Settings, check_pose_modules
from service.worker import IDLE_CONNECTIONS

try:
    _settings = Settings.from_environment(os.environ)
    check_pose_modules(_settings)
except SettingError as error:
    sys.exit(f"Can't start: {error}")

wsgi_app = "server:app"
bind = f"{_settings.host}:{_settings.port}"
workers = 1
worker_class = "service.worker.Worker"
worker_tmp_dir = "/dev/shm"
graceful_timeout = int(_settings.grace_seconds)
# A crowd of callers needs a descriptor each, and an upload some more.
_descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (_descriptors, _descriptors))
# More than may wait idly, so that there is always one for /health.
worker_connections = 2 * IDLE_CONNECTIONS
keepalive = int(_settings.keep_alive_seconds)
control_socket_disable = True

_LINGER_SECONDS = 2.0
_LINGER_BYTES = 2**28


def post_request(_worker: Any, req: Any, environ: dict[str, Any], _resp: Any) -> None:
    """Close a connection whose request was refused unread, so that the answer still arrives.

    Closed at once, what the caller is still sending would be answered with a reset, which can
    take the answer with it.
    """
    if environ.get("service.unread"):
        req.force_close()
        close_graceful(environ["gunicorn.socket"], _LINGER_SECONDS, _LINGER_BYTES)
