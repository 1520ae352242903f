"""Reports for the tests of the HTML file, built from a hand-made record: a bond, a mail server, a clock that is
set."""

from datetime import UTC, datetime

from watchdog.history.chain import Head
from watchdog.history.ledger import Boot, Ledger, Moment
from watchdog.history.period import (
    Ack,
    Configuration,
    IncidentLine,
    Notification,
    PastHold,
    PeriodRecord,
    Sample,
)
from watchdog.history.records import NoteRecord, Proof, Span
from watchdog.holds import Hold
from watchdog.model import Fault, IncidentState, Severity, Stamp, Transition, Verdict
from watchdog.report.audit.axis import Axis, Interval
from watchdog.report.audit.build import build
from watchdog.report.audit.scene import Details, Scene
from watchdog.report.audit.shape import Report
from watchdog.steps import Attempt, JournalEntry, LinkChange, Outcome, Plan, UnitAction

BEGAN = int(datetime(2026, 10, 5, 6, 0, tzinfo=UTC).timestamp())
HOUR = 3600
DAY_NS = 24 * HOUR * 10**9
# The clock is set back by 18 s, six hours into the second boot.
STEP_AT, STEP_SECONDS = 6 * HOUR, -18.0
DOVECOT, BOND, STEP, LOOPS = "service.down", "bond.member_down", "clock_step.stepped", "bond.loops"
FAULTS = {
    fault.code: fault
    for fault in (
        Fault(
            code=DOVECOT,
            title="a service is down",
            severity=Severity.CRITICAL,
            why="nobody can read mail",
            advice="Look at its journal:\n  journalctl --unit dovecot.service",
        ),
        Fault(
            code=BOND,
            title="a member of a bond is down",
            severity=Severity.WARNING,
            why="the next cable that is pulled is an outage",
            advice="Look at the cable and at the switch port.",
        ),
        Fault(
            code=STEP,
            title="the clock was set",
            severity=Severity.CRITICAL,
            why="dovecot kills its sessions",
            advice="Let the clock be slewed.",
            event=True,
        ),
    )
}


def stamp(seconds: float, boot: int = 1) -> Stamp:
    """Return a moment of a boot, with what the clock showed that was set on the second."""
    step = STEP_SECONDS if boot == 1 and seconds > STEP_AT else 0.0
    start = BEGAN + boot * 30 * HOUR
    return Stamp(
        boot_id=f"boot-{boot}",
        boottime_ns=round(seconds * 1e9),
        wall_ns=round((start + seconds + step) * 1e9),
    )


def line(
    number: int, fault: str, subject: str, opened: float, resolved: float | None, **more: object
) -> IncidentLine:
    """Return an incident of the second boot, with defaults for what is of no interest."""
    known = FAULTS.get(fault)
    values: dict[str, object] = {
        "severity": known.severity if known else Severity.WARNING,
        "state": IncidentState.RESOLVED if resolved is not None else IncidentState.FIRING,
        "summary": f"{subject} is down for 31 s (alert at 5 s)",
        "caused_by": (),
        "inhibited": False,
        "flapping": False,
        "occurrences": 1,
    } | more
    return IncidentLine(
        id=number,
        fault=fault,
        subject=subject,
        opened=stamp(opened),
        last_seen=stamp(resolved or opened),
        fired=stamp(opened),
        resolved=None if resolved is None else stamp(resolved),
        told=None,
        **values,  # type: ignore[arg-type]
    )


