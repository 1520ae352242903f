"""Who may set the clock, and who lives in a container: /proc/PID/status and uid_map."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.proc_status import in_container, may_set_clock

WHOLE = "         0          0 4294967295\n"
LXD = "         0    1000000 1000000000\n"


@pytest.mark.parametrize(
    ("status", "uid_map", "may"),
    [
        pytest.param("CapEff:\t000001ffffffffff\n", WHOLE, True, id="root"),
        pytest.param("Uid:\t107\nCapEff:\t0000000002000400\nSeccomp:\t2\n", WHOLE, True, id="chronyd-as-_chrony"),
        pytest.param("CapEff:\t0000000000000000\n", WHOLE, False, id="openntpd's-engine"),
        pytest.param("CapEff:\t00000000a80425fb\n", WHOLE, False, id="docker-by-default"),
        pytest.param("CapEff:\t000001ffffffffff\n", LXD, False, id="user-namespace"),
        pytest.param("", "", True, id="nothing-known"),
        pytest.param("CapEff:\tzzz\n", WHOLE, True, id="no-number"),
    ],
)
def test_may_set_clock(status: str, uid_map: str, may: bool) -> None:
    assert may_set_clock(status, uid_map) is may


@pytest.mark.parametrize(
    ("status", "inside"),
    [
        pytest.param("Pid:\t700\nNSpid:\t700\n", False, id="host"),
        pytest.param("Pid:\t700\nNSpid:\t700\t12\n", True, id="container"),
        pytest.param("Pid:\t700\nNSpid:\t700\t12\t1\n", True, id="container-in-a-container"),
        pytest.param("Pid:\t700\n", False, id="old-kernel"),
    ],
)
def test_in_container(status: str, inside: bool) -> None:
    assert in_container(status) is inside


@given(st.text(), st.text())
def test_any_text(status: str, uid_map: str) -> None:
    assert may_set_clock("CapEff:\t" + status, uid_map) in (True, False)
    assert in_container("NSpid:\t" + status) in (True, False)
