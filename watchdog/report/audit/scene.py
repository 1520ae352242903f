"""What a report is about: a period of the line of time, with what the history holds of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from watchdog.history.period import IncidentLine, Notification, PeriodRecord
from watchdog.holds import covers
from watchdog.model import Fault, Stamp, Transition
from watchdog.report.audit.axis import Axis, Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the report is to be about; nothing named: everything. Patterns as a silence's (watchdog/holds.py)."""

    checks: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    def take(self, check: str, fault: str, subject: str) -> bool:
        """Tell whether this belongs into the report; a subject that no fault is about has the fault ""."""
        return (
            (not self.checks or check in self.checks)
            and (not self.faults or any(covers(pattern, fault, "") for pattern in self.faults))
            and (not self.subjects or any(covers(pattern, "", subject) for pattern in self.subjects))
        )

    def named(self) -> dict[str, list[str]]:
        """Return those that were asked for."""
        every = {"check": self.checks, "subject": self.subjects, "fault": self.faults, "host": self.hosts}
        return {name: list(values) for name, values in every.items() if values}


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is told of single incidents beside their rows: not read for a year of them when nobody asks."""

    transitions: Mapping[int, Sequence[Transition]] = field(default_factory=dict)
    evidence: Mapping[int, object] = field(default_factory=dict)
    told: Mapping[int, Sequence[Notification]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A period on the line of time, and what is known of all of it."""

    record: PeriodRecord
    axis: Axis
    period: Interval
    faults: Mapping[str, Fault]
    gap_seconds: float
    filters: Filters = field(default_factory=Filters)

    def holds(self, stamp: Stamp) -> bool:
        """Tell whether a moment lies in the period, its end included."""
        return self.period.start <= self.axis.place(stamp) <= self.period.end

    def begins(self, stamp: Stamp) -> float:
        """Return how long after the period's beginning a moment lies, in seconds; 0 for what was before."""
        return max(0, self.axis.place(stamp) - self.period.start) / 1e9

    @cached_property
    def incidents(self) -> list[IncidentLine]:
        """The incidents that were open in the period and are asked for."""
        period, place = self.period, self.axis.place
        return [
            one
            for one in self.record.incidents
            if place(one.opened) <= period.end
            and (one.resolved is None or place(one.resolved) >= period.start)
            and self.filters.take(one.fault.partition(".")[0], one.fault, one.subject)
        ]
