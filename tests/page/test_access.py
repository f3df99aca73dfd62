"""Everybody can use it: axe-core finds nothing, and it fits the smallest phone and any path."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from testing.balancer import load_balancer
from testing.serving import ROOT, TIMEOUT, Server, eventually
from tests.page.conftest import KEEP, nothing_wrong_in, sent, until

AXE: Final = ROOT / "tests" / "page" / "node_modules" / "axe-core" / "axe.min.js"

VIEWS: Final = ("analyse", "result/first", "live", "compare", "poses", "history")


@pytest.fixture(params=["light", "dark"])
def smallest(
    request: pytest.FixtureRequest, browser: Browser, server: Server, answer: dict[str, Any]
) -> Iterator[Page]:
    """The page on the smallest phone, with a history, in the colours of day or night."""
    page = browser.new_page(
        viewport={"width": 320, "height": 640},
        locale="en-GB",
        color_scheme=request.param,
        reduced_motion="reduce",
    )
    with nothing_wrong_in(page):
        page.goto(server.url)
        page.evaluate(KEEP, ["first", "2026-03-01T10:00:00Z", answer, ""])
        yield page
    page.close()


def faults_in(page: Page) -> list[str]:
    """What axe-core finds wrong with what is shown."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found
        for node in fault["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    assert faults_in(page) == []
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0


@pytest.mark.skipif(not AXE.exists(), reason="axe-core isn't here: make .venv/development")
def test_each_view_is_without_fault_and_fits_the_smallest_phone(
    smallest: Page, danced: Path
) -> None:
    for view in VIEWS:
        smallest.goto(f"{smallest.url.partition('#')[0]}#/{view}")
        smallest.locator("h1").wait_for()
        if view == "result/first":
            smallest.locator(".bar.near").click()
            smallest.locator("dance-hold").wait_for()
            smallest.locator("summary").click()
        if view == "history":
            smallest.locator(".curve").first.wait_for()
        if view == "poses":
            smallest.locator("li.pose").first.wait_for()
        assert_accessible(smallest)
    # What comes of what is done there: a problem, and the way to a result.
    smallest.goto(f"{smallest.url.partition('#')[0]}#/analyse")
    smallest.route("**/analyze", lambda route: route.fulfill(status=500, body="oops"))
    smallest.set_input_files("#file", danced)
    expect(smallest.get_by_role("alert")).to_contain_text("error 500")
    assert_accessible(smallest)


def test_a_result_is_reached_and_read_by_keys_alone(page: Page, danced: Path) -> None:
    page.locator("h1").wait_for()
    # The first key leads past the menu.
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(danced)
    page.locator("dance-player").wait_for()
    until(page, "() => document.activeElement.id === 'main'")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.classList.contains('bar')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("dance-hold h2")).to_be_focused()


def test_the_first_view_is_small(page: Page, server: Server) -> None:
    page.goto("about:blank")
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    page.goto(server.url)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(server.url) for url in sizes)
    assert sum(sizes.values()) < 100_000, json.dumps(sizes, indent=1)


@pytest.mark.skipif(
    shutil.which("haproxy") is None, reason="haproxy isn't here: apt-get install it"
)
def test_the_page_is_under_a_path_where_a_proxy_has_it_there(
    page: Page, server: Server, danced: Path, tmp_path: Path
) -> None:
    with load_balancer(tmp_path, server.port, server.port, "/dance/") as address:
        # The balancer has seen by then that the server is there.
        assert eventually(lambda: requests.get(f"{address}/health", timeout=TIMEOUT).ok)
        page.goto(f"{address}/")
        page.get_by_role("link", name="Poses", exact=True).click()
        page.get_by_role("heading", name="T-Pose", exact=True).wait_for()
        page.get_by_role("link", name="Analyse").first.click()
        sent(page, danced)
        expect(page.locator(".summary")).to_contain_text("Poses: T-Pose")


def test_nothing_from_elsewhere_is_let_in(context: BrowserContext, server: Server) -> None:
    page = context.new_page()
    page.goto(server.url)
    allowed = page.evaluate(
        """async () => {
          const made = document.createElement("script");
          made.textContent = "window.ran = true";
          document.head.append(made);
          const call = fetch("http://127.0.0.2:9/").then(() => true, () => false);
          return [window.ran === true, await call];
        }"""
    )
    assert allowed == [False, False]
