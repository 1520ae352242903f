"""inotify(7): what the kernel tells of watched folders. Pure.

Sources: inotify(7); include/uapi/linux/inotify.h.
"""

import struct
from collections.abc import Iterator

import msgspec

MODIFY, CLOSE_WRITE, MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x2, 0x8, 0x40, 0x80, 0x100, 0x200
DELETE_SELF, MOVE_SELF, OVERFLOW, IGNORED, ONLYDIR = 0x400, 0x800, 0x4000, 0x8000, 0x1000000

_EVENT = struct.Struct("=iIII")


class FileEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened to `name` in the folder of a watch ("": to the folder itself)."""

    watch: int
    mask: int
    name: str


def parse_events(data: bytes) -> Iterator[FileEvent]:
    """Yield the events of one read; the kernel never cuts one in two, and what is cut is left out."""
    offset = 0
    while offset + _EVENT.size <= len(data):
        watch, mask, _, length = _EVENT.unpack_from(data, offset)
        offset += _EVENT.size
        name = data[offset : offset + length]
        if len(name) < length:
            return
        offset += length
        yield FileEvent(watch=watch, mask=mask, name=name.rstrip(b"\0").decode(errors="surrogateescape"))
