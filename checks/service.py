"""A service that must run is down, or died because the clock went back.

Dovecot is watched where it is installed and enabled, anything else by `[[checks.service.units]]`. A unit that is
up can still have lost every session: when the clock goes back, Dovecot's mail processes kill themselves and its
master lives on (lib-storage/mail-storage-service.c, master/main.c). So its log is read too, new lines only.

Where no log tells, the timing may: a service that crashed between two looks in which the clock was set back.
Sources: org.freedesktop.systemd1(5), systemctl(1); doveconf(1). Standing is defined in _service/standing.py.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import msgspec

from checks._service.asking import UnitsFacts, find_pids, is_enabled_by_rc, read_dovecot_log, show_units
from checks._service.faults import DOWN, KILLED
from checks._service.killed import DOVECOT, judge_log, judge_timing
from checks._service.standing import Standing, stand_of_process, stand_of_unit
from watchdog.linux.dovecot_log import IDENTIFIERS, parse_dovecot_line
from watchdog.linux.systemd import Unit
from watchdog.plugin import (
    SYSLOG_FILES,
    Check,
    CheckSettings,
    Duration,
    Facts,
    Finding,
    Hearing,
    Host,
    Judgement,
    LogPosition,
    LogTail,
    Metric,
    NotApplicable,
    Note,
    Signal,
    Stamp,
    Unseen,
    move_position,
    render_seconds,
)

_UNIT_NAME = re.compile(r"[\w:.\\@-]{1,240}\.(service|socket|target|mount|path|timer|slice|scope|swap|automount)")


class WatchedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """`[[checks.service.units]]`: a systemd unit by `name`, or the program of a `process` by its path."""

    name: str = ""
    process: str = ""

    def __post_init__(self) -> None:
        if bool(self.name) == bool(self.process):
            raise ValueError("either name or process")
        if self.name and not _UNIT_NAME.fullmatch(self.name):
            raise ValueError('the name of a systemd unit with its suffix, such as "postgresql.service"')
        if self.process and not self.process.startswith("/"):
            raise ValueError('the path of a program, such as "/usr/sbin/haproxy"')

    @property
    def subject(self) -> str:
        """What it is called in findings: the unit's name, or the program's without its folder."""
        return self.name or PurePosixPath(self.process).name


class ServiceSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.service]`: what must run, how long it may take to start, and the step that kills.

    `kill_step` is Dovecot's own limit: beyond it its processes do not wait for the time to come back.
    """

    units: tuple[WatchedUnit, ...] = ()
    dovecot: bool = True
    start_grace: Duration = Duration(120)
    kill_step: Duration = Duration(5)
    time_limit: Duration = Duration(20)

    def __post_init__(self) -> None:
        subjects = [unit.subject for unit in self.units]
        if len(set(subjects)) < len(subjects):
            raise ValueError("each unit and each program once")


class ServiceFacts(Facts, frozen=True, kw_only=True):
    """The clocks and what was seen.

    `dovecot` is its program's path, "" where it is not installed or not to be watched; `dovecot_by_rc` whether the
    rc links start it (None: nothing says). `pids` are by program. `log` is None where it was not read.
    """

    boot_id: str
    boottime_ns: int
    wall_ns: int
    systemd: bool
    units: UnitsFacts = UnitsFacts()
    pids: Mapping[str, tuple[int, ...]] = {}
    dovecot: str = ""
    dovecot_by_rc: bool | None = None
    log: LogTail | None = None


class ServiceMemory(Facts, frozen=True, kw_only=True):
    """The clocks and how the services stood at the last look.

    `up` holds, by subject, the restarts counted then; `not_up_since` CLOCK_BOOTTIME in nanoseconds; `was_down` are
    those that were down, and have not been up since.
    """

    boot_id: str
    boottime_ns: int
    wall_ns: int
    up: Mapping[str, int] = {}
    not_up_since: Mapping[str, int] = {}
    was_down: tuple[str, ...] = ()
    log: LogPosition = LogPosition()
    seen_up: tuple[str, ...] = ()


