"""How long things lasted across reboots: pure arithmetic over the ledger of boots.

CLOCK_BOOTTIME starts at nought with every boot, so a boot that was last seen at 500 s lasted at least 500 s. What
passed between that moment and the next boot is not known; sums over several boots are lower bounds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import msgspec

from watchdog.model import Lasted, Stamp


class Moment(NamedTuple):
    """A point on the ledger; compares as time does."""

    boot: int
    boottime_ns: int


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """One boot as far as it was watched; `ordinal` counts boots in the order in which they were first seen."""

    ordinal: int
    boot_id: str
    host: str
    first: Stamp
    last: Stamp


class Ledger(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Every boot that was seen, in order."""

    boots: tuple[Boot, ...]

    @cached_property
    def boot_ids(self) -> Mapping[int, str]:
        """The boot_id of every ordinal."""
        return {boot.ordinal: boot.boot_id for boot in self.boots}

    @cached_property
    def ordinals(self) -> Mapping[str, int]:
        """The ordinal of every boot_id."""
        return {boot.boot_id: boot.ordinal for boot in self.boots}

    def moment(self, stamp: Stamp) -> Moment:
        """Place a stamp; a boot that is not in the ledger is later than all that are."""
        newest = self.boots[-1].ordinal if self.boots else 0
        return Moment(self.ordinals.get(stamp.boot_id, newest + 1), stamp.boottime_ns)

    def lasted(self, since: Stamp, until: Stamp) -> Lasted:
        """Return how long it is from one stamp to a later one; 0 when the order is the other way round."""
        if since.boot_id == until.boot_id:
            return Lasted(seconds=max(0, until.boottime_ns - since.boottime_ns) / 1e9, exact=True)
        start, end = self.moment(since), self.moment(until)
        if end < start:
            return Lasted(seconds=0.0, exact=False)
        places, sums = self._sums
        first, after = bisect_left(places, start.boot), bisect_right(places, start.boot)
        there = sums[after] - sums[first]
        nanoseconds = end.boottime_ns + max(0, there - start.boottime_ns if after > first else 0)
        nanoseconds += max(0, sums[bisect_left(places, end.boot)] - sums[after])
        return Lasted(seconds=nanoseconds / 1e9, exact=False)

    @cached_property
    def _sums(self) -> tuple[Sequence[int], Sequence[int]]:
        """The ordinals, and for each place among them how long all boots before it lasted together."""
        lengths = (boot.last.boottime_ns for boot in self.boots)
        return [boot.ordinal for boot in self.boots], [0, *accumulate(lengths)]

    def cutoff(self, now: Stamp, seconds: float) -> Moment:
        """Return the moment such that all before it is certainly older than `seconds`."""
        here = self.moment(now)
        left = int(seconds * 1e9)
        known = [Moment(boot.ordinal, boot.last.boottime_ns) for boot in self.boots if boot.ordinal < here.boot]
        for boot, last_ns in (here, *reversed(known)):
            if last_ns >= left:
                return Moment(boot, last_ns - left)
            left -= last_ns
        return Moment(0, 0)
