"""The command line: what it prints, how it ends, and what it leaves behind."""

import base64
import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path

import av
import psutil
import pytest
import requests

from dancer.film import Film
from testing.serving import ROOT, Server, eventually, serving


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "analyzer", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )


def test_the_command_prints_one_json_line_a_video_and_nothing_else(
    t_pose_video: Path, t_pose_film: Film
) -> None:
    done = command(t_pose_video, t_pose_video)
    assert (done.returncode, done.stderr) == (0, "")
    for line in done.stdout.splitlines():
        assert json.loads(line)["total_frames"] == len(t_pose_film)
    assert len(done.stdout.splitlines()) == 2


def test_the_command_goes_on_after_a_bad_file_and_fails_at_the_end(
    t_pose_video: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    done = command(bad, tmp_path / "missing.mp4", t_pose_video)
    assert done.returncode == 1
    assert "not a video" in done.stderr
    assert "missing.mp4" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["total_frames"] > 0


def test_the_command_shows_its_progress_on_a_terminal(t_pose_video: Path) -> None:
    terminal, its_end = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "analyzer", str(t_pose_video)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=its_end,
        check=True,
    )
    os.close(its_end)
    shown = ""
    # What is left of it comes in pieces, and after the last an error that nobody writes there.
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 65536):
            shown += piece.decode()
    os.close(terminal)
    assert "frames" in shown
    assert "#" in shown
    assert json.loads(done.stdout)["total_frames"] > 0


def test_the_command_takes_the_options_of_the_service(t_pose_video: Path) -> None:
    done = command("--poses", "t-pose", "--include", "segments,video", t_pose_video)
    answer = json.loads(done.stdout)
    assert answer["detected_poses"].keys() == {"T-Pose"}
    assert answer["video"]["width"] == 480
    assert answer["segments"][0]["pose"] == "T-Pose"
    assert not json.loads(command("--min-hold", 5, t_pose_video).stdout)["detected_poses"]


def test_the_command_writes_a_row_for_each_hold_as_csv(t_pose_video: Path) -> None:
    done = command("--format", "csv", "--poses", "T-Pose", "--jobs", 2, t_pose_video, t_pose_video)
    rows = [line.split(",") for line in done.stdout.splitlines()]
    assert rows[0] == ["video", "pose", "side", "first", "last", "start", "end", "score"]
    assert len(rows) == 3
    assert rows[1] == rows[2]
    assert rows[1][:3] == [str(t_pose_video), "T-Pose", ""]


def test_the_command_writes_a_line_for_each_event_as_ndjson(t_pose_video: Path) -> None:
    done = command("--format", "ndjson", t_pose_video)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {event["video"] for event in events} == {str(t_pose_video)}
    assert [events[0]["event"], events[-1]["event"]] == ["progress", "result"]


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("", "VIDEO"),
        ("--poses Moonwalk x.mp4", "'Moonwalk'"),
        ("--include all x.mp4", "'all' is none of segments"),
        ("--include all --server http://127.0.0.1:9 x.mp4", "'all' is none of segments"),
        ("--include video --format csv x.mp4", "--include: has no place"),
        ("--include group x.mp4", "group wants --people 2"),
        ("--include group --people 3 --dancer middle x.mp4", "group wants --people 2"),
        ("--people 0 x.mp4", "from 1 to 6"),
        ("--people 7 --server http://127.0.0.1:9 x.mp4", "from 1 to 6"),
        ("--people two x.mp4", "'two'"),
        ("--dancer left x.mp4", "'left' is neither middle"),
        ("--dancer 0.5,1.5 --server http://127.0.0.1:9 x.mp4", "from 0 to 1"),
        ("--jobs 0 x.mp4", "1 or more"),
        ("--format xml x.mp4", "'xml'"),
        ("--min-hold -1 x.mp4", "from 0 to 60"),
        ("--min-hold nan x.mp4", "from 0 to 60"),
        ("--min-hold inf x.mp4", "from 0 to 60"),
        ("--min-hold 100 --server http://127.0.0.1:9 x.mp4", "from 0 to 60"),
        ("--server foo x.mp4", "'foo' is no address"),
        ("--server http://host:99999 x.mp4", "is no address"),
        ("--server http://[::1 x.mp4", "is no address"),
        ("--server http://host/?x=1 x.mp4", "is no address"),
        ("--server http://127.0.0.1:9 --pose-module mine x.mp4", "without --server"),
        ("--server http://127.0.0.1:9 --render out.mp4 x.mp4", "without --server"),
        ("--pose-module no_such_module x.mp4", "No module named 'no_such_module'"),
        ("--pose-file /nowhere/x.json x.mp4", "No such file"),
        ("--pose-file pyproject.toml x.mp4", "pyproject.toml: The pose is no JSON"),
        ("--pose-file pyproject.toml --server http://127.0.0.1:9 x.mp4", "The pose is no JSON"),
        ("--pose-file x --pose-file y --server http://127.0.0.1:9 x.mp4", "once with --server"),
        ("--pose-file README.md x.mp4", "16384 bytes at most"),
        ("teach x.mp4 --name Mine", "--at"),
        ("teach x.mp4 --at 1", "needs a `name`"),
        ("teach x.mp4 --at -1 --name Mine", "`at` is"),
        ("teach x.mp4 --at 1 --name Mine --tolerance 90", "from 5 to 45"),
        ("teach x.mp4 --at 1 --name Mine --view above", "'above'"),
        ("teach x.mp4 --at 1 --add /nowhere/x.json", "No such file"),
        ("teach x.mp4 --at 1 --add pyproject.toml", "pyproject.toml: The pose is no JSON"),
        ("--render out.mp4 x.mp4 y.mp4", "one VIDEO"),
        ("--render /dev/null x.mp4", "is no file"),
        ("--render /nowhere/out.mp4 x.mp4", "can't be written"),
    ],
)
def test_a_wrong_option_is_a_usage_error_of_one_sentence(wrong: str, complaint: str) -> None:
    done = command(*wrong.split())
    assert done.returncode == 2
    *usage, sentence = done.stderr.splitlines()
    assert usage[0].startswith("usage:")
    assert "error:" not in "".join(usage)
    assert complaint in sentence


