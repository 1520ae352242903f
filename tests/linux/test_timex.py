"""struct timex as the kernel fills it in, on a machine with 64-bit longs and on this one."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.host import Host
from watchdog.linux.timex import TIMEX_BYTES, KernelClock, decode_timex


def timex(**fields: int) -> bytes:
    """Return the struct with these fields, the others as on a clock in good order."""
    values = {
        "offset": 0,
        "freq": 0,
        "maxerror": 20_000,
        "esterror": 500,
        "status": 0x2001,
        "tick": 10_000,
        "tai": 37,
    }
    values |= fields
    head = (0, values["offset"], values["freq"], values["maxerror"], values["esterror"], values["status"])
    middle = (2, 1, 32_768_000, 1_790_000_000, 0, values["tick"])
    return struct.pack("@I4li6l2li5li", *head, *middle, 0, 0, 0, 0, 0, 0, 0, 0, values["tai"]) + bytes(44)


@pytest.mark.parametrize(
    ("fields", "state", "expected"),
    [
        pytest.param(
            {}, 0, {"unsynchronised": False, "leap": "", "state": "ok", "tai_offset_seconds": 37}, id="ok"
        ),
        pytest.param({"status": 0x40}, 5, {"unsynchronised": True, "state": "error"}, id="unsynchronised"),
        pytest.param({"status": 0x2011}, 1, {"leap": "insert", "state": "insert"}, id="leap-second-announced"),
        pytest.param({"status": 0x2021}, 2, {"leap": "delete", "state": "delete"}, id="leap-second-deleted"),
        pytest.param({"status": 0x2011}, 3, {"leap": "insert", "state": "in progress"}, id="leap-second-now"),
        pytest.param({"maxerror": 16_000_000}, 0, {"max_error_seconds": 16.0}, id="error-bound"),
        pytest.param({"esterror": 500}, 0, {"estimated_error_seconds": 0.0005}, id="estimated-error"),
        pytest.param({"offset": -18_000_000}, 0, {"offset_seconds": -0.018}, id="nanoseconds"),
        pytest.param({"offset": -18_000, "status": 1}, 0, {"offset_seconds": -0.018}, id="microseconds"),
        pytest.param({"freq": -819_200}, 0, {"frequency_ppm": -12.5}, id="frequency"),
        pytest.param({"tick": 10_001}, 0, {"frequency_ppm": 100.0}, id="frequency-by-the-tick"),
        pytest.param({}, 9, {"state": "9"}, id="state-of-a-later-kernel"),
    ],
)
def test_decode(fields: dict[str, int], state: int, expected: dict[str, Any]) -> None:
    found = decode_timex(timex(**fields), state)
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected)


@given(raw=st.binary(max_size=2 * TIMEX_BYTES), state=st.integers(-1, 9))
def test_any_bytes(raw: bytes, state: int) -> None:
    if len(raw) < TIMEX_BYTES:
        with pytest.raises(ValueError, match="struct timex"):
            decode_timex(raw, state)
    else:
        assert isinstance(decode_timex(raw, state), KernelClock)


def test_this_kernel_answers() -> None:
    found = Host().adjtimex()
    assert 0 <= found.max_error_seconds <= 16.1
    assert found.unsynchronised == bool(found.status & 0x40)
    assert abs(found.frequency_ppm) <= 100_500
