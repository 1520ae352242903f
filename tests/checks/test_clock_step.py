"""clock_step judges readings of the clocks; every case is one, the one before it and the full expected list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._clock_step.authors import Stepper, find_steppers
from checks._clock_step.facts import ClockFacts, ClockMemory, Traces
from checks._clock_step.faults import BACKWARD, CAUSES, FORWARD
from checks._clock_step.steps import Reading
from checks.clock_step import CHECK, ClockStepSettings
from tests.stand_ins import SteppingHost
from watchdog.host import Host, Process
from watchdog.logs import LogLine, LogMark, LogPosition, LogTail
from watchdog.model import Finding, Metric, Note, Severity, Stamp
from watchdog.plugin import Duration

S = 10**9
DAY = 86_400
START = 1_790_000_000 * S  # a wall clock in 2026
NEW_YEAR_2017 = 1_483_228_800  # after the last leap second there was
SYSLOG = "/var/log/syslog"
LOGGED = "Sep 21 14:14:00 mx1 "
STEPPED = f"{LOGGED}ntpd[77]: CLOCK: time stepped by -18.000027"
SET_BY_HAND = f"{LOGGED}systemd-timedated[5]: Changed local time to Mon 2026-09-21 14:14:02 UTC"
NOTICED = f"{LOGGED}systemd-resolved[9]: Clock change detected. Flushing caches."
LEAP = f"{LOGGED}kernel: [ 99.0] Clock: inserting leap second 23:59:60 UTC"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found after a step; `old` lines were there before, and the clock was stepped again by `again`."""

    lines: tuple[str, ...] = ()
    steppers: tuple[Stepper, ...] = ()
    old: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    again: float = 0.0

    def traces(self, first: Reading) -> Traces:
        """Return it as observed a second after the first reading."""
        lines = tuple(
            LogLine(source=SYSLOG, mark=LogMark(inode=1, offset=11 + number - len(self.old)), text=text)
            for number, text in enumerate((*self.old, *self.lines))
        )
        begin, end = LogMark(inode=1), LogMark(inode=1, offset=1000)
        return Traces(
            logs=LogTail(begins={SYSLOG: begin}, ends={SYSLOG: end}, lines=lines, problems=self.problems),
            steppers=self.steppers,
            again=Reading(boottime_ns=first.boottime_ns + S, wall_ns=first.wall_ns + S + round(self.again * S)),
        )


def found(
    *lines: str,
    steppers: Sequence[Stepper] = (),
    old: Sequence[str] = (),
    problems: Mapping[str, str] | None = None,
    again: float = 0.0,
) -> Found:
    return Found(lines=lines, steppers=tuple(steppers), old=tuple(old), problems=problems or {}, again=again)


def reading(
    up: float,
    wall: float,
    boot: str = "boot-a",
    *,
    suspended: float = 0.0,
    found: Found | None = None,
    start: int = START,
) -> ClockFacts:
    """Return the reading `up` seconds after boot, `wall` seconds after START by the wall clock."""
    first = Reading(boottime_ns=round(up * S), wall_ns=start + round(wall * S))
    return ClockFacts(
        boot_id=boot,
        boottime_ns=first.boottime_ns,
        wall_ns=first.wall_ns,
        suspended_seconds=suspended,
        traces=found.traces(first) if found else None,
    )


def memory(
    up: float, wall: float, boot: str = "boot-a", *, suspended: float = 0.0, start: int = START
) -> ClockMemory:
    """Return what was kept of such a reading; the syslog was read up to its tenth byte."""
    return ClockMemory(
        boot_id=boot,
        boottime_ns=round(up * S),
        wall_ns=start + round(wall * S),
        suspended_seconds=suspended,
        log=LogPosition(marks={SYSLOG: LogMark(inode=1, offset=10)}),
    )


def judged(facts: ClockFacts, before: ClockMemory | None, **settings: float) -> list[tuple[str, str]]:
    """Return what was judged as (kind or fault, severity), metrics left out."""
    out = []
    for item in CHECK.judge(facts, before, msgspec.structs.replace(ClockStepSettings(), **settings)):
        if isinstance(item, Finding):
            out.append((item.fault.partition(".")[2], item.severity.value))
        elif isinstance(item, Note):
            out.append(("note", ""))
    return out


