"""Switch off VMware Tools' periodic time sync, so that NTP alone keeps this guest's clock.

The check tells that it is on, by the tool's own exit code; the tool switches it off, and the check asks the tool
again. Nothing takes it back: `timesync enable` begins with a sync at once, which may step the clock backward, and
so it is never run, not even to undo. The tool changes the virtual machine's own setting (tools.syncTime), so it
lasts. Off is not never: the one-off syncs (resume, snapshot, vMotion) are the VM's settings on the host.

Where no NTP daemon keeps the clock the periodic sync may be all that does, and it stays on.
Sources: open-vm-tools toolbox/toolboxcmd-time.c, services/plugins/timeSync/timeSync.c.
"""

import msgspec

from watchdog.linux.conf_files import MalformedConfError
from watchdog.linux.ntp_daemons import HiddenDaemon, find_ntp_daemons
from watchdog.linux.ntp_steering import steers_clock
from watchdog.plugin import (
    Case,
    Host,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    RunCommand,
    Unobservable,
)

_TOOL = "vmware-toolbox-cmd"
_SUBJECT = "vmware-tools"
_EXIT_ON = 0
_UNKEPT = "clock_sync.unsynchronised"


class _Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What vmware_timesync.enabled must tell us."""

    tool_exit_code: int
    tool_said: str


def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    """Return `vmware-toolbox-cmd timesync disable`; Refused unless the tool says on, and NTP keeps the clock."""
    evidence = case.evidence(_Evidence)
    if case.finding.subject != _SUBJECT:
        raise Refused(f"this is about {case.finding.subject!r}, and only {_SUBJECT} can be told by {_TOOL}")
    if (evidence.tool_exit_code, evidence.tool_said) != (_EXIT_ON, "Enabled"):
        raise Refused(
            f"{_TOOL} ended with {evidence.tool_exit_code} and said {evidence.tool_said!r}, which is not the"
            f" periodic sync being on (0, 'Enabled'); ask again by hand: {_TOOL} timesync status"
        )
    if host.program(_TOOL) is None:
        raise Refused(f"{_TOOL} is not installed; install the package open-vm-tools")
    keeper = _find_keeper(host.afresh())  # what was healed in this cycle may have restarted it
    _demand_kept(case, keeper)
    return Plan(
        summary=f"switch VMware Tools' periodic time sync off; {keeper} keeps the clock",
        steps=(RunCommand(argv=(_TOOL, "timesync", "disable")),),
        note=(
            f"nothing takes this back by itself: its opposite, `{_TOOL} timesync enable`, may set the clock back"
            " at once and is never run from here. One-off syncs (resume, snapshot, vMotion, tools start) stay as"
            " the VM's own settings on the host say (time.synchronize.*), which no guest can read."
        ),
    )


def _find_keeper(host: Host) -> str:
    """Return the name of the NTP daemon that steers the clock. Raises Refused when none is seen to."""
    problems = []
    for daemon in find_ntp_daemons(host.processes(), host):
        if isinstance(daemon, HiddenDaemon):
            problems.append(daemon.reason)
            continue
        try:
            if steers_clock(daemon, host):
                return daemon.program.value
        except (MalformedConfError, Unobservable) as error:
            problems.append(f"{daemon.program.value} (pid {daemon.pid}): {error}")
    seen = f" ({'; '.join(problems)})" if problems else ""
    raise Refused(
        f"no NTP daemon is seen to steer this clock{seen}, so VMware Tools may be all that keeps it right: install"
        " and start one (chrony), then switch the sync off"
    )


def _demand_kept(case: Case, keeper: str) -> None:
    """Refuse where the kernel's clock is not synchronised although that daemon runs."""
    open_now = {one.fault for one in case.incidents}
    found = {one.fault for result in case.results.values() for one in result.findings}
    if _UNKEPT in open_now | found:
        raise Refused(
            f"{keeper} runs, and yet the clock is not synchronised ({_UNKEPT}), so VMware Tools may be all that"
            " keeps it right: let NTP reach its servers first"
        )


REMEDIATION = Remediation(
    name="disable_vmware_timesync",
    title="switch VMware Tools' periodic time sync off",
    heals=("vmware_timesync.enabled",),
    risk="low",
    settings=RemediationSettings,
    plan=plan,
)
