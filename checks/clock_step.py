"""The clock was stepped: forward or, what kills Dovecot and databases, backward.

A step moves CLOCK_REALTIME - CLOCK_BOOTTIME by exactly its size; slewing (adjtime, NTP's steady corrections) and
suspend do not move it at all (Linux kernel/time/timekeeping.c). So two readings on the same boot, however far
apart, show the sum of what was stepped between them, to the microsecond, long after the offset is fine again.

Across a reboot that difference is not known; what can be said is that the clock went back when this boot, by the
present clock, began before the last run of the boot before it.

Severity: Dovecot's mail processes sleep when the clock goes back up to 5 s and kill themselves beyond it
(dovecot lib-storage/mail-storage-service.c), hence `critical_backward`.
"""

from collections.abc import Iterator
from typing import Any

from watchdog.plugin import (
    Check,
    CheckSettings,
    Duration,
    Facts,
    Fault,
    Host,
    Judgement,
    Metric,
    Note,
    Severity,
    Stamp,
    render_seconds,
)

SUBJECT = "clock"
NOISE_NS = 1_000_000  # readings differ by less than a microsecond; a millisecond is a step without doubt


class ClockStepSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.clock_step]`: the sizes from which a step is more than a note."""

    every: Duration = Duration(30)
    alert_backward: Duration = Duration(0.5)
    critical_backward: Duration = Duration(5)
    alert_forward: Duration = Duration(30)


class ClockFacts(Facts, frozen=True, kw_only=True):
    """One reading of the clocks; `boottime_ns` counts from the boot that `boot_id` names."""

    boot_id: str
    boottime_ns: int
    wall_ns: int


def observe(host: Host, settings: ClockStepSettings) -> ClockFacts:
    """Read the clocks together."""
    now = host.stamp()
    return ClockFacts(boot_id=now.boot_id, boottime_ns=now.boottime_ns, wall_ns=now.wall_ns)


def judge(facts: ClockFacts, before: ClockFacts | None, settings: ClockStepSettings) -> Iterator[Judgement]:
    """Compare this reading with the one of the last run."""
    if before is None:
        yield Note(subject=SUBJECT, summary="first reading of the clocks: steps show from the next run on")
    elif facts.boot_id == before.boot_id:
        yield from _judge_same_boot(facts, before, settings)
    else:
        yield from _judge_reboot(facts, before, settings)


def remember(facts: ClockFacts, before: ClockFacts | None, settings: ClockStepSettings) -> ClockFacts:
    """Keep this reading for the next run."""
    return facts


def _judge_same_boot(facts: ClockFacts, before: ClockFacts, settings: ClockStepSettings) -> Iterator[Judgement]:
    step_ns = (facts.wall_ns - facts.boottime_ns) - (before.wall_ns - before.boottime_ns)
    if abs(step_ns) < NOISE_NS:
        step_ns = 0
    step = step_ns / 1e9
    yield Metric(subject=SUBJECT, name="step_seconds", value=step)
    if step_ns == 0:
        return
    window = (facts.boottime_ns - before.boottime_ns) / 1e9
    # The clock as it would read now had nobody touched it, beside what it does read.
    evidence: dict[str, Any] = {
        "step_seconds": step,
        "wall_before_step": _wall_text(facts, facts.wall_ns - step_ns),
        "wall_after_step": _wall_text(facts, facts.wall_ns),
        "window_seconds": window,
        "window_begins_boottime_seconds": before.boottime_ns / 1e9,
        "window_ends_boottime_seconds": facts.boottime_ns / 1e9,
        "boot_id": facts.boot_id,
    }
    within = f"within the last {render_seconds(window)}"
    if step <= -settings.alert_backward:
        yield BACKWARD.on(
            SUBJECT,
            f"clock went back {render_seconds(-step)} {within}, now {evidence['wall_after_step']}"
            f" (alert at {render_seconds(settings.alert_backward)}); {_harm(-step, settings)}",
            severity=Severity.CRITICAL if -step >= settings.critical_backward else Severity.WARNING,
            **evidence,
        )
    elif step >= settings.alert_forward:
        yield FORWARD.on(
            SUBJECT,
            f"clock jumped ahead {render_seconds(step)} {within}, now {evidence['wall_after_step']}"
            f" (alert at {render_seconds(settings.alert_forward)}); timers fire and leases expire at once",
            **evidence,
        )
    else:
        direction = "back" if step < 0 else "ahead"
        yield Note(
            subject=SUBJECT,
            summary=f"clock stepped {direction} {render_seconds(abs(step))} {within}, below the alert threshold",
            evidence=evidence,
        )


def _judge_reboot(facts: ClockFacts, before: ClockFacts, settings: ClockStepSettings) -> Iterator[Judgement]:
    boot_began_wall_ns = facts.wall_ns - facts.boottime_ns
    back = (before.wall_ns - boot_began_wall_ns) / 1e9
    if back < settings.alert_backward:
        return
    yield BACKWARD_ACROSS_REBOOT.on(
        SUBJECT,
        f"clock went back at least {render_seconds(back)} across a reboot: by today's clock this boot began at"
        f" {_wall_text(facts, boot_began_wall_ns)}, before the last run at {_wall_text(before, before.wall_ns)}"
        f" (alert at {render_seconds(settings.alert_backward)}); files and mail carry stamps from the future",
        back_at_least_seconds=back,
        boot_began_wall=_wall_text(facts, boot_began_wall_ns),
        last_run_wall=_wall_text(before, before.wall_ns),
        boot_id=facts.boot_id,
        boot_id_before=before.boot_id,
    )


def _harm(back: float, settings: ClockStepSettings) -> str:
    if back >= settings.critical_backward:
        limit = render_seconds(settings.critical_backward)
        return f"beyond {limit} Dovecot kills its sessions and databases may refuse to go on"
    return "programs that order by the wall clock stall or misorder"


def _wall_text(facts: ClockFacts, wall_ns: int) -> str:
    return Stamp(boot_id=facts.boot_id, boottime_ns=facts.boottime_ns, wall_ns=wall_ns).wall_text


BACKWARD = Fault(
    code="clock_step.backward",
    title="the clock was set back",
    severity=Severity.WARNING,
    why="Programs assume that time does not run backward: Dovecot kills every mail session and starts none"
    " for up to 3 minutes, databases and clusters misorder, caches and leases live too long.",
    advice="Find who sets the clock: VMware Tools time sync (`vmware-toolbox-cmd timesync status`), an NTP daemon"
    " that may step (ntpd without -x, chrony with `makestep N -1`), or a person. Let exactly one daemon slew the"
    " clock, forbid it to step, and switch every hypervisor's time sync off.",
    event=True,
)
FORWARD = Fault(
    code="clock_step.forward",
    title="the clock was set ahead",
    severity=Severity.WARNING,
    why="Timers fire at once; leases, tickets and certificates expire; often a step back to correct it follows.",
    advice="Find who sets the clock: VMware Tools time sync, an NTP daemon that may step, or a person. After"
    " a long pause of a virtual machine this is the correction: then look at why it was paused.",
    event=True,
)
BACKWARD_ACROSS_REBOOT = Fault(
    code="clock_step.backward_across_reboot",
    title="the clock is earlier than before the last reboot",
    severity=Severity.WARNING,
    why="Files, mail and database rows written before the reboot lie in the future; services that compare stamps"
    " may refuse to start.",
    advice="Check the hardware clock (`hwclock --show`: its battery, local time or UTC) and that services start"
    " after the NTP daemon has synchronised (systemd: time-sync.target).",
    event=True,
)

CHECK = Check(
    name="clock_step",
    title="clock steps since the last run",
    faults=(BACKWARD, FORWARD, BACKWARD_ACROSS_REBOOT),
    settings=ClockStepSettings,
    facts=ClockFacts,
    memory=ClockFacts,
    observe=observe,
    judge=judge,
    remember=remember,
)
