"""Who has this address? The question and its answer on the wire: ARP for IPv4, neighbour discovery for IPv6. Pure.

An RFC 5227 probe carries the sender address 0.0.0.0, so that no neighbour cache learns anything from it. IPv6 is
asked from an address of ours: the same question from `::` would be taken for duplicate address detection, and
would cost a host the address that it is just about to take.

Sources: RFC 826, RFC 5227 section 2.1.1; RFC 4861 sections 4.3, 4.4 and 7.
"""

import struct
from ipaddress import IPv4Address, IPv6Address

import msgspec

from watchdog.linux.inet import MAC_BYTES, checksum, parse_mac, pseudo_header, render_mac, solicited_node

REQUEST, REPLY = 1, 2
_ARP = struct.Struct("!HHBBH6s4s6s4s")
_ETHERNET, _IPV4 = 1, 0x0800
_ICMPV6, _SOLICITATION, _ADVERTISEMENT = 58, 135, 136
_IPV6_HEADER_BYTES, _NEIGHBOUR_BYTES, _HOP_LIMIT = 40, 24, 255
_SOURCE_MAC_OPTION, _TARGET_MAC_OPTION = 1, 2
_OVERRIDE = 0x20
ALL_NODES = "ff02::1"


class MalformedNeighbourError(ValueError):
    """These bytes are no ARP packet, or no neighbour advertisement, that may be believed; the text says why."""


class ArpPacket(msgspec.Struct, frozen=True, kw_only=True):
    """An ARP packet of Ethernet and IPv4; `operation` is REQUEST or REPLY (others exist)."""

    operation: int
    sender_mac: str
    sender_address: str
    target_mac: str
    target_address: str


class NeighbourAdvertisement(msgspec.Struct, frozen=True, kw_only=True):
    """`address` is at `mac`; None where it does not say: then it is at whoever sent it."""

    source: str
    destination: str
    address: str
    mac: str | None
    router: bool
    solicited: bool
    override: bool


def build_arp_probe(address: str, our_mac: str) -> bytes:
    """Return the question who has an IPv4 address, to be broadcast."""
    nobody = bytes(4)
    sender, target = parse_mac(our_mac), IPv4Address(address).packed
    return _ARP.pack(_ETHERNET, _IPV4, MAC_BYTES, 4, REQUEST, sender, nobody, bytes(MAC_BYTES), target)


def build_gratuitous_arp(address: str, our_mac: str) -> bytes:
    """Return the announcement that an IPv4 address is here (RFC 5227 section 2.3), to be broadcast."""
    sender, target = parse_mac(our_mac), IPv4Address(address).packed
    return _ARP.pack(_ETHERNET, _IPV4, MAC_BYTES, 4, REQUEST, sender, target, bytes(MAC_BYTES), target)


def parse_arp(data: bytes) -> ArpPacket:
    """Read an ARP packet. Raises MalformedNeighbourError."""
    if len(data) < _ARP.size:
        raise MalformedNeighbourError(f"{len(data)} bytes are no ARP packet (expected {_ARP.size})")
    hardware, protocol, mac_bytes, address_bytes, operation, *parties = _ARP.unpack_from(data)
    if (hardware, protocol, mac_bytes, address_bytes) != (_ETHERNET, _IPV4, MAC_BYTES, 4):
        raise MalformedNeighbourError(
            f"ARP for hardware {hardware} and protocol {protocol:#06x} (expected Ethernet and IPv4)"
        )
    return ArpPacket(
        operation=operation,
        sender_mac=render_mac(parties[0]),
        sender_address=str(IPv4Address(parties[1])),
        target_mac=render_mac(parties[2]),
        target_address=str(IPv4Address(parties[3])),
    )


def build_neighbour_solicitation(address: str, our_address: str, our_mac: str) -> bytes:
    """Return the IPv6 packet that asks who has an address, to be sent to its solicited-node group."""
    option = struct.pack("!BB", _SOURCE_MAC_OPTION, 1) + parse_mac(our_mac)
    body = struct.pack("!I", 0) + IPv6Address(address).packed + option
    return _icmpv6(our_address, solicited_node(address), _SOLICITATION, body)


def build_unsolicited_advertisement(address: str, our_mac: str) -> bytes:
    """Return the IPv6 packet that says an address is here (RFC 4861 section 7.2.6), to be sent to all nodes."""
    option = struct.pack("!BB", _TARGET_MAC_OPTION, 1) + parse_mac(our_mac)
    body = struct.pack("!I", _OVERRIDE << 24) + IPv6Address(address).packed + option
    return _icmpv6(address, ALL_NODES, _ADVERTISEMENT, body)


def _icmpv6(source: str, destination: str, kind: int, body: bytes) -> bytes:
    """Return an ICMPv6 message in its IPv6 packet, with its checksum."""
    ends = IPv6Address(source).packed + IPv6Address(destination).packed
    length = 4 + len(body)
    header = pseudo_header(ends[:16], ends[16:], length, _ICMPV6)
    sum16 = checksum(header + struct.pack("!BBH", kind, 0, 0) + body)
    message = struct.pack("!BBH", kind, 0, sum16) + body
    return struct.pack("!IHBB", 6 << 28, length, _ICMPV6, _HOP_LIMIT) + ends + message


def parse_neighbour_advertisement(data: bytes) -> NeighbourAdvertisement:
    """Read the IPv6 packet of an answer; the rules are those of RFC 4861 section 7.1.2.

    Raises MalformedNeighbourError.
    """
    if len(data) < _IPV6_HEADER_BYTES + _NEIGHBOUR_BYTES or data[0] >> 4 != 6:
        raise MalformedNeighbourError(f"{len(data)} bytes are no IPv6 packet with a neighbour advertisement")
    length, protocol, hop_limit = struct.unpack_from("!HBB", data, 4)
    message = data[_IPV6_HEADER_BYTES : _IPV6_HEADER_BYTES + length]
    if protocol != _ICMPV6 or len(message) < max(length, _NEIGHBOUR_BYTES) or message[0] != _ADVERTISEMENT:
        raise MalformedNeighbourError("no neighbour advertisement, or only its beginning")
    if hop_limit != _HOP_LIMIT:
        raise MalformedNeighbourError(f"hop limit {hop_limit}: from beyond a router (expected {_HOP_LIMIT})")
    if checksum(pseudo_header(data[8:24], data[24:40], length, _ICMPV6) + message):
        raise MalformedNeighbourError("its checksum is wrong")
    return NeighbourAdvertisement(
        source=str(IPv6Address(data[8:24])),
        destination=str(IPv6Address(data[24:40])),
        address=str(IPv6Address(message[8:24])),
        mac=_target_mac(message[_NEIGHBOUR_BYTES:]),
        router=bool(message[4] & 0x80),
        solicited=bool(message[4] & 0x40),
        override=bool(message[4] & 0x20),
    )


def _target_mac(options: bytes) -> str | None:
    """Find the target's hardware address among the options; each is as many times 8 bytes as it says."""
    while len(options) >= 8:
        kind, eights = options[0], options[1]
        if eights == 0:
            raise MalformedNeighbourError("an option of no length")
        if kind == _TARGET_MAC_OPTION and eights == 1:
            return render_mac(options[2:8])
        options = options[eights * 8 :]
    return None
