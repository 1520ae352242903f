"""A VRRP advertisement, from its IP header on. Pure.

Version 2 (RFC 3768, with the authentication of RFC 2338 that keepalived still offers) and 3 (RFC 5798), over IPv4
and IPv6. What a receiver would refuse but can be read (TTL, checksum) is told, not raised: the check wants to say
why a keepalived rejects it. The password of version 2 travels in clear; an Advert does not hold it.
"""

import struct
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

import msgspec

from watchdog.linux.inet import checksum, pseudo_header, render_mac

PROTOCOL_VRRP, PROTOCOL_AH = 112, 51
GROUP_V4, GROUP_V6 = "224.0.0.18", "ff02::12"
TTL = 255
STEPPING_DOWN, OWNER = 0, 255  # priorities with a meaning of their own
VIRTUAL_MACS = ("00:00:5e:00:01:", "00:00:5e:00:02:")  # of IPv4, of IPv6: the VRID follows

Auth = Literal["none", "pass", "ah", "other"]
ChecksumKind = Literal["good", "without pseudo-header", "with the multicast group", "wrong"]

_HEADER_BYTES, _PASSWORD_BYTES = 8, 8
# What a busy machine, or a busy listener, may be late by.
_LATE_SECONDS = 0.1
_ADVERTISEMENT = 1
_AH_BYTES = 24
_AUTH: dict[int, Auth] = {0: "none", 1: "pass", 2: "ah"}
_CARP_BYTES, _CARP_AUTH_WORDS = 36, 7


class MalformedAdvertError(ValueError):
    """These bytes are no VRRP advertisement that anybody could take for one; the text says why."""


class Advert(msgspec.Struct, frozen=True, kw_only=True):
    """An advertisement. `interval_seconds` is as the sender says, in whole seconds or hundredths of one.

    `checksum` names which of the sums in use fits: version 3 over IPv4 with the pseudo-header as the RFC wants it;
    without it (keepalived's `v3_checksum_as_v2`, and some appliances); or as keepalived up to 1.3.6 did in
    unicast, for the multicast group.
    """

    family: Literal[4, 6]
    source: str
    destination: str
    ttl: int
    version: int
    vrid: int
    priority: int
    interval_seconds: float
    auth: Auth
    addresses: tuple[str, ...]
    checksum: ChecksumKind

    @property
    def is_multicast(self) -> bool:
        """Tell whether it was sent to everyone on the link, as is usual, and not to one peer."""
        address = IPv4Address(self.destination) if self.family == 4 else IPv6Address(self.destination)
        return address.is_multicast


class _Datagram(msgspec.Struct, frozen=True, kw_only=True):
    """An IP packet taken apart; `authenticated`: an authentication header stood before the VRRP message."""

    family: Literal[4, 6]
    source: bytes
    destination: bytes
    ttl: int
    authenticated: bool
    message: bytes


def virtual_mac(family: int, vrid: int) -> str:
    """Return the hardware address that belongs to a virtual router (RFC 5798 section 7.3)."""
    return render_mac(bytes((0, 0, 0x5E, 0, 1 if family == 4 else 2, vrid)))


def master_down_seconds(version: int, priority: int, interval_seconds: float) -> float:
    """Return for how long a backup hears nothing before it takes over: three intervals and its skew."""
    skew = (256 - priority) / 256 * (1.0 if version == 2 else interval_seconds)
    return 3 * interval_seconds + skew


def missing_after_seconds(interval_seconds: float) -> float:
    """Return after how much silence three adverts in a row are missing: a backup is about to take over, or has."""
    return 3 * (interval_seconds or 1.0) + _LATE_SECONDS


def goes_on(interval_seconds: float, gap_seconds: float) -> bool:
    """Tell whether a machine that is heard again after a gap can have been active all the while.

    Whoever took over meanwhile, and is taken over from, has been silent for three intervals and its skew: less is
    taken for a gap, so that two that were active one after the other are never taken for two at once.
    """
    return gap_seconds <= 2.5 * (interval_seconds or 1.0)


def parse_advert(packet: bytes) -> Advert:
    """Read an IPv4 or IPv6 packet. Raises MalformedAdvertError for all that is no VRRP advertisement."""
    datagram = _parse_ip(packet)
    message = datagram.message
    if len(message) < _HEADER_BYTES:
        raise MalformedAdvertError(f"{len(message)} bytes are no VRRP message (expected {_HEADER_BYTES} or more)")
    kind, vrid, priority, count, interval = struct.unpack_from("!BBBBH", message)
    version = kind >> 4
    if len(message) == _CARP_BYTES and count == _CARP_AUTH_WORDS:
        raise MalformedAdvertError("CARP, which shares VRRP's protocol number and nothing else")
    if kind & 0xF != _ADVERTISEMENT or version not in (2, 3):
        raise MalformedAdvertError(f"version {version}, type {kind & 0xF} (expected version 2 or 3, type 1)")
    if vrid == 0:
        raise MalformedAdvertError("virtual router 0, which cannot be")
    length = _message_bytes(datagram.family, version, count)
    if len(message) < length:
        raise MalformedAdvertError(f"{len(message)} bytes for {count} addresses (expected {length})")
    auth = _AUTH.get(interval >> 8, "other") if version == 2 else "none"
    return Advert(
        family=datagram.family,
        source=_address(datagram.source),
        destination=_address(datagram.destination),
        ttl=datagram.ttl,
        version=version,
        vrid=vrid,
        priority=priority,
        interval_seconds=float(interval & 0xFF) if version == 2 else (interval & 0xFFF) / 100,
        auth="ah" if datagram.authenticated else auth,
        addresses=_addresses(datagram.family, message[_HEADER_BYTES:], count),
        checksum=_check(datagram, version, message[:length]),
    )


