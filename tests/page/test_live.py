"""Practising before the camera, which is a film of the drawn dancer here."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from dancer.film import film
from testing.browser import launched
from testing.serving import Server, eventually
from tests.page.conftest import PHONE, assert_accessible, nothing_wrong_in, until


@pytest.fixture(scope="session")
def camera_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stands, and holds Goddess; as a camera of Chromium's gives it, again and again."""
    folder = tmp_path_factory.mktemp("camera")
    danced = film([("Goddess", None, 2.5)], width=480, height=360, rest=2.2)
    # Motion JPEG, as cameras send it.
    danced.write(folder / "film.avi")
    path = folder / "film.mjpeg"
    path.write_bytes(pictures_in(folder / "film.avi"))
    return path


def pictures_in(video: Path) -> bytes:
    """The JPEG pictures of a video, one after the other."""
    command = ["ffmpeg", "-v", "error", "-i", str(video)]
    command += ["-pix_fmt", "yuvj420p", "-q:v", "3", "-f", "mjpeg", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.fixture
def camera_page(browser: Browser, camera_film: Path, server: Server) -> Iterator[Page]:
    """The page, in a browser with a camera."""
    program = launched(
        browser.browser_type,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera_film}",
    )
    page = program.new_page(viewport=PHONE, locale="en-GB")
    with nothing_wrong_in(page):
        page.goto(server.url)
        yield page
    program.close()


def test_a_pose_is_practised_hands_free_with_advice_on_screen_and_spoken(
    camera_page: Page, server: Server
) -> None:
    page = camera_page
    page.add_init_script(
        """
        window.said = [];
        window.tracks = [];
        SpeechSynthesis.prototype.speak = (words) => window.said.push(words.text);
        const devices = navigator.mediaDevices;
        const open = devices.getUserMedia.bind(devices);
        devices.getUserMedia = async (wanted) => {
          const stream = await open(wanted);
          window.tracks.push(...stream.getTracks());
          return stream;
        };
        """
    )
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - it wants a signature
    page.goto(f"{server.url}/#/live/goddess")
    page.reload()
    expect(page.get_by_label("Pose to practise")).to_have_value("Goddess")
    page.get_by_role("button", name="Start").click()
    here = page.get_by_role("region", name="You and how it stands")
    state = here.get_by_role("status")
    expect(state).to_have_text("Stand still", timeout=60_000)
    expect(state).to_contain_text("set your feet further apart", timeout=60_000)
    expect(state).to_have_text("Hold it!", timeout=60_000)
    # The hold is told when it is over.
    holds = page.get_by_role("main").get_by_role("listitem")
    expect(holds.filter(has_text="Goddess").first).to_be_visible(timeout=60_000)
    expect(here.get_by_text("Longest hold: Goddess")).to_be_visible()
    assert_accessible(page)
    said = page.evaluate("() => window.said.join('|')")
    assert "set your feet further apart" in said.lower()
    # Leaving it leaves nothing open.
    page.evaluate("() => { location.hash = '#/poses'; }")
    until(page, "() => window.tracks.every((track) => track.readyState === 'ended')")
    assert page.evaluate("() => window.tracks.length") > 0
    until(page, "() => document.querySelector('h1').textContent === 'Poses'")
    assert sockets
    # Its end is heard of while something is asked of the page.
    assert eventually(lambda: page.title() and all(socket.is_closed() for socket in sockets))
    server.assert_idle()


def test_a_recording_comes_to_a_result(camera_page: Page) -> None:
    page = camera_page
    page.get_by_role("button", name="Record with the camera").click()
    page.get_by_label("Countdown").select_option("0")
    page.get_by_role("button", name="Record", exact=True).click()
    assert_accessible(page)
    expect(page.get_by_text("Recording: 0:02")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Stop").click()
    assert_accessible(page)
    page.get_by_role("button", name="Use this recording").click()
    page.locator("dance-player").wait_for()
    expect(page.locator("h1")).to_contain_text("recording.")


def test_a_camera_that_is_refused_is_told_with_what_to_do(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/#/live")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert").locator("p")).to_contain_text("camera")
