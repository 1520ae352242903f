"""Metrics roll up by minute and by hour, both at once. Takes part in the transaction of who calls."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects.sqlite import insert

from watchdog.history.models import METRICS, SERIES
from watchdog.history.records import HOUR_SECONDS, MINUTE_SECONDS
from watchdog.history.rows import Values
from watchdog.history.statement import run_each
from watchdog.model import CheckResult, Stamp

_rolled = insert(METRICS)
ROLL_UP = _rolled.on_conflict_do_update(
    index_elements=[column.name for column in METRICS.primary_key],
    set_={
        "count": METRICS.c.count + _rolled.excluded["count"],
        "minimum": func.min(METRICS.c.minimum, _rolled.excluded.minimum),
        "maximum": func.max(METRICS.c.maximum, _rolled.excluded.maximum),
        "total": METRICS.c.total + _rolled.excluded.total,
        "last": _rolled.excluded.last,
    },
)
_NAME_SERIES = insert(SERIES)
_SERIES_OF = select(SERIES).where(SERIES.c.check_id.in_(bindparam("check_ids", expanding=True)))


class SeriesKey(NamedTuple):
    """What tells one metric from another."""

    check_id: int
    subject: str
    name: str


def write_metrics(
    connection: Connection, results: Iterable[CheckResult], check_ids: Mapping[str, int], boot: int, now: Stamp
) -> None:
    """Add this cycle's numbers to their minute and to their hour."""
    samples = list(_samples(results, check_ids))
    if not samples:
        return
    ids = name_series(connection, [key for key, _ in samples])
    rows = [
        metric_values(resolution, boot, now, ids[key], (value,))
        for resolution in (MINUTE_SECONDS, HOUR_SECONDS)
        for key, value in samples
    ]
    run_each(connection, ROLL_UP, rows)


def _samples(results: Iterable[CheckResult], check_ids: Mapping[str, int]) -> Iterator[tuple[SeriesKey, float]]:
    """Yield the numbers that can be summed: NaN and infinity would spoil a whole bucket, a huge int is neither."""
    for result in results:
        for metric in result.metrics:
            try:
                value = float(metric.value)
            except OverflowError:
                continue
            if math.isfinite(value):
                yield SeriesKey(check_ids[result.check], metric.subject, metric.name), value


def name_series(connection: Connection, keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
    """Return the ids of these series, having named those that are new."""
    wanted = set(keys)
    ids = _series_of(connection, {key.check_id for key in wanted})
    if new := sorted(wanted - ids.keys()):
        run_each(connection, _NAME_SERIES, [key._asdict() for key in new])
        ids = _series_of(connection, {key.check_id for key in wanted})
    return ids


def _series_of(connection: Connection, check_ids: set[int]) -> dict[SeriesKey, int]:
    rows = connection.execute(_SERIES_OF, {"check_ids": sorted(check_ids)})
    return {SeriesKey(row.check_id, row.subject, row.name): row.id for row in rows}


def metric_values(
    resolution_seconds: int, boot: int, first: Stamp, series_id: int, values: tuple[float, ...]
) -> Values:
    """Return the parameters of ROLL_UP: these values, in their order, fell into the bucket of `first`."""
    return {
        "resolution_seconds": resolution_seconds,
        "boot": boot,
        "bucket": first.boottime_ns // (resolution_seconds * 1_000_000_000),
        "series_id": series_id,
        "wall_seconds": first.wall_ns // 1_000_000_000,
        "count": len(values),
        "minimum": min(values),
        "maximum": max(values),
        "total": sum(values),
        "last": values[-1],
    }
