"""From a video to its result: what it shows, and how it is looked at."""

import csv
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.page.conftest import KEEP, sent, until


def frame_of(page: Page) -> int:
    shown = page.locator("dance-player").evaluate("player => player.frame")
    assert isinstance(shown, int)
    return shown


def test_a_video_comes_to_a_result_that_can_be_read(page: Page, danced: Path) -> None:
    sent(page, danced)
    result = page
    expect(result.get_by_role("heading", level=1)).to_have_text("dance.mp4")
    expect(result.locator(".summary")).to_contain_text("Poses: T-Pose")
    row = result.get_by_role("group", name="T-Pose")
    expect(row.locator(".bar.hold")).to_have_count(1)
    expect(row.locator(".bar.near")).to_have_count(1)
    expect(result.get_by_role("button", name="held for 0.7 s, score").first).to_be_visible()


def test_a_hold_says_what_was_measured_and_what_is_wanted(result: Page) -> None:
    result.locator(".bar.hold").click()
    hold = result.locator("dance-hold")
    expect(hold.get_by_role("heading", name="T-Pose")).to_be_visible()
    expect(hold).to_contain_text("Held for 0.7 s")
    expect(hold.get_by_role("img").first).to_be_visible()
    hold.locator("summary").click()
    expect(hold.get_by_text("Left elbow: 17")).to_contain_text("Wanted: at least 150 degrees.")
    hold.get_by_role("button", name="Curve of: left elbow", exact=True).click()
    curve = hold.get_by_role("img", name="Curve of Left elbow around the hold.")
    expect(curve.locator(".band")).to_have_count(1)
    assert (curve.locator(".line").get_attribute("d") or "").count("L") > 30


def test_a_near_miss_is_advice(result: Page) -> None:
    miss = result.locator(".bar.near")
    told = miss.get_attribute("aria-label") or ""
    assert "Almost T-Pose for " in told
    assert "straighten your left elbow, by " in told and told.endswith(" degrees.")
    miss.click()
    off = result.locator("dance-hold li.off")
    expect(off).to_have_count(1)
    expect(off).to_contain_text("Wanted: at least 150 degrees.")
    expect(off).to_contain_text("Straighten your left elbow")
    expect(result.locator("dance-timeline [role=status]")).to_have_text(told)


def test_joints_that_are_off_are_red(result: Page, answer: dict[str, Any]) -> None:
    (miss,) = answer["near_misses"]
    colours = """([best, joints]) => {
        const player = document.querySelector("dance-player");
        const canvas = player.querySelector("canvas");
        return player.frame === best && joints.map(([x, y]) => [
            ...canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data,
        ]);
    }"""
    left, right = (answer["landmarks"][miss["best"]][joint][:2] for joint in (13, 14))
    result.locator(".bar.near").click()
    until(result, "best => document.querySelector('dance-player').frame === best", miss["best"])
    off, well = result.evaluate(colours, [miss["best"], [left, right]])
    # Red, and the orange of the right side.
    assert off[0] > 200
    assert off[1] < 100
    assert well[0] > 200
    assert well[1] > 120


def test_what_the_camera_cannot_tell_is_shown_with_the_reason(
    page: Page, answer: dict[str, Any]
) -> None:
    stretch = {"pose": "Tree", "first": 30, "last": 60, "start": 1.0, "end": 2.0}
    reasons = (
        "seen in profile, wants a front or three-quarter view",
        "the left hand can't be seen",
    )
    unknown = [
        {**stretch, "start": start, "end": start + 1.0, "reason": reason}
        for start, reason in zip((1.0, 3.0), reasons, strict=True)
    ]
    page.evaluate(KEEP, ["first", "2026-03-01T10:00:00Z", answer | {"undecidable": unknown}, ""])
    page.goto(f"{page.url}#/result/first")
    bars = page.get_by_role("group", name="Tree").locator(".bar.unknown")
    told = page.locator("dance-timeline [role=status]")
    bars.first.hover()
    expect(told).to_have_text(
        "Tree, 0:01.0 to 0:02.0, can't be told: "
        "seen in profile, wants a view from the front or from three quarters"
    )
    bars.last.focus()
    expect(told).to_contain_text("the left hand can't be seen")


