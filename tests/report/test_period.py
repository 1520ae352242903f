"""The ends of a report's period: the last look holds until now, a boot that nobody looked in, an empty period."""

from datetime import UTC
from pathlib import Path

import pytest

from tests.report.histories import GAP_SECONDS, Recorder
from watchdog.errors import WatchdogError
from watchdog.report.audit.scene import Filters
from watchdog.report.html import render_html
from watchdog.report.page import render_plain
from watchdog.report.told.letter import compose
from watchdog.report.told.whole import render_report
from watchdog.report.zone import Eyes
from watchdog.units import Duration


@pytest.fixture
def host(tmp_path: Path) -> Recorder:
    host = Recorder(path=tmp_path / "history.db", checks=("bond",), now_seconds=0.0)
    host.look()
    host.pass_time(600)
    host.find("bond.member_down", "bond0/eth1", "eth1 is down")
    host.pass_time(60)
    return host


@pytest.mark.parametrize(
    ("silent_seconds", "watched_seconds"),
    [
        pytest.param(0.0, 660.0, id="looked-just-now"),
        pytest.param(40.0, 700.0, id="between-two-looks"),
        pytest.param(GAP_SECONDS, 660.0 + GAP_SECONDS, id="as-long-as-a-look-counts"),
        pytest.param(GAP_SECONDS + 1, 660.0, id="longer"),
    ],
)
def test_what_a_check_said_last_holds_until_now(
    host: Recorder, silent_seconds: float, watched_seconds: float
) -> None:
    host.now_seconds += silent_seconds
    report = host.report()
    assert report.totals.watched_seconds == pytest.approx(watched_seconds)
    assert [gap.seconds for gap in report.gaps] == ([silent_seconds] if silent_seconds > GAP_SECONDS else [])
    (subject,) = report.subjects
    assert subject.degraded_seconds == pytest.approx(watched_seconds - 660.0)


def test_what_was_said_before_a_reboot_does_not_hold_after_it(host: Recorder) -> None:
    host.reboot()
    report = host.report()
    assert report.totals.watched_seconds == pytest.approx(660.0)
    assert [gap.seconds for gap in report.gaps] == [10.0]
    # Nobody has looked on this boot yet, so the history does not know it.
    assert report.ended_at == report.at


def test_how_long_before_it_was_found_nobody_knows_where_no_look_of_that_boot_came_before(host: Recorder) -> None:
    host.reboot()
    host.find("bond.member_down", "bond0/eth2", "eth2 is down")
    host.look()
    host.find("bond.member_down", "bond0/eth3", "eth3 is down")
    host.pass_time(60)
    found = {one.subject: one.detected_within_seconds for one in host.report().incidents}
    assert found == {"bond0/eth1": 60.0, "bond0/eth2": None, "bond0/eth3": 60.0}


def test_of_what_is_open_a_limit_leaves_the_worst_and_of_the_rest_the_newest(host: Recorder) -> None:
    for name in ("eth2", "eth3"):
        host.find("bond.member_down", f"bond0/{name}", "it is down")
        host.pass_time(60)
    for name in ("eth1", "eth2"):
        host.cure("bond.member_down", f"bond0/{name}")
        host.pass_time(600)
    host.find("bond.down", "bond0", "no member is up")
    host.pass_time(60)
    host.find("bond.member_down", "bond0/eth4", "it is down")
    host.pass_time(600)
    told = [[one.subject for one in host.report(most_incidents=most).incidents] for most in (1, 2, 4)]
    assert told == [["bond0"], ["bond0", "bond0/eth4"], ["bond0/eth2", "bond0/eth3", "bond0", "bond0/eth4"]]


def test_what_is_open_of_a_period_that_is_over_is_said_to_be_of_it(host: Recorder) -> None:
    now, then = host.report(), host.report("660s", until=Duration.parse("120s"))
    of_then = ", of what was within this period"
    assert "\nnow  1 incident open, the worst is warning\n" in render_plain(render_report(now, Eyes(UTC)))
    assert f"\nnow  nothing is open{of_then}\n" in render_plain(render_report(then, Eyes(UTC)))
    assert ">1 incident is open.</p>" in render_html(now, UTC)
    assert f">Nothing is open{of_then}.</p>" in render_html(then, UTC)
    assert compose(now, Eyes(UTC)).summary.endswith("; 1 incident still open")
    assert compose(then, Eyes(UTC)).summary.endswith("; nothing of it is open now")


@pytest.mark.parametrize(
    ("since", "compared"),
    [
        pytest.param("400s", False, id="the-history-is-younger"),
        pytest.param("300s", True, id="it-reaches-so-far"),
    ],
)
def test_no_format_compares_with_what_the_history_does_not_cover(
    host: Recorder, since: str, compared: bool
) -> None:
    report = host.report(since)
    assert report.before is not None
    assert ("(before: " in render_plain(render_report(report, Eyes(UTC)))) is compared
    assert (">before: " in render_html(report, UTC)) is compared


@pytest.mark.parametrize(
    ("most", "said"),
    [
        pytest.param(None, "the last 20 of them; ", id="all"),
        pytest.param(2, "the last 2 of them; ", id="fewer"),
        pytest.param(1, "the last of them; ", id="one"),
    ],
)
def test_of_many_steps_it_says_how_many_of_the_last_are_told(tmp_path: Path, most: int | None, said: str) -> None:
    host = Recorder(path=tmp_path / "history.db", checks=("clock_step",), now_seconds=0.0)
    host.look()
    for _ in range(25):
        host.step(-1.0)
        host.pass_time(60)
    text = render_plain(render_report(host.report(most_incidents=most), Eyes(UTC)))
    assert "\nset 25 times" in text
    assert f"\n{said}" in text
    assert text.count("1.0 s too late") == (20 if most is None else most)


def test_a_period_that_ends_before_it_begins_is_refused_of_a_young_history_too(host: Recorder) -> None:
    with pytest.raises(WatchdogError, match="--until lies before --since"):
        host.report("1d", until=Duration.parse("2d"))


def test_a_report_of_one_name_is_headed_by_it(host: Recorder) -> None:
    host.reboot()
    host.name = "mx2"
    host.look()
    text = render_plain(render_report(host.report(filters=Filters(hosts=("mx2",))), Eyes(UTC)))
    assert text.startswith("mx2: ")
