"""Start a service again that crashed, once the clock is steady, so that it is not killed again.

Dovecot dies when the clock goes back; started into a clock that is still being corrected it dies again, and takes
the sessions along that came back. So first nothing may be left that sets the clock back at any time, the last step
must be a while ago, and the offset must be known and small.

Only what crashed is started: who stopped a service on purpose wants it down. systemd tells the two apart (failed);
so does an init script, whose `status` ends with 1 when a pid file outlived its process (LSB), and OpenRC (32).

service.killed_by_clock_step is not healed here, on purpose. It is an event: Dovecot's mail processes died, its
master lives, and serves again by itself within 3 minutes, which is sooner than the clock counts as steady; a
restart would end whoever has come back since. Where the service itself died, service.down is found, and healed.
Sources: dovecot master/main.c; systemd.service(5); LSB Core, "Init Script Actions"; openrc rc-service.
"""

import re

import msgspec

from remediations._clock import find_offset
from watchdog.plugin import (
    Case,
    Duration,
    Host,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    UnitAction,
    Unobservable,
    render_seconds,
)

# What may set the clock back at any time, by the check that would tell.
_STEPPERS = {
    "ntp_can_step": ("ntp_can_step.unlimited",),
    "vmware_timesync": (
        "vmware_timesync.enabled",
        "vmware_timesync.virtualbox_timesync",
        "vmware_timesync.phc2sys_competes",
    ),
}
_STEP = "clock_step."
_STEPS_ARE_KNOWN_FOR = Duration(3600)
_UNIT = re.compile(r"[\w:.\\@][\w:.\\@-]{0,239}", re.ASCII)
_DEAD_WITH_PID_FILE, _DEAD_WITH_LOCK_FILE, _OPENRC_CRASHED = 1, 2, 32
_CRASHED = (_DEAD_WITH_PID_FILE, _DEAD_WITH_LOCK_FILE, _OPENRC_CRASHED)
_SETTLE_SECONDS = 10.0


class RestartServiceSettings(RemediationSettings, frozen=True, kw_only=True):
    """`[remediations.restart_service]`: which services may be started, and what a steady clock is.

    `units` are named as service's findings name them: a unit, or a program without its folder.
    """

    units: tuple[str, ...] = ("dovecot.service",)
    steady_for: Duration = Duration(300)
    max_offset: Duration = Duration(0.5)

    def __post_init__(self) -> None:
        if not all(_UNIT.fullmatch(unit) for unit in self.units):
            raise ValueError('names of units, such as "dovecot.service"')
        if self.steady_for > _STEPS_ARE_KNOWN_FOR:
            raise ValueError('a steady_for of at most "1h": a step is forgotten after that')
        if self.max_offset <= 0:
            raise ValueError("a max_offset above zero")


class _Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What service.down must tell us: `crashed` is systemd's word, and only systemd knows."""

    crashed: bool


def plan(host: Host, case: Case, settings: RestartServiceSettings) -> Plan:
    """Return the start of a service that crashed. Refused while the clock is not steady, or that is not known."""
    evidence, unit = case.evidence(_Evidence), case.finding.subject
    if unit not in settings.units:
        allowed = ", ".join(settings.units) or "none"
        raise Refused(
            f"{unit} is not one of those that may be started (units: {allowed}); name it in"
            " [remediations.restart_service] units to allow it"
        )
    _demand_crash(host, unit, evidence)
    for check, faults in _STEPPERS.items():
        _demand_none(case, check, faults)
    _demand_quiet(host, case, settings)
    offset = find_offset(host, case)
    if offset.seconds > settings.max_offset:
        raise Refused(
            f"the clock is off by {offset}, more than max_offset {render_seconds(settings.max_offset)}:"
            " who corrects it may step it, and kill the service again"
        )
    return Plan(
        summary=f"start {unit} again: it crashed, and the clock is steady",
        steps=(UnitAction(unit=unit, action="start"),),
        settle_seconds=_SETTLE_SECONDS,
    )


def stays(case: Case) -> str:
    """Keep a service up that runs: whatever else is wrong, stopping it again cures nothing."""
    unit, result = case.finding.subject, case.results.get("service")
    if result is None or not result.judged or any(one.covers(unit) for one in result.unseen):
        return ""
    down = any((one.fault, one.subject) == (case.finding.fault, unit) for one in result.findings)
    return "" if down else f"{unit} runs again"


def _demand_crash(host: Host, unit: str, evidence: _Evidence) -> None:
    if host.path("/run/systemd/system").is_dir():
        crashed, how = evidence.crashed, "systemd does not call it failed"
    else:
        name = unit.removesuffix(".service")
        argv = ("rc-service" if host.program("rc-service") else "service", name, "status")
        try:
            code = host.run(argv, timeout_seconds=10).exit_code
        except Unobservable as error:
            raise Refused(f"whether {unit} crashed or was stopped is not known: {error}") from error
        crashed, how = code in _CRASHED, f"`{' '.join(argv)}` ended with {code}"
    if not crashed:
        raise Refused(
            f"{unit} does not seem to have crashed ({how}): it may have been stopped on purpose, or still be"
            " starting; see its log, and start it yourself"
        )


def _demand_quiet(host: Host, case: Case, settings: RestartServiceSettings) -> None:
    """Refuse while the last known step of the clock is too recent."""
    result = case.results.get("clock_step")
    if result is None or not result.judged:
        why = result.reason if result else "it did not run"
        raise Refused(f"whether the clock is steady is not known: clock_step could not tell ({why})")
    if result.findings:
        raise Refused(f"the clock was stepped just now: {result.findings[0].summary}")
    now = host.stamp()
    steps = [one for one in case.incidents if one.fault.startswith(_STEP)]
    since = min((now.seconds_since(one.last_seen) for one in steps), default=None)
    if since is not None and since < settings.steady_for:
        raise Refused(
            f"the clock was stepped {render_seconds(since)} ago; it counts as steady after"
            f" {render_seconds(settings.steady_for)} (steady_for)"
        )


def _demand_none(case: Case, check: str, faults: tuple[str, ...]) -> None:
    """Refuse while something may set the clock back at any time, or nobody can tell."""
    found = [one.fault for one in case.incidents if one.fault in faults]
    result = case.results.get(check)
    if result is not None:
        found += [one.fault for one in result.findings if one.fault in faults]
    if found:
        raise Refused(
            f"the clock may be set back at any time ({', '.join(dict.fromkeys(found))}), which would kill it"
            " again; heal that first"
        )
    if result is None or (result.applicable and (not result.judged or result.unseen)):
        reasons = [result.reason, *(one.reason for one in result.unseen)] if result else ["it did not run"]
        said = "; ".join(filter(None, reasons))
        raise Refused(f"whether something may set the clock back is not known: {check} could not tell ({said})")


REMEDIATION = Remediation(
    name="restart_service",
    title="start a crashed service again once the clock is steady",
    heals=("service.down",),
    risk="low",
    settings=RestartServiceSettings,
    plan=plan,
    stays=stays,
)
