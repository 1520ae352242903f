"""What to type, and what to write where, so that replies from an address leave by its own device. Pure.

The same, and what speaks against doing it, goes into the evidence for a remediation.
"""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Literal

import msgspec

from checks._multihome.doors import Door, gateways_of, is_single
from checks._multihome.facts import MAIN_TABLES, Address, Configuration, MultihomeFacts, Reply, Rule
from checks._multihome.rules import find_rule
from watchdog.linux.policy_route import PolicyRoute, commands
from watchdog.linux.policy_route_config import (
    ifupdown_lines,
    netplan_lines,
    network_scripts_files,
    networkd_lines,
    nmcli_commands,
)

_MAIN_PRIORITY = 32766
_FIRST_TABLE = 100
_MOST_NAMED = 8

# What there is of a table for the address: nothing of that number yet; no route in it, though a rule leads there;
# the way out, and nothing else; or routes of somebody else's.
TableState = Literal["free", "empty", "ready", "shared"]


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever does it unasked must know: the way for the replies, and what may speak against it.

    `gateways` are all that the address could have. `rules_for_address` were made for it, or for some that it is
    among; `rules_by_more` go by what no lookup knows; `routes_elsewhere` are what main reaches by other devices.
    """

    way: PolicyRoute
    table_state: TableState
    priority_free: bool
    gateways: tuple[str, ...]
    device_kind: str
    in_vrf: bool
    leased: bool
    rules_for_address: tuple[str, ...]
    rules_by_more: tuple[str, ...]
    routes_elsewhere: tuple[str, ...]
    routes_unread: bool
    configured_by: str
    configured_file: str


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """`commands` help at once and until the next restart; `lines` are what stays, written `where`."""

    circumstances: Circumstances
    commands: tuple[str, ...]
    lines: tuple[str, ...]
    where: str

    @property
    def words(self) -> str:
        """Both on one line."""
        now = f"now: {'; '.join(self.commands)}"
        if not self.lines:
            return f"{now}; it is gone after a restart: put it where this host's network is configured"
        return f"{now}; to last, {self.where}: {' | '.join(self.lines)}"


def find_remedy(door: Door, reply: Reply, facts: MultihomeFacts) -> Remedy:
    """Return what puts the replies of a door right that `reply` shows to be wrong."""
    own_rule = next((rule for rule in facts.rules if _is_for(rule, door.address)), None)
    # A table that leads through the door, and not through another as well, as this reply shows of its own.
    ready = [table for table in door.tables if table not in (*MAIN_TABLES, reply.table)]
    table = own_rule.table if own_rule else ready[0] if ready else _free_table(door, facts)
    new_rules = own_rule is None or table in ready  # there is none, or another one comes before it
    elsewhere = _routes_elsewhere(door, facts)
    winner = find_rule(reply, facts.rules, in_vrf=bool(door.link.vrf_index))
    first, last, free = _priorities(door.address, winner, facts, keep_main=bool(elsewhere) and new_rules)
    way = _way(door, table, last, first)
    keeper = next((one for one in facts.configurations if one.device == door.link.name), Configuration(device=""))
    lines, where = _lasting(way, keeper)
    return Remedy(
        commands=commands(way, routes=table not in ready, rules=new_rules),
        lines=lines,
        where=where,
        circumstances=Circumstances(
            way=way,
            table_state="free" if own_rule is None and not ready else _state(door, table, facts),
            priority_free=free,
            gateways=gateways_of(door, facts),
            device_kind=door.link.kind,
            in_vrf=bool(door.link.vrf_index),
            leased=door.address.leased,
            rules_for_address=_named(rule for rule in facts.rules if _is_chosen(rule, door.address)),
            rules_by_more=_named(rule for rule in facts.rules if _asks_for_more(rule, door.address)),
            routes_elsewhere=elsewhere,
            routes_unread=facts.others_unread,
            configured_by=keeper.by,
            configured_file=keeper.file,
        ),
    )


def _is_for(rule: Rule, address: Address) -> bool:
    """Tell whether a rule is about replies from this address or its subnet; a wider one is for others too."""
    if not rule.source or rule.inverted or rule.mark or rule.narrowed or rule.iif or rule.oif:
        return False
    if rule.table in (0, *MAIN_TABLES):
        return False
    source = ip_network(rule.source, strict=False)
    within = source.prefixlen >= ip_network(address.network).prefixlen
    return within and ip_address(address.address) in source


def _may_match(rule: Rule, address: Address) -> bool:
    """Tell whether a rule can be about something that this host sends from the address."""
    if rule.family != address.family or rule.iif not in ("", "lo"):
        return False
    return rule.inverted or not rule.source or _holds(rule.source, address)


def _is_chosen(rule: Rule, address: Address) -> bool:
    """Tell whether a rule was made for this address, or for some that it is among, and sends them past main."""
    chosen = rule.family == address.family and bool(rule.source) and _holds(rule.source, address)
    return chosen and (rule.table not in MAIN_TABLES or rule.inverted)


def _asks_for_more(rule: Rule, address: Address) -> bool:
    """Tell whether a rule decides by what no lookup can know of a reply: marks, ports, users."""
    return _may_match(rule, address) and bool(rule.mark or rule.narrowed or rule.oif)


def _holds(network: str, address: Address) -> bool:
    return ip_address(address.address) in ip_network(network, strict=False)


def _priorities(
    address: Address, winner: Rule | None, facts: MultihomeFacts, *, keep_main: bool
) -> tuple[int | None, int, bool]:
    """Return the priorities of the rule for main and of the rule, and whether they are free.

    They come right before the rule that led astray: in between stands none that this would take replies from.
    """
    top = min(winner.priority if winner else _MAIN_PRIORITY, _MAIN_PRIORITY)
    wanted = 2 if keep_main else 1
    found: list[int] = []
    for priority in range(top - 1, 0, -1):
        here = [rule for rule in facts.rules if (rule.family, rule.priority) == (address.family, priority)]
        if not here:
            found.append(priority)
        elif any(_may_match(rule, address) for rule in here):
            break
        if len(found) == wanted:
            return (found[1] if keep_main else None), found[0], True
    last = max(1, top - 1)
    return (max(1, last - 1) if keep_main else None), last, False


def _routes_elsewhere(door: Door, facts: MultihomeFacts) -> tuple[str, ...]:
    """Return what main reaches by another device, which a table of the door's own would take away from replies.

    Not the link of another uplink: from there, one comes back by that uplink.
    """
    family = door.address.family
    uplinks = {route.device for route in facts.routes if route.family == family}
    found = [
        f"{route.destination} dev {route.device}"
        for route in facts.others
        if route.family == family
        and route.table in MAIN_TABLES
        and route.device != door.link.name
        and not route.destination.endswith("/0")  # one that forbids, behind all others
        and not (route.on_link and route.device in uplinks)
    ]
    return tuple(found[:_MOST_NAMED])


def _state(door: Door, table: int, facts: MultihomeFacts) -> TableState:
    """Return what there is of a table that a rule leads to, or that leads out by the door."""
    family = door.address.family
    defaults = [route for route in facts.routes if (route.family, route.table) == (family, table)]
    others = [route for route in facts.others if (route.family, route.table) == (family, table)]
    if not defaults and not others:
        return "empty"
    out = {(route.device, route.gateway) for route in defaults}
    whole = out == {(door.link.name, door.gateway)} and all(route.device == door.link.name for route in others)
    return "ready" if whole else "shared"


def _way(door: Door, table: int, priority: int, main_priority: int | None) -> PolicyRoute:
    alone = is_single(door.address)
    known = door.gateway or door.origin == "route"
    return PolicyRoute(
        source=door.address.network if door.address.leased and not alone else door.address.address,
        network="" if alone else door.address.network,
        device=door.link.name,
        gateway=door.gateway if known else "GATEWAY",
        onlink=alone and bool(door.gateway) and door.address.family == 4,
        table=table,
        priority=priority,
        main_priority=main_priority,
    )


def _free_table(door: Door, facts: MultihomeFacts) -> int:
    """Return a table that nothing uses, the same one for every address of a device."""
    used = {rule.table for rule in facts.rules} | {0, 253, 254, 255}
    used |= {route.table for route in facts.routes} | {route.table for route in facts.others}
    table = _FIRST_TABLE + door.link.index
    while table in used:
        table += 1000
    return table


def _named(rules: Iterator[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{rule.priority}: {rule.words}" for rule in rules))[:_MOST_NAMED]


def _lasting(way: PolicyRoute, keeper: Configuration) -> tuple[tuple[str, ...], str]:
    """Return the lines that stay, and where they belong."""
    match keeper.by:
        case "networkd":
            return networkd_lines(way), (
                f"in a drop-in of {keeper.file or 'the .network file of ' + way.device}, then networkctl reload "
                "(networkd removes rules that it did not make unless ManageForeignRoutingPolicyRules=no)"
            )
        case "netplan":
            return netplan_lines(way), f"in {keeper.file} at {way.device}, then netplan try"
        case "NetworkManager":
            return nmcli_commands(way, keeper.file), f"then nmcli device reapply {way.device}"
        case "ifupdown":
            return ifupdown_lines(way), f"in {keeper.file} at iface {way.device}"
        case "network-scripts":
            files = network_scripts_files(way).items()
            return tuple(f"{name}: {line}" for name, lines in files for line in lines), f"in {keeper.file}"
        case _:
            return (), ""
