"""IPVS over generic netlink: the questions, and the kernel's answers as pools and real servers. Pure.

Sources: include/uapi/linux/{genetlink,ip_vs}.h, net/netfilter/ipvs/ip_vs_ctl.c. Messages come and go without their
nlmsghdr. MalformedPoolError is all that hostile bytes can raise.
"""

import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from watchdog.linux.ipvs import MalformedPoolError, Pool, PoolServer, pool_of, server_of
from watchdog.linux.netlink import MalformedMessageError, walk_attributes

GENL_ID_CTRL = 0x10

_HEAD = struct.Struct("=BBxx")  # genlmsghdr
_ATTRIBUTE = struct.Struct("=HH")
_NESTED = 0x8000
_GET_FAMILY, _GET_SERVICE, _GET_DEST = 3, 4, 8
_FAMILY_ID, _FAMILY_NAME = 1, 2  # CTRL_ATTR_*
_SERVICE, _DEST = 1, 2  # IPVS_CMD_ATTR_*
# IPVS_SVC_ATTR_AF, _PROTOCOL, _ADDR, _PORT, _FWMARK: by what a service is found.
_KEY = range(1, 6)
_FLAGS_BYTES = 8

FAMILY_REQUEST = _HEAD.pack(_GET_FAMILY, 1) + _ATTRIBUTE.pack(9, _FAMILY_NAME) + b"IPVS\0" + bytes(3)
SERVICES_REQUEST = _HEAD.pack(_GET_SERVICE, 1)


def parse_family(message: bytes) -> int:
    """Return the number that IPVS has in generic netlink on this boot."""
    with _understood():
        return _number(dict(walk_attributes(message, _HEAD.size)).get(_FAMILY_ID, b""))


def build_servers_request(service: bytes) -> bytes:
    """Ask for the real servers of a pool, in a dump; `service` is the message that told of it."""
    with _understood():
        key = b"".join(_attribute(kind, value) for kind, value in _walk(service, _SERVICE) if kind in _KEY)
    return _HEAD.pack(_GET_DEST, 1) + _attribute(_SERVICE | _NESTED, key)


def parse_service(message: bytes) -> Pool:
    """Read a pool, without its servers."""
    with _understood():
        values = dict(_walk(message, _SERVICE))
        family = _number(values.get(1, b""))
        return pool_of(
            _said(
                values,
                {
                    "AF": (1, _number),
                    "PROTOCOL": (2, _number),
                    "ADDR": (3, lambda value: _address(family, value)),
                    "PORT": (4, _port),
                    "FWMARK": (5, _number),
                    "SCHED_NAME": (6, _text),
                    "FLAGS": (7, _flags),
                    "TIMEOUT": (8, _number),
                },
            )
        )


def parse_server(message: bytes, service: bytes) -> PoolServer:
    """Read a real server of a pool. Before Linux 3.18 its address was of the pool's own family."""
    with _understood():
        values = dict(_walk(message, _DEST))
        family = _number(values.get(11, b"") or dict(_walk(service, _SERVICE)).get(1, b""))
        return server_of(
            _said(
                values,
                {
                    "ADDR": (1, lambda value: _address(family, value)),
                    "PORT": (2, _port),
                    "FWD_METHOD": (3, _number),
                    "WEIGHT": (4, _number),
                    "ACTIVE_CONNS": (7, _number),
                    "INACT_CONNS": (8, _number),
                },
            )
        )


def _walk(message: bytes, kind: int) -> Iterator[tuple[int, bytes]]:
    """Yield the attributes within the one of this kind."""
    yield from walk_attributes(dict(walk_attributes(message, _HEAD.size)).get(kind, b""))


def _said(values: Mapping[int, bytes], wanted: Mapping[str, tuple[int, Callable[[bytes], Any]]]) -> dict[str, Any]:
    return {name: read(values[kind]) for name, (kind, read) in wanted.items() if kind in values}


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind) + value + bytes(-len(value) % 4)


def _number(value: bytes) -> int:
    if len(value) not in (2, 4):
        raise MalformedPoolError(f"{len(value)} bytes where a number must be")
    return int(struct.unpack("=H" if len(value) == 2 else "=I", value)[0])


def _port(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _flags(value: bytes) -> dict[str, int]:
    if len(value) != _FLAGS_BYTES:
        raise MalformedPoolError(f"{len(value)} bytes of flags, expected {_FLAGS_BYTES}")
    return {"flags": _number(value[:4])}


def _address(family: int, value: bytes) -> str:
    """Return an address; IPVS gives each the room of an IPv6 one."""
    if family == socket.AF_INET:
        value = value[:4]
    try:
        return socket.inet_ntop(family, value)
    except (OSError, ValueError) as error:
        raise MalformedPoolError(f"an address of family {family} and {len(value)} bytes") from error


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode(errors="backslashreplace")


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except MalformedMessageError as error:
        raise MalformedPoolError(str(error)) from error
