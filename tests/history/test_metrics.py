import math
from pathlib import Path

import pytest

from tests.history.make import EPOCH_NS, at, cycle, open_history, result
from watchdog.history.read import Reader
from watchdog.history.records import HOUR_SECONDS, MINUTE_SECONDS
from watchdog.model import CheckResult, Metric, Stamp

pytestmark = pytest.mark.usefixtures("made_once")

Bucket = tuple[str, float, int, float, float, float, float]


def rolled_up(path: Path, resolution_seconds: int) -> list[Bucket]:
    with Reader.open(path) as reader:
        return [
            (m.start.boot_id, m.start.boottime_ns / 1e9, m.count, m.minimum, m.maximum, m.total, m.last)
            for m in reader.metrics("bond", None, at(0, "boot-z"), resolution_seconds)
        ]


def record(path: Path, runs: list[tuple[Stamp, float]]) -> None:
    with open_history(path) as history:
        for now, value in runs:
            history.record(cycle(now, result(offset_seconds=value)))


@pytest.mark.parametrize(
    ("runs", "minutes", "hours"),
    [
        pytest.param(
            [(at(59.9), 1.5)],
            [("boot-a", 0, 1, 1.5, 1.5, 1.5, 1.5)],
            [("boot-a", 0, 1, 1.5, 1.5, 1.5, 1.5)],
            id="one-value",
        ),
        pytest.param(
            [(at(60), 4), (at(90), -2), (at(119), 1)],
            [("boot-a", 60, 3, -2, 4, 3, 1)],
            [("boot-a", 0, 3, -2, 4, 3, 1)],
            id="in-one-minute",
        ),
        pytest.param(
            [(at(119), 4), (at(120), -2)],
            [("boot-a", 60, 1, 4, 4, 4, 4), ("boot-a", 120, 1, -2, -2, -2, -2)],
            [("boot-a", 0, 2, -2, 4, 2, -2)],
            id="in-two-minutes-of-one-hour",
        ),
        pytest.param(
            [(at(3599), 4), (at(3600), -2)],
            [("boot-a", 3540, 1, 4, 4, 4, 4), ("boot-a", 3600, 1, -2, -2, -2, -2)],
            [("boot-a", 0, 1, 4, 4, 4, 4), ("boot-a", 3600, 1, -2, -2, -2, -2)],
            id="in-two-hours",
        ),
        pytest.param(
            [(at(10), 4), (at(10, "boot-b"), -2)],
            [("boot-a", 0, 1, 4, 4, 4, 4), ("boot-b", 0, 1, -2, -2, -2, -2)],
            [("boot-a", 0, 1, 4, 4, 4, 4), ("boot-b", 0, 1, -2, -2, -2, -2)],
            id="each-boot-has-its-own",
        ),
        pytest.param(
            [(at(10), math.nan), (at(20), math.inf), (at(30), 1), (at(40), -math.inf), (at(50), 10**400)],
            [("boot-a", 0, 1, 1, 1, 1, 1)],
            [("boot-a", 0, 1, 1, 1, 1, 1)],
            id="what-cannot-be-summed-is-left-out",
        ),
        pytest.param(
            [(at(10), 1e308), (at(20), 1e308)],
            [("boot-a", 0, 2, 1e308, 1e308, math.inf, 1e308)],
            [("boot-a", 0, 2, 1e308, 1e308, math.inf, 1e308)],
            id="a-sum-may-overflow",
        ),
    ],
)
def test_roll_up(path: Path, runs: list[tuple[Stamp, float]], minutes: list[Bucket], hours: list[Bucket]) -> None:
    record(path, runs)
    assert rolled_up(path, MINUTE_SECONDS) == minutes
    assert rolled_up(path, HOUR_SECONDS) == hours


def test_people_see_the_wall_clock_of_the_first_value(path: Path) -> None:
    record(path, [(at(61), 1), (at(90), 1)])
    with Reader.open(path) as reader:
        (minute,) = reader.metrics("bond", None, at(90), MINUTE_SECONDS)
    assert minute.start.wall_ns == EPOCH_NS + 61_000_000_000
    assert minute.mean == 1


def test_series_are_told_apart_by_check_subject_and_name(path: Path) -> None:
    def said(check: str) -> CheckResult:
        names = [("eth0", "errors"), ("eth0", "drops"), ("eth1", "errors")]
        metrics = tuple(Metric(subject=s, name=n, value=k) for k, (s, n) in enumerate(names))
        return CheckResult(check=check, judged=True, metrics=metrics)

    with open_history(path) as history:
        history.record(cycle(at(10), said("bond")))
        history.record(cycle(at(20), said("bond"), said("vrrp")))
    with Reader.open(path) as reader:
        assert [(m.subject, m.name, m.count, m.total) for m in reader.metrics("bond", None, at(20))] == [
            ("eth0", "drops", 2, 2),
            ("eth0", "errors", 2, 0),
            ("eth1", "errors", 2, 4),
        ]
        assert [m.count for m in reader.metrics("vrrp", None, at(20))] == [1, 1, 1]
        assert reader.metrics("clock_sync", None, at(20)) == ()


def test_the_metrics_of_a_period(path: Path) -> None:
    record(path, [(at(30), 1), (at(90), 2), (at(150), 3)])
    with Reader.open(path) as reader:
        asked = {since: reader.metrics("bond", since, at(170), MINUTE_SECONDS) for since in (20, 60, 140, None)}
    assert {since: [m.last for m in found] for since, found in asked.items()} == {
        20: [3],
        60: [2, 3],  # the minute that the period begins in counts
        140: [1, 2, 3],
        None: [1, 2, 3],
    }
