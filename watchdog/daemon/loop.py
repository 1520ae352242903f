"""The loop: sleeps until something is due or heard, looks, records; one thread, which owns the history.

It sleeps in one selector, woken by an alarm of CLOCK_BOOTTIME, by ears (watchdog/signals/), by looks that are over
and by signals of the process. There is no polling: an idle daemon wakes when a check is due.
"""

import os
import selectors
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from watchdog.daemon.log import NOTICE, WARNING, Log
from watchdog.daemon.looks import Batch, Looks
from watchdog.daemon.supervisor import Petting, Supervisor
from watchdog.daemon.telling import tell_transitions
from watchdog.engine import Engine, Looked, Ran, read_memories
from watchdog.errors import WatchdogError
from watchdog.history.store import History
from watchdog.model import Signal
from watchdog.scheduler import Scheduler
from watchdog.signals.clock import ClockEar
from watchdog.signals.network import NetworkEar
from watchdog.signals.timerfd import Alarm
from watchdog.signals.waking import Waker

# From here on a turn of the loop is taken for stuck, and we are no longer spoken for.
STUCK_SECONDS = 120.0
# Where healing is allowed, a turn may hold an attempt at it, which is watched until it has settled.
HEALING_SECONDS = 1800.0
# What is left of the 5 s that we may take to end, when a turn does not.
LAST_SECONDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the settings make: which checks run, the engine over them, and what a cycle does once they have looked.

    `heals` tells whether a cycle may heal unasked.
    """

    engine: Engine
    names: tuple[str, ...]
    cycle: Callable[[History, Looked], Ran]
    heals: bool


class Ear(Protocol):
    """What listens: becomes readable when there is something to hear."""

    @property
    def descriptor(self) -> int:
        """What becomes readable; after a loss it may be another."""

    def hear(self) -> Iterable[Signal]:
        """Return what was heard, without waiting."""

    def close(self) -> None:
        """Stop listening."""


class Daemon:
    """Keeps the cycle going. `load` makes the house anew from the settings; it raises ConfigError."""

    def __init__(self, load: Callable[[], House], log: Log, supervisor: Supervisor) -> None:
        self._load, self._log, self._supervisor = load, log, supervisor
        self._house = load()
        self._host = self._house.engine.host
        self._selector = selectors.DefaultSelector()
        self._alarm = Alarm()
        self._bell_read, self._bell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._scheduler = Scheduler(self._now_ns)
        self._looks = Looks(self._host.stamp, self._ring, log.say)
        self._waker = Waker({})
        # Woken while they looked: to be looked at again.
        self._again: set[str] = set()
        # A queue: ears with a thread of their own put into it.
        self._heard: deque[Signal] = deque()
        self._signals: Counter[str] = Counter()
        self._turn_began_ns: int | None = None
        self._asleep_until_ns: int | None = None
        self._stopping = self._reloading = False
        self._unrecorded = ""

    def run(self, history: History) -> None:
        """Look and record until SIGTERM or SIGINT."""
        clock = ClockEar(self._host.stamp, self._hear_clock)
        self._host.clock_readings = clock.readings
        petting = Petting(self._supervisor, self.is_well)
        self._selector.register(self._alarm.descriptor, selectors.EVENT_READ, self._alarm.clear)
        self._selector.register(self._bell_read, selectors.EVENT_READ, self._silence_bell)
        network = self._open_network()
        try:
            with self._process_signals():
                self._plan()
                self._log.say(f"watching: {self._describe()}", NOTICE)
                self._supervisor.tell(READY=1, STATUS=self._describe())
                while not self._stopping:
                    self._turn(history)
                self._supervisor.tell(STOPPING=1, STATUS="ending: what was seen is being recorded")
                self._end(history)
        finally:
            petting.close()
            self._host.clock_readings = tuple
            clock.close()
            if network:
                network.close()

    def is_well(self) -> bool:
        """Tell whether the loop comes round. Asked from another thread."""
        now, began, until = self._now_ns(), self._turn_began_ns, self._asleep_until_ns
        patience = HEALING_SECONDS if self._house.heals else STUCK_SECONDS
        if began is not None:
            return (now - began) / 1e9 < patience
        return until is None or (now - until) / 1e9 < STUCK_SECONDS

    def _turn(self, history: History) -> None:
        self._asleep_until_ns = self._next_ns()
        self._alarm.set(self._asleep_until_ns)
        self._turn_began_ns = None
        awake = self._selector.select()
        self._turn_began_ns = self._now_ns()
        for key, _ in awake:
            key.data()
        if self._reloading:
            self._reload()
        self._look(history)
        self._looks.collect()
        if not self._stopping and (batch := self._looks.ready()):
            self._record(history, batch)

    def _look(self, history: History) -> None:
        """Begin the looks that are due, and those that something woke."""
        now = self._now_ns()
        heard = {self._heard.popleft() for _ in range(len(self._heard))}
        self._waker.hear(heard, now)
        woken, due = set(self._waker.take(now)), self._scheduler.due()
        self._again |= {name for name in woken - set(due) if not self._scheduler.begin(name)}
        urgent = tuple(sorted(woken - self._again))
        calm = tuple(name for name in due if name not in urgent)
        if not urgent and not calm:
            return
        memories, _ = read_memories(history)
        engine = self._house.engine
        for names, at_once in ((urgent, True), (calm, False)):
            self._looks.start(self._host.afresh(), [engine.look(name, memories) for name in names], urgent=at_once)

    def _record(self, history: History, batch: Batch) -> None:
        """Let a cycle make of these looks what is to be made; they may then be looked at again."""
        memories, problem = read_memories(history)
        looked = Looked(started=batch.started, seen=batch.seen, memories=memories, problem=problem)
        try:
            ran = self._house.cycle(history, looked)
        except KeyboardInterrupt:  # SIGTERM while it healed: what was done is undone
            self._stopping = True
            return
        finally:
            for seen in batch.seen:
                self._release(seen.result.check)
        self._tell(ran)

    def _release(self, name: str) -> None:
        self._scheduler.done(name)
        if name in self._again:
            self._again.discard(name)
            self._waker.wake(name, self._now_ns())

    def _tell(self, ran: Ran) -> None:
        tell_transitions(self._log, ran.cycle)
        if ran.unrecorded != self._unrecorded:
            self._unrecorded = ran.unrecorded
            text = (
                f"{ran.unrecorded}; nothing is recorded until that is over"
                if ran.unrecorded
                else "recording again"
            )
            self._log.say(text, WARNING)

    def _end(self, history: History) -> None:
        """Record what is over; what is not over is nobody's loss but a look's."""
        if not (batch := self._looks.abandon()):
            return
        memories, problem = read_memories(history)
        looked = Looked(started=batch.started, seen=batch.seen, memories=memories, problem=problem)
        self._tell(self._house.engine.conclude(history, looked))

    def _plan(self) -> None:
        """Let the checks run as the settings say."""
        engine, names = self._house.engine, self._house.names
        self._scheduler.plan({name: engine.config.checks[name].every for name in names})
        self._waker = Waker({name: engine.registry.checks[name].wakes for name in names})

    def _reload(self) -> None:
        """Take up the settings anew; when they are not right, keep those in force and say why."""
        self._reloading = False
        self._supervisor.tell(RELOADING=1, MONOTONIC_USEC=self._host.monotonic_us())
        try:
            house = self._load()
        except WatchdogError as error:
            self._log.say(f"the settings are not taken up, the old ones stay in force: {error}", WARNING)
        else:
            self._house = house
            self._plan()
            self._log.say(f"settings taken up: {self._describe()}", NOTICE)
        self._supervisor.tell(READY=1, STATUS=self._describe())

    def _describe(self) -> str:
        return f"{len(self._house.names)} checks"

    def _next_ns(self) -> int | None:
        times = (self._scheduler.next_due_ns(), self._waker.next_ns(), self._looks.next_ns())
        return min((time for time in times if time is not None), default=None)

    def _now_ns(self) -> int:
        return self._host.boottime_ns()

    def _open_network(self) -> Ear | None:
        """Listen to the network; where the kernel does not let us, what changes shows at the next look."""
        try:
            ear = NetworkEar()
        except OSError as error:
            self._log.say(f"not woken by changes of the network: no netlink socket: {error.strerror}", WARNING)
            return None
        self._listen(ear)
        return ear

    def _listen(self, ear: Ear) -> None:
        descriptor = ear.descriptor
        self._selector.register(descriptor, selectors.EVENT_READ, lambda: self._hear(ear, descriptor))

    def _hear(self, ear: Ear, descriptor: int) -> None:
        self._heard += ear.hear()
        if ear.descriptor != descriptor:
            with suppress(KeyError, OSError):
                self._selector.unregister(descriptor)
            self._listen(ear)

    def _hear_clock(self) -> None:
        self._heard.append(Signal.CLOCK)
        self._ring()

    def _ring(self) -> None:
        """Wake the loop, from any thread."""
        try:
            os.write(self._bell, b"!")
        except BlockingIOError:
            return  # it is ringing

    def _silence_bell(self) -> None:
        try:
            os.read(self._bell_read, 1 << 16)
        except BlockingIOError:
            return

    @contextmanager
    def _process_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT end the loop, and SIGHUP reload the settings."""

        def stop(number: int, _: object) -> None:
            self._stopping = True

        def reload(number: int, _: object) -> None:
            self._reloading = True

        handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        wakeup = signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
