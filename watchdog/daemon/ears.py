"""Everything that wakes the loop, in one selector: an alarm, a bell for other threads, and ears for signals."""

import os
import selectors
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Protocol

from watchdog.daemon.log import WARNING, Log
from watchdog.errors import Unobservable
from watchdog.host import Host, nothing_heard
from watchdog.logs import JOURNAL_FOLDERS
from watchdog.model import Signal
from watchdog.plugin import Hearing
from watchdog.signals.clock import ClockEar
from watchdog.signals.files import FilesEar, Listening
from watchdog.signals.journal import JournalEar
from watchdog.signals.network import NetworkEar
from watchdog.signals.timerfd import Alarm
from watchdog.signals.wire import WireEar


class Ear(Protocol):
    """What listens in the loop's own thread."""

    @property
    def descriptor(self) -> int:
        """What becomes readable; after a loss it may be another."""

    def hear(self) -> Iterable[Signal | str]:
        """Return what was heard, without waiting: signals, and names of checks that are to look."""

    def close(self) -> None:
        """Stop listening."""


class Ears:
    """The selector of the loop, and what it wakes for. `heard` is filled by ears, some in threads of their own."""

    def __init__(self, host: Host, log: Log) -> None:
        self.selector = selectors.DefaultSelector()
        self._host, self._log = host, log
        self._heard: deque[Signal | str] = deque()
        self._alarm = Alarm()
        self._bell_read, self.bell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        # Who rings once all is closed must not write into what then has the bell's number: the history, say.
        self._ringing, self._is_closed = threading.Lock(), False
        self.selector.register(self._alarm.descriptor, selectors.EVENT_READ, self._alarm.clear)
        self.selector.register(self._bell_read, selectors.EVENT_READ, self._silence)
        self._clock = ClockEar(host.stamp, self._hear_clock)
        host.clock_readings = self._clock.readings
        self._wire = WireEar(host, self._hear_wire)
        host.overheard = self._wire.overheard
        self._others: list[Ear] = []
        self._network = self._try(NetworkEar, "not woken by changes of the network: no netlink socket")

    def listen_for(self, hearings: Mapping[str, Hearing]) -> None:
        """Listen for what these checks want to hear of files and of logs, and for nothing else any more."""
        for ear in self._others:
            self._stop(ear)
        self._wire.rest()
        listening = tuple(
            Listening(check=name, files=one.files, logs=one.logs, hears=one.hears)
            for name, one in hearings.items()
        )
        files = self._try(lambda: FilesEar(listening), "not woken by files: no inotify")
        journal = self._try(lambda: _follow_journal(self._host, hearings), "not woken by the journal")
        self._others = [ear for ear in (files, journal) if ear]

    def sleep(self, until_ns: int | None) -> Iterable[Callable[[], None]]:
        """Wait until something is to be done, at this CLOCK_BOOTTIME at the latest; return what to call."""
        self._alarm.set(until_ns)
        return [key.data for key, _ in self.selector.select()]

    def take(self) -> set[Signal | str]:
        """Return what was heard since the last call."""
        return {self._heard.popleft() for _ in range(len(self._heard))}

    def ring(self) -> None:
        """Wake the loop, from any thread; harmless when there is none any more."""
        with self._ringing, suppress(BlockingIOError):  # it is ringing
            if not self._is_closed:
                os.write(self.bell, b"!")

    def close(self) -> None:
        """Stop listening."""
        self._host.clock_readings, self._host.overheard = tuple, nothing_heard
        self._clock.close()
        self._wire.close()
        for ear in (self._network, *self._others):
            if ear:
                ear.close()
        self.selector.close()
        self._alarm.close()
        with self._ringing:
            self._is_closed = True
            for descriptor in (self._bell_read, self.bell):
                os.close(descriptor)

    def _try(self, ear: Callable[[], Ear | None], lacking: str) -> Ear | None:
        """Open an ear; without it, what changes still shows at the next look in its turn."""
        try:
            opened = ear()
        except (OSError, Unobservable) as error:
            self._log.say(f"{lacking}: {error.strerror if isinstance(error, OSError) else error}", WARNING)
            return None
        if opened is None:
            return None
        self._listen(opened)
        return opened

    def _listen(self, ear: Ear) -> None:
        descriptor = ear.descriptor
        self.selector.register(descriptor, selectors.EVENT_READ, lambda: self._hear(ear, descriptor))

    def _hear(self, ear: Ear, descriptor: int) -> None:
        heard = list(ear.hear())
        self._heard += heard
        if Signal.LINK in heard:
            self._wire.links_changed()
        if isinstance(ear, JournalEar) and ear.is_over:
            self._others = [other for other in self._others if other is not ear]
            self._stop(ear)
            self._log.say("not woken by the journal any more: journalctl ended", WARNING)
            return
        if ear.descriptor != descriptor:
            with suppress(KeyError, OSError, ValueError):
                self.selector.unregister(descriptor)
            self._listen(ear)

    def _stop(self, ear: Ear) -> None:
        with suppress(KeyError, OSError, ValueError):
            self.selector.unregister(ear.descriptor)
        ear.close()

    def _hear_clock(self) -> None:
        self._heard.append(Signal.CLOCK)
        self.ring()

    def _hear_wire(self) -> None:
        self._heard.append(Signal.WIRE)
        self.ring()

    def _silence(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._bell_read, 1 << 16)


def _follow_journal(host: Host, hearings: Mapping[str, Hearing]) -> Ear | None:
    """Follow what the checks listen to in the journal; None: none does, or there is no journal."""
    identifiers = sorted({name for hearing in hearings.values() for name in hearing.identifiers})
    if not identifiers or not any(host.path(folder).is_dir() for folder in JOURNAL_FOLDERS):
        return None
    wanted = tuple((name, hearing.hears) for name, hearing in hearings.items() if hearing.identifiers)
    words = (f"--identifier={identifier}" for identifier in identifiers)
    # As syslog has it, `dovecot[123]: ...`; its time stamps are of no interest.
    argv = ("journalctl", "--follow", "--lines=0", "--quiet", "--no-pager", "--output=short", *words)
    return JournalEar(host.follow(argv), wanted)