@pytest.mark.parametrize(
    ("facts", "before", "expected"),
    [
        pytest.param(reading(100, 100), None, [("note", "")], id="first-run-has-nothing-to-compare"),
        pytest.param(reading(160, 160), memory(100, 100), [], id="no-step"),
        pytest.param(reading(100 + 30 * DAY, 30 * DAY), memory(100, 0), [], id="no-step-in-a-month"),
        pytest.param(reading(160, 60.0009), memory(100, 0), [], id="less-than-the-noise-floor"),
        pytest.param(reading(160, 60.001), memory(100, 0), [("note", "")], id="a-millisecond-is-noted"),
        pytest.param(reading(160, 59.8), memory(100, 0), [("note", "")], id="back-0.2-noted-not-alerted"),
        pytest.param(reading(160, 59.500001), memory(100, 0), [("note", "")], id="back-just-below-alert"),
        pytest.param(reading(160, 59.5), memory(100, 0), [("backward", "warning")], id="back-at-alert"),
        pytest.param(reading(160, 59.4), memory(100, 0), [("backward", "warning")], id="back-above-alert"),
        pytest.param(reading(160, 55.000001), memory(100, 0), [("backward", "warning")], id="back-dovecot-sleeps"),
        pytest.param(reading(160, 55), memory(100, 0), [("backward", "critical")], id="back-dovecot-dies"),
        pytest.param(reading(160, 42), memory(100, 0), [("backward", "critical")], id="back-18"),
        pytest.param(reading(160, -DAY), memory(100, 0), [("backward", "critical")], id="back-a-day"),
        pytest.param(reading(160, -56 * 365 * DAY), memory(100, 0), [("backward", "critical")], id="back-to-1970"),
        pytest.param(reading(160, 60 + 29.999), memory(100, 0), [("note", "")], id="ahead-just-below-alert"),
        pytest.param(reading(160, 60 + 30), memory(100, 0), [("forward", "warning")], id="ahead-at-alert"),
        pytest.param(reading(160, 3660), memory(100, 0), [("forward", "warning")], id="ahead-an-hour"),
        pytest.param(
            reading(160, 60 + 50 * 365 * DAY), memory(100, 0), [("forward", "warning")], id="ahead-50-years"
        ),
        # Suspend and virtual machines
        pytest.param(
            reading(8 * 3600, 8 * 3600, suspended=8 * 3600 - 200),
            memory(100, 100),
            [],
            id="resume-from-suspend-is-no-step",
        ),
        pytest.param(
            reading(8 * 3600, 8 * 3600 - 118, suspended=8 * 3600 - 200),
            memory(100, 100),
            [("backward", "critical")],
            id="a-step-in-the-night-it-was-suspended",
        ),
        pytest.param(
            reading(160, 160, suspended=400), memory(100, 100, suspended=400), [], id="suspended-long-ago"
        ),
        pytest.param(reading(160, 160), memory(100, 100), [], id="vm-paused-its-clocks-stood-still-together"),
        pytest.param(
            reading(160, 7360), memory(100, 100), [("forward", "warning")], id="vm-paused-and-then-corrected"
        ),
        pytest.param(reading(100, 100), memory(7300, 7300), [("note", "")], id="snapshot-revert-clocks-agree"),
        pytest.param(
            reading(100, 7300), memory(7300, 7300), [("note", "")], id="snapshot-revert-already-corrected"
        ),
        pytest.param(
            reading(99.999999999, 82), memory(100, 100), [("note", "")], id="snapshot-revert-by-a-nanosecond"
        ),
        pytest.param(reading(100, 82), memory(100, 100), [("backward", "critical")], id="no-time-between"),
        # Across a reboot
        pytest.param(reading(20, 200, "boot-b"), memory(100, 100), [], id="reboot-time-went-on"),
        pytest.param(reading(20, 120, "boot-b"), memory(100, 100), [], id="reboot-at-the-same-moment"),
        pytest.param(reading(20, 119.51, "boot-b"), memory(100, 100), [], id="reboot-back-below-alert"),
        pytest.param(
            reading(20, 119.5, "boot-b"),
            memory(100, 100),
            [("backward_across_reboot", "warning")],
            id="reboot-back",
        ),
        pytest.param(
            reading(20, 99, "boot-b"),
            memory(100, 100),
            [("backward_across_reboot", "warning")],
            id="reboot-still-earlier-than-the-last-run",
        ),
        pytest.param(
            reading(20, -5 * DAY, "boot-b"),
            memory(100, 100),
            [("backward_across_reboot", "warning")],
            id="reboot-with-a-dead-rtc-battery",
        ),
        pytest.param(
            reading(9000, 9160, "boot-b"),
            memory(100, 100),
            [],
            id="reboot-rtc-wrong-but-ntp-put-it-right-before-us",
        ),
        pytest.param(
            reading(7300, 200, "boot-b"),
            memory(100, 100),
            [("backward_across_reboot", "warning")],
            id="reboot-up-for-longer-than-the-clock-says",
        ),
        # While we look
        pytest.param(
            reading(160, 42, found=found()),
            memory(100, 0),
            [("backward", "critical")],
            id="looked-again-and-nothing-more",
        ),
        pytest.param(
            reading(160, 42, found=found(again=18)),
            memory(100, 0),
            [("backward", "critical"), ("note", "")],
            id="put-right-while-we-looked",
        ),
        pytest.param(
            reading(160, 42, found=found(again=-3)),
            memory(100, 0),
            [("backward", "critical"), ("backward", "warning")],
            id="back-again-while-we-looked",
        ),
        pytest.param(
            reading(160, 42, found=found(again=3600)),
            memory(100, 0),
            [("backward", "critical"), ("forward", "warning")],
            id="an-hour-ahead-while-we-looked",
        ),
    ],
)
def test_judge(facts: ClockFacts, before: ClockMemory | None, expected: list[tuple[str, str]]) -> None:
    assert judged(facts, before) == expected


