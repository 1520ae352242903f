"""The vocabulary of the house: plain, frozen values that every other room speaks in."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from watchdog.content import Content

# What evidence may hold: anything JSON can say.
Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Evidence = Mapping[str, Json]


class Severity(enum.Enum):
    """How bad a fault is. *unknown* is a verdict, never a severity."""

    WARNING = "warning"
    CRITICAL = "critical"

    @staticmethod
    def worst(severities: Iterable["Severity"]) -> "Severity | None":
        """Return the worse of those given, None for none."""
        found = set(severities)
        return next((s for s in (Severity.CRITICAL, Severity.WARNING) if s in found), None)


class Verdict(enum.Enum):
    """What one run of a check says, in the words of `--json`."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"

    @staticmethod
    def worst(verdicts: Iterable["Verdict"]) -> "Verdict":
        """Return the one that decides an exit code; a fault that is seen outweighs one that may be hidden."""
        found = set(verdicts)
        order = (Verdict.CRITICAL, Verdict.WARNING, Verdict.UNKNOWN)
        return next((v for v in order if v in found), Verdict.OK)

    @property
    def exit_code(self) -> int:
        """The code of the monitoring-plugins convention: 0 ok, 1 warning, 2 critical, 3 unknown."""
        return {Verdict.WARNING: 1, Verdict.CRITICAL: 2, Verdict.UNKNOWN: 3}.get(self, 0)


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """A moment. Order and length come from boot_id and CLOCK_BOOTTIME; the wall clock is for people's eyes."""

    boot_id: str
    boottime_ns: int
    wall_ns: int

    def seconds_since(self, earlier: "Stamp") -> float:
        """Return the BOOTTIME seconds that have passed *at least* since `earlier`.

        Exact on the same boot. Across a reboot the time before it is not known, so only this boot's counts:
        a cooldown or a timer can then be held too long, never cut short. An `earlier` that lies ahead on the same
        boot is of before the host was set back to a snapshot, which is taken for a reboot.
        """
        passed_ns = self.boottime_ns - earlier.boottime_ns
        if self.boot_id != earlier.boot_id or passed_ns < 0:
            return self.boottime_ns / 1e9
        return passed_ns / 1e9

    def stepped_since(self, earlier: "Stamp") -> float:
        """Return by how many seconds the wall clock was stepped since `earlier`; 0.0 across a reboot: not known.

        Below a millisecond it is the noise of two readings, and 0.0.
        """
        step_ns = (self.wall_ns - self.boottime_ns) - (earlier.wall_ns - earlier.boottime_ns)
        return step_ns / 1e9 if self.boot_id == earlier.boot_id and abs(step_ns) >= 1_000_000 else 0.0

    @property
    def wall(self) -> datetime:
        """The wall clock at this moment, in UTC, for people."""
        return datetime.fromtimestamp(self.wall_ns / 1e9, UTC)

    @property
    def wall_text(self) -> str:
        """The wall clock as RFC 3339 with milliseconds: `2026-11-22T16:54:12.000Z`."""
        return self.wall.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def moment(self) -> str:
        """The wall clock for people's eyes: `2026-11-22 16:54:12 UTC`."""
        return f"{self.wall:%Y-%m-%d %H:%M:%S} UTC"


class Signal(enum.Enum):
    """What the kernel, or a log, can wake the daemon with. It carries no facts: it says "look now"."""

    CLOCK = "clock"  # the clock was set, or the host resumed from suspend
    LINK = "link"
    ADDRESS = "address"
    ROUTE = "route"
    RULE = "rule"
    NEIGHBOUR = "neighbour"  # another machine answers for an address now, or none does
    WIRE = "wire"  # on a link another machine speaks for a virtual router or an address now, or one fell silent


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The adverts of one machine for one virtual router, one after the other without a gap; `packet` is the last.

    Moments are CLOCK_BOOTTIME; `outgoing`: they are this host's own.
    """

    interface: str
    mac: str
    protocol: int
    outgoing: bool
    packet: bytes
    first_ns: int
    last_ns: int
    times: int


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard on links before somebody began to look; `since_ns` says from when on without a gap."""

    since_ns: Mapping[str, int] = msgspec.field(default_factory=dict)
    heard: tuple[Heard, ...] = ()


