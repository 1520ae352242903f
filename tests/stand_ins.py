"""What stands in for the history and for time where healing is tested without them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec.structs import replace

from watchdog.host import Host, Process
from watchdog.model import CheckResult, Lasted, Message, Stamp
from watchdog.steps import NOT_TRIED, Attempt, JournalEntry, Outcome, Plan


@dataclass(slots=True, kw_only=True)
class StandInJournal:
    """Keeps the Journal protocol of watchdog.healing in memory, and in a file when given one.

    `on_write` is called with the number of each write before and after it is kept: a test fails or dies there.
    """

    path: Path | None = None
    on_write: Callable[[int, str], None] = lambda number, when: None
    kept: list[Attempt] = field(default_factory=list)
    verified: list[tuple[int, str]] = field(default_factory=list)
    told: list[Message] = field(default_factory=list)
    writes: int = 0

    def __post_init__(self) -> None:
        if self.path and self.path.exists():
            self.kept = msgspec.json.decode(self.path.read_bytes(), type=list[Attempt])

    def begin_attempt(
        self,
        incident_id: int,
        remediation: str,
        mode: str,
        plan: Plan,
        outcome: Outcome,
        reason: str,
        now: Stamp,
        *,
        permission: str = "",
        messages: Sequence[Message] = (),
    ) -> int:
        self.told += messages
        attempt = Attempt(
            id=len(self.kept) + 1,
            incident_id=incident_id,
            remediation=remediation,
            mode=mode,
            outcome=outcome,
            reason=reason,
            plan=plan,
            started=now,
            ended=None if outcome in (Outcome.PROPOSED, Outcome.RUNNING) else now,
            permission=permission,
        )
        self._keep([*self.kept, attempt])
        return attempt.id

    def write_entry(self, attempt_id: int, seq: int, entry: JournalEntry, now: Stamp) -> None:
        journal = self.kept[attempt_id - 1].journal
        assert seq <= len(journal), "an entry was left out"
        self._replace(attempt_id, journal=(*journal[:seq], entry, *journal[seq + 1 :]))

    def write_verification(self, attempt_id: int, problem: str, now: Stamp) -> None:
        self.verified.append((attempt_id, problem))
        self._replace(attempt_id, reason=problem)

    def end_attempt(
        self, attempt_id: int, outcome: Outcome, reason: str, now: Stamp, *, messages: Sequence[Message] = ()
    ) -> None:
        self.told += messages
        self._replace(attempt_id, outcome=outcome, reason=reason, ended=now)

    def attempts(self, incident_id: int | None = None, outcome: Outcome | None = None) -> tuple[Attempt, ...]:
        return tuple(a for a in self.kept if incident_id in (None, a.incident_id) and outcome in (None, a.outcome))

    def begun_unasked(self, within_seconds: float, now: Stamp) -> tuple[float, ...]:
        tried = (one for one in self.kept if one.mode == "auto" and one.outcome not in NOT_TRIED)
        return tuple(self.lasted(one.started, now).seconds for one in tried)

    def lasted(self, since: Stamp, now: Stamp) -> Lasted:
        return Lasted(seconds=now.seconds_since(since), exact=since.boot_id == now.boot_id)

    def _replace(self, attempt_id: int, **changes: object) -> None:
        self._keep([replace(a, **changes) if a.id == attempt_id else a for a in self.kept])

    def _keep(self, attempts: list[Attempt]) -> None:
        self.writes += 1
        self.on_write(self.writes, "before")
        self.kept = attempts
        if self.path:
            self.path.write_bytes(msgspec.json.encode(attempts))
        self.on_write(self.writes, "after")


@dataclass(slots=True, kw_only=True)
class StandInEyes:
    """Looks by one function at the only check there is, or by another at all of them."""

    check: str
    see: Callable[[], CheckResult]
    see_all: Callable[[], Mapping[str, CheckResult]] | None = None

    def look(self, check: str) -> CheckResult:
        assert check == self.check
        return self.see()

    def look_around(self) -> Mapping[str, CheckResult]:
        return self.see_all() if self.see_all else {self.check: self.see()}


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test, or somebody waiting, moves it."""

    seconds: float = 1000.0
    boot_id: str = "this-boot"

    def stamp(self) -> Stamp:
        return Stamp(boot_id=self.boot_id, boottime_ns=round(self.seconds * 1e9), wall_ns=0)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


class ClockedHost(Host):
    """A host whose time is the test's."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(Path("/nowhere"))
        self.clock = clock

    def stamp(self) -> Stamp:
        return self.clock.stamp()


class SteppingHost(Host):
    """This machine's clocks with a wall clock that is stepped when a test says so, and processes of the test's."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.running: list[Process] = []
        self._shift_ns = 0
        self._to_come: list[tuple[int, int]] = []

    def step(self, seconds: float) -> None:
        """Step the clock now."""
        self._shift_ns += round(seconds * 1e9)

    def step_after(self, stamps: int, seconds: float) -> None:
        """Step the clock after so many more stamps were taken."""
        self._to_come.append((stamps, round(seconds * 1e9)))

    def stamp(self) -> Stamp:
        self._shift_ns += sum(size for stamps, size in self._to_come if stamps == 0)
        self._to_come = [(stamps - 1, size) for stamps, size in self._to_come if stamps > 0]
        now = Host().stamp()
        return Stamp(boot_id=now.boot_id, boottime_ns=now.boottime_ns, wall_ns=now.wall_ns + self._shift_ns)

    def processes(self) -> tuple[Process, ...]:
        return tuple(self.running)
