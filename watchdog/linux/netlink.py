"""The attributes that every netlink message is made of. Pure.

Source: include/uapi/linux/netlink.h. Walked here and not by pyroute2, whose decoder takes fifteen times as long
over the sixty attributes of a link, of which a check needs a handful.
"""

import struct
from collections.abc import Iterator

_HEAD = struct.Struct("=HH")
_FLAG_BITS = 0xC000  # NLA_F_NESTED, NLA_F_NET_BYTEORDER


class MalformedMessageError(ValueError):
    """A netlink message contradicts itself; the text says how."""


def walk_attributes(data: bytes, offset: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield (type, value) of each attribute from `offset` on, in their order. Raises MalformedMessageError."""
    end = len(data)
    while offset + _HEAD.size <= end:
        length, kind = _HEAD.unpack_from(data, offset)
        if length < _HEAD.size or offset + length > end:
            raise MalformedMessageError(
                f"attribute {kind & ~_FLAG_BITS} claims {length} bytes, more than there are"
            )
        yield kind & ~_FLAG_BITS, data[offset + _HEAD.size : offset + length]
        offset += (length + 3) & ~3
