"""Scale-in protection: a task of ECS is not taken away while it works.

The agent on a task's host has an address for it:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
"""

import json
import logging
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import gevent

LOOK_SECONDS: Final = 1.0
"""Pause between two looks at whether there is work."""

EXPIRES_MINUTES: Final = 10
"""A task that ends without releasing its protection loses it after this time."""

RENEW_SECONDS: Final = 300.0
RETRY_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 5.0

log = logging.getLogger(__name__)


class Protection:
    """The protection of this task: taken for work, renewed while it goes on, released after it."""

    def __init__(self, agent: str) -> None:
        self._url = f"{agent.rstrip('/')}/task-protection/v1/state"
        self._held = False
        self._renewal = 0.0
        """When what is held is to be renewed."""
        self._retry = 0.0
        """Before this time the agent, which has just failed, is not asked again."""
        # The agent is on this host; a proxy of the environment doesn't lead there.
        self._opener = build_opener(ProxyHandler({}))

    def follow(self, working: Callable[[], bool]) -> None:
        """Hold the protection whenever there is work; never returns."""
        while True:
            self.look(working(), time.monotonic())
            gevent.sleep(LOOK_SECONDS)

    def look(self, working: bool, now: float) -> None:
        """Ask the agent for what is due; a failure is logged, and tried again later."""
        due = working != self._held or (working and now >= self._renewal)
        if not due or now < self._retry:
            return
        try:
            self._ask(working)
        except (OSError, HTTPException, ValueError) as error:
            log.warning("The task's scale-in protection can't be changed: %s", error)
            self._retry = now + RETRY_SECONDS
        else:
            self._held = working
            self._renewal = now + RENEW_SECONDS

    def _ask(self, enabled: bool) -> None:
        state = {"ProtectionEnabled": enabled}
        body = json.dumps(state | ({"ExpiresInMinutes": EXPIRES_MINUTES} if enabled else {}))
        headers = {"Content-Type": "application/json"}
        request = Request(self._url, body.encode(), headers, method="PUT")
        try:
            with self._opener.open(request, timeout=ANSWER_SECONDS) as response:
                answer = json.load(response)
        except HTTPError as error:
            raise OSError(f"{error}: {error.read(500).decode(errors='replace')}") from error
        if "protection" not in answer:
            raise OSError(json.dumps(answer))
