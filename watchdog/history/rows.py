"""Values to rows and back. A row may be another's work: one that makes no sense is a BadRow, never a crash."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar, get_args

import msgspec

from watchdog.content import Content
from watchdog.heard import kind_of
from watchdog.holds import Hold, HoldKind
from watchdog.model import LONGEST_WAIT_SECONDS, Incident, IncidentState, Message, Severity, Stamp, Transition
from watchdog.plain import plain_evidence
from watchdog.steps import Attempt, JournalEntry, Outcome, Plan

T = TypeVar("T")
Values = dict[str, Any]
Ordinals = Mapping[str, int]
BootIds = Mapping[int, str]
Row = Mapping[str, Any]


class BadRow(Exception):
    """A row that does not hold what its table is for."""


def read_rows(what: str, rows: Iterable[Row], read: Callable[[Row], T]) -> tuple[T, ...]:
    """Turn rows into values; BadRow names the first that cannot be."""
    values = []
    for row in rows:
        try:
            values.append(read(row))
        except (KeyError, ValueError, TypeError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
            raise BadRow(f"{what} {next(iter(row.values()))} cannot be read: {error!r}") from error
    return tuple(values)


def encode_json(value: object) -> str:
    """Write anything as ASCII JSON.

    The standard library's, because it alone takes lone surrogates and NaN; what JSON has no word for becomes
    text, as evidence is for people.
    """
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Iterable) and not isinstance(value, bytes) else str(value)


def stamp_values(prefix: str, stamp: Stamp | None, ordinals: Ordinals) -> Values:
    """Return the three columns of a stamp."""
    return {
        f"{prefix}_boot": stamp and ordinals[stamp.boot_id],
        f"{prefix}_boottime_ns": stamp and stamp.boottime_ns,
        f"{prefix}_wall_ns": stamp and stamp.wall_ns,
    }


@cache
def _columns(prefix: str) -> tuple[str, str, str]:
    return f"{prefix}_boot", f"{prefix}_boottime_ns", f"{prefix}_wall_ns"


def read_stamp(row: Row, prefix: str, boot_ids: BootIds) -> Stamp:
    """Read the three columns of a stamp."""
    boot, boottime_ns, wall_ns = _columns(prefix)
    return Stamp(boot_id=boot_ids[row[boot]], boottime_ns=int(row[boottime_ns]), wall_ns=int(row[wall_ns]))


def read_stamp_or_none(row: Row, prefix: str, boot_ids: BootIds) -> Stamp | None:
    """Read the three columns of a stamp that may not be."""
    return None if row[f"{prefix}_boot"] is None else read_stamp(row, prefix, boot_ids)


def incident_values(incident: Incident, ordinals: Ordinals) -> Values:
    """Return an incident's row."""
    return {
        "id": incident.id,
        "fault": incident.fault,
        "subject": incident.subject,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "summary": incident.summary,
        "evidence": encode_json(incident.evidence),
        **stamp_values("opened", incident.opened, ordinals),
        **stamp_values("last_seen", incident.last_seen, ordinals),
        **stamp_values("fired", incident.fired, ordinals),
        **stamp_values("resolved", incident.resolved, ordinals),
        "occurrences": incident.occurrences,
        "caused_by": encode_json(incident.caused_by),
        "inhibited": incident.inhibited,
        "flapping": incident.flapping,
        "told": incident.told and incident.told.value,
    }


def read_incident(row: Row, boot_ids: BootIds) -> Incident:
    """Read an incident's row."""
    return Incident(
        id=row["id"],
        fault=row["fault"],
        subject=row["subject"],
        severity=Severity(row["severity"]),
        state=IncidentState(row["state"]),
        summary=row["summary"],
        evidence=plain_evidence(json.loads(row["evidence"])),
        opened=read_stamp(row, "opened", boot_ids),
        last_seen=read_stamp(row, "last_seen", boot_ids),
        fired=read_stamp_or_none(row, "fired", boot_ids),
        resolved=read_stamp_or_none(row, "resolved", boot_ids),
        occurrences=int(row["occurrences"]),
        caused_by=tuple(map(int, json.loads(row["caused_by"]))),
        inhibited=row["inhibited"],
        flapping=row["flapping"],
        told=None if row["told"] is None else Severity(row["told"]),
    )


