from pathlib import Path

import pytest

from tests.history.make import at, cycle, open_history, result
from watchdog.history.read import Reader
from watchdog.model import CheckResult, Stamp, Unseen

pytestmark = pytest.mark.usefixtures("made_once")

Row = tuple[str, str, str, float, float, int, float]


def spans_after(path: Path, runs: list[tuple[Stamp, CheckResult]], **keep: float) -> list[Row]:
    for now, said in runs:
        with open_history(path, now, **keep) as history:
            history.record(cycle(now, said))
    with Reader.open(path) as reader:
        return [
            (
                span.verdict.value,
                span.reason,
                span.first.boot_id,
                span.first.boottime_ns / 1e9,
                span.last.boottime_ns / 1e9,
                span.count,
                span.longest_gap_seconds,
            )
            for span in reader.spans(None, None, runs[-1][0])
        ]


OK, WARNING = result(), result(verdict="warning")


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param([(at(10), OK)], [("ok", "", "boot-a", 10, 10, 1, 0)], id="one-run"),
        pytest.param(
            [(at(10), OK), (at(40), OK), (at(100), OK), (at(130), OK)],
            [("ok", "", "boot-a", 10, 130, 4, 60)],
            id="the-same-again-extends",
        ),
        pytest.param(
            [(at(10), OK), (at(40), WARNING), (at(70), OK)],
            [
                ("ok", "", "boot-a", 10, 10, 1, 0),
                ("warning", "", "boot-a", 40, 40, 1, 0),
                ("ok", "", "boot-a", 70, 70, 1, 0),
            ],
            id="another-verdict-breaks",
        ),
        pytest.param(
            [
                (at(10), result(verdict="unknown", reason="needs CAP_NET_RAW")),
                (at(40), result(verdict="unknown", reason="hung")),
            ],
            [
                ("unknown", "needs CAP_NET_RAW", "boot-a", 10, 10, 1, 0),
                ("unknown", "hung", "boot-a", 40, 40, 1, 0),
            ],
            id="another-reason-breaks",
        ),
        pytest.param(
            [(at(10), OK), (at(110), OK)],
            [("ok", "", "boot-a", 10, 110, 2, 100)],
            id="a-silence-just-short-enough",
        ),
        pytest.param(
            [(at(10), OK), (at(110.1), OK)],
            [("ok", "", "boot-a", 10, 10, 1, 0), ("ok", "", "boot-a", 110.1, 110.1, 1, 0)],
            id="a-silence-too-long",
        ),
        pytest.param(
            [(at(10), OK), (at(20, "boot-b"), OK)],
            [("ok", "", "boot-a", 10, 10, 1, 0), ("ok", "", "boot-b", 20, 20, 1, 0)],
            id="another-boot-breaks",
        ),
        pytest.param(
            [(at(10), OK), (at(5), OK)],
            [("ok", "", "boot-a", 10, 10, 1, 0), ("ok", "", "boot-a", 5, 5, 1, 0)],
            id="a-clock-that-went-back-breaks",
        ),
    ],
)
def test_spans(path: Path, runs: list[tuple[Stamp, CheckResult]], expected: list[Row]) -> None:
    assert spans_after(path, runs, gap_seconds=100) == expected


def test_the_wall_clock_has_no_say(path: Path) -> None:
    """A step of the wall clock between two runs neither breaks a span nor shortens it."""
    later = at(40)
    stepped = Stamp(boot_id=later.boot_id, boottime_ns=later.boottime_ns, wall_ns=later.wall_ns - 10**18)
    assert spans_after(path, [(at(10), OK), (stepped, OK)]) == [("ok", "", "boot-a", 10, 40, 2, 30)]


def test_each_check_has_its_own(path: Path) -> None:
    with open_history(path) as history:
        history.record(cycle(at(10), result("bond"), result("vrrp")))
        history.record(cycle(at(40), result("vrrp", verdict="critical"), result("bond")))
        history.record(cycle(at(70), result("vrrp", verdict="critical")))
    with Reader.open(path) as reader:
        spans = [(s.check, s.verdict.value, s.count) for s in reader.spans(None, None, at(70))]
        assert spans == [("bond", "ok", 2), ("vrrp", "ok", 1), ("vrrp", "critical", 2)]
        assert [(s.check, s.verdict.value) for s in reader.latest_spans()] == [
            ("bond", "ok"),
            ("vrrp", "critical"),
        ]
        assert [s.check for s in reader.spans("vrrp", None, at(70))] == ["vrrp", "vrrp"]


def test_what_could_not_be_seen_is_the_reason(path: Path) -> None:
    said = CheckResult(check="bond", judged=True, unseen=(Unseen(subject="bond0", reason="gone while read"),))
    assert spans_after(path, [(at(10), said)]) == [("unknown", "bond0: gone while read", "boot-a", 10, 10, 1, 0)]


@pytest.mark.parametrize(
    ("since", "checks"),
    [
        pytest.param(None, ["ok", "warning", "ok"], id="ever"),
        pytest.param(80, ["ok", "warning", "ok"], id="just-so-long-that-the-first-reaches-in"),
        pytest.param(79, ["warning", "ok"], id="just-not"),
        pytest.param(20, ["ok"], id="the-last-only"),
    ],
)
def test_the_spans_of_a_period(path: Path, since: float | None, checks: list[str]) -> None:
    spans_after(path, [(at(10), OK), (at(20), OK), (at(50), WARNING), (at(100), OK)])
    with Reader.open(path) as reader:
        assert [span.verdict.value for span in reader.spans(None, since, at(100))] == checks
