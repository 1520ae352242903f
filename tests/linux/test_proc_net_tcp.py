"""/proc/net/tcp and tcp6 as kernels print them (little-endian machines)."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.proc_net_tcp import Listener, parse_listeners

ANY = "0.0.0.0"  # noqa: S104 - where others listen
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
REST = "00000000:00000000 00:00000000 00000000     0        0 {} 1 000000005eef9672 100 0 0 10 0\n"


def line(local: str, inode: int, state: str = "0A") -> str:
    remote = "0" * len(local.partition(":")[0]) + ":0000"
    return f"   0: {local} {remote} {state} {REST.format(inode)}"


@pytest.mark.skipif(sys.byteorder == "big", reason="the lines are of a little-endian machine")
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([HEAD], [], id="nobody"),
        pytest.param([], [], id="empty"),
        pytest.param([HEAD, line("00000000:1F90", 33)], [(ANY, 8080, 33)], id="any"),
        pytest.param([HEAD, line("1564A8C0:0C38", 7)], [("192.168.100.21", 3128, 7)], id="an-address"),
        pytest.param([HEAD, line("0" * 32 + ":0C38", 7)], [("::", 3128, 7)], id="any-ipv6"),
        pytest.param([HEAD, line("0" * 24 + "01000000:0C38", 7)], [("::1", 3128, 7)], id="ipv6-loopback"),
        pytest.param(
            [HEAD, line("B80D0120" + "0" * 16 + "01000000:0050", 7)], [("2001:db8::1", 80, 7)], id="ipv6"
        ),
        pytest.param(
            [HEAD, line("0000000000000000FFFF00000100007F:0050", 7)], [("127.0.0.1", 80, 7)], id="mapped"
        ),
        pytest.param(
            [HEAD, line("00000000:1F90", 1), line("0100007F:9C40", 2, "01"), line("00000000:0050", 3)],
            [(ANY, 8080, 1)],
            id="connections-come-after-the-listeners-and-are-not-read",
        ),
        pytest.param([HEAD, line("xyz:1F90", 1), line("00000000:0050", 3)], [(ANY, 80, 3)], id="nonsense"),
    ],
)
def test_listeners(lines: list[str], expected: list[tuple[str, int, int]]) -> None:
    assert [(one.address, one.port, one.inode) for one in parse_listeners(lines)] == expected


def test_this_machine() -> None:
    with Path("/proc/net/tcp").open() as lines:
        assert all(isinstance(one, Listener) for one in parse_listeners(lines))


@given(st.lists(st.one_of(st.text(max_size=99), st.text(max_size=40).map(lambda text: line(text, 1)))))
def test_nothing_comes_out_but_listeners(lines: list[str]) -> None:
    assert all(one.port >= 0 for one in parse_listeners(lines))
