"""How the service is served: one worker, because it only waits; each video has its own process."""

import os
import resource
import signal
import sys
from functools import partial
from typing import Any

from analyzer.version import version
from service.connections.places import PLACES
from service.runtime.logs import CONFIG, relay, write
from service.runtime.settings import SettingError, check_own_poses, settings_of_start
from service.runtime.stopping import SIGNALS

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until gunicorn listens to it: as an exception it can get lost where something is being loaded.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

try:
    _settings = settings_of_start()
    check_own_poses(_settings)
except SettingError as error:
    sys.exit(f"Can't start: {error}")

relay()

logconfig_dict = CONFIG
wsgi_app = "server:app"
bind = f"{_settings.host}:{_settings.port}"
workers = 1
worker_class = "service.worker.Worker"
worker_tmp_dir = "/dev/shm"
graceful_timeout = int(_settings.grace_seconds)
keepalive = int(_settings.keep_alive_seconds)
control_socket_disable = True

# A crowd of callers needs a descriptor each.
_descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (_descriptors, _descriptors))
# Uploads have files, and analyses pipes.
worker_connections = min(PLACES, _descriptors // 2)

os.register_at_fork(after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, SIGNALS))


def pre_fork(_server: Any, _worker: Any) -> None:
    """Have signals to the worker wait until it listens to them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def when_ready(_server: Any) -> None:
    """Say which version serves, and how much at once."""
    write("start", version=version(), analyses=_settings.analyses, waiting=_settings.waiting)
