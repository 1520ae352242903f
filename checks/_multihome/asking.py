"""Look at addresses, routes and rules, and ask the kernel where replies would leave. No packet is sent.

The kernel's own lookup is the oracle (RTM_GETROUTE with the source set): no reading of tables and rules tells as
truly what it does. A reply is looked up as a socket bound to the address would send it; for rp_filter, a packet as
if it had come in by the address's device.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from ipaddress import ip_address

import msgspec

from checks._multihome.configuration import read_configurations
from checks._multihome.doors import Door, connected, find_doors
from checks._multihome.facts import (
    Address,
    DefaultRoute,
    Drop,
    Family,
    Filter,
    Link,
    MultihomeFacts,
    OtherRoute,
    Reply,
    Rule,
)
from checks._multihome.memory import MultihomeMemory
from checks._multihome.messages import (
    RTM_GETADDR,
    RTM_GETLINK,
    RTM_GETROUTE,
    RTM_GETRULE,
    build_addresses_request,
    build_link_request,
    build_lookup,
    build_routes_request,
    build_rules_request,
    parse_address,
    parse_default_routes,
    parse_link,
    parse_other_route,
    parse_reply,
    parse_rule,
)
from checks._multihome.rules import left_over_sources, marks_of
from watchdog.linux.netlink import MalformedMessageError
from watchdog.plugin import Host, Netlink, Unobservable, read_keepalived

FAMILIES: tuple[Family, ...] = (4, 6)
# Who has more is a router among routers, and answers by what they tell it.
MOST_ROUTES = 50_000
# So many cost 10 ms; who has more gets advice, and no remediation acts on it.
MOST_OTHER_ROUTES = 1000
_MOST_MARKS = 16
_SYSCTL = "/proc/sys/net/ipv4/conf"
_STRICT = 1
# What a lookup of a packet that rp_filter drops says; the second on old kernels.
_DROPPED = ("EINVAL", "EXDEV")
_CLUSTER_MANAGERS = ("pacemakerd", "corosync", "heartbeat", "ucarp", "vrrpd", "ctdbd", "vip-manager")


def look(
    host: Host,
    *,
    clients: Sequence[str],
    uplinks: Sequence[str],
    ignore: Sequence[str],
    before: MultihomeMemory | None,
) -> MultihomeFacts:
    """Return all that is to be judged. Raises Unobservable when the kernel does not say."""
    try:
        with host.rtnetlink() as kernel:
            links = _Links(kernel)
            facts = _survey(kernel, links)
            if facts.route_limit:
                return facts
            facts = _with_configurations(host, facts)
            doors = find_doors(facts, uplinks, ignore, before)
            if doors:
                facts = _with_answers(host, kernel, links, facts, doors, clients)
    except MalformedMessageError as error:
        raise Unobservable(f"the kernel's answer is not understood: {error}") from error
    if any(left_over_sources(facts, before)):
        facts = _with_movers(host, facts)
    return facts


class _Links:
    """The devices, asked for one by one when they are first met; a host can have thousands of others."""

    def __init__(self, kernel: Netlink) -> None:
        self._kernel = kernel
        self._known: dict[int, Link | None] = {}

    def name(self, index: int) -> str:
        """Return a device's name; one that vanished meanwhile is called by its number."""
        if index not in self._known:
            (answer,) = self._kernel.ask(RTM_GETLINK, [build_link_request(index)])
            self._known[index] = parse_link(answer) if isinstance(answer, bytes) else None
        link = self._known[index]
        return link.name if link else f"if{index}"

    def all(self) -> tuple[Link, ...]:
        """Return those that were met."""
        return tuple(link for link in self._known.values() if link)


def _survey(kernel: Netlink, links: _Links) -> MultihomeFacts:
    """Return addresses, default routes, rules and the devices they name."""
    routes: list[DefaultRoute] = []
    others: dict[tuple[Family, int, str, bool], OtherRoute] = {}
    unread = False
    rules: list[Rule] = []
    for family in FAMILIES:
        messages = kernel.dump(RTM_GETROUTE, build_routes_request(family), MOST_ROUTES)
        if messages is None:
            return MultihomeFacts(route_limit=MOST_ROUTES)
        found = (route for message in messages for route in parse_default_routes(message, links.name))
        routes.extend(route for route in found if route.family == family)
        unread |= len(messages) > MOST_OTHER_ROUTES
        for message in messages[:MOST_OTHER_ROUTES]:
            if other := parse_other_route(message, links.name):
                others.setdefault((other.family, other.table, other.device, other.on_link), other)
        parsed = (parse_rule(message) for message in kernel.dump(RTM_GETRULE, build_rules_request(family)) or ())
        rules.extend(rule for rule in parsed if rule and rule.family == family)
    dumped = kernel.dump(RTM_GETADDR, build_addresses_request()) or ()
    addresses = tuple(address for one in dumped if (address := parse_address(one, links.name)))
    return MultihomeFacts(
        links=links.all(),
        addresses=addresses,
        routes=tuple(routes),
        others=tuple(others.values()),
        others_unread=unread,
        rules=tuple(rules),
    )


def _with_configurations(host: Host, facts: MultihomeFacts) -> MultihomeFacts:
    """Add who configures the devices, on a host that has an address on two of them or more."""
    by_name = {link.name: link for link in facts.links}
    homes = dict.fromkeys(address.device for address in facts.addresses if address.settled)
    outward = [link for name in homes if (link := by_name.get(name)) and not link.loopback]
    if len(outward) <= 1 or not facts.routes:
        return facts
    return msgspec.structs.replace(facts, configurations=read_configurations(host, outward))


