"""Watches what an attempt comes to, through the checks, until it has settled."""

import math
from collections.abc import Callable, Mapping, Sequence

from watchdog.healing.contracts import Eyes
from watchdog.healing.verifying import Problem, harmed, harms, side_effects, still_wrong
from watchdog.model import CheckResult, Fault, Finding
from watchdog.steps import Plan

# What must last for longer than this to count, counts at once: meanwhile nobody looks.
_LONGEST_WAIT_SECONDS = 300.0


class Watch:
    """The checks on one attempt; `latest` is what all of them said last."""

    def __init__(
        self,
        eyes: Eyes,
        wait: Callable[[float], None],
        *,
        faults: Mapping[str, Fault],
        finding: Finding,
        before: Mapping[str, CheckResult],
    ) -> None:
        self._eyes, self._wait = eyes, wait
        self._faults, self._finding, self._before = faults, finding, before
        self._check = faults[finding.fault].check
        self.latest = before

    def verify(self, plan: Plan) -> Problem | str:
        """Let what was done settle, then look.

        The check that found the fault must be convinced then, and no check may have found what is new and at least
        as bad as the fault was; what must last to count is given that time to pass by itself. Return what is still
        wrong, or (a text) what else is new and stays.
        """
        # Nobody looks meanwhile: a fault that still is there would prove nothing yet, and a look asks time servers
        # and knocks at ports.
        self._wait(plan.settle_seconds)
        # This one first: what has not helped is undone before slower checks are through.
        if problem := still_wrong(self._finding, self._eyes.look(self._check)):
            return problem
        if problem := self._look_around():
            return problem
        found = self._harms(plan)
        if seconds := self._may_pass_within(found, plan):
            self._wait(seconds)
            if problem := self._look_around():
                return problem
            lasted = {(one.fault, one.subject) for one in found}
            found = tuple(
                one for one in self._harms(plan) if not self._pending(one) or (one.fault, one.subject) in lasted
            )
        return harmed(found) or side_effects(self._before, self.latest)

    def _look_around(self) -> Problem | None:
        self.latest = self._eyes.look_around()
        return still_wrong(self._finding, self.latest[self._check])

    def _harms(self, plan: Plan) -> tuple[Finding, ...]:
        return harms(self._finding, self._before, self.latest, plan.accepts)

    def _pending(self, found: Finding) -> float:
        """Return how long a fault must last before it counts, by its own check's word."""
        fault = self._faults.get(found.fault)
        return fault.pending_seconds if fault else 0.0

    def _may_pass_within(self, found: Sequence[Finding], plan: Plan) -> float:
        """Return how long these harms are given to pass by themselves; 0: one counts at once, or time is short."""
        seconds = [self._pending(one) for one in found]
        longest = max(seconds, default=0.0)
        # Half of it: the looks take their time, too.
        in_time = (plan.undone_after_seconds or math.inf) / 2 - plan.settle_seconds
        return longest if all(seconds) and longest <= min(_LONGEST_WAIT_SECONDS, in_time) else 0.0