def leap_reading(wall: float, lines: Sequence[str] = (), step: float = -1.0) -> tuple[ClockFacts, ClockMemory]:
    """Return a minute in which the clock was stepped, and that ends `wall` seconds after New Year 2017."""
    start = NEW_YEAR_2017 * S
    return reading(160, wall + step, start=start, found=found(*lines)), memory(100, wall - 60, start=start)


@pytest.mark.parametrize(
    ("minute", "leap"),
    [
        pytest.param(leap_reading(30), True, id="inserted"),
        pytest.param(leap_reading(0), True, id="inserted-this-very-moment"),
        pytest.param(leap_reading(30, step=1.0), True, id="deleted"),
        pytest.param(leap_reading(30, step=-1.0009), True, id="within-the-noise"),
        pytest.param(leap_reading(30, step=-1.002), False, id="not-exactly-a-second"),
        pytest.param(leap_reading(30, step=-2.0), False, id="two-seconds"),
        pytest.param(leap_reading(-30 * DAY), False, id="no-date-for-one"),
        pytest.param(leap_reading(-(31 + 30) * DAY + 30), False, id="the-end-of-another-month"),
        pytest.param(leap_reading(-(184 * DAY) + 30), True, id="the-end-of-june"),
        pytest.param(leap_reading(-30 * DAY, [LEAP]), True, id="the-kernel-says-so"),
        pytest.param(leap_reading(-30 * DAY, [LEAP], step=1.0), False, id="the-kernel-said-the-other-way"),
        pytest.param(leap_reading(63), False, id="over-before-the-window"),
    ],
)
def test_a_leap_second_is_noted_by_its_name(minute: tuple[ClockFacts, ClockMemory], leap: bool) -> None:
    (_, _, item) = CHECK.judge(*minute, ClockStepSettings())
    assert isinstance(item, Finding | Note)
    assert item.evidence["leap_second"] is leap
    assert ("a leap second was" in item.summary) is leap
    assert isinstance(item, Note) or not leap


def test_a_leap_second_in_words() -> None:
    (_, _, note) = CHECK.judge(*leap_reading(30), ClockStepSettings())
    assert isinstance(note, Note)
    assert note.summary == "a leap second was inserted: one second came twice, within the last 60.0 s"


def test_thresholds_are_settings() -> None:
    facts, before = reading(160, 59.8), memory(100, 0)
    assert judged(facts, before, alert_backward=0.1) == [("backward", "warning")]
    assert judged(facts, before, alert_backward=0.1, critical_backward=0.2) == [("backward", "critical")]


def the_step(facts: ClockFacts, before: ClockMemory | None = None) -> Finding:
    """Return the first finding."""
    judgements = CHECK.judge(facts, before or memory(100, 0), ClockStepSettings())
    return next(item for item in judgements if isinstance(item, Finding))


