"""A step is told at once where there is a look soon after, and that look says who likely did it."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._clock_step.facts import ClockFacts, ClockMemory, Traces
from checks._clock_step.owed import MOST_STEPS
from checks._clock_step.steps import Reading
from checks._clock_step.verdict import EARLY
from checks.clock_step import CHECK, ClockStepSettings
from tests.stand_ins import SteppingHost
from watchdog.logs import LogTail
from watchdog.model import Finding, Judgement, LookAgain, Metric, Note
from watchdog.plugin import Duration

SYSLOG = "var/log/syslog"
OLD = "Sep 21 14:13:00 mx1 ntpd[77]: CLOCK: time stepped by -18.000000"
STEPPED = "Sep 21 14:14:00 mx1 ntpd[77]: CLOCK: time stepped by -18.000027"
LEAP = "Sep 21 14:14:00 mx1 kernel: [ 99.0] Clock: inserting leap second 23:59:60 UTC"
NTP = ("ntp_can_step.unlimited", "ntp_can_step.large_only", "ntp_can_step.startup_only")
# Long enough that it is never over here, or over at once.
LONG, NONE = (ClockStepSettings(author_wait=Duration(seconds)) for seconds in (3600, 0))


class Daemon:
    """Looks again and again at one host, as the daemon does."""

    def __init__(self, root: Path) -> None:
        (root / SYSLOG).parent.mkdir(parents=True)
        self.host = SteppingHost(root)
        self.host.looks_again = True
        self.log(OLD)
        self.memory: ClockMemory | None = None
        self.facts: ClockFacts
        self.look()

    def log(self, line: str) -> None:
        with (self.host.root / SYSLOG).open("a") as file:
            file.write(f"{line}\n")

    def look(self, settings: ClockStepSettings = LONG) -> list[Judgement]:
        """Return what was judged, but the metrics."""
        self.facts = CHECK.observe(self.host, settings, self.memory)
        judged = list(CHECK.judge(self.facts, self.memory, settings))
        kept = CHECK.remember(self.facts, self.memory, settings)
        self.memory = msgspec.json.decode(msgspec.json.encode(kept), type=ClockMemory)
        return [one for one in judged if not isinstance(one, Metric)]


@pytest.fixture
def daemon(tmp_path: Path) -> Daemon:
    return Daemon(tmp_path)


def test_it_is_told_before_anybody_is_looked_for(daemon: Daemon) -> None:
    daemon.host.step(-18)
    finding, again = daemon.look()
    assert isinstance(finding, Finding)
    assert (finding.fault, finding.completes) == ("clock_step.backward", False)
    assert finding.summary.endswith(f"; {EARLY}")
    assert (finding.evidence["author_lines"], finding.evidence["likely_causes"]) == ((), ())
    assert again == LookAgain(seconds=3600)
    assert daemon.facts.traces is None, "no log was read"


def test_the_next_look_completes_it(daemon: Daemon) -> None:
    daemon.host.step(-18)
    first, _ = daemon.look()
    daemon.log(STEPPED)
    (finding,) = daemon.look(NONE)
    assert isinstance(first, Finding)
    assert isinstance(finding, Finding)
    assert finding.completes
    assert finding.evidence["author_lines"] == (STEPPED,), "and not what was logged before the step"
    assert finding.evidence["likely_causes"] == NTP
    for key in ("step_seconds", "wall_after_step", "window_seconds", "suspended_seconds"):
        assert finding.evidence[key] == first.evidence[key]
    assert daemon.look(NONE) == [], "it is completed once"


def test_a_look_before_its_time_tells_nothing_and_wishes_for_the_rest(daemon: Daemon) -> None:
    daemon.host.step(-18)
    daemon.look()
    (again,) = daemon.look()
    assert isinstance(again, LookAgain)
    assert 3500 < again.seconds < 3600
    (finding,) = daemon.look(NONE)
    assert isinstance(finding, Finding)


def test_what_is_only_a_note_is_told_once_and_whole(daemon: Daemon) -> None:
    daemon.host.step(-0.2)
    (again,) = daemon.look()
    assert isinstance(again, LookAgain)
    daemon.log(STEPPED.replace("-18.000027", "-0.200001"))
    (note,) = daemon.look(NONE)
    assert isinstance(note, Note)
    assert "-0.200001" in note.summary


@pytest.mark.parametrize(
    ("logged", "kind"), [pytest.param(LEAP, Note, id="it-was-one"), pytest.param(OLD, Finding, id="it-was-none")]
)
def test_what_may_be_a_leap_second_waits_until_that_is_known(daemon: Daemon, logged: str, kind: type) -> None:
    daemon.host.step(-1)
    (again,) = daemon.look()
    assert isinstance(again, LookAgain)
    daemon.log(logged)
    (told,) = daemon.look(NONE)
    assert isinstance(told, kind)
    assert not isinstance(told, Finding) or not told.completes, "nobody was told of it yet"


def test_another_step_meanwhile_is_told_at_once_too_and_both_are_completed(daemon: Daemon) -> None:
    daemon.host.step(-18)
    daemon.look()
    daemon.log(STEPPED)
    daemon.host.step(-20)
    finding, again = daemon.look()
    assert isinstance(finding, Finding)
    assert finding.evidence["step_seconds"] == pytest.approx(-20, abs=1e-3)
    assert (finding.completes, again) == (False, LookAgain(seconds=3600))
    completed = [one for one in daemon.look(NONE) if isinstance(one, Finding) and one.completes]
    sizes = [round(float(str(one.evidence["step_seconds"]))) for one in completed]
    assert sizes == [-20, -18], "the newest, which was told last, comes first"
    assert [len(str(one.evidence["author_lines"])) > 2 for one in completed] == [True, True]


def test_a_clock_that_is_set_all_the_time_is_not_waited_for(daemon: Daemon) -> None:
    for _ in range(MOST_STEPS):
        daemon.host.step(-18)
        assert not [one for one in daemon.look() if isinstance(one, Finding) and one.completes]
    assert len([one for one in daemon.look() if isinstance(one, Finding) and one.completes]) == MOST_STEPS


def test_a_single_run_completes_what_the_daemon_owed_when_it_ended(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = list[float]()
    monkeypatch.setattr("checks.clock_step.time.sleep", slept.append)
    daemon.host.step(-18)
    daemon.look()
    daemon.log(STEPPED)
    daemon.host.looks_again = False
    (finding,) = daemon.look()
    assert isinstance(finding, Finding)
    assert (finding.completes, finding.evidence["author_lines"], slept) == (True, (STEPPED,), [])
    assert daemon.look() == []


def test_after_a_reboot_nobody_is_to_be_found_any_more_but_no_note_is_lost(daemon: Daemon) -> None:
    daemon.host.step(-18)
    daemon.look()
    daemon.host.step(-0.2)
    daemon.look()
    assert daemon.memory
    daemon.memory = msgspec.structs.replace(daemon.memory, boot_id="another")
    note, finding, *_ = daemon.look(NONE)
    assert isinstance(note, Note)
    assert isinstance(finding, Finding)
    assert finding.completes
    assert "nobody looked for one" in finding.summary
    assert daemon.memory.owed is None


NO_LINES = LogTail(begins={}, ends={}, lines=(), problems={})
SIZES = st.one_of(st.just(0), st.integers(-2_000_000, 2_000_000), st.integers(-(10**15), 10**15))


@given(st.lists(st.tuples(st.integers(0, 10**12), SIZES, st.none() | SIZES, st.booleans()), max_size=30))
def test_whoever_looks_each_step_is_told_once_and_completed_once(
    looks: list[tuple[int, int, int | None, bool]],
) -> None:
    """Each look: how long after the last one, what was stepped between, and while it traced; and by whom."""
    settings, kept = ClockStepSettings(), None
    boottime_ns = stepped_ns = 0
    told, completed, at_once = 0.0, list[float](), list[float]()
    # At last one that traces, so that nothing is owed.
    for number, (passed_ns, between_ns, during_ns, stays) in enumerate([*looks, (10**9, 0, 0, False)]):
        boottime_ns += passed_ns
        stepped_ns += between_ns if number else 0
        facts = ClockFacts(
            boot_id="a", boottime_ns=boottime_ns, wall_ns=10**18 + boottime_ns + stepped_ns, looks_again=stays
        )
        if number and during_ns is not None:
            stepped_ns += during_ns
            boottime_ns += 1_000_000
            again = Reading(boottime_ns=boottime_ns, wall_ns=10**18 + boottime_ns + stepped_ns)
            facts = msgspec.structs.replace(facts, traces=Traces(logs=NO_LINES, steppers=(), again=again))
        for item in CHECK.judge(facts, kept, settings):
            if not isinstance(item, Finding | Note) or "step_seconds" not in item.evidence:
                continue
            size = float(str(item.evidence["step_seconds"]))
            if isinstance(item, Finding) and item.completes:
                completed.append(size)
                continue
            told += size
            if item.summary.endswith(EARLY):
                at_once.append(size)
        kept = CHECK.remember(facts, kept, settings)
    assert sorted(completed) == sorted(at_once)
    assert told == pytest.approx(stepped_ns / 1e9, abs=0.001001)
