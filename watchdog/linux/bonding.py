"""Bonds: the words for what the kernel says of them, and how its two accounts are put together. Pure.

The accounts are an rtnetlink link message each for the bond and its members (bonding_netlink.py) and the text of
/proc/net/bonding (bonding_procfs.py) for what netlink lacks.

Sources: Documentation/networking/bonding.rst, drivers/net/bonding; IEEE 802.1AX for the bits of an LACP port.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

Mode = Literal["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"]
MemberState = Literal["active", "backup"]
MiiStatus = Literal["up", "going down", "down", "going back"]
Reselect = Literal["always", "better", "failure"]
Duplex = Literal["full", "half"]
Churn = Literal["none", "monitoring", "churned"]

NO_MAC = "00:00:00:00:00:00"

# LACP port state: the other end works with us when it aggregates, is in sync, collects and distributes.
LACP_WORKING = 0x3C
LACP_DEFAULTED = 0x40
LACP_EXPIRED = 0x80
_LACP_BITS = ("activity", "timeout", "aggregation", "sync", "collecting", "distributing", "defaulted", "expired")


class MalformedBondError(ValueError):
    """The kernel's account of a bond is not what its sources say it is; the text says where."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member of a bond. None: the kernel does not say (to us): an older one, or one that wants CAP_NET_ADMIN."""

    name: str
    admin_up: bool
    carrier: bool
    state: MemberState
    mii_status: MiiStatus
    link_failure_count: int
    permanent_mac: str
    aggregator_id: int | None = None
    actor_port_state: int | None = None
    partner_port_state: int | None = None
    actor_churn: Churn | None = None
    partner_churn: Churn | None = None
    partner_mac: str | None = None
    speed_mbps: int | None = None
    duplex: Duplex | None = None


class Aggregator(msgspec.Struct, frozen=True, kw_only=True):
    """The active aggregator of an 802.3ad bond; `partner_mac` is NO_MAC when nobody answers."""

    id: int
    ports: int
    partner_mac: str


class Bond(msgspec.Struct, frozen=True, kw_only=True):
    """A bond and its members. `active_member` and `primary` exist only in the modes that have one."""

    name: str
    mode: Mode
    admin_up: bool
    carrier: bool
    operstate: str
    miimon_ms: int
    arp_interval_ms: int
    updelay_ms: int = 0
    downdelay_ms: int = 0
    min_links: int = 0
    active_member: str | None = None
    primary: str | None = None
    primary_reselect: Reselect | None = None
    aggregator: Aggregator | None = None
    members: tuple[Member, ...] = ()

    @property
    def monitored(self) -> bool:
        """Whether anything looks at the links; if not, the kernel calls every member up for ever."""
        return self.miimon_ms > 0 or self.arp_interval_ms > 0

    @property
    def has_active_member(self) -> bool:
        """Whether the mode sends through one chosen member (and knows a primary)."""
        return self.mode in ("active-backup", "balance-tlb", "balance-alb")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link message: a bond (its members still unnamed), a member, both or neither."""

    index: int
    master_index: int | None = None
    bond: Bond | None = None
    member: Member | None = None
    active_index: int | None = None
    primary_index: int | None = None


class MemberText(msgspec.Struct, frozen=True, kw_only=True):
    """What /proc/net/bonding says of a member. The port states and the partner need CAP_NET_ADMIN."""

    name: str
    speed_mbps: int | None = None
    duplex: Duplex | None = None
    actor_churn: Churn | None = None
    partner_churn: Churn | None = None
    actor_port_state: int | None = None
    partner_port_state: int | None = None
    partner_mac: str | None = None


def compose_bond(link: Link, members: Sequence[Link], text: Iterable[MemberText]) -> Bond | None:
    """Put the messages and the text of one bond together.

    None when they do not belong together: something came or went between the readings, so read again.
    """
    names = {m.index: m.member.name for m in members if m.member and m.master_index == link.index}
    details = {detail.name: detail for detail in text}
    chosen = {index for index in (link.active_index, link.primary_index) if index is not None}
    if link.bond is None or len(names) != len(members) or set(names.values()) != set(details):
        return None
    if not chosen <= set(names):
        return None
    return msgspec.structs.replace(
        link.bond,
        active_member=names.get(link.active_index or 0),
        primary=names.get(link.primary_index or 0),
        members=tuple(_with_details(m.member, details[m.member.name]) for m in members if m.member),
    )


def render_port_state(state: int) -> str:
    """Write LACP port state bits for people: `0x45 (activity, aggregation, defaulted)`."""
    names = ", ".join(name for bit, name in enumerate(_LACP_BITS) if state & (1 << bit))
    return f"0x{state:02x} ({names or 'none'})"


def _with_details(member: Member, detail: MemberText) -> Member:
    """Add what only the text tells; where both tell, netlink is the newer reading."""
    known = {
        name: value
        for name, value in msgspec.structs.asdict(detail).items()
        if value is not None and getattr(member, name) is None
    }
    return msgspec.structs.replace(member, **known)