def a_report(text: str = "", incidents: int = 0) -> Report:
    """Return a report of a day in October; `text` is wherever text comes from elsewhere."""
    now = stamp(20 * HOUR)
    said = text or "eth1 has no link: NO-CARRIER"
    subject = text or "bond0/eth1"
    lines = [
        line(1, STEP, text or "clock", STEP_AT, STEP_AT + HOUR, summary=text or "the clock went back 18.0 s"),
        line(
            2,
            DOVECOT,
            text or "dovecot.service",
            STEP_AT + 4,
            STEP_AT + 49,
            caused_by=(1,),
            inhibited=True,
            summary=text or "dovecot.service failed: Time just moved backwards by 18 seconds",
        ),
        line(3, BOND, subject, 14 * HOUR, None, flapping=True, occurrences=4, summary=said),
        line(4, text or LOOPS, text or "bond0", 2 * HOUR, 3 * HOUR),
        *(
            line(5 + nth, (DOVECOT, BOND)[nth % 2], f"unit-{nth % 9}", HOUR + 7 * nth, HOUR + 7 * nth + 60)
            for nth in range(incidents)
        ),
    ]
    boots = (
        Boot(ordinal=1, boot_id="boot-0", host="mail1.example.net", first=stamp(60, 0), last=stamp(29 * HOUR, 0)),
        Boot(ordinal=2, boot_id="boot-1", host="mail1.example.net", first=stamp(60), last=now),
    )
    healed = Attempt(
        id=1,
        incident_id=2,
        remediation=text or "restart_service",
        mode="automatic",
        outcome=Outcome.HEALED,
        reason=text or "verified: dovecot.service is active",
        plan=Plan(
            summary=text or "restart dovecot.service",
            steps=(UnitAction(unit=text or "dovecot.service", action="restart"),),
        ),
        started=stamp(STEP_AT + 10),
        ended=stamp(STEP_AT + 45),
        journal=(
            JournalEntry(
                step=UnitAction(unit=text or "dovecot.service", action="restart"),
                undo=None,
                state="done",
                output=text or "dovecot.service: active (running)\nStarted Dovecot IMAP/POP3 email server.",
            ),
        ),
        permission=text
        or "remediations.restart_service.mode = automatic, line 12 of /etc/watchdog.toml (sha256 5b1c0d9e)",
    )
    proposed = Attempt(
        id=2,
        incident_id=3,
        remediation=text or "bond_raise_member",
        mode="propose",
        outcome=Outcome.PROPOSED,
        reason=text or "waits for a person",
        plan=Plan(summary=text or "set eth1 up", steps=(LinkChange(link=text or "eth1", up=True),)),
        started=stamp(14 * HOUR + 5),
        permission=text,
    )
    record = PeriodRecord(
        now=now,
        cut=Moment(1, 0),
        ledger=Ledger(boots=boots),
        spans=tuple(_spans(text)),
        incidents=tuple(lines),
        notes=(
            NoteRecord(
                check="clock_step",
                subject=text or "clock",
                summary=text or "the clock went back 18.0 s",
                evidence={"step_seconds": STEP_SECONDS, "author": text or "ntpd"},
                at=stamp(STEP_AT),
                fault=STEP,
            ),
            NoteRecord(
                check=text or "bond",
                subject=subject,
                summary=text or "bond0 has a new member: eth2",
                evidence={},
                at=stamp(5 * HOUR),
            ),
        ),
        notes_left_out=0,
        attempts=(healed, proposed),
        fates=((text or "ops", "sent", 3), (text or "ops", "pending", 1), (text or "pager", "refused", 1)),
        unsent=(_message(9, text or "pager", "refused", text or "401 Unauthorized", text),),
        acks=(Ack(incident_id=3, severity="warning", who=text or "ada", why=said, at=stamp(15 * HOUR)),),
        holds=(
            PastHold(
                hold=Hold(
                    id=1,
                    kind="silence",
                    who=text or "ada",
                    why=text or "the cable is being replaced",
                    began=stamp(16 * HOUR),
                    seconds=2 * HOUR,
                    pattern=text or "bond0",
                ),
                ended=stamp(17 * HOUR),
                ended_by=text or "ada",
            ),
        ),
        configurations=(Configuration(path=text or "/etc/watchdog.toml", sha256="5b" * 32, at=stamp(70)),),
        subjects=(("bond", subject), ("clock_sync", "clock"), ("service", text or "dovecot.service")),
    )
    axis = Axis.over(record.ledger, now)
    details = Details(
        transitions={
            2: _changes(2, STEP_AT + 4, STEP_AT + 49, text or "found", text or "no longer found"),
            3: _changes(3, 14 * HOUR, None, said, ""),
        },
        evidence={
            2: {
                "unit": text or "dovecot.service",
                "status": 89,
                text or "log": text or "Time just moved backwards",
            },
            3: {"link": text or "eth1", "mii_status": "down", "members": {"eth0": "up", text or "eth1": "down"}},
        },
        told={3: [_message(4, text or "ops", "sent", "", text)]},
    )
    return build(
        Scene(
            record=record,
            axis=axis,
            period=Interval(axis.end - DAY_NS, axis.end),
            faults=FAULTS,
            gap_seconds=900.0,
        ),
        text or "mail1.example.net",
        details=details,
        before=Interval(axis.end - 2 * DAY_NS, axis.end - DAY_NS),
        proof=Proof(
            head=Head(count=14, hash="ab" * 32),
            broken=None,
            differences=(text,) if text else (),
            more_differences=0,
            attempts=2,
            attempts_gone=0,
        ),
        samples=_samples(text),
    )


