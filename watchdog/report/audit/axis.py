"""One line of time over all boots: nanoseconds of CLOCK_BOOTTIME, one boot behind the other. Pure.

What passed between a boot's last look and the next boot is not known and takes no room, so every length on the
line is a lower bound where a reboot lies within, and exact otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import msgspec

from watchdog.history.ledger import Ledger
from watchdog.model import Stamp


class Interval(NamedTuple):
    """From `start` up to, but without, `end`; in nanoseconds on the line."""

    start: int
    end: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start) / 1e9

    def holds(self, place: int) -> bool:
        """Tell whether a place lies in it, its end included."""
        return self.start <= place <= self.end

    def within(self, other: "Interval") -> "Interval":
        """Return the part that lies in another interval; empty, and somewhere in it, when there is none."""
        start = min(max(self.start, other.start), other.end)
        return Interval(start, max(start, min(self.end, other.end)))


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """Places stamps on the line. `starts` maps a boot_id to where that boot begins."""

    starts: Mapping[str, int]
    end: int

    @classmethod
    def over(cls, ledger: Ledger, now: Stamp) -> "Axis":
        """Return the line over the boots of a ledger, up to now."""
        lengths = {boot.boot_id: boot.last.boottime_ns for boot in ledger.boots}
        lengths.setdefault(now.boot_id, 0)
        lengths[now.boot_id] = max(lengths[now.boot_id], now.boottime_ns)
        ends = list(accumulate(lengths.values()))
        return cls(starts=dict(zip(lengths, [0, *ends], strict=False)), end=ends[-1])

    def place(self, stamp: Stamp) -> int:
        """Return where a stamp lies; that of a boot nobody knows lies at the end, where nothing can hang on it."""
        start = self.starts.get(stamp.boot_id)
        if start is None:
            return self.end
        place = start + stamp.boottime_ns if stamp.boottime_ns > 0 else start
        return place if place < self.end else self.end


def union(intervals: Iterable[tuple[int, int]]) -> tuple[Interval, ...]:
    """Return the same stretches of time (start, end) without overlaps, in order; empty ones are left out."""
    merged: list[Interval] = []
    begun = over = 0
    for start, end in sorted(intervals):
        if start > over or begun >= over:
            if begun < over:
                merged.append(Interval(begun, over))
            begun, over = start, end
        elif end > over:
            over = end
    if begun < over:
        merged.append(Interval(begun, over))
    return tuple(merged)


def gaps(intervals: Sequence[Interval], period: Interval) -> tuple[Interval, ...]:
    """Return what of a period is in none of the intervals, which are in order and do not overlap."""
    edges = [period.start, *(edge for one in intervals for edge in one.within(period)), period.end]
    between = (Interval(edges[n], edges[n + 1]) for n in range(0, len(edges), 2))
    return tuple(one for one in between if one.start < one.end)


def paint(
    period: Interval, layers: Mapping[str, Iterable[tuple[int, int]]], ground: str
) -> list[tuple[int, int, str]]:
    """Return the period cut into stretches (start, end, name of the first layer that covers it, else `ground`).

    The intervals of a layer do not overlap. The stretches follow one another without a gap, so their lengths add
    up to that of the period.
    """
    begins, ends = period
    changes: list[tuple[int, int]] = []
    for layer, intervals in enumerate(layers.values()):
        for start, end in intervals:
            if start < ends and end > begins:
                changes.append((max(start, begins), 1 << layer))
                changes.append((min(end, ends), 1 << layer))
    changes.sort()
    # By which layers cover a place, a bit of each.
    names = [
        next((name for nth, name in enumerate(layers) if covered >> nth & 1), ground)
        for covered in range(1 << len(layers))
    ]
    stretches: list[tuple[int, int, str]] = []
    begun = here = begins
    covered, held = 0, ""
    for there, layer in (*changes, (ends, 0)):
        if there > here:
            name = names[covered]
            if name != held:
                if here > begun:
                    stretches.append((begun, here, held))
                begun, held = here, name
            here = there
        covered ^= layer
    if here > begun:
        stretches.append((begun, here, held))
    return stretches
