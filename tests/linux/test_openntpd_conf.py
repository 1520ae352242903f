"""OpenNTPD's ntpd.conf."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.openntpd_conf import parse_openntpd_conf


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        pytest.param("#listen on *\n#server ntp.example.org\n", (), id="all-commented"),
        pytest.param(
            "servers 0.debian.pool.ntp.org\nservers 1.debian.pool.ntp.org\n",
            ("0.debian.pool.ntp.org", "1.debian.pool.ntp.org"),
            id="debian",
        ),
        pytest.param("server 10.0.0.1 weight 5 trusted # ours\n", ("10.0.0.1",), id="options-and-comment"),
        pytest.param('server "ntp.example.org"\n', ("ntp.example.org",), id="quotes"),
        pytest.param('constraint from "https://example.org"\nsensor *\nserver\n', (), id="no-servers"),
    ],
)
def test_servers(text: str, servers: tuple[str, ...]) -> None:
    assert parse_openntpd_conf(text).servers == servers


@given(st.text())
def test_any_text(text: str) -> None:
    assert all(parse_openntpd_conf(text + "\nserver x").servers)
