"""What was seen of addresses, default routes and rules, and what the kernel answered. Pure data."""

from typing import Literal

import msgspec

from watchdog.plugin import Facts

Family = Literal[4, 6]
MAIN_TABLES = (254, 253)
_TABLE_NAMES = {253: "default", 254: "main", 255: "local"}


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A network device. `kind` is the kernel's word ("" for hardware); `up` means that it has a carrier too.

    `port`: it belongs to a bridge, bond or team, which speaks for it. `vrf_index`: the VRF that it is in, or 0.
    """

    index: int
    name: str
    kind: str = ""
    up: bool = True
    loopback: bool = False
    port: bool = False
    vrf_index: int = 0


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An address of this host, where it lives, and the prefix that is on-link by it (`10.2.2.0/24`).

    `settled`: others may rely on it; not so one that is tentative, deprecated, temporary or a duplicate. `leased`:
    DHCP or a router gave it, and it may be another next time.
    """

    address: str
    network: str
    device: str
    settled: bool = True
    leased: bool = False

    @property
    def family(self) -> Family:
        """4 or 6."""
        return 6 if ":" in self.address else 4


class DefaultRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A route to everywhere or to half of it, in any table; one hop of it when it has several (`multipath`).

    `gateway` is "" for a route straight into the device. `protocol` is who made it (rtnetlink(7)).
    """

    family: Family
    table: int
    device: str
    gateway: str = ""
    multipath: bool = False
    protocol: int = 0


class OtherRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A route to less than everywhere: one example of what a table reaches by a device. `on_link`: no gateway."""

    family: Family
    table: int
    device: str
    destination: str
    on_link: bool = False


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A routing policy rule; `words` are as `ip rule` shows them, without the priority.

    `source` and `target` are prefixes, "" for all. `mark` is (value, mask). `narrowed`: it asks for more than an
    address and a mark (ports, protocol, user, TOS). `table` is 0 where it leads to none, or (`vrf`) to that of
    whichever VRF it is about.
    """

    family: Family
    priority: int
    words: str
    table: int = 0
    source: str = ""
    target: str = ""
    mark: tuple[int, int] | None = None
    inverted: bool = False
    iif: str = ""
    oif: str = ""
    narrowed: bool = False
    vrf: bool = False
    protocol: int = 0

    @property
    def host(self) -> str:
        """The only address that it is about, "" when it is about more."""
        address, _, length = self.source.partition("/")
        alone = length == ("128" if self.family == 6 else "32")
        return address if alone and not self.inverted else ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Where the kernel would send a reply from an address to a client; `error` is its word where it would not."""

    address: str
    client: str
    device: str = ""
    gateway: str = ""
    table: int = 0
    mark: int = 0
    error: str = ""


class Drop(msgspec.Struct, frozen=True, kw_only=True):
    """What comes from this client to this address through the address's device is dropped by its source."""

    address: str
    client: str


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What a device is told about sources; for each the greater of `all` and the device's own counts."""

    device: str
    rp_filter_all: int
    rp_filter_device: int
    marks_count: bool = False
    arp_filter: bool = False

    @property
    def rp_filter(self) -> int:
        """The value in effect: 0 off, 1 strict, 2 loose."""
        return max(self.rp_filter_all, self.rp_filter_device)


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What configures a device: the program, the file to edit, and the gateways that stand there for it."""

    device: str
    by: Literal["", "networkd", "netplan", "NetworkManager", "ifupdown", "network-scripts"] = ""
    file: str = ""
    gateways: tuple[str, ...] = ()


def table_name(table: int) -> str:
    """Return a table as `ip` calls it."""
    return _TABLE_NAMES.get(table, str(table))


class MultihomeFacts(Facts, frozen=True, kw_only=True):
    """What was seen, and what the kernel answered. `route_limit` is 0, or how many routes were too many to read.

    `others` has one of each kind; `others_unread`: there were too many to look at each.

    `elsewhere` are the addresses that may be on another node now; `cluster` is who moves addresses about.
    """

    links: tuple[Link, ...] = ()
    addresses: tuple[Address, ...] = ()
    routes: tuple[DefaultRoute, ...] = ()
    others: tuple[OtherRoute, ...] = ()
    others_unread: bool = False
    rules: tuple[Rule, ...] = ()
    replies: tuple[Reply, ...] = ()
    drops: tuple[Drop, ...] = ()
    filters: tuple[Filter, ...] = ()
    configurations: tuple[Configuration, ...] = ()
    elsewhere: tuple[str, ...] = ()
    cluster: str = ""
    route_limit: int = 0