def test_the_timeline_seeks(result: Page) -> None:
    result.locator(".bar.hold").click()
    best = int((result.locator("dance-hold .soft").first.text_content() or "").split()[-1])
    until(result, "best => document.querySelector('dance-player').frame === best", best)
    track = result.locator(".track").first
    box = track.bounding_box()
    assert box
    track.click(position={"x": box["width"] - 2, "y": 1})
    until(result, "() => document.querySelector('dance-player').frame > 100")
    slider = result.get_by_role("slider", name="Position in the video")
    slider.fill("0")
    until(result, "() => document.querySelector('dance-player').frame === 0")


def test_keys_play_step_mirror_and_loop(result: Page, answer: dict[str, Any]) -> None:
    result.locator(".bar.hold").click()
    best = frame_of(result)
    until(result, "() => !document.querySelector('dance-player').video.seeking")
    best = frame_of(result)
    for _ in range(3):
        before = frame_of(result)
        result.keyboard.press("ArrowRight")
        next_one = "before => document.querySelector('dance-player').frame === before + 1"
        until(result, next_one, before)
    assert frame_of(result) == best + 3
    result.keyboard.press("m")
    expect(result.get_by_role("button", name="Mirror")).to_have_attribute("aria-pressed", "true")
    result.keyboard.press("+")
    assert result.locator("dance-player").evaluate("player => player.video.playbackRate") == 1.5
    result.keyboard.press("l")
    expect(result.get_by_role("button", name="End the loop")).to_be_visible()
    # It has gone beyond the hold's end, at twice the speed, and begun again.
    result.keyboard.press("+")
    last = result.evaluate(
        """() => new Promise((resolve) => {
            const player = document.querySelector("dance-player");
            let last = -1;
            player.addEventListener("frame", ({ detail }) => {
                if (detail < last) resolve(last);
                last = detail;
            });
        })"""
    )
    assert 0 < last - answer["segments"][0]["last"] < 40
    result.keyboard.press(" ")
    assert result.locator("dance-player").evaluate("player => player.video.paused")


def test_the_holds_can_be_taken_away(result: Page) -> None:
    with result.expect_download() as table:
        result.get_by_role("button", name="Holds as a table").click()
    assert table.value.suggested_filename == "dance.csv"
    (row,) = csv.DictReader(table.value.path().read_text(encoding="utf-8").splitlines())
    assert (row["video"], row["pose"], row["side"]) == ("dance.mp4", "T-Pose", "")
    with result.expect_download() as everything:
        result.get_by_role("button", name="Everything").click()
    answer = json.loads(everything.value.path().read_text(encoding="utf-8"))
    assert list(answer["detected_poses"]) == ["T-Pose"]
    assert len(answer["landmarks"]) == answer["total_frames"]
    assert int(row["first"]) == answer["segments"][0]["first"]
    result.get_by_role("button", name="A picture of each hold").click()
    picture = result.get_by_role("img", name="T-Pose, 0:0").first
    expect(picture).to_be_visible()
    assert picture.evaluate("canvas => [canvas.width, canvas.height]") == [480, 360]
    with result.expect_download() as saved:
        result.locator("figcaption").get_by_role("button", name="Save").first.click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_what_the_browser_cannot_play_comes_as_the_annotated_video(
    page: Page, t_pose_video: Path
) -> None:
    sent(page, t_pose_video)
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("This browser can't play the video.")
    # The skeleton goes on alone.
    page.get_by_role("button", name="One frame forwards").click()
    until(page, "() => document.querySelector('dance-player').frame === 1")
    notice.get_by_role("button", name="Video with the skeleton").click()
    annotated = page.locator("video.annotated")
    annotated.wait_for()
    until(page, "() => document.querySelector('video.annotated').videoWidth === 480")


def test_the_print_view_has_the_holds_and_their_pictures(result: Page) -> None:
    result.evaluate("() => { window.print = () => (window.printed = true); }")
    result.get_by_role("button", name="Print for the class").click()
    until(result, "() => window.printed")
    result.emulate_media(media="print")
    expect(result.get_by_role("img", name="T-Pose, 0:0").first).to_be_visible()
    expect(result.get_by_text("held for 0.7 s, score").first).to_be_visible()
    for hidden in ("dance-player", "nav", "footer", ".buttons", "figcaption button"):
        expect(result.locator(hidden).first).to_be_hidden()
