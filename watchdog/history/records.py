"""What the history answers, as plain values; and how much of it is kept."""

from pathlib import Path
from typing import Literal

import msgspec

from watchdog.history.chain import Head
from watchdog.model import Ack, Evidence, Incident, Lasted, Message, Stamp, Transition, Verdict
from watchdog.steps import Attempt

MINUTE_SECONDS = 60
HOUR_SECONDS = 3600
GAP_SECONDS = 900.0


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """How long things are kept, and how long a silence breaks a span; all by CLOCK_BOOTTIME."""

    gap_seconds: float = GAP_SECONDS
    retention_seconds: float = 400 * 86400.0
    minute_retention_seconds: float = 2 * 86400.0


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A damaged history file: where it is now, and what was wrong with it."""

    path: Path
    reason: str


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the outbox whose time has come; `attempts` counts how often it was tried before.

    `taken` are those of several recipients who have it, `target_failures` is how often its target has failed in a
    row. `age_seconds` is how long ago it was written, at least.
    """

    id: int
    message: Message
    attempts: int
    taken: tuple[str, ...] = ()
    target_failures: int = 0
    age_seconds: float = 0.0


class WaitingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A message that waits to be sent; it, or its target, is tried again in `waits_seconds` (0.0: now)."""

    id: int
    message: Message
    attempts: int
    created: Stamp
    waits_seconds: float
    last_error: str


class IncidentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An incident with its whole story; `lasted` counts from its opening to its end, or to now.

    `ack` is the acknowledgement of its outage that counts now.
    """

    incident: Incident
    lasted: Lasted
    transitions: tuple[Transition, ...]
    attempts: tuple[Attempt, ...]
    ack: Ack | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one boot in which a check said the same `count` times, at most `longest_gap_seconds` apart."""

    check: str
    verdict: Verdict
    reason: str
    first: Stamp
    last: Stamp
    count: int
    longest_gap_seconds: float


class NoteRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Something a check found worth recording that is no fault; or an event (`fault`) each time it happened."""

    check: str
    subject: str
    summary: str
    evidence: Evidence
    at: Stamp
    fault: str = ""


class MetricRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A metric over one minute or hour of one boot; `start` is where the bucket begins by CLOCK_BOOTTIME."""

    subject: str
    name: str
    start: Stamp
    count: int
    minimum: float
    maximum: float
    total: float
    last: float

    @property
    def mean(self) -> float:
        """The average of the values in the bucket."""
        return self.total / self.count


class OutboxSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How notifying fares; `waiting_since` is the oldest message that is still to be sent, and why it is."""

    pending: int
    sent: int
    refused: int
    waiting_since: Stamp | None
    last_error: str
    expired: int = 0


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The first row of the audit that breaks its chain, and how."""

    row: int
    what: Literal["altered", "missing", "out_of_order", "cut_off", "added"]
    text: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What came of proving the audit: how far the chain is whole, what breaks it, and what the tables say else.

    `differences` are the first, `more_differences` counts the rest. `attempts` were held against the audit; of
    `attempts_gone` only the audit still tells, as they were pruned with their incidents.
    """

    head: Head
    broken: Broken | None
    differences: tuple[str, ...]
    more_differences: int
    attempts: int
    attempts_gone: int

    @property
    def proven(self) -> bool:
        """Whether nothing was changed."""
        return self.broken is None and not self.differences