def test_the_command_has_a_service_analyse_a_local_file(
    server: Server, t_pose_video: Path, tmp_path: Path
) -> None:
    local = command("--poses", "T-Pose", t_pose_video)
    remote = command("--poses", "T-Pose", "--server", server.url, t_pose_video)
    assert (remote.returncode, remote.stdout) == (0, local.stdout)
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    refused = command("--server", server.url, bad)
    assert refused.returncode == 1
    assert "not a video" in refused.stderr
    gone = command("--server", "http://127.0.0.1:9", t_pose_video)
    assert gone.returncode == 1
    assert "Traceback" not in gone.stderr


def test_the_command_renders_the_video_with_what_was_found(
    t_pose_video: Path, t_pose_film: Film, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    assert command("--render", out, t_pose_video).returncode == 0
    with av.open(str(out)) as container:
        assert sum(1 for _ in container.decode(video=0)) == len(t_pose_film)
    assert command("--render", out, t_pose_video, t_pose_video).returncode == 2


def test_the_command_tells_how_much_is_drawn(
    t_pose_video: Path, t_pose_film: Film, tmp_path: Path
) -> None:
    done = command("--format", "ndjson", "--render", tmp_path / "out.mp4", t_pose_video)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    told = [event for event in events if event["event"] == "progress"]
    assert told[0]["drawn"] == 0
    assert told[-1]["drawn"] == told[-1]["frames"] == told[-1]["of"] == len(t_pose_film)
    assert events[-1]["event"] == "result"


def test_the_readme_shows_the_help_of_the_command() -> None:
    for arguments in (("--help",), ("teach", "--help"), ("live", "--help")):
        shown = command(*arguments).stdout
        assert shown in (ROOT / "README.md").read_text()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of a gigabyte, which nobody reads to its end."""
    path = tmp_path / "large.mp4"
    with path.open("wb") as file:
        file.truncate(2**30)
    return path


def test_a_service_that_stops_reading_an_upload_is_heard(server: Server, large: Path) -> None:
    done = command("--server", server.url, large)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{large}: The upload is larger than 1 MiB")


def test_a_service_that_wants_another_token_is_heard_before_the_upload(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path / "uploads", API_TOKENS="right", MAX_UPLOAD_BYTES=2**31) as server:
        monkeypatch.setenv("API_TOKEN", "wrong")
        done = command("--server", server.url, large)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        assert "token" in done.stderr
        monkeypatch.setenv("API_TOKEN", "right")
        large.write_text("no video")
        assert "not a video" in command("--server", server.url, large).stderr


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<html>Welcome</html>\n", "is no answer of this service"),
        (b"[]\n", "is no answer of this service"),
        (b'{"event": "accepted"}\n', "without a result"),
        (b'{"event": "error"}\n', "is no answer of this service"),
        (b'{"event": "result"}\n', "is no answer of this service"),
        (b"[" * 100_000 + b"\n", "is no answer of this service"),
    ],
)
def test_a_server_that_is_another_one_is_one_line(
    t_pose_video: Path, body: bytes, complaint: str
) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        done = command("--server", f"http://127.0.0.1:{other.server_port}", t_pose_video)
        thread.join()
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert complaint in done.stderr


class Proxy(BaseHTTPRequestHandler):
    """Passes requests on and notes them; of an answer, the lines after the first at a sign."""

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, ProxyServer)
        server.asked.append((self.path, self.headers.get("Proxy-Authorization")))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: self.headers[name] for name in ("Accept", "Content-Type")}
        with requests.Session() as session:
            # Or it would ask itself.
            session.trust_env = False
            answer = session.post(self.path, body, headers=headers, stream=True, timeout=60)
            self.send_response(answer.status_code)
            self.end_headers()
            for line in answer.iter_lines():
                self.wfile.write(line + b"\n")
                assert server.go_on.wait(60)

    def log_message(self, *_: object) -> None:
        pass


class ProxyServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Proxy)
        self.asked: list[tuple[str, str | None]] = []
        self.go_on = threading.Event()
        self.go_on.set()


@pytest.fixture
def proxy() -> Iterator[ProxyServer]:
    with ProxyServer() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment without proxies, to add some."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_a_service_is_asked_through_the_proxy_of_the_environment_event_by_event(
    server: Server, t_pose_video: Path, proxy: ProxyServer, no_proxies: pytest.MonkeyPatch
) -> None:
    local = command("--format", "ndjson", t_pose_video).stdout.splitlines()[-1]
    no_proxies.setenv("HTTP_PROXY", f"http://me:se%20cret@127.0.0.1:{proxy.server_port}")
    proxy.go_on.clear()
    process = started("--format", "ndjson", "--server", server.url, t_pose_video)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "accepted"
    proxy.go_on.set()
    told, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (0, "")
    assert told.splitlines()[-1] == local
    me = f"Basic {base64.b64encode(b'me:se cret').decode()}"
    assert proxy.asked == [(f"{server.url}/analyze", me)]


def test_a_service_that_no_proxy_names_is_asked_directly(
    server: Server, t_pose_video: Path, proxy: ProxyServer, no_proxies: pytest.MonkeyPatch
) -> None:
    no_proxies.setenv("HTTP_PROXY", f"127.0.0.1:{proxy.server_port}")
    no_proxies.setenv("NO_PROXY", "example.org, 127.0.0.1")
    assert command("--server", server.url, t_pose_video).returncode == 0
    assert proxy.asked == []
    no_proxies.setenv("NO_PROXY", "example.org")
    assert command("--server", server.url, t_pose_video).returncode == 0
    assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("HTTP_PROXY", "http://me:secret@127.0.0.1:9", "through the proxy"),
        ("HTTP_PROXY", "socks5://me:secret@127.0.0.1:9", "write http://HOST:PORT"),
        ("ALL_PROXY", "http://me:secret@127.0.0.1:x", "write http://HOST:PORT"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_one_line_without_its_password(
    t_pose_video: Path, no_proxies: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    no_proxies.setenv(name, value)
    done = command("--server", "http://127.0.0.1:9", t_pose_video)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert complaint in done.stderr
    assert "secret" not in done.stderr


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def gone(process: psutil.Process) -> bool:
    """Whether a process has ended, be it that nobody has asked for its status yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def started(*arguments: object) -> subprocess.Popen[str]:
    """The command as a shell on a terminal starts it: in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "analyzer", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_events_are_told_as_they_come_and_ctrl_c_ends_everything_at_once(
    long_video: Path, t_pose_video: Path
) -> None:
    process = started("--format", "ndjson", "--jobs", 2, long_video, t_pose_video)
    assert process.stdout is not None
    told: list[tuple[str, str]] = []
    while ("result", str(t_pose_video)) not in told:
        event = json.loads(process.stdout.readline())
        told.append((event["event"], event["video"]))
    assert ("progress", str(long_video)) in told
    left = descendants(process)
    os.killpg(process.pid, signal.SIGINT)
    _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (130, "")
    assert eventually(lambda: all(map(gone, left)))


def test_ctrl_c_while_the_analysis_loads_ends_it_without_a_traceback(t_pose_video: Path) -> None:
    process = started(t_pose_video)
    assert eventually(lambda: len(descendants(process)) == 2)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 130


def test_nothing_runs_on_when_the_command_is_killed(long_video: Path) -> None:
    process = started("--format", "ndjson", long_video)
    assert process.stdout is not None
    process.stdout.readline()
    left = descendants(process)
    process.kill()
    process.communicate(timeout=60)
    assert eventually(lambda: all(map(gone, left)))


def test_a_video_that_crashes_its_process_fails_alone(long_video: Path, t_pose_video: Path) -> None:
    process = started("--jobs", 2, long_video, t_pose_video)

    def victims() -> list[psutil.Process]:
        return [
            each
            for each in descendants(process)
            if each.ppid() != process.pid
            and str(long_video) in {file.path for file in each.open_files()}
        ]

    assert eventually(victims)
    victims()[0].send_signal(signal.SIGSEGV)
    answer, complaint = process.communicate(timeout=60)
    assert process.returncode == 1
    assert complaint == f"{long_video}: The process that analysed it was ended by signal 11.\n"
    assert json.loads(answer)["total_frames"] > 0


def test_a_failed_video_has_a_line_among_the_events_too(tmp_path: Path) -> None:
    missing = tmp_path / "missing.mp4"
    done = command("--format", "ndjson", missing)
    error = "No such file or directory"
    assert json.loads(done.stdout) == {"video": str(missing), "event": "error", "error": error}
    assert (done.returncode, done.stderr) == (1, f"{missing}: {error}\n")


def test_what_can_be_read_but_once_is_one_line(t_pose_video: Path) -> None:
    pipe = f"cat {t_pose_video} | {sys.executable} -m analyzer /dev/stdin"
    done = subprocess.run(
        ["bash", "-c", pipe], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "/dev/stdin: Illegal seek\n")


def test_it_keeps_to_the_limits_that_it_was_started_with(t_pose_video: Path) -> None:
    within = ["bash", "-c", 'ulimit -f 1000000 -n 60; exec "$@"', "-"]
    if os.geteuid() == 0:
        # Who may raise limits, as somebody who may not.
        within = ["setpriv", "--bounding-set", "-sys_resource", *within]
    done = subprocess.run(
        [*within, sys.executable, "-m", "analyzer", str(t_pose_video)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


MINE = """
import os
from analyzer.poses import pose
bound = float(os.environ["STUDIO"])

@pose("Mine", family="studio")
def mine(body):
    'A pose with a slip of the pen.'
    yield body.trunk_tilt.at_moost(bound)
"""


def test_a_pose_of_ones_own_has_its_environment_and_shows_where_it_fails(
    t_pose_video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_poses.py").write_text(MINE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("STUDIO", "20")
    done = command("--pose-module", "my_poses", t_pose_video)
    assert done.returncode == 1
    assert "yield body.trunk_tilt.at_moost(bound)" in done.stderr
    assert done.stderr.splitlines()[-1].endswith("was ended with status 1.")


def test_a_file_name_need_not_be_utf_8(t_pose_video: Path, tmp_path: Path) -> None:
    video, out = (tmp_path / os.fsdecode(name) for name in (b"in\xff.mp4", b"out\xff.mp4"))
    video.symlink_to(t_pose_video)
    done = command("--format", "csv", "--poses", "T-Pose", "--render", out, video)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].startswith(f"{video},T-Pose")
    assert out.stat().st_size > 0


def test_it_ends_quietly_when_nobody_reads_on(t_pose_video: Path) -> None:
    pipe = f"{sys.executable} -m analyzer --format ndjson {t_pose_video} {t_pose_video} | head -1"
    done = subprocess.run(
        ["bash", "-c", pipe], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["event"] == "progress"
    assert done.stderr == ""


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "analyzer", "--format", "ndjson", tmp_path / "missing.mp4"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("No space left on device")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("code", ["raise RuntimeError('two\\nlines')", "1 +", "exit(0)"])
def test_a_module_of_poses_that_fails_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    (tmp_path / "my_poses.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = command("--pose-module", "my_poses", "x.mp4")
    assert done.returncode == 2
    assert "argument --pose-module: my_poses can't be loaded (" in done.stderr.splitlines()[-1]


def test_a_token_that_cannot_be_sent_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "secret\n")
    done = command("--server", "http://127.0.0.1:9", "x.mp4")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("python -m analyzer: error: API_TOKEN")
    assert "secret" not in done.stderr


def test_a_film_is_not_rendered_onto_itself(t_pose_video: Path, tmp_path: Path) -> None:
    film, link = tmp_path / "film.mp4", tmp_path / "link.mp4"
    film.write_bytes(t_pose_video.read_bytes())
    link.symlink_to(film)
    for out in (film, link):
        assert command("--render", out, film).returncode == 2
    assert film.read_bytes() == t_pose_video.read_bytes()


def test_a_rendering_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    bad, out = tmp_path / "bad.mp4", tmp_path / "out.mp4"
    bad.write_text("no video")
    out.write_text("an earlier one")
    assert command("--render", out, bad).returncode == 1
    assert out.read_text() == "an earlier one"
    assert sorted(tmp_path.iterdir()) == [bad, out]
