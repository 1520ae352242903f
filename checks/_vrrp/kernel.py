"""What the kernel knows, by rtnetlink: interfaces, our addresses on them, and our neighbour cache."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from checks._vrrp.messages import (
    ADDRESSES_REQUEST,
    LINKS_REQUEST,
    NEIGHBOURS_REQUEST,
    ROUTES_REQUESTS,
    RTM_GETADDR,
    RTM_GETLINK,
    RTM_GETNEIGH,
    RTM_GETROUTE,
    Located,
    parse_address,
    parse_gateway,
    parse_link,
    parse_neighbour,
)
from watchdog.linux.netlink import MalformedMessageError
from watchdog.plugin import Host, Netlink, Unobservable

_UP, _LOOPBACK, _RUNNING = 0x1, 0x8, 0x40
# A VIP on one of these is a real server's, or is routed; nobody is asked for it by ARP.
_QUIET_KINDS = ("dummy", "loopback")

T = TypeVar("T")


class Interface(msgspec.Struct, frozen=True, kw_only=True):
    """An interface; `below` is the one that a macvlan or VLAN sits on, "" without."""

    name: str
    mac: str
    is_up: bool
    has_carrier: bool
    is_quiet: bool
    kind: str
    below: str = ""


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """A machine on the link, as our neighbour cache knows it."""

    interface: str
    address: str
    mac: str
    is_gateway: bool


class Kernel(msgspec.Struct, kw_only=True):
    """The kernel's tables, asked anew each time; interfaces are read once."""

    netlink: Netlink
    interfaces: dict[str, Interface] = msgspec.field(default_factory=dict)
    _names: dict[int, str] = msgspec.field(default_factory=dict)

    def read_interfaces(self) -> None:
        """Fill `interfaces`."""
        links = self._list(RTM_GETLINK, LINKS_REQUEST, parse_link)
        self._names = {link.index: link.name for link in links}
        for link in links:
            self.interfaces[link.name] = Interface(
                name=link.name,
                mac=link.mac,
                is_up=bool(link.flags & _UP),
                has_carrier=bool(link.flags & _RUNNING),
                is_quiet=bool(link.flags & _LOOPBACK) or link.kind in _QUIET_KINDS,
                kind=link.kind,
                below=self._names.get(link.below_index, ""),
            )

    def read_addresses(self) -> frozenset[tuple[str, str]]:
        """Return all addresses of this host, as (interface, address)."""
        return frozenset(self._where(one) for one in self._list(RTM_GETADDR, ADDRESSES_REQUEST, parse_address))

    def read_neighbours(self, addresses: Collection[str]) -> dict[tuple[str, str], str]:
        """Return which hardware address the neighbour cache has for (interface, address), of those given."""
        return {self._where(one): one.mac for one in self._read_cache() if one.address in addresses}

    def read_who_is_near(self) -> tuple[Neighbour, ...]:
        """Return everybody that the neighbour cache knows, and which of them are gateways of ours."""
        gateways = {
            self._where(one)
            for request in ROUTES_REQUESTS
            for one in self._list(RTM_GETROUTE, request, parse_gateway)
        }
        return tuple(
            Neighbour(
                interface=self._names.get(one.index, ""),
                address=one.address,
                mac=one.mac,
                is_gateway=self._where(one) in gateways,
            )
            for one in self._read_cache()
        )

    def _read_cache(self) -> list[Located]:
        return self._list(RTM_GETNEIGH, NEIGHBOURS_REQUEST, parse_neighbour)

    def _where(self, one: Located) -> tuple[str, str]:
        return self._names.get(one.index, ""), one.address

    def _list(self, request: int, body: bytes, parse: Callable[[bytes], T | None]) -> list[T]:
        """Return what the messages of a dump say, of those that say something. Raises Unobservable."""
        messages = self.netlink.dump(request, body)
        if messages is None:
            raise Unobservable("the kernel lists more than can be looked through")
        try:
            parsed = [parse(message) for message in messages]
        except MalformedMessageError as error:
            raise Unobservable(f"the kernel's answer is not understood: {error}") from error
        return [one for one in parsed if one is not None]


@contextmanager
def open_kernel(host: Host) -> Iterator[Kernel]:
    """Give the kernel's tables for as long as the block lasts."""
    with host.rtnetlink() as netlink:
        kernel = Kernel(netlink=netlink)
        kernel.read_interfaces()
        yield kernel
