"""Whether the checks are convinced that what was done has helped, and that nothing else broke of it. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from watchdog.model import CheckResult, Finding, Severity
from watchdog.steps import Outcome

_RANK = {None: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}

Results = Mapping[str, CheckResult]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What the check misses after an attempt: how the attempt then ends, and why."""

    outcome: Outcome
    text: str


def problem_after_crash(finding: Finding, seen: CheckResult) -> Problem | None:
    """Say what keeps an interrupted attempt on this finding from having healed it; None: it did.

    Only the fault itself counts. What else is wrong now was there before or came since, and then what was raised
    may be all that still works.
    """
    return still_wrong(finding, seen)


def still_wrong(finding: Finding, after: CheckResult) -> Problem | None:
    """Return None when the check that found the fault says that it is gone, else what it saw instead.

    The check must have judged, seen the subject, and not have found the fault.
    """
    if not after.judged or not after.applicable:
        return Problem(outcome=Outcome.ROLLED_BACK, text=f"the check could not judge: {after.reason}")
    for unseen in after.unseen:
        if unseen.covers(finding.subject):
            return Problem(
                outcome=Outcome.ROLLED_BACK, text=f"{unseen.subject} could not be seen: {unseen.reason}"
            )
    for found in after.findings:
        if (found.fault, found.subject) == (finding.fault, finding.subject):
            return Problem(outcome=Outcome.NO_EFFECT, text=f"the fault is still there: {found.summary}")
    return None


def harms(finding: Finding, before: Results, after: Results, accepted: Collection[str]) -> tuple[Finding, ...]:
    """Return the faults that are new, or worse than before, and at least as bad as the one that is healed.

    What the plan accepts as the lesser evil (fault codes) is none.
    """
    bad = (found for found in _news(before, after) if _RANK[found.severity] >= _RANK[finding.severity])
    return tuple(found for found in bad if found.fault not in accepted)


def harmed(found: Sequence[Finding]) -> Problem | None:
    """Return the problem that these harms are, None where there are none."""
    if not found:
        return None
    text = f"something new is wrong: {found[0].fault} on {found[0].subject}: {found[0].summary}"
    return Problem(outcome=Outcome.HARMED, text=text)


def side_effects(before: Results, after: Results) -> str:
    """Say which faults are new, or worse, although what was done stays; "" for none."""
    return ", ".join(f"{found.fault} on {found.subject}" for found in _news(before, after))


def _news(before: Results, after: Results) -> Iterator[Finding]:
    """Yield what is new, or worse. What a check could not see before may have been there before.

    No look is remembered while an attempt is under way, so what completes a finding was found before it began.
    """
    for name, result in after.items():
        was = before.get(name)
        if was is None or (was.applicable and not was.judged):
            continue
        known = {(one.fault, one.subject): one.severity for one in was.findings}
        for found in result.findings:
            if found.completes or any(one.covers(found.subject) for one in was.unseen):
                continue
            if _RANK[found.severity] > _RANK[known.get((found.fault, found.subject))]:
                yield found
