"""clock_step judges two readings of the clocks; every case is a pair of them and the full expected list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.clock_step import CHECK, ClockFacts, ClockStepSettings
from watchdog.host import Host
from watchdog.model import Finding, Metric, Note, Severity

S = 10**9
DAY = 86_400
START = 1_790_000_000 * S  # a wall clock in 2026


def reading(up: float, wall: float, boot: str = "boot-a") -> ClockFacts:
    """Return the reading `up` seconds after boot, `wall` seconds after START by the wall clock."""
    return ClockFacts(boot_id=boot, boottime_ns=round(up * S), wall_ns=START + round(wall * S))


def judged(facts: ClockFacts, before: ClockFacts | None, **settings: float) -> list[tuple[str, str]]:
    """Return what was judged as (kind or fault, severity), metrics left out."""
    out = []
    for item in CHECK.judge(facts, before, ClockStepSettings(**settings)):
        if isinstance(item, Finding):
            out.append((item.fault.partition(".")[2], item.severity.value))
        elif isinstance(item, Note):
            out.append(("note", ""))
    return out


@pytest.mark.parametrize(
    ("facts", "before", "expected"),
    [
        pytest.param(reading(100, 100), None, [("note", "")], id="first-run-has-nothing-to-compare"),
        pytest.param(reading(160, 160), reading(100, 100), [], id="no-step"),
        pytest.param(reading(100 + 30 * DAY, 30 * DAY), reading(100, 0), [], id="no-step-in-a-month"),
        pytest.param(reading(160, 60.0009), reading(100, 0), [], id="less-than-the-noise-floor"),
        pytest.param(reading(160, 60.001), reading(100, 0), [("note", "")], id="a-millisecond-is-noted"),
        pytest.param(reading(160, 59.8), reading(100, 0), [("note", "")], id="back-0.2-noted-not-alerted"),
        pytest.param(reading(160, 59.500001), reading(100, 0), [("note", "")], id="back-just-below-alert"),
        pytest.param(reading(160, 59.5), reading(100, 0), [("backward", "warning")], id="back-at-alert"),
        pytest.param(reading(160, 59.4), reading(100, 0), [("backward", "warning")], id="back-above-alert"),
        pytest.param(
            reading(160, 55.000001), reading(100, 0), [("backward", "warning")], id="back-dovecot-sleeps"
        ),
        pytest.param(reading(160, 55), reading(100, 0), [("backward", "critical")], id="back-dovecot-dies"),
        pytest.param(reading(160, 42), reading(100, 0), [("backward", "critical")], id="back-18"),
        pytest.param(reading(160, -DAY), reading(100, 0), [("backward", "critical")], id="back-a-day"),
        pytest.param(reading(160, 60 + 29.999), reading(100, 0), [("note", "")], id="ahead-just-below-alert"),
        pytest.param(reading(160, 60 + 30), reading(100, 0), [("forward", "warning")], id="ahead-at-alert"),
        pytest.param(reading(160, 3660), reading(100, 0), [("forward", "warning")], id="ahead-an-hour"),
        pytest.param(
            reading(160, 60 + 50 * 365 * DAY), reading(100, 0), [("forward", "warning")], id="ahead-50-years"
        ),
        pytest.param(reading(160, 61), reading(100, 0), [("note", "")], id="leap-second-deleted"),
        pytest.param(reading(8 * 3600, 8 * 3600), reading(100, 100), [], id="suspend-counts-in-boottime"),
        pytest.param(reading(20, 200, "boot-b"), reading(100, 100), [], id="reboot-time-went-on"),
        pytest.param(reading(20, 120, "boot-b"), reading(100, 100), [], id="reboot-at-the-same-moment"),
        pytest.param(reading(20, 119.51, "boot-b"), reading(100, 100), [], id="reboot-back-below-alert"),
        pytest.param(
            reading(20, 119.5, "boot-b"),
            reading(100, 100),
            [("backward_across_reboot", "warning")],
            id="reboot-back",
        ),
        pytest.param(
            reading(20, -5 * DAY, "boot-b"),
            reading(100, 100),
            [("backward_across_reboot", "warning")],
            id="reboot-with-a-dead-rtc-battery",
        ),
        pytest.param(
            reading(9000, 9160, "boot-b"),
            reading(100, 100),
            [],
            id="reboot-rtc-wrong-but-ntp-put-it-right-before-us",
        ),
    ],
)
def test_judge(facts: ClockFacts, before: ClockFacts | None, expected: list[tuple[str, str]]) -> None:
    assert judged(facts, before) == expected


def test_thresholds_are_settings() -> None:
    facts, before = reading(160, 59.8), reading(100, 0)
    assert judged(facts, before, alert_backward=0.1) == [("backward", "warning")]
    assert judged(facts, before, alert_backward=0.1, critical_backward=0.2) == [("backward", "critical")]


def test_what_a_person_reads() -> None:
    (metric, finding) = CHECK.judge(reading(160, 42), reading(100, 0), ClockStepSettings())
    assert metric == Metric(subject="clock", name="step_seconds", value=-18.0)
    assert isinstance(finding, Finding)
    assert finding.summary == (
        "clock went back 18.0 s within the last 60.0 s, now 2026-09-21T14:14:02.000Z (alert at 0.5 s);"
        " beyond 5.0 s Dovecot kills its sessions and databases may refuse to go on"
    )
    assert finding.evidence["wall_before_step"] == "2026-09-21T14:14:20.000Z"
    assert finding.evidence["step_seconds"] == -18.0


@given(
    step_ns=st.integers(-(10**18), 10**18),
    up_ns=st.integers(0, 10**17),
    passed_ns=st.integers(0, 10**17),
)
def test_a_step_is_measured_to_the_nanosecond_whatever_time_passed(
    step_ns: int, up_ns: int, passed_ns: int
) -> None:
    before = ClockFacts(boot_id="a", boottime_ns=up_ns, wall_ns=START + up_ns)
    after = ClockFacts(boot_id="a", boottime_ns=up_ns + passed_ns, wall_ns=START + up_ns + passed_ns + step_ns)
    (metric, *rest) = CHECK.judge(after, before, ClockStepSettings())
    assert isinstance(metric, Metric)
    assert metric.value == (step_ns / 1e9 if abs(step_ns) >= 1_000_000 else 0)
    assert len(rest) == (metric.value != 0)
    assert all(
        item.severity is Severity.CRITICAL for item in rest if isinstance(item, Finding) and metric.value <= -5
    )


def test_this_machine_does_not_step_while_we_look() -> None:
    host, settings = Host(), ClockStepSettings()
    before = CHECK.observe(host, settings)
    facts = CHECK.observe(host, settings)
    assert facts.boottime_ns > before.boottime_ns
    assert judged(facts, before) == []
    assert CHECK.remember(facts, before, settings) == facts
