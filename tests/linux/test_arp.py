"""Who has this address: questions as they are sent, answers as they come, and anything at all."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.arp import (
    REPLY,
    REQUEST,
    ArpPacket,
    MalformedNeighbourError,
    NeighbourAdvertisement,
    build_arp_probe,
    build_neighbour_solicitation,
    parse_arp,
    parse_neighbour_advertisement,
)
from watchdog.linux.inet import checksum, multicast_mac, parse_mac, pseudo_header, solicited_node

MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"
# A reply of Linux 6.18 to such a probe, padded to the least length of a frame.
ARP_REPLY = bytes.fromhex("0001080006040002020000000002c0a8640a02000000000100000000" + "00" * 18)


def advertisement(
    *, flags: int = 0x60, option: bytes = b"\x02\x01\x02\0\0\0\0\x02", hop_limit: int = 255, kind: int = 136
) -> bytes:
    """Return the IPv6 packet of an answer, with a right checksum."""
    source, destination = bytes.fromhex("fd" + "00" * 14 + "02"), bytes.fromhex("fe80" + "00" * 13 + "01")
    message = struct.pack("!BBHB3x", kind, 0, 0, flags) + bytes.fromhex("fd" + "00" * 14 + "10") + option
    total = checksum(pseudo_header(source, destination, len(message), 58) + message)
    message = message[:2] + total.to_bytes(2, "big") + message[4:]
    return struct.pack("!IHBB", 6 << 28, len(message), 58, hop_limit) + source + destination + message


def test_a_probe_names_nobody_as_its_sender() -> None:
    assert parse_arp(build_arp_probe("192.168.100.10", MAC)) == ArpPacket(
        operation=REQUEST,
        sender_mac=MAC,
        sender_address="0.0.0.0",  # noqa: S104 - RFC 5227
        target_mac="00:00:00:00:00:00",
        target_address="192.168.100.10",
    )


def test_a_reply_is_read_with_its_padding() -> None:
    arp = parse_arp(ARP_REPLY)
    assert (arp.operation, arp.sender_mac, arp.sender_address, arp.target_mac) == (
        REPLY,
        OTHER,
        "192.168.100.10",
        MAC,
    )


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(ARP_REPLY[:27], id="cut-short"),
        pytest.param(b"\0\x06" + ARP_REPLY[2:], id="token-ring"),
        pytest.param(ARP_REPLY[:2] + b"\x86\xdd" + ARP_REPLY[4:], id="for-ipv6"),
        pytest.param(ARP_REPLY[:4] + b"\xff" + ARP_REPLY[5:], id="hardware-addresses-of-255-bytes"),
    ],
)
def test_what_is_no_arp_is_refused(packet: bytes) -> None:
    with pytest.raises(MalformedNeighbourError):
        parse_arp(packet)


def test_a_solicitation_goes_to_the_group_with_a_right_checksum() -> None:
    packet = build_neighbour_solicitation("fd00::10", "fe80::1", MAC)
    assert packet[24:40] == bytes.fromhex("ff0200000000000000000001ff000010")
    assert checksum(pseudo_header(packet[8:24], packet[24:40], len(packet) - 40, 58) + packet[40:]) == 0
    assert (packet[7], packet[40]) == (255, 135)
    assert packet[-6:] == parse_mac(MAC)


def test_an_advertisement_is_read() -> None:
    assert parse_neighbour_advertisement(advertisement()) == NeighbourAdvertisement(
        source="fd00::2",
        destination="fe80::1",
        address="fd00::10",
        mac=OTHER,
        router=False,
        solicited=True,
        override=True,
    )
    assert parse_neighbour_advertisement(advertisement(option=b"")).mac is None
    assert parse_neighbour_advertisement(advertisement(option=b"\x05\x01" + bytes(6))).mac is None
    assert parse_neighbour_advertisement(advertisement(flags=0x80)).router


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(advertisement()[:63], id="cut-short"),
        pytest.param(advertisement()[:-1], id="shorter-than-it-says"),
        pytest.param(advertisement(kind=135), id="a-question"),
        pytest.param(advertisement(hop_limit=254), id="from-beyond-a-router"),
        pytest.param(advertisement()[:-1] + b"\xff", id="wrong-checksum"),
        pytest.param(advertisement(option=b"\x02\0" + bytes(6)), id="an-option-of-no-length"),
        pytest.param(build_arp_probe("192.0.2.1", MAC) * 3, id="arp"),
    ],
)
def test_what_is_no_advertisement_is_refused(packet: bytes) -> None:
    with pytest.raises(MalformedNeighbourError):
        parse_neighbour_advertisement(packet)


@pytest.mark.parametrize(
    ("group", "mac"),
    [
        pytest.param("224.0.0.18", "01:00:5e:00:00:12", id="vrrp"),
        pytest.param("239.129.0.1", "01:00:5e:01:00:01", id="23-bits-of-the-address"),
        pytest.param("ff02::12", "33:33:00:00:00:12", id="ipv6"),
        pytest.param(solicited_node("fd00::12:3456"), "33:33:ff:12:34:56", id="solicited-node"),
    ],
)
def test_a_group_has_its_hardware_address(group: str, mac: str) -> None:
    assert multicast_mac(group) == mac


@pytest.mark.parametrize("text", ["", "02:00:00:00:00", "02:00:00:00:00:00:00", "zz:00:00:00:00:00"])
def test_what_is_no_hardware_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_mac(text)


@given(st.binary(max_size=200))
def test_nothing_but_its_own_error_comes_out(packet: bytes) -> None:
    for parse in (parse_arp, parse_neighbour_advertisement):
        with suppress(MalformedNeighbourError):
            parse(packet)


@given(st.binary(max_size=64))
def test_nothing_but_its_own_error_comes_out_of_options(options: bytes) -> None:
    with suppress(MalformedNeighbourError):
        parse_neighbour_advertisement(advertisement(option=options))
