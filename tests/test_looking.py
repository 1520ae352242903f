"""What one check does to the others, whatever it does: nothing."""

import itertools
import math
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from watchdog import looking
from watchdog.errors import NotApplicable, Unobservable
from watchdog.host import Host
from watchdog.looking import Look, look_at_all
from watchdog.model import CheckResult, Fault, Finding, Judgement, LookAgain, Metric, Note, Severity, Unseen
from watchdog.plugin import Check, CheckSettings, Duration, Facts

OUT = Fault(code="lamp.out", title="", severity=Severity.WARNING, why="", advice="")
ANOTHERS = Fault(code="bond.down", title="", severity=Severity.WARNING, why="", advice="")
LONG = Duration(60)


def look(
    name: str,
    judge: Callable[[Facts, Any, CheckSettings], Iterable[Judgement]] = lambda facts, before, settings: (),
    *,
    observe: Callable[[], object] = lambda: None,
    limit: Duration = LONG,
    memory: bytes | None = None,
) -> Look:
    def observed(host: Host, settings: CheckSettings, before: Facts | None) -> Facts:
        observe()
        return Facts()

    check = Check(
        name=name,
        title="",
        faults=(OUT,),
        settings=CheckSettings,
        facts=Facts,
        memory=Facts,
        observe=observed,
        judge=judge,
        remember=lambda facts, before, settings: facts,
    )
    return Look(check=check, settings=CheckSettings(time_limit=limit), memory=memory)


def raising(error: BaseException) -> Callable[[], object]:
    def observe() -> None:
        raise error

    return observe


def judged(*judgements: object) -> Callable[[Facts, Any, CheckSettings], Iterable[Judgement]]:
    return lambda facts, before, settings: iter(judgements)  # type: ignore[arg-type]


@pytest.fixture
def stuck() -> Iterator[Callable[[], object]]:
    """Give what never returns while the test lasts."""
    over = threading.Event()
    yield over.wait
    over.set()


def only(one: Look) -> CheckResult:
    (seen,) = look_at_all(Host(), [one])
    return seen.result


def test_results_come_in_the_order_asked_for_however_long_each_takes() -> None:
    first_waits = threading.Event()
    seen = look_at_all(
        Host(), [look("b", observe=first_waits.wait), look("a", observe=first_waits.set), look("c")]
    )
    assert [one.result.check for one in seen] == ["b", "a", "c"]
    assert all(one.result.judged for one in seen)


def test_each_kind_of_judgement_has_its_place_and_keeps_its_order() -> None:
    finding, metric, note = (
        OUT.on("attic", "out"),
        Metric(subject="a", name="n", value=1),
        Note(subject="a", summary=""),
    )
    unseen = [Unseen(subject=subject, reason="dark") for subject in ("cellar", "roof")]
    result = only(look("lamp", judged(unseen[0], note, finding, metric, unseen[1])))
    assert result.findings == (finding,)
    assert result.unseen == tuple(unseen)
    assert (result.notes, result.metrics) == ((note,), (metric,))
    assert result.reason == "cellar: dark; roof: dark"


@pytest.mark.parametrize(
    ("seconds", "soon"),
    [
        pytest.param([], None, id="none"),
        pytest.param([2, 0.5, 3], 0.5, id="the-first-of-them"),
        pytest.param([-1], 0.0, id="at-once"),
        pytest.param([math.inf, math.nan, 10**400], None, id="never"),
    ],
)
def test_a_wish_to_look_again(seconds: list[float], soon: float | None) -> None:
    assert only(look("lamp", judged(*(LookAgain(seconds=one) for one in seconds)))).again_seconds == soon


def test_one_that_hangs_is_left_behind_and_the_others_are_not_held_up(stuck: Callable[[], object]) -> None:
    hangs, well = look_at_all(Host(), [look("hangs", observe=stuck, limit=Duration(0.05)), look("well")])
    assert hangs.result.reason == "still running after its time limit of 50ms; left behind"
    assert (hangs.result.failed, hangs.result.verdict.value, hangs.memory) == (True, "unknown", None)
    assert well.result.judged


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(ZeroDivisionError("oh"), "raised ZeroDivisionError: oh at ", id="exception"),
        pytest.param(SystemExit(0), "raised SystemExit: 0 at ", id="sys.exit"),
        pytest.param(KeyboardInterrupt(), "raised KeyboardInterrupt:  at ", id="keyboard-interrupt"),
        pytest.param(GeneratorExit(), "raised GeneratorExit:  at ", id="generator-exit"),
        pytest.param(
            ValueError("one\nline\r\n of\x0bthree"), "raised ValueError: one line of three at ", id="lines"
        ),
        pytest.param(ValueError("x" * 10**6), f"raised ValueError: {'x' * 497}... at ", id="endless-text"),
    ],
)
def test_what_it_raises_becomes_its_result_at_once(error: BaseException, said: str) -> None:
    result = only(look("lamp", observe=raising(error)))
    assert result.reason.startswith(said)
    assert (result.failed, result.judged) == (True, False)


