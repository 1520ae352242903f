"""An NTP request and the reply to it, validated. The wire format is ntplib's; what it does not check is here.

ntplib 0.4 takes any datagram for an answer (mode, leap, stratum 0 and the origin go unchecked) and reckons with
wall clock readings that a step in between would spoil; so the exchange itself is the caller's.
Sources: RFC 5905 sections 7.3, 7.4 (kiss-o'-death), 8 (offset and delay) and 9.2; RFC 7822 (extension fields).
"""

import math

import msgspec

HEADER_BYTES = 48
MAX_BYTES = 2048
_ORIGIN, _TRANSMIT = slice(24, 32), slice(40, 48)
_SERVER_MODE, _UNSYNCHRONISED = 4, 3
_LAST_STRATUM = 15
_ERA_SECONDS = 2**32  # timestamps wrap, next in February 2036; half an era either way is understood
# Kiss codes that forbid to ask (RFC 5905 section 7.4); the others only say "not now".
REFUSALS = frozenset(("DENY", "RSTR", "RATE"))


class NtpPacketError(ValueError):
    """The datagram is no usable answer to our request; the text says why."""


class StrayPacketError(NtpPacketError):
    """It does not answer our request at all: forged, or meant for someone else. The true answer may yet come."""


class KissOfDeathError(NtpPacketError):
    """The server gives no time; `code` says why, and whether it `refuses` to be asked again."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.refuses = code in REFUSALS
        named = f"kiss-o'-death {code or 'without a code'}"
        super().__init__(f"it refuses to serve us ({named})" if self.refuses else f"it has no time yet ({named})")


class NtpReply(msgspec.Struct, frozen=True, kw_only=True):
    """A valid answer. `leap` is 0 none, 1 insert, 2 delete; the times are in seconds since 1900, modulo 2**32."""

    stratum: int
    leap: int
    reference_id: int
    root_delay_seconds: float
    root_dispersion_seconds: float
    precision_seconds: float
    received: float
    transmitted: float


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply says of our clock: its offset (positive: we are behind) and the round trip."""

    offset_seconds: float
    round_trip_seconds: float


def build_request() -> bytes:
    """Return a client's request. Its transmit time is random: what only the server that got it can send back."""
    # ntplib, and what it needs, is loaded by who asks a server: not by who only reads what was found.
    import secrets
    from fractions import Fraction

    import ntplib  # type: ignore[import-untyped]

    nonce = Fraction(1 + secrets.randbelow(2**64 - 1), 2**32)  # a Fraction, as a float would lose bits
    request: bytes = ntplib.NTPPacket(version=4, mode=3, tx_timestamp=nonce).to_data()
    return request


def parse_reply(data: bytes, request: bytes) -> NtpReply:
    """Decode the answer to a request. Raises NtpPacketError, of no other kind, for anything that is none."""
    import ntplib

    if len(data) < HEADER_BYTES or len(data) % 4 or len(data) > MAX_BYTES:
        raise StrayPacketError(f"{len(data)} bytes are no NTP packet (expected {HEADER_BYTES} or more, by fours)")
    # To the bit, which ntplib's floats are not.
    if data[_ORIGIN] != request[_TRANSMIT]:
        raise StrayPacketError("what came does not answer our request (its origin is not what we sent)")
    packet = ntplib.NTPPacket()
    packet.from_data(data)
    if packet.mode != _SERVER_MODE:
        raise StrayPacketError(f"what came is not a server's answer (mode {packet.mode}, expected {_SERVER_MODE})")
    if packet.version not in (3, 4):
        raise NtpPacketError(f"it speaks NTP version {packet.version} (expected 3 or 4)")
    if packet.stratum == 0:
        raise KissOfDeathError(_kiss_code(data[12:16]))
    if packet.leap == _UNSYNCHRONISED or packet.stratum > _LAST_STRATUM:
        raise NtpPacketError(
            f"it says itself that it is not synchronised (leap {packet.leap}, stratum {packet.stratum})"
        )
    if not packet.recv_timestamp or not packet.tx_timestamp:
        raise NtpPacketError("it gives no time (a timestamp is zero)")
    return NtpReply(
        stratum=packet.stratum,
        leap=packet.leap,
        reference_id=packet.ref_id,
        root_delay_seconds=packet.root_delay,
        root_dispersion_seconds=packet.root_dispersion,
        precision_seconds=2.0 ** min(max(packet.precision, -30), -5),
        received=packet.recv_timestamp,
        transmitted=packet.tx_timestamp,
    )


def measure(reply: NtpReply, sent_wall_ns: int, round_trip_ns: int) -> Measurement:
    """Return offset and delay from our wall clock when we sent and the time until the answer came.

    Raises NtpPacketError when the server claims to have thought longer than we waited, or less than no time:
    then its times are made up, or its clock was stepped meanwhile.
    """
    import ntplib

    sent = ntplib.system_to_ntp_time(sent_wall_ns / 1e9)
    elapsed = round_trip_ns / 1e9
    thought = _wrapped(reply.transmitted - reply.received)
    delay = elapsed - thought
    # A coarse clock (Windows: 16 ms) may seem to have thought for longer than we waited.
    if delay < -reply.precision_seconds or thought < -reply.precision_seconds:
        raise NtpPacketError(
            f"its times contradict themselves: it thought for {thought:g} s, and we waited {elapsed:g} s"
        )
    offset = (_wrapped(reply.received - sent) + _wrapped(reply.transmitted - sent - elapsed)) / 2
    return Measurement(offset_seconds=offset, round_trip_seconds=max(delay, 0.0))


def _wrapped(seconds: float) -> float:
    """Return a difference of timestamps, which may lie in different eras, as the smaller way round."""
    return math.remainder(seconds, _ERA_SECONDS)


def _kiss_code(reference: bytes) -> str:
    text = reference.rstrip(b"\0").decode("ascii", errors="replace")
    return "".join(character if character.isalnum() else "?" for character in text)
