"""What stands in for the process that sends, and for the outbox, where delivering is tested without them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec.structs import replace

from watchdog.model import Message, Severity, Stamp
from watchdog.notify.child import Ended, Event, Ready
from watchdog.notify.errands import Answer, Errand
from watchdog.secret import Secret

URL: Callable[[], Secret] = lambda: Secret("json://nowhere")  # noqa: E731


class StandInSender:
    """Answers when the test says so, each errand as `answers` has it for its target; "hang": never."""

    def __init__(self, wake: Callable[[], None], answers: Mapping[str, Any], *, ready: bool = True) -> None:
        self.wake, self.answers = wake, answers
        self.given: list[Errand] = []
        self.said: list[Event] = [Ready()] if ready else []
        self.killed = False

    def send(self, errand: Errand) -> None:
        assert not self.killed
        self.given.append(errand)
        how = self.answers.get(errand.target, "sent")
        how = how.pop(0) if isinstance(how, list) else how
        match how:
            case "hang":
                return
            case "die":
                self.said.append(Ended(error="the process that sends ended"))
            case "sent":
                self.said.append(Answer(id=errand.id, outcome="sent"))
            case _:
                self.said.append(Answer(**{"id": errand.id, "outcome": "failed", "error": "no"} | how))
        self.wake()

    def events(self) -> Iterator[Event]:
        while self.said and not self.killed:
            yield self.said.pop(0)

    def kill(self) -> None:
        self.killed = True


class Senders:
    """Starts senders, and keeps all that were."""

    def __init__(self, *, ready: bool = True, **answers: Any) -> None:
        self.answers, self.ready = answers, ready
        self.all: list[StandInSender] = []

    def __call__(self, wake: Callable[[], None]) -> StandInSender:
        self.all.append(StandInSender(wake, self.answers, ready=self.ready))
        return self.all[-1]

    @property
    def given(self) -> list[tuple[str, int]]:
        """The target and the number of the message of each errand, in order."""
        return [
            (errand.target, int(errand.key) if errand.key.isdigit() else 0)
            for sender in self.all
            for errand in sender.given
        ]

    @property
    def alive(self) -> int:
        return sum(not sender.killed for sender in self.all)


class Waiting(msgspec.Struct, frozen=True):
    id: int
    message: Message
    attempts: int = 0
    age_seconds: float = 0.0
    target_failures: int = 0
    taken: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class StandInOutbox:
    """Keeps the Outbox protocol in memory; what failed, or was claimed, is due again when the test says so."""

    due: list[Waiting]
    sent: list[int] = field(default_factory=list)
    failed: list[tuple[int, str, float | None]] = field(default_factory=list)
    holds: list[float] = field(default_factory=list)
    asleep: set[int] = field(default_factory=set)
    written: int = 0
    asked: int = 0
    merged: list[tuple[tuple[int, ...], int | None, bool]] = field(default_factory=list)

    def wake(self) -> None:
        """Let all that wait be due."""
        self.asleep.clear()
        self.written += 1

    def due_messages(self, now: Stamp, limit: int) -> list[Waiting]:
        self.asked += 1
        counts = Counter[str]()
        found = []
        for waiting in self.due:
            counts[waiting.message.target] += waiting.id not in self.asleep
            if waiting.id not in self.asleep and counts[waiting.message.target] <= limit:
                found.append(waiting)
        return found

    def next_due_ns(self, now: Stamp) -> int | None:
        return None

    def claim(self, key: str, now: Stamp, lease_seconds: float) -> bool:
        number = self._number(key)
        self.asleep.add(number)
        self.due = [replace(w, attempts=w.attempts + 1) if w.id == number else w for w in self.due]
        return any(w.id == number for w in self.due)

    def _number(self, key: str) -> int:
        return next((w.id for w in self.due if w.message.key == key), 0)

    def merge(self, ids: Sequence[int], message: Message, now: Stamp, *, into: int | None, expired: bool) -> None:
        self.merged.append((tuple(ids), into, expired))
        self.due = [w for w in self.due if w.id not in ids]
        if into is None:
            self.due.append(Waiting(1000 + len(self.merged), message))
        else:
            self.due = [
                replace(w, message=replace(message, key=w.message.key)) if w.id == into else w for w in self.due
            ]

    def mark_sent(self, key: str, now: Stamp) -> None:
        number = self._number(key)
        self.due = [w for w in self.due if w.id != number]
        self.sent.append(number)

    def mark_failed(
        self,
        key: str,
        retry_after_seconds: float | None,
        now: Stamp,
        error: str,
        hold_seconds: float = 0.0,
        *,
        closed: bool = False,
        taken: Sequence[str] = (),
    ) -> None:
        number = self._number(key)
        self.failed.append((number, error, retry_after_seconds))
        self.holds.append(hold_seconds)
        self.asleep.add(number)
        if hold_seconds:
            targets = {w.message.target for w in self.due if w.id == number}
            self.asleep |= {w.id for w in self.due if w.message.target in targets}
        if retry_after_seconds is None:
            self.due = [w for w in self.due if w.id != number]


def message(target: str = "ops", severity: Severity = Severity.WARNING, **fields: Any) -> Message:
    plain: dict[str, Any] = {"key": "k", "incident_id": None, "title": "bond0 lost eth1", "body": "eth1 is down"}
    return Message(target=target, severity=severity, **(plain | fields))


def outbox_of(*targets: str) -> StandInOutbox:
    return StandInOutbox(
        [Waiting(number, message(target, key=f"{number}")) for number, target in enumerate(targets, 1)]
    )
