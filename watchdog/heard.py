"""What was told before, to whom, and who knows of it: what decides whether there is anything to tell. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from watchdog.holds import Hold
from watchdog.model import Ack, Incident, IncidentState, Message, Severity, Stamp

# The kinds of a message by which a target hears of an incident.
TELLS = ("fired", "worse", "flapping", "escalated", "reminder")
# Of these the last counts, however often they were told while an incident goes on.
REPEATS = ("reminder", "not_healed")
_SILENCES = ("silence", "maintenance")


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A message that stands in the outbox, about an incident that is open, or still to be tried.

    Of REPEATS only the last for each target, unless it is still to be tried.

    `age_seconds` counts from when it was written, by the ledger of boots. `told_seconds` counts from when it was
    sent (or, where the target takes nothing, from when it was written); None: it waits. `waiting` is the message,
    where it was never tried, and `due_seconds` how long it waits yet (None: not known, another boot wrote it).
    """

    key: str
    target: str
    incident_id: int | None
    kind: str
    age_seconds: float
    told_seconds: float | None = None
    thread: str = ""
    bundle: str = ""
    waiting: Message | None = None
    due_seconds: float | None = None


class Heard(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All that was told, acknowledged and silenced, as the history has it."""

    written: tuple[Written, ...] = ()
    acks: Mapping[int, Ack] = msgspec.field(default_factory=dict)
    holds: tuple[Hold, ...] = ()

    @cached_property
    def by_incident(self) -> Mapping[int, Sequence[Written]]:
        """What was written of each incident, oldest first."""
        found: dict[int, list[Written]] = defaultdict(list)
        for one in self.written:
            if one.incident_id is not None:
                found[one.incident_id].append(one)
        return found

    @cached_property
    def gathered_seconds(self) -> Mapping[tuple[str, str], float]:
        """How long ago the first was written that waits for a target in a bundle, by target and bundle."""
        found: dict[tuple[str, str], float] = {}
        for one in self.written:
            if one.waiting:
                place = (one.target, one.bundle)
                found[place] = max(found.get(place, 0.0), one.age_seconds)
        return found

    def of(self, outage: Iterable[Incident]) -> tuple[Written, ...]:
        """Return what was written of the incidents of an outage, oldest first for each."""
        return tuple(one for incident in outage for one in self.by_incident.get(incident.id, ()))

    def told(self, incident_id: int) -> dict[str, None]:
        """Return the targets that were told of an incident, in that order."""
        return dict.fromkeys(one.target for one in self.by_incident.get(incident_id, ()) if one.kind in TELLS)

    def thread(self, incident: Incident, outage: Iterable[Incident], fallback: str) -> str:
        """Return what joins the messages of an outage: what the first of them was sent under."""
        own = (one.thread for one in self.by_incident.get(incident.id, ()) if one.thread)
        others = sorted((one for one in self.of(outage) if one.thread), key=lambda one: -one.age_seconds)
        return next(own, None) or next((one.thread for one in others), fallback)

    def ack(self, outage: Sequence[Incident]) -> Ack | None:
        """Return the newest acknowledgement in force of any incident of an outage."""
        found = [self.acks[one.id] for one in outage if one.id in self.acks]
        return next((ack for ack in reversed(found) if counts(ack, outage)), None)


def kind_of(key: str) -> str:
    """Return what kind of message has this key: those of an older watchdog say it nowhere else."""
    word = _word(key)
    return "not_healed" if word.startswith("heal-") else "reminder" if word.startswith("reminder-") else word


def number_of(key: str) -> int:
    """Return which reminder has this key; 0: none."""
    kind, _, number = _word(key).partition("-")
    return int(number) if kind == "reminder" and number.isdecimal() else 0


def _word(key: str) -> str:
    return key.split("/")[2] if key.count("/") >= 2 else ""


def counts(ack: Ack, outage: Iterable[Incident]) -> bool:
    """Tell whether an acknowledgement still counts: the outage is not worse than it was then."""
    worst = Severity.worst(one.severity for one in outage if one.state is IncidentState.FIRING)
    return worst is None or Severity.worst((worst, ack.severity)) is ack.severity


def describe_ack(ack: Ack) -> str:
    """Say who knows of it and why, for a message and a page."""
    return f"by {ack.who}" + (f": {ack.why}" if ack.why else "")


def silence(holds: Iterable[Hold], incident: Incident, now: Stamp) -> Hold | None:
    """Return what keeps an incident from being told now: a silence on it, or maintenance."""
    return next(
        (
            hold
            for hold in holds
            if hold.kind in _SILENCES and hold.in_force(now) and hold.covers(incident.fault, incident.subject)
        ),
        None,
    )