def read_password(packet: bytes) -> bytes | None:
    """Return the eight bytes of version 2's password, to be digested at once; None for an advert without.

    An authentication header (AH) hides it, so there it is None. Raises MalformedAdvertError like parse_advert.
    """
    advert = parse_advert(packet)
    if advert.auth != "pass":
        return None
    length = _message_bytes(advert.family, advert.version, len(advert.addresses))
    return _parse_ip(packet).message[length - _PASSWORD_BYTES : length]


def _parse_ip(packet: bytes) -> _Datagram:
    if len(packet) >= 20 and packet[0] >> 4 == 4:
        return _parse_ipv4(packet)
    if len(packet) >= 40 and packet[0] >> 4 == 6:
        return _parse_ipv6(packet)
    raise MalformedAdvertError(f"{len(packet)} bytes are no IP packet")


def _parse_ipv4(packet: bytes) -> _Datagram:
    length, fragment = struct.unpack_from("!2xH2xH", packet)
    header = (packet[0] & 0xF) * 4
    if header < 20 or not header <= length <= len(packet):
        raise MalformedAdvertError(f"an IPv4 packet of {len(packet)} bytes that claims {header} and {length}")
    if fragment & 0x3FFF:
        raise MalformedAdvertError("a fragment: an advertisement is never that long")
    protocol, begins = packet[9], header
    if protocol == PROTOCOL_AH:
        if length < header + _AH_BYTES:
            raise MalformedAdvertError("an authentication header cut short")
        protocol, begins = packet[header], header + (packet[header + 1] + 2) * 4
        if begins != header + _AH_BYTES:
            raise MalformedAdvertError("an authentication header that is not VRRP's (expected HMAC-MD5-96)")
    if protocol != PROTOCOL_VRRP:
        raise MalformedAdvertError(f"IP protocol {protocol} (expected {PROTOCOL_VRRP})")
    return _Datagram(
        family=4,
        source=packet[12:16],
        destination=packet[16:20],
        ttl=packet[8],
        authenticated=begins > header,
        message=packet[begins:length],
    )


def _parse_ipv6(packet: bytes) -> _Datagram:
    length, protocol, hop_limit = struct.unpack_from("!HBB", packet, 4)
    if protocol != PROTOCOL_VRRP:
        raise MalformedAdvertError(f"IPv6 next header {protocol} (expected {PROTOCOL_VRRP})")
    if length > len(packet) - 40:
        raise MalformedAdvertError(f"an IPv6 packet of {len(packet)} bytes that claims {40 + length}")
    return _Datagram(
        family=6,
        source=packet[8:24],
        destination=packet[24:40],
        ttl=hop_limit,
        authenticated=False,
        message=packet[40 : 40 + length],
    )


def _message_bytes(family: int, version: int, count: int) -> int:
    if family == 6:
        return _HEADER_BYTES + 16 * count
    return _HEADER_BYTES + 4 * count + (_PASSWORD_BYTES if version == 2 else 0)


def _addresses(family: int, data: bytes, count: int) -> tuple[str, ...]:
    size = 4 if family == 4 else 16
    return tuple(_address(data[start : start + size]) for start in range(0, count * size, size))


def _address(packed: bytes) -> str:
    return str(IPv4Address(packed) if len(packed) == 4 else IPv6Address(packed))


def _check(datagram: _Datagram, version: int, message: bytes) -> ChecksumKind:
    """Say which checksum it has. Version 2 over IPv4 never covers a pseudo-header."""

    def fits(destination: bytes) -> bool:
        pseudo = pseudo_header(datagram.source, destination, len(message), PROTOCOL_VRRP)
        return checksum(pseudo + message) == 0

    if datagram.family == 4 and version == 2:
        return "good" if checksum(message) == 0 else "wrong"
    if fits(datagram.destination):
        return "good"
    if datagram.family == 4 and checksum(message) == 0:
        return "without pseudo-header"
    if datagram.family == 4 and fits(IPv4Address(GROUP_V4).packed):
        return "with the multicast group"
    return "wrong"
