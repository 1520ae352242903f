"""An address has a gateway of its own, and its replies leave by another: the second provider is a fiction.

Without a policy route the kernel answers by the default route, whoever was asked. The other provider drops what is
not from its addresses, and with strict rp_filter the question itself is dropped. Nothing tells: the address is up,
the link is up, and everything works through the first provider.

So the kernel is asked where replies would leave, for each address and each class of client. No packet is sent.

Sources: rtnetlink(7), ip-rule(8), Documentation/networking/ip-sysctl.rst (rp_filter), RFC 3704. Which addresses
count is in _multihome/doors.py, what is asked in asking.py, the rules in judge.py and rules.py.
"""

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

from checks._multihome.asking import look
from checks._multihome.doors import Door, find_doors
from checks._multihome.facts import MAIN_TABLES, Drop, MultihomeFacts, Reply
from checks._multihome.faults import FAULTS
from checks._multihome.judge import Case, judge_door
from checks._multihome.memory import Answered, MultihomeMemory
from checks._multihome.rules import judge_left_over, known_sources
from watchdog.plugin import (
    Check,
    CheckSettings,
    Host,
    Judgement,
    NotApplicable,
    Note,
    Signal,
    by_subject,
    noted_in,
    without_noted,
)

# Somewhere in each quarter of the world's addresses. None of them is well known: what is (1.1.1.1) is what scripts
# pin to one provider, to see whether it lives.
PUBLIC_CLIENTS = (
    "24.30.50.70",
    "85.214.140.20",
    "147.75.40.60",
    "211.233.10.80",
    "2001:67c:2e8:22::40",
    "2607:f8b0:4004:c07::50",
    "2a02:26f0:2b80::60",
)


_BROADCAST = ip_address("255.255.255.255")
# More than any host has; links that never come back must not fill the history.
MOST_ANSWERED = 1024


class MultihomeSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.multihome]`: who is to be answered beside the public, and what counts.

    `clients` are addresses, one for each further class of client (an office behind a provider's VPN). `uplinks`
    are devices or addresses that lead to a provider though no route through them is there to tell. `ignore` are
    devices or addresses that are left alone.
    """

    clients: tuple[str, ...] = ()
    uplinks: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for client in self.clients:
            with suppress(ValueError):
                if not _is_nobody_beyond(ip_address(client)):
                    continue
            raise ValueError(f'IP addresses of clients, such as "192.0.2.7", not {client!r}')


def _is_nobody_beyond(client: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is not one of a client behind a gateway: replies to it never leave by an uplink."""
    local = client.is_loopback or client.is_link_local or client.is_unspecified or client.is_multicast
    return local or client == _BROADCAST


def observe(host: Host, settings: MultihomeSettings, before: MultihomeMemory | None) -> MultihomeFacts:
    """Ask the kernel; a host with one way out costs one socket and five lists."""
    clients = tuple(dict.fromkeys(str(ip_address(client)) for client in (*PUBLIC_CLIENTS, *settings.clients)))
    return look(host, clients=clients, uplinks=settings.uplinks, ignore=settings.ignore, before=before)


def judge(
    facts: MultihomeFacts, before: MultihomeMemory | None, settings: MultihomeSettings
) -> Iterator[Judgement]:
    """Judge each address with a gateway of its own, and each rule whose address is gone.

    A note only when it was not there at the last look: what is meant stays so for years.
    """
    yield from without_noted(_judge_all(facts, before, settings), before.noted if before else (), by_subject)


def _judge_all(
    facts: MultihomeFacts, before: MultihomeMemory | None, settings: MultihomeSettings
) -> Iterator[Judgement]:
    if facts.route_limit:
        raise NotApplicable(
            f"more than {facts.route_limit} routes: a router, which answers as other routers tell it"
        )
    doors = find_doors(facts, settings.uplinks, settings.ignore, before)
    left_over = tuple(judge_left_over(facts, before, settings.ignore))
    if not (doors or left_over or settings.uplinks):
        raise NotApplicable(_why_not(facts))
    for case in _cases(facts, doors):
        yield from judge_door(case, facts)
    yield from left_over
    here = {link.name for link in facts.links} | {address.address for address in facts.addresses}
    used = {door.link.name for door in doors} | {door.address.address for door in doors}
    for name in settings.uplinks:
        if name not in used:
            where = "neither an address nor a device with one, here and now"
            if name in here:
                where = "no uplink by its kind or state (a tunnel, a port, down), so it is not judged"
            yield Note(subject=name, summary=f"[checks.multihome] uplinks names {name}: {where}")


def remember(
    facts: MultihomeFacts, before: MultihomeMemory | None, settings: MultihomeSettings
) -> MultihomeMemory:
    """Keep the gateways that addresses answered through, and the addresses that rules are about."""
    if facts.route_limit:
        return before or MultihomeMemory()
    cases = _cases(facts, find_doors(facts, settings.uplinks, settings.ignore, before))
    answered = {one.address: one for one in before.answered if _is_kept(one, facts)} if before else {}
    for case in cases:
        own = set(case.door.tables) - set(MAIN_TABLES)
        if case.door.gateway and case.replies and all(reply.table in own for reply in case.replies):
            address, device = case.door.address.address, case.door.link.name
            if not case.astray:
                answered[address] = Answered(address=address, device=device, gateway=case.door.gateway)
    kept = [one for one in answered.values() if not {one.address, one.device} & set(settings.ignore)]
    noted: tuple[str, ...] = ()
    with suppress(NotApplicable):
        noted = noted_in(_judge_all(facts, before, settings), by_subject)
    sources = tuple(known_sources(facts, before))
    return MultihomeMemory(answered=tuple(kept[-MOST_ANSWERED:]), sources=sources, noted=noted)


def _cases(facts: MultihomeFacts, doors: tuple[Door, ...]) -> Iterator[Case]:
    """Yield each door with what the kernel said of it."""
    replies: dict[str, list[Reply]] = {}
    drops: dict[str, list[Drop]] = {}
    homes: dict[str, set[str]] = {}
    for reply in facts.replies:
        replies.setdefault(reply.address, []).append(reply)
    for drop in facts.drops:
        drops.setdefault(drop.address, []).append(drop)
    for address in facts.addresses:
        homes.setdefault(address.address, set()).add(address.device)
    filters = {one.device: one for one in facts.filters}
    for door in doors:
        name = door.address.address
        yield Case(
            door=door,
            homes=frozenset(homes[name]),
            replies=tuple(reply for reply in replies.get(name, []) if not reply.mark),
            marked=tuple(reply for reply in replies.get(name, []) if reply.mark),
            drops=tuple(drops.get(name, [])),
            filter=filters.get(door.link.name),
        )


def _is_kept(known: Answered, facts: MultihomeFacts) -> bool:
    """Tell whether the address is still here, or may come back with its link; not when another took its place."""
    family = 6 if ":" in known.address else 4
    now = {
        address.address
        for address in facts.addresses
        if address.device == known.device and address.family == family and address.settled
    }
    return not now or known.address in now


def _why_not(facts: MultihomeFacts) -> str:
    ways = sorted({route.device for route in facts.routes})
    if not ways:
        return "no default route, so no gateway to answer through"
    if len(ways) == 1:
        return f"one way out: {ways[0]}"
    return f"no address on {', '.join(ways)} has a gateway of its own beside another way out"


CHECK = Check(
    name="multihome",
    title="replies leave by the uplink whose address was asked",
    faults=FAULTS,
    settings=MultihomeSettings,
    facts=MultihomeFacts,
    memory=MultihomeMemory,
    observe=observe,
    judge=judge,
    remember=remember,
    wakes=frozenset({Signal.LINK, Signal.ADDRESS, Signal.ROUTE, Signal.RULE}),
)