def transition_values(transition: Transition, ordinals: Ordinals) -> Values:
    """Return a transition's row."""
    return {
        "incident_id": transition.incident_id,
        **stamp_values("at", transition.at, ordinals),
        "before": transition.before and transition.before.value,
        "after": transition.after.value,
        "reason": transition.reason,
    }


def read_transition(row: Row, boot_ids: BootIds) -> Transition:
    """Read a transition's row."""
    return Transition(
        incident_id=row["incident_id"],
        at=read_stamp(row, "at", boot_ids),
        before=None if row["before"] is None else IncidentState(row["before"]),
        after=IncidentState(row["after"]),
        reason=row["reason"],
    )


def message_values(message: Message, created: Stamp, ordinals: Ordinals) -> Values:
    """Return the row of a message that is still to be sent."""
    wait_ns = round(min(message.wait_seconds, LONGEST_WAIT_SECONDS) * 1e9)
    return {
        "key": message.key,
        "target": message.target,
        "title": message.title,
        "body": message.body,
        "severity": message.severity.value,
        "recovery": message.recovery,
        "incident_id": message.incident_id,
        "kind": message.content.kind if message.content else kind_of(message.key),
        "content": encode_struct(message.content) or "",
        "bundle": message.bundle,
        "state": "pending",
        "attempts": 0,
        "next_boot": ordinals[created.boot_id] if wait_ns else None,
        "next_boottime_ns": created.boottime_ns + wait_ns if wait_ns else None,
        "claimed": False,
        "last_error": "",
        **stamp_values("created", created, ordinals),
    }


def read_message(row: Row) -> Message:
    """Read the message in an outbox row."""
    return Message(
        key=row["key"],
        target=row["target"],
        incident_id=row["incident_id"],
        title=row["title"],
        body=row["body"],
        severity=Severity(row["severity"]),
        recovery=row["recovery"],
        content=msgspec.convert(json.loads(row["content"]), Content) if row["content"] else None,
        bundle=row["bundle"],
    )


def encode_struct(value: msgspec.Struct | None) -> str | None:
    """Write a plan or a step as JSON."""
    return None if value is None else encode_json(msgspec.to_builtins(value))


def read_plan(row: Row) -> Plan:
    """Read the plan in an attempt's row."""
    return msgspec.convert(json.loads(row["plan"]), Plan)


def read_entry(row: Row) -> JournalEntry:
    """Read a row of the journal."""
    return msgspec.convert(
        {
            "step": json.loads(row["step"]),
            "undo": None if row["undo"] is None else json.loads(row["undo"]),
            "state": row["state"],
            "output": row["output"],
        },
        JournalEntry,
    )


def read_attempt(row: Row, plan: Plan, journal: tuple[JournalEntry, ...], boot_ids: BootIds) -> Attempt:
    """Read an attempt's row and join it with its parts."""
    return Attempt(
        id=row["id"],
        incident_id=row["incident_id"],
        remediation=row["remediation"],
        mode=row["mode"],
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        plan=plan,
        started=read_stamp(row, "started", boot_ids),
        ended=read_stamp_or_none(row, "ended", boot_ids),
        journal=journal,
        permission=row["permission"],
    )


def hold_values(hold: Hold, ordinals: Ordinals) -> Values:
    """Return the row of a hold that begins."""
    return {
        "id": hold.id,
        "kind": hold.kind,
        "pattern": hold.pattern,
        "who": hold.who,
        "why": hold.why,
        "seconds": hold.seconds,
        "ended_by": "",
        **stamp_values("began", hold.began, ordinals),
    }


def read_hold(row: Row, boot_ids: BootIds) -> Hold:
    """Read a hold's row."""
    kind = row["kind"]
    if kind not in get_args(HoldKind):
        raise ValueError(f"{kind!r} is no kind of hold")
    seconds = row["seconds"]
    if seconds is not None and not 0 <= seconds < math.inf:
        raise ValueError(f"{seconds!r} is no length of time")
    return Hold(
        id=row["id"],
        kind=kind,
        pattern=row["pattern"],
        who=row["who"],
        why=row["why"],
        seconds=seconds,
        began=read_stamp(row, "began", boot_ids),
    )