def observe(host: Host, settings: ServiceSettings, before: ServiceMemory | None) -> ServiceFacts:
    """Ask systemd (or the process list) how the services stand, and read the end of Dovecot's log."""
    installed = settings.dovecot and host.path("/etc/dovecot").is_dir()
    dovecot = (host.program("dovecot") or "") if installed else ""
    if not dovecot and not settings.units:
        raise NotApplicable("Dovecot is not installed, and [[checks.service.units]] names nothing else")
    systemd = host.path("/run/systemd/system").is_dir()
    names = {unit.name for unit in settings.units if unit.name} | ({DOVECOT} if dovecot else set())
    paths = {unit.process for unit in settings.units if unit.process}
    now = host.stamp()
    return ServiceFacts(
        boot_id=now.boot_id,
        boottime_ns=now.boottime_ns,
        wall_ns=now.wall_ns,
        systemd=systemd,
        units=show_units(host, sorted(names)) if systemd else UnitsFacts(),
        pids=find_pids(host, sorted(paths | ({dovecot} if dovecot and not systemd else set()))),
        dovecot=dovecot,
        dovecot_by_rc=is_enabled_by_rc(host, "dovecot") if dovecot else None,
        log=read_dovecot_log(host, stepped=_step_seconds(now, before) <= -settings.kill_step) if dovecot else None,
    )


def judge(facts: ServiceFacts, before: ServiceMemory | None, settings: ServiceSettings) -> Iterator[Judgement]:
    """Say what is down, and what the clock killed."""
    killed: set[str] = set()
    for judgement in judge_log(facts.log, before.log if before else None, settings.kill_step) if facts.log else ():
        killed |= {judgement.subject} if isinstance(judgement, Finding) else set()
        yield judgement
    step = _step_seconds(facts, before)
    for standing in _standings(facts, before, settings):
        yield from _judge_standing(standing, facts, before, settings)
        if step <= -settings.kill_step and standing.subject not in killed and _died(standing, before):
            yield judge_timing(standing, step)


def remember(facts: ServiceFacts, before: ServiceMemory | None, settings: ServiceSettings) -> ServiceMemory:
    """Keep the clocks, what is up, since when the rest is not, and how far the log was read."""
    standings = tuple(_standings(facts, before, settings))
    up = {one.subject: one.restarts for one in standings if one.state == "up"}
    not_up = [one.subject for one in standings if one.state in ("down", "changing")]
    position = before.log if before else None
    return ServiceMemory(
        boot_id=facts.boot_id,
        boottime_ns=facts.boottime_ns,
        wall_ns=facts.wall_ns,
        up=up,
        not_up_since={subject: _not_up_since(subject, facts, before) for subject in not_up},
        was_down=tuple(one.subject for one in standings if _was_down(one, facts, before)),
        log=move_position(position, facts.log) if facts.log else position or LogPosition(),
        seen_up=tuple(sorted({*(before.seen_up if before else ()), *up})),
    )


def _standings(facts: ServiceFacts, before: ServiceMemory | None, settings: ServiceSettings) -> Iterator[Standing]:
    """Yield how everything stands that must run."""
    for watched in settings.units:
        if watched.process:
            yield stand_of_process(watched.subject, watched.process, facts.pids.get(watched.process, ()))
        else:
            yield _stand_by_name(watched.name, facts)
    if facts.dovecot and DOVECOT not in {watched.subject for watched in settings.units}:
        pids = facts.pids.get(facts.dovecot, ())
        seen_up = bool(pids) or (before is not None and DOVECOT in before.seen_up)
        if facts.systemd and _is_dovecot_enabled(facts):
            yield _stand_by_name(DOVECOT, facts)
        elif not facts.systemd and (seen_up if facts.dovecot_by_rc is None else facts.dovecot_by_rc):
            yield stand_of_process(DOVECOT, facts.dovecot, pids)


