"""multihome: rtnetlink's words, what configures a device, and foreign input of both kinds that is hostile."""

import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks._multihome.configuration import parse_ifcfg, parse_interfaces, read_configurations
from checks._multihome.facts import Address, Configuration, DefaultRoute, Link, OtherRoute, Reply
from checks._multihome.messages import (
    build_lookup,
    parse_address,
    parse_default_routes,
    parse_link,
    parse_other_route,
    parse_reply,
    parse_rule,
)
from watchdog.host import Host
from watchdog.linux.netlink import MalformedMessageError, walk_attributes

NAMES = {2: "eth0", 3: "eth1"}


def name_of(index: int) -> str:
    return NAMES.get(index, f"if{index}")


def attribute(kind: int, value: bytes | int | str) -> bytes:
    """Return a netlink attribute; a number is 32 bits, text ends with NUL, an address is given in its words."""
    if isinstance(value, int):
        value = struct.pack("=I", value)
    elif isinstance(value, str) and (":" in value or value.count(".") == 3):
        value = socket.inet_pton(socket.AF_INET6 if ":" in value else socket.AF_INET, value)
    elif isinstance(value, str):
        value = value.encode() + b"\0"
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def link(*attributes: bytes, flags: int = 0x41, index: int = 3) -> bytes:
    return struct.pack("=BxHiII", 0, 1, index, flags, 0) + b"".join(attributes)


def address(
    *attributes: bytes, family: int = socket.AF_INET, bits: int = 24, flags: int = 0x80, scope: int = 0
) -> bytes:
    return struct.pack("=BBBBI", family, bits, flags, scope, 3) + b"".join(attributes)


def route(
    *attributes: bytes, family: int = socket.AF_INET, bits: int = 0, table: int = 254, kind: int = 1
) -> bytes:
    return struct.pack("=BBBBBBBBI", family, bits, 0, 0, table, 3, 0, kind, 0) + b"".join(attributes)


def rule(
    *attributes: bytes, family: int = socket.AF_INET, to: int = 0, of: int = 0, tos: int = 0, **more: int
) -> bytes:
    head = struct.pack("=BBBBBxxBI", family, to, of, tos, 0, more.get("action", 1), more.get("flags", 0))
    return head + b"".join(attributes)


def hop(index: int, gateway: str) -> bytes:
    inside = attribute(5, gateway)
    return struct.pack("=HBBi", 8 + len(inside), 0, 0, index) + inside


# --- Devices ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(link(attribute(3, "eth1")), Link(index=3, name="eth1"), id="hardware"),
        pytest.param(link(attribute(3, "eth1"), flags=0x1), Link(index=3, name="eth1", up=False), id="no-carrier"),
        pytest.param(link(attribute(3, "lo"), flags=0x49), Link(index=3, name="lo", loopback=True), id="loopback"),
        pytest.param(
            link(attribute(3, "wg0"), attribute(18, attribute(1, "wireguard"))),
            Link(index=3, name="wg0", kind="wireguard"),
            id="a-kind",
        ),
        pytest.param(
            link(attribute(3, "eth1"), attribute(10, 7), attribute(18, attribute(4, "vrf"))),
            Link(index=3, name="eth1", vrf_index=7),
            id="in-a-vrf",
        ),
        pytest.param(
            link(attribute(3, "eth1"), attribute(10, 7), attribute(18, attribute(4, "bridge"))),
            Link(index=3, name="eth1", port=True),
            id="port-of-a-bridge",
        ),
        pytest.param(link(attribute(3, b"\xff1\0")), Link(index=3, name="\\xff1"), id="a-name-that-is-not-utf-8"),
    ],
)
def test_links(message: bytes, expected: Link) -> None:
    assert parse_link(message) == expected


# --- Addresses --------------------------------------------------------------------------------------------------

