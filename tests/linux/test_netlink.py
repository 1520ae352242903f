"""The attributes of a netlink message: real, padded, and hostile ones."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.netlink import MalformedMessageError, walk_attributes


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", [], id="none"),
        pytest.param(attribute(3, b"lo\0") + attribute(4, b"1234"), [(3, b"lo\0"), (4, b"1234")], id="padded"),
        pytest.param(attribute(18 | 0x8000, b""), [(18, b"")], id="the-flag-of-a-nested-one-is-not-its-type"),
        pytest.param(attribute(3, b"last") + b"\1", [(3, b"last")], id="less-than-a-head-left-over"),
    ],
)
def test_attributes_come_in_their_order(data: bytes, expected: list[tuple[int, bytes]]) -> None:
    assert list(walk_attributes(data)) == expected


@pytest.mark.parametrize("length", [0, 3, 9, 0xFFFF])
def test_a_length_that_cannot_be_is_refused(length: int) -> None:
    with pytest.raises(MalformedMessageError, match=f"attribute 7 claims {length} bytes"):
        list(walk_attributes(struct.pack("=HH", length, 7) + b"1234"))


@given(data=st.binary(max_size=200), offset=st.integers(0, 8))
def test_any_bytes_end(data: bytes, offset: int) -> None:
    with suppress(MalformedMessageError):
        assert len(list(walk_attributes(data, offset))) <= len(data) // 4