def test_what_a_person_reads() -> None:
    (metric, count, finding) = CHECK.judge(
        reading(160, 42, found=found(STEPPED)), memory(100, 0), ClockStepSettings()
    )
    assert metric == Metric(subject="clock", name="step_seconds", value=-18.0)
    assert count == Metric(subject="clock", name="steps", value=1)
    assert isinstance(finding, Finding)
    assert finding.summary == (
        "clock went back 18.0 s within the last 60.0 s, now 2026-09-21T14:14:02.000Z (alert at 0.5 s);"
        " beyond 5.0 s Dovecot kills its sessions and databases may refuse to go on;"
        ' likely ntpd: "CLOCK: time stepped by -18.000027"'
    )
    assert finding.evidence == {
        "step_seconds": -18.0,
        "wall_before_step": "2026-09-21T14:14:20.000Z",
        "wall_after_step": "2026-09-21T14:14:02.000Z",
        "window_seconds": 60.0,
        "window_begins_boottime_seconds": 100.0,
        "window_ends_boottime_seconds": 160.0,
        "suspended_seconds": 0.0,
        "boot_id": "boot-a",
        "leap_second": False,
        "author": 'likely ntpd: "CLOCK: time stepped by -18.000027"',
        "author_programs": ("ntpd",),
        "author_lines": (STEPPED,),
        "noticed_lines": [],
        "able_to_step": [],
        "logs_not_read": {},
        "likely_causes": (
            "ntp_can_step.unlimited",
            "ntp_can_step.large_only",
            "ntp_can_step.startup_only",
        ),
        "ruled_out_causes": ("ntp_can_step.large_only", "ntp_can_step.startup_only"),
    }


def test_a_step_after_a_suspend_says_so() -> None:
    facts = reading(8 * 3600, 7 * 3600, suspended=8 * 3600 - 200)
    finding = the_step(facts, memory(0, 0))
    assert finding.summary.startswith("clock went back 1 h within the last 8 h (7 h 56 min of it suspended), now")
    assert finding.evidence["suspended_seconds"] == 8 * 3600 - 200


def test_a_clock_that_is_still_earlier_after_the_reboot_says_so() -> None:
    finding = the_step(reading(20, 40, "boot-b"), memory(100, 100))
    assert finding.summary == (
        "clock went back at least 80.0 s across a reboot: by today's clock this boot began at"
        " 2026-09-21T14:13:40.000Z, before the last run at 2026-09-21T14:15:00.000Z (alert at 0.5 s); even now it"
        " reads 2026-09-21T14:14:00.000Z, earlier than that; files and mail carry stamps from the future"
    )
    assert finding.evidence["still_earlier_than_last_run"] is True
    assert the_step(reading(20, 101, "boot-b"), memory(100, 100)).evidence["still_earlier_than_last_run"] is False


def test_a_reverted_snapshot_says_so_and_begins_anew() -> None:
    facts, before = reading(100, 50), memory(7300, 7300)
    (note,) = CHECK.judge(facts, before, ClockStepSettings())
    assert isinstance(note, Note)
    assert note.summary == (
        "this boot's clocks are 2 h behind the last look: the machine was put back to a snapshot; whether its"
        " clock was stepped since cannot be told, the comparison begins anew"
    )
    kept = CHECK.remember(facts, before, ClockStepSettings())
    assert judged(reading(160, 110), kept) == []
    assert judged(reading(160, 92), kept) == [("backward", "critical")]


# Who did it

NTPD = Stepper(program="ntpd", pid=77, started_boottime_seconds=9.0)
RESTARTED = Stepper(program="chronyd", pid=99, started_boottime_seconds=130.0)
HIDDEN = Stepper(program="ntpd", pid=78)
TOOLS = Stepper(program="vmtoolsd", pid=50, started_boottime_seconds=8.0)
NTP_FIRST = ("ntp_can_step.unlimited", "ntp_can_step.large_only", "ntp_can_step.startup_only")
SMALL = ("ntp_can_step.large_only", "ntp_can_step.startup_only")


