"""`[notify]` and `[host]`: who is told what and when, as the owner writes it."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec

from watchdog.errors import Problem
from watchdog.holds import matches
from watchdog.model import Severity
from watchdog.quiet import Quiet, parse_hours
from watchdog.routing import Route
from watchdog.settings import Place
from watchdog.units import Duration


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[host]`: what this host is, for a configuration that serves many."""

    labels: Mapping[str, str] = {}


class QuietSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[notify.quiet]`: when people sleep, and how bad a thing may be that lets them."""

    hours: str
    severity: Severity = Severity.WARNING

    def __post_init__(self) -> None:
        parse_hours(self.hours)

    def quiet(self) -> Quiet:
        """Return it as the messages need it."""
        begins, ends = parse_hours(self.hours)
        return Quiet(begins_seconds=begins, ends_seconds=ends, severity=self.severity)


class RouteSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[[notify.routes]]`: what is at least as bad as `severity` is told to these targets.

    Only what the patterns match, on the hosts that they match; empty ones match all.
    """

    to: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    severity: Severity = Severity.WARNING
    faults: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    digest: Duration | None = None
    unacknowledged_after: Duration | None = None

    def __post_init__(self) -> None:
        for name in ("digest", "unacknowledged_after"):
            if getattr(self, name) == 0:
                raise ValueError(f'{name} above zero, such as {name} = "15m"; without it nothing waits')

    def route(self, name: str) -> Route:
        """Return it as the messages need it."""
        return Route(
            name=name,
            severity=self.severity,
            to=self.to,
            faults=self.faults,
            subjects=self.subjects,
            hosts=self.hosts,
            labels=self.labels,
            digest_seconds=None if self.digest is None else float(self.digest),
            unacknowledged_after_seconds=(
                None if self.unacknowledged_after is None else float(self.unacknowledged_after)
            ),
        )


def unknown_fault_patterns(
    routes: tuple[RouteSettings, ...], faults: Mapping[str, object], place: Place
) -> Iterator[Problem]:
    """Yield what a route says of faults that no check knows: a slip there would keep it silent for ever."""
    for index, route in enumerate(routes):
        for position, pattern in enumerate(route.faults):
            if not any(matches(pattern, fault) for fault in faults):
                where = place.item(index).child("faults").item(position)
                yield where.unknown("a fault code, or a pattern of some such as vrrp.*", pattern, faults)
