"""Settings come from the environment and are checked at the start."""

import os
import re
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest
from pytest import MonkeyPatch

from analyzer.child.protocol import longest_file
from analyzer.estimation.pace import idle_seconds, usable_cores
from analyzer.limits import MOST_PEOPLE
from service.intake.arrivals import SLOWEST
from service.runtime.settings import SettingError, Settings, check_own_poses
from testing.serving import ROOT, eventually, serving

SOMEBODY = ("unshare", "--user", "--map-user=54321")
"""Runs a command as a user of whom the system knows nothing."""

NOTHING_WRITABLE = (
    *("unshare", "--user", "--map-root-user", "--mount", "sh", "-c"),
    'mount -o remount,bind,ro / && exec "$@"',
    "-",
)
"""Runs a command where no file can be made but in memory."""


def or_skip(within: tuple[str, ...]) -> tuple[str, ...]:
    if subprocess.run([*within, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody run a command so")
    return within


def test_what_is_not_set_has_its_default() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"PORT": "9000", "OTHER": "x"}).port == 9000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "web"),
        ("PORT", "-1"),
        ("ANALYSES", "0"),
        ("STALL_SECONDS", "nan"),
        ("SLOWEST_SPEED", "inf"),
        ("PORT", "70000"),
        ("UPLOAD_DIRECTORY", "/nowhere/at/all"),
        ("UPLOAD_DIRECTORY", "/proc"),
        ("API_TOKENS", ","),
        ("API_TOKENS", "geheim\N{EURO SIGN}"),
        ("CORS_ORIGINS", "studio.example"),
        ("STATE_DIRECTORY", "/proc/state"),
        ("KEPT_SECONDS", "1e12"),
        ("QUEUE_URL", "mysql://dance@db.example/dance"),
        ("QUEUE_URL", "postgresql://dance@db.example:port/dance"),
        ("STORE_URL", "ftp://files.example/dance"),
        ("STORE_URL", "s3://"),
        ("POSE_MODULES", "no_such_module"),
        ("POSE_MODULES", "broken"),
        ("POSE_FOLDER", "/nowhere/at/all"),
        ("POSE_FOLDER", "{tmp_path}"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(
    name: str, value: str, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("raise RuntimeError('it is broken')\n")
    (tmp_path / "broken.json").write_text("{}")
    value = value.format(tmp_path=tmp_path)
    with pytest.raises(SettingError, match=name), MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        check_own_poses(Settings.from_environment({name: value}))
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env=os.environ | {name: value, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines() if line.startswith("Can't start: ")]
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_user_without_a_home_is_served_and_told_so_once(
    tmp_path: Path, t_pose_video: Path
) -> None:
    log = tmp_path / "log"
    # Through a pipe, because an analysis may write to no file.
    logged = ("bash", "-c", 'exec "$@" 2> >(exec cat >"$0")', str(log))
    alone = (*logged, "env", "-u", "HOME", "-u", "XDG_CACHE_HOME", *or_skip(SOMEBODY))
    with serving(tmp_path / "uploads", within=alone) as server:
        for _ in range(2):
            assert "T-Pose" in server.analyze(t_pose_video).json()["detected_poses"]
    assert eventually(lambda: "Shutting down" in log.read_text())
    told = log.read_text()
    assert "Traceback" not in told
    (line,) = [line for line in told.splitlines() if "pruned" in line]
    assert "The user has no home" in line
    assert "Set MODEL_DIRECTORY" in line


def test_a_start_where_no_folder_can_be_written_stops_with_one_line() -> None:
    done = subprocess.run(
        [*or_skip(NOTHING_WRITABLE), sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "UPLOAD_DIRECTORY"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines() if line.startswith("Can't start: ")]
    assert "UPLOAD_DIRECTORY is /tmp, where no file can be made" in done.stderr
    assert "Traceback" not in done.stderr


def test_lists_are_separated_by_commas_with_or_without_spaces() -> None:
    settings = Settings.from_environment({"API_TOKENS": "one, two,three ", "CORS_ORIGINS": "*"})
    assert settings.api_tokens == ("one", "two", "three")
    assert settings.cors_origins == ("*",)


def table() -> str:
    """The settings as a Markdown table, as the README has it."""
    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for each in fields(Settings):
        default = each.metadata["shown"] or each.default
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        rows.append(f"| `{each.name.upper()}` | {shown} | {each.metadata['meaning']} |")
    return "\n".join(rows)


def test_the_readme_lists_every_setting_with_its_default() -> None:
    assert table() in (ROOT / "README.md").read_text()


def what_fits(settings: Settings) -> list[tuple[str, str]]:
    """What may be sent and how long it takes at most, as the README has it."""
    frames = settings.max_video_frames
    return [
        ("length", f"{settings.max_video_seconds:g} s"),
        ("frames", f"{frames:,}"),
        ("size", f"{settings.max_upload_bytes / 2**20:g} MiB"),
        ("the upload", f"{settings.max_upload_bytes / SLOWEST / 3600:.1f} hours"),
        ("the analysis", f"{settings.longest_analysis(frames, renders=False):g} s"),
        ("with the annotated video", f"{settings.longest_analysis(frames, renders=True):g} s"),
        (
            "the answer with landmarks and angles",
            f"{longest_file(frames, renders=False) / 2**20:.0f} MiB",
        ),
    ]


def test_the_readme_tells_what_fits() -> None:
    text = (ROOT / "README.md").read_text()
    section = text.partition("A whole routine fits")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\w.*?) \| (.*?) \| (.*?)\|$", section, re.MULTILINE)
    settings = Settings()
    assert [row[:2] for row in rows[1:]] == what_fits(settings)
    why = {what: reason.strip() for what, _, reason in rows}
    rate = settings.max_upload_bytes * 8 / settings.max_video_seconds / 1e6
    assert why["size"].startswith(f"{rate:.1f} Mbit/s")
    assert why["the analysis"].startswith(f"{settings.slowest_speed:g} frames a second")
    assert why["the analysis"].endswith(f"and {settings.stall_seconds:g} s")
    assert f"no progress for {settings.stall_seconds:g} seconds" in section


def test_the_readme_tells_in_how_many_frames_several_dancers_are_followed() -> None:
    text = (ROOT / "README.md").read_text().partition("### Several dancers")[2]
    section = " ".join(text.partition("\n### ")[0].split())
    settings = Settings()
    most = settings.most_frames(MOST_PEOPLE, in_background=False)
    of_three = settings.most_frames(3, in_background=False)
    assert f"`people=3` a third, {of_three:,}," in section
    assert f"a sixth, {most:,}." in section
    assert f"`people=2` to `people={MOST_PEOPLE}`" in section
    assert of_three == settings.max_video_frames // 3


def test_the_limits_fit_each_other() -> None:
    settings = Settings()
    assert settings.max_video_frames == 60 * settings.max_video_seconds
    a_minute_of_a_phone = 90_000_000
    assert settings.max_video_seconds / 60 * a_minute_of_a_phone < settings.max_upload_bytes
    for renders, times in ((False, 1), (True, 2)):
        longest = settings.longest_analysis(settings.max_video_frames, renders=renders)
        assert longest > times * settings.max_video_frames / settings.slowest_speed


def test_the_times_fit_each_other() -> None:
    settings = Settings()
    load_balancer_idle = 60
    longest_stop_of_fargate = 120
    assert settings.keep_alive_seconds > load_balancer_idle
    assert settings.stall_seconds < settings.grace_seconds < longest_stop_of_fargate


def test_cores_are_those_of_the_container_and_not_of_the_machine(tmp_path: Path) -> None:
    machine = len(os.sched_getaffinity(0))
    assert usable_cores(tmp_path) == machine
    for limit, cores in (("max 100000", machine), ("100000 100000", 1), ("50000 100000", 1)):
        (tmp_path / "cpu.max").write_text(limit + "\n")
        assert usable_cores(tmp_path) == cores
    (tmp_path / "cpu.max").unlink()
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    for limit, cores in (("-1\n", machine), ("100000\n", 1)):
        (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(limit)
        assert usable_cores(tmp_path) == cores


def test_the_readme_names_no_variable_that_is_no_setting() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert set(rows) == set(re.findall(r"^\| `([A-Z_]+)` \|", table(), re.MULTILINE))


def test_idle_time_grows_no_faster_than_the_cores_allow() -> None:
    cores = len(os.sched_getaffinity(0))
    clock, idle = time.monotonic(), idle_seconds()
    time.sleep(0.3)
    passed = time.monotonic() - clock
    assert 0 <= idle_seconds() - idle <= cores * (passed + 0.05)
