"""The signals by which gunicorn stops a worker."""

import signal
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
"""They wait from the fork of a worker until it listens; it would lose them."""
