"""Observe and judge: runs checks side by side, each within its own time limit, and never lets one spoil another.

Each check has a thread of its own, also where it is the only one: healing verifies while it holds the history's
lock. One that outlives its limit is left behind (a thread cannot be ended from outside) and reported; threads are
daemonic, so a one-shot run still ends at once.
"""

import math
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from typing import Any

import msgspec
from msgspec.structs import replace

from watchdog.errors import NotApplicable, Unobservable
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, Judgement, LookAgain, Metric, Note, Severity, Stamp, Unseen
from watchdog.plain import plain_evidence, shorten
from watchdog.plugin import CheckSettings, Facts
from watchdog.registry import AnyCheck

# More than any host has to say. A generator that never ends would outlive its limit and eat the memory of us all.
MOST_JUDGEMENTS = 100_000
# What the fields of a judgement hold; those that are not named are text.
_HOLDS: Mapping[str, type | tuple[type, ...]] = {
    "severity": Severity,
    "value": (int, float),
    "seconds": (int, float),
    "completes": bool,
    "evidence": Mapping,
}
# What an exception says is recorded and told; some say all they know.
_LONGEST_REASON = 500


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One check to run, with what it remembers as JSON (None: nothing yet)."""

    check: AnyCheck
    settings: CheckSettings
    memory: bytes | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a look; `memory` is what the check wants remembered (None: leave what there is)."""

    result: CheckResult
    memory: bytes | None = None


def look_at_all(host: Host, looks: Iterable[Look]) -> tuple[Seen, ...]:
    """Run every check at the same time and return what each said, in the order given.

    What they print goes to stderr: stdout is ours, and a script may read it as JSON.
    """
    host = host.afresh()
    with redirect_stdout(sys.stderr):
        pending = [(look, host.stamp(), _start(host, look)) for look in looks]
        return tuple(_await(host, look, started, answer) for look, started, answer in pending)


def judge_facts(check: AnyCheck, facts: Facts, before: Facts | None, settings: CheckSettings) -> CheckResult:
    """Judge facts, of now or of long ago. Raises what `judge` raises, and ValueError for a fault not its own."""
    result = _sort(check.name, check.judge(facts, before, settings))
    known = {fault.code for fault in check.faults}
    for finding in result.findings:
        if finding.fault not in known:
            raise ValueError(f"{check.name} found {finding.fault}, which it does not declare among its faults")
    return result


def begin(host: Host, look: Look, answer: Callable[[Seen], None]) -> None:
    """Run a check in a thread of its own, which calls `answer` once, with whatever came of it."""
    name = look.check.name
    work = threading.Thread(target=lambda: answer(_timed(host, look)), name=f"check-{name}", daemon=True)
    try:
        work.start()
    except RuntimeError as error:  # the host, or our cgroup, has no thread left
        answer(Seen(result=failed(name, _describe(error))))


def _start(host: Host, look: Look) -> "queue.SimpleQueue[Seen]":
    answer = queue.SimpleQueue[Seen]()
    begin(host, look, answer.put)
    return answer


def _await(host: Host, look: Look, started: Stamp, answer: "queue.SimpleQueue[Seen]") -> Seen:
    limit = look.settings.time_limit
    left = limit - host.stamp().seconds_since(started)
    try:
        return answer.get(timeout=max(left, 0))
    except queue.Empty:
        reason = f"still running after its time limit of {limit}; left behind"
        return Seen(result=failed(look.check.name, reason, float(limit)))


def _timed(host: Host, look: Look) -> Seen:
    started = host.stamp()
    seen = _look(host, look)
    took = host.stamp().seconds_since(started)
    return replace(seen, result=replace(seen.result, took_seconds=took))


