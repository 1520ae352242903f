"""NTP answers, valid and not: every case is what a server sent and what becomes of it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.ntp_packet import (
    HEADER_BYTES,
    KissOfDeathError,
    NtpPacketError,
    NtpReply,
    StrayPacketError,
    build_request,
    measure,
    parse_reply,
)

S = 10**9
SENT = 1_790_000_000 * S
NTP_EPOCH = 2_208_988_800
REQUEST = build_request()


def packet(
    *,
    leap: int = 0,
    version: int = 4,
    mode: int = 4,
    stratum: int = 2,
    precision: int = -20,
    reference: bytes = b"\x0a\x00\x00\x01",
    origin: bytes = REQUEST[40:48],
    received: float = SENT / S + 0.010,
    sent: float = SENT / S + 0.011,
) -> bytes:
    head = struct.pack(
        "!BBBbII4s", leap << 6 | version << 3 | mode, stratum, 6, precision, 0x8000, 0x4000, reference
    )
    return head + stamp(SENT / S - 60) + origin + stamp(received) + stamp(sent)


def stamp(seconds: float) -> bytes:
    if not seconds:
        return bytes(8)
    ntp = round((seconds + NTP_EPOCH) * 2**32) % 2**64
    return ntp.to_bytes(8, "big")


def test_a_request_is_a_client_s_with_nothing_in_it_but_a_random_number() -> None:
    assert len(REQUEST) == HEADER_BYTES
    assert REQUEST[0] == 0b00_100_011  # leap 0, version 4, mode 3
    assert not any(REQUEST[1:40])
    assert len({build_request()[40:] for _ in range(100)}) == 100


def test_a_valid_answer() -> None:
    reply = parse_reply(packet(leap=1), REQUEST)
    assert (reply.stratum, reply.leap) == (2, 1)
    assert (reply.root_delay_seconds, reply.root_dispersion_seconds) == (0.5, 0.25)
    assert reply.precision_seconds == 2**-20


@pytest.mark.parametrize(
    ("data", "kind", "says"),
    [
        pytest.param(b"", StrayPacketError, "0 bytes", id="empty"),
        pytest.param(packet()[:47], StrayPacketError, "47 bytes", id="truncated"),
        pytest.param(packet()[:24], StrayPacketError, "24 bytes", id="truncated-by-half"),
        pytest.param(packet() + b"x", StrayPacketError, "49 bytes", id="not-by-fours"),
        pytest.param(packet() + bytes(2004), StrayPacketError, "2052 bytes", id="too-long"),
        pytest.param(packet(origin=bytes(8)), StrayPacketError, "origin", id="origin-of-nobody"),
        pytest.param(
            packet(origin=REQUEST[40:47] + bytes((REQUEST[47] ^ 1,))), StrayPacketError, "origin", id="one-bit-off"
        ),
        pytest.param(packet(mode=3), StrayPacketError, "mode 3", id="a-client"),
        pytest.param(packet(mode=5), StrayPacketError, "mode 5", id="a-broadcast"),
        pytest.param(packet(mode=6), StrayPacketError, "mode 6", id="a-control-message"),
        pytest.param(packet(version=2), NtpPacketError, "version 2", id="old-version"),
        pytest.param(packet(version=7), NtpPacketError, "version 7", id="unknown-version"),
        pytest.param(packet(leap=3), NtpPacketError, "not synchronised", id="unsynchronised"),
        pytest.param(packet(stratum=16), NtpPacketError, "not synchronised", id="stratum-16"),
        pytest.param(packet(stratum=255), NtpPacketError, "not synchronised", id="stratum-reserved"),
        pytest.param(packet(sent=0), NtpPacketError, "zero", id="no-transmit-time"),
        pytest.param(packet(received=0), NtpPacketError, "zero", id="no-receive-time"),
        pytest.param(packet(stratum=0, leap=3, reference=b"RATE"), KissOfDeathError, "RATE", id="kiss-rate"),
        pytest.param(packet(stratum=0, reference=b"\xff\n\0\0"), KissOfDeathError, r"\?\?", id="kiss-garbage"),
        pytest.param(packet(stratum=0, reference=bytes(4)), KissOfDeathError, "without a code", id="kiss-nothing"),
        pytest.param(
            packet(stratum=0, reference=b"DENY", origin=bytes(8)), StrayPacketError, "origin", id="forged-kiss"
        ),
    ],
)
def test_what_is_no_answer(data: bytes, kind: type[NtpPacketError], says: str) -> None:
    with pytest.raises(NtpPacketError, match=says) as caught:
        parse_reply(data, REQUEST)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("code", "refuses"), [("DENY", True), ("RSTR", True), ("RATE", True), ("INIT", False), ("STEP", False)]
)
def test_which_kisses_forbid_to_ask_again(code: str, refuses: bool) -> None:
    with pytest.raises(KissOfDeathError) as caught:
        parse_reply(packet(stratum=0, leap=3, reference=code.encode()), REQUEST)
    assert (caught.value.code, caught.value.refuses) == (code, refuses)


@pytest.mark.parametrize("extra", [4, 24, 400])
def test_extension_fields_are_left_alone(extra: int) -> None:
    assert parse_reply(packet() + bytes(extra), REQUEST) == parse_reply(packet(), REQUEST)


def reply(received: float, sent: float, precision: int = -20) -> NtpReply:
    return parse_reply(packet(received=received, sent=sent, precision=precision), REQUEST)


@pytest.mark.parametrize(
    ("offset", "there", "thought", "back", "expected_offset"),
    [
        pytest.param(0.0, 0.01, 0.001, 0.01, 0.0, id="right"),
        pytest.param(18.0, 0.01, 0.001, 0.01, 18.0, id="behind"),
        pytest.param(-18.0, 0.01, 0.001, 0.01, -18.0, id="ahead"),
        pytest.param(0.0, 0.30, 0.001, 0.10, 0.10, id="uneven-way"),
        pytest.param(-1.79e9, 0.01, 0.001, 0.01, -1.79e9, id="server-in-1970"),
        pytest.param(1.79e9, 0.01, 0.001, 0.01, 1.79e9, id="server-in-the-next-era"),
    ],
)
def test_measure(offset: float, there: float, thought: float, back: float, expected_offset: float) -> None:
    arrived = SENT / S + there + offset
    found = measure(reply(arrived, arrived + thought), SENT, round((there + thought + back) * S))
    assert found.offset_seconds == pytest.approx(expected_offset, abs=2e-6)
    assert found.round_trip_seconds == pytest.approx(there + back, abs=2e-6)


def test_our_clock_may_be_in_another_era_than_the_server() -> None:
    after_2036 = 2_100_000_000
    found = measure(reply(after_2036 + 0.01, after_2036 + 0.01), after_2036 * S, 20_000_000)
    assert found.offset_seconds == pytest.approx(0.0, abs=2e-6)


@pytest.mark.parametrize(
    ("thought", "waited", "precision", "ok"),
    [
        pytest.param(10.0, 0.02, -20, False, id="thought-longer-than-we-waited"),
        pytest.param(-1.0, 0.02, -20, False, id="answered-before-it-was-asked"),
        pytest.param(0.015, 0.002, -6, True, id="coarse-clock"),
        pytest.param(0.015, 0.002, -20, False, id="fine-clock"),
        pytest.param(10.0, 0.02, 127, False, id="precision-made-up"),
        pytest.param(0.02, 0.02, -20, True, id="no-way-at-all"),
    ],
)
def test_times_that_contradict_themselves(thought: float, waited: float, precision: int, ok: bool) -> None:
    answer = reply(SENT / S, SENT / S + thought, precision)
    if ok:
        assert measure(answer, SENT, round(waited * S)).round_trip_seconds >= 0
    else:
        with pytest.raises(NtpPacketError, match="contradict"):
            measure(answer, SENT, round(waited * S))


def parse_and_measure(data: bytes) -> None:
    try:
        found = measure(parse_reply(data, REQUEST), SENT, S)
    except NtpPacketError:
        return
    assert abs(found.offset_seconds) <= 2**31 + 1
    assert 0 <= found.round_trip_seconds <= 2


@given(st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    parse_and_measure(data)


@given(head=st.binary(min_size=24, max_size=24), tail=st.binary(min_size=16, max_size=64))
def test_any_bytes_that_answer_our_request(head: bytes, tail: bytes) -> None:
    parse_and_measure(head + REQUEST[40:48] + tail)


@given(
    precision=st.integers(-128, 127),
    leap=st.integers(0, 3),
    stratum=st.integers(0, 255),
    received=st.floats(0, 2e9),
    sent=st.floats(0, 2e9),
)
def test_any_server(precision: int, leap: int, stratum: int, received: float, sent: float) -> None:
    parse_and_measure(packet(precision=precision, leap=leap, stratum=stratum, received=received, sent=sent))
