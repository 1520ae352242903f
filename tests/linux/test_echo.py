"""Echo requests as the kernel answers them, replies, and anything at all."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.echo import EchoReply, MalformedEchoError, build_echo_request, parse_echo_reply
from watchdog.linux.inet import checksum, pseudo_header

# Of Linux 6.18, to a request with identifier 0x1234.
REPLY = bytes.fromhex("450000244e8d00004001e2f2c0a86403c0a8640a0000a2b5123400016c61622d6c61622d")


def replied(request: bytes) -> bytes:
    """Return the request as its receiver sends it back, but for the checksums."""
    if request[0] >> 4 == 4:
        return request[:12] + request[16:20] + request[12:16] + b"\0" + request[21:]
    return request[:8] + request[24:40] + request[8:24] + b"\x81" + request[41:]


def test_a_request_of_ipv4_has_right_checksums() -> None:
    packet = build_echo_request("192.168.100.10", "192.168.100.3", 0x1234, 1)
    assert (checksum(packet[:20]), checksum(packet[20:])) == (0, 0)
    assert (packet[9], packet[20], int.from_bytes(packet[2:4], "big")) == (1, 8, len(packet))


def test_a_request_of_ipv6_has_a_right_checksum() -> None:
    packet = build_echo_request("fd00::10", "fd00::3", 0x1234, 1)
    assert checksum(pseudo_header(packet[8:24], packet[24:40], len(packet) - 40, 58) + packet[40:]) == 0
    assert (packet[6], packet[40], int.from_bytes(packet[4:6], "big")) == (58, 128, len(packet) - 40)


def test_two_families_do_not_speak() -> None:
    with pytest.raises(ValueError, match="one family"):
        build_echo_request("192.168.100.10", "fd00::3", 1, 1)


@pytest.mark.parametrize(("ours", "theirs"), [("192.168.100.10", "192.168.100.3"), ("fd00::10", "fd00::3")])
def test_a_reply_names_both_ends(ours: str, theirs: str) -> None:
    reply = parse_echo_reply(replied(build_echo_request(ours, theirs, 0x1234, 7)))
    assert reply == EchoReply(source=theirs, destination=ours, identifier=0x1234)


def test_a_reply_of_a_kernel_with_a_longer_header() -> None:
    assert parse_echo_reply(REPLY).identifier == 0x1234
    longer = b"\x46" + REPLY[1:20] + bytes(4) + REPLY[20:]
    assert parse_echo_reply(longer) == parse_echo_reply(REPLY)


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(REPLY[:27], id="cut-short"),
        pytest.param(b"\x41" + REPLY[1:], id="a-header-too-short"),
        pytest.param(REPLY[:9] + b"\x06" + REPLY[10:], id="tcp"),
        pytest.param(REPLY[:20] + b"\x08" + REPLY[21:], id="a-request"),
        pytest.param(b"\x60" + REPLY[1:], id="ipv6-cut-short"),
        pytest.param(b"\x50" + REPLY[1:], id="another-version"),
    ],
)
def test_what_is_no_reply_is_refused(packet: bytes) -> None:
    with pytest.raises(MalformedEchoError):
        parse_echo_reply(packet)


@given(st.binary(max_size=120))
def test_anything_at_all(data: bytes) -> None:
    with suppress(MalformedEchoError):
        parse_echo_reply(data)


@given(st.binary(max_size=80))
def test_anything_at_all_behind_a_header(data: bytes) -> None:
    for head in (b"\x45" + bytes(8) + b"\x01" + bytes(10), b"\x60" + bytes(5) + b"\x3a" + bytes(33)):
        with suppress(MalformedEchoError):
            parse_echo_reply(head + data)
