"""What adjtimex(2) says of the kernel's clock. Pure: takes the bytes the kernel filled in.

Source: adjtimex(2), Linux include/uapi/linux/timex.h, kernel/time/ntp.c (`NTP_PHASE_LIMIT`: without an update the
maximum error grows by 500 ppm, and at 16 s the kernel itself sets STA_UNSYNC).
"""

import struct
from typing import Literal

import msgspec

STA_INS, STA_DEL, STA_UNSYNC, STA_NANO = 0x10, 0x20, 0x40, 0x2000
# struct timex up to `tai`, with the padding and the size of `long` that this machine's C compiler gives it:
# modes | offset freq maxerror esterror | status | constant precision tolerance sec usec tick | PPS ... | tai
_FIELDS = struct.Struct("@I4li6l2li5li")
TIMEX_BYTES = _FIELDS.size
_NOMINAL_TICK_US = 10_000
LEAP_STATES = ("insert", "delete", "in progress")
_STATES = ("ok", "insert", "delete", "in progress", "occurred", "error")


class KernelClock(msgspec.Struct, frozen=True, kw_only=True):
    """The kernel's view of its own clock.

    `unsynchronised` is STA_UNSYNC, which alone says little: chrony without `rtcsync` leaves it set. The error
    bound counts up from the last update. `frequency_ppm` is the correction in force, the tick's included.
    `leap` is what is announced, `state` where the kernel is with it (TIME_OK, TIME_INS, TIME_OOP ...).
    """

    unsynchronised: bool
    leap: Literal["", "insert", "delete"]
    state: str
    offset_seconds: float
    frequency_ppm: float
    max_error_seconds: float
    estimated_error_seconds: float
    tai_offset_seconds: int
    status: int


def decode_timex(raw: bytes, state: int) -> KernelClock:
    """Decode a filled-in struct timex and the call's return value. ValueError when it is cut short."""
    if len(raw) < TIMEX_BYTES:
        raise ValueError(f"struct timex has at least {TIMEX_BYTES} bytes, found {len(raw)}")
    fields = _FIELDS.unpack_from(raw)
    _, offset, frequency, max_error, estimated_error, status = fields[:6]
    tick, tai = fields[11], fields[-1]
    return KernelClock(
        unsynchronised=bool(status & STA_UNSYNC),
        leap="insert" if status & STA_INS else "delete" if status & STA_DEL else "",
        state=_STATES[state] if 0 <= state < len(_STATES) else str(state),
        offset_seconds=offset / (1e9 if status & STA_NANO else 1e6),
        frequency_ppm=frequency / 65536 + (tick / _NOMINAL_TICK_US - 1) * 1e6,
        max_error_seconds=max_error / 1e6,
        estimated_error_seconds=estimated_error / 1e6,
        tai_offset_seconds=tai,
        status=status,
    )
