"""What a running NTP daemon says of the clock: how far it is off, by its own reckoning. Pure.

Sources: ntpq(1) (`rv`: system variables; times in ms, l_fp stamps in hexadecimal), chronyc(1) and chrony
client.c (`chronyc -c tracking`: comma-separated, seconds).
"""

import math
import re

import msgspec

_VARIABLE = re.compile(r"(?<![\w.])(leap|stratum|offset|reftime|clock)=\s*([^,\s]+)")
_STAMP = re.compile(r"(?:0x)?([0-9a-f]{8})\.[0-9a-f]{1,8}", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?(?:e[+-]?\d{1,2})?", re.IGNORECASE | re.ASCII)
_UNSYNCHRONISED_STRATA = (0, 16)
_LEAP_UNKNOWN = ("11", "3")
# chronyc -c tracking: refid, address, stratum, reftime, correction ..., leap status.
_TRACKING_FIELDS = 14
_ERA = 2**32


class NotTrackingError(ValueError):
    """It does not say how far the clock is off; the text says why."""


class Tracking(msgspec.Struct, frozen=True, kw_only=True):
    """By how many seconds the daemon is about to correct the clock (their signs differ, so its size only).

    `age_seconds` is how long ago it last heard of the time, where it says so.
    """

    offset_seconds: float
    age_seconds: float | None = None


def parse_ntpq(text: str) -> Tracking:
    """Read what `ntpq -c rv` says. Raises NotTrackingError."""
    said = dict(_VARIABLE.findall(text))
    if said.get("leap") in _LEAP_UNKNOWN or _number(said.get("stratum")) in _UNSYNCHRONISED_STRATA:
        raise NotTrackingError("it is not synchronised")
    offset = _number(said.get("offset"))
    if offset is None or "leap" not in said or "stratum" not in said:
        raise NotTrackingError(
            f"expected leap, stratum and offset, found {' '.join(text.split())[:120] or 'nothing'}"
        )
    updated, now = (_STAMP.fullmatch(said.get(name, "")) for name in ("reftime", "clock"))
    age = None if updated is None or now is None else float((int(now[1], 16) - int(updated[1], 16)) % _ERA)
    return Tracking(offset_seconds=abs(offset) / 1000, age_seconds=age)


def parse_chronyc(text: str) -> Tracking:
    """Read what `chronyc -c tracking` says. Raises NotTrackingError."""
    fields = text.strip().split(",")
    if len(fields) < _TRACKING_FIELDS:
        raise NotTrackingError(
            f"expected {_TRACKING_FIELDS} fields, found {' '.join(text.split())[:120] or 'nothing'}"
        )
    if fields[13] == "Not synchronised" or _number(fields[2]) in _UNSYNCHRONISED_STRATA:
        raise NotTrackingError("it is not synchronised")
    offset = _number(fields[4])
    if offset is None:
        raise NotTrackingError(f"expected the correction in seconds, found {fields[4][:40]!r}")
    return Tracking(offset_seconds=abs(offset))


def _number(text: str | None) -> float | None:
    if text is None or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None
