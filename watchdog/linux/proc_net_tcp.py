"""/proc/net/tcp and tcp6: who listens on this network namespace's ports. Pure.

Source: Documentation/networking/proc_net_tcp.rst, net/ipv4/tcp_ipv4.c: the listening sockets come first, so the
thousands of connections behind them need not be read. Addresses are words of the host's own byte order.
"""

import sys
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address

import msgspec

_LISTEN = "0A"
_WORD = 8


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """A listening TCP socket; an IPv4 address mapped into IPv6 is given as IPv4."""

    address: str
    port: int
    inode: int


def parse_listeners(lines: Iterable[str]) -> Iterator[Listener]:
    """Yield the listening sockets; stops at the first that is not one, and leaves out lines that make no sense."""
    for number, line in enumerate(lines):
        words = line.split()
        if number == 0 and words[:1] == ["sl"]:
            continue
        if len(words) < 10 or words[3] != _LISTEN:
            return
        try:
            address, _, port = words[1].partition(":")
            yield Listener(address=_read_address(address), port=int(port, 16), inode=int(words[9]))
        except ValueError:
            continue


def _read_address(text: str) -> str:
    words = [text[start : start + _WORD] for start in range(0, len(text), _WORD)]
    packed = b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in words)
    if len(packed) == 4:
        return str(IPv4Address(packed))
    address = IPv6Address(packed)
    return str(address.ipv4_mapped or address)
