"""The netlink socket where the kernel interrupts, refuses, is silent, or is not who speaks."""

import errno
import socket
import struct
from collections.abc import Sequence

import pytest

from checks._multihome.messages import RTM_GETROUTE, RTM_NEWROUTE, build_routes_request
from watchdog.errors import Unobservable
from watchdog.netlink import Netlink, error_name

ERROR, DONE, INTERRUPTED = 2, 3, 0x10
KERNEL, SOMEBODY = 0, 4711


def message(kind: int, payload: bytes = b"", *, sequence: int = 1, flags: int = 0) -> bytes:
    return struct.pack("=IHHII", 16 + len(payload), kind, flags, sequence, 0) + payload


def number(error: int) -> bytes:
    return struct.pack("=i", -error)


class StandInSocket:
    """Says what a test has written down, datagram by datagram, and is silent after that."""

    def __init__(self, datagrams: Sequence[tuple[bytes, int]]) -> None:
        self.datagrams = list(datagrams)
        self.closed = False

    def sendto(self, data: bytes, address: tuple[int, int]) -> int:
        return len(data)

    def recvfrom(self, size: int) -> tuple[bytes, tuple[int, int]]:
        if not self.datagrams:
            raise TimeoutError("timed out")
        data, sender = self.datagrams.pop(0)
        return data, (sender, 0)

    def bind(self, address: tuple[int, int]) -> None: ...

    def settimeout(self, seconds: float) -> None: ...

    def setsockopt(self, *words: int) -> None:
        raise OSError(errno.ENOPROTOOPT, "Protocol not available")  # as before Linux 4.20

    def close(self) -> None:
        self.closed = True


def kernel(monkeypatch: pytest.MonkeyPatch, *datagrams: bytes | tuple[bytes, int]) -> Netlink:
    says = StandInSocket([one if isinstance(one, tuple) else (one, KERNEL) for one in datagrams])
    monkeypatch.setattr(socket, "socket", lambda *words: says)
    return Netlink()


def dump(kernel: Netlink, limit: int = 100) -> list[bytes] | None:
    with kernel as open_kernel:
        return open_kernel.dump(RTM_GETROUTE, build_routes_request(4), limit)


ONE, TWO = b"one.", b"two."


@pytest.mark.parametrize(
    ("datagrams", "expected"),
    [
        pytest.param(
            [message(RTM_NEWROUTE, ONE) + message(RTM_NEWROUTE, TWO), message(DONE)], [ONE, TWO], id="whole"
        ),
        pytest.param([message(DONE, number(0))], [], id="nothing"),
        pytest.param(
            [
                message(RTM_NEWROUTE, ONE, flags=INTERRUPTED),
                message(DONE),
                message(RTM_NEWROUTE, TWO, sequence=2) + message(DONE, sequence=2),
            ],
            [TWO],
            id="interrupted-and-asked-again",
        ),
        pytest.param(
            [
                message(RTM_NEWROUTE, ONE) + message(DONE, flags=INTERRUPTED),
                message(RTM_NEWROUTE, TWO, sequence=2) + message(DONE, sequence=2),
            ],
            [TWO],
            id="interrupted-at-the-end",
        ),
        pytest.param([message(ERROR, number(errno.EAFNOSUPPORT))], [], id="a-kernel-without-ipv6"),
        pytest.param([message(ERROR, number(errno.EOPNOTSUPP))], [], id="a-kernel-without-rules"),
        pytest.param(
            [(message(RTM_NEWROUTE, ONE), SOMEBODY), message(RTM_NEWROUTE, TWO), message(DONE)],
            [TWO],
            id="another-process-speaks",
        ),
        pytest.param(
            [message(RTM_NEWROUTE, ONE, sequence=99), message(RTM_NEWROUTE, TWO), message(DONE)],
            [TWO],
            id="an-answer-to-something-else",
        ),
        pytest.param([message(RTM_NEWROUTE, ONE) * 101], None, id="more-than-the-limit"),
    ],
)
def test_what_a_dump_is_taken_for(
    monkeypatch: pytest.MonkeyPatch, datagrams: list[bytes | tuple[bytes, int]], expected: list[bytes] | None
) -> None:
    assert dump(kernel(monkeypatch, *datagrams)) == expected


@pytest.mark.parametrize(
    ("datagrams", "words"),
    [
        pytest.param([], "netlink does not answer: timed out", id="silence"),
        pytest.param([message(RTM_NEWROUTE, ONE)], "netlink does not answer", id="silence-in-the-middle"),
        pytest.param(
            [message(DONE, sequence=n, flags=INTERRUPTED) for n in range(1, 6)],
            "changed each of the 5",
            id="a-storm",
        ),
        pytest.param([message(ERROR, number(errno.EPERM))], "not permitted", id="forbidden"),
        pytest.param(
            [struct.pack("=IHHII", 999, RTM_NEWROUTE, 0, 1, 0)], "claims more bytes", id="a-length-beyond"
        ),
        pytest.param(
            [struct.pack("=IHHII", 3, RTM_NEWROUTE, 0, 1, 0)], "claims more bytes", id="a-length-of-nothing"
        ),
    ],
)
def test_what_cannot_be_seen_is_said(
    monkeypatch: pytest.MonkeyPatch, datagrams: list[bytes | tuple[bytes, int]], words: str
) -> None:
    speaks = kernel(monkeypatch, *datagrams)
    with pytest.raises(Unobservable, match=words):
        dump(speaks)


def test_answers_come_in_the_order_of_the_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    later = message(ERROR, number(errno.ENETUNREACH), sequence=2) + message(RTM_NEWROUTE, ONE, sequence=1)
    speaks = kernel(monkeypatch, (message(RTM_NEWROUTE, b"liar", sequence=1), SOMEBODY), later)
    assert list(speaks.ask(RTM_GETROUTE, [b"", b""])) == [ONE, "ENETUNREACH"]


def test_a_socket_that_may_not_be_opened_is_told_with_what_forbids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*words: int) -> None:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(Unobservable, match="RestrictAddressFamilies"):
        Netlink()


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        pytest.param(number(errno.ENETUNREACH), "ENETUNREACH", id="known"),
        pytest.param(number(4095), "error 4095", id="unknown"),
        pytest.param(b"", "error 0", id="cut-off"),
    ],
)
def test_errors_have_names(payload: bytes, name: str) -> None:
    assert error_name(payload) == name
