"""The looks that are under way, each in a thread of its own, and what of them is ready to be recorded.

Checks that were due together are recorded together, which costs one transaction; but who is slow does not hold up
the rest for longer than a moment. That moment is a short one where a signal asked for the looks: most are over
within a few milliseconds, and who would be recorded at once would hold up the rest for longer than they take.

A check that outlives its time limit is reported and left behind, as a thread cannot be ended from outside. While
it still runs it is not started again: it costs one thread, however long it hangs, and each time that it is due it
is said to be hanging. What it says in the end is dropped.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event

from watchdog.host import Host
from watchdog.looking import Look, Seen, begin, failed
from watchdog.model import Stamp
from watchdog.units import render_seconds

GATHER_SECONDS = 0.5
# Looks that a signal asked for begin one after the other: those that only ask the kernel are over by then, and
# would take several times as long side by side, where each system call of one lets another have Python.
HEAD_START_SECONDS = 0.002
# About what it takes to record a cycle.
GATHER_URGENT_SECONDS = 0.015


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Looks that are over and belong together; `started` is when the first of them began."""

    started: Stamp
    seen: tuple[Seen, ...]


@dataclass(slots=True, kw_only=True)
class _Group:
    """Checks that were started together."""

    started: Stamp
    gather_seconds: float
    pending: set[str]
    seen: list[Seen] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnderWay:
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

    def start(self, host: Host, looks: Iterable[Look], *, urgent: bool) -> None:
        """Begin these looks together; none of them may be under way."""
        looks, now = tuple(looks), self._stamp()
        gather = GATHER_URGENT_SECONDS if urgent else GATHER_SECONDS
        group = _Group(started=now, gather_seconds=gather, pending={look.check.name for look in looks})
        if looks:
            self._groups.append(group)
        for look in looks:
            name = look.check.name
            if name in self._left_behind:
                self._over(name, group, self._hangs(name))
                continue
            mine = _UnderWay(look=look, started=now, group=group)
            self._under_way[name] = mine
            self._answered.clear()
            self._begin(host, look, lambda seen, mine=mine: self._answer(mine, seen))  # type: ignore[misc]
            if urgent:
                self._answered.wait(HEAD_START_SECONDS)

    def collect(self) -> None:
        """Take in what looks have answered, and give up those whose time is over."""
        while True:
            try:
                mine, seen = self._answers.get_nowait()
            except Empty:
                break
            self._take(mine, seen)
        now = self._stamp()
        for name, mine in tuple(self._under_way.items()):
            limit = mine.look.settings.time_limit
            if now.seconds_since(mine.started) >= limit:
                del self._under_way[name]
                self._left_behind[name] = mine
                self._disowned.discard(name)
                reason = f"still running after its time limit of {limit}; left behind"
                self._over(name, mine.group, Seen(result=failed(name, reason, float(limit))))

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

    def take_dropped(self) -> tuple[str, ...]:
        """Return the checks whose looks are over and were dropped, since the last call."""
        dropped, self._dropped = tuple(self._dropped), []
        return dropped

    def next_ns(self) -> int | None:
        """Return the CLOCK_BOOTTIME at which a time limit is over, or a group has been waited for long enough."""
        limits = [_after(one.started, one.look.settings.time_limit) for one in self._under_way.values()]
        waits = [_after(group.started, group.gather_seconds) for group in self._groups if group.seen]
        return min(limits + waits, default=None)

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
        if any(seen.result.again_seconds is not None for seen in group.seen):
            return True  # it left to its next look what can wait, for the rest to be on record at once
        return not group.pending or now.seconds_since(group.started) >= group.gather_seconds

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