V6 = socket.AF_INET6


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            address(attribute(1, "10.2.2.2"), attribute(2, "10.2.2.2"), attribute(8, 0x80)),
            Address(address="10.2.2.2", network="10.2.2.0/24", device="eth1"),
            id="ipv4",
        ),
        pytest.param(
            address(attribute(1, "10.2.2.3"), attribute(2, "10.2.2.3"), flags=0x81),
            Address(address="10.2.2.3", network="10.2.2.0/24", device="eth1"),
            id="a-secondary-ipv4-address-is-not-temporary",
        ),
        pytest.param(
            address(attribute(1, "198.51.100.1"), attribute(2, "198.51.100.7"), bits=32),
            Address(address="198.51.100.7", network="198.51.100.1/32", device="eth1"),
            id="a-line-between-two",
        ),
        pytest.param(
            address(attribute(1, "2001:db8:2::2"), family=V6, bits=64),
            Address(address="2001:db8:2::2", network="2001:db8:2::/64", device="eth1"),
            id="ipv6",
        ),
        *(
            pytest.param(
                address(attribute(1, "2001:db8:2::2"), attribute(8, 0x80 | flag), family=V6, bits=64),
                Address(address="2001:db8:2::2", network="2001:db8:2::/64", device="eth1", settled=False),
                id=words,
            )
            for flag, words in ((0x1, "temporary"), (0x8, "dadfailed"), (0x20, "deprecated"), (0x40, "tentative"))
        ),
        pytest.param(
            address(attribute(1, "10.2.2.2"), attribute(2, "10.2.2.2"), flags=0),
            Address(address="10.2.2.2", network="10.2.2.0/24", device="eth1", leased=True),
            id="leased",
        ),
        pytest.param(address(attribute(1, "fe80::1"), family=V6, bits=64, scope=253), None, id="link-scope"),
        pytest.param(address(attribute(1, "169.254.3.4"), attribute(2, "169.254.3.4")), None, id="link-local"),
        pytest.param(address(attribute(1, "127.0.0.1"), scope=254), None, id="host-scope"),
        pytest.param(address(family=socket.AF_UNIX), None, id="another-family"),
    ],
)
def test_addresses(message: bytes, expected: Address | None) -> None:
    assert parse_address(message, name_of) == expected


# --- Routes -----------------------------------------------------------------------------------------------------


def default(device: str, gateway: str = "", table: int = 254, **changes: Any) -> DefaultRoute:
    return DefaultRoute(
        **({"family": 4, "table": table, "device": device, "gateway": gateway, "protocol": 3} | changes)
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            route(attribute(4, 2), attribute(5, "10.1.1.1")), [default("eth0", "10.1.1.1")], id="default"
        ),
        pytest.param(route(attribute(4, 9)), [default("if9")], id="no-gateway-on-a-device-that-vanished"),
        pytest.param(
            route(attribute(15, 1000), attribute(4, 3), table=252),
            [default("eth1", table=1000)],
            id="a-high-table",
        ),
        pytest.param(route(attribute(1, "128.0.0.0"), attribute(4, 3), bits=1), [default("eth1")], id="half"),
        pytest.param(route(attribute(1, "10.0.0.0"), attribute(4, 3), bits=8), [], id="to-somewhere"),
        pytest.param(
            route(attribute(1, "2000::"), attribute(4, 3), family=V6, bits=3),
            [default("eth1", family=6)],
            id="2000::/3",
        ),
        pytest.param(route(attribute(4, 2), kind=7), [], id="unreachable"),
        pytest.param(
            route(attribute(9, hop(2, "10.1.1.1") + hop(3, "10.2.2.1"))),
            [default("eth0", "10.1.1.1", multipath=True), default("eth1", "10.2.2.1", multipath=True)],
            id="two-hops",
        ),
        pytest.param(
            route(attribute(4, 2), attribute(18, struct.pack("=H", V6) + socket.inet_pton(V6, "fe80::1"))),
            [default("eth0", "fe80::1")],
            id="ipv4-by-an-ipv6-router",
        ),
        pytest.param(route(), [], id="a-nexthop-object-that-is-not-unfolded"),
    ],
)
def test_default_routes(message: bytes, expected: list[DefaultRoute]) -> None:
    assert list(parse_default_routes(message, name_of)) == expected