def _with_answers(
    host: Host,
    kernel: Netlink,
    links: _Links,
    facts: MultihomeFacts,
    doors: Sequence[Door],
    clients: Sequence[str],
) -> MultihomeFacts:
    around = connected(facts)
    beyond = [
        client
        for client in clients
        if not any(ip_address(client) in network for network in around if network.prefixlen)
    ]
    filters = tuple(_read_filters(host, doors))
    replies = tuple(_ask_replies(kernel, links.name, doors, beyond))
    homes = {door.address.address: door.link.name for door in doors}
    astray = {reply.address for reply in replies if reply.device != homes[reply.address]}
    strays = [door for door in doors if door.address.address in astray]
    marked = tuple(_ask_marked(kernel, links.name, strays, beyond, facts.rules))
    if any(reply.error for reply in replies):
        # An address that has gone meanwhile cannot be asked about, which is no answer.
        facts = _without_gone(kernel, links.name, facts)
    strict = {one.device for one in filters if one.rp_filter == _STRICT}
    watched = [door for door in doors if door.address.family == 4 and door.link.name in strict]
    return msgspec.structs.replace(
        facts,
        links=links.all(),
        replies=(*replies, *marked),
        drops=tuple(_ask_arrivals(kernel, watched, beyond)),
        filters=filters,
    )


def _ask_replies(
    kernel: Netlink, name_of: Callable[[int], str], doors: Iterable[Door], clients: Sequence[str], mark: int = 0
) -> Iterator[Reply]:
    asked = [(door, client) for door in doors for client in clients if _is_of(client, door.address)]
    bodies = [
        build_lookup(source=door.address.address, target=client, oif=door.link.vrf_index, mark=mark)
        for door, client in asked
    ]
    answers = list(kernel.ask(RTM_GETROUTE, bodies))
    for (door, client), answer in zip(asked, answers, strict=True):
        address = door.address.address
        if isinstance(answer, str):
            yield Reply(address=address, client=client, mark=mark, error=answer)
        else:
            yield parse_reply(answer, address=address, client=client, mark=mark, name_of=name_of)


def _ask_marked(
    kernel: Netlink,
    name_of: Callable[[int], str],
    strays: Sequence[Door],
    clients: Sequence[str],
    rules: Sequence[Rule],
) -> Iterator[Reply]:
    """Ask again with each mark that a rule asks for: netfilter may give it to replies, which rules cannot tell.

    One client is enough to learn whether a mark leads there at all.
    """
    for family in FAMILIES:
        doors = [door for door in strays if door.address.family == family]
        client = [client for client in clients if (":" in client) == (family == 6)][:1]
        for mark in marks_of(rules, family)[:_MOST_MARKS] if doors else ():
            yield from _ask_replies(kernel, name_of, doors, client, mark)


def _ask_arrivals(kernel: Netlink, doors: Sequence[Door], clients: Sequence[str]) -> Iterator[Drop]:
    asked = [(door, client) for door in doors for client in clients if _is_of(client, door.address)]
    bodies = [
        build_lookup(source=client, target=door.address.address, iif=door.link.index) for door, client in asked
    ]
    for (door, client), answer in zip(asked, kernel.ask(RTM_GETROUTE, bodies), strict=True):
        if answer in _DROPPED:
            yield Drop(address=door.address.address, client=client)


def _without_gone(kernel: Netlink, name_of: Callable[[int], str], facts: MultihomeFacts) -> MultihomeFacts:
    dumped = kernel.dump(RTM_GETADDR, build_addresses_request()) or ()
    still = {address for one in dumped if (address := parse_address(one, name_of))}
    return msgspec.structs.replace(facts, addresses=tuple(one for one in facts.addresses if one in still))


def _read_filters(host: Host, doors: Sequence[Door]) -> Iterator[Filter]:
    devices = dict.fromkeys(door.link.name for door in doors if door.address.family == 4)
    if not devices:
        return
    everywhere = {name: _sysctl(host, "all", name) for name in ("rp_filter", "src_valid_mark", "arp_filter")}
    for device in devices:
        yield Filter(
            device=device,
            rp_filter_all=everywhere["rp_filter"],
            rp_filter_device=_sysctl(host, device, "rp_filter"),
            marks_count=bool(everywhere["src_valid_mark"] or _sysctl(host, device, "src_valid_mark")),
            arp_filter=bool(everywhere["arp_filter"] or _sysctl(host, device, "arp_filter")),
        )


def _sysctl(host: Host, device: str, name: str) -> int:
    """Return a number that the kernel holds, 0 where it has none or the device has vanished."""
    with suppress(ValueError):
        return int(host.read_text(f"{_SYSCTL}/{device}/{name}") or "0")
    return 0


def _with_movers(host: Host, facts: MultihomeFacts) -> MultihomeFacts:
    """Add who may have moved an address to another host; asked only where one is gone."""
    processes = tuple(host.processes())
    names = {process.name for process in processes if host.shares_network(process.pid)}
    cluster = next((name for name in _CLUSTER_MANAGERS if name in names), "")
    try:
        conf = read_keepalived(host, processes)
    except Unobservable:
        return msgspec.structs.replace(facts, cluster=cluster or "keepalived")
    virtual = {one.address for instance in conf.instances for one in instance.virtual_addresses} if conf else set()
    return msgspec.structs.replace(facts, cluster=cluster, elsewhere=tuple(sorted(virtual)))


def _is_of(client: str, address: Address) -> bool:
    return (":" in client) == (":" in address.address)