def _stand_by_name(name: str, facts: ServiceFacts) -> Standing:
    unit = _unit(name, facts)
    if not facts.systemd:
        words = 'systemd does not run here: watch the program instead, process = "/usr/sbin/..."'
    elif unit is None:
        words = facts.units.problem or "systemctl show left it out"
    else:
        return stand_of_unit(unit, name, facts.units.active_triggers)
    return Standing(subject=name, state="unclear", words=words)


def _unit(name: str, facts: ServiceFacts) -> Unit | None:
    return next((unit for unit in facts.units.units if name == unit.name or name in unit.names), None)


def _is_dovecot_enabled(facts: ServiceFacts) -> bool:
    """Tell whether it starts at boot: whoever installed and disabled it does not want it to run.

    A unit that systemd generated from an init script is always `generated`: there the rc links decide.
    """
    unit = _unit(DOVECOT, facts)
    if unit is None:
        return bool(facts.units.problem)
    by_rc = unit.unit_file_state == "generated" and facts.dovecot_by_rc is True
    return unit.unit_file_state in ("enabled", "enabled-runtime") or by_rc


def _judge_standing(
    standing: Standing, facts: ServiceFacts, before: ServiceMemory | None, settings: ServiceSettings
) -> Iterator[Judgement]:
    subject = standing.subject
    if standing.state == "unclear":
        yield Unseen(subject=subject, reason=standing.words)
        return
    lasted = (facts.boottime_ns - _not_up_since(subject, facts, before)) / 1e9
    late = standing.state == "changing" and lasted >= settings.start_grace
    yield Metric(subject=subject, name="up", value=float(standing.state in ("up", "resting")))
    if standing.state == "down" or late:
        limit = f" for {render_seconds(lasted)} (allowed: {render_seconds(settings.start_grace)})" if late else ""
        yield DOWN.on(
            subject,
            f"{subject} must run and does not: {standing.words}{limit}",
            restarts=standing.restarts,
            crashed=standing.crashed,
        )
    elif standing.state == "changing" and _was_down(standing, facts, before):
        # It may come to nothing: that it was down is neither over yet, nor goes on.
        yield Unseen(subject=subject, reason=f"it was down, and is not up yet: {standing.words}")
    elif standing.state == "changing":
        yield Note(subject=subject, summary=f"not up yet: {standing.words}")


def _was_down(standing: Standing, facts: ServiceFacts, before: ServiceMemory | None) -> bool:
    """Tell whether it is down, or has been on this boot and was not up since."""
    if standing.state != "changing":
        return standing.state == "down"
    return before is not None and before.boot_id == facts.boot_id and standing.subject in before.was_down


def _not_up_since(subject: str, facts: ServiceFacts, before: ServiceMemory | None) -> int:
    """Return CLOCK_BOOTTIME since when it has been seen not up on this boot: now, when it was up before."""
    if before is None or before.boot_id != facts.boot_id:
        return facts.boottime_ns
    return before.not_up_since.get(subject, facts.boottime_ns)


def _step_seconds(now: Stamp | ServiceFacts, before: ServiceMemory | None) -> float:
    """Return by how much the clock was stepped since the last look on this boot."""
    if before is None or before.boot_id != now.boot_id:
        return 0.0
    return ((now.wall_ns - now.boottime_ns) - (before.wall_ns - before.boottime_ns)) / 1e9


def _died(standing: Standing, before: ServiceMemory | None) -> bool:
    """Tell whether it was up and has crashed since, whatever has become of it now."""
    if before is None or standing.subject not in before.up:
        return False
    gone = standing.state in ("down", "changing") and standing.crashed
    return gone or standing.restarts > before.up[standing.subject]


CHECK = Check(
    name="service",
    title="what must run runs, and survived the clock",
    faults=(DOWN, KILLED),
    settings=ServiceSettings,
    facts=ServiceFacts,
    memory=ServiceMemory,
    observe=observe,
    judge=judge,
    remember=remember,
    wakes=frozenset({Signal.CLOCK}),
    hearing=Hearing(
        logs=(*SYSLOG_FILES, "/var/log/dovecot.log"),
        identifiers=IDENTIFIERS,
        hears=lambda line: parse_dovecot_line(line) is not None,
    ),
)
