"""The command `python -m tests.page.pictures`: takes the pictures of the page that README shows."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser

from dancer.film import Step, film
from testing.browser import browsing
from testing.serving import ROOT, Server, eventually, serving
from testing.videos import encode

FOLDER: Final = ROOT / "docs"


def main() -> None:
    """Film the drawn dancer, and take the pictures."""
    with (
        TemporaryDirectory() as folder,
        browsing() as browser,
        serving(Path(folder) / "uploads") as server,
    ):
        take(browser, server, filmed(Path(folder)))


def filmed(folder: Path) -> Path:
    """A dance with holds of several poses."""
    score = (Step("Goddess", None, 1.0), Step("Warrior II", "left", 1.2), Step("T-Pose", None, 0.8))
    danced = film(score, width=960, height=540)
    return encode(folder / "my_dance.mp4", danced.frames(), "libx264")


def take(browser: Browser, server: Server, video: Path) -> None:
    """Take a picture of a result, and one of the catalogue on a phone."""
    page = browser.new_page(viewport={"width": 900, "height": 1000}, locale="en-GB")
    page.goto(server.url)
    page.set_input_files("#file", video)
    page.get_by_role("group", name="Warrior II (left)").locator(".bar.hold").click()
    page.locator("dance-hold").wait_for()
    eventually(lambda: page.locator("dance-player").evaluate("player => player.frame") > 0)
    page.screenshot(path=FOLDER / "page-result.png")
    phone = browser.new_page(
        viewport={"width": 390, "height": 800}, locale="en-GB", color_scheme="dark"
    )
    phone.goto(f"{server.url}/#/poses")
    phone.get_by_label("Search by name, school or family").fill("tree")
    phone.locator("li.pose:visible img").first.wait_for()
    phone.wait_for_load_state("networkidle")
    phone.screenshot(path=FOLDER / "page-poses.png")


if __name__ == "__main__":
    main()
