"""Which control group each listening TCP socket was made in: NETLINK_SOCK_DIAG, which any user may ask. Pure.

So the sockets of a systemd service can be told where its processes' descriptors are for root's eyes only.
Sources: sock_diag(7); Linux include/uapi/linux/{sock_diag,inet_diag}.h (INET_DIAG_CGROUP_ID, since Linux 5.8).
"""

import struct
import sys
from collections.abc import Iterator

PROTOCOL = 4  # NETLINK_SOCK_DIAG
_BY_FAMILY, _DONE, _ERROR = 20, 3, 2
_REQUEST_DUMP = 0x1 | 0x300
_TCP, _LISTEN, _CGROUP_ID = 6, 10, 21
_HEADER = struct.Struct("=IHHII")
_ASK = struct.Struct("=BBBxI48x")
_MESSAGE_BYTES, _INODE = 72, struct.Struct("=I")
_ATTRIBUTE = struct.Struct("=HH")


class SockDiagError(ValueError):
    """The kernel said no, or something else than was asked."""


def listening(family: int) -> bytes:
    """Return the request for every listening TCP socket of an address family in this network namespace."""
    body = _ASK.pack(family, _TCP, 0, 1 << _LISTEN)
    return _HEADER.pack(_HEADER.size + len(body), _BY_FAMILY, _REQUEST_DUMP, 1, 0) + body


def parse_listening(packet: bytes) -> Iterator[tuple[int, int] | None]:
    """Yield (inode, control group id) of the sockets in a packet, None at the end of the dump.

    Those whose control group the kernel does not tell are left out. Raises SockDiagError.
    """
    offset = 0
    while offset + _HEADER.size <= len(packet):
        size, kind, *_ = _HEADER.unpack_from(packet, offset)
        if size < _HEADER.size or offset + size > len(packet):
            raise SockDiagError(f"a message of {size} bytes where {len(packet) - offset} are left")
        if kind == _DONE:
            yield None
            return
        if kind == _ERROR:
            raise SockDiagError("the kernel refused")
        if kind == _BY_FAMILY and (one := _parse(packet[offset + _HEADER.size : offset + size])):
            yield one
        offset += (size + 3) & ~3


def _parse(message: bytes) -> tuple[int, int] | None:
    if len(message) < _MESSAGE_BYTES:
        raise SockDiagError(f"a socket in {len(message)} bytes (expected {_MESSAGE_BYTES})")
    (inode,) = _INODE.unpack_from(message, _MESSAGE_BYTES - _INODE.size)
    offset = _MESSAGE_BYTES
    while offset + _ATTRIBUTE.size <= len(message):
        size, kind = _ATTRIBUTE.unpack_from(message, offset)
        if size < _ATTRIBUTE.size:
            raise SockDiagError(f"an attribute of {size} bytes")
        if kind == _CGROUP_ID and size == _ATTRIBUTE.size + 8 and offset + size <= len(message):
            return inode, int.from_bytes(message[offset + 4 : offset + 12], sys.byteorder)
        offset += (size + 3) & ~3
    return None