def _look(host: Host, look: Look) -> Seen:
    name = look.check.name
    try:
        before, forgotten = decode_memory(look)
        facts = look.check.observe(host, look.settings, before)
        result = judge_facts(look.check, facts, before, look.settings)
        memory = msgspec.json.encode(look.check.remember(facts, before, look.settings))
    except NotApplicable as verdict:
        return Seen(result=CheckResult(check=name, judged=True, applicable=False, reason=_text_of(verdict)))
    except Unobservable as verdict:
        return Seen(result=CheckResult(check=name, judged=False, reason=_text_of(verdict)))
    except BaseException as error:  # noqa: BLE001 - a check that raises costs only itself, sys.exit() included
        return Seen(result=failed(name, _describe(error)))
    return Seen(result=replace(result, notes=(*forgotten, *result.notes)), memory=memory)


def decode_memory(look: Look) -> tuple[Any, tuple[Note, ...]]:
    """Return what the check remembers; memory that cannot be read is given up, and noted."""
    if look.memory is None:
        return None, ()
    try:
        return msgspec.json.decode(look.memory, type=look.check.memory), ()
    except msgspec.MsgspecError as error:
        lost = Note(
            subject=look.check.name, summary=f"what this check remembered is unreadable, begun anew: {error}"
        )
        return None, (lost,)


def _sort(name: str, judgements: Iterable[Judgement]) -> CheckResult:
    """Put what a judge yielded, in its order, where it belongs in the result."""
    kinds: Mapping[type, list[Any]] = {Finding: [], Unseen: [], Note: [], Metric: [], LookAgain: []}
    for count, judgement in enumerate(judgements, 1):
        if count > MOST_JUDGEMENTS:
            raise ValueError(f"{name} judged more than {MOST_JUDGEMENTS} times: does it ever end?")
        if type(judgement) not in kinds:
            raise TypeError(
                f"{name} judged {judgement!r:.100}, expected a Finding, Unseen, Note, Metric or LookAgain"
            )
        kinds[type(judgement)].append(_plainly(name, judgement))
    unseen = tuple(kinds[Unseen])
    return CheckResult(
        check=name,
        judged=True,
        reason="; ".join(f"{part.subject}: {part.reason}" for part in unseen),
        findings=tuple(kinds[Finding]),
        unseen=unseen,
        notes=tuple(kinds[Note]),
        # What is no number measures nothing, and JSON cannot say it.
        metrics=tuple(metric for metric in kinds[Metric] if math.isfinite(metric.value)),
        again_seconds=min(
            (max(one.seconds, 0.0) for one in kinds[LookAgain] if math.isfinite(one.seconds)), default=None
        ),
    )


def _plainly(name: str, judgement: Judgement) -> Judgement:
    """Return a judgement that the rest of the house can trust; TypeError when it is not what it says."""
    for field in judgement.__struct_fields__:
        value, expected = getattr(judgement, field), _HOLDS.get(field, str)
        if not isinstance(value, expected):
            kind = type(judgement).__name__
            raise TypeError(f"{name} judged a {kind} whose {field} is {value!r:.60}")
    if isinstance(judgement, (Finding, Note)):
        summary, evidence = shorten(judgement.summary), plain_evidence(judgement.evidence)
        return replace(judgement, summary=summary, evidence=evidence)
    if isinstance(judgement, Unseen):
        return replace(judgement, reason=shorten(judgement.reason))
    if isinstance(judgement, LookAgain):
        return replace(judgement, seconds=_as_float(judgement.seconds))
    return replace(judgement, value=_as_float(judgement.value))


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def failed(name: str, reason: str, took_seconds: float = 0.0) -> CheckResult:
    """Return the result of a look that came to nothing."""
    return CheckResult(check=name, judged=False, failed=True, reason=reason, took_seconds=took_seconds)


def _describe(error: BaseException) -> str:
    """Say what was raised and where, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"raised {type(error).__name__}: {_text_of(error)}{where}"


def _text_of(error: BaseException) -> str:
    """Return what an exception says, on one line and not too long."""
    try:
        said = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - it may be any plugin's own class
        said = "(what it says cannot be had)"
    return said if len(said) <= _LONGEST_REASON else f"{said[: _LONGEST_REASON - 3]}..."