def other(destination: str, device: str = "eth1", **changes: Any) -> OtherRoute:
    return OtherRoute(**({"family": 4, "table": 254, "device": device, "destination": destination} | changes))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            route(attribute(1, "10.2.2.0"), attribute(4, 3), bits=24),
            other("10.2.2.0/24", on_link=True),
            id="on-link",
        ),
        pytest.param(
            route(attribute(1, "10.50.0.0"), attribute(4, 3), attribute(5, "10.2.2.9"), bits=16),
            other("10.50.0.0/16"),
            id="by-a-router",
        ),
        pytest.param(
            route(attribute(1, "10.0.0.0"), attribute(9, hop(2, "10.1.1.1") + hop(3, "10.2.2.1")), bits=8),
            other("10.0.0.0/8", "eth0"),
            id="two-hops",
        ),
        pytest.param(
            route(attribute(15, 1000), attribute(1, "fd00::"), attribute(4, 3), table=252, family=V6, bits=64),
            other("fd00::/64", family=6, table=1000, on_link=True),
            id="ipv6-in-a-high-table",
        ),
        pytest.param(
            route(kind=7, table=77), other("0.0.0.0/0", "", table=77, on_link=True), id="a-table-that-only-forbids"
        ),
        pytest.param(
            route(kind=7, table=77, family=V6), other("::/0", "", family=6, table=77, on_link=True), id="in-ipv6"
        ),
        pytest.param(route(attribute(4, 3)), None, id="default"),
        pytest.param(route(attribute(1, "128.0.0.0"), attribute(4, 3), bits=1), None, id="half"),
        pytest.param(route(attribute(1, "10.2.2.2"), attribute(4, 3), bits=32, table=255), None, id="local"),
        pytest.param(
            route(attribute(1, "fe80::"), attribute(4, 3), family=V6, bits=64), None, id="of-the-link-itself"
        ),
        pytest.param(route(attribute(1, "ff00::"), attribute(4, 3), family=V6, bits=8), None, id="multicast"),
    ],
)
def test_other_routes(message: bytes, expected: OtherRoute | None) -> None:
    assert parse_other_route(message, name_of) == expected


def test_a_lookup_and_its_answer() -> None:
    asked = build_lookup(source="10.2.2.2", target="192.0.2.7", oif=7, mark=2)
    assert dict(walk_attributes(asked, 12)) == {
        1: bytes([192, 0, 2, 7]),
        2: bytes([10, 2, 2, 2]),
        4: struct.pack("=I", 7),
        16: struct.pack("=I", 2),
    }
    answer = route(attribute(15, 102), attribute(4, 3), attribute(5, "10.2.2.1"), bits=32, table=102)
    assert parse_reply(answer, address="10.2.2.2", client="192.0.2.7", mark=2, name_of=name_of) == Reply(
        address="10.2.2.2", client="192.0.2.7", device="eth1", gateway="10.2.2.1", table=102, mark=2
    )


