import sqlite3
from pathlib import Path

import pytest

from bench.year import Tale, write_run_by_run, write_year
from watchdog.history.models import METADATA
from watchdog.history.records import Keep

pytestmark = pytest.mark.program

# Every kind of thing happens, several times over, in each; minutes and incidents grow old.
SLICES = [
    pytest.param(
        Tale(
            runs=1200,
            runs_between_incidents=80,
            runs_in_a_boot=450,
            keep=Keep(minute_retention_seconds=2 * 3600, retention_seconds=8 * 3600),
        ),
        id="half-a-day-at-its-pace",
    ),
    pytest.param(
        Tale(
            runs=1000,
            every_seconds=300,
            runs_between_incidents=70,
            runs_in_a_boot=330,
            keep=Keep(minute_retention_seconds=20 * 3600, retention_seconds=60 * 3600),
        ),
        id="three-days-at-a-slower-one",
    ),
]


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with sqlite3.connect(path) as raw:
        found = {name: raw.execute(f"SELECT * FROM {name}").fetchall() for name in METADATA.tables}  # noqa: S608
        # When the file was last looked through is no part of the tale.
        found["upkeep"] = raw.execute(
            "SELECT next_incident_id, pruned_boot, pruned_boottime_ns FROM upkeep"
        ).fetchall()
    raw.close()
    return found


@pytest.mark.parametrize("tale", SLICES)
def test_the_synthetic_year_is_what_recording_would_have_written(tmp_path: Path, tale: Tale) -> None:
    fast, slow = tmp_path / "fast.db", tmp_path / "slow.db"
    write_year(fast, tale)
    write_run_by_run(slow, tale)
    written, expected = rows(fast), rows(slow)
    for table, found in expected.items():
        assert written[table] == found, table
    empty = {table for table, found in expected.items() if not found}
    assert empty == {"acks", "attempts", "audit", "configurations", "holds", "journal", "tracks"}
