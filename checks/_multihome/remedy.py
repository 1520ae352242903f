"""What to type, and what to write where, so that replies from an address leave by its own device. Pure.

Sources: ip-route(8), ip-rule(8), systemd.network(5), netplan-yaml(5), nm-settings-nmcli(5), interfaces(5), Red
Hat's initscripts (route-DEVICE, rule-DEVICE).
"""

import shlex
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from checks._multihome.doors import Door, is_single
from checks._multihome.facts import MAIN_TABLES, Address, Configuration, MultihomeFacts, Reply, Rule
from checks._multihome.rules import find_rule

_LAST_RULE_BUT_MAIN = 32765
_FIRST_TABLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """`commands` help at once and until the next restart; `lines` are what stays, written `where`."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """The way that replies from `source` shall take: from an address, or from its subnet where that is leased."""

    source: str
    network: str
    device: str
    gateway: str
    onlink: bool
    table: int
    priority: int
    six: bool

    @property
    def default(self) -> str:
        """The default route in the words of `ip route`."""
        via = f"default via {self.gateway} dev {self.device}" if self.gateway else f"default dev {self.device}"
        return f"{via}{' onlink' if self.onlink else ''} table {self.table}"

    @property
    def rule(self) -> str:
        """The rule in the words of `ip rule`."""
        return f"from {self.source} table {self.table} priority {self.priority}"


def find_remedy(door: Door, reply: Reply, facts: MultihomeFacts) -> Remedy:
    """Return what puts the replies of a door right that `reply` shows to be wrong."""
    own_rule = next((rule for rule in facts.rules if _is_for(rule, door.address)), None)
    # A table that leads through the door, and not through another as well, as this reply shows of its own.
    ready = [table for table in door.tables if table not in (*MAIN_TABLES, reply.table)]
    table = own_rule.table if own_rule else ready[0] if ready else _free_table(door, facts)
    way = _way(door, reply, table, facts)
    ip = "ip -6" if way.six else "ip"
    commands = []
    if table not in ready:
        if way.network:
            commands.append(f"{ip} route replace {way.network} dev {way.device} table {table}")
        commands.append(f"{ip} route replace {way.default}")
    if own_rule is None or table in ready:  # there is none, or another one comes before it
        commands.append(f"{ip} rule add {way.rule}")
    keeper = next((one for one in facts.configurations if one.device == door.link.name), Configuration(device=""))
    lines, where = _lasting(way, keeper)
    return Remedy(commands=tuple(commands), lines=lines, where=where)


def _is_for(rule: Rule, address: Address) -> bool:
    """Tell whether a rule is about replies from this address or its subnet; a wider one is for others too."""
    if not rule.source or rule.inverted or rule.mark or rule.narrowed or rule.iif or rule.oif:
        return False
    if rule.table in (0, *MAIN_TABLES):
        return False
    source = ip_network(rule.source, strict=False)
    within = source.prefixlen >= ip_network(address.network).prefixlen
    return within and ip_address(address.address) in source


def _way(door: Door, reply: Reply, table: int, facts: MultihomeFacts) -> _Way:
    winner = find_rule(reply, facts.rules, in_vrf=bool(door.link.vrf_index))
    alone = is_single(door.address)
    known = door.gateway or door.origin == "route"
    return _Way(
        source=door.address.network if door.address.leased and not alone else door.address.address,
        network="" if alone else door.address.network,
        device=shlex.quote(door.link.name),  # a name may hold what a shell takes for its own
        gateway=door.gateway if known else "GATEWAY",
        onlink=alone and bool(door.gateway) and door.address.family == 4,
        table=table,
        priority=max(1, min(winner.priority if winner else _LAST_RULE_BUT_MAIN + 1, _LAST_RULE_BUT_MAIN + 1) - 1),
        six=door.address.family == 6,
    )


def _free_table(door: Door, facts: MultihomeFacts) -> int:
    """Return a table that nothing uses, the same one for every address of a device."""
    used = {rule.table for rule in facts.rules} | {route.table for route in facts.routes} | {0, 253, 254, 255}
    table = _FIRST_TABLE + door.link.index
    while table in used:
        table += 1000
    return table


def _lasting(way: _Way, keeper: Configuration) -> tuple[tuple[str, ...], str]:
    """Return the lines that stay, and where they belong."""
    match keeper.by:
        case "networkd":
            return _networkd(way), (
                f"in a drop-in of {keeper.file or 'the .network file of ' + way.device}, then networkctl reload "
                "(networkd removes rules that it did not make unless ManageForeignRoutingPolicyRules=no)"
            )
        case "netplan":
            return _netplan(way), f"in {keeper.file} at {way.device}, then netplan try"
        case "NetworkManager":
            return _nmcli(way, keeper.file), f"then nmcli device reapply {way.device}"
        case "ifupdown":
            return _ifupdown(way), f"in {keeper.file} at iface {way.device}"
        case "network-scripts":
            return _network_scripts(way), f"in {keeper.file}"
        case _:
            return (), ""


def _networkd(way: _Way) -> tuple[str, ...]:
    connected = (
        ("[Route]", f"Destination={way.network}", "Scope=link", f"Table={way.table}") if way.network else ()
    )
    onlink = ("GatewayOnLink=yes",) if way.onlink else ()
    gateway = (
        (f"Gateway={way.gateway}",) if way.gateway else (f"Destination={'::/0' if way.six else '0.0.0.0/0'}",)
    )
    rule = ("[RoutingPolicyRule]", f"From={way.source}", f"Table={way.table}", f"Priority={way.priority}")
    return (*connected, "[Route]", *gateway, *onlink, f"Table={way.table}", *rule)


def _netplan(way: _Way) -> tuple[str, ...]:
    via = f"via: {way.gateway!r}, " if way.gateway else "scope: link, "
    onlink = "on-link: true, " if way.onlink else ""
    to = "'::/0'" if way.six else "0.0.0.0/0"
    routes = [f"{{to: {to}, {via}{onlink}table: {way.table}}}"]
    if way.network:
        routes.append(f"{{to: {way.network!r}, scope: link, table: {way.table}}}")
    policy = f"{{from: {way.source!r}, table: {way.table}, priority: {way.priority}}}"
    return f"routes: [{', '.join(routes)}]", f"routing-policy: [{policy}]"


def _nmcli(way: _Way, connection: str) -> tuple[str, ...]:
    family = "ipv6" if way.six else "ipv4"
    gateway = f" {way.gateway}" if way.gateway else ""
    routes = [f"{'::/0' if way.six else '0.0.0.0/0'}{gateway} table={way.table}{' onlink=true' * way.onlink}"]
    routes += [f"{way.network} table={way.table}"] if way.network else []
    rule = f"priority {way.priority} from {way.source} table {way.table}"
    return (
        f"nmcli connection modify {connection} +{family}.routes '{', '.join(routes)}'",
        f"nmcli connection modify {connection} +{family}.routing-rules '{rule}'",
    )


def _ifupdown(way: _Way) -> tuple[str, ...]:
    ip = "ip -6" if way.six else "ip"
    connected = (f"post-up {ip} route replace {way.network} dev {way.device} table {way.table}",) * bool(
        way.network
    )
    return (
        *connected,
        f"post-up {ip} route replace {way.default}",
        f"post-up {ip} rule add {way.rule}",
        f"pre-down {ip} rule del {way.rule}",
    )


def _network_scripts(way: _Way) -> tuple[str, ...]:
    six = "6" if way.six else ""
    connected = (f"route{six}-{way.device}: {way.network} dev {way.device} table {way.table}",) * bool(way.network)
    return (*connected, f"route{six}-{way.device}: {way.default}", f"rule{six}-{way.device}: {way.rule}")
