"""What the wall clock did, and which stamps it made wrong: pure."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec

from watchdog.model import Evidence, Stamp
from watchdog.report.audit.axis import Axis


class ClockStep(msgspec.Struct, frozen=True, kw_only=True):
    """The clock was set, ahead by `seconds` (below zero: back), at `at` by the line of time.

    `stamp` is the first that is known to be after it, with the wall clock of when it was recorded.
    """

    at: int
    stamp: Stamp
    seconds: float
    author: str
    fault: str
    summary: str


def find_steps(events: Iterable[tuple[Stamp, str, str, Evidence]], axis: Axis) -> tuple[ClockStep, ...]:
    """Return the steps among what clock_step recorded: (when, fault or "", summary, evidence), in order.

    A step that is told twice (its author was found a moment later) is one step: as it was told last.
    """
    found: dict[tuple[str, object], ClockStep] = {}
    for stamp, fault, summary, evidence in events:
        seconds = evidence.get("step_seconds")
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not math.isfinite(seconds):
            continue
        author, here = evidence.get("author"), stamp.boottime_ns / 1e9
        begins = evidence.get("window_begins_boottime_seconds", here)
        ends = evidence.get("window_ends_boottime_seconds", here)
        # Stamps up to here were written by the clock as it was before.
        over_ns = _nanoseconds(ends, stamp.boottime_ns)
        if over_ns < stamp.boottime_ns:
            stamp = Stamp(boot_id=stamp.boot_id, boottime_ns=over_ns, wall_ns=stamp.wall_ns)
        found[(stamp.boot_id, begins)] = ClockStep(
            at=axis.place(stamp),
            stamp=stamp,
            seconds=float(seconds),
            author=author if isinstance(author, str) else "",
            fault=fault,
            summary=summary,
        )
    return tuple(sorted(found.values(), key=lambda step: step.at))


def _nanoseconds(seconds: object, otherwise: int) -> int:
    """Return what evidence, which may be anything, says in seconds."""
    fits = isinstance(seconds, (int, float)) and math.isfinite(seconds) and abs(seconds) < 1e9
    return round(seconds * 1e9) if isinstance(seconds, (int, float)) and fits else otherwise


class WallErrors(msgspec.Struct, frozen=True, kw_only=True):
    """By how much a stamp's wall clock differs from what the clock that was set since would have shown.

    Above zero: the stamp reads too early by that much. Only within a boot can that be known: a clock is set at
    boot, too.
    """

    places: Sequence[tuple[str, int]]
    sums: Sequence[float]

    @classmethod
    def after(cls, steps: Sequence[ClockStep]) -> "WallErrors":
        """Return what steps in order of time make of the stamps before them."""
        places = [(step.stamp.boot_id, step.stamp.boottime_ns) for step in steps]
        by_boot = sorted(range(len(steps)), key=lambda n: places[n])
        return cls(
            places=[places[n] for n in by_boot],
            sums=[0.0, *accumulate(steps[n].seconds for n in by_boot)],
        )

    def of(self, stamp: Stamp) -> float:
        """Return the sum of the steps on the stamp's boot that came after it, in seconds."""
        first = bisect_right(self.places, (stamp.boot_id, stamp.boottime_ns))
        last = bisect_right(self.places, (stamp.boot_id, 2**63))
        return self.sums[last] - self.sums[first]
