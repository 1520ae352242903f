"""The outbox on a real disk, whatever comes: nothing lost, nothing told twice but after a crash, all bounded."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from tests.history.make import cycle, incident, message, open_history, result
from tests.notify.senders import URL
from watchdog.content import Content
from watchdog.history.models import OUTBOX
from watchdog.model import Stamp
from watchdog.notify import Courier, Pace
from watchdog.notify.child import Ended, Event, Ready
from watchdog.notify.errands import Answer, Errand

TARGETS = ("ops", "mail")
PACE = Pace(limit_seconds=20.0, most_at_once=4, expire_after_seconds=5000.0)


def titles(content: Content) -> Iterator[str]:
    """Yield the titles of all that a message tells of."""
    if content.title:
        yield content.title
    for part in content.parts:
        yield from titles(part)


class Row(NamedTuple):
    """A message on disk."""

    id: int
    key: str
    target: str
    state: str
    merged_into: int | None


class World:
    """The servers of both targets: what they took, and how they answer from now on."""

    def __init__(self) -> None:
        self.took: dict[str, list[Errand]] = {name: [] for name in TARGETS}
        self.how = dict.fromkeys(TARGETS, "sent")
        # By target: how often it may have taken a message without our knowing.
        self.unknown = Counter[str]()

    def answers(self, errand: Errand) -> Iterator[Event]:
        match self.how[errand.target]:
            case "sent":
                self.took[errand.target].append(errand)
                yield Answer(id=errand.id, outcome="sent")
            case "lost":  # it is taken, and nobody hears of that
                self.took[errand.target].append(errand)
                self.unknown[errand.target] += 1
            case "die":
                yield Ended(error="ended")
            case "away":
                yield Answer(id=errand.id, outcome="failed", error="away", away=True)
            case "later":
                yield Answer(id=errand.id, outcome="failed", error="429", retry_after_seconds=100.0)
            case "no":
                yield Answer(id=errand.id, outcome="failed", error="500")


class WorldlySender:
    def __init__(self, world: World) -> None:
        self.world, self.said = world, [Ready()]  # type: list[Event]

    def send(self, errand: Errand) -> None:
        self.said += self.world.answers(errand)

    def events(self) -> Iterator[Event]:
        while self.said:
            yield self.said.pop(0)

    def kill(self) -> None:
        self.said.clear()


class Outbox(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="watchdog-test-")
        self.path = Path(self.folder.name) / "history.db"
        self.seconds, self.boot = 1000.0, "boot-a"
        self.world, self.written = World(), set[str]()
        self.open()

    def teardown(self) -> None:
        self.history.close()
        self.folder.cleanup()

    def open(self) -> None:
        self.history = open_history(self.path, self.now())
        self.courier = Courier(self.now, lambda: None, lambda wake: WorldlySender(self.world))

    def now(self) -> Stamp:
        wall = 1_790_000_000_000_000_000 + round(self.seconds * 1e9)
        return Stamp(boot_id=self.boot, boottime_ns=round(self.seconds * 1e9), wall_ns=wall)

    def turn(self) -> None:
        self.courier.turn(self.history, dict.fromkeys(TARGETS, URL), PACE)

    @rule(
        number=st.integers(1, 12),
        name=st.sampled_from(TARGETS),
        bundle=st.sampled_from(["", "b"]),
        wait=st.sampled_from([0.0, 40.0]),
        recovery=st.booleans(),
    )
    def write(self, number: int, name: str, bundle: str, wait: float, recovery: bool) -> None:
        first = len(self.written)
        told = tuple(
            message(
                f"<{first + n}>",
                n % 3 + 1,
                title=f"<{first + n}>",
                target=name,
                bundle=bundle,
                wait_seconds=wait,
                recovery=recovery,
            )
            for n in range(number)
        )
        self.written |= {one.key for one in told}
        opened = [incident(n, opened=self.now()) for n in (1, 2, 3)]
        self.history.record(cycle(self.now(), result(), incidents=opened, messages=told))

    @rule(name=st.sampled_from(TARGETS), how=st.sampled_from(["sent", "lost", "die", "away", "later", "no"]))
    def be(self, name: str, how: str) -> None:
        self.world.how[name] = how

    @rule(times=st.integers(1, 6))
    def deliver(self, times: int) -> None:
        for _ in range(times):
            self.turn()
            self.pass_by(1.0)

    @rule(seconds=st.sampled_from([10.0, 40.0, 600.0, 4000.0]))
    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds

    @rule()
    def crash(self) -> None:
        """SIGKILL: what is under way, and what was answered and not marked, is not known any more."""
        self.world.unknown.update(self.courier._under_way.keys())
        self.history.close()
        self.open()

    @rule()
    def reboot(self) -> None:
        self.crash()
        self.boot, self.seconds = f"boot-{chr(ord(self.boot[-1]) + 1)}", 20.0

    @rule()
    def all_is_well_in_the_end(self) -> None:
        """Targets that take messages get all that was written, and then nothing waits any more."""
        for name in TARGETS:
            self.world.how[name] = "sent"
        for _ in range(40):
            self.turn()
            self.pass_by(700.0)
            self.turn()
        rows = self.rows()
        told = self.told(rows)
        assert not [one for one in rows.values() if one.state == "pending"]
        assert not {key for key in self.written if not told[key]}
        for one in rows.values():
            assert told[one.key] <= 1 + self.world.unknown[one.target]

    @invariant()
    def nothing_is_lost(self) -> None:
        rows = self.rows().values()
        assert {one.key for one in rows} >= self.written
        for one in rows:
            assert one.state in ("pending", "sent", "merged", "expired")
            assert (one.merged_into is None) == (one.state in ("pending", "sent"))

    @invariant()
    def nothing_is_sent_twice_but_where_nobody_could_know(self) -> None:
        for target in TARGETS:
            keys = [errand.key for errand in self.world.took[target]]
            assert len(keys) - len(set(keys)) <= self.world.unknown[target]

    @invariant()
    def nothing_is_told_twice_but_where_nobody_could_know(self) -> None:
        """By itself, in a digest, in a summary, or with its recovery: by the very words that were sent."""
        for target in TARGETS:
            told = Counter(title for errand in self.world.took[target] for title in titles(errand.content))
            twice = {title: count for title, count in told.items() if count > 1 + self.world.unknown[target]}
            assert not twice

    @invariant()
    def it_is_bounded(self) -> None:
        assert all(len(waiting) <= PACE.most_at_once for waiting in self.courier._lines._ready.values())

    def told(self, rows: Mapping[int, Row]) -> Counter[str]:
        """How often each was told: by itself, or by what stood for it in the end."""
        sent = Counter(errand.key for target in TARGETS for errand in self.world.took[target])
        told = Counter(sent)
        for row in rows.values():
            into = row
            while into.merged_into is not None:
                into = rows[into.merged_into]
            if into is not row:
                told[row.key] += sent[into.key]
        return told

    def rows(self) -> Mapping[int, Row]:
        columns = (OUTBOX.c.id, OUTBOX.c.key, OUTBOX.c.target, OUTBOX.c.state, OUTBOX.c.merged_into)
        return self.history._mended(lambda c: {row[0]: Row(*row) for row in c.execute(select(*columns))})


TestOutbox = pytest.mark.usefixtures("made_once")(Outbox.TestCase)
TestOutbox.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
