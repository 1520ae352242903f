"""What is due, in a line for each target: read when something may be due that was not before, and merged then."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence

from watchdog.model import Stamp
from watchdog.notify.bundling import next_merge, next_stranded
from watchdog.notify.contracts import Drained, Due, Outbox, Pace, ReadUrl

# At most so many for a target are looked at together; what is beyond comes after.
BATCH = 1000


class Lines:
    """The messages that are due, by target, oldest first. `drained` counts what is merged or expired.

    What waits for a target that is not known here waits for a sender with other settings, until it expires.
    """

    def __init__(self, drained: Drained) -> None:
        self._drained = drained
        self._ready: dict[str, deque[Due]] = {}
        self._targets: set[str] = set()
        # Of what they were read; None: they are to be read anew.
        self._seen: tuple[Outbox, int] | None = None
        self.next_ns: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The targets for which something is due."""
        return tuple(self._ready)

    def are_of(self, outbox: Outbox) -> bool:
        """Tell whether they were read from this outbox, and nothing was written since. Asks no disk."""
        return self._seen == (outbox, outbox.written)

    def has(self, name: str) -> bool:
        """Tell whether something is due for a target."""
        return bool(self._ready.get(name))

    def take(self, name: str) -> Due | None:
        """Take the next message for a target; None: that was all."""
        if self.has(name):
            return self._ready[name].popleft()
        self.drop(name)
        return None

    def drop(self, name: str) -> None:
        """Send nothing more to a target for now."""
        self._ready.pop(name, None)

    def forget(self) -> None:
        """Have all be read anew by the next look."""
        self._seen = None

    def look(
        self, outbox: Outbox, targets: Mapping[str, ReadUrl], pace: Pace, busy: Collection[str], now: Stamp
    ) -> None:
        """Read what is due and not `busy` (keys), if need be; merge what belongs together. Raises HistoryError."""
        if self._targets != targets.keys():
            self._targets, self._seen = set(targets), None
        seen = (outbox, outbox.written)
        if self._seen == seen and (self.next_ns is None or now.boottime_ns < self.next_ns):
            return
        self._ready = {}
        due = _by_target(outbox, busy, now)
        unknown = [due.pop(name) for name in due.keys() - targets.keys()]
        told = [self._expire(outbox, dues, pace, next(iter(targets)), now) for dues in unknown if targets]
        if any(told):
            due = {name: dues for name, dues in _by_target(outbox, busy, now).items() if name in targets}
        for name, dues in due.items():
            self._ready[name] = deque(self._merged(outbox, dues, pace, busy, now))
        self._seen = (outbox, outbox.written)
        ages = [one.age_seconds for dues in unknown for one in dues if targets]
        times = [outbox.next_due_ns(now), *(_expires_ns(age, pace, now) for age in ages)]
        self.next_ns = min((time for time in times if time is not None), default=None)

    def _merged(
        self, outbox: Outbox, dues: Sequence[Due], pace: Pace, busy: Collection[str], now: Stamp
    ) -> Sequence[Due]:
        """Merge what is due for one target, and return what is to be sent.

        All is read again only where it says something new: a thousand recoveries are a thousand merges.
        """
        name, is_stale = dues[0].message.target, False
        while True:
            merge = next_merge(dues, pace)
            if merge is None and not is_stale:
                return dues
            if merge is None or (is_stale and merge.into is None):  # it may be made of what others went into
                dues, is_stale = _by_target(outbox, busy, now).get(name, []), False
                continue
            outbox.merge(merge.ids, merge.message, now, into=merge.into, expired=merge.expired)
            self._drained.count(name, "expired" if merge.expired else "merged", len(merge.ids))
            dues, is_stale = [due for due in dues if due.id not in merge.ids], True

    def _expire(self, outbox: Outbox, dues: Sequence[Due], pace: Pace, known: str, now: Stamp) -> bool:
        """Tell a known target of what waited too long for one that is not; else it waits for who knows it."""
        merge = next_stranded(dues, pace, known)
        if merge is not None:
            outbox.merge(merge.ids, merge.message, now, into=None, expired=True)
            self._drained.count(dues[0].message.target, "expired", len(merge.ids))
        return merge is not None


def _expires_ns(age_seconds: float, pace: Pace, now: Stamp) -> int | None:
    """Return when something is old enough to expire; None: it has."""
    left = pace.expire_after_seconds - age_seconds
    return now.boottime_ns + round(left * 1e9) if left > 0 else None


def _by_target(outbox: Outbox, busy: Collection[str], now: Stamp) -> dict[str, list[Due]]:
    found: dict[str, list[Due]] = {}
    for due in outbox.due_messages(now, BATCH):
        if due.message.key not in busy:
            found.setdefault(due.message.target, []).append(due)
    return found
