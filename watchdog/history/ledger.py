"""How long things lasted across reboots: pure arithmetic over the ledger of boots.

CLOCK_BOOTTIME starts at nought with every boot, so a boot that was last seen at 500 s lasted at least 500 s. What
passed between that moment and the next boot is not known; sums over several boots are lower bounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from watchdog.model import Lasted, Stamp


class Moment(NamedTuple):
    """A point on the ledger; compares as time does."""

    boot: int
    boottime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """One boot as far as it was watched; `ordinal` counts boots in the order in which they were first seen."""

    ordinal: int
    boot_id: str
    host: str
    first: Stamp
    last: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Every boot that was seen, in order."""

    boots: tuple[Boot, ...]

    @property
    def boot_ids(self) -> Mapping[int, str]:
        """The boot_id of every ordinal."""
        return {boot.ordinal: boot.boot_id for boot in self.boots}

    def moment(self, stamp: Stamp) -> Moment:
        """Place a stamp; a boot that is not in the ledger is later than all that are."""
        ordinals = {boot.boot_id: boot.ordinal for boot in self.boots}
        newest = self.boots[-1].ordinal if self.boots else 0
        return Moment(ordinals.get(stamp.boot_id, newest + 1), stamp.boottime_ns)

    def lasted(self, since: Stamp, until: Stamp) -> Lasted:
        """Return how long it is from one stamp to a later one; 0 when the order is the other way round."""
        if since.boot_id == until.boot_id:
            return Lasted(seconds=max(0, until.boottime_ns - since.boottime_ns) / 1e9, exact=True)
        start, end = self.moment(since), self.moment(until)
        if end < start:
            return Lasted(seconds=0.0, exact=False)
        nanoseconds = end.boottime_ns
        for boot in self.boots:
            if boot.ordinal == start.boot:
                nanoseconds += max(0, boot.last.boottime_ns - start.boottime_ns)
            elif start.boot < boot.ordinal < end.boot:
                nanoseconds += boot.last.boottime_ns
        return Lasted(seconds=nanoseconds / 1e9, exact=False)

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
