"""Whatever happens to a host, the sums of its report add up."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.report.histories import Recorder
from watchdog.report.audit.shape import Report
from watchdog.report.page import render_plain
from watchdog.report.told.whole import render_report
from watchdog.report.zone import Eyes, find_zone
from watchdog.units import Duration

pytestmark = pytest.mark.program  # takes many seconds

FAULTS = ("bond.member_down", "vrrp.split_brain", "service.down")
SECONDS = st.sampled_from((1.0, 30.0, 899.0, 901.0, 7200.0, 200_000.0))
LEEWAY_SECONDS = 1e-3


class AnyHost(RuleBasedStateMachine):
    """Looks, waits, steps of the clock, reboots, crashes, and a host that is set back to a snapshot."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="watchdog-sums-"))
        self.host = Recorder(path=self.folder / "history.db", checks=("bond", "clock_step", "service", "vrrp"))
        self.host.look()

    def teardown(self) -> None:
        self.host.history.close()
        shutil.rmtree(self.folder)

    @rule(fault=st.sampled_from(FAULTS), subject=st.sampled_from(("a", "b")))
    def break_or_mend(self, fault: str, subject: str) -> None:
        if f"{fault} {subject}" in self.host.bad.get(fault.partition(".")[0], {}):
            self.host.cure(fault, subject)
        else:
            self.host.find(fault, subject, "broken")
        self.host.look()

    @rule(seconds=SECONDS)
    def wait_and_look(self, seconds: float) -> None:
        self.host.now_seconds += seconds
        self.host.look()

    @rule()
    def watch_for_hours(self) -> None:
        self.host.pass_time(3 * 3600, 890)

    @rule(check=st.sampled_from(("bond", "service")))
    def look_blind(self, check: str) -> None:
        self.host.now_seconds += 60
        self.host.look(blind={check: "may not look"})

    @rule(seconds=st.sampled_from((-1e6, -18.0, 0.6, 40.0, 1e6)))
    def set_the_clock(self, seconds: float) -> None:
        self.host.step(seconds, "somebody")

    @rule()
    def reboot(self) -> None:
        self.host.reboot()
        self.host.look()

    @rule()
    def crash(self) -> None:
        self.host.crash()

    @rule()
    def back_to_a_snapshot(self) -> None:
        """The boot goes on from before: its history alone is newer."""
        self.host.now_seconds = max(10.0, self.host.now_seconds - 500)
        self.host.look()

    @invariant()
    def the_sums_add_up(self) -> None:
        for since, until in (("1h", None), ("30d", None), ("30d", Duration.parse("2h"))):
            check_sums(self.host.report(since, until=until))


def check_sums(report: Report) -> None:
    whole = report.since_seconds
    for one in (*report.subjects, *report.checks):
        parts = (one.ok_seconds, one.degraded_seconds, one.down_seconds, one.unknown_seconds)
        assert all(0 <= part <= whole + LEEWAY_SECONDS for part in parts), one
        assert sum(parts) == pytest.approx(whole, abs=LEEWAY_SECONDS), one
        assert sum(stretch.seconds for stretch in one.strip) == pytest.approx(whole, abs=LEEWAY_SECONDS)
        ends = [stretch.begins_seconds + stretch.seconds for stretch in one.strip[:-1]]
        assert ends == pytest.approx([stretch.begins_seconds for stretch in one.strip[1:]], abs=LEEWAY_SECONDS)
        assert one.up is None or 0 <= one.up <= 1
    for check in report.coverage:
        assert 0 <= check.watched_seconds <= whole + LEEWAY_SECONDS
        assert 0 <= check.share <= 1
        assert all(0 <= seconds <= whole + LEEWAY_SECONDS for seconds in check.verdict_seconds.values())
    assert report.totals.watched_seconds + sum(gap.seconds for gap in report.gaps) == pytest.approx(
        whole, abs=LEEWAY_SECONDS
    )
    assert report.totals.down_seconds == pytest.approx(sum(one.down_seconds for one in report.subjects))
    for one in report.incidents:
        assert one.duration_seconds >= 0
        assert 0 <= one.begins_seconds <= whole + LEEWAY_SECONDS
        assert one.detected_within_seconds is None or one.detected_within_seconds >= 0
        assert all(change.after_seconds >= 0 for change in one.timeline)
    assert report.clock.sum_seconds == pytest.approx(sum(step.seconds for step in report.clock.steps))
    assert report.clock.steps_back + report.clock.steps_ahead == len(report.clock.steps) == report.totals.steps
    assert max(Counter(one.id for one in report.incidents).values(), default=1) == 1
    render_plain(render_report(report, Eyes(find_zone("Europe/Berlin")), details=True))


AnyHost.TestCase.settings = settings(
    max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnyHost = AnyHost.TestCase
