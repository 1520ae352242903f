"""What one look saw of the virtual routers: the facts of checks/vrrp.py, as plain values.

Moments are CLOCK_BOOTTIME in nanoseconds. A password appears only as a number: 0 is ours, every other one that was
heard in this look has a number of its own.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal

from watchdog.linux.vrrp_packet import Auth, ChecksumKind, master_down_seconds
from watchdog.plugin import Facts

SECOND_NS = 1_000_000_000
OUR_PASSWORD = 0


class Terms(Facts, frozen=True, kw_only=True):
    """What the machines of a virtual router must agree on; `destination` is a multicast group or "unicast"."""

    version: int
    interval_seconds: float
    auth: Auth
    password: int | None
    destination: str
    addresses: tuple[str, ...]


class Instance(Facts, frozen=True, kw_only=True):
    """Our keepalived's own part in a virtual router.

    `running` is False where keepalived ended: it left its VIP behind, or is watched on for a while.
    """

    name: str
    priority: int
    terms: Terms
    running: bool = True


class Speaker(Facts, frozen=True, kw_only=True):
    """Another machine that advertised. `stepped_down`: its last advert said that it is going (priority 0).

    `mac` is where its last advert came from, `macs` those that answer for its own address: with a virtual MAC, or
    two cards on one link, they are others.
    """

    address: str
    mac: str
    macs: tuple[str, ...] = ()
    priority: int
    terms: Terms
    ttl: int
    checksum: ChecksumKind
    first_ns: int
    last_ns: int
    adverts: int
    stepped_down: bool = False


class Sent(Facts, frozen=True, kw_only=True):
    """Our own adverts, seen as they left.

    `priority` is what the last one carried: a track script's weight makes it another than keepalived.conf says.
    """

    source: str
    first_ns: int
    last_ns: int
    adverts: int
    priority: int | None = None


class Answer(Facts, frozen=True, kw_only=True):
    """A hardware address that answered for a VIP; our own never does."""

    mac: str
    first_ns: int
    last_ns: int
    answers: int


class Tried(Facts, frozen=True, kw_only=True):
    """A neighbour that was sent echo requests from an address of our own and from a VIP that is here."""

    neighbour: str
    is_gateway: bool
    tries: int
    replies_to_us: int
    replies_to_vip: int


class Vip(Facts, frozen=True, kw_only=True):
    """A virtual IP, asked for on `interface`, and configured to be put on `held_on` ("" where nobody says).

    `held_since_ns` to `held_until_ns` it was there on this host, None when it was not at the end.

    `asked_ns` are the moments it was asked for; `cached_mac` is where our own neighbour cache sent its traffic
    before it was asked for, "" when the cache knew nothing. `unasked` is why it cannot be asked for at all;
    `tried` are the neighbours that were asked whether they know that it is here.
    """

    address: str
    interface: str
    held_on: str = ""
    held_since_ns: int | None = None
    held_until_ns: int | None = None
    asked_ns: tuple[int, ...] = ()
    unasked: str = ""
    answers: tuple[Answer, ...] = ()
    cached_mac: str = ""
    tried: tuple[Tried, ...] = ()

    @property
    def is_held(self) -> bool:
        """Tell whether it is on our interface."""
        return self.held_since_ns is not None


class Router(Facts, frozen=True, kw_only=True):
    """A virtual router on the link behind an interface, and who takes part in it.

    `was_troubled`: at the last look its addresses had two owners, or none. `was_split`: two owners, not long ago,
    and whether the neighbours know who stayed was not seen since. `silent_since_ns`: then a machine was heard that
    is not among the speakers, as it has been silent for too long.
    """

    interface: str
    family: Literal[4, 6]
    vrid: int
    instance: Instance | None = None
    speakers: tuple[Speaker, ...] = ()
    sent: Sent | None = None
    vips: tuple[Vip, ...] = ()
    expected_interval_seconds: float = 1.0
    was_troubled: bool = False
    was_split: bool = False
    silent_since_ns: int | None = None

    @property
    def down_seconds(self) -> float:
        """How long silence must last before it means that nobody is there: the slowest backup's patience."""
        if self.instance:
            terms = self.instance.terms
            return master_down_seconds(terms.version, self.instance.priority, terms.interval_seconds)
        return 3 * self.expected_interval_seconds + max(1.0, self.expected_interval_seconds)


class Picture(Facts, frozen=True, kw_only=True):
    """Everything that one look saw.

    `looked_ns` is when it began to listen itself, None: at `began_ns`, before which nothing is known.
    `problems` says by interface why it could not be seen; `leaking` names by hardware address the real servers,
    `proxying` are those that answer for any address. `crowd` counts adverts of more machines than are kept.
    `conf_changed`: keepalived.conf is newer than the keepalived that runs.
    """

    boot_id: str
    began_ns: int
    ended_ns: int
    looked_ns: int | None = None
    routers: tuple[Router, ...] = ()
    interfaces: tuple[str, ...] = ()
    problems: Mapping[str, str] = {}
    leaking: Mapping[str, str] = {}
    proxying: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    firewall: str = ""
    lost_frames: int = 0
    crowd: int = 0
    conf_changed: bool = False

    @property
    def seconds(self) -> float:
        """How much time it knows of."""
        return (self.ended_ns - self.began_ns) / SECOND_NS

    @property
    def looking_seconds(self) -> float:
        """How long it listened and asked itself."""
        began_ns = self.began_ns if self.looked_ns is None else self.looked_ns
        return (self.ended_ns - began_ns) / SECOND_NS

    def silence_seconds(self, router: Router) -> float:
        """Return for how long nothing was heard of a router of which nothing is heard now."""
        return (self.ended_ns - max(self.began_ns, router.silent_since_ns or 0)) / SECOND_NS


def subject_of(router: Router, routers: tuple[Router, ...]) -> str:
    """Name a virtual router: `eth0/vrid51`; the IPv6 one `eth0/vrid51-ipv6` where IPv4 has the same VRID."""
    plain = f"{router.interface}/vrid{router.vrid}"
    twin = any(
        (other.interface, other.vrid, other.family) == (router.interface, router.vrid, 4) for other in routers
    )
    return f"{plain}-ipv6" if router.family == 6 and twin else plain


def rank(priority: int, address: str) -> tuple[int, int]:
    """Return what decides an election: the higher priority, then the higher address."""
    try:
        return priority, int(ip_address(address))
    except ValueError:
        return priority, 0
