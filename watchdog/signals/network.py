"""Hears what the kernel tells of links, addresses, routes, rules and neighbours, in our network namespace.

A neighbour's entry changes its state every few seconds on a busy network; only another hardware address, or none
any more, is worth a look: another machine has taken an address over, or nobody answers for it.
"""

import errno
import socket
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress

from watchdog.linux.netlink import MalformedMessageError
from watchdog.linux.route_news import GROUPS, News, parse_news
from watchdog.model import Signal

EVERYTHING = frozenset({Signal.LINK, Signal.ADDRESS, Signal.ROUTE, Signal.RULE, Signal.NEIGHBOUR})
# A failover of a machine with a thousand routes; the kernel takes the memory only when it is needed.
_BUFFER_BYTES = 1 << 20
_SO_RCVBUFFORCE = 33
_PACKET_BYTES = 1 << 16
# At one go; what is left wakes the loop again, so that a storm cannot hold it.
_MOST_PACKETS = 256
_MOST_NEIGHBOURS = 4096


class NetworkEar:
    """A subscription to rtnetlink's groups. After an overrun it is another socket: see `descriptor` anew."""

    def __init__(self, buffer_bytes: int = _BUFFER_BYTES) -> None:
        self._buffer_bytes = buffer_bytes
        self._socket = _subscribe(buffer_bytes)
        self._neighbours: OrderedDict[bytes, bytes] = OrderedDict()
        # How often more came than the buffer holds, and all had to be looked at anew.
        self.overruns = 0

    @property
    def descriptor(self) -> int:
        """What becomes readable."""
        return self._socket.fileno()

    def hear(self) -> Iterator[Signal]:
        """Yield what was heard, without waiting."""
        for _ in range(_MOST_PACKETS):
            try:
                packet, (sender, _) = self._socket.recvfrom(_PACKET_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self._renew()
                yield from EVERYTHING
                return
            if sender == 0:  # the kernel: any process may send to us
                with suppress(MalformedMessageError):
                    yield from (Signal(news.kind) for news in parse_news(packet) if self._is_new(news))

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _is_new(self, news: News) -> bool:
        if news.kind != "neighbour":
            return True
        if news.at is None:
            return False
        known = self._neighbours.get(news.who)
        if news.at:
            self._neighbours[news.who] = news.at
            self._neighbours.move_to_end(news.who)
            if len(self._neighbours) > _MOST_NEIGHBOURS:
                self._neighbours.popitem(last=False)
        else:
            self._neighbours.pop(news.who, None)
        # One that is seen for the first time, or was forgotten unused, has moved nowhere.
        return known is not None and known != news.at

    def _renew(self) -> None:
        """Begin anew; what was lost is made good by looking at everything."""
        self.overruns += 1
        self._neighbours.clear()
        fresh = _subscribe(self._buffer_bytes)  # before the old is closed, so that its number is another
        self._socket.close()
        self._socket = fresh


def _subscribe(buffer_bytes: int) -> socket.socket:
    ear = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, 0)
    try:
        try:
            ear.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, buffer_bytes)
        except PermissionError:  # without CAP_NET_ADMIN: as much as the host allows anybody
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        ear.bind((0, GROUPS))
    except BaseException:
        ear.close()
        raise
    return ear
