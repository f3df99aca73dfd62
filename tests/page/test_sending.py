"""What happens to a video until its result is there, and what may go wrong on the way."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, Route, expect

from service.problems import MEDIA_TYPE, Kind, Problem
from testing.serving import TIMEOUT, Server, eventually, kill, serving
from tests.page.conftest import assert_accessible, nothing_wrong_in, sent, until

ELSEWHERE: Final = {Kind.UNAUTHORIZED, Kind.BUSY, Kind.STARTING, Kind.STOPPING, Kind.NO_ROOM}
"""What the page answers by asking for a token, or by trying again by itself."""


def problem_of(kind: Kind) -> Callable[[Route], None]:
    """Answers a request with a problem, as the service would."""
    body = Problem(kind, f"This is {kind.slug}; do something else.").body()

    def answer(route: Route) -> None:
        status = int(kind.status)
        route.fulfill(status=status, content_type=MEDIA_TYPE, body=json.dumps(body))

    return answer


def test_every_kind_of_problem_is_shown_as_its_sentence(page: Page, danced: Path) -> None:
    for kind in set(Kind) - ELSEWHERE:
        page.route("**/analyze", problem_of(kind))
        page.set_input_files("#file", danced)
        expect(page.get_by_role("alert").locator("p")).to_have_text(
            f"This is {kind.slug}; do something else."
        )
        page.unroute("**/analyze")


def test_what_is_no_video_is_refused_in_a_sentence_and_the_next_one_is_taken(
    page: Page, danced: Path, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear dancers")
    page.set_input_files("#file", letter)
    expect(page.get_by_role("alert")).to_contain_text("not a video that can be read")
    sent(page, danced)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty. Choose another one."),
        (bytes(2**20 + 1), "This video has 1.0 MB, and 1.0 MB is the most."),
    ],
)
def test_what_the_limits_refuse_is_not_sent(
    content: bytes, sentence: str, page: Page, tmp_path: Path
) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.method))
    video = tmp_path / "dance.mp4"
    video.write_bytes(content)
    page.set_input_files("#file", video)
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    assert "POST" not in requests


def test_a_video_that_is_too_long_is_not_sent(
    context: BrowserContext, danced: Path, tmp_path: Path
) -> None:
    with serving(tmp_path / "uploads", MAX_VIDEO_SECONDS=2) as server:
        page = context.new_page()
        page.goto(server.url)
        page.set_input_files("#file", danced)
        expect(page.get_by_role("alert")).to_have_text(
            "This video lasts 0:04.6, and 0:02.0 is the most. Send a shorter part of it."
        )


def test_progress_is_told_and_the_analysis_can_be_cancelled(
    page: Page, long_video: Path, server: Server
) -> None:
    page.set_input_files("#file", long_video)
    sending = page.locator("dance-sending")
    expect(sending.locator(".state")).to_contain_text("Analysing: ", timeout=60_000)
    expect(sending.get_by_role("progressbar")).to_be_visible()
    assert_accessible(page)
    sending.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Cancelled. Nothing of the video is left on the service."
    )
    server.assert_idle()


def test_the_place_in_line_is_told(page: Page, long_video: Path, server: Server) -> None:
    before = [server.send(long_video) for _ in range(2)]
    assert eventually(lambda: server.states() == ["running", "running"])
    page.set_input_files("#file", long_video)
    state = page.locator("dance-sending .state")
    expect(state).to_have_text("In line, at place 1", timeout=60_000)
    for analysis in before:
        requests.delete(analysis, timeout=TIMEOUT)
    expect(state).to_contain_text("Analysing: ", timeout=60_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("Cancelled.")
    server.assert_idle()


def test_a_lost_connection_goes_on_where_it_was(
    context: BrowserContext, long_video: Path, tmp_path: Path
) -> None:
    page, uploads = context.new_page(), tmp_path / "uploads"
    state = page.locator("dance-sending .state")
    with serving(uploads) as server:
        page.goto(server.url)
        page.set_input_files("#file", long_video)
        expect(state).to_contain_text("Analysing: ", timeout=60_000)
        kill(server.process)
    expect(state).to_contain_text("The connection is lost.", timeout=60_000)
    with serving(uploads, server.port) as server:
        expect(state).to_contain_text("Analysing: ", timeout=60_000)
        assert server.states() == ["running"]
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("alert")).to_contain_text("Cancelled.")
        assert eventually(lambda: server.states() == [])


def test_an_analysis_goes_on_when_another_view_is_looked_at_and_when_the_page_is_loaded_again(
    page: Page, long_video: Path, server: Server
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_input_files("#file", long_video)
    state = page.locator("dance-sending .state")
    expect(state).to_contain_text("Analysing: ", timeout=60_000)
    page.get_by_role("link", name="Poses", exact=True).click()
    page.get_by_role("link", name="Analyse").first.click()
    expect(state).to_contain_text("Analysing: ", timeout=60_000)
    page.reload()
    expect(state).to_contain_text("Analysing: ", timeout=60_000)
    assert server.states().count("running") == 1
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("Cancelled.")
    server.assert_idle()


def test_a_proxy_that_does_not_reach_the_service_for_a_moment_costs_nothing(
    page: Page, danced: Path
) -> None:
    failures = [502, 503, 504]

    def fail(route: Route) -> None:
        if route.request.method == "GET" and failures:
            route.fulfill(status=failures.pop(), content_type="text/html", body="<h1>Away</h1>")
        else:
            route.fallback()

    page.route("**/analyses/**", fail)
    sent(page, danced)
    assert failures == []


def test_a_service_that_has_no_room_is_asked_again(page: Page, danced: Path) -> None:
    refused: list[str] = []

    def refuse(route: Route) -> None:
        if refused:
            route.fallback()
        else:
            refused.append(route.request.url)
            body = json.dumps(Problem(Kind.BUSY, "Send it again in 2 seconds.").body())
            headers = {"Content-Type": MEDIA_TYPE, "Retry-After": "2"}
            route.fulfill(status=int(Kind.BUSY.status), headers=headers, body=body)

    page.route("**/analyze", refuse)
    page.set_input_files("#file", danced)
    expect(page.locator("dance-sending .state")).to_contain_text("It is tried again by itself")
    page.locator("dance-player").wait_for()


def test_where_there_is_no_background_the_answer_is_waited_for(page: Page, danced: Path) -> None:
    def fail(route: Route) -> None:
        if "prefer" in route.request.headers:
            problem_of(Kind.BACKGROUND_DOWN)(route)
        else:
            route.fallback()

    page.route("**/analyze", fail)
    sent(page, danced)
    expect(page.locator(".summary")).to_contain_text("Poses: T-Pose")


def test_what_is_dropped_is_taken_once(page: Page, danced: Path) -> None:
    methods: list[str] = []
    page.on("request", lambda request: methods.append(request.method))
    page.locator("h1").wait_for()
    video = base64.b64encode(danced.read_bytes()).decode()
    page.evaluate(
        """(video) => {
          const bytes = Uint8Array.from(atob(video), (letter) => letter.charCodeAt(0));
          for (let time = 0; time < 2; time += 1) {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], "dance.mp4", { type: "video/mp4" }));
            const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
            document.body.dispatchEvent(drop);
          }
        }""",
        video,
    )
    page.locator("dance-player").wait_for()
    assert methods.count("POST") == 1


def test_a_service_that_wants_a_token_is_given_one_once(
    context: BrowserContext, danced: Path, tmp_path: Path
) -> None:
    with serving(tmp_path / "uploads", API_TOKENS="secret") as server:
        page = context.new_page()
        with nothing_wrong_in(page):
            page.goto(server.url)
            page.set_input_files("#file", danced)
            dialog = page.get_by_role("dialog")
            assert_accessible(page)
            dialog.get_by_label("Token").fill("guessed")
            dialog.get_by_role("button", name="Use it").click()
            expect(dialog).to_contain_text("This token is not taken.")
            dialog.get_by_label("Token").fill("secret")
            dialog.get_by_role("button", name="Use it").click()
            page.locator("dance-player").wait_for()
            # The page has its result, and the service has nothing of it any more.
            assert eventually(lambda: server.states() == [])
            # It is known from now on, also after a reload, and to nobody else.
            page.goto(f"{server.url}/#/poses")
            page.reload()
            expect(page.get_by_role("heading", name="T-Pose", exact=True)).to_be_visible()
            expect(dialog).to_have_count(0)
            kept = page.evaluate("() => JSON.stringify(localStorage) + document.cookie")
            assert "secret" not in kept


def test_only_the_chosen_poses_are_looked_for(page: Page, danced: Path) -> None:
    page.get_by_role("link", name="Choose poses").click()
    page.get_by_label("Search by name, school or family").fill("goddess")
    page.get_by_label("Look for it: Goddess").check()
    page.get_by_role("main").get_by_role("link", name="Analyse").click()
    expect(page.get_by_text("Looking for: Goddess")).to_be_visible()
    sent(page, danced)
    expect(page.locator(".summary")).to_contain_text("Poses: none")
    assert page.locator(".bar.hold").count() == 0


def test_poses_are_found_by_a_schools_name_and_by_family(page: Page) -> None:
    page.goto(f"{page.url}#/poses")
    search = page.get_by_label("Search by name, school or family")
    shown = page.locator("li.pose:visible")
    search.fill("battement glissé RAD devant")
    expect(shown.get_by_role("heading")).to_have_text(["Degage devant"])
    shown.scroll_into_view_if_needed()
    until(page, "() => document.querySelector('li.pose:not([hidden]) img').naturalWidth > 0")
    search.fill("yoga")
    expect(shown.get_by_role("heading", name="Tree")).to_be_visible()
    expect(shown.get_by_role("heading", name="Dab")).to_have_count(0)
    search.fill("no such pose")
    expect(page.get_by_text("No pose is called that.")).to_be_visible()
