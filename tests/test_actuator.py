from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.in_namespace import run_in_namespace
from watchdog.actuator import StepFailed, prepare
from watchdog.host import Host
from watchdog.steps import LinkChange


def test_a_link_is_raised_and_put_back_by_the_real_kernel() -> None:
    assert run_in_namespace("tests.actuator_on_loopback", "lo") == [
        ["prepare down", None, False],
        ["prepare up", "ip link set dev lo down", False],
        ["do up", "lo is administratively up", True],
        ["do up again", "lo is administratively up", True],
        ["prepare up again", None, True],
        ["undo", "lo is administratively down", False],
        ["undo again", "lo is administratively down", False],
    ]


@pytest.mark.parametrize(
    ("link", "why"),
    [
        pytest.param("nope0", "no such device", id="no-such-device"),
        pytest.param("../lo", "no such device", id="a-path"),
        pytest.param("", "no such device", id="empty"),
        pytest.param("a" * 16, "the kernel says: Numerical result out of range", id="too-long"),
    ],
)
def test_a_link_that_is_not_there(link: str, why: str) -> None:
    assert run_in_namespace("tests.actuator_on_loopback", link) == [
        ["failed", f"ip link set dev {link} down: {why}"]
    ]


def test_without_the_privilege_it_says_which() -> None:
    unprivileged = ("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin")
    assert run_in_namespace("tests.actuator_on_loopback", "lo", under=unprivileged) == [
        ["prepare down", None, False],
        ["prepare up", "ip link set dev lo down", False],
        ["failed", "ip link set dev lo up: needs CAP_NET_ADMIN; run as root"],
    ]


def test_without_netlink_it_says_so() -> None:
    class NoNetlink(Host):
        @contextmanager
        def netlink(self) -> Iterator[Any]:
            raise OSError(97, "Address family not supported by protocol")
            yield

    with pytest.raises(StepFailed, match="ip link set dev lo up: no netlink socket: Address family not supported"):
        prepare(LinkChange(link="lo", up=True), NoNetlink())
