"""The addresses of this network namespace, by interface, without netlink: getifaddrs(3) through psutil."""

import socket
from collections.abc import Iterator
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_interface,
)

import msgspec

_FAMILIES = (socket.AF_INET, socket.AF_INET6)


class HostAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address on an interface, with its prefix."""

    interface: str
    value: IPv4Interface | IPv6Interface

    @property
    def address(self) -> IPv4Address | IPv6Address:
        """The address alone."""
        return self.value.ip

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """The network that is connected by it."""
        return self.value.network

    @property
    def is_host_length(self) -> bool:
        """Tell whether it connects nothing but itself: /32, /128."""
        return self.network.num_addresses == 1


def read_addresses() -> tuple[HostAddress, ...]:
    """Return every address of the calling process's network namespace."""
    return tuple(_addresses())


def _addresses() -> Iterator[HostAddress]:
    import psutil

    for label, addresses in psutil.net_if_addrs().items():
        for one in addresses:
            if one.family in _FAMILIES:
                text = one.address.partition("%")[0]
                length = IPv6Address(one.netmask or "::").packed if one.family == socket.AF_INET6 else None
                mask = str(sum(byte.bit_count() for byte in length)) if length else one.netmask or "32"
                # An address with a label (`lo:0`) is listed under that.
                yield HostAddress(interface=label.partition(":")[0], value=ip_interface(f"{text}/{mask}"))
