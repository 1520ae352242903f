"""What became of an incident and, between, what was done to the clock. Pure."""

from watchdog.report.audit.shape import Incident, Report
from watchdog.report.told.words import signed

CLOCK_SET = "clock set"


def moments(report: Report, one: Incident) -> list[tuple[str, float, str, str]]:
    """Return an incident's changes and between them each step of the clock: (when, seconds after, state, reason).

    Of an incident from before the period it is not known how long after its beginning a step was.
    """
    changes = [(change.at, change.after_seconds, change.state, change.reason) for change in one.timeline]
    if one.begins_seconds > 0:
        ends = one.begins_seconds + one.duration_seconds
        changes += [
            (step.at, step.begins_seconds - one.begins_seconds, CLOCK_SET, f"by {signed(step.seconds)}")
            for step in report.clock.steps
            if one.begins_seconds <= step.begins_seconds <= ends
        ]
    return sorted(changes, key=lambda moment: moment[1])
