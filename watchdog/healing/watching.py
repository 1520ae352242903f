"""Watches what an attempt comes to, through the checks, until it has settled."""

from collections.abc import Callable, Mapping

from watchdog.healing.contracts import Eyes
from watchdog.healing.verifying import Problem, harm, side_effects, still_wrong
from watchdog.host import Host
from watchdog.model import CheckResult, Finding
from watchdog.steps import Plan

# Often enough to see a cure early, seldom enough not to disturb what is settling.
_POLL_SECONDS = 1.0


class Watch:
    """The checks on one attempt; `latest` is what all of them said last."""

    def __init__(
        self,
        host: Host,
        eyes: Eyes,
        wait: Callable[[float], None],
        *,
        check: str,
        finding: Finding,
        before: Mapping[str, CheckResult],
    ) -> None:
        self._host, self._eyes, self._wait = host, eyes, wait
        self._check, self._finding, self._before = check, finding, before
        self.latest = before

    def verify(self, plan: Plan) -> Problem | str:
        """Watch until what was done has settled; the checks' last word is what counts.

        The check that found the fault must be convinced then, and no check may have found what is new and at least
        as bad as the fault was. Return what is still wrong, or (a text) what else is new and stays.
        """
        started = self._host.stamp()
        while True:
            problem = still_wrong(self._finding, self._eyes.look(self._check))
            left = plan.settle_seconds - self._host.stamp().seconds_since(started)
            if left <= 0:
                break
            self._wait(min(_POLL_SECONDS, left))
        if problem:
            return problem
        self.latest = after = self._eyes.look_around()
        return (
            still_wrong(self._finding, after[self._check])
            or harm(self._finding, self._before, after, plan.accepts)
            or side_effects(self._before, after)
        )
