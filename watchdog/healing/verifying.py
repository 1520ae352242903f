"""Whether a check is convinced that what was done has helped. Pure."""

from dataclasses import dataclass

from watchdog.model import CheckResult, Finding, Severity
from watchdog.steps import Outcome

_RANK = {None: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the check misses after an attempt: how the attempt then ends, and why."""

    outcome: Outcome
    text: str


def problem_after_crash(finding: Finding, seen: CheckResult) -> Problem | None:
    """Say what keeps an interrupted attempt on this finding from having healed it; None: it did.

    Only the fault itself counts. What else is wrong now was there before or came since, and then what was raised
    may be all that still works.
    """
    return still_wrong(finding, seen, seen)


def still_wrong(finding: Finding, before: CheckResult, after: CheckResult) -> Problem | None:
    """Return None when the check says that the fault is gone, else what it saw instead.

    The check must have judged, seen the subject, not have found the fault, and not have found anything on the
    subject's root (`bond0` of `bond0/eth1`) that is new, or worse than before, and at least as bad as the fault.
    """
    if not after.judged or not after.applicable:
        return Problem(outcome=Outcome.ROLLED_BACK, text=f"the check could not judge: {after.reason}")
    for unseen in after.unseen:
        if unseen.covers(finding.subject):
            return Problem(
                outcome=Outcome.ROLLED_BACK, text=f"{unseen.subject} could not be seen: {unseen.reason}"
            )
    known = {(f.fault, f.subject): f.severity for f in before.findings}
    for found in after.findings:
        key = (found.fault, found.subject)
        if key == (finding.fault, finding.subject):
            return Problem(outcome=Outcome.NO_EFFECT, text=f"the fault is still there: {found.summary}")
        grew = _RANK[found.severity] > _RANK[known.get(key)]
        if (
            _root(found.subject) == _root(finding.subject)
            and grew
            and _RANK[found.severity] >= _RANK[finding.severity]
        ):
            text = f"something new is wrong: {found.fault} on {found.subject}: {found.summary}"
            return Problem(outcome=Outcome.HARMED, text=text)
    return None


def _root(subject: str) -> str:
    return subject.split("/")[0]
