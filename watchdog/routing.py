"""Who is told of what: routes, and what else the owner wants of being told. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from watchdog.holds import covers_subject, matches
from watchdog.model import Severity
from watchdog.quiet import Quiet

# A notification target that does not take messages: the engine's own fault, on the target's name.
TARGET_DEAD = "watchdog.target_dead"


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """What is at least as bad as `severity`, and is what the patterns say, is told to every target in `to`.

    Empty patterns take everything; they are those of a silence (watchdog/holds.py). With `digest_seconds` warnings
    are gathered for that long and sent as one; what is critical goes at once. With `unacknowledged_after_seconds`
    only what was told to anybody that long ago, goes on and is acknowledged by nobody is told. `name` tells the
    routes of one configuration apart.
    """

    severity: Severity
    to: tuple[str, ...]
    name: str = ""
    faults: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)
    digest_seconds: float | None = None
    unacknowledged_after_seconds: float | None = None

    def takes(self, severity: Severity, fault: str, subject: str) -> bool:
        """Tell whether a fault as bad as this, on this subject, goes this way."""
        return (
            Severity.worst((self.severity, severity)) is severity
            and (not self.faults or any(matches(pattern, fault) for pattern in self.faults))
            and (not self.subjects or any(covers_subject(pattern, subject) for pattern in self.subjects))
        )

    def is_for(self, host: str, labels: Mapping[str, str]) -> bool:
        """Tell whether it is meant for this host: by its name, and by each label that the route names."""
        named = not self.hosts or any(matches(pattern, host) for pattern in self.hosts)
        return named and all(matches(pattern, labels.get(label, "")) for label, pattern in self.labels.items())

    @property
    def is_particular(self) -> bool:
        """Whether it looks at what a fault is, and not only at how bad it is."""
        return bool(self.faults or self.subjects)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How the owner of this host wants to be told; `routes` are those for this host only.

    `group_wait_seconds` is how long a new message waits for what else belongs to its outage. Where
    `remind_seconds` is None nobody is reminded.
    """

    host: str
    routes: tuple[Route, ...] = ()
    group_wait_seconds: float = 0.0
    remind_seconds: float | None = None
    quiet: Quiet | None = None

    @property
    def at_once(self) -> tuple[Route, ...]:
        """The routes that do not wait for somebody to acknowledge."""
        return tuple(route for route in self.routes if route.unacknowledged_after_seconds is None)

    @property
    def escalations(self) -> tuple[Route, ...]:
        """The routes of what nobody has acknowledged."""
        return tuple(route for route in self.routes if route.unacknowledged_after_seconds is not None)

    def route(self, name: str) -> Route | None:
        """Return the route of that name, None when there is none (any more)."""
        return next((route for route in self.routes if route.name == name), None)


def audience(routes: Iterable[Route], severity: Severity | None, fault: str, subject: str) -> dict[str, Route]:
    """Return the targets of a fault as bad as this, in the order of the routes, each with the route to it.

    Where several lead to one target, one that does not gather goes before one that does.
    """
    found: dict[str, Route] = {}
    for route in routes:
        if severity is None or not route.takes(severity, fault, subject):
            continue
        for target in route.to:
            if cannot_hear(target, fault, subject):
                continue
            known = found.setdefault(target, route)
            if known.digest_seconds is not None and route.digest_seconds is None:
                found[target] = route
    return found


def cannot_hear(target: str, fault: str, subject: str) -> bool:
    """Tell whether a target is not told of a fault: of its own death it could not be."""
    return fault == TARGET_DEAD and subject == target


def untold(routes: Sequence[Route], severities: Mapping[str, Severity]) -> tuple[str, ...]:
    """Return the faults, of those with how bad each is by default, of which no route would tell anything."""
    at_once = [route for route in routes if route.unacknowledged_after_seconds is None]
    return tuple(
        fault
        for fault, severity in severities.items()
        if not any(_may_take(route, severity, fault) for route in at_once)
    )


def _may_take(route: Route, severity: Severity, fault: str) -> bool:
    bad_enough = Severity.worst((route.severity, severity)) is severity
    return bad_enough and (not route.faults or any(matches(pattern, fault) for pattern in route.faults))
