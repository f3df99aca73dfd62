"""How the service is served: one worker, because it only waits; each video has its own process."""

import os
import resource
import sys

from service.logs import relay
from service.places import PLACES
from service.settings import SettingError, Settings, check_pose_modules

try:
    _settings = Settings.from_environment(os.environ)
    check_pose_modules(_settings)
except SettingError as error:
    sys.exit(f"Can't start: {error}")

relay()

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
