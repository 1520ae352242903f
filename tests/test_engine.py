"""A cycle without a history: which checks run, in what order, for how long."""

import threading
from collections.abc import Callable

from watchdog import config
from watchdog.engine import Engine
from watchdog.host import Host
from watchdog.plugin import Check, CheckSettings, Duration, Facts
from watchdog.registry import Registry


class Brief(CheckSettings, frozen=True, kw_only=True):
    time_limit: Duration = Duration(0.05)


class Disabled(CheckSettings, frozen=True, kw_only=True):
    enabled: bool = False


def a_check(
    name: str, settings: type[CheckSettings] = CheckSettings, observe: Callable[[], object] = lambda: None
) -> Check[CheckSettings, Facts, Facts]:
    def observed(host: Host, settings: CheckSettings) -> Facts:
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


def engine_of(*checks: Check[CheckSettings, Facts, Facts]) -> Engine:
    registry = Registry(checks={check.name: check for check in checks}, remediations={}, faults={})
    return Engine(host=Host(), registry=registry, config=config.load(None, registry))


def test_what_was_asked_for_is_answered_in_that_order_the_disabled_too() -> None:
    engine = engine_of(a_check("a"), a_check("b", Disabled), a_check("c"))
    ran = engine.run(None, ["c", "b", "a"])
    assert [result.check for result in ran.cycle.results] == ["c", "b", "a", "watchdog"]
    assert [result.reason for result in ran.cycle.results][1] == "disabled in the configuration"
    assert ran.unrecorded == "there is no usable history"


def test_a_single_look_has_the_time_limit_of_the_check() -> None:
    over = threading.Event()
    seen = engine_of(a_check("a", Brief, over.wait)).look("a", {})
    over.set()
    assert (seen.judged, seen.reason) == (False, "still running after its time limit of 50ms; left behind")