# --- Rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "words", "host"),
    [
        pytest.param(rule(attribute(15, 254)), "from all lookup main", "", id="main"),
        pytest.param(
            rule(attribute(2, "10.2.2.2"), attribute(15, 102), of=32),
            "from 10.2.2.2 lookup 102",
            "10.2.2.2",
            id="host",
        ),
        pytest.param(
            rule(attribute(2, "10.2.2.0"), attribute(15, 102), of=24),
            "from 10.2.2.0/24 lookup 102",
            "",
            id="prefix",
        ),
        pytest.param(
            rule(attribute(2, "2001:db8::2"), attribute(15, 102), family=V6, of=128),
            "from 2001:db8::2 lookup 102",
            "2001:db8::2",
            id="ipv6",
        ),
        pytest.param(
            rule(attribute(1, "10.9.0.0"), attribute(15, 102), to=16),
            "from all to 10.9.0.0/16 lookup 102",
            "",
            id="to",
        ),
        pytest.param(
            rule(attribute(10, 2), attribute(16, 0xFFFFFFFF), attribute(15, 102)),
            "from all fwmark 0x2 lookup 102",
            "",
            id="mark",
        ),
        pytest.param(
            rule(attribute(10, 0x80000), attribute(16, 0xFF0000), attribute(15, 254)),
            "from all fwmark 0x80000/0xff0000 lookup main",
            "",
            id="mark-and-mask",
        ),
        pytest.param(
            rule(attribute(10, 0xCA6C), attribute(16, 0xFFFFFFFF), attribute(15, 51820), flags=2),
            "not from all fwmark 0xca6c lookup 51820",
            "",
            id="inverted-as-wg-quick-has",
        ),
        pytest.param(
            rule(attribute(14, 0), attribute(15, 254)),
            "from all lookup main suppress_prefixlength 0",
            "",
            id="suppress",
        ),
        pytest.param(rule(attribute(3, "lan0"), attribute(15, 102)), "from all iif lan0 lookup 102", "", id="iif"),
        pytest.param(
            rule(attribute(23, struct.pack("=HH", 80, 80)), attribute(15, 102)),
            "from all [and more] lookup 102",
            "",
            id="port",
        ),
        pytest.param(rule(attribute(15, 102), tos=8), "from all [and more] lookup 102", "", id="tos"),
        pytest.param(rule(attribute(19, b"\1")), "from all lookup [l3mdev-table]", "", id="vrf"),
        pytest.param(rule(action=7), "from all unreachable", "", id="unreachable"),
        pytest.param(
            rule(attribute(2, "10.2.2.2"), attribute(15, 5), of=32, flags=2),
            "not from 10.2.2.2 lookup 5",
            "",
            id="not",
        ),
    ],
)
def test_rules_read_as_ip_rule_shows_them(message: bytes, words: str, host: str) -> None:
    read = parse_rule(message)
    assert read is not None
    assert (read.words, read.host) == (words, host)


# --- Hostile bytes ----------------------------------------------------------------------------------------------

PARSERS: dict[str, Callable[[bytes], object]] = {
    "link": parse_link,
    "address": lambda data: parse_address(data, name_of),
    "routes": lambda data: list(parse_default_routes(data, name_of)),
    "other": lambda data: parse_other_route(data, name_of),
    "reply": lambda data: parse_reply(data, address="10.2.2.2", client="192.0.2.7", mark=0, name_of=name_of),
    "rule": parse_rule,
}
REAL = (
    link(attribute(3, "eth1"), attribute(10, 7), attribute(18, attribute(4, "vrf"))),
    address(attribute(1, "10.2.2.2"), attribute(2, "10.2.2.2"), attribute(8, 0x80)),
    address(attribute(1, "2001:db8:2::2"), family=V6, bits=64),
    route(attribute(9, hop(2, "10.1.1.1") + hop(3, "10.2.2.1"))),
    rule(attribute(2, "10.2.2.2"), attribute(15, 102), of=32),
)


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """Return a real message with some bytes changed, cut off or added."""
    message = bytearray(draw(st.sampled_from(REAL)))
    for _ in range(draw(st.integers(0, 4))):
        message[draw(st.integers(0, len(message) - 1))] = draw(st.integers(0, 255))
    return bytes(message[: draw(st.integers(0, len(message)))]) + draw(st.binary(max_size=8))


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS.keys())
@settings(max_examples=300, deadline=None)
@given(data=st.one_of(st.binary(max_size=120), mangled()))
@example(data=bytes(12) + b"\x08\0\x05\0" + bytes(4))  # a gateway of no family
def test_bytes_that_are_no_message_are_refused_and_nothing_else(
    parse: Callable[[bytes], object], data: bytes
) -> None:
    with suppress(MalformedMessageError):
        parse(data)


# --- Who configures a device ------------------------------------------------------------------------------------

ETH1 = Link(index=3, name="eth1")
TWO_GATEWAYS = """
auto lo eth0
iface lo inet loopback
iface eth0 inet static
    address 10.1.1.2/24
    gateway 10.1.1.1
auto eth1
iface eth1 inet static
    address 10.2.2.2/24
    # gateway 10.9.9.9
    gateway 10.2.2.1
iface eth1 inet6 static
    gateway 2001:db8:2::1
mapping eth2
    gateway 10.3.3.1
"""