@pytest.mark.parametrize(
    ("what", "said", "likely", "ruled_out"),
    [
        pytest.param(
            found(STEPPED), 'likely ntpd: "CLOCK: time stepped by -18.000027"', NTP_FIRST, SMALL, id="ntpd"
        ),
        pytest.param(
            found(f"{LOGGED}chronyd[84]: System clock was stepped by -17.95 seconds", steppers=[TOOLS, NTPD]),
            'likely chronyd: "System clock was stepped by -17.95 seconds"',
            NTP_FIRST, SMALL, id="chronyd-measured-it-a-little-otherwise",
        ),
        pytest.param(
            found(f"{LOGGED}ntpd[7]: 0.0.0.0 c61c 0c clock_step -18.0 s", f"{LOGGED}ntpd[7]: time reset -18.0 s"),
            'likely ntpd: "time reset -18.0 s"', NTP_FIRST, SMALL, id="classic-ntpd-says-it-twice",
        ),
        pytest.param(
            found("[2026-09-21T14:14:02.123Z] [   debug] [timeSync] [50] Time changed by -18000000us from x"),
            'likely vmtoolsd: "[2026-09-21T14:14:02.123Z] [   debug] [timeSync] [50] Time changed by -18000000us'
            ' from x"',
            ("vmware_timesync.enabled",), SMALL, id="vmware-tools-in-their-own-log",
        ),
        pytest.param(
            found(f"{LOGGED}systemd-timesyncd[5]: Initial clock synchronization to Mon 2026-09-21 14:14:02 UTC."),
            'likely systemd-timesyncd: "Initial clock synchronization to Mon 2026-09-21 14:14:02 UTC.", which does'
            " not say how far",
            NTP_FIRST, SMALL, id="timesyncd-does-not-say-how-far",
        ),
        pytest.param(
            found(SET_BY_HAND, steppers=[NTPD]),
            'likely systemd-timedated: "Changed local time to Mon 2026-09-21 14:14:02 UTC", which does not say how'
            " far",
            (), CAUSES, id="a-person-with-timedatectl-so-no-daemon",
        ),
        pytest.param(
            found(f"{LOGGED}ntpdate[9]: step time server 10.0.0.1 offset -18.000123 sec", steppers=[NTPD]),
            'likely ntpdate: "step time server 10.0.0.1 offset -18.000123 sec"',
            (), CAUSES, id="ntpdate-by-hand-or-hook",
        ),
        pytest.param(
            found(SET_BY_HAND, STEPPED),
            'likely ntpd: "CLOCK: time stepped by -18.000027"; or systemd-timedated: "Changed local time to Mon'
            ' 2026-09-21 14:14:02 UTC", which does not say how far',
            NTP_FIRST, SMALL, id="two-candidates-the-right-size-first",
        ),
        pytest.param(
            found(
                f"{LOGGED}ntpd[7]: time reset +3 s", f"{LOGGED}chronyd[8]: System clock was stepped by -21 seconds"
            ),
            'likely ntpd: "time reset +3 s" and chronyd: "System clock was stepped by -21 seconds", which add up'
            " to it",
            NTP_FIRST, SMALL, id="two-that-fight-add-up",
        ),
        pytest.param(
            found(f"{LOGGED}ntpd[7]: time reset -3.0 s", steppers=[NTPD]),
            'perhaps ntpd: "time reset -3.0 s", though that is another size', NTP_FIRST, SMALL, id="another-size",
        ),
        pytest.param(
            found(f"{LOGGED}ntpd[7]: time reset -3.0 s", SET_BY_HAND),
            'likely systemd-timedated: "Changed local time to Mon 2026-09-21 14:14:02 UTC", which does not say how'
            " far",
            (), CAUSES, id="no-size-is-likelier-than-another-size",
        ),
        pytest.param(
            found(NOTICED, steppers=[NTPD, TOOLS]),
            "author unknown; able to: ntpd (pid 77), vmtoolsd (pid 50, back only when the host asks: resume,"
            " snapshot, vMotion)",
            (), SMALL, id="who-noticed-did-not-do-it",
        ),
        pytest.param(
            found(steppers=[TOOLS, NTPD, RESTARTED]),
            "author unknown; able to: chronyd (pid 99, started in that time), vmtoolsd (pid 50, back only when the"
            " host asks: resume, snapshot, vMotion), ntpd (pid 77)",
            ("ntp_can_step.startup_only",), ("ntp_can_step.large_only",), id="who-started-in-that-time-first",
        ),
        pytest.param(
            found(steppers=[HIDDEN]), "author unknown; able to: ntpd (pid 78)", (), ("ntp_can_step.large_only",),
            id="when-it-started-is-not-known",
        ),
        pytest.param(
            found(),
            "author unknown; none that could runs now; perhaps a person, or a program that has ended (date,"
            " hwclock, ntpdate)",
            (), SMALL, id="nobody",
        ),
        pytest.param(
            found(old=[STEPPED], steppers=[NTPD]), "author unknown; able to: ntpd (pid 77)", (), SMALL,
            id="what-was-logged-before-the-last-look-is-another-story",
        ),
        pytest.param(None, "author unknown: nobody looked for one", (), (), id="not-looked"),
    ],
)  # fmt: skip
def test_the_likely_author(
    what: Found | None, said: str, likely: tuple[str, ...], ruled_out: tuple[str, ...]
) -> None:
    finding = the_step(reading(160, 42, found=what))
    assert finding.evidence["author"] == said
    assert finding.summary.endswith(f"; {said}")
    assert (finding.evidence["likely_causes"], finding.evidence["ruled_out_causes"]) == (likely, ruled_out)


