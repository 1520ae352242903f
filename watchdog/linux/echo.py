"""An echo request as we send it ourselves, past the kernel, and its reply; IPv4 and IPv6. Pure.

Built by hand because the kernel would ask by ARP in the name of the source address, and so teach a neighbour what
we want to find out whether it knows.

Sources: RFC 792, RFC 4443 section 4; RFC 791 and RFC 8200 for the headers.
"""

import struct
from ipaddress import ip_address

import msgspec

from watchdog.linux.inet import checksum, pseudo_header

_ICMP, _ICMPV6 = 1, 58
_REQUEST, _REPLY = {4: 8, 6: 128}, {4: 0, 6: 129}
_IPV4_HEADER_BYTES, _IPV6_HEADER_BYTES, _ECHO_BYTES = 20, 40, 8
_HOPS = 64
_PAYLOAD = b"host-watchdog: is this address known to be here?"


class MalformedEchoError(ValueError):
    """These bytes are no echo reply; the text says why."""


class EchoReply(msgspec.Struct, frozen=True, kw_only=True):
    """Who replied, to which address, and the identifier that the request carried."""

    source: str
    destination: str
    identifier: int


def build_echo_request(source: str, destination: str, identifier: int, sequence: int) -> bytes:
    """Return the packet. Raises ValueError for what are no two addresses of one family."""
    ours, theirs = ip_address(source), ip_address(destination)
    if ours.version != theirs.version:
        raise ValueError(f"two addresses of one family, not {source} and {destination}")
    echo = struct.pack("!HH", identifier, sequence) + _PAYLOAD
    kind = _REQUEST[ours.version]
    if ours.version == 6:
        length = 4 + len(echo)
        covered = pseudo_header(ours.packed, theirs.packed, length, _ICMPV6)
        message = _with_checksum(kind, echo, covered)
        return struct.pack("!IHBB", 6 << 28, length, _ICMPV6, _HOPS) + ours.packed + theirs.packed + message
    message = _with_checksum(kind, echo, b"")
    head = struct.pack("!BBHHHBB", 0x45, 0, _IPV4_HEADER_BYTES + len(message), 0, 0x4000, _HOPS, _ICMP)
    ends = ours.packed + theirs.packed
    return head + struct.pack("!H", checksum(head + b"\0\0" + ends)) + ends + message


def parse_echo_reply(data: bytes) -> EchoReply:
    """Read the packet of a reply. Raises MalformedEchoError."""
    version = data[0] >> 4 if data else 0
    if version == 4:
        begin, protocol = (data[0] & 0xF) * 4, data[9:10]
        source, destination = data[12:16], data[16:20]
        shortest = _IPV4_HEADER_BYTES
    elif version == 6:
        begin, protocol = _IPV6_HEADER_BYTES, data[6:7]
        source, destination = data[8:24], data[24:40]
        shortest = _IPV6_HEADER_BYTES
    else:
        raise MalformedEchoError("neither IPv4 nor IPv6")
    message = data[begin:]
    if begin < shortest or len(message) < _ECHO_BYTES:
        raise MalformedEchoError(f"{len(data)} bytes hold no echo reply")
    if protocol != bytes((_ICMP if version == 4 else _ICMPV6,)) or message[0] != _REPLY[version]:
        raise MalformedEchoError("no echo reply")
    return EchoReply(
        source=str(ip_address(source)),
        destination=str(ip_address(destination)),
        identifier=int.from_bytes(message[4:6], "big"),
    )


def _with_checksum(kind: int, body: bytes, covered: bytes) -> bytes:
    sum16 = checksum(covered + struct.pack("!BBH", kind, 0, 0) + body)
    return struct.pack("!BBH", kind, 0, sum16) + body
