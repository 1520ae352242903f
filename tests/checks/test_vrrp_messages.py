"""What the kernel says of links, addresses, neighbours and gateways; this machine's own, and hostile bytes."""

import socket
import struct
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._vrrp.kernel import open_kernel
from checks._vrrp.messages import (
    Link,
    Located,
    parse_address,
    parse_gateway,
    parse_link,
    parse_neighbour,
)
from watchdog.host import Host
from watchdog.linux.netlink import MalformedMessageError

V4, V6 = socket.AF_INET, socket.AF_INET6
MAC = bytes.fromhex("020000000001")


def attribute(kind: int, value: bytes | int | str) -> bytes:
    if isinstance(value, int):
        value = struct.pack("=I", value)
    if isinstance(value, str):
        value = socket.inet_pton(V6 if ":" in value else V4, value)
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def link(*attributes: bytes, flags: int = 1) -> bytes:
    return struct.pack("=BxHiII", 0, 1, 7, flags, 0) + b"".join(attributes)


def address(*attributes: bytes, family: int = V4) -> bytes:
    return struct.pack("=BBBBi", family, 24, 0, 0, 7) + b"".join(attributes)


def neighbour(*attributes: bytes, state: int = 0x02, family: int = V4) -> bytes:
    return struct.pack("=BxxxiHBB", family, 7, state, 0, 0) + b"".join(attributes)


def route(*attributes: bytes, bits: int = 0, table: int = 254, flags: int = 0, family: int = V4) -> bytes:
    return struct.pack("=BBBBBBBBI", family, bits, 0, 0, table, 3, 0, 1, flags) + b"".join(attributes)


ETH1 = Link(index=7, name="eth1", flags=1, mac="02:00:00:00:00:01", kind="", below_index=0)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(link(attribute(3, b"eth1\0"), attribute(1, MAC)), ETH1, id="plain"),
        pytest.param(
            link(
                attribute(3, b"vrrp.51\0"),
                attribute(1, MAC),
                attribute(5, 3),
                attribute(0x8000 | 18, attribute(1, b"macvlan\0")),
            ),
            Link(index=7, name="vrrp.51", flags=1, mac="02:00:00:00:00:01", kind="macvlan", below_index=3),
            id="macvlan-on-another",
        ),
        pytest.param(
            link(attribute(3, b"e\xff\0"), flags=0x1003),
            Link(index=7, name=r"e\xff", flags=0x1003, mac="", kind="", below_index=0),
            id="a-name-that-is-not-utf8",
        ),
    ],
)
def test_links(message: bytes, expected: Link) -> None:
    assert parse_link(message) == expected


@pytest.mark.parametrize(
    ("parse", "message", "expected"),
    [
        pytest.param(
            parse_address,
            address(attribute(1, "10.1.0.1"), attribute(2, "10.1.0.2")),
            Located(index=7, address="10.1.0.2"),
            id="ours-and-not-the-far-end's",
        ),
        pytest.param(
            parse_address,
            address(attribute(1, "fe80::1"), family=V6),
            Located(index=7, address="fe80::1"),
            id="ipv6",
        ),
        pytest.param(parse_address, address(attribute(1, "10.1.0.1"), family=28), None, id="another-family"),
        pytest.param(parse_address, address(), None, id="no-address"),
        pytest.param(
            parse_neighbour,
            neighbour(attribute(1, "10.1.0.1"), attribute(2, MAC)),
            Located(index=7, address="10.1.0.1", mac="02:00:00:00:00:01"),
            id="reachable-neighbour",
        ),
        pytest.param(
            parse_neighbour,
            neighbour(attribute(1, "10.1.0.1"), attribute(2, MAC), state=0x20),
            None,
            id="failed-neighbour",
        ),
        pytest.param(parse_neighbour, neighbour(attribute(1, "10.1.0.1")), None, id="neighbour-without-mac"),
        pytest.param(
            parse_gateway,
            route(attribute(4, 7), attribute(5, "10.1.0.1")),
            Located(index=7, address="10.1.0.1"),
            id="gateway",
        ),
        pytest.param(
            parse_gateway,
            route(attribute(4, 7), attribute(5, "10.1.0.1"), attribute(15, 254), table=252),
            Located(index=7, address="10.1.0.1"),
            id="gateway-whose-table-is-told-in-full",
        ),
        pytest.param(
            parse_gateway, route(attribute(4, 7), attribute(5, "10.1.0.1"), bits=24), None, id="a-route-elsewhere"
        ),
        pytest.param(
            parse_gateway,
            route(attribute(4, 7), attribute(5, "10.1.0.1"), attribute(15, 102)),
            None,
            id="another-table",
        ),
        pytest.param(
            parse_gateway,
            route(attribute(4, 7), attribute(5, "10.1.0.1"), flags=0x200),
            None,
            id="what-the-kernel-remembers-of-one-destination",
        ),
        pytest.param(parse_gateway, route(attribute(4, 7)), None, id="default-without-a-gateway"),
    ],
)
def test_addresses_neighbours_gateways(
    parse: Callable[[bytes], Located | None], message: bytes, expected: Located | None
) -> None:
    assert parse(message) == expected


@pytest.mark.parametrize(
    ("parse", "message", "complaint"),
    [
        pytest.param(parse_link, b"\0" * 15, "15 bytes", id="cut-link"),
        pytest.param(parse_address, b"\0" * 7, "7 bytes", id="cut-address"),
        pytest.param(parse_neighbour, b"\0" * 11, "11 bytes", id="cut-neighbour"),
        pytest.param(parse_gateway, b"\0" * 11, "11 bytes", id="cut-route"),
        pytest.param(parse_link, link(attribute(5, b"odd")), "3 bytes where a number", id="odd-number"),
        pytest.param(parse_address, address(attribute(2, b"odd")), "3 bytes, expected 4", id="odd-address"),
    ],
)
def test_what_cannot_be_is_refused(parse: Callable[[bytes], object], message: bytes, complaint: str) -> None:
    with pytest.raises(MalformedMessageError, match=complaint):
        parse(message)


@pytest.mark.parametrize("parse", [parse_link, parse_address, parse_neighbour, parse_gateway])
@given(data=st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(parse: Callable[[bytes], object], data: bytes) -> None:
    with suppress(MalformedMessageError):
        parse(data)


def test_this_machine_has_a_loopback() -> None:
    with open_kernel(Host()) as kernel:
        lo = kernel.interfaces["lo"]
        held = kernel.read_addresses()
        near = kernel.read_who_is_near()
    assert (lo.mac, lo.is_quiet, lo.below) == ("00:00:00:00:00:00", True, "")
    assert not lo.is_up or ("lo", "127.0.0.1") in held
    assert all(one.interface in kernel.interfaces for one in near)
