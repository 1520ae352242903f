"""`[notify]` and `[host]`: who is told what and when, as the owner writes it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from watchdog.errors import Problem
from watchdog.holds import matches
from watchdog.model import Severity
from watchdog.quiet import Quiet, parse_hours
from watchdog.routing import Route
from watchdog.secret import Secret
from watchdog.secret_url import SecretUrl
from watchdog.settings import Place
from watchdog.units import Duration, Interval


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


class TargetSettings(SecretUrl, frozen=True, kw_only=True):
    """`[notify.targets.NAME]`: an apprise URL, or where to find one when it is needed."""


class Target(TargetSettings, frozen=True, kw_only=True):
    """A notification target that knows its name."""

    name: str

    def resolve(self, environ: Mapping[str, str]) -> Secret:
        """Return the URL; ConfigError names the target and the place it was looked for, never the URL."""
        return self.read(environ, f"notification target {self.name!r}")


class PingSettings(SecretUrl, frozen=True, kw_only=True):
    """`[notify.ping]`: a URL that is fetched while the watchdog works, so that its silence is noticed.

    At most once in `every`; with `fail_suffix` behind it when a cycle could not be recorded ("": not then).
    """

    every: Duration = Duration(60)
    fail_suffix: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.url is not None and not self.url.reveal().startswith(("http://", "https://")):
            raise ValueError("a url that begins with https:// or http://")


class NotifySettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[notify]`: who is told, and when. `drain_limit` is the time that a run has for telling them.

    `group_wait` is how long the daemon waits for what else belongs to an outage, `remind_every` how often it says
    again what goes on and nobody has acknowledged. Of more than `most_at_once` messages that are due for a target
    at once the rest becomes one; what could not be delivered for `expire_after` is told in a summary; a target
    that has failed for `dead_after` is a fault. `templates` is a folder whose files take the place of our
    templates, `ping` who notices when we fall silent.
    """

    targets: Mapping[str, Target] = {}
    routes: tuple[RouteSettings, ...] = ()
    templates: Path | None = None
    ping: PingSettings | None = None
    drain_limit: Duration = Duration(20)
    group_wait: Duration = Duration(10)
    remind_every: Interval = Interval(86400)
    quiet: QuietSettings | None = None
    most_at_once: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 10
    expire_after: Duration = Duration(3 * 86400)
    dead_after: Duration = Duration(15 * 60)


def unknown_fault_patterns(
    routes: tuple[RouteSettings, ...], faults: Mapping[str, object], place: Place
) -> Iterator[Problem]:
    """Yield what a route says of faults that no check knows: a slip there would keep it silent for ever."""
    for index, route in enumerate(routes):
        for position, pattern in enumerate(route.faults):
            if not any(matches(pattern, fault) for fault in faults):
                where = place.item(index).child("faults").item(position)
                yield where.unknown("a fault code, or a pattern of some such as vrrp.*", pattern, faults)
