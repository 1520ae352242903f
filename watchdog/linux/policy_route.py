"""A policy route: a table that leads out by one uplink, and the rule that sends an address's replies there. Pure.

Source: ip-route(8), ip-rule(8); Linux Advanced Routing & Traffic Control HOWTO, 4.2.1 (split access).
"""

import re
import shlex
from ipaddress import ip_address, ip_network

import msgspec

MAIN_TABLE = 254
# local, main and default, and what comes before and after all numbers.
_KERNELS_TABLES = (0, 253, 254, 255)
_LARGEST_TABLE = 0xFFFFFFFF
_LAST_PRIORITY_BEFORE_MAIN = 32765
# What needs no quoting for a shell, in a unit file, in YAML or in a keyfile.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")


class PolicyRoute(msgspec.Struct, frozen=True, kw_only=True):
    """The way that replies from `source` (an address, or its subnet where that is leased) shall take.

    `network` is what is on the link there, "" where the address stands alone; `gateway` is "" on a line between
    two. `main_priority`: before that, all that the main table knows more exactly than by its default goes as it
    did, by a rule of this priority; None where nothing is to be kept.
    """

    source: str
    network: str
    device: str
    gateway: str
    table: int
    priority: int
    onlink: bool = False
    main_priority: int | None = None

    @property
    def six(self) -> bool:
        """Whether it is about IPv6."""
        return ":" in self.source

    @property
    def everywhere(self) -> str:
        """The destination of a default route, with its family."""
        return "::/0" if self.six else "0.0.0.0/0"

    @property
    def connected_words(self) -> str:
        """The route to the link in the words of `ip route`, "" where there is none."""
        return f"{self.network} dev {shlex.quote(self.device)} table {self.table}" if self.network else ""

    @property
    def default_words(self) -> str:
        """The default route in the words of `ip route`."""
        device = shlex.quote(self.device)  # a name may hold what a shell takes for its own
        via = f"default via {self.gateway} dev {device}" if self.gateway else f"default dev {device}"
        return f"{via}{' onlink' if self.onlink else ''} table {self.table}"

    @property
    def rule_words(self) -> tuple[str, ...]:
        """The rules in the words of `ip rule`, in the order in which they are asked."""
        rule = f"from {self.source} table {self.table} priority {self.priority}"
        if self.main_priority is None:
            return (rule,)
        return f"from {self.source} table main suppress_prefixlength 0 priority {self.main_priority}", rule


def commands(way: PolicyRoute, *, routes: bool, rules: bool) -> tuple[str, ...]:
    """Return what a person types: the routes where they are missing, then the rules where these are."""
    ip = "ip -6" if way.six else "ip"
    words = [one for one in (way.connected_words, way.default_words) if one] if routes else []
    said = [f"{ip} route replace {one}" for one in words]
    return *said, *(f"{ip} rule add {one}" for one in (way.rule_words if rules else ()))


def problem_of(way: PolicyRoute) -> str | None:
    """Say what is wrong with one that comes from outside, None when it can be made as it is."""
    if not _PLAIN_NAME.fullmatch(way.device):
        return f"{way.device!r} is no plain name of a network device"
    try:
        source, network = ip_address(way.source), ip_network(way.network or way.source)
        gateway = ip_address(way.gateway or way.source)
    except ValueError as error:
        return str(error)
    if (str(source), str(gateway)) != (way.source, way.gateway or way.source):
        return f"{way.source} or {way.gateway} is not written as the kernel writes it"
    if len({source.version, network.version, gateway.version}) != 1:
        return f"{way.source}, {way.network} and {way.gateway} are not of one family"
    if source not in network or (way.gateway and gateway == source):
        return f"{way.source} does not belong to {way.network} behind {way.gateway}"
    if way.network and way.gateway and gateway not in network and not gateway.is_link_local:
        return f"the gateway {way.gateway} is not on the link {way.network}"
    if way.table in _KERNELS_TABLES or not 0 < way.table <= _LARGEST_TABLE:
        return f"table {way.table} is not one for policy routes"
    first = way.priority - 1 if way.main_priority is None else way.main_priority
    if not 0 < way.priority <= _LAST_PRIORITY_BEFORE_MAIN or not 0 <= first < way.priority:
        return f"priority {way.priority} is not one before the main table's"
    return None
