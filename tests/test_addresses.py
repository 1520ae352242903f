"""The addresses of a network namespace, as psutil lists them."""

import socket
from ipaddress import ip_interface
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from watchdog.addresses import HostAddress, read_addresses


def listed(family: int, address: str, netmask: str | None) -> Any:
    return SimpleNamespace(family=family, address=address, netmask=netmask)


@pytest.mark.parametrize(
    ("name", "entry", "expected"),
    [
        pytest.param(
            "eth0", listed(socket.AF_INET, "10.0.0.2", "255.255.255.0"), ("eth0", "10.0.0.2/24", False), id="ipv4"
        ),
        pytest.param(
            "lo",
            listed(socket.AF_INET, "10.0.0.9", "255.255.255.255"),
            ("lo", "10.0.0.9/32", True),
            id="host-length",
        ),
        pytest.param(
            "lo:0",
            listed(socket.AF_INET, "10.0.0.9", "255.255.255.255"),
            ("lo", "10.0.0.9/32", True),
            id="labelled",
        ),
        pytest.param(
            "eth0",
            listed(socket.AF_INET6, "fe80::1%eth0", "ffff:ffff:ffff:ffff::"),
            ("eth0", "fe80::1/64", False),
            id="ipv6-with-scope",
        ),
        pytest.param(
            "lo",
            listed(socket.AF_INET6, "fd00::9", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("lo", "fd00::9/128", True),
            id="ipv6-host-length",
        ),
        pytest.param(
            "tun0", listed(socket.AF_INET, "10.9.0.1", None), ("tun0", "10.9.0.1/32", True), id="no-mask"
        ),
    ],
)
def test_an_address(
    monkeypatch: pytest.MonkeyPatch, name: str, entry: Any, expected: tuple[str, str, bool]
) -> None:
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {name: [entry, listed(socket.AF_PACKET, "02:00", None)]})
    interface, value, host_length = expected
    (found,) = read_addresses()
    assert found == HostAddress(interface=interface, value=ip_interface(value))
    assert found.is_host_length is host_length


def test_this_machine_has_its_loopback() -> None:
    assert "127.0.0.1" in {str(one.address) for one in read_addresses() if one.interface == "lo"}
