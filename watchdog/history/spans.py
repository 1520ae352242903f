"""Spans: the same verdict again extends the one before. Takes part in the transaction of who calls."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, func, update
from sqlalchemy.dialects.sqlite import insert

from watchdog.history.connect import source_of
from watchdog.history.models import SPANS
from watchdog.history.queries import LATEST_SPANS
from watchdog.history.rows import Values
from watchdog.history.source import ask
from watchdog.history.statement import run_each
from watchdog.model import CheckResult, Stamp

EXTEND_SPAN = (
    update(SPANS)
    .where(SPANS.c.id == bindparam("span_id"))
    .values(
        last_boottime_ns=bindparam("boottime_ns"),
        last_wall_ns=bindparam("wall_ns"),
        count=SPANS.c.count + bindparam("more"),
        longest_gap_ns=func.max(SPANS.c.longest_gap_ns, bindparam("gap_ns")),
    )
)
_BEGIN_SPAN = insert(SPANS)


def write_spans(
    connection: Connection,
    results: Iterable[CheckResult],
    check_ids: Mapping[str, int],
    boot: int,
    now: Stamp,
    gap_seconds: float,
) -> None:
    """Record what each check said: longer the same, or from now on."""
    latest = {row["check_id"]: row for row in ask(source_of(connection), LATEST_SPANS)}
    extended, begun = [], []
    for result in results:
        check_id, reason = check_ids[result.check], span_reason(result)
        span = latest.get(check_id)
        said = (boot, result.verdict.value, reason)
        gap_ns = now.boottime_ns - span["last_boottime_ns"] if span else 0
        if (
            span
            and (span["last_boot"], span["verdict"], span["reason"]) == said
            and 0 <= gap_ns <= gap_seconds * 1e9
        ):
            extended.append(span_extension(span["id"], now, 1, gap_ns))
        else:
            begun.append(span_values(check_id, result.verdict.value, reason, boot, now))
    run_each(connection, EXTEND_SPAN, extended)
    run_each(connection, _BEGIN_SPAN, begun)


def span_reason(result: CheckResult) -> str:
    """Say why a check could not judge, all of it or some subjects."""
    return result.reason or "; ".join(f"{part.subject}: {part.reason}" for part in result.unseen)


def span_values(check_id: int, verdict: str, reason: str, boot: int, now: Stamp) -> Values:
    """Return the row of a span that begins."""
    return {
        "check_id": check_id,
        "verdict": verdict,
        "reason": reason,
        "boot": boot,
        "first_boottime_ns": now.boottime_ns,
        "first_wall_ns": now.wall_ns,
        "last_boottime_ns": now.boottime_ns,
        "last_wall_ns": now.wall_ns,
        "count": 1,
        "longest_gap_ns": 0,
    }


def span_extension(span_id: int, now: Stamp, count: int, gap_ns: int) -> Values:
    """Return the parameters of EXTEND_SPAN: seen `count` times more, at most `gap_ns` apart, last now."""
    return {
        "span_id": span_id,
        "boottime_ns": now.boottime_ns,
        "wall_ns": now.wall_ns,
        "more": count,
        "gap_ns": gap_ns,
    }
