"""What was watched, and what was said how long: pure arithmetic over spans."""

from collections.abc import Iterable
from itertools import groupby, zip_longest
from operator import attrgetter

from watchdog.history.ledger import Ledger, Moment
from watchdog.history.records import Coverage, Span
from watchdog.model import Verdict


def cover(spans: Iterable[Span], ledger: Ledger, since: Moment, gap_seconds: float) -> tuple[Coverage, ...]:
    """Sum up spans by check; they come ordered by check, then time.

    Between two spans of one boot that are at most `gap_seconds` apart the earlier verdict held. What lies before
    `since` does not count; the runs of a span that began before it count in proportion.
    """
    by_check = groupby(spans, attrgetter("check"))
    return tuple(_cover(check, tuple(own), ledger, since, gap_seconds) for check, own in by_check)


def _cover(check: str, spans: tuple[Span, ...], ledger: Ledger, since: Moment, gap_seconds: float) -> Coverage:
    seconds: dict[Verdict, float] = {}
    runs = 0
    for span, following in zip_longest(spans, spans[1:]):
        first_ns, last_ns = span.first.boottime_ns, span.last.boottime_ns
        start_ns = max(first_ns, since.boottime_ns) if ledger.moment(span.first).boot == since.boot else first_ns
        runs += (
            round(span.count * (last_ns - start_ns) / (last_ns - first_ns)) if start_ns > first_ns else span.count
        )
        held = last_ns - start_ns + _until(span, following, gap_seconds)
        seconds[span.verdict] = seconds.get(span.verdict, 0.0) + held / 1e9
    return Coverage(
        check=check,
        watched_seconds=sum(seconds.values()),
        runs=runs,
        verdict_seconds={verdict: seconds[verdict] for verdict in Verdict if verdict in seconds},
        reasons=tuple(dict.fromkeys(span.reason for span in spans if span.reason)),
    )


def _until(span: Span, following: Span | None, gap_seconds: float) -> int:
    """Return the nanoseconds for which a span's verdict held until the next one's began."""
    if following is None or following.first.boot_id != span.last.boot_id:
        return 0
    gap_ns = following.first.boottime_ns - span.last.boottime_ns
    return gap_ns if 0 <= gap_ns <= gap_seconds * 1e9 else 0
