"""Names of network interfaces, by the kernel's rule and ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.interface_name import is_interface_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("eth0", True, id="plain"),
        pytest.param("eth0.100", True, id="vlan"),
        pytest.param("a" * 15, True, id="longest"),
        pytest.param("a" * 16, False, id="too-long"),
        pytest.param("é" * 8, False, id="too-many-bytes"),
        pytest.param("", False, id="empty"),
        pytest.param(".", False, id="dot"),
        pytest.param("..", False, id="dots"),
        pytest.param("...", True, id="three-dots-are-a-name"),
        pytest.param("../eth1", False, id="slash"),
        pytest.param("eth1:0", False, id="colon"),
        pytest.param("eth1 down", False, id="space"),
        pytest.param("eth1\n", False, id="newline"),
        pytest.param("eth\u00a01", False, id="no-break-space"),
        pytest.param("eth1\x1b[2J", False, id="escape"),
        pytest.param("eth\udc80", False, id="surrogate"),
        pytest.param("eth\0", False, id="nul"),
    ],
)
def test_names(name: str, expected: bool) -> None:
    assert is_interface_name(name) is expected


@given(st.text(max_size=20))
def test_what_is_a_name_is_one_word_that_the_kernel_takes_whole(name: str) -> None:
    if is_interface_name(name):
        assert name.split() == [name]
        assert 0 < len(name.encode()) <= 15
        assert not {"/", ":", "\0"} & set(name)
