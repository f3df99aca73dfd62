"""The end of a background analysis is told to a URL, signed, and to nobody inside."""

import base64
import hmac
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.background.callbacks import (
    CallbackError,
    check_callback,
    is_public,
    public_address,
    signature,
)
from testing.serving import ROOT
from tests.service.called_back import SECRET

IN_A_NETWORK_OF_ITS_OWN = ("unshare", "--user", "--map-root-user", "--net")


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of its reference libraries."""
    given = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert given == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "169.254.170.2", "100.64.0.1", "224.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
    ],
)
def test_no_address_inside_is_one_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::808:808"])
def test_those_outside_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "[::1]", "no.such.invalid"])
def test_a_name_that_leads_inside_leads_nowhere(host: str) -> None:
    with pytest.raises(CallbackError):
        public_address(host.strip("[]"), 80)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://hooks.example/dance?id=1", ""),
        ("https://a.studio.example:8443/", ""),
        ("https://evil.example/", "may not call"),
        ("https://studio.example/", "may not call"),
        ("https://hooks.example.evil.example/", "may not call"),
        ("https://hooks.example@evil.example/", "no address"),
        ("https://evil.example\\@hooks.example/", "no address"),
        ("ftp://hooks.example/", "no address"),
        ("https://hooks.example:99999/", "no address"),
        ("https://hooks.example/\r\nX: y", "no address"),
        ("hooks.example", "no address"),
        ("https://[", "no address"),
    ],
)
def test_only_hosts_that_are_allowed_may_be_called(url: str, said: str) -> None:
    hosts = ("hooks.example", "*.studio.example")
    if not said:
        check_callback(url, SECRET, hosts)
        return
    with pytest.raises(CallbackError, match=said):
        check_callback(url, SECRET, hosts)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_&&&&", "x" * 200])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(CallbackError, match="24 to 64 random bytes"):
        check_callback("https://hooks.example/", secret, ("hooks.example",))


def test_nobody_is_called_where_no_host_is_allowed() -> None:
    with pytest.raises(CallbackError, match="no callbacks"):
        check_callback("https://hooks.example/", SECRET, ())


def test_the_end_is_told_until_it_is_taken_and_never_inward(
    tmp_path: Path, t_pose_video: Path
) -> None:
    itself = [sys.executable, "-m", "tests.service.called_back", str(tmp_path), str(t_pose_video)]
    alone = subprocess.run([*IN_A_NETWORK_OF_ITS_OWN, "true"], check=False, capture_output=True)
    if alone.returncode or shutil.which("ip") is None:
        pytest.skip("this system lets nobody have a network of their own")
    done = subprocess.run(
        [*IN_A_NETWORK_OF_ITS_OWN, *itself], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    came = [json.loads(line) for line in done.stdout.splitlines()]
    for path, state in (("/good", "done"), ("/bad", "failed")):
        first, taken = [call for call in came if call["path"] == path]
        for call in (first, taken):
            headers = call["headers"]
            assert headers["webhook-id"] == first["headers"]["webhook-id"]
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{call['body']}"
            key = base64.b64decode(SECRET.removeprefix("whsec_"))
            mac = base64.b64encode(hmac.digest(key, signed.encode(), "sha256")).decode()
            assert headers["webhook-signature"] == f"v1,{mac}"
            told = json.loads(call["body"])
            assert told["type"] == f"analysis.{state}"
            assert told["data"]["state"] == state
            assert told["data"]["location"] == f"/analyses/{told['data']['id']}"
    assert {call["path"] for call in came} == {"/good", "/bad"}
    assert '"path": "/poses"' not in done.stderr
    assert "no address of the public internet" in done.stderr