@pytest.mark.parametrize(
    ("seconds", "ruled_out"),
    [pytest.param(-599.8, True, id="smaller"), pytest.param(-600.0, False, id="that-large")],
)
def test_ntpd_with_x_is_ruled_out_below_600_s_only(seconds: float, ruled_out: bool) -> None:
    finding = the_step(reading(160, 60 + seconds, found=found(steppers=[NTPD])))
    codes = finding.evidence["ruled_out_causes"]
    assert isinstance(codes, tuple)
    assert ("ntp_can_step.large_only" in codes) is ruled_out


def test_vmware_tools_are_not_the_first_to_be_blamed_for_a_step_back_but_for_one_ahead() -> None:
    assert BACKWARD.causes[0].fault == "ntp_can_step.unlimited"
    assert FORWARD.causes[0].fault == "vmware_timesync.enabled"
    assert {cause.fault for cause in BACKWARD.causes} == {cause.fault for cause in FORWARD.causes}


def test_a_log_that_could_not_be_read_is_named_where_the_author_is_unknown() -> None:
    problems = {"journal": "needs root"}
    unknown = the_step(reading(160, 42, found=found(problems=problems)))
    assert unknown.summary.endswith("ntpdate) (not read: journal: needs root)")
    assert unknown.evidence["logs_not_read"] == problems
    assert "not read" not in the_step(reading(160, 42, found=found(STEPPED, problems=problems))).summary


def test_what_was_noticed_is_evidence() -> None:
    assert the_step(reading(160, 42, found=found(NOTICED))).evidence["noticed_lines"] == [NOTICED]


# Whatever happens


@given(
    step_ns=st.integers(-(10**18), 10**18),
    up_ns=st.integers(0, 10**17),
    passed_ns=st.integers(0, 10**17),
)
def test_a_step_is_measured_to_the_nanosecond_whatever_time_passed(
    step_ns: int, up_ns: int, passed_ns: int
) -> None:
    before = ClockMemory(boot_id="a", boottime_ns=up_ns, wall_ns=START + up_ns)
    after = ClockFacts(boot_id="a", boottime_ns=up_ns + passed_ns, wall_ns=START + up_ns + passed_ns + step_ns)
    (metric, _, *rest) = CHECK.judge(after, before, ClockStepSettings())
    assert isinstance(metric, Metric)
    assert metric.value == (step_ns / 1e9 if abs(step_ns) >= 1_000_000 else 0)
    assert len(rest) == (metric.value != 0)
    assert all(
        item.severity is Severity.CRITICAL for item in rest if isinstance(item, Finding) and metric.value <= -5
    )


NO_LINES = LogTail(begins={}, ends={}, lines=(), problems={})
SIZES = st.one_of(st.just(0), st.integers(-2_000_000, 2_000_000), st.integers(-(10**15), 10**15))


