"""Forbid an NTP daemon to step the clock: in the file that this distribution really uses, and by a restart.

What `how` comes to: ntpd with `slew` gets -x, and still steps beyond 600 s; `stepback` forbids steps back of any
size, `never` steps of any kind. For chronyd, which knows no direction, `slew` allows steps in the first 3 updates
after its start, as its packages do, and the others allow none. Comments and order of the file stay; each plan is
read as the daemon would read it before it is offered. systemd-timesyncd and busybox have nothing to set, and
steps at start only (ntp_can_step.startup_only) are usually right: those stay with a person.

The restart itself must not step. At its start ntpd steps at once what is beyond its threshold, and should this be
rolled back the daemon starts with the old threshold. So the offset must be known, and below both.
Sources: those of _forbid_ntp_step/ and watchdog/linux/ntp_power.py.
"""

from remediations._clock import find_offset
from remediations._forbid_ntp_step.change import Change, How
from remediations._forbid_ntp_step.chronyd import change_chronyd
from remediations._forbid_ntp_step.ntpd import change_ntpd
from watchdog.linux.conf_files import MalformedConfError
from watchdog.linux.ntp_daemons import HiddenDaemon, NtpDaemon, NtpProgram, find_ntp_daemons
from watchdog.linux.ntp_places import Place, find_place
from watchdog.linux.os_release import OsRelease, install_command, parse_os_release
from watchdog.linux.systemd import find_service
from watchdog.plugin import (
    Case,
    Host,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    UnitAction,
    Unobservable,
    WriteFile,
)

_LARGE_ONLY = "ntp_can_step.large_only"
# A daemon that was restarted tells the kernel so until it has heard its servers again: a minute or two.
_UNTIL_HEARD = "clock_sync.unsynchronised"
_SETTLE_SECONDS = 10.0


class ForbidNtpStepSettings(RemediationSettings, frozen=True, kw_only=True):
    """`[remediations.forbid_ntp_step]`: what is forbidden."""

    how: How = "slew"


def plan(host: Host, case: Case, settings: ForbidNtpStepSettings) -> Plan:
    """Return the change of a file and the restart. Refused where that cannot cure, or might itself step."""
    host = host.afresh()  # what was healed in this cycle may have restarted it
    os = parse_os_release(host.read_text("/etc/os-release") or host.read_text("/usr/lib/os-release") or "")
    if case.finding.fault == _LARGE_ONLY and settings.how == "slew":
        raise Refused(
            'how = "slew" leaves steps beyond 600 s; set how = "stepback" or "never" to forbid those too'
        )
    daemon = _find_daemon(host, case.finding.subject)
    place = find_place(daemon.program, os)
    unit = _find_unit(host, daemon, place)
    change = _find_change(host, daemon, place, settings.how, os)
    if settings.how == "slew" and change.texts and daemon.program is not NtpProgram.CHRONYD:
        _demand_unit_of(place, unit)
    _demand_small_offset(host, case, change)
    return Plan(
        summary=f"{change.summary}, and restart {unit}: {_says(change)}",
        steps=(
            *(WriteFile(path=path, before=old, after=new) for path, (old, new) in change.texts.items()),
            UnitAction(unit=unit, action="restart", again_on_undo=True),
        ),
        settle_seconds=_SETTLE_SECONDS,
        note="whoever is served time by this host waits for it some seconds",
        accepts=(_LARGE_ONLY, _UNTIL_HEARD) if settings.how == "slew" else (_UNTIL_HEARD,),
    )


def _says(change: Change) -> str:
    back, start = change.after.back_beyond_seconds, change.after.start_beyond_seconds
    if back is not None:
        return f"it then sets the clock back only beyond {back:g} s"
    at_start = "" if start is None else f", but for the first updates after a start, beyond {start:g} s"
    return f"it then never sets the clock back{at_start}"


def _find_daemon(host: Host, subject: str) -> NtpDaemon:
    """Return the one that runs on this host. Raises Refused where there is none, or more than one."""
    found = []
    for daemon in find_ntp_daemons(host.processes(), host):
        if isinstance(daemon, HiddenDaemon):
            if daemon.subject == subject:
                raise Refused(daemon.reason)
        elif daemon.program.subject == subject:
            found.append(daemon)
    if not found:
        raise Refused(f"{subject} does not run any more")
    if any(daemon.prefix for daemon in found):
        raise Refused(f"{subject} runs in a container: change it where that is made")
    # chronyd and ntpd have helper processes, which are started as they are.
    if len({(daemon.exe, daemon.argv) for daemon in found}) > 1:
        raise Refused(
            f"several different {subject} run (pids {', '.join(str(one.pid) for one in found)}); keep one"
        )
    return next((daemon for daemon in found if daemon.may_set_clock), found[0])


def _find_unit(host: Host, daemon: NtpDaemon, place: Place | None) -> str:
    """Return what a restart is to be asked of: the unit that the process is in, or its init script."""
    if host.path("/run/systemd/system").is_dir():
        unit = find_service(host.read_text(f"/proc/{daemon.pid}/cgroup") or "")
        if unit is None:
            raise Refused(
                f"no unit of systemd runs {daemon.program.value} (pid {daemon.pid}), so none can restart it"
            )
        return unit
    if place is None or not host.path(f"/etc/init.d/{place.unit}").is_file():
        raise Refused(f"no init script is known that restarts {daemon.program.value}; change it yourself")
    return place.unit


def _demand_unit_of(place: Place | None, unit: str) -> None:
    if place is None or unit.removesuffix(".service") != place.unit:
        file = place.options_file if place else "the options file"
        raise Refused(
            f"{unit} runs it, and {file} belongs to another unit; add -x where its options come from yourself"
        )


def _find_change(host: Host, daemon: NtpDaemon, place: Place | None, how: How, os: OsRelease) -> Change:
    try:
        match daemon.program:
            case NtpProgram.NTPD | NtpProgram.NTPSEC:
                return change_ntpd(host, daemon, place, how)
            case NtpProgram.CHRONYD:
                return change_chronyd(host, daemon, how)
    except (MalformedConfError, Unobservable) as error:
        raise Refused(f"its configuration cannot be read as it reads it: {error}") from error
    raise Refused(
        f"{daemon.program.value} has no option against steps: replace it by chrony"
        f" ({install_command(os, 'chrony')}), which steps only when `makestep` says so"
    )


def _demand_small_offset(host: Host, case: Case, change: Change) -> None:
    """Refuse while the restart, or that of a roll-back, could step."""
    limits = [power.least_beyond_seconds for power in (change.before, change.after)]
    limit = min((one for one in limits if one is not None), default=None)
    if limit is None:
        return
    offset = find_offset(host, case)
    if offset.seconds >= limit:
        raise Refused(
            f"the clock is off by {offset}, and a restart now could step it (beyond {limit:g} s); wait until it is"
            " right, or correct it while what dies of a step is stopped"
        )


REMEDIATION = Remediation(
    name="forbid_ntp_step",
    title="forbid an NTP daemon to step the clock",
    heals=("ntp_can_step.unlimited", _LARGE_ONLY),
    risk="low",
    settings=ForbidNtpStepSettings,
    plan=plan,
)
