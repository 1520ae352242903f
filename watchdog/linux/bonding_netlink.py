"""The rtnetlink link message of a bond or a member, turned into typed values. Pure.

Sources: include/uapi/linux/if_link.h (the numbers), drivers/net/bonding/bond_netlink.c (which kernel sends what).

pyroute2's own decoder stops before the LACP port states, and is slow: netlink.py says how slow.
"""

import struct
import sys
from typing import TypeVar, get_args

from watchdog.linux.bonding import (
    Aggregator,
    Bond,
    Link,
    MalformedBondError,
    Member,
    MemberState,
    MiiStatus,
    Mode,
    Reselect,
)
from watchdog.linux.netlink import MalformedMessageError, walk_attributes

_IFF_UP, _IFF_LOWER_UP = 0x1, 0x10000
_OPERSTATES = ("unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up")
_LINK_HEAD = struct.Struct("=BxHiII")  # ifinfomsg
_ATTRIBUTE = struct.Struct("=HH")
_SKIP_STATISTICS = 1 << 3  # RTEXT_FILTER_SKIP_STATS: the counters are most of a link message

Word = TypeVar("Word", bound=str)


def build_link_request(name: str) -> bytes:
    """Ask for one link by its name; UnicodeEncodeError where it is not UTF-8."""
    return (
        _LINK_HEAD.pack(0, 0, 0, 0, 0)
        + _attribute(29, struct.pack("=I", _SKIP_STATISTICS))  # IFLA_EXT_MASK
        + _attribute(3, name.encode() + b"\0")  # IFLA_IFNAME
    )


def parse_link(message: bytes) -> Link:
    """Read an RTM_NEWLINK message, from after its header on; MalformedBondError when it is not one."""
    if len(message) < _LINK_HEAD.size:
        raise MalformedBondError(f"a link message of {len(message)} bytes is shorter than its header")
    _, _, index, flags, _ = _LINK_HEAD.unpack_from(message)
    link = _Attributes(message[_LINK_HEAD.size :])
    info = link.nested(18)  # IFLA_LINKINFO
    name = link.text(3)  # IFLA_IFNAME
    admin_up = bool(flags & _IFF_UP)
    carrier = bool(link.number(33, flags & _IFF_LOWER_UP))  # IFLA_CARRIER
    bond = member = active_index = primary_index = None
    if info.text(1) == "bond":  # IFLA_INFO_KIND
        options = info.nested(2)  # IFLA_INFO_DATA
        operstate = _word(_OPERSTATES, link.number(16, 0), "IFLA_OPERSTATE")
        bond = _bond_of(options, name=name, admin_up=admin_up, carrier=carrier, operstate=operstate)
        active_index = options.optional(2)  # IFLA_BOND_ACTIVE_SLAVE
        primary_index = options.optional(11)  # IFLA_BOND_PRIMARY
    if info.text(4) == "bond":  # IFLA_INFO_SLAVE_KIND
        member = _member_of(info.nested(5), name=name, admin_up=admin_up, carrier=carrier)
    return Link(
        index=index,
        master_index=link.optional(10),  # IFLA_MASTER
        bond=bond,
        member=member,
        active_index=active_index,
        primary_index=primary_index,
    )


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind) + value + b"\0" * (-len(value) % 4)


class _Attributes:
    """A chain of netlink attributes (type, length, value), kept by type; the numbers are those of if_link.h."""

    def __init__(self, data: bytes) -> None:
        try:
            self._values = dict(walk_attributes(data))
        except MalformedMessageError as error:
            raise MalformedBondError(str(error)) from error

    def nested(self, kind: int) -> "_Attributes":
        return _Attributes(self._values.get(kind, b""))

    def text(self, kind: int) -> str:
        return self._values.get(kind, b"").rstrip(b"\0").decode(errors="replace")

    def optional(self, kind: int) -> int | None:
        value = self._values.get(kind)
        if value is not None and len(value) not in (1, 2, 4):
            raise MalformedBondError(f"attribute {kind} holds {len(value)} bytes where a number must be")
        return None if value is None else int.from_bytes(value, sys.byteorder)

    def number(self, kind: int, otherwise: int | None = None) -> int:
        value = self.optional(kind)
        if value is None:
            value = otherwise
        if value is None:
            raise MalformedBondError(f"attribute {kind} is missing: this needs Linux 3.14 or newer")
        return value

    def mac(self, kind: int) -> str:
        return self._values.get(kind, b"").hex(":")

    def __bool__(self) -> bool:
        return bool(self._values)


def _bond_of(options: _Attributes, *, name: str, admin_up: bool, carrier: bool, operstate: str) -> Bond:
    reselect = options.optional(12)
    active = options.nested(23)  # IFLA_BOND_AD_INFO: absent without an active aggregator
    return Bond(
        name=name,
        mode=_word(get_args(Mode), options.number(1), "IFLA_BOND_MODE"),
        admin_up=admin_up,
        carrier=carrier,
        operstate=operstate,
        miimon_ms=options.number(3),
        updelay_ms=options.number(4, 0),
        downdelay_ms=options.number(5, 0),
        arp_interval_ms=options.number(7),
        primary_reselect=None
        if reselect is None
        else _word(get_args(Reselect), reselect, "IFLA_BOND_PRIMARY_RESELECT"),
        min_links=options.number(18, 0),
        aggregator=Aggregator(id=active.number(1), ports=active.number(2), partner_mac=active.mac(5))
        if active
        else None,
    )


def _member_of(options: _Attributes, *, name: str, admin_up: bool, carrier: bool) -> Member:
    return Member(
        name=name,
        admin_up=admin_up,
        carrier=carrier,
        state=_word(get_args(MemberState), options.number(1), "IFLA_BOND_SLAVE_STATE"),
        mii_status=_word(get_args(MiiStatus), options.number(2), "IFLA_BOND_SLAVE_MII_STATUS"),
        link_failure_count=options.number(3),
        permanent_mac=options.mac(4),
        aggregator_id=options.optional(6),
        actor_port_state=options.optional(7),  # since Linux 4.16, as is the next
        partner_port_state=options.optional(8),
    )


def _word(words: tuple[Word, ...], number: int, attribute: str) -> Word:
    if number >= len(words):
        raise MalformedBondError(f"{attribute} is {number}, expected 0 to {len(words) - 1}")
    return words[number]
