"""The scheduler keeps its rhythm whatever is done to the wall clock, and after any sleep of the host."""

import datetime as dt
import itertools
import sys
import tracemalloc
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchdog.scheduler import Scheduler

SECOND = 10**9
EVERY = {"clock": 30.0, "bond": 60.0, "audit": 300.0, "odd": 7.3}
STEPS = [1, -1, -60, -86400, 30 * 86400, 50 * 365 * 86400]


class Machine:
    """A machine whose clocks are the test's: `wall` is what datetime.now says, `boottime` counts on."""

    def __init__(self) -> None:
        self.boottime_ns = 1000 * SECOND
        self.wall_seconds = 1.8e9

    def pass_(self, ns: int) -> None:
        self.boottime_ns += ns
        self.wall_seconds += ns / 1e9


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Let everything of APScheduler that asks for the time get this machine's."""
    mine = Machine()

    class Stepped(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Stepped":
            return cls.fromtimestamp(mine.wall_seconds, tz)

    # Where it asks what time it is; elsewhere `datetime` is only a type to it.
    for name in ("apscheduler.schedulers.base", "apscheduler.executors.base"):
        monkeypatch.setattr(sys.modules[name], "datetime", Stepped)
    return mine


def rhythm(machine: Machine, plan: Scheduler, seconds: float, steps: dict[int, float]) -> dict[str, list[float]]:
    """Run everything that is due, as a loop does that sleeps until then; steps come between, by turn."""
    runs = defaultdict(list)
    end = machine.boottime_ns + round(seconds * 1e9)
    turn = 0
    while machine.boottime_ns < end:
        machine.wall_seconds += steps.get(turn, 0.0)
        for name in plan.due():
            runs[name].append(machine.boottime_ns / 1e9)
            plan.done(name)
        due = plan.next_due_ns()
        assert due is not None
        machine.pass_(max(due - machine.boottime_ns, 0))
        turn += 1
    return runs


def gaps(moments: list[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(moments)]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_the_wall_clock_changes_nothing(machine: Machine, step: float) -> None:
    plan = Scheduler(lambda: machine.boottime_ns, lambda: 0.37)
    plan.plan(EVERY)
    runs = rhythm(machine, plan, 3600, dict.fromkeys(range(5, 200, 20), step))
    for name, every in EVERY.items():
        assert set(map(round, gaps(runs[name])[1:])) == {round(every)} or every == 7.3
        assert len(runs[name]) == pytest.approx(3600 / every, abs=2)
    assert not plan.skipped


@settings(max_examples=60, deadline=None)
@given(
    steps=st.dictionaries(st.integers(0, 300), st.floats(-2e9, 2e9, allow_nan=False), max_size=40),
    phase=st.floats(0, 1, exclude_max=True),
)
def test_any_sequence_of_steps_changes_nothing(steps: dict[int, float], phase: float) -> None:
    runs = []
    for given_steps in ({}, steps):
        mine = Machine()
        plan = Scheduler(lambda mine=mine: mine.boottime_ns, lambda: phase)  # type: ignore[misc]
        plan.plan(EVERY)
        runs.append(rhythm(mine, plan, 900, given_steps))
    assert runs[0] == runs[1]


@settings(max_examples=60, deadline=None)
@given(
    stalls=st.lists(st.floats(0, 1e7), min_size=1, max_size=20),
    phase=st.floats(0, 1, exclude_max=True),
)
def test_after_any_stall_each_check_runs_once_and_then_on_its_grid(stalls: list[float], phase: float) -> None:
    mine = Machine()
    plan = Scheduler(lambda: mine.boottime_ns, lambda: phase)
    plan.plan(EVERY)
    grids: dict[str, set[int]] = defaultdict(set)
    for stall in stalls:
        mine.pass_(round(stall * 1e9))
        due = plan.due()
        assert len(set(due)) == len(due)
        for name in due:
            plan.done(name)
        assert plan.due() == (), "nothing is made up for"
        soonest = plan.next_due_ns()
        assert soonest is not None
        assert mine.boottime_ns < soonest <= mine.boottime_ns + round(1.5 * min(EVERY.values()) * 1e9)
        mine.pass_(soonest - mine.boottime_ns)
        for name in plan.due():
            grids[name].add(round(mine.boottime_ns / 1000) % round(EVERY[name] * 1e6))
            plan.done(name)
    assert all(len(places) <= 2 for places in grids.values()), "at most its first run is off its grid"


def test_a_sleep_of_fifty_years_takes_no_memory() -> None:
    mine = Machine()
    plan = Scheduler(lambda: mine.boottime_ns)
    plan.plan({"fast": 0.001})
    tracemalloc.start()
    for _ in range(5):
        mine.pass_(50 * 365 * 86400 * SECOND)
        assert plan.due() == ("fast",)
        plan.done("fast")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


def test_a_run_that_is_not_done_is_not_begun_again_and_that_is_counted() -> None:
    mine = Machine()
    plan = Scheduler(lambda: mine.boottime_ns, lambda: 0.0)
    plan.plan({"slow": 10.0, "quick": 10.0})
    assert plan.due() == ("quick", "slow")
    plan.done("quick")
    for _ in range(3):
        due = plan.next_due_ns()
        assert due is not None
        mine.boottime_ns = due
        assert plan.due() == ("quick",)
        plan.done("quick")
    assert plan.skipped == {"slow": 3}
    plan.done("slow")
    mine.boottime_ns = plan.next_due_ns() or 0
    assert plan.due() == ("quick", "slow")


def test_a_run_out_of_turn_leaves_the_grid_alone() -> None:
    mine = Machine()
    plan = Scheduler(lambda: mine.boottime_ns, lambda: 0.5)
    plan.plan({"bond": 10.0})
    plan.due()
    plan.done("bond")
    before = plan.next_due_ns()
    assert plan.begin("bond")
    assert not plan.begin("bond"), "it runs"
    plan.done("bond")
    assert plan.next_due_ns() == before


def test_another_plan_ends_some_begins_some_and_leaves_the_rest_alone() -> None:
    mine = Machine()
    plan = Scheduler(lambda: mine.boottime_ns, lambda: 0.25)
    plan.plan({"stays": 60.0, "goes": 60.0, "quicker": 60.0})
    for name in plan.due():
        plan.done(name)
    mine.pass_(SECOND)
    before = plan.next_due_ns()
    plan.plan({"stays": 60.0, "quicker": 5.0, "new": 60.0})
    assert plan.due() == ("new",)
    plan.done("new")
    soonest = plan.next_due_ns()
    assert soonest is not None
    assert before is not None
    assert soonest - mine.boottime_ns <= 5 * SECOND
    plan.plan({"stays": 60.0})
    assert plan.next_due_ns() == before


def test_hosts_that_start_together_do_not_beat_together() -> None:
    firsts = set()
    for _ in range(20):
        plan = Scheduler(lambda: 1000 * SECOND)
        plan.plan({"bond": 60.0})
        plan.due()
        firsts.add(plan.next_due_ns())
    assert len(firsts) == 20


def test_nothing_planned_is_nothing_due() -> None:
    plan = Scheduler(lambda: 1000 * SECOND)
    assert (plan.due(), plan.next_due_ns()) == ((), None)


def test_the_stand_in_does_reach_apscheduler(machine: Machine) -> None:
    """Else the tests above would prove nothing: its own scheduler is lost after a step back."""
    from apscheduler.schedulers.background import BackgroundScheduler

    own = BackgroundScheduler(timezone=dt.UTC)
    job = own.add_job(lambda: None, "interval", seconds=30)
    own.start(paused=True)
    machine.wall_seconds -= 86400
    assert job.next_run_time.timestamp() - machine.wall_seconds > 86000
    own.shutdown()
