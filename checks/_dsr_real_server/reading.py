"""Reads who is a real server: host-length addresses on lo or dummy, and what the kernel says of them by ARP.

arp_ignore and arp_announce count as the larger of `all` and the interface that the question comes in by
(Documentation/networking/ip-sysctl.rst); that is the one whose connected network holds the address.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

import msgspec

from watchdog.linux.arp import REPLY, MalformedNeighbourError, parse_arp
from watchdog.linux.inet import ETHERTYPE_ARP
from watchdog.linux.ipvs import KUBE_PROXY_INTERFACE
from watchdog.plugin import (
    Frame,
    Host,
    HostAddress,
    Question,
    Unobservable,
    ask_owner,
    open_wire,
    own_macs,
    read_answer,
)

_SYSCTL = "/proc/sys/net/ipv4/conf"
_NO_ARP, _ETHERNET = 0x80, "1"
_MOST_ADDRESSES = 256
# Each is a broadcast, three times a look.
_MOST_QUESTIONS = 512
_TRIES = 3


class Facing(msgspec.Struct, frozen=True, kw_only=True):
    """An interface whose network holds a virtual address: its effective sysctls, and what was heard on it.

    `owners` are hardware addresses of others that say they have it. `answered` and `announced` count the ARP
    answers for it, and the requests in its name, that this very host sent while we listened.
    """

    interface: str
    arp_ignore: int
    arp_announce: int
    owners: tuple[str, ...] = ()
    answered: int = 0
    announced: int = 0


class Vip(msgspec.Struct, frozen=True, kw_only=True):
    """A host-length address and the interface it is on, with those that face it."""

    address: str
    interface: str
    facing: tuple[Facing, ...] = ()


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard: who answers, by (interface, address); what this host sent; `unheard` says why not."""

    owners: dict[tuple[str, str], tuple[str, ...]] = {}
    answered: dict[tuple[str, str], int] = {}
    announced: dict[tuple[str, str], int] = {}
    unheard: str = ""


def is_quiet(host: Host, interface: str) -> bool:
    """Tell whether addresses on an interface are nobody's neighbours: the loopback, and dummies.

    A dummy is Ethernet without ARP and with nothing below it (ipvlan and VRF devices have that).
    """
    if interface == "lo":
        return True
    below = [name for name in host.names_in(f"/sys/class/net/{interface}") if name.startswith("lower_")]
    return interface != KUBE_PROXY_INTERFACE and _speaks_arp(host, interface) is False and not below


def _speaks_arp(host: Host, interface: str) -> bool | None:
    """Tell whether an Ethernet interface speaks ARP; None: it is no Ethernet."""
    folder = f"/sys/class/net/{interface}"
    if (host.read_text(f"{folder}/type") or "").strip() != _ETHERNET:
        return None
    return not int((host.read_text(f"{folder}/flags") or "0").strip(), 16) & _NO_ARP


def find_vips(host: Host, addresses: Iterable[HostAddress]) -> Iterator[Vip]:
    """Yield the host-length addresses on quiet interfaces that lie in a network connected by another one.

    The others (a router's, an anycast address) are asked for by nobody on the link.
    """
    addresses = tuple(addresses)
    candidates = [one for one in addresses if one.is_host_length and _may_be_virtual(one)]
    if not candidates:
        return
    quiet = {name: is_quiet(host, name) for name in {one.interface for one in candidates}}
    connected = _connected(host, addresses)
    for one in candidates[:_MOST_ADDRESSES]:
        if quiet[one.interface] and (facing := _facing(host, str(one.address), connected)):
            yield Vip(address=str(one.address), interface=one.interface, facing=facing)


def face_absent(host: Host, expected: Iterable[str], addresses: Iterable[HostAddress]) -> Iterator[Vip]:
    """Yield the expected addresses that are on no interface, with those whose network they lie in."""
    addresses = tuple(addresses)
    here = {str(one.address) for one in addresses}
    connected: tuple[HostAddress, ...] | None = None
    for address in sorted(set(expected) - here):
        connected = _connected(host, addresses) if connected is None else connected
        yield Vip(address=address, interface="", facing=_facing(host, address, connected))


def find_single(host: Host, addresses: Iterable[HostAddress]) -> Iterator[HostAddress]:
    """Yield the IPv4 addresses that connect nothing and that a neighbour may ask ARP for on another's link.

    They are on lo or a dummy, or lie in a network that an interface is connected to; a tunnel's own is neither.
    """
    addresses = tuple(addresses)
    singles = [one for one in addresses if one.is_host_length and "." in str(one.address) and _may_be_virtual(one)]
    connected = _connected(host, addresses) if singles else ()
    for one in singles[:_MOST_ADDRESSES]:
        if any(one.address in other.network for other in connected) or is_quiet(host, one.interface):
            yield one


