"""Command lines of real daemons, and what their own getopt makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.argv import parse_options

NTPD = "46aAbc:dD:f:gGi:I:k:l:LmMnNp:P:qr:s:t:u:U:w:x"
LONG = {"configfile": "c", "panicgate": "g", "slew": "x", "statsdir": "s", "set-debug-level": "D"}


@pytest.mark.parametrize(
    ("line", "given_options", "operands"),
    [
        pytest.param("", [], [], id="none"),
        pytest.param("-g -N", [("g", ""), ("N", "")], [], id="debian-ntpsec"),
        pytest.param("-gx", [("g", ""), ("x", "")], [], id="bundled"),
        pytest.param("-x -x", [("x", ""), ("x", "")], [], id="twice"),
        pytest.param("-p /run/ntpd.pid -g", [("p", "/run/ntpd.pid"), ("g", "")], [], id="value-apart"),
        pytest.param("-p/run/ntpd.pid", [("p", "/run/ntpd.pid")], [], id="value-attached"),
        pytest.param("-gp /run/x.pid -x", [("g", ""), ("p", "/run/x.pid"), ("x", "")], [], id="bundle-then-value"),
        pytest.param("-u ntpsec:ntpsec", [("u", "ntpsec:ntpsec")], [], id="not-x-inside-a-value"),
        pytest.param("-uxx", [("u", "xx")], [], id="x-in-an-attached-value-is-no-option"),
        pytest.param("-p -x", [("p", "-x")], [], id="a-value-that-looks-like-an-option"),
        pytest.param("--slew", [("x", "")], [], id="long"),
        pytest.param("--configfile=/etc/a", [("c", "/etc/a")], [], id="long-value-attached"),
        pytest.param("--configfile /etc/a -g", [("c", "/etc/a"), ("g", "")], [], id="long-value-apart"),
        pytest.param("--sl", [("x", "")], [], id="long-shortened"),
        pytest.param("--s", [], [], id="shortened-too-much"),
        pytest.param("-g -- -x", [("g", "")], ["-x"], id="operands-after-the-end-of-options"),
        pytest.param("makestep -g", [("g", "")], ["makestep"], id="operands-before-options"),
        pytest.param("-", [], ["-"], id="a-dash-is-an-operand"),
        pytest.param("-c", [("c", "")], [], id="value-missing"),
        pytest.param("-Wg", [("g", "")], [], id="unknown-letter"),
    ],
)
def test_parse_options(line: str, given_options: list[tuple[str, str]], operands: list[str]) -> None:
    options = parse_options(line.split(), NTPD, LONG)
    assert list(options.given) == given_options
    assert list(options.operands) == operands


def test_the_last_value_counts() -> None:
    options = parse_options(["-c", "/etc/ntpsec/ntp.conf", "-g", "-c", "/run/ntpsec/ntp.conf.dhcp"], NTPD)
    assert options.last("c") == "/run/ntpsec/ntp.conf.dhcp"
    assert options.values("c") == ("/etc/ntpsec/ntp.conf", "/run/ntpsec/ntp.conf.dhcp")
    assert options.has("g")
    assert options.last("x") is None


@given(st.lists(st.text(max_size=8)), st.text(alphabet="abcx:", max_size=8))
def test_any_arguments(arguments: list[str], optstring: str) -> None:
    options = parse_options(arguments, optstring, LONG)
    assert all(letter in optstring for letter, _ in options.given)
