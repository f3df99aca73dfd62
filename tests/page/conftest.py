"""A browser, and the videos that its pages get."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
)

from dancer.film import Slip, film
from testing.browser import CHROMIUM, LACKING, browsing
from testing.serving import ROOT, TIMEOUT, Server, eventually
from testing.videos import encode

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}

EXPECTED: Final = "Failed to load resource"
"""How the browser itself tells of an answer that is a problem."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(LACKING)
    with browsing() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has never been here, on a phone, in English."""
    context = browser.new_context(viewport=PHONE, locale="en-GB", accept_downloads=True)
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Iterator[Page]:
    """The page as it is first seen, which in the whole test has nothing to complain about."""
    page = context.new_page()
    with nothing_wrong_in(page):
        page.goto(server.url)
        yield page


class nothing_wrong_in:  # noqa: N801 - it reads as what it says
    """Fails at its end where a page has told of a mistake, as of its content security policy."""

    def __init__(self, page: Page) -> None:
        self._mistakes: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._mistakes.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and EXPECTED not in message.text:
            self._mistakes.append(message.text)

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, *_: object) -> None:
        """See what was told, unless the test has failed by itself."""
        assert kind or not self._mistakes, self._mistakes


@pytest.fixture(scope="session")
def danced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A T-Pose, and another one in which the left elbow is not straight enough: a near miss."""
    score = [("T-Pose", None, 0.7), ("T-Pose", None, 0.9)]
    held = film(score, width=480, height=360, rest=0.2)
    times = [time for time, truth in zip(held.times, held.truth, strict=True) if truth]
    slip = Slip("left forearm", -46, times[-1] - 1.4, times[-1] + 0.5)
    filmed = film(score, width=480, height=360, rest=0.2, slips=[slip])
    path = tmp_path_factory.mktemp("page") / "dance.mp4"
    return encode(path, filmed.frames(), "libx264")


@pytest.fixture(scope="session")
def answer(danced: Path, server: Server) -> dict[str, Any]:
    """What the page gets of it."""
    include = "segments,video,landmarks,angles"
    told: dict[str, Any] = server.analyze(danced, data={"include": include}).json()
    return told


@pytest.fixture
def result(page: Page, danced: Path, answer: dict[str, Any]) -> Page:
    """The page with its result, which is in the history with its video."""
    video = base64.b64encode(danced.read_bytes()).decode()
    page.evaluate(KEEP, ["first", "2026-03-01T10:00:00Z", answer, video])
    page.goto(f"{page.url.partition('#')[0]}#/result/first")
    page.locator("dance-player").wait_for()
    until(page, "() => document.querySelector('dance-player').video.readyState >= 2")
    return page


KEEP: Final = """
async ([id, date, answer, video]) => {
  const { keep } = await import(new URL("static/page/results/store.js", location));
  const bytes = Uint8Array.from(atob(video), (letter) => letter.charCodeAt(0));
  const blob = video && new Blob([bytes], { type: "video/mp4" });
  await keep({ id, date, name: "dance.mp4", note: "", poses: [], answer, video: blob || null });
}
"""
"""Puts a result into the history, as the page does."""


def until(page: Page, true: str, argument: object = None) -> None:
    """Wait until a function of JavaScript says so, which the page's policy lets nobody do in it."""
    assert eventually(lambda: page.evaluate(true, argument), TIMEOUT), true


def sent(page: Page, video: Path) -> None:
    """Choose a video, and wait until its result is there."""
    page.set_input_files("#file", video)
    page.locator("dance-player").wait_for()


AXE: Final = ROOT / "tests" / "page" / "node_modules" / "axe-core" / "axe.min.js"


def assert_accessible(page: Page) -> None:
    """Axe-core finds nothing wrong with what is shown, and nothing is wider than the screen."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found
        for node in fault["nodes"]
    ] == []
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
