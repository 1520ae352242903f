"""One netlink socket: dumps, and many questions in few system calls. Reads only, sends no packet anywhere.

pyroute2 is left out: each of its questions takes 0.3 ms of CPU (measured), and a host with 200 addresses is asked
nearly a thousand; and a daemon that asks now and then would be 10 MB larger for good. What changes something
(watchdog/actuator/) goes through it.

Sources: netlink(7), Documentation/userspace-api/netlink/intro.rst.
"""

import errno
import os
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Self

from watchdog.errors import Unobservable

NETLINK_ROUTE, NETLINK_GENERIC = 0, 16

_HEAD = struct.Struct("=IHHII")  # nlmsghdr
_ERRNO = struct.Struct("=i")
_REQUEST, _DUMP, _INTERRUPTED = 0x1, 0x300, 0x10
_ERROR, _DONE = 2, 3
_SOL_NETLINK, _GET_STRICT_CHK = 270, 12
_BUFFER_BYTES = 1 << 20
_DATAGRAM_BYTES = 1 << 16
# The answers wait in the socket's buffer, about 4 KB of it each; by default that is 208 KB.
_AT_ONCE = 16
_LIMIT_SECONDS = 2.0
_DUMP_TRIES = 5
# This kernel has no such thing (IPv6, policy rules), so there is none of it.
_NOTHING_THERE = (errno.EAFNOSUPPORT, errno.EOPNOTSUPP, errno.EPROTONOSUPPORT)


class Netlink:
    """A conversation with the kernel; a context manager. Raises Unobservable when it cannot be held."""

    def __init__(self, protocol: int = NETLINK_ROUTE) -> None:
        self._sequence = 0
        # What RTM_GETx asks for comes as RTM_NEWx; a family of generic netlink answers under its own number.
        self._reply_offset = -2 if protocol == NETLINK_ROUTE else 0
        try:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        except OSError as error:
            raise Unobservable(f"netlink: {error.strerror}; RestrictAddressFamilies= must allow it") from error
        try:
            self._socket.bind((0, 0))
            self._socket.settimeout(_LIMIT_SECONDS)
            with suppress(OSError):  # both only save work: what a kernel before 4.20 does not filter, we do
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
                self._socket.setsockopt(_SOL_NETLINK, _GET_STRICT_CHK, 1)
        except OSError as error:
            self._socket.close()
            raise Unobservable(f"netlink: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def dump(self, request: int, body: bytes, limit: int = 1 << 20) -> list[bytes] | None:
        """Return every message of a dump, without its header; None when there are more than `limit`.

        A dump during which something changed is asked for again. After None the socket is good for nothing more.
        """
        for _ in range(_DUMP_TRIES):
            found: list[bytes] = []
            whole = True
            self._send([(request, body)], _REQUEST | _DUMP)
            for kind, flags, payload in self._until_done():
                whole &= not flags & _INTERRUPTED
                if kind == request + self._reply_offset:
                    found.append(payload)
                if len(found) > limit:
                    return None
            if whole:
                return found
        raise Unobservable(f"what the kernel lists changed each of the {_DUMP_TRIES} times they were read")

    def ask(self, request: int, bodies: Sequence[bytes]) -> Iterator[bytes | str]:
        """Yield the answer to each question in its order: a message without its header, or the error's name."""
        for start in range(0, len(bodies), _AT_ONCE):
            part = bodies[start : start + _AT_ONCE]
            first = self._send([(request, body) for body in part], _REQUEST)
            answers: dict[int, bytes | str] = {}
            while len(answers) < len(part):
                for kind, _, sequence, payload in self._receive():
                    if 0 <= sequence - first < len(part):
                        answers[sequence] = error_name(payload) if kind == _ERROR else payload
            yield from (answers[first + position] for position in range(len(part)))

    def _until_done(self) -> Iterator[tuple[int, int, bytes]]:
        while True:
            for kind, flags, sequence, payload in self._receive():
                if sequence != self._sequence:
                    continue
                if kind in (_DONE, _ERROR):
                    number = -_ERRNO.unpack_from(payload)[0] if len(payload) >= _ERRNO.size else 0
                    if number and number not in _NOTHING_THERE:
                        cause = OSError(number, os.strerror(number))
                        told = f"the kernel does not list what it was asked for: {cause.strerror}"
                        raise Unobservable(told) from cause
                    # Interrupted or not, the last message says so too.
                    yield kind, flags, b""
                    return
                yield kind, flags, payload

    def _send(self, requests: Sequence[tuple[int, bytes]], flags: int) -> int:
        """Send requests in one system call; return the first's sequence number."""
        first = self._sequence + 1
        words = []
        for request, body in requests:
            self._sequence += 1
            words.append(_HEAD.pack(_HEAD.size + len(body), request, flags, self._sequence, 0) + body)
        try:
            self._socket.sendto(b"".join(words), (0, 0))
        except OSError as error:
            raise Unobservable(f"netlink: {error.strerror or error}") from error
        return first

    def _receive(self) -> Iterator[tuple[int, int, int, bytes]]:
        """Yield (type, flags, sequence, payload) of one datagram's messages."""
        try:
            data, (sender, _) = self._socket.recvfrom(_DATAGRAM_BYTES)
        except OSError as error:
            raise Unobservable(f"netlink does not answer: {error.strerror or error}") from error
        if sender != 0:  # another process, not the kernel
            return
        offset = 0
        while offset + _HEAD.size <= len(data):
            length, kind, flags, sequence, _ = _HEAD.unpack_from(data, offset)
            if not _HEAD.size <= length <= len(data) - offset:
                raise Unobservable("netlink: a message that claims more bytes than there are")
            yield kind, flags, sequence, data[offset + _HEAD.size : offset + length]
            offset += (length + 3) & ~3


def error_name(payload: bytes) -> str:
    """Return the name of the error that an NLMSG_ERROR carries: `ENETUNREACH`."""
    number = -_ERRNO.unpack_from(payload)[0] if len(payload) >= _ERRNO.size else 0
    return errno.errorcode.get(number, f"error {number}")
