"""Steps that were found, whose author is yet to be looked for. Pure.

A program logs a step when it has made it, and to read logs and the process list takes longer than to read clocks.
So where there is a look soon after, a step is told at once, and that look says who likely did it: it completes the
finding. What would only be a note is not urgent, and what may be a leap second is not known to be a step: both are
owed whole.
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from checks._clock_step.steps import Step, may_be_leap_second
from checks._clock_step.verdict import Scene, Thresholds, judge_step
from watchdog.plugin import Facts, Finding, LogPosition, Note

MOST_STEPS = 100


class Owed(Facts, frozen=True, kw_only=True):
    """Steps, the newest of them found at `found_boottime_ns`; their authors' lines were logged since `log`."""

    found_boottime_ns: int
    steps: tuple[Step, ...]
    log: LogPosition
    suspended_seconds: float = 0.0

    @property
    def is_full(self) -> bool:
        """Tell that no more are waited for, however fast the clock goes on being set."""
        return len(self.steps) >= MOST_STEPS


def owe(
    before: Owed | None, steps: tuple[Step, ...], boottime_ns: int, log: LogPosition, suspended_seconds: float
) -> Owed:
    """Add steps that were found just now to those that are owed already."""
    return Owed(
        found_boottime_ns=boottime_ns,
        steps=(*(before.steps if before else ()), *steps),
        log=before.log if before else log,
        suspended_seconds=suspended_seconds + (before.suspended_seconds if before else 0.0),
    )


def judge_at_once(step: Step, scene: Scene, thresholds: Thresholds) -> Finding | None:
    """Return what there is to tell of a step before its author is known, None when it can wait."""
    if may_be_leap_second(step):
        return None
    told = judge_step(step, msgspec.structs.replace(scene, is_early=True), thresholds)
    return told if isinstance(told, Finding) else None


def judge_owed(owed: Owed, scene: Scene, thresholds: Thresholds) -> Iterator[Finding | Note]:
    """Judge steps once more, now that their authors were looked for; the newest first, which was told last."""
    for step in reversed(owed.steps):
        told = judge_at_once(step, scene, thresholds)
        now = judge_step(step, scene, thresholds)
        yield replace(now, completes=True) if told and isinstance(now, Finding) else now
