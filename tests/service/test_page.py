"""The page and its files, as the service gives them."""

import gzip

import pytest
import requests

from testing.serving import ROOT, TIMEOUT, Server

SCRIPT = "static/page/main.js"


def test_the_page_may_load_what_is_served_here_and_no_more(server: Server) -> None:
    answer = requests.get(f"{server.url}/", timeout=TIMEOUT)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = dict(
        part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "microphone=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("readable", ["gzip", "identity", "gzip;q=0"])
def test_a_file_of_the_page_is_compressed_for_who_can_read_that(
    readable: str, server: Server
) -> None:
    content = (ROOT / "service" / SCRIPT).read_bytes()
    headers = {"Accept-Encoding": readable}
    answer = requests.get(f"{server.url}/{SCRIPT}", headers=headers, stream=True, timeout=TIMEOUT)
    sent = answer.raw.read()
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(sent)
    if readable == "gzip":
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(sent) < len(content) / 2
        sent = gzip.decompress(sent)
    else:
        assert "Content-Encoding" not in answer.headers
    assert sent == content


def test_a_file_of_the_page_that_has_not_changed_is_not_sent_again(server: Server) -> None:
    url = f"{server.url}/{SCRIPT}"
    first = requests.get(url, timeout=TIMEOUT)
    assert first.headers["Cache-Control"] == "no-cache"
    again = requests.get(url, headers={"If-None-Match": first.headers["ETag"]}, timeout=TIMEOUT)
    assert (again.status_code, again.content) == (304, b"")
    assert "Content-Encoding" not in again.headers


@pytest.mark.parametrize("path", ["static/../settings.py", "static/page/none.js", "static/page/"])
def test_nothing_else_is_served_as_a_file(path: str, server: Server) -> None:
    asked = requests.Request("GET", f"{server.url}/").prepare()
    asked.url = f"{server.url}/{path}"
    with requests.Session() as session:
        assert session.send(asked, timeout=TIMEOUT).status_code == 404


def test_each_pose_of_the_catalogue_has_its_drawing(server: Server) -> None:
    poses = requests.get(f"{server.url}/poses", timeout=TIMEOUT).json()["poses"]
    for pose in poses:
        drawing = requests.get(f"{server.url}/{pose['drawing']}", timeout=TIMEOUT)
        assert drawing.headers["Content-Type"].startswith("image/svg+xml"), pose
