"""One line of time over all boots: nanoseconds of CLOCK_BOOTTIME, one boot behind the other. Pure.

What passed between a boot's last look and the next boot is not known and takes no room, so every length on the
line is a lower bound where a reboot lies within, and exact otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

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

    def within(self, other: "Interval") -> "Interval":
        """Return the part that lies in another interval; empty, and somewhere in it, when there is none."""
        start = min(max(self.start, other.start), other.end)
        return Interval(start, max(start, min(self.end, other.end)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
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


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same stretches of time without overlaps, in order; empty ones are left out."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if merged and start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Interval(start, end))
    return tuple(merged)


def gaps(intervals: Sequence[Interval], period: Interval) -> tuple[Interval, ...]:
    """Return what of a period is in none of the intervals, which are in order and do not overlap."""
    edges = [period.start, *(edge for one in intervals for edge in one.within(period)), period.end]
    between = (Interval(edges[n], edges[n + 1]) for n in range(0, len(edges), 2))
    return tuple(one for one in between if one.start < one.end)


def paint(
    period: Interval, layers: Mapping[str, Sequence[Interval]], ground: str
) -> tuple[tuple[Interval, str], ...]:
    """Return the period cut into stretches, each with the name of the first layer that covers it, else `ground`.

    The stretches follow one another without a gap, so their lengths add up to that of the period.
    """
    return tuple(_joined(_cut(period, layers, ground)))


def _cut(
    period: Interval, layers: Mapping[str, Sequence[Interval]], ground: str
) -> Iterator[tuple[Interval, str]]:
    changes: list[tuple[int, int, int]] = []
    for layer, intervals in enumerate(layers.values()):
        for start, end in union(intervals):
            start, end = max(start, period.start), min(end, period.end)
            if start < end:
                changes += ((start, layer, 1), (end, layer, -1))
    changes.sort()
    # Of each layer 1 or 0, as no layer overlaps itself; the ground is everywhere.
    names, covered = (*layers, ground), [*([0] * len(layers)), 1]
    here = period.start
    for there, layer, more in changes:
        if there > here:
            yield Interval(here, there), names[covered.index(1)]
            here = there
        covered[layer] += more
    if here < period.end:
        yield Interval(here, period.end), names[covered.index(1)]


def _joined(stretches: Iterable[tuple[Interval, str]]) -> Iterator[tuple[Interval, str]]:
    """Join neighbours that are called the same."""
    held: tuple[Interval, str] | None = None
    for stretch, name in stretches:
        if held and held[1] == name:
            held = (Interval(held[0].start, stretch.end), name)
            continue
        if held:
            yield held
        held = (stretch, name)
    if held:
        yield held