class Heed(msgspec.Struct, frozen=True, kw_only=True):
    """What is worth to be woken for: these addresses, by (interface, address); `ours` are on this host."""

    addresses: frozenset[tuple[str, str]] = frozenset()
    ours: frozenset[tuple[str, str]] = frozenset()


class Reach(enum.Enum):
    """How far a cause reaches."""

    HOST = "host"  # anything on this host: a clock step
    SUBJECT = "subject"  # only what shares the subject's first part: `bond0/eth1` and `bond0`
    END = "end"  # only what ends alike: `10.0.0.21:80`, and `10.0.0.10:80/10.0.0.21:80` in a pool

    def part(self, subject: str) -> str:
        """Return what the subjects of a cause and of its effect have in common."""
        match self:
            case Reach.HOST:
                return ""
            case Reach.SUBJECT:
                return subject.partition("/")[0]
            case Reach.END:
                return subject.rpartition("/")[2]


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that may be the cause of another.

    `precedes`: only where it was open before the other (a wrong clock may lead to a step, and a step to a wrong
    clock).
    """

    fault: str
    reach: Reach = Reach.HOST
    precedes: bool = False

    def reaches(self, cause_subject: str, subject: str) -> bool:
        """Tell whether a cause on one subject can explain a fault on the other."""
        return self.reach.part(cause_subject) == self.reach.part(subject)


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the catalogue. A released code is never renamed.

    `event` marks a fault that happens (a step) rather than lasts (a down member): it resolves after
    `quiet_seconds` without another. `pending_seconds` is how long a fault must be seen before it fires.
    `causes` are listed likeliest first; a finding's evidence may know better (watchdog/causes.py).
    `tells` names the evidence that a message shows beside the summary; None: all that is plain.
    """

    code: str
    title: str
    severity: Severity
    why: str
    advice: str
    causes: tuple[Cause, ...] = ()
    event: bool = False
    quiet_seconds: float = 3600.0
    pending_seconds: float = 0.0
    tells: tuple[str, ...] | None = None

    @property
    def check(self) -> str:
        """The name of the check that finds it: what stands before the dot."""
        return self.code.partition(".")[0]

    def on(self, subject: str, summary: str, *, severity: Severity | None = None, **evidence: Json) -> "Finding":
        """Return the finding of this fault on a subject; `evidence` carries units in its names."""
        return Finding(
            fault=self.code,
            subject=subject,
            severity=severity or self.severity,
            summary=summary,
            evidence=evidence,
        )


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A fault seen on a subject in one run.

    `completes` tells, of an event, that it was found before, and that this only says more of it: it has not
    happened again.
    """

    fault: str
    subject: str
    severity: Severity
    summary: str
    evidence: Evidence = msgspec.field(default_factory=dict)
    completes: bool = False


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """A subject that could not be seen whole in this run: what was found there counts, nothing there resolves."""

    subject: str
    reason: str

    def covers(self, subject: str) -> bool:
        """Tell whether `subject` is this one or lies below it."""
        return subject == self.subject or subject.startswith(f"{self.subject}/")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Something worth recording that is no fault (a step below the alert threshold). Never alerts."""

    subject: str
    summary: str
    evidence: Evidence = msgspec.field(default_factory=dict)


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """A number about a subject; the unit stands in the name (`offset_seconds`)."""

    subject: str
    name: str
    value: float


class LookAgain(msgspec.Struct, frozen=True, kw_only=True):
    """The wish to look again so soon, for what was not to be seen yet. Heard where `Host.looks_again`."""

    seconds: float


