"""How soon the page can be used, and how much of it comes first: python -m benchmarks.page.

Each visit is that of a browser that has never been here, on a phone's screen, over loopback. Usable
is when a video can be chosen; blocked the time in which the page couldn't have heeded a finger.
"""

from pathlib import Path
from statistics import median
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser, Request

from testing.browser import browsing
from testing.serving import serving

VISITS: Final = 15

VIEWS: Final = ("analyse", "live", "compare", "poses", "history")

BEFORE: Final = """
window.blocked = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.blocked += Math.max(duration - 50, 0);
}).observe({ type: "longtask", buffered: true });
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) window.shifted += value;
}).observe({ type: "layout-shift", buffered: true });
new MutationObserver(() => {
  if (!window.usable && document.querySelector("main h1")) window.usable = performance.now();
}).observe(document, { childList: true, subtree: true });
"""

AFTER: Final = """
() => {
  const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  return { painted, usable: window.usable, blocked: window.blocked, shifted: window.shifted };
}
"""


def visit(browser: Browser, url: str) -> dict[str, float]:
    """What one visit takes: milliseconds, bytes and files."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - it wants a signature
    page.add_init_script(BEFORE)
    page.goto(url)
    page.locator("main h1").wait_for()
    page.wait_for_load_state("networkidle")
    told: dict[str, float] = page.evaluate(AFTER)
    sizes = [each.sizes()["responseBodySize"] for each in requests]
    context.close()
    return {**told, "bytes": sum(sizes), "files": len(sizes)}


def main() -> None:
    """Print the medians of some visits to each view."""
    with (
        TemporaryDirectory() as folder,
        serving(Path(folder) / "uploads", stdout=DEVNULL, stderr=DEVNULL) as server,
        browsing() as browser,
    ):
        print("view      painted ms  usable ms (most)  blocked ms  shifted  kB     files")
        for view in VIEWS:
            visits = [visit(browser, f"{server.url}/#/{view}") for _ in range(VISITS)]
            middle = {name: median(each[name] for each in visits) for name in visits[0]}
            most = max(each["usable"] for each in visits)
            print(
                f"{view:9} {middle['painted']:10.0f} {middle['usable']:10.0f} ({most:.0f})"
                f"{middle['blocked']:12.0f} {middle['shifted']:10.3f} "
                f"{middle['bytes'] / 1000:6.1f} {middle['files']:5.0f}"
            )


if __name__ == "__main__":
    main()
