"""What was stepped between readings of the clocks, and whether it was a leap second. Pure.

Sources: Linux kernel/time/timekeeping.c; ntp.c (`second_overflow`: a leap second is inserted at 00:00:00 UTC, one
is deleted at 23:59:59); ITU-R TF.460 (leap seconds end June or December).
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from watchdog.plugin import Facts

NOISE_NS = 1_000_000  # readings differ by less than a microsecond; a millisecond is a step without doubt


class Reading(Facts, frozen=True, kw_only=True):
    """CLOCK_BOOTTIME and CLOCK_REALTIME, read together."""

    boottime_ns: int
    wall_ns: int

    @property
    def offset_ns(self) -> int:
        """What only a step changes."""
        return self.wall_ns - self.boottime_ns


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step of so many nanoseconds (backward is negative), somewhere between two readings."""

    size_ns: int
    before: Reading
    after: Reading

    @property
    def seconds(self) -> float:
        """Its size."""
        return self.size_ns / 1e9

    @property
    def window_seconds(self) -> float:
        """How long ago it happened at most."""
        return (self.after.boottime_ns - self.before.boottime_ns) / 1e9

    @property
    def untouched_wall_ns(self) -> int:
        """What the clock would read at the second reading, had nobody touched it."""
        return self.after.wall_ns - self.size_ns


def find_steps(baseline: Reading, readings: Iterable[Reading]) -> tuple[tuple[Step, ...], Reading]:
    """Return the steps between the readings of one boot, and the baseline for those to come.

    What is less than a millisecond is carried on in the baseline: so however many readings there are, all the
    steps ever returned add up to what was stepped, to the millisecond, and none counts twice.
    """
    steps = []
    for reading in readings:
        size_ns = reading.offset_ns - baseline.offset_ns
        if abs(size_ns) >= NOISE_NS:
            steps.append(Step(size_ns=size_ns, before=baseline, after=reading))
            baseline = reading
        else:
            baseline = Reading(boottime_ns=reading.boottime_ns, wall_ns=reading.boottime_ns + baseline.offset_ns)
    return tuple(steps), baseline


def may_be_leap_second(step: Step) -> bool:
    """Tell whether a step is of a leap second's size."""
    return abs(abs(step.size_ns) - 10**9) < NOISE_NS


def is_leap_second(step: Step, leaps_logged: Iterable[float]) -> bool:
    """Tell whether a step is a leap second: exactly one, and logged by the kernel or at the time for one."""
    if not may_be_leap_second(step):
        return False
    return any(seconds * step.size_ns > 0 for seconds in leaps_logged) or _holds_leap_moment(step)


def _holds_leap_moment(step: Step) -> bool:
    slack = timedelta(seconds=2)  # a deleted second is the one before midnight
    begin, end = _utc(step.before.wall_ns) - slack, _utc(step.untouched_wall_ns) + slack
    years = range(begin.year, end.year + 1)
    return any(begin <= datetime(year, month, 1, tzinfo=UTC) <= end for year in years for month in (1, 7))


def _utc(wall_ns: int) -> datetime:
    return datetime.fromtimestamp(wall_ns / 1e9, UTC)
