"""Who waits at the door for what: a look at some checks, or the history itself."""

from collections.abc import Iterable

import msgspec

from watchdog.daemon.door import Visit
from watchdog.engine import Ran
from watchdog.model import CheckResult, Stamp
from watchdog.selfwatch import NAME


class Wanted(msgspec.Struct, kw_only=True):
    """A visitor who waits until these checks have looked; a look of theirs that was under way does not count."""

    visit: Visit
    started: Stamp
    pending: set[str]
    too_early: set[str] = msgspec.field(default_factory=set)
    results: dict[str, CheckResult] = msgspec.field(default_factory=dict)

    def take(self, looked: Iterable[str], ran: Ran) -> bool:
        """Take what a cycle said; True when that was all."""
        results = {result.check: result for result in ran.cycle.results}
        for name in looked:
            if name in self.too_early:
                self.too_early.discard(name)
            elif name in self.pending and name in results:
                self.pending.discard(name)
                self.results[name] = results[name]
        if NAME in results:
            self.results[NAME] = results[NAME]
        return not self.pending

    def answer(self, host: str, ended: Stamp, unrecorded: str = "") -> None:
        """Say what was seen, in the words that visiting.py reads."""
        self.visit.answer(
            {
                "host": host,
                "started": self.started,
                "ended": ended,
                "results": tuple(self.results.values()),
                "unrecorded": unrecorded,
            }
        )
