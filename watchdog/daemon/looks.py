"""The looks that are under way, each in a thread of its own, and what of them is ready to be recorded.

Checks that were due together are recorded together, which costs one transaction; but who is slow does not hold up
the rest for longer than a moment. That moment is a short one where a signal asked for the looks: most are over
within a few milliseconds, and who would be recorded at once would hold up the rest for longer than they take.

Looks that a signal asked for begin one after the other, the quickest first: who only asks the kernel is done in a
few milliseconds alone, and takes several times as long beside others, as each system call of one lets another have
Python, and so does each statement of the record. Who took long the last times (it listens, it waits for an answer)
begins when the others are on record.

A check that outlives its time limit is reported and left behind, as a thread cannot be ended from outside. While
it still runs it is not started again: it costs one thread, however long it hangs, and each time that it is due it
is said to be hanging. What it says in the end is dropped.
"""

from collections import deque
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Event

import msgspec

from watchdog.host import Host
from watchdog.looking import Look, Seen, begin, failed
from watchdog.model import Stamp
from watchdog.units import render_seconds

GATHER_SECONDS = 0.5
# For so long at most one has Python to itself. Who took longer each of the last times is slow.
HEAD_START_SECONDS = 0.05
_TIMES_REMEMBERED = 4
# About what it takes to record a cycle.
GATHER_URGENT_SECONDS = 0.015


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Looks that are over and belong together; `started` is when the first of them began."""

    started: Stamp
    seen: tuple[Seen, ...]


class _Group(msgspec.Struct, kw_only=True):
    """Checks that were started together; `waiting` are those of `pending` whose turn is still to come."""

    started: Stamp
    host: Host
    urgent: bool
    pending: set[str]
    waiting: deque[Look]
    seen: list[Seen] = msgspec.field(default_factory=list)

    @property
    def gather_seconds(self) -> float:
        """For how long who is over waits for the rest."""
        return GATHER_URGENT_SECONDS if self.urgent else GATHER_SECONDS

    @property
    def leaves_the_rest(self) -> bool:
        """Whether one left to its next look what can wait, for the rest to be on record at once."""
        return any(seen.result.again_seconds is not None for seen in self.seen)


class _UnderWay(msgspec.Struct, frozen=True, kw_only=True):
    look: Look
    started: Stamp
    group: _Group


Begin = Callable[[Host, Look, Callable[[Seen], None]], None]


class Looks:
    """Starts looks and gathers what comes of them. `wake` is called from the thread of a look that is over."""

    def __init__(
        self,
        stamp: Callable[[], Stamp],
        wake: Callable[[], None],
        say: Callable[[str], None],
        begin: Begin = begin,
    ) -> None:
        self._stamp, self._wake, self._say, self._begin = stamp, wake, say, begin
        self._answered = Event()
        self._answers: SimpleQueue[tuple[_UnderWay, Seen]] = SimpleQueue()
        self._under_way: dict[str, _UnderWay] = {}
        self._left_behind: dict[str, _UnderWay] = {}
        self._groups: list[_Group] = []
        self._disowned: set[str] = set()
        self._dropped: list[str] = []
        # How long each took the last times that a signal asked for it.
        self._took: dict[str, deque[float]] = {}

    def start(self, host: Host, looks: Iterable[Look], *, urgent: bool) -> None:
        """Begin these looks together; none of them may be under way."""
        looks = tuple(looks)
        if not looks:
            return
        if urgent:
            looks = tuple(sorted(looks, key=lambda look: self._quickest(look.check.name)))
        pending = {look.check.name for look in looks}
        group = _Group(started=self._stamp(), host=host, urgent=urgent, pending=pending, waiting=deque(looks))
        self._groups.append(group)
        self._go_on(group)

    def go_on(self) -> None:
        """Begin the looks whose turn has come."""
        for group in self._groups:
            self._go_on(group)

    def _go_on(self, group: _Group) -> None:
        while group.waiting and not self._waits(group):
            look = group.waiting.popleft()
            name = look.check.name
            if name in self._left_behind:
                self._over(name, group, self._hangs(name))
                continue
            mine = _UnderWay(look=look, started=self._stamp(), group=group)
            self._under_way[name] = mine
            self._answered.clear()
            self._begin(group.host, look, lambda seen, mine=mine: self._answer(mine, seen))  # type: ignore[misc]
            if group.urgent and not self._is_slow(name):
                self._answered.wait(HEAD_START_SECONDS)
                self._take_answers()

    def _waits(self, group: _Group) -> bool:
        """Tell whether what is over is to be on record before the next one begins."""
        if not group.urgent or not group.seen:
            return False
        return group.leaves_the_rest or self._is_slow(group.waiting[0].check.name)

    def _is_slow(self, name: str) -> bool:
        return self._quickest(name) >= HEAD_START_SECONDS

    def _quickest(self, name: str) -> float:
        """Return how long a look takes that only sees what is: one that has found something may ask on."""
        return min(self._took.get(name, ()), default=0.0)

    def collect(self) -> None:
        """Take in what looks have answered, and give up those whose time is over."""
        self._take_answers()
        now = self._stamp()
        for name, mine in tuple(self._under_way.items()):
            limit = mine.look.settings.time_limit
            if now.seconds_since(mine.started) >= limit:
                del self._under_way[name]
                self._left_behind[name] = mine
                self._disowned.discard(name)
                reason = f"still running after its time limit of {limit}; left behind"
                self._over(name, mine.group, Seen(result=failed(name, reason, float(limit))))

    def _take_answers(self) -> None:
        while True:
            try:
                mine, seen = self._answers.get_nowait()
            except Empty:
                return
            self._take(mine, seen)

    def ready(self, *, at_once: bool = False) -> Batch | None:
        """Return what is to be recorded now, None when there is nothing or it is worth waiting for the rest.

        `at_once`: nothing is worth waiting for.
        """
        now = self._stamp()
        if not any(group.seen and (at_once or self._is_ready(group, now)) for group in self._groups):
            return None
        return self._take_all()

    def disown(self) -> None:
        """Drop whatever the looks that are under way will say: by then it will be of the past."""
        self._disowned |= self._under_way.keys()
        for group in self._groups:
            names = [look.check.name for look in group.waiting]
            self._dropped += names
            group.pending.difference_update(names)
            group.waiting.clear()

    def take_dropped(self) -> tuple[str, ...]:
        """Return the checks whose looks are over and were dropped, since the last call."""
        dropped, self._dropped = tuple(self._dropped), []
        return dropped

    def next_ns(self) -> int | None:
        """Return the CLOCK_BOOTTIME at which a time limit is over, or a group has been waited for long enough."""
        limits = [_after(one.started, one.look.settings.time_limit) for one in self._under_way.values()]
        waits = [_after(group.started, group.gather_seconds) for group in self._groups if group.seen]
        turns = [group.started.boottime_ns for group in self._groups if group.waiting]
        return min(limits + waits + turns, default=None)

    @property
    def under_way(self) -> int:
        """How many looks are not over yet, those left behind not counted."""
        return len(self._under_way)

    @property
    def hanging(self) -> tuple[str, ...]:
        """The checks that were left behind and still run."""
        return tuple(sorted(self._left_behind))

    def _answer(self, mine: _UnderWay, seen: Seen) -> None:
        self._answers.put((mine, seen))
        self._answered.set()
        self._wake()

    def _take(self, mine: _UnderWay, seen: Seen) -> None:
        name = mine.look.check.name
        if self._under_way.get(name) is mine:
            del self._under_way[name]
            if mine.group.urgent:
                times = self._took.setdefault(name, deque(maxlen=_TIMES_REMEMBERED))
                times.append(seen.result.took_seconds)
            if name in self._disowned:
                self._disowned.discard(name)
                self._dropped.append(name)
                mine.group.pending.discard(name)
                return
            self._over(name, mine.group, seen)
        elif self._left_behind.get(name) is mine:
            del self._left_behind[name]
            took = render_seconds(self._stamp().seconds_since(mine.started))
            self._say(f"check {name}, left behind at its time limit, has ended after {took}")

    def _over(self, name: str, group: _Group, seen: Seen) -> None:
        group.pending.discard(name)
        group.seen.append(seen)

    def _is_ready(self, group: _Group, now: Stamp) -> bool:
        if group.leaves_the_rest or len(group.pending) == len(group.waiting):
            return True
        return now.seconds_since(group.started) >= group.gather_seconds

    def _take_all(self) -> Batch:
        """Return all that is over, of whichever group: it is one transaction anyway."""
        with_some = [group for group in self._groups if group.seen]
        batch = Batch(
            started=min((group.started for group in with_some), key=lambda stamp: stamp.boottime_ns),
            seen=tuple(seen for group in with_some for seen in group.seen),
        )
        for group in with_some:
            group.seen.clear()
        self._groups = [group for group in self._groups if group.pending]
        return batch

    def _hangs(self, name: str) -> Seen:
        """Say so in the same words each time: the history then has one span of it."""
        mine = self._left_behind[name]
        since, limit = mine.started.wall_text, mine.look.settings.time_limit
        reason = f"its look of {since} still hangs (time limit {limit}); not begun again"
        return Seen(result=failed(name, reason))


def _after(stamp: Stamp, seconds: float) -> int:
    return stamp.boottime_ns + round(seconds * 1e9)
