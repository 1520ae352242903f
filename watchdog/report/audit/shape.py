"""The report as data: what `report --format json` prints and every other format is rendered from.

Once released, a key is only ever added. Its JSON Schema is docs/report.schema.json. Times are the wall clock for
people's eyes (RFC 3339, UTC); every length is by CLOCK_BOOTTIME, a lower bound where a reboot lies within.
"""

from typing import Annotated, Any

import msgspec

from watchdog.report.audit.availability import State

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """What all parts have in common."""


class Gap(Base, frozen=True, kw_only=True):
    """Nobody was watching; `why` as far as it can be told: a reboot lies within, or no look for so long."""

    began_at: str
    ended_at: str
    seconds: Seconds
    why: str


class Coverage(Base, frozen=True, kw_only=True):
    """How long a check was watching, what it said how long, and why not more."""

    check: str
    watched_seconds: Seconds
    runs: int
    verdict_seconds: dict[str, float]
    reasons: list[str]
    share: Share
    unwatched: int


class Stretch(Base, frozen=True, kw_only=True):
    """A state that held, `begins` after the beginning of the period."""

    begins_seconds: Seconds
    seconds: Seconds
    state: State


class Availability(Base, frozen=True, kw_only=True):
    """How a subject, or a check, fared: the four states add up to the period. `up` is of the watched time."""

    name: str
    check: str
    ok_seconds: Seconds
    degraded_seconds: Seconds
    down_seconds: Seconds
    unknown_seconds: Seconds
    up: Share | None
    incidents: int
    strip: list[Stretch]


class ClockStep(Base, frozen=True, kw_only=True):
    """The clock was set by `seconds` (below zero: back); `at` is what it showed afterwards."""

    at: str
    begins_seconds: Seconds
    seconds: float
    author: str
    fault: str
    summary: str


class Spread(Base, frozen=True, kw_only=True):
    """What a series was like over the period."""

    minimum: float
    maximum: float
    mean: float
    samples: int


class Clock(Base, frozen=True, kw_only=True):
    """What the wall clock did; of the steps, all of which count, the oldest may be left out."""

    steps: list[ClockStep]
    steps_left_out: int = 0
    sum_seconds: float
    steps_back: int
    steps_ahead: int
    offset: Spread | None
    drift: Spread | None


class Change(Base, frozen=True, kw_only=True):
    """One line in the life of an incident."""

    at: str
    after_seconds: Seconds
    state: str
    reason: str


class LoggedStep(Base, frozen=True, kw_only=True):
    """A step of an attempt as the journal has it."""

    step: str
    undo: str
    state: str
    output: str


class Attempt(Base, frozen=True, kw_only=True):
    """A remediation that was proposed, refused or tried; `permission` says who or what allowed it."""

    id: int
    incident: int
    remediation: str
    mode: str
    outcome: str
    reason: str
    at: str
    took_seconds: Seconds | None
    permission: str
    summary: str
    steps: list[str]
    journal: list[LoggedStep]


class Told(Base, frozen=True, kw_only=True):
    """A notification and its fate."""

    target: str
    title: str
    at: str
    state: str
    sent_at: str | None
    attempts: int
    error: str


class Incident(Base, frozen=True, kw_only=True):
    """A fault on a subject over time.

    `detected_within_seconds`: the look before it opened was so long ago, and had not found it. `wall_off_seconds`:
    the clock was set by so much since `opened_at` was written, on that boot.
    """

    id: int
    fault: str
    title: str
    subject: str
    severity: str
    state: str
    opened_at: str
    resolved_at: str | None
    duration_seconds: Seconds
    duration_exact: bool
    begins_seconds: Seconds
    wall_off_seconds: float
    caused_by: int | None
    causes: list[int]
    chain: list[int]
    inhibited: bool
    flapping: bool
    # Lasted long enough to be one that counts; what was over before it did not.
    fired: bool
    occurrences: int
    summary: str
    why: str
    advice: str
    detected_within_seconds: Seconds | None
    acknowledged_after_seconds: Seconds | None
    acknowledged_by: str
    healed_by: str
    evidence: dict[str, Any] = {}
    timeline: list[Change] = []
    attempts: list[Attempt] = []
    told: list[Told] = []


class Remediation(Base, frozen=True, kw_only=True):
    """How often a remediation was tried and helped."""

    remediation: str
    tried: int
    healed: int
    undone: int
    harmed: int
    refused: int
    proposed: int
    success: Share | None


class Target(Base, frozen=True, kw_only=True):
    """How notifications to a target fared, by state."""

    target: str
    states: dict[str, int]


class Notifications(Base, frozen=True, kw_only=True):
    """What was told, and what did not arrive; `expired` could not be delivered in time."""

    waiting: int
    sent: int
    refused: int
    expired: int
    targets: list[Target]
    not_delivered: list[Told]


class Hold(Base, frozen=True, kw_only=True):
    """A pause, silence or maintenance that was in force in the period."""

    id: int
    kind: str
    pattern: str
    who: str
    why: str
    at: str
    seconds: float | None
    ended_at: str | None
    ended_by: str


class Acknowledgement(Base, frozen=True, kw_only=True):
    """Somebody said that they know."""

    incident: int
    who: str
    why: str
    at: str


class Configuration(Base, frozen=True, kw_only=True):
    """Settings that came into force."""

    path: str
    sha256: str
    at: str


class Note(Base, frozen=True, kw_only=True):
    """Worth recording, and no fault."""

    at: str
    check: str
    subject: str
    summary: str


class Totals(Base, frozen=True, kw_only=True):
    """What two periods are compared by."""

    seconds: Seconds
    watched_seconds: Seconds
    incidents: int
    critical: int
    down_seconds: Seconds
    degraded_seconds: Seconds
    steps: int
    healed: int


class Open(Base, frozen=True, kw_only=True):
    """What is not over, also what a limit leaves out; `worst` "": none fires. `incidents` without the pending."""

    incidents: int
    worst: str
    pending: int


class Point(Base, frozen=True, kw_only=True):
    """A sample of a series: `begins` after the beginning of the period."""

    begins_seconds: Seconds
    at: str
    minimum: float
    mean: float
    maximum: float


class Series(Base, frozen=True, kw_only=True):
    """A measured value over the period."""

    check: str
    subject: str
    name: str
    points: list[Point]


class AuditProof(Base, frozen=True, kw_only=True):
    """What came of proving the audit's chain of hashes."""

    proven: bool
    rows: int
    head: str
    broken: str
    differences: list[str]


class Report(Base, frozen=True, kw_only=True):
    """A period of a host. Filters that were asked for are in `filters`; empty ones are left out."""

    host: str
    hosts: list[str]
    at: str
    since_seconds: Seconds
    began_at: str
    ended_at: str
    exact: bool
    reboots: int
    filters: dict[str, list[str]]
    coverage: list[Coverage]
    gaps: list[Gap]
    subjects: list[Availability]
    checks: list[Availability]
    clock: Clock
    open: Open
    incidents: list[Incident]
    incidents_left_out: int
    remediations: list[Remediation]
    attempts: list[Attempt]
    notifications: Notifications
    holds: list[Hold]
    acknowledgements: list[Acknowledgement]
    configurations: list[Configuration]
    notes: list[Note]
    notes_left_out: int
    totals: Totals
    before: Totals | None
    proof: AuditProof | None
    series: list[Series] = []
