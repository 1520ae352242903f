"""The line of time, and what is painted on it: whatever the intervals, the stretches partition the period."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from watchdog.report.audit.axis import Interval, gaps, paint, union

INTERVALS = st.lists(
    st.tuples(st.integers(-50, 150), st.integers(-50, 150)).map(lambda pair: Interval(min(pair), max(pair))),
    max_size=12,
)
PERIODS = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda pair: Interval(min(pair), max(pair)))


def covered(intervals: list[Interval] | tuple[Interval, ...], moment: int) -> bool:
    return any(start <= moment < end for start, end in intervals)


@given(INTERVALS)
def test_a_union_covers_the_same_moments_in_order_and_without_overlap(intervals: list[Interval]) -> None:
    merged = union(intervals)
    assert all(covered(merged, moment) == covered(intervals, moment) for moment in range(-60, 160))
    assert all(one.end < other.start for one, other in pairwise(merged))


@given(INTERVALS, PERIODS)
def test_gaps_are_what_no_interval_covers(intervals: list[Interval], period: Interval) -> None:
    found = gaps(union(intervals), period)
    for moment in range(period.start, period.end):
        assert covered(found, moment) != covered(intervals, moment)
    assert all(period.start <= gap.start < gap.end <= period.end for gap in found)


@given(INTERVALS, INTERVALS, PERIODS)
def test_stretches_partition_the_period_and_the_first_layer_wins(
    upper: list[Interval], lower: list[Interval], period: Interval
) -> None:
    strip = paint(period, {"upper": union(upper), "lower": union(lower)}, "ground")
    assert sum(end - start for start, end, _ in strip) == period.end - period.start
    assert all(start < end for start, end, _ in strip)
    assert all(here[1] == there[0] and here[2] != there[2] for here, there in pairwise(strip))
    for start, end, name in strip:
        for moment in (start, end - 1):
            expected = "upper" if covered(upper, moment) else "lower" if covered(lower, moment) else "ground"
            assert name == expected
