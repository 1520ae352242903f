"""The loop: sleeps until something is due or heard, looks, records; one thread, which keeps the history.

It sleeps in one selector (ears.py), woken by an alarm of CLOCK_BOOTTIME, by signals of the kernel, by looks that
are over, by visitors (door.py) and by signals of the process. There is no polling: an idle daemon wakes when a
check is due.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from watchdog.daemon.door import Ask, DaemonState, Door, Visit
from watchdog.daemon.ears import Ears
from watchdog.daemon.house import House
from watchdog.daemon.keeper import Keeper
from watchdog.daemon.log import NOTICE, WARNING, Log
from watchdog.daemon.looks import Batch, Looks
from watchdog.daemon.memory import Heap
from watchdog.daemon.supervisor import Petting, Supervisor
from watchdog.daemon.telling import tell_transitions
from watchdog.daemon.visits import Wanted
from watchdog.engine import Looked, Ran, read_memories
from watchdog.errors import HistoryError, WatchdogError
from watchdog.history.store import History
from watchdog.model import CheckResult
from watchdog.notify import Courier
from watchdog.scheduler import Scheduler
from watchdog.signals.waking import Waker

# From here on a turn of the loop is taken for stuck, and we are no longer spoken for.
STUCK_SECONDS = 120.0
# Where healing is allowed, a turn may hold an attempt at it, which is watched until it has settled.
HEALING_SECONDS = 1800.0
# A record lets go of Python for each of its statements, and another thread may then have it for so long. With the
# usual 5 ms it would take as long as the looks beside it.
SWITCH_SECONDS = 0.0002
# Who would look again later than that is due in its turn before.
MOST_AGAIN_SECONDS = 3600.0
# Of the 5 s that we may take to end: a turn that is not over by then is cut off. The history bears that.
LAST_SECONDS = 4.5


class Daemon:
    """Keeps the cycle going. `load` makes the house anew from the settings; it raises ConfigError."""

    def __init__(
        self, load: Callable[[], House], open_history: Callable[[], History], log: Log, supervisor: Supervisor
    ) -> None:
        self._load, self._log, self._supervisor = load, log, supervisor
        self._house = load()
        self._host = self._house.engine.host
        self._host.looks_again = True
        self._now_ns = self._host.boottime_ns
        self._began = self._host.stamp()
        self._keeper = Keeper(open_history, self._now_ns, log)
        self._ears = Ears(self._host, log)
        self._scheduler = Scheduler(self._now_ns)
        self._looks = Looks(self._host.stamp, self._ears.ring, log.say)
        self._courier = Courier(self._host.stamp, self._ears.ring)
        self._waker = Waker({})
        self._heap = Heap(self._now_ns)
        self._wanted: list[Wanted] = []
        # What each check said last, for those who plan on what all say.
        self._said: dict[str, CheckResult] = {}
        # Woken while they looked: to be looked at again.
        self._again: set[str] = set()
        self._turn_began_ns: int | None = None
        self._asleep_until_ns: int | None = None
        self._stopping = self._reloading = False
        self._unrecorded = ""

    def run(self, door_path: Path) -> None:
        """Look and record until SIGTERM or SIGINT. Raises HistoryError when the history cannot be had."""
        self._keeper.take()
        door = self._open_door(door_path)
        petting = Petting(self._supervisor, self.is_well)
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            with self._process_signals():
                self._plan()
                self._log.say(f"watching: {self._describe()}", NOTICE)
                self._supervisor.tell(READY=1, STATUS=self._describe())
                while not self._stopping:
                    self._turn()
                if history := self._keeper.history:
                    self._looks.collect()
                    self._conclude(history, self._looks.ready(at_once=True))
        finally:
            petting.close()
            if door:
                door.close()
            self._courier.close(self._keeper.history)
            self._ears.close()
            self._keeper.close()

    def is_well(self) -> bool:
        """Tell whether the loop comes round. Asked from another thread."""
        now, began, until = self._now_ns(), self._turn_began_ns, self._asleep_until_ns
        if began is not None:
            return (now - began) / 1e9 < (HEALING_SECONDS if self._house.heals else STUCK_SECONDS)
        return until is None or (now - until) / 1e9 < STUCK_SECONDS

    def _turn(self) -> None:
        self._asleep_until_ns = self._next_ns()
        self._turn_began_ns = None
        calls = self._ears.sleep(self._asleep_until_ns)
        self._turn_began_ns = self._now_ns()
        for call in calls:
            call()
        if self._reloading:
            self._reload()
        self._waker.hear(self._ears.take(), self._now_ns())
        self._keeper.retake_if_due()
        if self._stopping:
            return
        if (history := self._keeper.history) is None:
            self._courier.end_late()
            return
        self._collect()
        if self._keeper.is_wanted:
            self._lend(history)
            return
        self._looks.go_on()
        self._look(history)
        if batch := self._looks.ready():
            self._record(history, batch)
        elif self._courier.is_due(history):
            with suppress(HistoryError):  # the next cycle says so
                self._deliver(history)

    def _look(self, history: History) -> None:
        """Begin the looks that are due, and those that something woke."""
        woken, due = set(self._waker.take(self._now_ns())), self._scheduler.due()
        too_early = {name for name in woken - set(due) if not self._scheduler.begin(name)}
        self._again |= too_early
        urgent = sorted(woken - too_early)
        calm = [name for name in due if name not in woken]
        if not urgent and not calm:
            return
        memories, _ = read_memories(history)
        for names, at_once in ((urgent, True), (calm, False)):
            looks = [self._house.engine.look(name, memories) for name in names]
            self._looks.start(self._host.afresh(), looks, urgent=at_once)

    def _collect(self) -> None:
        self._looks.collect()
        for name in self._looks.take_dropped():
            self._again.add(name)
            self._release(name)

    def _record(self, history: History, batch: Batch) -> None:
        """Let a cycle make of these looks what is to be made; the checks may then look again."""
        try:
            ran = self._house.cycle(history, _looked(history, batch), self._said, self._deliver)
        except KeyboardInterrupt:  # SIGTERM while it healed: what was done is undone, what was seen is recorded
            self._stopping = True
            self._looks.disown()
            return
        finally:
            looked = [seen.result.check for seen in batch.seen]
            for name in looked:
                self._release(name)
        if ran.before:  # what looks that are under way will say is of the past
            self._looks.disown()
        self._tell(ran)
        self._said |= {result.check: result for result in ran.cycle.results if result.check in self._house.names}
        self._look_again(ran)
        for wanted in [wanted for wanted in self._wanted if wanted.take(looked, ran)]:
            self._wanted.remove(wanted)
            wanted.answer(ran.cycle.host, ran.cycle.ended, ran.unrecorded)
        self._heap.tend(is_warm=self._said.keys() >= set(self._house.names))

    def _deliver(self, history: History) -> None:
        self._courier.turn(history, self._house.targets, self._house.pace)

    def _conclude(self, history: History, batch: Batch | None) -> None:
        """Record looks, and do nothing more about them for now."""
        if batch is not None:
            ran = self._house.engine.conclude(history, _looked(history, batch))
            self._tell(ran)
            for seen in batch.seen:
                self._release(seen.result.check)
            self._look_again(ran)

    def _release(self, name: str) -> None:
        self._scheduler.done(name)
        if name in self._again:
            self._again.discard(name)
            self._waker.wake(name, self._now_ns())

    def _look_again(self, ran: Ran) -> None:
        """Wake those that wish to look again; not when that is not on record: they would find the same anew."""
        for result in ran.cycle.results:
            if result.again_seconds is not None and result.check in self._house.names and not ran.unrecorded:
                soon = min(result.again_seconds, MOST_AGAIN_SECONDS)
                self._waker.wake(result.check, self._now_ns(), round(soon * 1e9))

    def _tell(self, ran: Ran) -> None:
        if ran.before and ran.before is not ran.cycle:
            tell_transitions(self._log, ran.before)
        tell_transitions(self._log, ran.cycle)
        if ran.unrecorded != self._unrecorded:
            self._unrecorded = ran.unrecorded
            lost = f"{ran.unrecorded}; nothing is recorded until that is over"
            self._log.say(lost if ran.unrecorded else "recording again", WARNING)

    def _open_door(self, path: Path) -> Door | None:
        try:
            return Door(path, self._ears.selector, self._asked, self._left)
        except OSError as error:
            self._log.say(f"no other command can have the history: {path}: {error.strerror}", WARNING)
            return None

    def _asked(self, visit: Visit, ask: Ask) -> None:
        if ask.ask == "lend":
            self._keeper.ask(visit)
            return
        if ask.ask == "state":
            visit.answer(self._state())
            return
        wanted = Wanted(visit=visit, started=self._host.stamp(), pending=set(self._house.names) & set(ask.checks))
        if not wanted.pending:  # none of them is switched on here: the next record may be long in coming
            wanted.answer(self._host.name(), wanted.started)
            return
        for name in wanted.pending:
            if self._scheduler.running(name):
                wanted.too_early.add(name)
                self._again.add(name)
            else:
                self._waker.wake(name, self._now_ns())
        self._wanted.append(wanted)

    def _state(self) -> DaemonState:
        due = (self._scheduler.next_due_ns(), self._waker.next_ns())
        return DaemonState(
            began=self._began,
            checks=len(self._house.names),
            next_look_ns=min((time for time in due if time is not None), default=None),
            hanging=self._looks.hanging,
            lent=self._keeper.history is None,
        )

    def _left(self, visit: Visit) -> None:
        self._wanted = [wanted for wanted in self._wanted if wanted.visit is not visit]
        self._keeper.left(visit)

    def _lend(self, history: History) -> None:
        """Record what there is and let go of the history. What is seen meanwhile is of the past then."""
        self._conclude(history, self._looks.ready(at_once=True))
        with suppress(HistoryError):  # who borrows it is told so, too
            self._courier.settle(history)
        self._looks.disown()
        self._keeper.lend()

    def _plan(self) -> None:
        """Let the checks run as the settings say."""
        self._said.clear()
        self._heap.unsettle()
        engine, names = self._house.engine, self._house.names
        self._scheduler.plan({name: engine.config.checks[name].every for name in names})
        self._waker = Waker({name: engine.registry.checks[name].wakes for name in names})
        self._ears.listen_for({name: engine.registry.checks[name].hearing for name in names})

    def _reload(self) -> None:
        """Take up the settings anew; when they are not right, keep those in force and say why."""
        self._reloading = False
        self._supervisor.tell(RELOADING=1, MONOTONIC_USEC=self._host.monotonic_us())
        try:
            self._house = self._load()
        except WatchdogError as error:
            self._log.say(f"the settings are not taken up, those before stay in force: {error}", WARNING)
        else:
            self._plan()
            self._log.say(f"settings taken up: {self._describe()}", NOTICE)
        self._supervisor.tell(READY=1, STATUS=self._describe())

    def _describe(self) -> str:
        return f"{len(self._house.names)} checks"

    def _next_ns(self) -> int | None:
        if self._keeper.history is None:
            lent = (self._keeper.retake_ns, self._courier.late_ns)
            return min((time for time in lent if time is not None), default=None)
        times = (
            self._scheduler.next_due_ns(),
            self._waker.next_ns(),
            self._looks.next_ns(),
            self._courier.next_ns(),
        )
        return min((time for time in times if time is not None), default=None)

    @contextmanager
    def _process_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT end the loop, and SIGHUP reload the settings."""

        def stop(number: int, _: object) -> None:
            if not self._stopping:
                self._stopping = True
                self._supervisor.tell(STOPPING=1, STATUS="ending")
                threading.Thread(target=self._cut_off, name="ending", daemon=True).start()

        def reload(number: int, _: object) -> None:
            self._reloading = True

        handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        wakeup = signal.set_wakeup_fd(self._ears.bell, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _cut_off(self) -> None:
        """End the process when the loop does not. An attempt at healing is given its time: it is being undone."""
        threading.Event().wait(LAST_SECONDS)
        if not self._house.heals:
            self._log.say(f"not done within {LAST_SECONDS:g} s of being told to end: cut off", WARNING)
            os._exit(0)


def _looked(history: History, batch: Batch) -> Looked:
    memories, problem = read_memories(history)
    return Looked(started=batch.started, seen=batch.seen, memories=memories, problem=problem)
