"""The record as metrics: text that is right both as OpenMetrics 1.0 and as Prometheus' text format 0.0.4. Pure.

So everything is a gauge: the two differ in how they call a counter. What could be counters (attempts) are kept for
as long as the history keeps them, and may become fewer.
Sources: https://prometheus.io/docs/specs/om/open_metrics_spec/,
https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from watchdog.history.records import IncidentRecord, MetricRecord, OutboxSummary, Span
from watchdog.model import IncidentState, Severity, Stamp, Verdict
from watchdog.report.page import inert
from watchdog.steps import Attempt

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# What a scraper can hold of a host on which everything is wrong; `watchdog_incidents` counts them all.
_MOST_INCIDENTS = 200
_OPEN = (IncidentState.PENDING, IncidentState.FIRING)
_HOLDS = ("pause", "silence", "maintenance")

Labels = tuple[tuple[str, str], ...]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What the record says now. `measured` are the latest metrics of each check, `holds` the kinds in force."""

    version: str
    now: Stamp
    spans: tuple[Span, ...] = ()
    incidents: tuple[IncidentRecord, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    measured: Mapping[str, tuple[MetricRecord, ...]] = msgspec.field(default_factory=dict)
    holds: tuple[str, ...] = ()
    outbox: OutboxSummary | None = None


class _Family(msgspec.Struct, frozen=True):
    """A metric with its samples."""

    name: str
    help: str
    samples: tuple[tuple[Labels, float], ...]


def render_openmetrics(picture: Picture) -> str:
    """Return the whole exposition; it ends with `# EOF`."""
    own = tuple(_own(picture))
    names = {family.name for family in own}
    families = (*own, *(one for one in _measured(picture) if one.name not in names))
    return "".join(line for family in families for line in _lines(family)) + "# EOF\n"


def latest(records: Iterable[MetricRecord]) -> tuple[MetricRecord, ...]:
    """Return the records of the newest bucket: what is gone since is not told any more."""
    kept: list[MetricRecord] = []
    for record in records:
        if kept and record.start != kept[-1].start:
            kept.clear()
        kept.append(record)
    return tuple(kept)


def _own(picture: Picture) -> Iterator[_Family]:
    now = picture.now
    yield _Family("watchdog_build_info", "Which watchdog this is.", (((("version", picture.version),), 1.0),))
    yield _Family(
        "watchdog_check_verdict",
        "What a check said last: 1 for that verdict, 0 for the others.",
        tuple(
            ((("check", span.check), ("verdict", verdict.value)), float(span.verdict is verdict))
            for span in picture.spans
            for verdict in Verdict
        ),
    )
    yield _Family(
        "watchdog_check_last_look_age_seconds",
        "How long ago a check last looked, by CLOCK_BOOTTIME; over a reboot at least so long.",
        tuple(((("check", span.check),), now.seconds_since(span.last)) for span in picture.spans),
    )
    yield _Family(
        "watchdog_check_last_look_timestamp_seconds",
        "When a check last looked, by the clock on the wall, which may have been set since.",
        tuple(((("check", span.check),), span.last.wall_ns / 1e9) for span in picture.spans),
    )
    yield from _incidents(picture)
    yield _Family(
        "watchdog_attempts",
        "Attempts at healing that the history keeps, by how they ended.",
        tuple(
            ((("remediation", name), ("outcome", outcome)), float(count))
            for (name, outcome), count in sorted(
                Counter((one.remediation, one.outcome.value) for one in picture.attempts).items()
            )
        ),
    )
    yield _Family(
        "watchdog_holds",
        "What people asked to be left alone, in force now.",
        tuple(((("kind", kind),), float(picture.holds.count(kind))) for kind in _HOLDS),
    )
    if outbox := picture.outbox:
        states = {
            "pending": outbox.pending,
            "sent": outbox.sent,
            "refused": outbox.refused,
            "expired": outbox.expired,
        }
        yield _Family(
            "watchdog_notifications",
            "Notifications that the history keeps, by how they fare.",
            tuple(((("state", state),), float(count)) for state, count in states.items()),
        )


def _incidents(picture: Picture) -> Iterator[_Family]:
    opened = [one for one in picture.incidents if one.incident.state in _OPEN]
    counted = Counter((one.incident.severity, one.incident.state) for one in opened)
    yield _Family(
        "watchdog_incidents",
        "Open incidents.",
        tuple(
            ((("severity", severity.value), ("state", state.value)), float(counted[severity, state]))
            for severity in Severity
            for state in _OPEN
        ),
    )
    yield _Family(
        "watchdog_incident_open_seconds",
        "How long each of the oldest open incidents has lasted; inhibited: another one caused it.",
        tuple(
            (
                (
                    ("id", str(one.incident.id)),
                    ("fault", one.incident.fault),
                    ("subject", one.incident.subject),
                    ("severity", one.incident.severity.value),
                    ("state", one.incident.state.value),
                    ("inhibited", str(one.incident.inhibited).lower()),
                ),
                one.lasted.seconds,
            )
            for one in opened[:_MOST_INCIDENTS]
        ),
    )


def _measured(picture: Picture) -> Iterator[_Family]:
    """Yield what the checks measured, a family a kind of number; a name that metrics cannot have is left out."""
    families: dict[str, dict[Labels, float]] = {}
    for check, records in picture.measured.items():
        for record in records:
            name = f"watchdog_{check}_{record.name}"
            if _NAME.fullmatch(name):
                labels = (("check", check), ("subject", record.subject))
                families.setdefault(name, {})[labels] = record.last
    for name, samples in sorted(families.items()):
        yield _Family(name, "A number that a check measured when it last looked.", tuple(samples.items()))


def _lines(family: _Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help}\n# TYPE {family.name} gauge\n"
    for labels, value in family.samples:
        said = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
        yield f"{family.name}{{{said}}} {value!r}\n"


def _escaped(text: str) -> str:
    """Return a label's value: any text, on one line, in UTF-8."""
    return inert(text).replace("\\", "\\\\").replace('"', '\\"')
