"""Hears VRRP and who has which address all the time, on the links that the last look listened on.

So a look need not listen first to learn who was there before it, and who is new wakes it at once. A thread of its
own, for frames come every second and the loop may be busy; it sleeps until one comes or is missing, and takes no
more than so many a second. Nothing is listened to before a look has asked for it.

What a look is given is as good as if it had listened itself: where a frame was lost, a link was gone, or the host
stood still, the past begins after that.
"""

import os
import select
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress

import msgspec

from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.model import Heed, Past
from watchdog.signals.adverts import Link, Thrift
from watchdog.wire import MOST_INTERFACES, Kind, count_lost, open_channel, own_macs, receive

KINDS: frozenset[Kind] = frozenset({"vrrp", "neighbours", "announcements"})
# Far more than keepalived sends; what a flood brings beyond it is lost, and the look listens itself.
MOST_FRAMES_A_SECOND = 500
_SLICE_NS = 100_000_000
_MOST_A_SLICE = MOST_FRAMES_A_SECOND * _SLICE_NS // 1_000_000_000
# Nobody has looked for so long: whoever did is gone.
_FORGOTTEN_NS = 3600 * 1_000_000_000
# What two clocks read one after the other may differ by.
_SUSPENDED_SECONDS = 0.1


class _Open(msgspec.Struct, kw_only=True):
    """A link that is listened to; `state` tells whether it is still the same, and was never without a carrier."""

    channel: socket.socket
    link: Link
    state: str


