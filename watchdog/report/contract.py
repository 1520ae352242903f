"""The JSON that scripts rely on. Once released, a key is only ever added. Pure."""

from collections.abc import Iterable, Mapping

from watchdog.history.cycle import Cycle
from watchdog.history.read import IncidentRecord
from watchdog.model import CheckResult, Finding, Json, Verdict
from watchdog.steps import Attempt


def cycle_json(cycle: Cycle) -> Mapping[str, Json]:
    """Return what `run --json` prints."""
    return {
        "host": cycle.host,
        "at": cycle.ended.wall_text,
        "boot_id": cycle.ended.boot_id,
        "worst": Verdict.worst(result.verdict for result in cycle.results).value,
        "checks": [check_json(result) for result in cycle.results],
    }


def check_json(result: CheckResult) -> Mapping[str, Json]:
    """Return one check's object, as in `run --json`."""
    metrics: dict[str, dict[str, Json]] = {}
    for metric in result.metrics:
        metrics.setdefault(metric.subject, {})[metric.name] = metric.value
    return {
        "check": result.check,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "took_seconds": round(result.took_seconds, 6),
        "findings": [finding_json(finding) for finding in result.findings],
        "unseen": [{"subject": part.subject, "reason": part.reason} for part in result.unseen],
        "notes": [{"subject": n.subject, "summary": n.summary, "evidence": n.evidence} for n in result.notes],
        "metrics": metrics,
    }


def finding_json(finding: Finding) -> Mapping[str, Json]:
    """Return one finding's object."""
    return {
        "fault": finding.fault,
        "subject": finding.subject,
        "severity": finding.severity.value,
        "summary": finding.summary,
        "evidence": finding.evidence,
    }


def incidents_json(records: Iterable[IncidentRecord]) -> list[Json]:
    """Return what `incidents --json` prints; times are wall clock for people, durations are by BOOTTIME."""
    return [_incident_json(record) for record in records]


def _incident_json(record: IncidentRecord) -> Mapping[str, Json]:
    incident = record.incident
    return {
        "id": incident.id,
        "fault": incident.fault,
        "subject": incident.subject,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "opened_at": incident.opened.wall_text,
        "resolved_at": incident.resolved.wall_text if incident.resolved else None,
        "duration_seconds": round(record.lasted.seconds, 3),
        "duration_exact": record.lasted.exact,
        "caused_by": next(iter(incident.caused_by), None),
        "causes": list(incident.caused_by),
        "inhibited": incident.inhibited,
        "flapping": incident.flapping,
        "occurrences": incident.occurrences,
        "summary": incident.summary,
        "evidence": incident.evidence,
        "attempts": [_attempt_json(attempt) for attempt in record.attempts],
    }


def _attempt_json(attempt: Attempt) -> Mapping[str, Json]:
    return {
        "id": attempt.id,
        "remediation": attempt.remediation,
        "mode": attempt.mode,
        "outcome": attempt.outcome.value,
        "reason": attempt.reason,
        "at": attempt.started.wall_text,
        "steps": [step.describe() for step in attempt.plan.steps],
    }
