"""The JSON that scripts rely on. Once released, a key is only ever added. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from watchdog.history.records import IncidentRecord
from watchdog.model import Ack, CheckResult, Finding, Json, Stamp, Verdict
from watchdog.steps import Attempt


def results_json(host: str, at: Stamp, results: Sequence[CheckResult]) -> Mapping[str, Json]:
    """Return what `run --json` and `check --json` print."""
    return {
        "host": host,
        "at": at.wall_text,
        "boot_id": at.boot_id,
        "worst": Verdict.worst(result.verdict for result in results).value,
        "checks": [_check_json(result) for result in results],
    }


def _check_json(result: CheckResult) -> Mapping[str, Json]:
    metrics: dict[str, dict[str, Json]] = {}
    for metric in result.metrics:
        metrics.setdefault(metric.subject, {})[metric.name] = metric.value
    return {
        "check": result.check,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "took_seconds": round(result.took_seconds, 6),
        "findings": [_finding_json(finding) for finding in result.findings],
        "unseen": [{"subject": part.subject, "reason": part.reason} for part in result.unseen],
        "notes": [{"subject": n.subject, "summary": n.summary, "evidence": n.evidence} for n in result.notes],
        "metrics": metrics,
    }


def _finding_json(finding: Finding) -> Mapping[str, Json]:
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
        "acknowledged": ack_json(record.ack) if record.ack else None,
    }


def ack_json(ack: Ack) -> Mapping[str, Json]:
    """Return who knows of an incident, and why they said so."""
    return {"who": ack.who, "why": ack.why, "severity": ack.severity.value, "at": ack.at.wall_text}


def _attempt_json(attempt: Attempt) -> Mapping[str, Json]:
    return {
        "id": attempt.id,
        "remediation": attempt.remediation,
        "mode": attempt.mode,
        "outcome": attempt.outcome.value,
        "reason": attempt.reason,
        "at": attempt.started.wall_text,
        "permission": attempt.permission,
        "steps": [step.describe() for step in attempt.plan.steps],
    }