def _spans(text: str) -> list[Span]:
    def span(check: str, boot: int, first: float, last: float, **more: object) -> Span:
        values: dict[str, object] = {"verdict": Verdict.OK, "reason": ""} | more
        return Span(
            check=check,
            first=stamp(first, boot),
            last=stamp(last, boot),
            count=round((last - first) / 30) + 1,
            longest_gap_seconds=31.0,
            **values,  # type: ignore[arg-type]
        )

    unseen = text or "no permission to read /proc/net/bonding"
    return [
        span("bond", 0, 60, 29 * HOUR),
        span("bond", 1, 60, 9 * HOUR),
        span("bond", 1, 9 * HOUR, 10 * HOUR, verdict=Verdict.UNKNOWN, reason=unseen),
        span("bond", 1, 10 * HOUR, 14 * HOUR),
        span("bond", 1, 14 * HOUR, 20 * HOUR, verdict=Verdict.WARNING),
        span("clock_sync", 0, 60, 29 * HOUR),
        span("clock_sync", 1, 60, 20 * HOUR),
        span("service", 0, 60, 29 * HOUR),
        span("service", 1, 60, 12 * HOUR),
        span("service", 1, 13 * HOUR, 20 * HOUR),
    ]


def _samples(text: str) -> list[Sample]:
    def sample(check: str, subject: str, name: str, hour: int, value: float) -> Sample:
        return Sample(
            check=check,
            subject=subject,
            name=name,
            start=stamp(hour * HOUR),
            count=2,
            minimum=value * 0.8,
            maximum=value * 1.3,
            total=value * 2,
        )

    hours = [hour for hour in range(20) if hour != 12]
    return [
        *(sample("clock_sync", text or "clock", "offset_seconds", h, 0.002 * ((h * 7) % 5 - 2)) for h in hours),
        *(sample("clock_sync", text or "clock", "drift_ppm", h, 11 + h / 10) for h in hours),
        *(sample("proxy_port", text or "10.0.0.21:3128", "connect_seconds", h, 0.01 + h / 5000) for h in hours),
        *(sample("proxy_port", f"{text}10.0.0.22:3128", "connect_seconds", h, 0.02 - h / 5000) for h in hours),
    ]


def _message(number: int, target: str, state: str, error: str, text: str) -> Notification:
    return Notification(
        id=number,
        target=target,
        incident_id=3,
        title=text or "mail1: bond.member_down on bond0/eth1",
        severity="warning",
        recovery=False,
        state=state,
        attempts=2,
        last_error=error,
        created=stamp(14 * HOUR + 1),
        sent=stamp(14 * HOUR + 2) if state == "sent" else None,
    )


def _changes(number: int, opened: float, resolved: float | None, why: str, over: str) -> list[Transition]:
    pending, firing = IncidentState.PENDING, IncidentState.FIRING
    changes = [
        Transition(incident_id=number, at=stamp(opened), before=None, after=pending, reason=why),
        Transition(incident_id=number, at=stamp(opened), before=pending, after=firing, reason=why),
    ]
    if resolved is not None:
        over_at = stamp(resolved)
        done = IncidentState.RESOLVED
        changes.append(Transition(incident_id=number, at=over_at, before=firing, after=done, reason=over))
    return changes
