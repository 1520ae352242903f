"""Everything that wakes the loop, in one selector: an alarm, a bell for other threads, and ears for signals."""

import os
import selectors
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from watchdog.daemon.log import WARNING, Log
from watchdog.host import Host
from watchdog.model import Signal
from watchdog.signals.clock import ClockEar
from watchdog.signals.network import NetworkEar
from watchdog.signals.timerfd import Alarm


class Ear(Protocol):
    """What listens in the loop's own thread."""

    @property
    def descriptor(self) -> int:
        """What becomes readable; after a loss it may be another."""

    def hear(self) -> Iterable[Signal]:
        """Return what was heard, without waiting."""

    def close(self) -> None:
        """Stop listening."""


class Ears:
    """The selector of the loop, and what it wakes for. `heard` is filled by ears, some in threads of their own."""

    def __init__(self, host: Host, log: Log) -> None:
        self.selector = selectors.DefaultSelector()
        self._host, self._log = host, log
        self._heard: deque[Signal] = deque()
        self._alarm = Alarm()
        self._bell_read, self.bell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self.selector.register(self._alarm.descriptor, selectors.EVENT_READ, self._alarm.clear)
        self.selector.register(self._bell_read, selectors.EVENT_READ, self._silence)
        self._clock = ClockEar(host.stamp, self._hear_clock)
        host.clock_readings = self._clock.readings
        self._network = self._try(NetworkEar, "not woken by changes of the network: no netlink socket")

    def sleep(self, until_ns: int | None) -> Iterable[Callable[[], None]]:
        """Wait until something is to be done, at this CLOCK_BOOTTIME at the latest; return what to call."""
        self._alarm.set(until_ns)
        return [key.data for key, _ in self.selector.select()]

    def take(self) -> set[Signal]:
        """Return what was heard since the last call."""
        return {self._heard.popleft() for _ in range(len(self._heard))}

    def ring(self) -> None:
        """Wake the loop, from any thread."""
        with suppress(BlockingIOError):  # it is ringing
            os.write(self.bell, b"!")

    def close(self) -> None:
        """Stop listening."""
        self._host.clock_readings = tuple
        self._clock.close()
        if self._network:
            self._network.close()
        self.selector.close()
        self._alarm.close()
        for descriptor in (self._bell_read, self.bell):
            os.close(descriptor)

    def _try(self, ear: Callable[[], Ear], lacking: str) -> Ear | None:
        """Open an ear; without it, what changes still shows at the next look in its turn."""
        try:
            opened = ear()
        except OSError as error:
            self._log.say(f"{lacking}: {error.strerror}", WARNING)
            return None
        self._listen(opened)
        return opened

    def _listen(self, ear: Ear) -> None:
        descriptor = ear.descriptor
        self.selector.register(descriptor, selectors.EVENT_READ, lambda: self._hear(ear, descriptor))

    def _hear(self, ear: Ear, descriptor: int) -> None:
        self._heard += ear.hear()
        if ear.descriptor != descriptor:
            with suppress(KeyError, OSError, ValueError):
                self.selector.unregister(descriptor)
            self._listen(ear)

    def _hear_clock(self) -> None:
        self._heard.append(Signal.CLOCK)
        self.ring()

    def _silence(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._bell_read, 1 << 16)
