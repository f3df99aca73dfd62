"""What the page says: in each language, in one file, in a teacher's words."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from analyzer.body import DEGREES
from analyzer.compare import NAMES
from analyzer.holds import Measured
from analyzer.poses import catalogue
from analyzer.report.coaching import TO_DO, to_do
from service.problems import Kind
from testing.serving import ROOT

PAGE: Final = ROOT / "service" / "static" / "page"
TEXTS: Final = PAGE / "texts"
LANGUAGES: Final = sorted(file.stem for file in TEXTS.glob("*.json"))


def texts_in(language: str) -> dict[str, Any]:
    read = json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def flat(texts: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Each text with its key, those left out which English takes from the service."""
    for key, value in texts.items():
        if isinstance(value, dict):
            if key not in ("problems", "families", "descriptions", "limbs"):
                yield from flat(value, f"{before}{key} > ")
        else:
            yield f"{before}{key}", value


def test_each_language_says_everything_with_the_same_values() -> None:
    assert LANGUAGES == ["de", "en"]
    values = {
        language: {key: set(re.findall(r"\{\w+\}", text)) for key, text in flat(texts_in(language))}
        for language in LANGUAGES
    }
    assert values["de"] == values["en"]


def test_every_text_is_used_and_every_text_that_is_used_is_there() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in sorted(PAGE.rglob("*.js")))
    keys = {key for key, text in texts_in("en").items() if isinstance(text, str)}
    asked = set(re.findall(r'"([a-z]+(?:\.[a-z-]+)*)"', code))
    made = {key for key in keys if re.match(r"(trouble|live|compare)\.", key)}
    assert keys - made <= asked
    assert set(re.findall(r'\btext\(\s*"([^"]+)"', code)) <= keys


def test_what_english_takes_from_the_service_is_there_in_other_languages() -> None:
    poses = [pose for pose in catalogue() if pose.rule.__module__.startswith("analyzer.poses.")]
    texts = texts_in("de")
    assert set(texts["problems"]) == {kind.slug for kind in Kind}
    assert set(texts["descriptions"]) == {pose.name for pose in poses}
    assert set(texts["limbs"]) == set(NAMES)
    assert set(texts["families"]) == {pose.family for pose in poses}


def test_advice_is_the_teachers_of_the_service(page: Page) -> None:
    conditions = []
    for name in TO_DO:
        for side in ("left", "right") if "{side}" in name else ("",):
            quantity = name.format(side=side)
            low = Measured(quantity, 10.0, 20.0, None, DEGREES, False, ())
            negative = replace(low, value=-30.0, low=-20.0)
            aside = replace(low, value=100.0, low=120.0)
            high = replace(low, value=30.0, low=None, high=20.0)
            conditions += [low, negative, aside, high, replace(high, value=-1.0, high=-5.0)]
    told = page.evaluate(
        """async (conditions) => {
          const { toDo } = await import(new URL("static/page/results/advice.js", location));
          return conditions.map(toDo);
        }""",
        [
            {"quantity": c.quantity, "value": c.value, "low": c.low, "high": c.high, "unit": c.unit}
            for c in conditions
        ],
    )
    assert told == [to_do(condition) for condition in conditions]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_can_be_chosen_and_stays(language: str, page: Page) -> None:
    page.get_by_role("banner").get_by_role("combobox").select_option(language)
    title = texts_in(language)["analyse.title"]
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.evaluate("() => document.documentElement.lang") == language
