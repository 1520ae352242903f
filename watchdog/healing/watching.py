"""Watches what an attempt comes to, through the checks, until it has settled."""

from collections.abc import Callable, Mapping

from watchdog.healing.contracts import Eyes
from watchdog.healing.verifying import Problem, harm, side_effects, still_wrong
from watchdog.model import CheckResult, Finding
from watchdog.steps import Plan


class Watch:
    """The checks on one attempt; `latest` is what all of them said last."""

    def __init__(
        self,
        eyes: Eyes,
        wait: Callable[[float], None],
        *,
        check: str,
        finding: Finding,
        before: Mapping[str, CheckResult],
    ) -> None:
        self._eyes, self._wait = eyes, wait
        self._check, self._finding, self._before = check, finding, before
        self.latest = before

    def verify(self, plan: Plan) -> Problem | str:
        """Let what was done settle, then look.

        The check that found the fault must be convinced then, and no check may have found what is new and at least
        as bad as the fault was. Return what is still wrong, or (a text) what else is new and stays.
        """
        # Nobody looks meanwhile: a fault that still is there would prove nothing yet, and a look asks time servers
        # and knocks at ports.
        self._wait(plan.settle_seconds)
        # This one first: what has not helped is undone before slower checks are through.
        if problem := still_wrong(self._finding, self._eyes.look(self._check)):
            return problem
        self.latest = after = self._eyes.look_around()
        return (
            still_wrong(self._finding, after[self._check])
            or harm(self._finding, self._before, after, plan.accepts)
            or side_effects(self._before, after)
        )