@given(st.lists(st.tuples(st.integers(0, 10**13), SIZES, st.none() | SIZES), max_size=30))
def test_of_any_looks_no_step_is_lost_and_none_counts_twice(looks: list[tuple[int, int, int | None]]) -> None:
    """Each look: how long after the last one, what was stepped between them, and while it looked again."""
    settings, kept = ClockStepSettings(), None
    boottime_ns, stepped_ns, reported, told = 0, 0, 0.0, 0.0
    for number, (passed_ns, between_ns, during_ns) in enumerate(looks):
        boottime_ns += passed_ns
        stepped_ns += between_ns if number else 0
        facts = ClockFacts(boot_id="a", boottime_ns=boottime_ns, wall_ns=START + boottime_ns + stepped_ns)
        if number and during_ns is not None:
            stepped_ns += during_ns
            boottime_ns += 1_000_000
            again = Reading(boottime_ns=boottime_ns, wall_ns=START + boottime_ns + stepped_ns)
            facts = msgspec.structs.replace(facts, traces=Traces(logs=NO_LINES, steppers=(), again=again))
        for item in CHECK.judge(facts, kept, settings):
            if isinstance(item, Metric):
                reported += item.value if item.name == "step_seconds" else 0.0
            elif isinstance(item, Finding | Note) and (step := item.evidence.get("step_seconds")):
                assert isinstance(step, float)
                told += step
        kept = CHECK.remember(facts, kept, settings)
        assert abs(reported - stepped_ns / 1e9) < 0.001001
        assert told == pytest.approx(reported, abs=1e-6)


@pytest.mark.parametrize(
    ("noted", "steps"),
    [
        pytest.param([], [-18.0], id="one-reading-sees-the-sum"),
        pytest.param([(10, -20.0), (20, -18.0)], [-20.0, 2.0], id="one-took-back-the-other"),
        pytest.param([(10, -18.0), (20, -18.0)], [-18.0], id="told-twice-stepped-once"),
        pytest.param([(10, 0.0), (20, 0.0)], [-18.0], id="a-resume-is-no-step"),
        pytest.param([(10, -1.0), (20, -2.0), (30, -3.0)], [-1.0, -1.0, -1.0, -15.0], id="three-and-the-last"),
    ],
)
def test_what_was_noted_meanwhile_tells_steps_apart(noted: list[tuple[int, float]], steps: list[float]) -> None:
    facts = ClockFacts(
        boot_id="a",
        boottime_ns=60 * 10**9,
        wall_ns=START + 42 * 10**9,
        noted=tuple(
            Reading(boottime_ns=at * 10**9, wall_ns=START + round((at + offset) * 1e9)) for at, offset in noted
        ),
    )
    before = ClockMemory(boot_id="a", boottime_ns=0, wall_ns=START)
    said = list(CHECK.judge(facts, before, ClockStepSettings()))
    sizes = [item.evidence["step_seconds"] for item in said if isinstance(item, Finding | Note)]
    assert sizes == pytest.approx(steps)
    assert [item.value for item in said if isinstance(item, Metric)] == pytest.approx([-18.0, len(steps)])
    kept = CHECK.remember(facts, before, ClockStepSettings())
    assert (kept.boottime_ns, kept.wall_ns) == (facts.boottime_ns, facts.wall_ns)


# On a host


def test_only_what_was_noted_since_the_last_look_counts() -> None:
    host = Host()
    before = CHECK.remember(CHECK.observe(host, QUICK, None), None, QUICK)
    now = host.stamp()
    long_ago = Stamp(boot_id=now.boot_id, boottime_ns=before.boottime_ns - 1, wall_ns=before.wall_ns - 10**9)
    host.clock_readings = lambda: (long_ago, now)
    facts = CHECK.observe(host, QUICK, before)
    assert [noted.boottime_ns for noted in facts.noted] == [now.boottime_ns]
    assert judged(facts, before) == []


def test_this_machine_does_not_step_while_we_look() -> None:
    host, settings = Host(), ClockStepSettings()
    before = CHECK.remember(CHECK.observe(host, settings, None), None, settings)
    facts = CHECK.observe(host, settings, before)
    assert facts.boottime_ns > before.boottime_ns
    assert judged(facts, before) == []
    assert facts.traces is None, "the logs are read after a step only"


QUICK = ClockStepSettings(author_wait=Duration(0))


@pytest.fixture
def host(tmp_path: Path) -> SteppingHost:
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / SYSLOG.lstrip("/")).write_text(f"{LOGGED}ntpd[77]: CLOCK: time stepped by -18.000000\n")
    return SteppingHost(tmp_path)


def look(host: SteppingHost, before: ClockMemory | None) -> tuple[list[Finding | Note], ClockMemory]:
    facts = CHECK.observe(host, QUICK, before)
    found = [item for item in CHECK.judge(facts, before, QUICK) if isinstance(item, Finding | Note)]
    return found, CHECK.remember(facts, before, QUICK)


def log(host: SteppingHost, line: str) -> None:
    with host.path(SYSLOG).open("a") as file:
        file.write(f"{line}\n")