def test_interfaces_tell_their_gateways() -> None:
    assert parse_interfaces(TWO_GATEWAYS) == {
        "lo": (),
        "eth0": ("10.1.1.1",),
        "eth1": ("10.2.2.1", "2001:db8:2::1"),
    }


@given(text=st.text(max_size=200))
def test_no_text_upsets_the_parsers_of_configuration(text: str) -> None:
    parse_interfaces(text + "\niface eth1 inet static\ngateway " + text)
    parse_ifcfg(text)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, [], id="nothing-tells"),
        pytest.param(
            {"etc/network/interfaces": TWO_GATEWAYS},
            [
                Configuration(
                    device="eth1",
                    by="ifupdown",
                    file="/etc/network/interfaces",
                    gateways=("10.2.2.1", "2001:db8:2::1"),
                )
            ],
            id="ifupdown",
        ),
        pytest.param(
            {
                "etc/network/interfaces": "source /etc/network/interfaces.d/*\n",
                "etc/network/interfaces.d/two": "iface eth1 inet dhcp\n",
            },
            [Configuration(device="eth1", by="ifupdown", file="/etc/network/interfaces.d/two")],
            id="ifupdown-sourced",
        ),
        pytest.param(
            {
                "etc/network/interfaces": "source-directory interfaces.d\n",
                "etc/network/interfaces.d/two": "iface eth1 inet dhcp\n",
            },
            [Configuration(device="eth1", by="ifupdown", file="/etc/network/interfaces.d/two")],
            id="ifupdown-source-directory",
        ),
        pytest.param(
            {
                "etc/sysconfig/network-scripts/ifcfg-eth1": "DEVICE=eth1\nGATEWAY='10.2.2.1' # isp\nA='b\n"
                "IPV6_DEFAULTGW=fe80::1%eth1\n"
            },
            [
                Configuration(
                    device="eth1",
                    by="network-scripts",
                    file="/etc/sysconfig/network-scripts",
                    gateways=("10.2.2.1", "fe80::1"),
                )
            ],
            id="network-scripts",
        ),
        pytest.param(
            {
                "run/systemd/netif/links/3": "# private\nADMIN_STATE=configured\n"
                "NETWORK_FILE=/etc/systemd/network/20-two.network\n",
                "etc/network/interfaces": TWO_GATEWAYS,
            },
            [Configuration(device="eth1", by="networkd", file="/etc/systemd/network/20-two.network")],
            id="networkd-and-an-old-file-of-ifupdown",
        ),
        pytest.param(
            {
                "run/systemd/netif/links/3": "ADMIN_STATE=configured\n"
                "NETWORK_FILE=/run/systemd/network/10-netplan-eth1.network\n",
                "etc/netplan/50-cloud.yaml": "network: {}\n",
            },
            [Configuration(device="eth1", by="netplan", file="/etc/netplan/50-cloud.yaml")],
            id="netplan",
        ),
        pytest.param(
            {
                "run/systemd/netif/links/3": "ADMIN_STATE=unmanaged\n",
                "run/NetworkManager/devices/3": "[device]\nmanaged=true\nconnection-uuid=5f1e-77\n",
                "etc/netplan/01-network-manager-all.yaml": "network: {renderer: NetworkManager}\n",
            },
            [Configuration(device="eth1", by="NetworkManager", file="5f1e-77")],
            id="networkmanager-beside-an-idle-networkd",
        ),
        pytest.param({"run/NetworkManager/devices/3": "\0\xff[x"}, [], id="a-file-of-nonsense"),
    ],
)
def test_who_configures_a_device(files: dict[str, str], expected: list[Configuration], tmp_path: Path) -> None:
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert list(read_configurations(Host(tmp_path), [ETH1])) == expected


def test_a_device_whose_name_is_a_path_reads_no_foreign_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/secret").write_text("GATEWAY=10.2.2.1\n")
    assert list(read_configurations(Host(tmp_path), [Link(index=9, name="x/../../../secret")])) == []
