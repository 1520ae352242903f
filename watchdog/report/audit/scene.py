"""What a report is about: a period of the line of time, with what the history holds of it. Pure."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from watchdog.history.period import IncidentLine, Notification, PeriodRecord
from watchdog.holds import covers
from watchdog.model import Fault, Stamp, Transition
from watchdog.report.audit.axis import Axis, Interval


class Filters(msgspec.Struct, frozen=True, kw_only=True):
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


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of single incidents beside their rows: not read for a year of them when nobody asks."""

    transitions: Mapping[int, Sequence[Transition]] = msgspec.field(default_factory=dict)
    evidence: Mapping[int, object] = msgspec.field(default_factory=dict)
    told: Mapping[int, Sequence[Notification]] = msgspec.field(default_factory=dict)


class Scene(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A period on the line of time, and what is known of all of it."""

    record: PeriodRecord
    axis: Axis
    period: Interval
    faults: Mapping[str, Fault]
    gap_seconds: float
    filters: Filters = msgspec.field(default_factory=Filters)

    def holds(self, stamp: Stamp) -> bool:
        """Tell whether a moment lies in the period, its end included."""
        return self.period.holds(self.axis.place(stamp))

    def begins(self, stamp: Stamp) -> float:
        """Return how long after the period's beginning a moment lies, in seconds; 0 for what was before."""
        return max(0, self.axis.place(stamp) - self.period.start) / 1e9

    @cached_property
    def open(self) -> list[tuple[IncidentLine, tuple[int, int]]]:
        """Every incident that is asked for, with where on the line it was open: (start, end)."""
        place, end, take = self.axis.place, self.axis.end, self.filters.take
        return [
            (one, (place(one.opened), end if one.resolved is None else place(one.resolved)))
            for one in self.record.incidents
            if take(one.fault.partition(".")[0], one.fault, one.subject)
        ]

    def open_in(self, period: Interval) -> list[tuple[IncidentLine, tuple[int, int]]]:
        """Return those that were open in a period."""
        begins, ends = period
        return [both for both in self.open if both[1][0] <= ends and both[1][1] >= begins]

    @cached_property
    def incidents(self) -> list[IncidentLine]:
        """The incidents that were open in the period and are asked for."""
        return [one for one, _ in self.open_in(self.period)]
