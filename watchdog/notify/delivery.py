"""Delivers what is due: claims it, hands it to the sender, marks what came of it.

Delivery is at least once: a message that was sent when we were killed, or that a target took after its time, is
sent again. Each is claimed on disk before it is sent, one at a time to each target: so a crash costs a target at
most one duplicate. It is claimed when the sender can send, for little longer than a message may take: no claim
ends while its sender is busy with it, nor outlives by much a sender that was killed. Nothing is given up because a
target is away or says no: it is tried again, ever more seldom. Only what no retry can cure is refused for good.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

import msgspec

from watchdog.errors import HistoryError, WatchdogError
from watchdog.model import Stamp
from watchdog.notify.bundling import UNDELIVERED, content_of
from watchdog.notify.child import Ended, Event, Ready, Sender, start_sender
from watchdog.notify.contracts import Drained, Due, Outbox, Pace, ReadUrl
from watchdog.notify.errands import Answer, Errand
from watchdog.notify.lines import Lines
from watchdog.notify.pace import wait_for
from watchdog.units import render_seconds

# The import of apprise, on a slow machine that is busy.
START_SECONDS = 60.0
# With nothing to send it is not worth its memory.
IDLE_SECONDS = 5.0
# What was begun at the very end may still be taken.
GRACE_SECONDS = 2.0
# A claim outlives what is done with its message, so that who borrows the history meanwhile does not send it too.
LEASE_SECONDS = 5.0
# After the history failed.
_AGAIN_SECONDS = 5.0


class _UnderWay(msgspec.Struct):
    """A message that the sender was given, as which errand."""

    errand: int
    due: Due
    since: Stamp


class Courier:
    """Delivers beside a loop, which it never holds up: `turn` marks what is over and starts what is due.

    `wake` is called, from another thread, when a turn would have something to do. Between turns that have nothing
    to do nobody asks the history: when the next message is due is remembered.
    """

    def __init__(
        self,
        now: Callable[[], Stamp],
        wake: Callable[[], None],
        start: Callable[[Callable[[], None]], Sender] = start_sender,
    ) -> None:
        self._now, self._wake, self._start = now, wake, start
        self._rung = threading.Event()
        self._child: Sender | None = None
        # When the child was started, while it cannot send yet; when it had nothing more to do.
        self._starting: Stamp | None = None
        self._idle: Stamp | None = None
        self._under_way: dict[str, _UnderWay] = {}
        # The keys of what this sender was given and did not answer. An errand has a number of its own: that of a
        # message may be another's in a history that began anew.
        self._given: dict[int, str] = {}
        self._last_errand = 0
        # What the sender said and is not on record yet.
        self._unmarked: deque[Event] = deque()
        # The history failed, so it is left alone until then.
        self._again_ns: int | None = None
        self._stuck = False
        self._limit_seconds, self._templates = 0.0, ""
        self.drained = Drained()
        self._lines = Lines(self.drained)

    @property
    def is_busy(self) -> bool:
        """Tell whether a message is under way, or the sender is being started for one."""
        return bool(self._under_way) or self.is_starting

    @property
    def is_starting(self) -> bool:
        """Tell whether the sender was started and cannot send yet."""
        return self._starting is not None

    def turn(self, outbox: Outbox, targets: Mapping[str, ReadUrl], pace: Pace, *, start: bool = True) -> None:
        """Mark what is over, and start what is due (`start`). Raises HistoryError."""
        self._limit_seconds, self._templates = pace.limit_seconds, pace.templates
        try:
            self._hear(outbox)
            self._end_late(outbox)
            if self._stuck and not self._under_way:
                self._end_child()
            if start and not self._stuck:
                self._start_due(outbox, targets, pace)
            self._end_unstarted(outbox)
        except HistoryError:
            self._lines.forget()
            self._again_ns = _after(self._now(), _AGAIN_SECONDS)
            raise
        self._again_ns = None
        self._rest()

    def is_due(self, outbox: Outbox) -> bool:
        """Tell whether a turn may have something to do; asks no disk."""
        next_ns = self.next_ns()
        if next_ns is not None and next_ns <= self._now().boottime_ns:
            return True
        return self._again_ns is None and (self.is_busy or not self._lines.are_of(outbox))

    def next_ns(self) -> int | None:
        """Return the CLOCK_BOOTTIME at which a turn has something to do, if nobody calls `wake` before."""
        if self._again_ns is not None:
            return self._again_ns
        times = [self._deadline(one.since) for one in self._under_way.values()]
        times += [_after(self._starting, START_SECONDS)] if self._starting else []
        times += [] if self._lines.next_ns is None or self._stuck else [self._lines.next_ns]
        times += [_after(self._idle, IDLE_SECONDS)] if self._idle else []
        return min(times, default=None)

    def cut(self, outbox: Outbox) -> None:
        """Give up what is under way. Raises HistoryError."""
        for name in tuple(self._under_way):
            self._give_up(outbox, name)

    def end_late(self) -> None:
        """End the sender when it has something for too long, while somebody else has the history.

        They may send it once our claim is over. What became of it is marked when the history is back.
        """
        if self._child and self.late_ns is not None and self._now().boottime_ns >= self.late_ns:
            self._unmarked += self._child.events()
            self._unmarked.append(Ended(error="the process that sends was ended, as it took too long"))
            self._child.kill()
            self._child = None

    @property
    def late_ns(self) -> int | None:
        """Return the CLOCK_BOOTTIME at which `end_late` has something to do."""
        times = (self._deadline(one.since) for one in self._under_way.values())
        return min(times, default=None) if self._child else None

    def wait(self, seconds: float) -> None:
        """Wait until the sender says something, at most so long."""
        self._rung.wait(seconds)
        self._rung.clear()

    def settle(self, outbox: Outbox) -> None:
        """Begin nothing more, give what is under way a moment to be taken, and mark it. Raises HistoryError.

        So who has the history next does not send what was sent.
        """
        began = self._now()
        self._hear(outbox)
        while self._under_way and self._now().seconds_since(began) < GRACE_SECONDS:
            self.wait(0.1)
            self._hear(outbox)

    def close(self, outbox: Outbox | None) -> None:
        """Mark what is known, and end the sender; what is under way has a moment to be taken."""
        if outbox is not None:
            with suppress(HistoryError):
                self._hear(outbox)
                self.settle(outbox)
        self._under_way.clear()
        self._unmarked.clear()
        self._end_child()

    def _ring(self) -> None:
        self._rung.set()
        self._wake()

    def _hear(self, outbox: Outbox) -> None:
        """Mark what the sender has answered. What the history did not take is kept: it would be sent again."""
        if self._child:
            self._unmarked += self._child.events()
        while self._unmarked:
            self._take(outbox, self._unmarked[0])
            self._unmarked.popleft()

    def _take(self, outbox: Outbox, event: Event) -> None:
        match event:
            case Ready():
                self._starting = None
            case Answer():
                self._settle(outbox, event)
            case Ended(error=why):  # nothing more that it was given will be answered
                if self._starting is not None:
                    self._fail_all(outbox, why)
                for name, one in tuple(self._under_way.items()):
                    self._settle(outbox, Answer(id=one.errand, outcome="failed", error=f"{why} ({name})"))
                self._end_child()

    def _end_late(self, outbox: Outbox) -> None:
        """Give up what was not taken in its time; the thread that has it may be stuck for good."""
        now = self._now()
        for name, one in tuple(self._under_way.items()):
            if now.boottime_ns >= self._deadline(one.since):
                self._stuck = True
                self._give_up(outbox, name)

    def _give_up(self, outbox: Outbox, name: str) -> None:
        one = self._under_way[name]
        passed = max(0.0, self._now().seconds_since(one.since))
        error = f"{name} did not take it within {render_seconds(min(passed, self._limit_seconds))}"
        key = self._given.get(one.errand)
        self._settle(outbox, Answer(id=one.errand, outcome="failed", error=error, away=True))
        if key is not None:  # it may be taken after all, until the sender is ended
            self._given[one.errand] = key

    def _end_unstarted(self, outbox: Outbox) -> None:
        """End a sender that cannot send in time, and let those wait for whom it was started."""
        if self._starting and self._now().boottime_ns >= _after(self._starting, START_SECONDS):
            self._fail_all(outbox, f"the process that sends did not start within {render_seconds(START_SECONDS)}")
            self._end_child()

    def _fail_all(self, outbox: Outbox, why: str) -> None:
        """Note for each target that nothing can be sent: the next message would only find that out again."""
        for name in self._lines.names:
            if due := self._claimed(outbox, name):
                self._fail(outbox, due, Answer(id=0, outcome="failed", error=f"{why} ({name})", away=True))

    def _settle(self, outbox: Outbox, answer: Answer) -> None:
        """Mark what became of a message."""
        name = next((name for name, one in self._under_way.items() if one.errand == answer.id), None)
        if name is None:
            if answer.outcome == "sent" and answer.id in self._given:  # it was given up, and taken after all
                outbox.mark_sent(self._given[answer.id], self._now())
            self._given.pop(answer.id, None)
            return
        due = self._under_way[name].due
        if answer.outcome == "sent":
            outbox.mark_sent(due.message.key, self._now())
            self.drained.count(name, "sent")
        else:
            self._fail(outbox, due, answer)
        del self._under_way[name]
        self._given.pop(answer.id, None)
        if not self._lines.has(name):  # more may be due than was read at once
            self._lines.forget()

    def _fail(self, outbox: Outbox, due: Due, answer: Answer) -> None:
        name = due.message.target
        retry, hold = wait_for(answer, max(due.attempts, due.target_failures))
        if hold and due.message.bundle == UNDELIVERED:
            retry = hold  # there is to be one, so it is due whenever something may be added to it
        refused = answer.outcome == "refused"
        outbox.mark_failed(
            due.message.key,
            None if refused else retry,
            self._now(),
            answer.error,
            hold,
            closed=answer.closed,
            taken=tuple(dict.fromkeys((*due.taken, *answer.taken))),
        )
        self.drained.count(name, "refused" if refused else "failed")
        self.drained.errors[name] = answer.error
        if hold:
            self._lines.drop(name)
        self._lines.forget()

    def _start_due(self, outbox: Outbox, targets: Mapping[str, ReadUrl], pace: Pace) -> None:
        while True:
            busy = {one.due.message.key for one in self._under_way.values()}
            self._lines.look(outbox, targets, pace, busy, self._now())
            waiting = [name for name in self._lines.names if name not in self._under_way and self._lines.has(name)]
            if waiting and self._can_send(outbox):
                for name in waiting:
                    self._start_next(outbox, name, targets[name])
            if self._lines.are_of(outbox):
                return

    def _can_send(self, outbox: Outbox) -> bool:
        """Tell whether the sender can send; start one if there is none."""
        if self._child is None:
            try:
                self._child = self._start(self._ring)
            except (OSError, RuntimeError) as error:
                self._fail_all(outbox, f"this host has no process or thread left to send: {error}")
                return False
            self._starting = self._now()
            self._hear(outbox)
        self._idle = None
        return self._is_ready

    @property
    def _is_ready(self) -> bool:
        return self._child is not None and self._starting is None

    def _claimed(self, outbox: Outbox, name: str) -> Due | None:
        """Claim a target's next message that still waits, and return it."""
        now = self._now()
        while due := self._lines.take(name):
            if outbox.claim(due.message.key, now, self._limit_seconds + LEASE_SECONDS):
                return due
        return None

    def _start_next(self, outbox: Outbox, name: str, read_url: ReadUrl) -> None:
        """Claim a target's next message and hand it to the sender."""
        since = self._now()
        if not (due := self._claimed(outbox, name)):
            return
        url, problem = _url_of(name, read_url)
        if problem or self._child is None:
            self._fail(outbox, due, Answer(id=0, outcome="failed", error=problem, away=True))
            return
        self._last_errand += 1
        self._given[self._last_errand] = due.message.key
        self._under_way[name] = _UnderWay(self._last_errand, due, since)
        self._child.send(
            Errand(
                id=self._last_errand,
                target=name,
                url=url,
                key=due.message.key,
                content=content_of(due.message),
                limit_seconds=self._limit_seconds,
                templates=self._templates,
                taken=due.taken,
            )
        )

    def _end_child(self) -> None:
        if self._child:
            self._child.kill()
        self._child = self._starting = self._idle = None
        self._given.clear()
        self._stuck = False

    def _rest(self) -> None:
        """Let the sender end when it had nothing to do for a while."""
        if self._child is None or self.is_busy:
            self._idle = None
        elif self._idle is None:
            self._idle = self._now()
        elif self._now().boottime_ns >= _after(self._idle, IDLE_SECONDS):
            self._end_child()

    def _deadline(self, since: Stamp) -> int:
        # The sender keeps to the limit too, and knows better why: it has a moment to say so.
        return _after(since, self._limit_seconds + GRACE_SECONDS)


def _url_of(name: str, read_url: ReadUrl) -> tuple[str, str]:
    """Return a target's URL, and why it cannot be had ("": it can)."""
    try:
        return read_url().reveal(), ""
    except WatchdogError as error:
        why = str(error)
    except OSError as error:
        why = str(error.strerror)
    except Exception as error:  # noqa: BLE001 - its text may hold the URL: only its kind is told
        why = type(error).__name__
    return "", f"the URL of {name} cannot be read: {why}"


def _after(stamp: Stamp, seconds: float) -> int:
    return stamp.boottime_ns + round(seconds * 1e9)
