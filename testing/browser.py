"""The browser in which the page is tried: Chromium, where the system has it."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, BrowserType, sync_playwright

CHROMIUM: Final = shutil.which("chromium")

LACKING: Final = "The page is looked at in Chromium, which isn't here: apt-get install chromium"

_SWITCHES: Final = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")
"""Without a sandbox, as this may run as root, for whom Chromium has none."""


def launched(chromium: BrowserType, *switches: str) -> Browser:
    """Start it, with these switches beside those that it always has."""
    return chromium.launch(executable_path=CHROMIUM, args=[*_SWITCHES, *switches])


@contextmanager
def browsing() -> Iterator[Browser]:
    """The browser for a command, which ends in a sentence where there is none."""
    if CHROMIUM is None:
        sys.exit(LACKING)
    with sync_playwright() as playwright:
        browser = launched(playwright.chromium)
        yield browser
        browser.close()
