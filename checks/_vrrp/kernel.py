"""What the kernel knows, by rtnetlink: interfaces, our addresses on them, and our neighbour cache."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from watchdog.plugin import Host

_UP, _RUNNING = 0x1, 0x40
# Neighbour states in which traffic is sent to the address that the entry holds (linux/neighbour.h).
_USED = 0x02 | 0x04 | 0x08 | 0x10 | 0x80
# A VIP on one of these is a real server's, or is routed; nobody is asked for it by ARP.
_QUIET_KINDS = ("dummy", "loopback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """An interface; `below` is the one that a macvlan or VLAN sits on, "" without."""

    name: str
    mac: str
    is_up: bool
    has_carrier: bool
    is_quiet: bool
    kind: str
    below: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A machine on the link, as our neighbour cache knows it."""

    interface: str
    address: str
    mac: str
    is_gateway: bool


@dataclass(slots=True, kw_only=True)
class Kernel:
    """The kernel's tables, asked anew each time; interfaces are read once."""

    netlink: Any
    interfaces: dict[str, Interface] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)

    def read_interfaces(self) -> None:
        """Fill `interfaces`."""
        links = list(self.netlink.get_links())
        self._names = {link["index"]: str(link.get_attr("IFLA_IFNAME")) for link in links}
        for link in links:
            name = self._names[link["index"]]
            info = link.get_attr("IFLA_LINKINFO")
            kind = str(info.get_attr("IFLA_INFO_KIND") or "") if info else ""
            loopback = bool(link["flags"] & 0x8)
            self.interfaces[name] = Interface(
                name=name,
                mac=str(link.get_attr("IFLA_ADDRESS") or ""),
                is_up=bool(link["flags"] & _UP),
                has_carrier=bool(link["flags"] & _RUNNING),
                is_quiet=loopback or kind in _QUIET_KINDS,
                kind=kind,
                below=self._names.get(link.get_attr("IFLA_LINK") or 0, ""),
            )

    def read_addresses(self) -> frozenset[tuple[str, str]]:
        """Return all addresses of this host, as (interface, address)."""
        return frozenset(
            (self._names.get(message["index"], ""), str(address))
            for message in self.netlink.get_addr()
            if (address := message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS"))
        )

    def read_neighbours(self, addresses: Collection[str]) -> dict[tuple[str, str], str]:
        """Return which hardware address the neighbour cache has for (interface, address), of those given."""
        return {
            (self._names.get(message["ifindex"], ""), str(address)): str(mac)
            for message in self.netlink.get_neighbours()
            if message["state"] & _USED
            and (address := message.get_attr("NDA_DST")) in addresses
            and (mac := message.get_attr("NDA_LLADDR"))
        }

    def read_who_is_near(self) -> tuple[Neighbour, ...]:
        """Return everybody that the neighbour cache knows, and which of them are gateways of ours."""
        gateways = {
            (self._names.get(route.get_attr("RTA_OIF") or 0, ""), str(gateway))
            for route in self.netlink.get_default_routes()
            if (gateway := route.get_attr("RTA_GATEWAY"))
        }
        return tuple(
            Neighbour(
                interface=self._names.get(message["ifindex"], ""),
                address=address,
                mac=str(mac),
                is_gateway=(self._names.get(message["ifindex"], ""), address) in gateways,
            )
            for message in self.netlink.get_neighbours()
            if message["state"] & _USED
            and (address := str(message.get_attr("NDA_DST") or ""))
            and (mac := message.get_attr("NDA_LLADDR"))
        )


@contextmanager
def open_kernel(host: Host) -> Iterator[Kernel]:
    """Give the kernel's tables for as long as the block lasts."""
    with host.netlink() as netlink:
        kernel = Kernel(netlink=netlink)
        kernel.read_interfaces()
        yield kernel
