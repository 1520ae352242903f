"""The clock was stepped: forward or, what kills Dovecot and databases, backward.

A step moves CLOCK_REALTIME - CLOCK_BOOTTIME by exactly its size; slewing (adjtime, NTP's steady corrections) and
suspend do not move it at all (Linux kernel/time/timekeeping.c). So two readings on the same boot, however far
apart, show the sum of what was stepped between them, to the microsecond, long after the offset is fine again.

Who did it, the kernel does not say. When a step is seen, and only then, the logs written since the last look are
read and the programs that could have done it are listed (_clock_step/authors.py): it is named as likely, and its
line is quoted. Then the clocks are read once more, so that a step in the meantime is a step of its own.

Across a reboot that difference is not known; what can be said is that the clock went back when this boot, by the
present clock, began before the last run of the boot before it. No step are a leap second, which is noted by its
name, and a machine put back to a snapshot, whose BOOTTIME runs behind what was seen of it.

Severity: Dovecot's mail processes sleep when the clock goes back up to 5 s and kill themselves beyond it
(dovecot lib-storage/mail-storage-service.c), hence `critical_backward`.
"""

import time
from collections.abc import Iterator

import msgspec

from checks._clock_step.authors import Stepper, find_steppers
from checks._clock_step.faults import BACKWARD, BACKWARD_ACROSS_REBOOT, FORWARD
from checks._clock_step.steps import Reading, find_steps
from checks._clock_step.verdict import SUBJECT, Scene, Thresholds, judge_step, wall_text
from watchdog.linux.ntp_log import FILES, IDENTIFIERS, ClockLine, parse_clock_line
from watchdog.plugin import (
    THOROUGH_TAIL_BYTES,
    Check,
    CheckSettings,
    Duration,
    Facts,
    Host,
    Judgement,
    LogPosition,
    LogTail,
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


class Traces(Facts, frozen=True, kw_only=True):
    """What was found after a step was seen: the logs' ends, who could have done it, and the clocks again."""

    logs: LogTail
    steppers: tuple[Stepper, ...]
    again: Reading


class ClockFacts(Facts, frozen=True, kw_only=True):
    """The clocks, how long this boot was suspended so far, where the logs end; `traces` only after a step.

    `noted` is what the daemon read since the last look, each time right after the clock was set: with it, steps
    that one look finds are told apart, also those that took one another back.
    """

    boot_id: str
    boottime_ns: int
    wall_ns: int
    suspended_seconds: float = 0.0
    log: LogPosition = LogPosition()
    noted: tuple[Reading, ...] = ()
    traces: Traces | None = None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What was read, in order."""
        read = [*self.noted, Reading(boottime_ns=self.boottime_ns, wall_ns=self.wall_ns)]
        if self.traces:
            read.append(self.traces.again)
        return tuple(sorted(read, key=lambda reading: reading.boottime_ns))


class ClockMemory(Facts, frozen=True, kw_only=True):
    """The last reading; its wall clock lacks what was stepped by less than a millisecond and never reported."""

    boot_id: str
    boottime_ns: int
    wall_ns: int
    suspended_seconds: float = 0.0
    log: LogPosition = LogPosition()


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
    )
    if before is None or not find_steps(_baseline(facts, before), facts.readings)[0]:
        return facts
    tail = _read_logs(host)
    if not any(line.kind == "stepped" for line in _clock_lines(tail, before)):
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
    if facts.boot_id != before.boot_id:
        yield from _judge_reboot(facts, before, settings)
        return
    if facts.boottime_ns < before.boottime_ns:
        yield _note_reverted(facts, before)
        return
    steps, _ = find_steps(_baseline(facts, before), facts.readings)
    yield Metric(subject=SUBJECT, name="step_seconds", value=sum(step.size_ns for step in steps) / 1e9)
    yield Metric(subject=SUBJECT, name="steps", value=len(steps))
    scene = _scene(facts, before)
    thresholds = Thresholds(
        backward=settings.alert_backward,
        critical_backward=settings.critical_backward,
        forward=settings.alert_forward,
    )
    for step in steps:
        yield judge_step(step, scene, thresholds)


def remember(facts: ClockFacts, before: ClockMemory | None, settings: ClockStepSettings) -> ClockMemory:
    """Keep the last reading for the next run."""
    _, baseline = find_steps(_baseline(facts, before), facts.readings)
    return ClockMemory(
        boot_id=facts.boot_id,
        boottime_ns=baseline.boottime_ns,
        wall_ns=baseline.wall_ns,
        suspended_seconds=facts.suspended_seconds,
        log=facts.log,
    )


def _baseline(facts: ClockFacts, before: ClockMemory | None) -> Reading:
    """Return what to compare with: the last reading, or this one where that was in another life."""
    if before is None or before.boot_id != facts.boot_id or before.boottime_ns > facts.boottime_ns:
        return facts.readings[0]
    return Reading(boottime_ns=before.boottime_ns, wall_ns=before.wall_ns)


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


def _clock_lines(tail: LogTail, before: ClockMemory) -> list[ClockLine]:
    """Return what was logged of the clock since the last look; a line that two files hold counts once."""
    texts = dict.fromkeys(line.text for line in new_lines(tail, before.log))
    return [line for text in texts if (line := parse_clock_line(text))]


def _scene(facts: ClockFacts, before: ClockMemory) -> Scene:
    suspended = max(facts.suspended_seconds - before.suspended_seconds, 0.0)
    traces = facts.traces
    if traces is None:
        return Scene(boot_id=facts.boot_id, suspended_seconds=round(suspended, 3))
    missed = dict.fromkeys(skipped_logs(traces.logs, before.log), "grew by more than is read: lines were missed")
    return Scene(
        boot_id=facts.boot_id,
        suspended_seconds=round(suspended, 3),
        lines=_clock_lines(traces.logs, before),
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