# What a check's `judge` yields.
Judgement = Finding | Unseen | Note | Metric | LookAgain


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of one check said.

    `judged` is False when the check could not judge at all (unknown) or has nothing to judge (not applicable);
    `reason` then says why. `failed` marks an unknown that is the check's own fault: it raised or hung.
    `again_seconds` is how soon it would like to look again; None: in its turn.
    """

    check: str
    judged: bool
    applicable: bool = True
    failed: bool = False
    reason: str = ""
    took_seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    notes: tuple[Note, ...] = ()
    metrics: tuple[Metric, ...] = ()
    again_seconds: float | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst that was found; unknown when something could not be seen and nothing worse was."""
        if not self.applicable:
            return Verdict.NOT_APPLICABLE
        worst = Severity.worst(f.severity for f in self.findings)
        if worst is not None:
            return Verdict(worst.value)
        return Verdict.OK if self.judged and not self.unseen else Verdict.UNKNOWN


class IncidentState(enum.Enum):
    """Where an incident stands."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A fault on a subject over time. At most one that is not resolved exists per (fault, subject).

    `caused_by` holds the ids of the incidents that may have caused it, likeliest first; while one of them, or
    of theirs, fires, this one is *inhibited*: shown under its root. `told` is as what it was told, when it was the
    one to speak for its outage (watchdog/telling.py); None: nobody heard of it by itself, so nobody hears of its
    end. `occurrences` is how often an event happened: each finding is one, also when one look finds several.
    """

    id: int
    fault: str
    subject: str
    severity: Severity
    state: IncidentState
    summary: str
    evidence: Evidence
    opened: Stamp
    last_seen: Stamp
    fired: Stamp | None = None
    resolved: Stamp | None = None
    occurrences: int = 1
    caused_by: tuple[int, ...] = ()
    inhibited: bool = False
    flapping: bool = False
    told: Severity | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the incident is about: (fault, subject)."""
        return (self.fault, self.subject)

    def names(self, cause: "Incident") -> bool:
        """Tell whether its link to a cause is more than possible: a check that looked for who did it, names it.

        Where no check looks, the catalogue's word is all there is.
        """
        likely = self.evidence.get("likely_causes")
        return not isinstance(likely, Sequence) or cause.fault in likely

    def advice(self, fault: "Fault") -> str:
        """Return what to do: what the check worked out for this host, else the catalogue's words."""
        advice = self.evidence.get("advice")
        return advice if isinstance(advice, str) and advice else fault.advice


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One change in the life of an incident; `before` is None when it opens."""

    incident_id: int
    at: Stamp
    before: IncidentState | None
    after: IncidentState
    reason: str


# For how long a message may be held back.
LONGEST_WAIT_SECONDS = 86_400.0


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One notification to one target, as it waits in the outbox. `key` makes a repeat recognisable.

    It is sent `wait_seconds` (a day at most) after it was written at the earliest; until it is tried for the
    first time a newer one with its key takes its place (more belongs to the outage by then). `bundle` names what
    it may be sent together with: of one bundle, what is due for a target at once becomes one message.
    `incident_id` is None for what is of no single incident.
    """

    key: str
    target: str
    incident_id: int | None
    title: str
    body: str
    severity: Severity
    recovery: bool = False
    content: Content | None = None
    wait_seconds: float = 0.0
    bundle: str = ""


class TargetState(msgspec.Struct, frozen=True, kw_only=True):
    """How a notification target has been answering.

    `failures` in a row since `failing_since`, which is `failing_seconds` ago at least; none while it takes what it
    is sent. `refused`: it said of the last message that it takes nothing at all.
    """

    name: str
    failures: int
    refused: bool
    last_error: str
    failing_since: Stamp | None
    failing_seconds: float
    last_sent: Stamp | None


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody said that they know of an incident, when it was as bad as `severity`."""

    incident_id: int
    severity: Severity
    who: str
    why: str
    at: Stamp


class Lasted(msgspec.Struct, frozen=True, kw_only=True):
    """How long something lasted by CLOCK_BOOTTIME; a lower bound when a reboot lies between (`exact` False)."""

    seconds: float
    exact: bool
