"""Everybody can use it: axe-core finds nothing, and it fits the smallest phone and any path."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FileChooser,
    Page,
    Request,
    expect,
)

from testing.balancer import load_balancer
from testing.serving import TIMEOUT, Server, eventually
from tests.page.conftest import KEEP, assert_accessible, nothing_wrong_in, sent, until

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


def test_each_view_is_without_fault_and_fits_the_smallest_phone(
    smallest: Page, server: Server, danced: Path
) -> None:
    for view in VIEWS:
        smallest.goto("about:blank")
        smallest.goto(f"{server.url}/#/{view}")
        smallest.locator("h1").wait_for()
        if view == "result/first":
            smallest.locator(".bar.near").click()
            smallest.locator("dance-hold").wait_for()
            smallest.locator("summary").click()
        if view == "history":
            smallest.get_by_role("heading", name="How a pose comes on").wait_for()
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
    choosers: list[FileChooser] = []
    page.on("filechooser", lambda chooser: choosers.append(chooser))  # noqa: PLW0108
    page.locator("h1").wait_for()
    # The first key leads past the menu.
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert eventually(lambda: page.title() and choosers)
    choosers[0].set_files(danced)
    page.locator("dance-player").wait_for()
    until(page, "() => document.activeElement.id === 'main'")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.classList.contains('bar')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("dance-hold h2")).to_be_focused()


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_the_first_view_is_small(locale: str, browser: Browser, server: Server) -> None:
    page = browser.new_page(locale=locale)
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))  # noqa: PLW0108
    page.goto(server.url)
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")
    sizes = {each.url: each.sizes()["responseBodySize"] for each in requests}
    page.close()
    assert all(url.startswith(server.url) for url in sizes)
    assert sum(sizes.values()) < 100_000, json.dumps(sizes, indent=1)


def test_an_address_that_leads_nowhere_leads_to_the_first_view(page: Page) -> None:
    for address in ("constructor", "__proto__", "no-such-view"):
        page.evaluate("address => { location.hash = `#/${address}`; }", address)
        expect(page.locator("h1")).to_have_text("Which poses do you dance?")
    page.evaluate("() => { location.hash = '#/result/%E0%A4%A'; }")
    expect(page.locator("h1")).to_have_text("This result is not in this browser")


def test_a_view_that_cannot_be_loaded_says_so(page: Page) -> None:
    page.locator("h1").wait_for()
    page.route("**/views/history.js", lambda route: route.abort())
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("alert")).to_contain_text("This part of the page can't be loaded.")
    page.unroute("**/views/history.js")
    page.get_by_role("button", name="Load the page again").click()
    expect(page.locator("h1")).to_have_text("History")


def test_a_browser_that_keeps_nothing_shows_it_all_the_same(
    context: BrowserContext, server: Server, danced: Path
) -> None:
    context.add_init_script(
        """
        for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
          Object.defineProperty(window, name, { get: () => { throw new Error("denied"); } });
        }
        """
    )
    page = context.new_page()
    with nothing_wrong_in(page):
        page.goto(server.url)
        sent(page, danced)
        expect(page.get_by_text("it is there only until the page is closed")).to_be_visible()
        page.get_by_role("link", name="History").click()
        expect(page.get_by_role("link", name="dance.mp4")).to_be_visible()


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
