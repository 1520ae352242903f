"""What the balancer can see, and only it (or a client): which real server answers ARP for a virtual address."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

import msgspec

from checks._dsr_real_server.faults import ARP_LEAK
from checks._dsr_real_server.reading import Heard
from watchdog.linux.ipvs import Pool
from watchdog.plugin import Finding, HostAddress, Question


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual address of a pool by direct routing, asked for on an interface: who answers for it, and for whom.

    `servers` are the hardware addresses by which each real server answers for its own address. `is_here`: this
    host has the virtual address on the link, and is the active balancer.
    """

    address: str
    interface: str
    is_here: bool = True
    answers: tuple[str, ...] = ()
    servers: dict[str, tuple[str, ...]] = {}


def plan_questions(pools: Iterable[Pool], addresses: Iterable[HostAddress]) -> Iterator[Asked]:
    """Yield which virtual addresses can be asked for, where, with their real servers."""
    addresses = tuple(addresses)
    servers: dict[str, set[str]] = {}
    for pool in pools:
        direct = {server.address for server in pool.servers if server.forwarding == "dr"}
        if pool.address and direct:
            servers.setdefault(pool.address, set()).update(direct)
    local = {str(one.address) for one in addresses}
    on_the_link = {str(one.address) for one in addresses if not one.interface.startswith(("lo", "dummy"))}
    for address, direct in sorted(servers.items()):
        for one in addresses:
            here: dict[str, tuple[str, ...]] = {
                server: () for server in sorted(direct - local) if _connects(one, server)
            }
            if here and not one.is_host_length and one.interface != "lo":
                yield Asked(address=address, interface=one.interface, is_here=address in on_the_link, servers=here)


def _connects(one: HostAddress, address: str) -> bool:
    other = ip_address(address)
    return other.version == one.address.version and other in one.network


def questions_of(asked: Iterable[Asked]) -> Iterator[Question]:
    """Yield what is to be asked: the virtual addresses, and every real server's own."""
    for one in asked:
        for address in (one.address, *one.servers):
            yield Question(interface=one.interface, address=address)


def with_heard(one: Asked, heard: Heard) -> Asked:
    """Return a plan with what was heard."""
    return Asked(
        address=one.address,
        interface=one.interface,
        is_here=one.is_here,
        answers=heard.owners.get((one.interface, one.address), ()),
        servers={server: heard.owners.get((one.interface, server), ()) for server in one.servers},
    )


def judge_asked(asked: Iterable[Asked]) -> Iterator[Finding]:
    """Yield every real server that answers for a virtual address, once.

    A server that answers by several hardware addresses has somebody who answers in its place (proxy ARP): what is
    its own is then not known. Where the address is elsewhere, one that answers alone may be the active balancer,
    which two balancers that are each other's real servers take turns to be.
    """
    told: set[str] = set()
    for one in asked:
        if not one.is_here and len(one.answers) < 2:
            continue
        for server, macs in one.servers.items():
            subject = f"{one.address}/{server}"
            if len(macs) != 1 or macs[0] not in one.answers or subject in told:
                continue
            told.add(subject)
            yield ARP_LEAK.on(
                subject,
                f"the real server {server} answers ARP for {one.address} on {one.interface} with {macs[0]}:"
                " clients may go there past the balancer; on that server: sysctl -w net.ipv4.conf.all.arp_ignore=1"
                " net.ipv4.conf.all.arp_announce=2",
                seen_from="the balancer",
                interface=one.interface,
                hardware_address=macs[0],
                all_answers=list(one.answers),
            )
