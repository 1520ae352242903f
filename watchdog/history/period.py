"""What a report of a period is made of, as plain values: an incident is its row, without what hangs on it."""

import msgspec

from watchdog.history.ledger import Ledger, Moment
from watchdog.history.records import NoteRecord, Span
from watchdog.holds import Hold
from watchdog.model import IncidentState, Severity, Stamp
from watchdog.steps import Attempt

# At most so many notes are read that are no event and not of the clock.
MOST_NOTES = 200


class IncidentLine(msgspec.Struct, frozen=True, kw_only=True):
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


class Notification(msgspec.Struct, frozen=True, kw_only=True):
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


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """Who said that they know of an incident, why, and when."""

    incident_id: int
    severity: str
    who: str
    why: str
    at: Stamp


class PastHold(msgspec.Struct, frozen=True, kw_only=True):
    """A hold with its end; `ended` None: it stands, or ended by itself when its time was over."""

    hold: Hold
    ended: Stamp | None
    ended_by: str


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that came into force."""

    path: str
    sha256: str
    at: Stamp


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """An hour, or several, of a series: where it begins and what was measured."""

    check: str
    subject: str
    name: str
    start: Stamp
    count: int
    minimum: float
    maximum: float
    total: float


class PeriodRecord(msgspec.Struct, frozen=True, kw_only=True):
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
