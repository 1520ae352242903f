"""What a text that is shown gives away."""

import pytest

from watchdog.secret import mask_secrets
from watchdog.steps import RunCommand, WriteFile


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("    auth_pass s3cret", "    auth_pass ***", id="keepalived"),
        pytest.param('password: "my pass word"', "password: ***", id="netplan"),
        pytest.param("wpa-psk 'abc def'", "wpa-psk ***", id="ifupdown"),
        pytest.param("psk=abc", "psk=***", id="NetworkManager"),
        pytest.param("PrivateKey = yAnz5TF=", "PrivateKey = ***", id="networkd"),
        pytest.param("crypto pw s3cret", "crypto pw ***", id="ntp"),
        pytest.param("reset --password=s3cret --now", "reset --password=*** --now", id="option"),
        pytest.param("env PGPASSWORD=s3cret psql", "env PGPASSWORD=*** psql", id="variable"),
        pytest.param("curl https://eva:s3cret@host/", "curl https://***@host/", id="url"),
        pytest.param("keys /etc/ntp.keys", "keys /etc/ntp.keys", id="where-keys-are-is-no-secret"),
        pytest.param("bypass on compass 3", "bypass on compass 3", id="words-that-hold-one"),
        pytest.param("ip link set dev eth1 up", "ip link set dev eth1 up", id="nothing"),
        pytest.param("password:\nnext 1", "password:\nnext 1", id="nothing-follows-on-its-line"),
    ],
)
def test_mask_secrets(text: str, shown: str) -> None:
    assert mask_secrets(text) == shown


BEFORE = "vrrp_instance a {\n  priority 100\n  state MASTER\n  authentication {\n    auth_pass s3cret\n  }\n}\n"


def test_a_change_to_a_file_shows_little_around_it_and_no_secret() -> None:
    step = WriteFile(path="/etc/k.conf", before=BEFORE, after=BEFORE.replace("MASTER", "BACKUP"))
    assert step.describe().splitlines()[3:] == [
        "@@ -2,3 +2,3 @@",
        "   priority 100",
        "-  state MASTER",
        "+  state BACKUP",
        "   authentication {",
        "END",
    ]
    new_pass = WriteFile(path="/etc/k.conf", before=BEFORE, after=BEFORE.replace("s3cret", "t0psecret"))
    assert "s3cret" not in new_pass.describe()
    assert "t0psecret" not in new_pass.describe()
    assert "+    auth_pass ***" in new_pass.describe()


def test_what_stands_on_one_line_shows_no_change_to_a_file() -> None:
    assert WriteFile(path="/etc/k", before=BEFORE, after="new").brief() == "patch /etc/k"
    assert WriteFile(path="/etc/k", before=BEFORE, after=None).brief() == "rm /etc/k"
    assert RunCommand(argv=("reset", "--token", "abc")).brief() == "reset --token ***"
