"""An NTP daemon on this host may step the clock: nothing has happened yet, and some night it will.

A step backward kills every Dovecot session (clock_step says what else). Whether it can come is known beforehand:
from the running daemon, its options and the configuration it started with. "ntpd runs" is no protection: by
default it steps beyond 0.128 s; with -x beyond 600 s; and a `tinker step` line in the file undoes -x.

Severity: a daemon that may step harms nobody until it does, so it is a warning. It is critical where a program
runs that is known to die of it (`fragile`: Dovecot kills itself when time goes back more than 5 s). `-x` is always
a warning: a clock that is 600 s off is rare, and then a step is what most people want.

What cannot be seen: `chronyc makestep` and `ntpq -c ":config ..."` change a daemon at run time and leave no trace
in any file. Sources: watchdog/linux/ntp_power.py.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from checks._ntp_can_step.advice import advise
from checks._ntp_can_step.faults import FAULTS, LARGE_ONLY, STARTUP_ONLY, UNLIMITED
from checks._ntp_can_step.reading import DaemonFacts, read_daemon
from watchdog.linux.ntp_daemons import NtpProgram, find_ntp_daemons
from watchdog.linux.ntp_power import Kind, StepPower
from watchdog.linux.os_release import OsRelease, parse_os_release
from watchdog.plugin import (
    Check,
    CheckSettings,
    Duration,
    Facts,
    Finding,
    Host,
    Judgement,
    NotApplicable,
    Note,
    Process,
    Severity,
    Unseen,
    noted_in,
    without_noted,
)

_WORST_FIRST: tuple[Kind, ...] = ("unlimited", "large_only", "startup_only", "forward_only", "none")


class NtpCanStepSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.ntp_can_step]`: whether a step at start is a fault, and which programs die of a step backward."""

    every: Duration = Duration(300)
    report_startup_only: bool = False
    fragile: tuple[str, ...] = ("dovecot",)


class NtpFacts(Facts, frozen=True, kw_only=True):
    """Every NTP daemon that runs, which of the fragile programs do, and the boot in which they started."""

    boot_id: str
    distribution: str = ""
    distribution_like: tuple[str, ...] = ()
    fragile_running: tuple[str, ...] = ()
    daemons: tuple[DaemonFacts, ...] = ()


class InEffect(Facts, frozen=True, kw_only=True):
    """What one process may do, read while its configuration was the one it had started with."""

    pid: int
    started_boottime_seconds: float
    power: StepPower


class NtpMemory(Facts, frozen=True, kw_only=True):
    """What the running daemons have in effect, so that a changed file without a restart deceives nobody.

    `noted` are the notes of the last run: what stays as it is need not be recorded every five minutes.
    """

    boot_id: str
    in_effect: tuple[InEffect, ...] = ()
    noted: tuple[str, ...] = ()


def observe(host: Host, settings: NtpCanStepSettings, before: NtpMemory | None) -> NtpFacts:
    """Look at every process and at the configuration of those that are NTP daemons."""
    return observe_processes(host, host.processes(), settings)


def observe_processes(host: Host, processes: Iterable[Process], settings: NtpCanStepSettings) -> NtpFacts:
    """Do what `observe` does for these processes. NotApplicable when none of them is an NTP daemon."""
    processes = tuple(processes)
    daemons = find_ntp_daemons(processes, host)
    if not daemons:
        raise NotApplicable("no NTP daemon runs here (looked for chronyd, ntpd of four kinds, systemd-timesyncd)")
    os = parse_os_release(host.read_text("/etc/os-release") or host.read_text("/usr/lib/os-release") or "")
    running = {process.name for process in processes}
    return NtpFacts(
        boot_id=host.stamp().boot_id,
        distribution=os.id,
        distribution_like=os.id_like,
        fragile_running=tuple(name for name in settings.fragile if name in running),
        daemons=tuple(read_daemon(host, daemon) for daemon in daemons),
    )


def judge(facts: NtpFacts, before: NtpMemory | None, settings: NtpCanStepSettings) -> Iterator[Judgement]:
    """Judge each daemon by the worst that any process of it may do; what may be is noted once."""
    yield from without_noted(_judge_daemons(facts, before, settings), before.noted if before else ())


def remember(facts: NtpFacts, before: NtpMemory | None, settings: NtpCanStepSettings) -> NtpMemory:
    """Keep what each process has in effect: from a file that is older than it, else what was known before."""
    kept = []
    for daemon in facts.daemons:
        power = _remembered(daemon, facts, before) if daemon.file_is_not_in_effect else daemon.power
        if power is not None and daemon.started_boottime_seconds is not None:
            kept.append(
                InEffect(pid=daemon.pid, started_boottime_seconds=daemon.started_boottime_seconds, power=power)
            )
    noted = noted_in(_judge_daemons(facts, before, settings))
    return NtpMemory(boot_id=facts.boot_id, in_effect=tuple(kept), noted=noted)


