"""A cycle without a history: which checks run, in what order, for how long."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from checks import clock_step
from tests.stand_ins import SteppingHost
from watchdog import config
from watchdog.engine import Engine
from watchdog.history.store import History
from watchdog.host import Host
from watchdog.model import CheckResult
from watchdog.plugin import Check, CheckSettings, Duration, Facts
from watchdog.registry import AnyCheck, Registry


class Brief(CheckSettings, frozen=True, kw_only=True):
    time_limit: Duration = Duration(0.05)


class Disabled(CheckSettings, frozen=True, kw_only=True):
    enabled: bool = False


def a_check(
    name: str, settings: type[CheckSettings] = CheckSettings, observe: Callable[[], object] = lambda: None
) -> Check[CheckSettings, Facts, Facts]:
    def observed(host: Host, settings: CheckSettings, before: Facts | None) -> Facts:
        observe()
        return Facts()

    return Check(
        name=name,
        title="",
        faults=(),
        settings=settings,
        facts=Facts,
        memory=Facts,
        observe=observed,
        judge=lambda facts, before, settings: (),
        remember=lambda facts, before, settings: facts,
    )


def engine_of(*checks: AnyCheck, host: Host | None = None) -> Engine:
    faults = {fault.code: fault for check in checks for fault in check.faults}
    registry = Registry(checks={check.name: check for check in checks}, remediations={}, faults=faults)
    return Engine(host=host or Host(), registry=registry, config=config.load(None, registry))


def test_what_was_asked_for_is_answered_in_that_order_the_disabled_too() -> None:
    engine = engine_of(a_check("a"), a_check("b", Disabled), a_check("c"))
    ran = engine.run(None, ["c", "b", "a"])
    assert [result.check for result in ran.cycle.results] == ["c", "b", "a", "watchdog"]
    assert [result.reason for result in ran.cycle.results][1] == "disabled in the configuration"
    assert ran.unrecorded == "there is no usable history"


def test_a_single_look_has_the_time_limit_of_the_check() -> None:
    over = threading.Event()
    seen = engine_of(a_check("a", Brief, over.wait)).look_at(("a",), {})["a"]
    over.set()
    assert (seen.judged, seen.reason) == (False, "still running after its time limit of 50ms; left behind")


def stepped(results: tuple[CheckResult, ...]) -> float:
    """Return what clock_step measured in a cycle."""
    return sum(metric.value for result in results for metric in result.metrics if metric.name == "step_seconds")


@pytest.mark.parametrize("seconds", [pytest.param(-18.0, id="back"), pytest.param(3600.0, id="ahead")])
def test_a_step_while_a_cycle_looks_shows_at_once_and_is_found_once(tmp_path: Path, seconds: float) -> None:
    host = SteppingHost(tmp_path)
    to_come = [0.0, seconds, 0.0, 0.0]
    names = ["clock_step", "slow"]
    engine = engine_of(clock_step.CHECK, a_check("slow", observe=lambda: host.step(to_come.pop(0))), host=host)
    with History.open(tmp_path / "history.db", now=host.stamp(), wait_seconds=0, command="test") as history:
        cycles = [engine.run(history, names).cycle for _ in range(4)]
    noted = [[note.summary for note in cycle.results[-1].notes] for cycle in cycles]
    how = "back 18.0 s" if seconds < 0 else "ahead 1 h"
    said = (
        f"the clock was set {how} while this run looked: what it compared with the wall clock may be off; the step"
        " itself is reported by this run or by the next"
    )
    assert noted == [[], [said], [], []]
    assert sum(stepped(cycle.results) for cycle in cycles) == pytest.approx(seconds, abs=1e-3)
    assert sum(len(cycle.results[0].findings) for cycle in cycles) == 1
