"""What the clock killed: by Dovecot's own word, or by the timing. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from checks._service.faults import KILLED
from checks._service.standing import Standing
from watchdog.linux.dovecot_log import DovecotLine, parse_dovecot_line
from watchdog.plugin import (
    Finding,
    Judgement,
    LogLine,
    LogPosition,
    LogTail,
    Note,
    Severity,
    Unseen,
    new_lines,
    render_seconds,
    skipped_logs,
)

DOVECOT = "dovecot.service"
REMARK = "counted from the process's last known time, so less than the step itself"


def judge_log(log: LogTail, since: LogPosition | None, kill_step: float) -> Iterator[Judgement]:
    """Say what Dovecot logged since the last look of the clock going back."""
    for source, problem in log.problems.items():
        yield Unseen(subject=f"{DOVECOT}/{source.strip('/')}", reason=problem)
    for source in skipped_logs(log, since):
        yield Note(
            subject=DOVECOT, summary=f"{source} grew by more than is read at one look: older lines were missed"
        )
    if since is None and (old := _parse(log.lines)):
        summary = f"before the first look Dovecot has logged {len(old)} times that the clock moved"
        yield Note(subject=DOVECOT, summary=summary, evidence={"line": old[-1].line})
    told = _parse(new_lines(log, since))
    if told:
        yield _judge_told(told, kill_step)


def judge_timing(standing: Standing, step_seconds: float) -> Finding:
    """Return the finding on a service that crashed between two looks in which the clock was set back."""
    return KILLED.on(
        standing.subject,
        f"{standing.subject} crashed between two looks in which the clock went back"
        f" {render_seconds(-step_seconds)}: likely of it; it is now {standing.words}",
        shown_by="timing",
        step_seconds=step_seconds,
        restarts=standing.restarts,
    )


def _parse(lines: Sequence[LogLine]) -> list[DovecotLine]:
    """Return what the lines tell; a line that two files hold counts once."""
    texts = dict.fromkeys(line.text for line in lines)
    return [told for text in texts if (told := parse_dovecot_line(text))]


def _judge_told(told: Sequence[DovecotLine], kill_step: float) -> Finding | Note:
    killed, slept, waits = ([one for one in told if one.kind == kind] for kind in ("killed", "slept", "waits"))
    waits = [one for one in waits if one.seconds >= kill_step]
    blocked = max((one.waits_seconds or 0.0 for one in waits), default=0.0)
    closed = f"; its master starts no new services for {render_seconds(blocked)}" if blocked else ""
    if not killed and not slept and not waits:
        summary = f"Dovecot noticed that the clock moved {'ahead' if told[-1].kind == 'ahead' else 'back'}"
        return Note(
            subject=DOVECOT, summary=f"{summary} {render_seconds(told[-1].seconds)}", evidence=_proof(told)
        )
    first = (killed or waits or slept)[0]
    back = f"the clock went back by at least {render_seconds(max(one.seconds for one in told))}"
    if killed:
        what = f"Dovecot killed {len(killed)} of its own processes ({_names(killed)})"
    elif waits:
        what = "Dovecot refuses new sessions"
    else:
        what = f"{len(slept)} of Dovecot's processes stand still ({_names(slept)})"
    return KILLED.on(
        DOVECOT,
        f'{what}: {back}{closed}; it logged: "{_quote(first.line)}"',
        # Below its limit Dovecot only waits until the time has come back: a stall, no loss.
        severity=Severity.CRITICAL if killed or waits else Severity.WARNING,
        shown_by="log",
        line=first.line,
        killed_processes=len(killed),
        sleeping_processes=len(slept),
        refuses_seconds=blocked,
        moved_seconds=first.seconds,
        moved_seconds_remark=REMARK,
    )


def _proof(told: Sequence[DovecotLine]) -> dict[str, Any]:
    return {"line": told[-1].line, "moved_seconds": told[-1].seconds, "moved_seconds_remark": REMARK}


def _quote(line: str) -> str:
    """Return a line up to how far the time moved; what follows is always the same."""
    said, seconds, _ = line.partition(" seconds")
    return said + seconds


def _names(lines: Sequence[DovecotLine]) -> str:
    return ", ".join(sorted({one.process for one in lines}))
