"""An outbox in memory, and how a cycle tells: what watchdog/engine.py does with a history, without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from watchdog.contents import Details
from watchdog.deciding import decide
from watchdog.heard import Heard, Written
from watchdog.holds import Hold
from watchdog.incidents import Advanced, State
from watchdog.messages import compose
from watchdog.model import Ack, Fault, Message, Stamp
from watchdog.routing import Policy


@dataclass(kw_only=True)
class Row:
    """A message, when it was written and when it is due; `sent` is when a target took it."""

    message: Message
    created: Stamp
    due: Stamp
    sent: Stamp | None = None

    def written(self, outbox: "Outbox", now: Stamp) -> Written:
        message, age = self.message, outbox.lasted(self.created, now)
        waits = self.sent is None
        there = self.due.boot_id == now.boot_id
        return Written(
            key=message.key,
            target=message.target,
            incident_id=message.incident_id,
            kind=message.content.kind if message.content else "",
            age_seconds=age,
            told_seconds=outbox.lasted(self.sent, now) if self.sent else None if message.bundle else age,
            thread=message.content.thread if message.content else "",
            bundle=message.bundle,
            waiting=message if waits else None,
            due_seconds=(self.due.boottime_ns - now.boottime_ns) / 1e9 if there else None,
        )


@dataclass(kw_only=True)
class Outbox:
    """Takes what a cycle tells; by default each message is taken by its target as soon as it is due."""

    policy: Policy
    rows: dict[str, Row] = field(default_factory=dict)
    acks: dict[int, Ack] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    boots: dict[str, int] = field(default_factory=dict)
    away: bool = False

    def cycle(
        self,
        advanced: Advanced,
        before: State,
        faults: Mapping[str, Fault],
        now: Stamp,
        details: Details | None = None,
    ) -> list[Message]:
        """Tell what there is to tell, and return what was written, new or anew."""
        self.boots[now.boot_id] = max(self.boots.get(now.boot_id, 0), now.boottime_ns)
        heard = self.heard(advanced, before, now)
        news = decide(advanced, before, faults, self.policy, heard, now)
        messages = compose(news, advanced, before, faults, self.policy, heard, now, details)
        for message in messages:
            self._take(message, now)
        self.send(now)
        return list(messages)

    def heard(self, advanced: Advanced, before: State, now: Stamp) -> Heard:
        """Return what the history would: of what was open, and of what waits."""
        there = {one.id for one in before.incidents.values()}
        rows = [one for one in self.rows.values() if one.message.incident_id in there or one.sent is None]
        return Heard(written=tuple(one.written(self, now) for one in rows), acks=self.acks, holds=self.holds)

    def send(self, now: Stamp) -> list[Message]:
        """Let the targets take what is due, and return it."""
        due = [
            one
            for one in self.rows.values()
            if one.sent is None
            and (one.due.boot_id != now.boot_id or one.due.boottime_ns <= now.boottime_ns)
            and not self.away
        ]
        for one in due:
            one.sent = now
        return [one.message for one in due]

    def sent(self) -> Sequence[Message]:
        """Return all that was taken, in the order in which it was written."""
        return [one.message for one in self.rows.values() if one.sent]

    def lasted(self, since: Stamp, now: Stamp) -> float:
        """Count as the ledger of boots does."""
        if since.boot_id == now.boot_id:
            return max(0, now.boottime_ns - since.boottime_ns) / 1e9
        order = list(self.boots)
        between = order[order.index(since.boot_id) + 1 : order.index(now.boot_id)]
        passed = self.boots[since.boot_id] - since.boottime_ns + sum(self.boots[boot] for boot in between)
        return (passed + now.boottime_ns) / 1e9

    def _take(self, message: Message, now: Stamp) -> None:
        due = replace(now, boottime_ns=now.boottime_ns + round(message.wait_seconds * 1e9))
        row = self.rows.get(message.key)
        if row is None:
            self.rows[message.key] = Row(message=message, created=now, due=due)
        elif row.sent is None:
            row.message, row.due = message, due
