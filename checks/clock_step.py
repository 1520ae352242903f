"""The clock was stepped: forward or, what kills Dovecot and databases, backward.

A step moves CLOCK_REALTIME - CLOCK_BOOTTIME by exactly its size; slewing (adjtime, NTP's steady corrections) and
suspend do not move it at all (Linux kernel/time/timekeeping.c). So two readings on the same boot, however far
apart, show the sum of what was stepped between them, to the microsecond, long after the offset is fine again.

Who did it, the kernel does not say. When a step is seen, and only then, the logs written since the last look are
read and the programs that could have done it are listed (_clock_step/authors.py): it is named as likely, and its
line is quoted. Then the clocks are read once more, so that a step in the meantime is a step of its own.

The daemon has the step on record first, and its author when it has looked again (_clock_step/owed.py).

Across a reboot that difference is not known; what can be said is that the clock went back when this boot, by the
present clock, began before the last run of the boot before it. No step are a leap second, which is noted by its
name, and a machine put back to a snapshot, whose BOOTTIME runs behind what was seen of it.

Severity: Dovecot's mail processes sleep when the clock goes back up to 5 s and kill themselves beyond it
(dovecot lib-storage/mail-storage-service.c), hence `critical_backward`.
"""

import time
from collections.abc import Iterator

import msgspec

from checks._clock_step.authors import find_steppers
from checks._clock_step.facts import (
    ClockFacts,
    ClockMemory,
    Traces,
    baseline_of,
    owed_of,
    still_owed,
    suspended_seconds,
)
from checks._clock_step.faults import BACKWARD, BACKWARD_ACROSS_REBOOT, FORWARD
from checks._clock_step.owed import Owed, judge_at_once, judge_owed
from checks._clock_step.steps import Reading, find_steps
from checks._clock_step.verdict import SUBJECT, Scene, Thresholds, judge_step, wall_text
from watchdog.linux.ntp_log import FILES, IDENTIFIERS, ClockLine, parse_clock_line
from watchdog.plugin import (
    THOROUGH_TAIL_BYTES,
    Check,
    CheckSettings,
    Duration,
    Host,
    Judgement,
    LogPosition,
    LogTail,
    LookAgain,
    Metric,
    Note,
    Signal,
    Stamp,
    mark_logs,
    new_lines,
    read_logs,
    render_seconds,
    skipped_logs,
)

# The kernel logs a leap second, but its thousand lines of the boot would be read for that; syslog's files have it.
_IDENTIFIERS = tuple(name for name in IDENTIFIERS if name != "kernel")


class ClockStepSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.clock_step]`: the sizes from which a step is more than a note, and how long to wait for its author.

    `author_wait`: a step can be seen before the program that made it has logged it.
    """

    every: Duration = Duration(30)
    alert_backward: Duration = Duration(0.5)
    critical_backward: Duration = Duration(5)
    alert_forward: Duration = Duration(30)
    author_wait: Duration = Duration(0.5)


def observe(host: Host, settings: ClockStepSettings, before: ClockMemory | None) -> ClockFacts:
    """Read the clocks and, when they were stepped since `before`, look for who did it."""
    log = mark_logs(host, files=FILES)  # first: what a step after this reading leaves is then new the next time
    now = host.stamp()
    facts = ClockFacts(
        boot_id=now.boot_id,
        boottime_ns=now.boottime_ns,
        wall_ns=now.wall_ns,
        suspended_seconds=host.suspended_seconds(),
        log=log,
        noted=_noted(host, before, now),
        looks_again=host.looks_again,
    )
    owed = owed_of(facts, before)
    if before is None or not _is_time_for_authors(facts, before, owed, settings):
        return facts
    since, tail = (owed.log if owed else before.log), _read_logs(host)
    if not host.looks_again and not any(line.kind == "stepped" for line in _clock_lines(tail, since)):
        time.sleep(settings.author_wait)
        tail = _read_logs(host)
    steppers = find_steppers(host)
    log, now = mark_logs(host, files=FILES), host.stamp()
    again = Reading(boottime_ns=now.boottime_ns, wall_ns=now.wall_ns)
    traces = Traces(logs=tail, steppers=steppers, again=again)
    return msgspec.structs.replace(facts, log=log, noted=_noted(host, before, now), traces=traces)


def judge(facts: ClockFacts, before: ClockMemory | None, settings: ClockStepSettings) -> Iterator[Judgement]:
    """Compare the readings with that of the last run, and with each other."""
    if before is None:
        yield Note(subject=SUBJECT, summary="first reading of the clocks: steps show from the next run on")
        return
    thresholds = Thresholds(
        backward=settings.alert_backward,
        critical_backward=settings.critical_backward,
        forward=settings.alert_forward,
    )
    owed = owed_of(facts, before)
    if before.owed and not owed:  # in another life; who did it is not to be known any more
        yield from judge_owed(before.owed, Scene(boot_id=before.boot_id), thresholds)
    if facts.boot_id != before.boot_id:
        yield from _judge_reboot(facts, before, settings)
        return
    if facts.boottime_ns < before.boottime_ns:
        yield _note_reverted(facts, before)
        return
    steps, _ = find_steps(baseline_of(facts, before), facts.readings)
    yield Metric(subject=SUBJECT, name="step_seconds", value=sum(step.size_ns for step in steps) / 1e9)
    yield Metric(subject=SUBJECT, name="steps", value=len(steps))
    if owed and facts.traces:
        yield from judge_owed(owed, _scene(facts, owed.log, owed.suspended_seconds), thresholds)
    scene = _scene(facts, before.log, suspended_seconds(facts, before))
    for step in steps:
        if not facts.looks_again:
            yield judge_step(step, scene, thresholds)
        elif at_once := judge_at_once(step, scene, thresholds):
            yield at_once
    if left := still_owed(facts, before, steps):
        yield LookAgain(seconds=max(_author_due_ns(left, settings) - facts.boottime_ns, 0) / 1e9)


def remember(facts: ClockFacts, before: ClockMemory | None, settings: ClockStepSettings) -> ClockMemory:
    """Keep the last reading for the next run."""
    steps, baseline = find_steps(baseline_of(facts, before), facts.readings)
    return ClockMemory(
        boot_id=facts.boot_id,
        boottime_ns=baseline.boottime_ns,
        wall_ns=baseline.wall_ns,
        suspended_seconds=facts.suspended_seconds,
        log=facts.log,
        owed=still_owed(facts, before, steps),
    )


def _is_time_for_authors(
    facts: ClockFacts, before: ClockMemory, owed: Owed | None, settings: ClockStepSettings
) -> bool:
    """Tell whether to look for authors: of steps that are owed, if it is time; else of those found just now."""
    if not facts.looks_again:
        return owed is not None or bool(find_steps(baseline_of(facts, before), facts.readings)[0])
    return owed is not None and (owed.is_full or facts.boottime_ns >= _author_due_ns(owed, settings))


def _author_due_ns(owed: Owed, settings: ClockStepSettings) -> int:
    return owed.found_boottime_ns + round(settings.author_wait * 1e9)


def _noted(host: Host, before: ClockMemory | None, until: Stamp) -> tuple[Reading, ...]:
    """Return what was noted between the last look and this one; before the first look it is of no use."""
    if before is None or before.boot_id != until.boot_id:
        return ()
    return tuple(
        Reading(boottime_ns=noted.boottime_ns, wall_ns=noted.wall_ns)
        for noted in host.clock_readings()
        if before.boottime_ns < noted.boottime_ns < until.boottime_ns
    )


def _read_logs(host: Host) -> LogTail:
    return read_logs(
        host,
        lambda text: parse_clock_line(text) is not None,
        identifiers=_IDENTIFIERS,
        files=FILES,
        tail_bytes=THOROUGH_TAIL_BYTES,
    )


def _clock_lines(tail: LogTail, since: LogPosition) -> list[ClockLine]:
    """Return what was logged of the clock since then; a line that two files hold counts once."""
    texts = dict.fromkeys(line.text for line in new_lines(tail, since))
    return [line for text in texts if (line := parse_clock_line(text))]


def _scene(facts: ClockFacts, since: LogPosition, suspended_seconds: float) -> Scene:
    traces = facts.traces
    if traces is None:
        return Scene(boot_id=facts.boot_id, suspended_seconds=suspended_seconds)
    missed = dict.fromkeys(skipped_logs(traces.logs, since), "grew by more than is read: lines were missed")
    return Scene(
        boot_id=facts.boot_id,
        suspended_seconds=suspended_seconds,
        lines=_clock_lines(traces.logs, since),
        steppers=traces.steppers,
        problems={**missed, **traces.logs.problems},
    )


def _note_reverted(facts: ClockFacts, before: ClockMemory) -> Note:
    behind = (before.boottime_ns - facts.boottime_ns) / 1e9
    return Note(
        subject=SUBJECT,
        summary=f"this boot's clocks are {render_seconds(behind)} behind the last look: the machine was put back"
        " to a snapshot; whether its clock was stepped since cannot be told, the comparison begins anew",
        evidence={"behind_seconds": behind, "boot_id": facts.boot_id},
    )


def _judge_reboot(facts: ClockFacts, before: ClockMemory, settings: ClockStepSettings) -> Iterator[Judgement]:
    boot_began_wall_ns = facts.wall_ns - facts.boottime_ns
    back = (before.wall_ns - boot_began_wall_ns) / 1e9
    if back < settings.alert_backward:
        return
    still_earlier = facts.wall_ns < before.wall_ns
    even_now = f"; even now it reads {wall_text(facts.wall_ns)}, earlier than that" if still_earlier else ""
    yield BACKWARD_ACROSS_REBOOT.on(
        SUBJECT,
        f"clock went back at least {render_seconds(back)} across a reboot: by today's clock this boot began at"
        f" {wall_text(boot_began_wall_ns)}, before the last run at {wall_text(before.wall_ns)}"
        f" (alert at {render_seconds(settings.alert_backward)}){even_now}; files and mail carry stamps from the"
        " future",
        back_at_least_seconds=back,
        boot_began_wall=wall_text(boot_began_wall_ns),
        last_run_wall=wall_text(before.wall_ns),
        wall_now=wall_text(facts.wall_ns),
        still_earlier_than_last_run=still_earlier,
        boot_id=facts.boot_id,
        boot_id_before=before.boot_id,
    )


CHECK = Check(
    name="clock_step",
    title="clock steps since the last run",
    faults=(BACKWARD, FORWARD, BACKWARD_ACROSS_REBOOT),
    settings=ClockStepSettings,
    facts=ClockFacts,
    memory=ClockMemory,
    observe=observe,
    judge=judge,
    remember=remember,
    wakes=frozenset({Signal.CLOCK}),
)
