"""The page with the licences of others is what the lock and its wheels say."""

import platform
import re

import pytest

from deploy.licences import page
from testing.serving import ROOT

LOCK = (ROOT / "requirements.txt").read_text()
PAGE = (ROOT / "docs" / "third-party-licences.md").read_text()


def test_every_package_of_the_lock_is_on_the_page_with_its_version() -> None:
    row = r"^\| ([\w.-]+) \| (\d[\w.]*)(?:; ([\w.]+) on ARM64)? \| .+ \|$"
    rows = re.findall(row, PAGE, re.MULTILINE)
    listed = {(name, version) for name, *versions in rows for version in versions if version}
    assert listed == set(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the wheels of ARM64 carry others")
def test_the_page_is_what_make_licences_writes() -> None:
    assert page(LOCK) == PAGE


def test_a_package_that_isnt_the_locked_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"flask is .* not 0\.1"):
        page(f"flask==0.1 --hash=sha256:{'0' * 64}")
