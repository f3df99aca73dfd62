"""Two dancers compared, side by side."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dancer.film import Slip, film
from testing.videos import encode
from tests.page.conftest import KEEP, assert_accessible, until


@pytest.fixture(scope="session")
def pupil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dances what the teacher does, a little slower, the left arm too low at first."""
    slips = [Slip("left arm", -40, 0.5, 2.2)]
    danced = film(SCORE, width=320, height=240, rest=0.2, tempo=0.9, slips=slips)
    return encode(tmp_path_factory.mktemp("pupil") / "pupil.mp4", danced.frames(), "libx264")


@pytest.fixture(scope="session")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    danced = film(SCORE, width=320, height=240, rest=0.2)
    return encode(tmp_path_factory.mktemp("teacher") / "teacher.mp4", danced.frames(), "libx264")


SCORE = [("T-Pose", None, 0.5), ("Goddess", None, 0.5)]


def time_of(page: Page) -> tuple[float, float]:
    """Where the dancer is, and where the reference."""
    told = page.locator(".time").text_content() or ""
    own, theirs = re.findall(r"(\d+):(\d+\.\d)", told)
    return 60 * int(own[0]) + float(own[1]), 60 * int(theirs[0]) + float(theirs[1])


def test_two_videos_are_shown_in_step_and_the_worst_moment_seeks_both(
    page: Page, pupil: Path, teacher: Path
) -> None:
    page.goto(f"{page.url}#/compare")
    page.get_by_label("The dancer", exact=True).set_input_files(pupil)
    page.get_by_label("The reference", exact=True).set_input_files(teacher)
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_role("heading", name="How they differ").wait_for()
    expect(page.get_by_text("Limbs differ by ").first).to_be_visible()
    expect(page.get_by_role("img", name="How far limbs are apart over time")).to_be_visible()
    assert_accessible(page)
    moment = page.get_by_role("list", name="Worst moments").get_by_role("button").first
    expect(moment).to_contain_text("left elbow")
    moment.click()
    sought = "() => [...document.querySelectorAll('.sides video')].every((each) => !each.seeking)"
    until(page, sought)
    own, theirs = time_of(page)
    assert 0.4 < own < 2.3
    assert abs(theirs - own * 0.9) < 0.25
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "() => document.querySelector('.sides video').currentTime > 3.5")
    page.get_by_role("button", name="Pause", exact=True).click()
    own, theirs = time_of(page)
    assert abs(theirs - own * 0.9) < 0.25


def test_an_earlier_result_is_the_reference(
    page: Page, pupil: Path, answer: dict[str, Any]
) -> None:
    page.evaluate(KEEP, ["first", "2026-03-01T10:00:00Z", answer, ""])
    page.goto(f"{page.url}#/compare/first")
    page.get_by_label("The dancer", exact=True).set_input_files(pupil)
    page.get_by_role("button", name="Compare", exact=True).click()
    # They dance something else, which is told in a sentence with what to do.
    expect(page.get_by_text("These two don't look like the same dance.")).to_be_visible()
