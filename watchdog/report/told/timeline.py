"""What became of an incident and, between, what was done to the clock. Pure."""

from bisect import bisect_left, bisect_right

from watchdog.report.audit.shape import ClockStep, Incident, Report
from watchdog.report.told.words import signed

CLOCK_SET = "clock set"


def moments(report: Report, one: Incident) -> list[tuple[str, float, str, str]]:
    """Return an incident's changes and between them each step of the clock: (when, seconds after, state, reason).

    Of an incident from before the period it is not known how long after its beginning a step was.
    """
    changes = [(change.at, change.after_seconds, change.state, change.reason) for change in one.timeline]
    if one.begins_seconds > 0:
        steps = report.clock.steps  # in order of time
        first = bisect_left(steps, one.begins_seconds, key=_begins)
        after = bisect_right(steps, one.begins_seconds + one.duration_seconds, key=_begins)
        changes += [
            (step.at, step.begins_seconds - one.begins_seconds, CLOCK_SET, f"by {signed(step.seconds)}")
            for step in steps[first:after]
        ]
    return sorted(changes, key=lambda moment: moment[1])


def _begins(step: ClockStep) -> float:
    return step.begins_seconds