@pytest.mark.parametrize(
    ("verdict", "applicable", "judged"),
    [
        pytest.param(NotApplicable("no lamp here"), False, True, id="not-applicable"),
        pytest.param(Unobservable("no lamp here"), True, False, id="unobservable"),
    ],
)
def test_a_verdict_is_no_failure(verdict: Exception, applicable: bool, judged: bool) -> None:
    result = only(look("lamp", observe=raising(verdict)))
    assert (result.applicable, result.judged, result.failed) == (applicable, judged, False)
    assert result.reason == "no lamp here"


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        pytest.param(
            lambda facts, before, settings: (Note(subject="a", summary="") for _ in itertools.count()),
            f"lamp judged more than {looking.MOST_JUDGEMENTS} times: does it ever end?",
            id="never-ends",
        ),
        pytest.param(
            judged(ANOTHERS.on("bond0", "")),
            "lamp found bond.down, which it does not declare",
            id="fault-of-another",
        ),
        pytest.param(judged("out"), "lamp judged 'out', expected a Finding, Unseen, Note, ", id="a-word"),
        pytest.param(judged(None), "lamp judged None, expected a Finding", id="none"),
        pytest.param(
            judged(LookAgain(seconds="1")),  # type: ignore[arg-type]
            "lamp judged a LookAgain whose seconds is '1'",
            id="look-again-in-words",
        ),
    ],
)
def test_what_no_judge_may_say_is_its_failure(judge: Any, said: str) -> None:
    result = only(look("lamp", judge))
    assert said in result.reason
    assert (result.failed, result.findings) == (True, ())


def test_what_nobody_reads_to_its_end_is_cut() -> None:
    result = only(look("lamp", judged(OUT.on("a", "x" * 3000), Unseen(subject="b", reason="y" * 3000))))
    assert (len(result.findings[0].summary), len(result.unseen[0].reason)) == (2000, 2000)


def test_memory_that_cannot_be_read_is_given_up_and_noted() -> None:
    (seen,) = look_at_all(Host(), [look("lamp", judged(OUT.on("attic", "out")), memory=b"not json")])
    assert seen.result.notes[0].summary.startswith("what this check remembered is unreadable, begun anew: ")
    assert (len(seen.result.findings), seen.memory) == (1, b"{}")


def test_no_thread_left_on_the_host_is_an_unknown_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert only(look("lamp")).reason.startswith("raised RuntimeError: can't start new thread at ")


def test_nothing_of_what_a_check_raises_reaches_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    only(look("lamp", observe=lambda: sys.exit("bye")))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("judgement", "said"),
    [
        pytest.param(OUT.on(3, "out"), "judged a Finding whose subject is 3", id="subject"),  # type: ignore[arg-type]
        pytest.param(OUT.on(["x"], "out"), "judged a Finding whose subject is ['x']", id="unhashable"),  # type: ignore[arg-type]
        pytest.param(OUT.on("a", None), "judged a Finding whose summary is None", id="summary"),  # type: ignore[arg-type]
        pytest.param(
            Finding(fault="lamp.out", subject="a", severity="warning", summary=""),  # type: ignore[arg-type]
            "judged a Finding whose severity is 'warning'",
            id="severity",
        ),
        pytest.param(
            Note(subject="a", summary="", evidence=[1]),  # type: ignore[arg-type]
            "judged a Note whose evidence is [1]",
            id="evidence",
        ),
        pytest.param(
            Metric(subject="a", name="n", value="1"),  # type: ignore[arg-type]
            "judged a Metric whose value is '1'",
            id="value",
        ),
        pytest.param(Unseen(subject="a", reason=None), "judged a Unseen whose reason is None", id="reason"),  # type: ignore[arg-type]
    ],
)
def test_a_judgement_holds_what_it_says(judgement: object, said: str) -> None:
    result = only(look("lamp", judged(judgement)))
    assert (result.failed, said in result.reason) == (True, True), result.reason


def test_evidence_becomes_what_json_can_say() -> None:
    result = only(look("lamp", judged(OUT.on("a", "out", raw=b"\xff", at={2, 1}, drift=float("nan")))))  # type: ignore[arg-type]
    assert [finding.evidence for finding in result.findings] == [{"raw": "\\xff", "at": [1, 2], "drift": "nan"}]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**5000], ids=["nan", "infinity", "huge"])
def test_what_is_no_number_measures_nothing(value: float) -> None:
    result = only(look("lamp", judged(Metric(subject="a", name="n", value=value), OUT.on("a", "out"))))
    assert (result.metrics, len(result.findings)) == ((), 1)


@pytest.mark.parametrize("kind", [ValueError, NotApplicable, Unobservable])
def test_an_exception_that_cannot_say_itself(kind: type[Exception]) -> None:
    class Mute(kind):  # type: ignore[misc,valid-type]
        def __str__(self) -> str:
            raise RuntimeError

    assert "(what it says cannot be had)" in only(look("lamp", observe=raising(Mute()))).reason


def test_what_a_check_prints_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    only(look("lamp", observe=lambda: print("hello")))
    assert capsys.readouterr() == ("", "hello\n")
