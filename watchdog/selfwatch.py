"""The engine's own view: a check that keeps failing, a damaged history, a cure that does not last. Pure."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from watchdog import routing
from watchdog.model import CheckResult, Fault, Finding, Note, Severity, TargetState
from watchdog.units import render_seconds

NAME = "watchdog"
FAILURES_TO_ALERT = 3
DEAD_AFTER_SECONDS = 900.0

CHECK_FAILED = Fault(
    code="watchdog.check_failed",
    title="a check keeps failing",
    severity=Severity.WARNING,
    why="What this check watches is not watched: a fault there would go unseen.",
    advice="Run `watchdog check NAME` by hand and read the reason. If the check is at fault, save its facts with"
    " `watchdog check NAME --dump-facts` and report it; to do without it meanwhile, set `enabled = false` in"
    " [checks.NAME].",
)
HISTORY_DAMAGED = Fault(
    code="watchdog.history_damaged",
    title="the history was damaged and set aside",
    severity=Severity.WARNING,
    why="Incidents and what the checks remembered begin anew; a fault that only shows against the past (a removed"
    " bond member, a step before now) can be missed once.",
    advice="The damaged file is kept under its new name. Check the disk (`dmesg`, `smartctl -a`) and whether"
    " somebody else writes there; what can be read of it: `sqlite3 FILE .recover`.",
    event=True,
    quiet_seconds=86_400.0,
)
REMEDIATION_CHRONIC = Fault(
    code="watchdog.remediation_chronic",
    title="the same fault is healed again and again",
    severity=Severity.WARNING,
    why="It heals every time and never stays well: something keeps breaking it, and each time somebody is cut off"
    " until it is healed.",
    advice="Find what keeps breaking it: `watchdog report --since 24h` shows when, and after what. To watch it"
    " break, stop the healing: `watchdog pause --for 2h --why ...`. How many are too many: [healing] chronic.",
)
TARGET_DEAD = Fault(
    code=routing.TARGET_DEAD,
    title="a notification target takes no messages",
    severity=Severity.WARNING,
    tells=(),
    why="Who should be told of faults through it hears nothing.",
    advice="`watchdog notify` lists what waits and what the target last said; check its URL and the way to it;"
    " `watchdog notify test` shows whether it takes messages again; what waits goes out at its next try, within"
    " an hour, or at once by `watchdog notify drain --now`. Told through the others only; what"
    " could not be delivered in time is told there in a summary once it takes messages again.",
)
FAULTS = (CHECK_FAILED, HISTORY_DAMAGED, REMEDIATION_CHRONIC, TARGET_DEAD)


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """How many times in a row each check has failed, and why the last time; why the last ping failed."""

    failures: dict[str, int] = {}
    reasons: dict[str, str] = {}
    ping: str = ""


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """A history file that was set aside: its new name and what was wrong with it."""

    path: str
    reason: str


class OwnView(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine found out about itself, and what it remembers."""

    result: CheckResult
    memory: Memory = msgspec.field(default_factory=Memory)


def judge_self(
    results: Iterable[CheckResult],
    before: Memory,
    known: Mapping[str, object],
    damage: Damage | None,
    stepped_seconds: float,
    heals: Mapping[tuple[str, str], int] | None = None,
    chronic: int = 3,
    targets: Iterable[TargetState] = (),
    dead_after_seconds: float = DEAD_AFTER_SECONDS,
    ping: str = "",
) -> OwnView:
    """Count failures in a row over the checks that ran; checks that did not run keep their count.

    `stepped_seconds` is by how much the clock was stepped while they looked; `heals` counts the successful heals
    of the last day by fault and subject, of which `chronic` are too many. `targets` are those that are told of
    faults; one is dead when it has failed for `dead_after_seconds`, or said that it takes nothing. `ping` is why
    the last ping failed.
    """
    failures = {name: count for name, count in before.failures.items() if name in known}
    reasons = {name: reason for name, reason in before.reasons.items() if name in failures}
    for result in results:
        failures.pop(result.check, None)
        reasons.pop(result.check, None)
        if result.failed:
            failures[result.check] = before.failures.get(result.check, 0) + 1
            reasons[result.check] = result.reason
    memory = Memory(failures=failures, reasons=reasons, ping=ping)
    findings = (
        *_failing(memory),
        *_damaged(damage),
        *_chronic(heals or {}, chronic),
        *_dead(targets, dead_after_seconds),
    )
    notes = (*_stepped(stepped_seconds), *_unheard(ping, before.ping))
    return OwnView(result=CheckResult(check=NAME, judged=True, findings=findings, notes=notes), memory=memory)


def _failing(memory: Memory) -> Iterator[Finding]:
    for name, count in sorted(memory.failures.items()):
        if count >= FAILURES_TO_ALERT:
            reason = memory.reasons.get(name, "")
            yield CHECK_FAILED.on(
                name,
                f"{name} failed {count} times in a row (alert at {FAILURES_TO_ALERT}): {reason};"
                f" nothing is watched there, try: watchdog check {name}",
                failures_in_a_row=count,
                reason=reason,
            )


def _dead(targets: Iterable[TargetState], after_seconds: float) -> Iterator[Finding]:
    for target in targets:
        lasts = target.failures >= FAILURES_TO_ALERT and target.failing_seconds >= after_seconds
        if not target.refused and not lasts:
            continue
        length = f"for {render_seconds(target.failing_seconds)}" if lasts else "at the last try"
        limits = (
            f"alert at {FAILURES_TO_ALERT} within {render_seconds(after_seconds)}, or at once when it says that it"
            " takes nothing"
        )
        yield TARGET_DEAD.on(
            target.name,
            f"{target.name} has taken no message {length}, {target.failures} failed in a row ({limits}):"
            f" {target.last_error}",
            failures_in_a_row=target.failures,
            failing_seconds=round(target.failing_seconds, 3),
            refused=target.refused,
            error=target.last_error,
        )


def _stepped(seconds: float) -> Iterator[Note]:
    if seconds:
        direction = "back" if seconds < 0 else "ahead"
        yield Note(
            subject="cycle",
            summary=f"the clock was set {direction} {render_seconds(abs(seconds))} while this run looked: what it"
            " compared with the wall clock may be off; the step itself is reported by this run or by the next",
            evidence={"step_seconds": seconds},
        )


def _unheard(ping: str, before: str) -> Iterator[Note]:
    """Note that the ping begins to fail: who waits for it cannot tell that from our silence."""
    if ping and ping != before:
        summary = f"the ping of [notify.ping] failed: {ping}; who waits for it takes the watchdog for silent"
        yield Note(subject="ping", summary=summary, evidence={"reason": ping})


def _damaged(damage: Damage | None) -> Iterator[Finding]:
    if damage is not None:
        yield HISTORY_DAMAGED.on(
            "history",
            f"the history was damaged ({damage.reason}); it is kept as {damage.path} and a fresh one has begun",
            path=damage.path,
            reason=damage.reason,
        )


def _chronic(heals: Mapping[tuple[str, str], int], most: int) -> Iterator[Finding]:
    for (fault, subject), count in sorted(heals.items()):
        if count >= most:
            yield REMEDIATION_CHRONIC.on(
                f"{fault}/{subject}",
                f"{fault} on {subject} was healed {count} times within the last day (alert at {most}), and came"
                " back each time: what breaks it is not cured",
                fault=fault,
                healed_subject=subject,
                heals=count,
            )