def _may_be_virtual(one: HostAddress) -> bool:
    return not (one.address.is_loopback or one.address.is_link_local)


def _connected(host: Host, addresses: Iterable[HostAddress]) -> tuple[HostAddress, ...]:
    return tuple(one for one in addresses if not one.is_host_length and _speaks_arp(host, one.interface))


def _facing(host: Host, address: str, connected: Iterable[HostAddress]) -> tuple[Facing, ...]:
    wanted = ip_address(address)
    names = (one.interface for one in connected if one.address.version == wanted.version and wanted in one.network)
    return tuple(_read_facing(host, name) for name in dict.fromkeys(names))


def _read_facing(host: Host, interface: str) -> Facing:
    return Facing(
        interface=interface,
        arp_ignore=_effective(host, interface, "arp_ignore"),
        arp_announce=_effective(host, interface, "arp_announce"),
    )


def _effective(host: Host, interface: str, name: str) -> int:
    values = [(host.read_text(f"{_SYSCTL}/{where}/{name}") or "").strip() for where in ("all", interface)]
    return max((int(value) for value in values if value.isdecimal()), default=0)


def has_arp_firewall(host: Host) -> bool:
    """Tell whether ARP may be filtered by rules (arptables, nft), which would keep an address silent too."""
    if (host.read_text("/proc/net/arp_tables_names") or "").strip():
        return True
    if host.program("nft") is None:
        return False
    try:
        done = host.run(["nft", "list", "tables"])
    except Unobservable:
        return False
    return any(line.split()[1:2] == ["arp"] for line in done.stdout.splitlines())


def hear(host: Host, questions: Iterable[Question], seconds: float) -> Heard:
    """Ask who has these addresses, and listen for what this host itself says of them; takes `seconds`."""
    several = tuple(dict.fromkeys(questions))
    questions = several[:_MOST_QUESTIONS]
    if not questions:
        return Heard()
    ear = _Ear(
        asked=frozenset((question.interface, question.address) for question in questions), ours=own_macs(host)
    )
    try:
        with open_wire(host, (question.interface for question in questions), {"neighbours", "requests"}) as wire:
            for _ in range(_TRIES):
                wire.problems |= {one.interface: said for one in questions if (said := ask_owner(wire, one))}
                for frame in wire.frames(seconds / _TRIES):
                    ear.take(frame)
            problems = [f"{name} {problem}" for name, problem in sorted(wire.problems.items())]
    except Unobservable as error:
        return Heard(unheard=str(error))
    if len(several) > len(questions):
        problems.append(f"only {len(questions)} of {len(several)} addresses were asked for")
    return Heard(
        owners={key: tuple(sorted(macs)) for key, macs in ear.owners.items()},
        answered=ear.answered,
        announced=ear.announced,
        unheard="; ".join(problems),
    )


_Key = tuple[str, str]  # interface and address


class _Ear(msgspec.Struct, kw_only=True):
    """What was heard of the addresses that were asked for: who has them, and what this host says of them."""

    asked: frozenset[_Key]
    ours: frozenset[str]
    owners: dict[_Key, set[str]] = msgspec.field(default_factory=dict)
    answered: dict[_Key, int] = msgspec.field(default_factory=dict)
    announced: dict[_Key, int] = msgspec.field(default_factory=dict)

    def take(self, frame: Frame) -> None:
        """Take note of an answer to us, or of an ARP packet of our own."""
        if answer := read_answer(frame):
            key = (answer[0].interface, answer[0].address)
            if key in self.asked and answer[1] not in self.ours:
                self.owners.setdefault(key, set()).add(answer[1])
        elif frame.outgoing and frame.protocol == ETHERTYPE_ARP:
            self._take_own(frame)

    def _take_own(self, frame: Frame) -> None:
        try:
            arp = parse_arp(frame.packet)
        except MalformedNeighbourError:
            return
        key = (frame.interface, arp.sender_address)
        if key in self.asked:
            counts = self.answered if arp.operation == REPLY else self.announced
            counts[key] = counts.get(key, 0) + 1


def with_heard(vip: Vip, heard: Heard) -> Vip:
    """Return a virtual address with what was heard of it."""
    facing = tuple(
        msgspec.structs.replace(
            one,
            owners=heard.owners.get((one.interface, vip.address), ()),
            answered=heard.answered.get((one.interface, vip.address), 0),
            announced=heard.announced.get((one.interface, vip.address), 0),
        )
        for one in vip.facing
    )
    return msgspec.structs.replace(vip, facing=facing)
