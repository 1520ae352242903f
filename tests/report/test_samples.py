"""What was measured before the period is not of it, though the record reaches back twice as far."""

from pathlib import Path

from tests.report.histories import Recorder
from watchdog.model import Metric


def test_what_was_measured_before_the_period_is_no_part_of_it(tmp_path: Path) -> None:
    host = Recorder(path=tmp_path / "history.db", checks=("clock_sync",))
    for value in (0.5, 0.001, 0.002):
        host.look(metrics={"clock_sync": Metric(subject="clock", name="offset_seconds", value=value)})
        host.now_seconds += 2 * 3600
    host.history.close()
    whole, late, early = host.report("7h"), host.report("5h"), host.report("1h")
    assert whole.clock.offset is not None
    assert whole.clock.offset.maximum == 0.5
    assert late.clock.offset is not None
    assert (late.clock.offset.maximum, late.clock.offset.samples) == (0.002, 2)
    assert [len(series.points) for series in late.series] == [2]
    assert early.clock.offset is None
