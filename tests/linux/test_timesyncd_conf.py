"""timesyncd.conf and its drop-ins, as systemd reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.files_in_memory import Files
from watchdog.linux.timesyncd_conf import parse_timesyncd_conf, read_timesyncd_conf

SHIPPED = """\
# See timesyncd.conf(5) for details.

[Time]
#NTP=
#FallbackNTP=0.debian.pool.ntp.org 1.debian.pool.ntp.org
#RootDistanceMaxSec=5
"""
DHCP = "# NTP server entries received from DHCP server\n[Time]\nNTP=10.0.0.1 10.0.0.2\n"


@pytest.mark.parametrize(
    ("texts", "servers"),
    [
        pytest.param([], (), id="nothing"),
        pytest.param([SHIPPED], (), id="shipped-all-commented"),
        pytest.param([SHIPPED, DHCP], ("10.0.0.1", "10.0.0.2"), id="dhcp-drop-in"),
        pytest.param(["[Time]\nNTP=a b\n", "[Time]\nNTP=c\n"], ("a", "b", "c"), id="servers-add-up"),
        pytest.param(["[Time]\nNTP=a b\n", "[Time]\nNTP=\nNTP=c\n"], ("c",), id="an-empty-value-clears"),
        pytest.param(["[Time]\nFallbackNTP=f\n"], ("f",), id="fallback"),
        pytest.param(["[Time]\nFallbackNTP=f\nNTP=a\n"], ("a",), id="fallback-not-needed"),
        pytest.param(["NTP=a\n[Other]\nNTP=b\n"], (), id="other-sections"),
        pytest.param(["[Time]\nNTP=a \\\n# between\nb\n"], ("a", "b"), id="joined-lines"),
        pytest.param(["[Time]\r\n  NTP = a  a \r\n; no\r\n"], ("a",), id="blanks-and-each-once"),
    ],
)
def test_servers(texts: list[str], servers: tuple[str, ...]) -> None:
    assert parse_timesyncd_conf(texts).servers == servers


@pytest.mark.parametrize(
    ("files", "servers"),
    [
        pytest.param({}, (), id="no-files"),
        pytest.param({"/etc/systemd/timesyncd.conf": "[Time]\nNTP=a\n"}, ("a",), id="main-file"),
        pytest.param({"/usr/lib/systemd/timesyncd.conf": "[Time]\nNTP=v\n"}, ("v",), id="the-vendor's"),
        pytest.param(
            {"/etc/systemd/timesyncd.conf": SHIPPED, "/run/systemd/timesyncd.conf.d/01-dhclient.conf": DHCP},
            ("10.0.0.1", "10.0.0.2"),
            id="drop-in",
        ),
        pytest.param(
            {
                "/run/systemd/timesyncd.conf.d/50.conf": "[Time]\nNTP=run\n",
                "/etc/systemd/timesyncd.conf.d/50.conf": "[Time]\nNTP=etc\n",
                "/etc/systemd/timesyncd.conf.d/10.conf": "[Time]\nNTP=first\n",
                "/etc/systemd/timesyncd.conf.d/README": "[Time]\nNTP=no\n",
            },
            ("first", "etc"),
            id="drop-ins-by-name-the-stronger-folder-hides",
        ),
    ],
)
def test_files(files: dict[str, str], servers: tuple[str, ...]) -> None:
    assert read_timesyncd_conf(Files(files)).servers == servers


@given(st.lists(st.text(alphabet=st.sampled_from("[Time]NTP=Fallback \\\n#;a")), max_size=4))
def test_any_text(texts: list[str]) -> None:
    assert all(" " not in server for server in parse_timesyncd_conf(texts).servers)
