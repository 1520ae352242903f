"""Looks that are quick, slow, and hang for ever; by a clock of the test's."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from tests.stand_ins import Clock
from tests.test_engine import a_check
from watchdog.daemon.looks import GATHER_SECONDS, GATHER_URGENT_SECONDS, HEAD_START_SECONDS, Batch, Looks
from watchdog.host import Host
from watchdog.looking import Look, Seen
from watchdog.model import CheckResult
from watchdog.plugin import CheckSettings, Duration

LIMIT = 10.0


@dataclass
class Bench:
    """Looks whose checks answer when the test says so."""

    clock: Clock = field(default_factory=Clock)
    said: list[str] = field(default_factory=list)
    woken: int = 0
    answers: dict[str, Callable[[Seen], None]] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    # What these say as soon as they are begun.
    at_once: dict[str, CheckResult] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.looks = Looks(self.clock.stamp, self._wake, self.said.append, self._begin)

    def start(self, *names: str, urgent: bool = False) -> None:
        settings = msgspec.structs.replace(CheckSettings(), time_limit=Duration(LIMIT))
        looks = [Look(check=a_check(name), settings=settings) for name in names]
        self.looks.start(Host(), looks, urgent=urgent)

    def answer(self, *names: str, took: float = 0.0) -> None:
        for name in names:
            result = CheckResult(check=name, judged=True, took_seconds=took)
            self.answers.pop(name)(Seen(result=result, memory=b"{}"))

    def ready(self) -> list[str] | None:
        self.looks.collect()
        batch = self.looks.ready()
        return None if batch is None else [f"{one.result.check}{'!' * one.result.failed}" for one in batch.seen]

    def _wake(self) -> None:
        self.woken += 1

    def _begin(self, host: Host, look: Look, answer: Callable[[Seen], None]) -> None:
        assert look.check.name not in self.answers, "begun while it runs"
        self.answers[look.check.name] = answer
        self.begun.append(look.check.name)
        if said := self.at_once.pop(look.check.name, None):
            self.answers.pop(look.check.name)(Seen(result=said, memory=b"{}"))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_was_due_together_is_recorded_together(bench: Bench) -> None:
    bench.start("a", "b")
    bench.answer("a")
    assert (bench.woken, bench.ready()) == (1, None)
    bench.answer("b")
    assert bench.ready() == ["a", "b"]
    assert (bench.ready(), bench.looks.next_ns()) == (None, None)


def test_a_slow_one_does_not_hold_up_the_rest(bench: Bench) -> None:
    bench.start("quick", "slow")
    bench.answer("quick")
    assert bench.ready() is None
    assert bench.looks.next_ns() == round((1000 + GATHER_SECONDS) * 1e9)
    bench.clock.wait(GATHER_SECONDS)
    assert bench.ready() == ["quick"]
    assert bench.looks.next_ns() == round((1000 + LIMIT) * 1e9)
    bench.clock.wait(3)
    bench.answer("slow")
    assert bench.ready() == ["slow"]


def test_what_a_signal_asked_for_waits_for_the_rest_but_a_shorter_moment(bench: Bench) -> None:
    bench.start("a", "b", urgent=True)
    bench.answer("a")
    assert bench.ready() is None
    bench.answer("b")
    assert bench.ready() == ["a", "b"]
    bench.start("quick", "slow", urgent=True)
    bench.answer("quick")
    assert bench.ready() is None
    assert bench.looks.next_ns() == round((1000 + GATHER_URGENT_SECONDS) * 1e9)
    bench.clock.wait(GATHER_URGENT_SECONDS)
    assert bench.ready() == ["quick"]
    bench.answer("slow")
    assert bench.ready() == ["slow"]


def test_a_signal_s_looks_begin_with_the_quickest_and_the_slow_when_those_are_on_record(bench: Bench) -> None:
    bench.start("a", "b", "c", urgent=True)
    bench.answer("a", took=HEAD_START_SECONDS)
    bench.answer("b", took=HEAD_START_SECONDS * 0.9)
    bench.answer("c", took=0.001)
    assert bench.ready() == ["a", "b", "c"]
    bench.begun.clear()
    bench.at_once = {name: CheckResult(check=name, judged=True) for name in ("b", "c")}
    bench.start("a", "b", "c", urgent=True)
    assert bench.begun == ["c", "b"]
    bench.looks.go_on()
    assert (bench.begun, bench.ready()) == (["c", "b"], ["c", "b"])
    assert bench.looks.next_ns() == round(1000 * 1e9), "at once"
    bench.looks.go_on()
    bench.answer("a")
    assert (bench.begun, bench.ready()) == (["c", "b", "a"], ["a"])


def test_one_that_is_slow_only_now_and_then_counts_as_quick(bench: Bench) -> None:
    for took in (0.001, 9.0):
        bench.start("asks on", "other", urgent=True)
        bench.answer("other")
        bench.answer("asks on", took=took)
        bench.ready()
    bench.begun.clear()
    bench.at_once = {"other": CheckResult(check="other", judged=True)}
    bench.start("asks on", "other", urgent=True)
    assert bench.begun == ["other", "asks on"]


def test_a_slow_one_that_is_asked_for_alone_begins_at_once(bench: Bench) -> None:
    for _ in range(2):
        bench.start("slow", urgent=True)
        bench.answer("slow", took=9.0)
        assert bench.ready() == ["slow"]


def test_who_left_something_to_its_next_look_is_on_record_before_the_rest_begins(bench: Bench) -> None:
    bench.at_once = {"stepped": CheckResult(check="stepped", judged=True, again_seconds=0.5)}
    bench.start("stepped", "then", urgent=True)
    assert (bench.begun, bench.ready()) == (["stepped"], ["stepped"])
    bench.looks.go_on()
    bench.answer("then")
    assert bench.ready() == ["then"]


def test_what_was_not_begun_yet_is_dropped_with_the_disowned(bench: Bench) -> None:
    bench.at_once = {"stepped": CheckResult(check="stepped", judged=True, again_seconds=0.5)}
    bench.start("stepped", "then", urgent=True)
    assert bench.ready() == ["stepped"]
    bench.looks.disown()
    assert bench.looks.take_dropped() == ("then",)
    bench.looks.go_on()
    assert (bench.begun, bench.ready(), bench.looks.next_ns()) == (["stepped"], None, None)


def test_who_wishes_to_look_again_is_recorded_at_once(bench: Bench) -> None:
    bench.start("stepped", "slow")
    result = CheckResult(check="stepped", judged=True, again_seconds=0.5)
    bench.answers.pop("stepped")(Seen(result=result, memory=b"{}"))
    assert bench.ready() == ["stepped"]
    bench.answer("slow")
    assert bench.ready() == ["slow"]


def test_what_is_over_anyway_goes_along(bench: Bench) -> None:
    bench.start("calm", "slow")
    bench.answer("calm")
    bench.clock.wait(0.1)
    bench.start("woken", urgent=True)
    bench.answer("woken")
    assert bench.ready() == ["calm", "woken"]


def test_one_that_hangs_is_reported_left_behind_and_costs_one_thread(bench: Bench) -> None:
    bench.start("hangs", "well")
    bench.answer("well")
    bench.clock.wait(LIMIT)
    assert bench.ready() == ["well", "hangs!"]
    assert (bench.looks.hanging, bench.looks.under_way) == (("hangs",), 0)
    for _ in range(100):
        bench.clock.wait(60)
        bench.start("hangs", "well")
        bench.answer("well")
        assert bench.ready() == ["hangs!", "well"]
    assert len(bench.answers) == 1, "begun once"


def test_it_says_since_when_it_hangs_in_one_span(bench: Bench) -> None:
    bench.start("hangs")
    bench.clock.wait(LIMIT)
    bench.ready()
    reasons = set()
    for _ in range(3):
        bench.clock.wait(50)
        bench.start("hangs")
        batch = bench.looks.ready()
        assert isinstance(batch, Batch)
        (seen,) = batch.seen
        assert (seen.memory, seen.result.judged) == (None, False)
        reasons.add(seen.result.reason)
    assert reasons == {"its look of 1970-01-01T00:00:00.000Z still hangs (time limit 10s); not begun again"}


def test_once_it_has_ended_after_all_it_is_dropped_told_and_begun_again(bench: Bench) -> None:
    bench.start("hangs")
    bench.clock.wait(LIMIT)
    assert bench.ready() == ["hangs!"]
    bench.clock.wait(110)
    bench.answer("hangs")
    assert bench.ready() is None
    assert bench.said == ["check hangs, left behind at its time limit, has ended after 2 min"]
    bench.start("hangs")
    bench.answer("hangs")
    assert bench.ready() == ["hangs"]


def test_a_disowned_look_is_dropped_and_named(bench: Bench) -> None:
    bench.start("a", "b")
    bench.answer("a")
    assert bench.ready() is None
    bench.looks.disown()
    bench.answer("b")
    assert bench.ready() == ["a"]
    assert (bench.looks.take_dropped(), bench.looks.take_dropped()) == (("b",), ())
    bench.start("b")
    bench.answer("b")
    assert bench.ready() == ["b"]


def test_nothing_started_is_nothing_to_wait_for(bench: Bench) -> None:
    bench.start()
    assert (bench.ready(), bench.looks.next_ns()) == (None, None)
