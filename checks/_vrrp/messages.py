"""The kernel's own words on interfaces, addresses, neighbours and gateways: rtnetlink messages, decoded. Pure.

Sources: include/uapi/linux/{rtnetlink,if_link,if_addr,neighbour}.h. Each takes a message without its nlmsghdr and
raises MalformedMessageError.
"""

import socket
import struct

import msgspec

from watchdog.linux.netlink import MalformedMessageError, walk_attributes

RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH = 18, 22, 26, 30

_LINK = struct.Struct("=BxHiII")  # ifinfomsg
_ADDRESS = struct.Struct("=BBBBi")  # ifaddrmsg
_ROUTE = struct.Struct("=BBBBBBBBI")  # rtmsg
_NEIGHBOUR = struct.Struct("=BxxxiHBB")  # ndmsg
_NUMBER = struct.Struct("=I")
_EXT_MASK = struct.Struct("=HHI")

_FAMILIES: dict[int, int] = {socket.AF_INET: 4, socket.AF_INET6: 16}
_SKIP_STATISTICS = 1 << 3  # RTEXT_FILTER_SKIP_STATS: the counters are most of a link message
_MAIN_TABLE, _RTM_F_CLONED = 254, 0x200
# Neighbour states in which traffic is sent to the address that the entry holds.
_USED = 0x02 | 0x04 | 0x08 | 0x10 | 0x80

LINKS_REQUEST = _LINK.pack(0, 0, 0, 0, 0) + _EXT_MASK.pack(_EXT_MASK.size, 29, _SKIP_STATISTICS)
ADDRESSES_REQUEST = _ADDRESS.pack(0, 0, 0, 0, 0)
NEIGHBOURS_REQUEST = _NEIGHBOUR.pack(0, 0, 0, 0, 0)
ROUTES_REQUESTS = tuple(_ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0) for family in _FAMILIES)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An interface; `below_index` is the one it sits on, 0 without."""

    index: int
    name: str
    flags: int
    mac: str
    kind: str
    below_index: int


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """An address at an interface: our own, a neighbour's (with its hardware address), or a gateway's."""

    index: int
    address: str
    mac: str = ""


def parse_link(message: bytes) -> Link:
    """Read an RTM_NEWLINK."""
    _, _, index, flags, _ = _unpack(_LINK, message)
    attributes = dict(walk_attributes(message, _LINK.size))
    info = dict(walk_attributes(attributes.get(18, b"")))  # IFLA_LINKINFO
    return Link(
        index=index,
        name=_text(attributes.get(3, b"")),  # IFLA_IFNAME
        flags=flags,
        mac=attributes.get(1, b"").hex(":"),  # IFLA_ADDRESS
        kind=_text(info.get(1, b"")),  # IFLA_INFO_KIND
        below_index=_number(attributes.get(5)),  # IFLA_LINK
    )


def parse_address(message: bytes) -> Located | None:
    """Read an RTM_NEWADDR; None for another family's."""
    family, _, _, _, index = _unpack(_ADDRESS, message)
    attributes = dict(walk_attributes(message, _ADDRESS.size))
    # IFA_LOCAL; IPv6 has only IFA_ADDRESS, which is the far end's on a line between two.
    return _located(family, index, attributes.get(2) or attributes.get(1))


def parse_neighbour(message: bytes) -> Located | None:
    """Read an RTM_NEWNEIGH; None for one that no traffic would be sent to."""
    family, index, state, _, _ = _unpack(_NEIGHBOUR, message)
    attributes = dict(walk_attributes(message, _NEIGHBOUR.size))
    mac = attributes.get(2, b"").hex(":")  # NDA_LLADDR
    return _located(family, index, attributes.get(1), mac) if mac and state & _USED else None  # NDA_DST


def parse_gateway(message: bytes) -> Located | None:
    """Read an RTM_NEWROUTE; None unless it is a default route of the main table by way of a gateway."""
    family, bits, _, _, table, _, _, _, flags = _unpack(_ROUTE, message)
    attributes = dict(walk_attributes(message, _ROUTE.size))
    if bits or flags & _RTM_F_CLONED or _number(attributes.get(15), table) != _MAIN_TABLE:  # RTA_TABLE
        return None
    return _located(family, _number(attributes.get(4)), attributes.get(5))  # RTA_OIF, RTA_GATEWAY


def _located(family: int, index: int, packed: bytes | None, mac: str = "") -> Located | None:
    if family not in _FAMILIES or not packed:
        return None
    if len(packed) != _FAMILIES[family]:
        raise MalformedMessageError(f"an address of {len(packed)} bytes, expected {_FAMILIES[family]}")
    return Located(index=index, address=socket.inet_ntop(family, packed), mac=mac)


def _number(value: bytes | None, otherwise: int = 0) -> int:
    if value is None:
        return otherwise
    if len(value) != _NUMBER.size:
        raise MalformedMessageError(f"{len(value)} bytes where a number must be")
    return int(_NUMBER.unpack(value)[0])


def _text(value: bytes) -> str:
    """Return a name; it goes into JSON, so bytes that are not UTF-8 are written out."""
    return value.rstrip(b"\0").decode(errors="backslashreplace")


def _unpack(layout: struct.Struct, message: bytes) -> tuple[int, ...]:
    if len(message) < layout.size:
        raise MalformedMessageError(f"a message of {len(message)} bytes, expected {layout.size} or more")
    return layout.unpack_from(message)
