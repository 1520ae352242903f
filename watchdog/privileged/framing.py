"""One message over a stream socket: its length in four bytes, then MessagePack. Bounded in size and in time."""

import socket
import struct
from typing import Any

import msgspec

from watchdog.host import Host
from watchdog.privileged.messages import MOST_BYTES, Reply, Request

_HEAD_BYTES = 4
_UCRED = struct.Struct("iII")  # unix(7): pid, uid, gid


class Garbled(Exception):
    """What came is no message; the text says why."""


def send(channel: socket.socket, message: Request | Reply) -> None:
    """Send one message whole, within the socket's time limit. Raises OSError, Garbled for what is too long."""
    body = msgspec.msgpack.encode(message)
    if len(body) > MOST_BYTES:
        raise Garbled(f"the message is longer than {MOST_BYTES} bytes")
    channel.sendall(len(body).to_bytes(_HEAD_BYTES, "big") + body)


def receive(channel: socket.socket, kind: Any, limit_seconds: float) -> Any:
    """Return one message of a kind, whoever dawdles or not, within so many seconds. Raises Garbled, OSError."""
    host = Host()
    started = host.stamp()

    def exactly(count: int) -> bytes:
        read = bytearray()
        while len(read) < count:
            left = limit_seconds - host.stamp().seconds_since(started)
            if left <= 0:
                raise Garbled(f"the message was not whole within {limit_seconds:g} s")
            channel.settimeout(left)
            try:
                piece = channel.recv(min(count - len(read), 1 << 16))
            except TimeoutError:
                continue
            if not piece:
                raise Garbled("the message ended half-way")
            read += piece
        return bytes(read)

    size = int.from_bytes(exactly(_HEAD_BYTES), "big")
    if size > MOST_BYTES:
        raise Garbled(f"the message says that it is {size} bytes long; at most {MOST_BYTES} are read")
    try:
        return msgspec.msgpack.decode(exactly(size), type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise Garbled(f"it is no message of ours: {error}") from error


def user_of(channel: socket.socket) -> int:
    """Return the uid of who is at the other end, as the kernel noted it when they connected (SO_PEERCRED)."""
    credentials = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    uid: int = _UCRED.unpack(credentials)[1]
    return uid