def _judge_daemons(
    facts: NtpFacts, before: NtpMemory | None, settings: NtpCanStepSettings
) -> Iterator[Finding | Note | Unseen]:
    for _, group in groupby(sorted(facts.daemons, key=lambda d: (d.subject, d.pid)), key=lambda d: d.subject):
        processes = tuple(group)
        known: list[tuple[DaemonFacts, StepPower, str]] = []
        for daemon in processes:
            power, restart_pending = _in_effect(daemon, _remembered(daemon, facts, before))
            if power is None:
                yield Unseen(subject=daemon.subject, reason=restart_pending)
            else:
                known.append((daemon, power, restart_pending))
        if known:
            worst = min(known, key=lambda one: _WORST_FIRST.index(one[1].kind))
            yield _judge_daemon(facts, processes, *worst, settings)


def _remembered(daemon: DaemonFacts, facts: NtpFacts, before: NtpMemory | None) -> StepPower | None:
    if before is None or before.boot_id != facts.boot_id:
        return None
    same = (
        known.power
        for known in before.in_effect
        if (known.pid, known.started_boottime_seconds) == (daemon.pid, daemon.started_boottime_seconds)
    )
    return next(same, None)


def _in_effect(daemon: DaemonFacts, remembered: StepPower | None) -> tuple[StepPower | None, str]:
    """Return what the daemon may do now (None: not known) and what to say of a file that says otherwise."""
    if not daemon.file_is_not_in_effect:
        return daemon.power, ""
    if daemon.power is None:
        return remembered, f"known from an earlier run: {daemon.unseen}" if remembered else daemon.unseen
    changed = f"{daemon.config_path} has changed since it started: restart pending"
    if remembered is not None:
        differs = remembered.thresholds != daemon.power.thresholds
        return remembered, f"in effect since its start, may differ from the file, as {changed}" if differs else ""
    if daemon.power.kind not in ("unlimited", "large_only"):
        # The file forbids them, but it may have been written to forbid them just now.
        return None, f"{daemon.program} (pid {daemon.pid}): what is in effect is not known, as {changed}"
    return daemon.power, f"what is in effect since its start may differ from the file, as {changed}"


def _judge_daemon(
    facts: NtpFacts,
    processes: tuple[DaemonFacts, ...],
    daemon: DaemonFacts,
    power: StepPower,
    restart_pending: str,
    settings: NtpCanStepSettings,
) -> Finding | Note:
    os = OsRelease(id=facts.distribution, id_like=facts.distribution_like)
    advice = advise(NtpProgram(daemon.program), power, daemon.config_path, os, container=daemon.container)
    pending = f"; {restart_pending}" if restart_pending else ""
    what = f"{daemon.program} {_can(power)} ({power.because}){pending}"
    evidence: dict[str, Any] = {
        "program": daemon.program,
        "pids": [process.pid for process in processes],
        "argv": list(daemon.argv),
        "config_path": daemon.config_path,
        "config_files": list(daemon.config_files),
        "config_newer_than_process": daemon.config_newer_than_process,
        "restart_pending": bool(restart_pending),
        "back_beyond_seconds": power.back_beyond_seconds,
        "forward_beyond_seconds": power.forward_beyond_seconds,
        "start_beyond_seconds": power.start_beyond_seconds,
        "overridden": list(power.overridden),
        "because": power.because,
        "fragile_running": list(facts.fragile_running),
        "not_seen": "what chronyc makestep or ntpq :config changed at run time",
    }
    match power.kind:
        case "unlimited":
            severity = Severity.CRITICAL if facts.fragile_running else Severity.WARNING
            return UNLIMITED.on(
                daemon.subject, f"{what}; {_harm(facts)}", severity=severity, advice=advice, **evidence
            )
        case "large_only":
            return LARGE_ONLY.on(daemon.subject, what, advice=advice, **evidence)
        case "startup_only" if settings.report_startup_only:
            return STARTUP_ONLY.on(daemon.subject, what, advice=advice, **evidence)
    return Note(subject=daemon.subject, summary=what, evidence=evidence)


def _can(power: StepPower) -> str:
    match power.kind:
        case "unlimited" | "large_only":
            return f"may set the clock back at any time when it is off by {_beyond(power.back_beyond_seconds)}"
        case "startup_only":
            return f"may set the clock back at its start, when it is off by {_beyond(power.start_beyond_seconds)}"
        case "forward_only":
            return (
                f"may set the clock ahead, never back, when it is off by {_beyond(power.forward_beyond_seconds)}"
            )
    return "does not step the clock"


def _beyond(seconds: float | None) -> str:
    return f"more than {seconds:g} s" if seconds else "anything at all"


def _harm(facts: NtpFacts) -> str:
    if facts.fragile_running:
        return f"{', '.join(facts.fragile_running)} runs here and dies of a step back"
    return "programs that order by the wall clock stall, misorder or kill themselves (Dovecot beyond 5 s)"


CHECK = Check(
    name="ntp_can_step",
    title="NTP daemons that may step the clock",
    faults=FAULTS,
    settings=NtpCanStepSettings,
    facts=NtpFacts,
    memory=NtpMemory,
    observe=observe,
    judge=judge,
    remember=remember,
)
