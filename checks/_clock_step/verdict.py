"""A step, judged: a fault from the sizes that are set on, else a note; and all that is known of it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from checks._clock_step.authors import MOST_LINES, Authors, Stepper, name_authors
from checks._clock_step.faults import BACKWARD, FORWARD
from checks._clock_step.steps import Step, is_leap_second
from watchdog.linux.ntp_log import ClockLine
from watchdog.plugin import Finding, Note, Severity, Stamp, render_seconds

SUBJECT = "clock"
EARLY = "who did it is being looked for"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes, in seconds, from which a step is more than a note."""

    backward: float
    critical_backward: float
    forward: float


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What was found where a step happened.

    `lines` were logged since the last look; `problems` say, by log, what could not be read of it. `steppers` are
    None when nobody looked for them; `is_early`: nobody has yet.
    """

    boot_id: str
    suspended_seconds: float = 0.0
    lines: Sequence[ClockLine] = ()
    steppers: Sequence[Stepper] | None = None
    problems: Mapping[str, str] = msgspec.field(default_factory=dict)
    is_early: bool = False


def judge_step(step: Step, scene: Scene, thresholds: Thresholds) -> Finding | Note:
    """Return the finding on a step that is large enough, the note on any other."""
    size, within = abs(step.seconds), _within(step, scene)
    evidence = _evidence(step, scene)
    now, who = evidence["wall_after_step"], evidence["author"]
    if scene.problems and not evidence["author_lines"]:
        who += f" (not read: {'; '.join(f'{log}: {problem}' for log, problem in scene.problems.items())})"
    if evidence["leap_second"]:
        done = "inserted: one second came twice" if step.size_ns < 0 else "deleted: one second was left out"
        return Note(subject=SUBJECT, summary=f"a leap second was {done}, {within}", evidence=evidence)
    if step.size_ns < 0 and size >= thresholds.backward:
        summary = (
            f"clock went back {render_seconds(size)} {within}, now {now}"
            f" (alert at {render_seconds(thresholds.backward)}); {_harm(size, thresholds)}; {who}"
        )
        severity = Severity.CRITICAL if size >= thresholds.critical_backward else Severity.WARNING
        return BACKWARD.on(SUBJECT, summary, severity=severity, **evidence)
    if step.size_ns > 0 and size >= thresholds.forward:
        summary = (
            f"clock jumped ahead {render_seconds(size)} {within}, now {now}"
            f" (alert at {render_seconds(thresholds.forward)}); timers fire and leases expire at once; {who}"
        )
        return FORWARD.on(SUBJECT, summary, **evidence)
    direction = "back" if step.size_ns < 0 else "ahead"
    summary = f"clock stepped {direction} {render_seconds(size)} {within}, below the alert threshold; {who}"
    return Note(subject=SUBJECT, summary=summary, evidence=evidence)


def wall_text(wall_ns: int) -> str:
    """Return a wall clock's time for people."""
    return Stamp(boot_id="", boottime_ns=0, wall_ns=wall_ns).wall_text


def _evidence(step: Step, scene: Scene) -> dict[str, Any]:
    """Return all that is known of a step: what the clock would read had nobody touched it, beside what it does."""
    authors = Authors(text=EARLY) if scene.is_early else name_authors(step, scene.lines, scene.steppers)
    noticed = [line.line for line in scene.lines if line.kind == "noticed"]
    leaps = [line.seconds or 0.0 for line in scene.lines if line.kind == "leap"]
    return {
        "step_seconds": step.seconds,
        "wall_before_step": wall_text(step.untouched_wall_ns),
        "wall_after_step": wall_text(step.after.wall_ns),
        "window_seconds": step.window_seconds,
        "window_begins_boottime_seconds": step.before.boottime_ns / 1e9,
        "window_ends_boottime_seconds": step.after.boottime_ns / 1e9,
        "suspended_seconds": scene.suspended_seconds,
        "boot_id": scene.boot_id,
        "leap_second": is_leap_second(step, leaps),
        "author": authors.text,
        "author_programs": authors.programs,
        "author_lines": authors.lines,
        "noticed_lines": noticed[:MOST_LINES],
        "able_to_step": [f"{one.program} (pid {one.pid})" for one in scene.steppers or ()],
        "logs_not_read": scene.problems,
        "likely_causes": authors.likely_causes,
        "ruled_out_causes": authors.ruled_out_causes,
    }


def _within(step: Step, scene: Scene) -> str:
    within = f"within the last {render_seconds(step.window_seconds)}"
    if scene.suspended_seconds < 1:
        return within
    return f"{within} ({render_seconds(scene.suspended_seconds)} of it suspended)"


def _harm(back: float, thresholds: Thresholds) -> str:
    if back >= thresholds.critical_backward:
        limit = render_seconds(thresholds.critical_backward)
        return f"beyond {limit} Dovecot kills its sessions and databases may refuse to go on"
    return "programs that order by the wall clock stall or misorder"
