"""Earlier results, in the browser's own storage."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.page.conftest import KEEP, until


def other(answer: dict[str, Any]) -> dict[str, Any]:
    """The same dance, better: its hold has a higher score."""
    hold = {**answer["segments"][0], "score": 0.99, "end": answer["segments"][0]["end"] + 1.0}
    return {**answer, "segments": [hold]}


def test_a_result_is_there_again_with_its_note_when_the_page_is_opened_again(result: Page) -> None:
    result.get_by_label("Note").fill("For the show in June")
    result.get_by_label("Note").blur()
    expect(result.get_by_text("Kept in this browser.")).to_be_visible()
    result.goto(f"{result.url.partition('#')[0]}#/history")
    result.reload()
    expect(result.get_by_label("Note")).to_have_value("For the show in June")
    result.get_by_role("link", name="dance.mp4").click()
    expect(result.get_by_label("Note")).to_have_value("For the show in June")
    expect(result.get_by_role("group", name="T-Pose").locator(".bar")).to_have_count(2)


def test_without_its_video_the_skeleton_is_shown_alone(result: Page) -> None:
    result.get_by_label("Keep the video with it, on this device").uncheck()
    expect(result.get_by_text("Kept in this browser.")).to_be_visible()
    result.reload()
    expect(result.get_by_text("so the skeleton is shown alone")).to_be_visible()
    result.locator(".bar.hold").click()
    until(result, "() => document.querySelector('dance-player').frame > 10")
    drawn = """() => {
        const { width, height } = document.querySelector("dance-player canvas");
        const context = document.querySelector("dance-player canvas").getContext("2d");
        return context.getImageData(0, 0, width, height).data.some((level) => level > 0);
    }"""
    assert result.evaluate(drawn)


def test_a_pose_is_followed_over_time(result: Page, answer: dict[str, Any]) -> None:
    result.evaluate(KEEP, ["second", "2026-03-08T10:00:00Z", other(answer), ""])
    result.goto(f"{result.url.partition('#')[0]}#/history")
    result.get_by_role("combobox", name="Pose", exact=True).select_option("T-Pose")
    rows = result.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("01/03/2026")
    expect(rows.nth(1)).to_contain_text("99")
    expect(rows.nth(1)).to_contain_text("1.7")
    elbow = result.get_by_role("img", name="Left elbow", exact=True)
    expect(elbow.locator(".point")).to_have_count(2)
    expect(elbow.locator(".band")).to_have_count(1)


def test_the_history_goes_from_one_browser_to_another_as_one_file(
    result: Page, answer: dict[str, Any], tmp_path: Path
) -> None:
    result.goto(f"{result.url.partition('#')[0]}#/history")
    with result.expect_download() as exported:
        result.get_by_role("button", name="Export all as one file").click()
    file = tmp_path / "history.json"
    exported.value.save_as(file)
    assert json.loads(file.read_text(encoding="utf-8"))["results"][0]["answer"] == answer
    result.on("dialog", lambda dialog: dialog.accept())
    result.get_by_role("button", name="Delete all").click()
    expect(result.get_by_text("Nothing yet.")).to_be_visible()
    expect(result.get_by_role("status")).to_have_text("All is deleted.")
    result.set_input_files("#import", file)
    expect(result.get_by_role("status")).to_have_text("New results: 1")
    expect(result.get_by_role("link", name="dance.mp4")).to_be_visible()
    # What is there already isn't there twice.
    result.set_input_files("#import", file)
    expect(result.get_by_role("status")).to_have_text("New results: 0")
    result.get_by_role("button", name="Delete dance.mp4 of ").click()
    expect(result.get_by_text("Nothing yet.")).to_be_visible()


def test_what_is_no_history_is_not_imported(
    page: Page, answer: dict[str, Any], tmp_path: Path
) -> None:
    page.goto(f"{page.url}#/history")
    kept = {"id": "<b>", "date": "soon", "name": "", "note": "", "answer": {}}
    for content in ("no JSON", "[]", json.dumps({"kind": "other", "results": []})):
        file = tmp_path / "file.json"
        file.write_text(content)
        page.set_input_files("#import", file)
        expect(page.get_by_role("status")).to_contain_text("This file is no history.")
    good = {"id": "1", "date": "2026-03-01T10:00:00Z", "name": "", "note": "", "poses": []}
    for wrong in (
        kept,
        good | {"answer": {key: value for key, value in answer.items() if key != "segments"}},
        good | {"answer": answer | {"detected_poses": None}},
        good | {"answer": answer | {"segments": [{}]}},
        good | {"answer": answer | {"near_misses": answer["segments"]}},
        good | {"answer": answer | {"times": ["0"] * len(answer["times"])}},
        good | {"answer": answer | {"landmarks": answer["landmarks"][1:]}},
    ):
        file.write_text(json.dumps({"kind": "dance-poses history", "results": [wrong]}))
        page.set_input_files("#import", file)
        expect(page.get_by_role("status")).to_contain_text("This file is no history.")
        page.get_by_role("status").evaluate("status => (status.textContent = '')")
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
