"""IPVS in generic netlink: made by hand (tests/lab/test_ipvs.py has the real kernel's), and hostile bytes."""

import socket
import struct
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.ipvs import MalformedPoolError, Pool, PoolServer
from watchdog.linux.ipvs_netlink import (
    build_servers_request,
    parse_family,
    parse_server,
    parse_service,
)
from watchdog.linux.netlink import walk_attributes

V4, V6 = socket.AF_INET, socket.AF_INET6


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def u16(kind: int, number: int) -> bytes:
    return attribute(kind, struct.pack("=H", number))


def u32(kind: int, number: int) -> bytes:
    return attribute(kind, struct.pack("=I", number))


def address(kind: int, text: str) -> bytes:
    return attribute(kind, socket.inet_pton(V6 if ":" in text else V4, text).ljust(16, b"\0"))


def port(kind: int, number: int) -> bytes:
    return attribute(kind, struct.pack("!H", number))


def flags(number: int) -> bytes:
    return attribute(7, struct.pack("=II", number, 0xFFFFFFFF))


def message(kind: int, *attributes: bytes) -> bytes:
    return bytes((1, 1, 0, 0)) + attribute(0x8000 | kind, b"".join(attributes))


def service(*more: bytes, family: int = V4) -> bytes:
    return message(1, u16(1, family), *more)


BY_ADDRESS = (u16(2, 6), address(3, "192.168.100.10"), port(4, 8080))
SCHEDULER = (attribute(6, b"rr\0"), u32(8, 300))
WEB = service(*BY_ADDRESS, *SCHEDULER, flags(2))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(
            WEB,
            Pool(family="ipv4", scheduler="rr", address="192.168.100.10", port=8080, protocol="tcp"),
            id="by-address",
        ),
        pytest.param(
            service(*BY_ADDRESS, *SCHEDULER, flags(3)),
            Pool(
                family="ipv4",
                scheduler="rr",
                address="192.168.100.10",
                port=8080,
                protocol="tcp",
                persistent_seconds=300,
            ),
            id="persistent",
        ),
        pytest.param(
            service(u16(2, 17), address(3, "2001:db8::1"), port(4, 53), *SCHEDULER, flags(0), family=V6),
            Pool(family="ipv6", scheduler="rr", address="2001:db8::1", port=53, protocol="udp"),
            id="ipv6",
        ),
        pytest.param(
            service(u32(5, 7), *SCHEDULER, flags(0)), Pool(family="ipv4", scheduler="rr", fwmark=7), id="by-mark"
        ),
    ],
)
def test_pools(told: bytes, expected: Pool) -> None:
    assert parse_service(told) == expected


def server(*more: bytes, where: str = "192.168.100.21") -> bytes:
    return message(2, address(1, where), port(2, 8080), u32(3, 3), u32(4, 5), u32(7, 2), u32(8, 9), *more)


@pytest.mark.parametrize(
    ("told", "where"),
    [
        pytest.param(server(), "192.168.100.21", id="before-linux-3.18"),
        pytest.param(server(u16(11, V4)), "192.168.100.21", id="of-the-pool's-family"),
        pytest.param(server(u16(11, V6), where="2001:db8::21"), "2001:db8::21", id="of-another-family"),
    ],
)
def test_real_servers(told: bytes, where: str) -> None:
    assert parse_server(told, WEB) == PoolServer(
        address=where, port=8080, weight=5, forwarding="dr", active_connections=2, inactive_connections=9
    )


def test_servers_are_asked_for_by_what_a_pool_is_found_by() -> None:
    asked = build_servers_request(WEB)
    assert asked[:1] == bytes([8])
    ((kind, key),) = walk_attributes(asked, 4)
    assert (kind, key) == (1, u16(1, V4) + b"".join(BY_ADDRESS))


def test_the_family_has_a_number_of_its_own() -> None:
    assert parse_family(bytes((1, 2, 0, 0)) + attribute(2, b"IPVS\0") + u16(1, 37)) == 37


@pytest.mark.parametrize(
    ("parse", "told", "complaint"),
    [
        pytest.param(parse_family, b"", "0 bytes where a number", id="no-family"),
        pytest.param(parse_service, b"", "0 bytes where a number", id="nothing"),
        pytest.param(parse_service, service(*BY_ADDRESS), "SCHED_NAME", id="no-scheduler"),
        pytest.param(parse_service, service(*BY_ADDRESS, family=7), "of family 7", id="no-such-family"),
        pytest.param(parse_service, service(attribute(3, b"abc")), "family 2 and 3 bytes", id="cut-address"),
        pytest.param(
            parse_service, service(*BY_ADDRESS, attribute(7, b"abc")), "3 bytes of flags", id="cut-flags"
        ),
        pytest.param(parse_service, bytes(4) + struct.pack("=HH", 99, 1), "claims 99 bytes", id="longer-than-all"),
        pytest.param(
            lambda told: parse_server(told, WEB), message(2), "real server that is none", id="empty-server"
        ),
    ],
)
def test_what_is_none_is_refused_with_the_reason(
    parse: Callable[[bytes], object], told: bytes, complaint: str
) -> None:
    with pytest.raises(MalformedPoolError, match=complaint):
        parse(told)


@given(data=st.binary(max_size=120), kind=st.integers(1, 2), other=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes, kind: int, other: bytes) -> None:
    for told in (data, bytes(4) + attribute(kind, data)):
        for parse in (parse_family, parse_service, build_servers_request, lambda one: parse_server(one, other)):
            with suppress(MalformedPoolError):
                parse(told)