class WireEar:
    """Calls `heard` when there is news on the wire, from a thread of its own."""

    def __init__(self, host: Host, heard: Callable[[], None]) -> None:
        self._host, self._heard = host, heard
        self._lock = threading.Lock()
        self._links: dict[str, _Open] = {}
        self._wanted: tuple[str, ...] = ()
        self._heed, self._own_macs = Heed(), frozenset[str]()
        self._thrift = Thrift()
        self._asked_ns = 0
        self._slice_ends_ns, self._left_of_slice = 0, 0
        self._suspended_seconds = host.suspended_seconds()
        self._epoll: select.epoll | None = None
        self._bell = -1
        self._ending = False
        self._thread: threading.Thread | None = None

    def overheard(self, interfaces: Collection[str], heed: Heed) -> Past:
        """Return what was heard on these links so far, and listen there, and only there, from now on."""
        with self._lock:
            now_ns = self._host.boottime_ns()
            self._asked_ns, self._heed, self._own_macs = now_ns, heed, own_macs(self._host)
            self._wanted = tuple(interfaces)[:MOST_INTERFACES]
            self._check_links(now_ns)
            if self._thread and not self._thread.is_alive():  # nobody reads any more
                return Past()
            # What came before now, and was not read yet, came before the look began to listen.
            for name, one in tuple(self._links.items()):
                self._receive(name, one, now_ns)
                if count_lost(one.channel) or self._left_of_slice <= 0:
                    one.link.lose(now_ns)
            self._ring()
            return Past(
                since_ns={name: one.link.since_ns for name, one in self._links.items()},
                heard=tuple(heard for one in self._links.values() for heard in one.link.heard()),
            )

    def links_changed(self) -> None:
        """Listen anew on links that came back."""
        with self._lock:
            if self._wanted:
                self._check_links(self._host.boottime_ns())

    def rest(self) -> None:
        """Listen to nothing until somebody looks again."""
        with self._lock:
            self._wanted = ()
            self._check_links(self._host.boottime_ns())

    def close(self) -> None:
        """Stop listening."""
        self.rest()
        with self._lock:
            self._ending = True
            self._ring()
        if self._thread:
            self._thread.join()
        if self._epoll:
            self._epoll.close()
            os.close(self._bell)

    def _listen(self, epoll: select.epoll) -> None:
        while True:
            with self._lock:
                now_ns = self._host.boottime_ns()
                wake = self._thrift.take(now_ns)
                until_ns = self._next_ns()
                flooded_ns = self._slice_ends_ns - now_ns if self._left_of_slice <= 0 else 0
                if self._ending:
                    return
            if wake:
                self._heard()
            if flooded_ns > 0:  # the kernel's buffer takes what it can, and drops the rest
                time.sleep(flooded_ns / 1e9)
            timeout = max(until_ns - now_ns, 0) / 1e9 + 0.001 if until_ns is not None else None
            ready = {descriptor for descriptor, _ in epoll.poll(timeout)}
            with self._lock:
                self._hear(ready)

    def _hear(self, ready: Collection[int]) -> None:
        now_ns = self._host.boottime_ns()
        if self._bell in ready:
            os.eventfd_read(self._bell)
        for name, one in tuple(self._links.items()):
            if one.channel.fileno() in ready:
                self._receive(name, one, now_ns)
        for one in self._links.values():
            if one.link.is_silent(now_ns):
                self._thrift.want(now_ns)
        if self._links and now_ns - self._asked_ns > _FORGOTTEN_NS:
            self._wanted = ()
            self._check_links(now_ns)

    def _receive(self, name: str, one: _Open, now_ns: int) -> None:
        """Take in what came; the socket does not block."""
        if now_ns >= self._slice_ends_ns:
            self._slice_ends_ns, self._left_of_slice = now_ns + _SLICE_NS, _MOST_A_SLICE
        for _ in range(_MOST_A_SLICE):
            if self._left_of_slice <= 0:
                return
            try:
                frame = receive(one.channel, name, now_ns)
            except BlockingIOError:
                return
            except OSError:  # the interface went down, or away: what comes back is another
                self._close(name)
                return
            self._left_of_slice -= 1
            if one.link.take(frame, self._heed, self._own_macs):
                self._thrift.want(now_ns)

    def _next_ns(self) -> int | None:
        times = [self._thrift.due_ns, *(one.link.next_ns() for one in self._links.values())]
        return min((time_ns for time_ns in times if time_ns is not None), default=None)

    def _check_links(self, now_ns: int) -> None:
        """Listen where that is wanted and possible; note where a link was gone, or all of them were (suspend)."""
        for name in [name for name in self._links if name not in self._wanted]:
            self._close(name)
        suspended_seconds = self._host.suspended_seconds()
        was_suspended = suspended_seconds - self._suspended_seconds > _SUSPENDED_SECONDS
        self._suspended_seconds = suspended_seconds
        for name in self._wanted:
            state = self._state_of(name)
            one = self._links.get(name)
            if one and one.state.partition(" ")[0] != state.partition(" ")[0]:  # another interface of that name
                self._close(name)
                one = None
            if one is None:
                self._open(name, state, now_ns)
            elif one.state != state or was_suspended:
                one.state = state
                one.link.lose(now_ns)

    def _open(self, name: str, state: str, now_ns: int) -> None:
        # Whoever looks says why nothing can be heard there. RuntimeError: the host has no thread left.
        with suppress(OSError, ValueError, RuntimeError):
            epoll = self._epoll or self._start()
            if channel := open_channel(name, KINDS):
                epoll.register(channel, select.EPOLLIN)
                self._links[name] = _Open(channel=channel, link=Link(name, now_ns), state=state)

    def _start(self) -> select.epoll:
        """Begin to wait for what comes."""
        epoll, bell = select.epoll(), os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        epoll.register(bell, select.EPOLLIN)
        thread = threading.Thread(target=self._listen, args=(epoll,), name="ear-wire", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            epoll.close()
            os.close(bell)
            raise
        self._epoll, self._bell, self._thread = epoll, bell, thread
        return epoll

    def _close(self, name: str) -> None:
        """Stop listening on a link; the kernel takes its socket out of what is waited for."""
        self._links.pop(name).channel.close()

    def _state_of(self, name: str) -> str:
        return " ".join(self._words_of(name))

    def _words_of(self, name: str) -> Iterator[str]:
        for file in ("ifindex", "carrier_changes"):
            with suppress(Unobservable):  # the loop asks, too, and must not end of it
                yield (self._host.read_text(f"/sys/class/net/{name}/{file}") or "").strip()

    def _ring(self) -> None:
        if self._epoll:
            os.eventfd_write(self._bell, 1)
