"""What the kernel multicasts of the network: which kind of thing changed, and where a neighbour is.

Sources: include/uapi/linux/{netlink,rtnetlink,neighbour}.h. Pure.
"""

import struct
from collections.abc import Iterator
from typing import Literal

import msgspec

from watchdog.linux.netlink import MalformedMessageError, walk_attributes

Kind = Literal["link", "address", "route", "rule", "neighbour"]

# RTMGRP_LINK, _NEIGH, _IPV4_IFADDR, _IPV4_ROUTE, _IPV4_RULE, _IPV6_IFADDR, _IPV6_ROUTE; and RTNLGRP_IPV6_RULE.
GROUPS = sum(1 << (group - 1) for group in (1, 3, 5, 7, 8, 9, 11, 19))

_HEADER = struct.Struct("=IHHII")  # nlmsghdr
_NEIGHBOUR = struct.Struct("=BxxxiHBB")  # ndmsg
_KINDS: dict[int, Kind] = {
    16: "link",
    17: "link",
    20: "address",
    21: "address",
    24: "route",
    25: "route",
    28: "neighbour",
    29: "neighbour",
    32: "rule",
    33: "rule",
}
_RTM_DELNEIGH = 29
_NDA_DST, _NDA_LLADDR = 1, 2
_NUD_INCOMPLETE, _NUD_FAILED = 0x01, 0x20


class News(msgspec.Struct, frozen=True, kw_only=True):
    """A change. Of a neighbour: `who` (its device and address), and `at`, its hardware address, empty for none.

    `at` is None while the kernel is still asking, which is no news.
    """

    kind: Kind
    who: bytes = b""
    at: bytes | None = None


def parse_news(packet: bytes) -> Iterator[News]:
    """Yield what a packet tells; messages of other kinds are passed over. Raises MalformedMessageError."""
    offset = 0
    while offset + _HEADER.size <= len(packet):
        length, kind, *_ = _HEADER.unpack_from(packet, offset)
        if length < _HEADER.size or offset + length > len(packet):
            raise MalformedMessageError(f"message {kind} claims {length} bytes, more than there are")
        if kind in _KINDS:
            body = packet[offset + _HEADER.size : offset + length]
            yield _neighbour(kind, body) if _KINDS[kind] == "neighbour" else News(kind=_KINDS[kind])
        offset += (length + 3) & ~3


def _neighbour(kind: int, body: bytes) -> News:
    if len(body) < _NEIGHBOUR.size:
        raise MalformedMessageError(
            f"a neighbour's message of {len(body)} bytes, expected {_NEIGHBOUR.size} or more"
        )
    _, device, state, *_ = _NEIGHBOUR.unpack_from(body)
    attributes = dict(walk_attributes(body, _NEIGHBOUR.size))
    gone = kind == _RTM_DELNEIGH or state & _NUD_FAILED
    at = b"" if gone else None if state & _NUD_INCOMPLETE else attributes.get(_NDA_LLADDR)
    return News(kind="neighbour", who=struct.pack("=i", device) + attributes.get(_NDA_DST, b""), at=at)
