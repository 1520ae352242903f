"""Listening sockets and their control groups: of this kernel, and of packets that make no sense."""

import os
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.sock_diag import PROTOCOL, SockDiagError, listening, parse_listening


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_this_kernel_tells_of_a_socket_that_listens(family: int) -> None:
    address = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.socket(family) as server, socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, PROTOCOL) as kernel:
        server.bind((address, 0))
        server.listen()
        inode = os.fstat(server.fileno()).st_ino
        kernel.settimeout(10)
        kernel.send(listening(family))
        found: dict[int, int] = {}
        while True:
            told = [*parse_listening(kernel.recv(1 << 16))]
            found |= dict(one for one in told if one)
            if None in told:
                break
    assert found[inode] > 0


def message(kind: int, body: bytes) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + body


def socket_of(inode: int, *attributes: bytes) -> bytes:
    return message(20, bytes(68) + struct.pack("=I", inode) + b"".join(attributes))


CGROUP = struct.pack("=HHQ", 12, 21, 4711)
OTHER = struct.pack("=HHI", 8, 3, 9)


@pytest.mark.parametrize(
    ("packet", "told"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(socket_of(7, CGROUP), [(7, 4711)], id="one"),
        pytest.param(socket_of(7, OTHER, CGROUP) + socket_of(8), [(7, 4711)], id="an-old-kernel-does-not-say"),
        pytest.param(socket_of(7, CGROUP) + message(3, bytes(4)) + b"rest", [(7, 4711), None], id="done"),
    ],
)
def test_what_is_told(packet: bytes, told: list[tuple[int, int] | None]) -> None:
    assert [*parse_listening(packet)] == told


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(message(2, bytes(20)), id="refused"),
        pytest.param(socket_of(7)[:-1], id="cut-off"),
        pytest.param(message(20, bytes(71)), id="too-short-for-a-socket"),
        pytest.param(socket_of(7, struct.pack("=HH", 0, 21)), id="an-attribute-of-no-bytes"),
    ],
)
def test_what_makes_no_sense(packet: bytes) -> None:
    with pytest.raises(SockDiagError):
        [*parse_listening(packet)]


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda body: message(20, body)))
def test_only_its_own_error_comes_out(packet: bytes) -> None:
    try:
        told = [*parse_listening(packet)]
    except SockDiagError:
        return
    assert all(one is None or one[0] >= 0 for one in told)
