"""What a report of a period is made of, as plain values: an incident is its row, without what hangs on it."""

from dataclasses import dataclass

from watchdog.history.ledger import Ledger, Moment
from watchdog.history.records import NoteRecord, Span
from watchdog.holds import Hold
from watchdog.model import IncidentState, Severity, Stamp
from watchdog.steps import Attempt

# At most so many notes are read that are no event and not of the clock.
MOST_NOTES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """An incident as its row says it, without its evidence."""

    id: int
    fault: str
    subject: str
    severity: Severity
    state: IncidentState
    summary: str
    opened: Stamp
    last_seen: Stamp
    fired: Stamp | None
    resolved: Stamp | None
    occurrences: int
    caused_by: tuple[int, ...]
    inhibited: bool
    flapping: bool
    told: Severity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message to a target and its fate."""

    id: int
    target: str
    incident_id: int | None
    title: str
    severity: str
    recovery: bool
    state: str
    attempts: int
    last_error: str
    created: Stamp
    sent: Stamp | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Who said that they know of an incident, why, and when."""

    incident_id: int
    severity: str
    who: str
    why: str
    at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class PastHold:
    """A hold with its end; `ended` None: it stands, or ended by itself when its time was over."""

    hold: Hold
    ended: Stamp | None
    ended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Settings that came into force."""

    path: str
    sha256: str
    at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An hour, or several, of a series: where it begins and what was measured."""

    check: str
    subject: str
    name: str
    start: Stamp
    count: int
    minimum: float
    maximum: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRecord:
    """What the history holds of the time from `cut` to `now`.

    `incidents` are all that were open in it. `notes` are what the clock did and every event, and of the rest the
    newest (`MOST_NOTES`); `notes_left_out` counts those that are not here. `fates` counts notifications by target
    and state; `unsent` are those that were not delivered. `subjects` are all that were ever measured, by check.
    """

    now: Stamp
    cut: Moment
    ledger: Ledger
    spans: tuple[Span, ...]
    incidents: tuple[IncidentLine, ...]
    notes: tuple[NoteRecord, ...]
    notes_left_out: int
    attempts: tuple[Attempt, ...]
    fates: tuple[tuple[str, str, int], ...]
    unsent: tuple[Notification, ...]
    acks: tuple[Ack, ...]
    holds: tuple[PastHold, ...]
    configurations: tuple[Configuration, ...]
    subjects: tuple[tuple[str, str], ...]
