"""Doors: the addresses that have a gateway of their own to answer through, where the host has more than one. Pure.

Left out, for what leaves them by another device is as it should be: addresses on lo and dummy (a VIP behind direct
server return, anycast), on tunnels, on ports of a bridge or bond; those that are not settled, and those of a
carrier's NAT (a mobile modem for emergencies), which nobody outside can ask; devices without a gateway of their
own (docker0, a storage network); gateways that a routing protocol chose; hosts, or VRFs, with one way out.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Literal

import msgspec

from checks._multihome.facts import MAIN_TABLES, Address, DefaultRoute, Link, MultihomeFacts
from checks._multihome.memory import MultihomeMemory

Network = IPv4Network | IPv6Network

TUNNELS = frozenset(
    word
    for words in ("tun wireguard ovpn xfrm vti vti6 ipip sit ip6tnl", "gre gretap ip6gre erspan vxlan geneve amt")
    for word in words.split()
)
_NO_DOORS = TUNNELS | {"dummy", "vrf", "ifb", "nlmon"}
_CARRIER_NAT = ip_network("100.64.0.0/10")  # RFC 6598
# zebra, bird, babel, openr, bgp, isis, ospf, rip, eigrp: rtnetlink(7), /etc/iproute2/rt_protos.
_ROUTING_PROTOCOLS = frozenset({11, 12, 42, 99, 186, 187, 188, 189, 192})


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """An address with a gateway of its own. `gateway` is "" where none is needed or known (`origin`).

    `tables` are those that lead through it alone, not through several hops by turns. `origin` says how we know: a
    route that is there, the configuration of its device, what was remembered, or [checks.multihome].
    """

    address: Address
    link: Link
    gateway: str
    tables: tuple[int, ...]
    origin: Literal["route", "configuration", "memory", "settings"]


def find_doors(
    facts: MultihomeFacts, uplinks: Iterable[str], ignore: Iterable[str], before: MultihomeMemory | None
) -> tuple[Door, ...]:
    """Return the addresses to judge, each once, in the kernel's order; none where there is only one way out."""
    links = {link.name: link for link in facts.links}
    found = list(_candidates(facts, links, frozenset(uplinks), before))
    ways_out: dict[tuple[int, int], set[str]] = {}
    for route in facts.routes:
        link = links.get(route.device)
        if link and link.kind not in _NO_DOORS:
            ways_out.setdefault((route.family, link.vrf_index), set()).add(route.device)
    for door in found:
        ways_out.setdefault((door.address.family, door.link.vrf_index), set()).add(door.link.name)
    left_alone = frozenset(ignore)
    doors = {
        door.address.address: door
        for door in reversed(found)
        if len(ways_out[door.address.family, door.link.vrf_index]) > 1
        and left_alone.isdisjoint((door.address.address, door.link.name))
    }
    return tuple(reversed(doors.values()))


def connected(facts: MultihomeFacts) -> tuple[Network, ...]:
    """Return the prefixes that are on-link, each once: a client in one of them is not beyond a gateway."""
    return tuple(ip_network(text) for text in dict.fromkeys(address.network for address in facts.addresses))


def share_a_subnet(facts: MultihomeFacts, address: Address, device: str) -> bool:
    """Tell whether another device has an address in the subnet of this one.

    Two lines between two (PPPoE) are none, though both far ends may have one address: a provider's router.
    """
    if is_single(address):
        return False
    mine = ip_network(address.network)
    others = (one for one in facts.addresses if one.device == device and one.family == address.family)
    return any(mine.overlaps(ip_network(other.network)) for other in others)


def _candidates(
    facts: MultihomeFacts, links: Mapping[str, Link], uplinks: frozenset[str], before: MultihomeMemory | None
) -> Iterator[Door]:
    routes: dict[tuple[str, int], list[DefaultRoute]] = {}
    for route in facts.routes:
        if route.protocol not in _ROUTING_PROTOCOLS:
            routes.setdefault((route.device, route.family), []).append(route)
    networks: dict[tuple[str, int], list[Network]] = {}
    for address in facts.addresses:
        networks.setdefault((address.device, address.family), []).append(ip_network(address.network))
    declared = {one.device: one.gateways for one in facts.configurations}
    for address in facts.addresses:
        link = links.get(address.device)
        if link is None or not _is_outward(link) or not _can_be_asked(address):
            continue
        key = (address.device, address.family)
        own = [route for route in routes.get(key, ()) if _serves(route.gateway, address, networks[key])]
        door = _by_route(address, link, own) or _by_other_word(
            address, link, before=before, declared=declared.get(link.name, ()), named=uplinks
        )
        if door:
            yield door


def _is_outward(link: Link) -> bool:
    return link.up and not link.loopback and not link.port and link.kind not in _NO_DOORS


def _can_be_asked(address: Address) -> bool:
    return address.settled and ip_address(address.address) not in _CARRIER_NAT


def _serves(gateway: str, address: Address, networks: Iterable[Network]) -> bool:
    """Tell whether a gateway behind the address's device is that address's own.

    It is when both are in one subnet; and when no subnet of the device has it and none could: with a line between
    two, a link-local router, and the single addresses that some hosting gives.
    """
    if not gateway:
        return True
    router, own = ip_address(gateway), ip_address(address.address)
    around = [network for network in networks if router in network]
    if not around:
        return router.is_link_local or router.version != own.version or is_single(address)
    return any(own in network for network in around)


def gateways_of(door: Door, facts: MultihomeFacts) -> tuple[str, ...]:
    """Return each gateway that a route, or the configuration of its device, gives the address; "" is a line."""
    address = door.address
    here = [
        ip_network(one.network)
        for one in facts.addresses
        if (one.device, one.family) == (address.device, address.family)
    ]
    routes = (route for route in facts.routes if (route.device, route.family) == (address.device, address.family))
    found = [route.gateway for route in routes if _serves(route.gateway, address, here)]
    subnet = ip_network(address.network)
    for one in facts.configurations:
        if one.device == address.device:
            found += [gateway for gateway in one.gateways if ip_address(gateway) in subnet]
    return tuple(dict.fromkeys(found))


def is_single(address: Address) -> bool:
    """Tell whether an address stands alone: nobody else is on-link by it."""
    return address.network.endswith("/128" if address.family == 6 else "/32")


def _by_route(address: Address, link: Link, own: Iterable[DefaultRoute]) -> Door | None:
    """Return the door that routes make; one in a table of its own is meant for it more than one in main."""
    best = sorted(own, key=lambda route: (route.multipath, route.table in MAIN_TABLES))
    if not best:
        return None
    return Door(
        address=address,
        link=link,
        gateway=best[0].gateway,
        tables=tuple(dict.fromkeys(route.table for route in best if not route.multipath)),
        origin="route",
    )


def _by_other_word(
    address: Address,
    link: Link,
    *,
    before: MultihomeMemory | None,
    declared: Iterable[str],
    named: frozenset[str],
) -> Door | None:
    """Return the door that no route makes (any more), but the settings, the device's configuration or the past."""
    subnet = ip_network(address.network)
    gateway = next((word for word in declared if ip_address(word) in subnet), "")
    if not named.isdisjoint((address.address, link.name)):
        return Door(address=address, link=link, gateway=gateway, tables=(), origin="settings")
    if gateway:
        return Door(address=address, link=link, gateway=gateway, tables=(), origin="configuration")
    if known := before.gateway_of(address.address, link.name) if before else None:
        return Door(address=address, link=link, gateway=known.gateway, tables=(), origin="memory")
    return None
