"""VRRP adverts: as a real keepalived sent them, changed where it matters, and anything at all."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fuzz_packets import fuzz
from watchdog.linux.inet import checksum, pseudo_header
from watchdog.linux.vrrp_packet import (
    PROTOCOL_VRRP,
    Advert,
    MalformedAdvertError,
    master_down_seconds,
    parse_advert,
    read_password,
    virtual_mac,
)

CAPTURED = Path(__file__).parents[1] / "fixtures/vrrp"


def captured(name: str) -> bytearray:
    return bytearray.fromhex((CAPTURED / f"{name}.hex").read_text())


def changed(name: str, position: int, value: int) -> bytes:
    packet = captured(name)
    packet[position] = value
    return bytes(packet)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("v2", {"version": 2, "auth": "none", "interval_seconds": 1.0}, id="version-2"),
        pytest.param("v2-pass", {"version": 2, "auth": "pass", "interval_seconds": 1.0}, id="with-a-password"),
        pytest.param("v2-ah", {"version": 2, "auth": "ah", "interval_seconds": 1.0}, id="with-an-ah-header"),
        pytest.param("v3", {"version": 3, "auth": "none", "interval_seconds": 0.3}, id="version-3"),
        pytest.param("v3-unicast", {"destination": "192.168.100.3", "is_multicast": False}, id="unicast"),
        pytest.param(
            "v3-ipv6",
            {
                "family": 6,
                "destination": "ff02::12",
                "addresses": ("fe80::51", "fd00:100::10"),
                "source": "fe80::40:7eff:fe57:6381",
            },
            id="ipv6",
        ),
    ],
)
def test_what_keepalived_sends_is_understood(name: str, expected: dict[str, object]) -> None:
    advert = parse_advert(bytes(captured(name)))
    common = {"vrid": 51, "priority": 150, "ttl": 255, "checksum": "good"}
    if "family" not in expected:
        common |= {"family": 4, "source": "192.168.100.1", "addresses": ("192.168.100.10",)}  # type: ignore[dict-item]
    assert {key: getattr(advert, key) for key in common | expected} == common | expected


AH = bytes(captured("v2-ah"))


def test_padding_of_short_frames_is_no_part_of_an_advert() -> None:
    assert parse_advert(bytes(captured("v3")) + bytes(14)) == parse_advert(bytes(captured("v3")))


def test_what_keepalived_would_refuse_is_told_and_not_raised() -> None:
    assert parse_advert(changed("v3", 8, 254)).ttl == 254
    assert parse_advert(changed("v3", 22, 7)).checksum == "wrong"
    assert parse_advert(changed("v2", 22, 7)).checksum == "wrong"
    assert parse_advert(changed("v2", 24, 9)).auth == "other"


@pytest.mark.parametrize(
    ("pseudo", "expected"),
    [
        pytest.param(b"", "without pseudo-header", id="as-version-2"),
        pytest.param(
            pseudo_header(bytes((192, 168, 100, 1)), bytes((224, 0, 0, 18)), 12, PROTOCOL_VRRP),
            "with the multicast group",
            id="as-if-multicast",
        ),
    ],
)
def test_other_checksums_in_use_are_known(pseudo: bytes, expected: str) -> None:
    packet = captured("v3-unicast")
    packet[26:28] = bytes(2)
    packet[26:28] = checksum(pseudo + packet[20:]).to_bytes(2, "big")
    assert parse_advert(bytes(packet)).checksum == expected


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        pytest.param(b"", "no IP packet", id="nothing"),
        pytest.param(bytes(captured("v3")[:19]), "no IP packet", id="half-an-ip-header"),
        pytest.param(bytes(captured("v3")[:30]), "claims", id="shorter-than-it-says"),
        pytest.param(changed("v3", 0, 0x44), "claims", id="ip-header-too-short"),
        pytest.param(changed("v3", 9, 17), "IP protocol 17", id="udp"),
        pytest.param(changed("v3", 6, 0x20), "fragment", id="first-of-several-fragments"),
        pytest.param(changed("v3", 7, 1), "fragment", id="a-later-fragment"),
        pytest.param(changed("v3", 20, 0x41), "version 4", id="version-4"),
        pytest.param(changed("v3", 20, 0x32), "type 2", id="no-advert"),
        pytest.param(changed("v3", 21, 0), "virtual router 0", id="vrid-0"),
        pytest.param(changed("v3", 23, 2), "expected 16", id="an-address-that-is-not-there"),
        pytest.param(changed("v3", 23, 255), "expected 1028", id="255-addresses-that-are-not-there"),
        pytest.param(changed("v2-ah", 20, 6), "IP protocol 6", id="ah-around-tcp"),
        pytest.param(changed("v2-ah", 21, 200), "not VRRP's", id="ah-of-another-length"),
        pytest.param(AH[:2] + b"\0\x20" + AH[4:], "cut short", id="ah-cut"),
        pytest.param(changed("v3-ipv6", 6, 58), "next header 58", id="icmpv6"),
        pytest.param(changed("v3-ipv6", 5, 255), "claims 295", id="ipv6-shorter-than-it-says"),
        pytest.param(
            bytes((0x45, 0, 0, 56, 0, 0, 0, 0, 255, 112)) + bytes(10) + bytes((0x21, 1, 0, 7)) + bytes(32),
            "CARP",
            id="carp",
        ),
    ],
)
def test_what_is_no_advert_is_refused_with_the_reason(packet: bytes, words: str) -> None:
    with pytest.raises(MalformedAdvertError, match=words):
        parse_advert(packet)


def test_a_password_is_read_where_there_is_one_and_no_advert_shows_it() -> None:
    packet = bytes(captured("v2-pass"))
    assert read_password(packet) == b"s3cret\0\0"
    assert "s3cret" not in repr(parse_advert(packet))
    assert [read_password(bytes(captured(name))) for name in ("v2", "v2-ah", "v3", "v3-ipv6")] == [None] * 4


def test_a_backup_waits_for_three_intervals_and_its_skew() -> None:
    assert master_down_seconds(2, 100, 1) == 3 + 156 / 256
    assert master_down_seconds(3, 100, 0.1) == pytest.approx(0.3 + 15.6 / 256)
    assert master_down_seconds(2, 255, 2) == 6 + 1 / 256


def test_the_virtual_mac_is_that_of_the_rfc() -> None:
    assert (virtual_mac(4, 51), virtual_mac(6, 255)) == ("00:00:5e:00:01:33", "00:00:5e:00:02:ff")


@given(st.binary(max_size=300))
def test_nothing_but_its_own_error_comes_out(packet: bytes) -> None:
    _try(packet)


@given(
    st.sampled_from(sorted(file.stem for file in CAPTURED.glob("*.hex"))),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 255)), max_size=6),
    st.integers(0, 90),
)
def test_nothing_but_its_own_error_comes_out_of_changed_adverts(
    name: str, changes: list[tuple[int, int]], length: int
) -> None:
    packet = captured(name)
    for position, value in changes:
        packet[position % len(packet)] = value
    _try(bytes(packet[: length or None]))


def _try(packet: bytes) -> None:
    with suppress(MalformedAdvertError):
        advert = parse_advert(packet)
        assert isinstance(advert, Advert)
        assert 1 <= advert.vrid <= 255
        assert len(advert.addresses) * (4 if advert.family == 4 else 16) <= len(packet)
        password = read_password(packet)
        assert password is None or len(password) == 8


def test_twenty_thousand_packets_through_every_parser() -> None:
    """The bench does a million; here is what a test has time for."""
    taken, _, _ = fuzz(seed=4, count=20_000)
    assert taken > 1000
