"""What the headers of IPv4, IPv6 and the link have in common: the Internet checksum, pseudo-headers, MACs. Pure.

Sources: RFC 1071 (checksum), RFC 8200 section 8.1 (IPv6 pseudo-header), RFC 1112 and RFC 2464 (multicast MACs).
"""

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

ETHERTYPE_IPV4, ETHERTYPE_ARP, ETHERTYPE_IPV6 = 0x0800, 0x0806, 0x86DD
BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
MAC_BYTES = 6


def checksum(data: bytes) -> int:
    """Return the Internet checksum of data; 0 over data that holds its own right checksum."""
    padded = data + b"\0" if len(data) % 2 else data
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(source: bytes, destination: bytes, length: int, protocol: int) -> bytes:
    """Return what a checksum covers besides its packet; the addresses are 4 bytes each, or 16."""
    if len(source) == 4:
        return source + destination + struct.pack("!xBH", protocol, length)
    return source + destination + struct.pack("!I3xB", length, protocol)


def render_mac(octets: bytes) -> str:
    """Write a hardware address as people do: `02:00:00:00:00:01`."""
    return octets.hex(":")


def parse_mac(text: str) -> bytes:
    """Read a hardware address. ValueError when it is none of six bytes."""
    octets = bytes.fromhex(text.replace(":", ""))
    if len(octets) != MAC_BYTES:
        raise ValueError(f"a hardware address such as 02:00:00:00:00:01, not {text!r}")
    return octets


def multicast_mac(group: str) -> str:
    """Return the hardware address that a multicast group is sent to."""
    address = ip_address(group)
    if isinstance(address, IPv4Address):
        low = address.packed[1:]
        return render_mac(b"\x01\x00\x5e" + bytes((low[0] & 0x7F,)) + low[1:])
    return render_mac(b"\x33\x33" + address.packed[-4:])


def solicited_node(address: str) -> str:
    """Return the multicast group of everyone whose IPv6 address ends alike (RFC 4291 section 2.7.1)."""
    return str(IPv6Address(IPv6Address("ff02::1:ff00:0").packed[:13] + IPv6Address(address).packed[13:]))