def test_the_line_that_came_with_the_step_names_its_author(host: SteppingHost) -> None:
    _, kept = look(host, None)
    host.step(-18)
    log(host, STEPPED)
    (finding,), kept = look(host, kept)
    assert finding.evidence["author_lines"] == (STEPPED,)
    assert look(host, kept)[0] == [], "it is found once"


def test_the_line_of_an_earlier_step_does_not(host: SteppingHost) -> None:
    _, kept = look(host, None)
    host.step(-18)
    (finding,), _ = look(host, kept)
    assert str(finding.evidence["author"]).startswith("author unknown")


def test_an_author_that_logs_a_moment_later_is_waited_for(
    host: SteppingHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = list[float]()

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        log(host, STEPPED)

    _, kept = look(host, None)
    host.step(-18)
    monkeypatch.setattr("checks.clock_step.time.sleep", sleep)
    (finding,), _ = look(host, kept)
    assert (finding.evidence["author_lines"], waited) == ((STEPPED,), [QUICK.author_wait])


def test_nobody_is_looked_for_when_a_snapshot_was_reverted(host: SteppingHost) -> None:
    _, kept = look(host, None)
    later = msgspec.structs.replace(kept, boottime_ns=kept.boottime_ns + 7200 * S)
    assert CHECK.observe(host, QUICK, later).traces is None


def test_a_step_while_we_look_is_a_step_of_its_own(host: SteppingHost) -> None:
    _, kept = look(host, None)
    host.step(-18)
    host.step_after(2, -600)  # a stamp marks where the logs end, the next is the first reading
    sizes = [item.evidence["step_seconds"] for item in look(host, kept)[0]]
    assert sizes == pytest.approx([-18, -600], abs=1e-3)


@pytest.mark.parametrize("stamps", range(6))
def test_wherever_in_the_look_the_clock_is_stepped_it_is_found_once(host: SteppingHost, stamps: int) -> None:
    _, kept = look(host, None)
    host.step_after(stamps, -18)
    found: list[Finding | Note] = []
    for _ in range(4):
        now, kept = look(host, kept)
        found += now
    assert [round(float(str(item.evidence["step_seconds"])), 3) for item in found] == [-18.0]


@pytest.mark.parametrize(
    ("argv", "able"),
    [
        pytest.param(["/usr/bin/vmtoolsd"], ["vmtoolsd"], id="vmware-tools"),
        pytest.param(["/usr/bin/vmtoolsd", "-n", "vmusr"], [], id="vmware-tools-of-a-desktop"),
        pytest.param(["/usr/sbin/VBoxService"], ["VBoxService"], id="virtualbox"),
        pytest.param(["/usr/sbin/VBoxService", "--disable-timesync"], [], id="virtualbox-without-timesync"),
        pytest.param(["/usr/sbin/phc2sys", "-s", "eth0"], ["phc2sys"], id="phc2sys"),
        pytest.param(["/usr/sbin/phc2sys", "-E", "ntpshm", "-s", "eth0"], [], id="phc2sys-for-a-daemon"),
        pytest.param(["/usr/sbin/qemu-ga"], ["qemu-ga"], id="qemu-ga"),
        pytest.param(["/usr/sbin/qemu-ga", "-b", "guest-set-time"], [], id="qemu-ga-blocked"),
        pytest.param(["/usr/sbin/ntpd", "-g"], ["ntpd"], id="an-ntpd-that-cannot-be-looked-into"),
        pytest.param(["/usr/lib/systemd/systemd-timesyncd"], ["systemd-timesyncd"], id="timesyncd"),
        pytest.param(["/bin/busybox", "ntpd", "-p", "x"], ["busybox-ntpd"], id="busybox"),
        pytest.param(["/bin/busybox", "ntpd", "-w", "-p", "x"], [], id="busybox-that-only-asks"),
        pytest.param(["/usr/bin/python3", "vmtoolsd"], [], id="another-program"),
        pytest.param([], [], id="kernel-thread"),
    ],
)
def test_who_is_able_to_step(host: SteppingHost, argv: list[str], able: list[str]) -> None:
    name = argv[0].rpartition("/")[2] if argv else "kworker"
    exe = argv[0] if argv else None
    host.running = [Process(pid=7, name=name, exe=exe, argv=tuple(argv), started_boottime_seconds=1.0)]
    assert [stepper.program for stepper in find_steppers(host)] == able
