"""What clock_step sees and remembers, and what the two have in common. Pure."""

from checks._clock_step.authors import Stepper
from checks._clock_step.owed import Owed, owe
from checks._clock_step.steps import Reading, Step
from watchdog.plugin import Facts, LogPosition, LogTail


class Traces(Facts, frozen=True, kw_only=True):
    """What was found after a step was seen: the logs' ends, who could have done it, and the clocks again."""

    logs: LogTail
    steppers: tuple[Stepper, ...]
    again: Reading


class ClockFacts(Facts, frozen=True, kw_only=True):
    """The clocks, how long this boot was suspended so far, where the logs end; `traces` only after a step.

    `noted` is what the daemon read since the last look, each time right after the clock was set: with it, steps
    that one look finds are told apart, also those that took one another back. `looks_again`: whoever looks lets us
    look again at once, so the author of a step is left to that look.
    """

    boot_id: str
    boottime_ns: int
    wall_ns: int
    suspended_seconds: float = 0.0
    log: LogPosition = LogPosition()
    noted: tuple[Reading, ...] = ()
    looks_again: bool = False
    traces: Traces | None = None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What was read, in order."""
        read = [*self.noted, Reading(boottime_ns=self.boottime_ns, wall_ns=self.wall_ns)]
        if self.traces:
            read.append(self.traces.again)
        return tuple(sorted(read, key=lambda reading: reading.boottime_ns))


class ClockMemory(Facts, frozen=True, kw_only=True):
    """The last reading; its wall clock lacks what was stepped by less than a millisecond and never reported.

    `owed` are steps that were found, whose author is to be looked for yet.
    """

    boot_id: str
    boottime_ns: int
    wall_ns: int
    suspended_seconds: float = 0.0
    log: LogPosition = LogPosition()
    owed: Owed | None = None


def owed_of(facts: ClockFacts, before: ClockMemory | None) -> Owed | None:
    """Return the steps whose author can be looked for yet: those of this life."""
    if before is None or before.boot_id != facts.boot_id or before.boottime_ns > facts.boottime_ns:
        return None
    return before.owed


def still_owed(facts: ClockFacts, before: ClockMemory | None, steps: tuple[Step, ...]) -> Owed | None:
    """Return the steps whose author is left to the next look."""
    left = None if facts.traces else owed_of(facts, before)
    if before is None or not steps or not facts.looks_again:
        return left
    # Where its look finds another step, the marks of the logs are those from before the traces.
    return owe(left, steps, facts.boottime_ns, before.log, suspended_seconds(facts, before))


def suspended_seconds(facts: ClockFacts, before: ClockMemory) -> float:
    """Return for how long the host was suspended since the last look."""
    return round(max(facts.suspended_seconds - before.suspended_seconds, 0.0), 3)


def baseline_of(facts: ClockFacts, before: ClockMemory | None) -> Reading:
    """Return what to compare with: the last reading, or this one where that was in another life."""
    if before is None or before.boot_id != facts.boot_id or before.boottime_ns > facts.boottime_ns:
        return facts.readings[0]
    return Reading(boottime_ns=before.boottime_ns, wall_ns=before.wall_ns)
