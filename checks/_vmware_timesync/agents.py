"""The agents in a guest, other than VMware Tools, that set its clock, where they run and are let."""

from pathlib import PurePosixPath

from checks._vmware_timesync.faults import Agent
from watchdog.linux.guest_agents import (
    find_qemu_config,
    phc2sys_sets_clock,
    qemu_may_set_time,
    virtualbox_syncs,
)
from watchdog.linux.proc_status import may_set_clock
from watchdog.plugin import Facts, Host, Process, Unobservable

HYPERV_TIMESYNC = "9527e630-d0ae-497b-adce-e80ab0175caf"  # HV_TS_GUID, include/linux/hyperv.h
_VMBUS = "/sys/bus/vmbus/devices"


class AgentFacts(Facts, frozen=True, kw_only=True):
    """An agent that runs and may set the clock; `ntp_daemons` names those that steer it at the same time."""

    agent: Agent
    ntp_daemons: tuple[str, ...] = ()


def find_agents(host: Host) -> tuple[AgentFacts, ...]:
    """Return every agent that runs and may set the clock, each once however many processes it has."""
    processes = tuple(process for process in host.processes() if process.argv)
    agents: list[Agent] = ["hyperv"] if _has_hyperv_timesync(host) else []
    agents += [agent for process in processes if (agent := _agent_in(host, process)) and _may_set(host, process)]
    daemons = tuple(sorted({_program(process) for process in processes if _steers(process)}))
    return tuple(AgentFacts(agent=agent, ntp_daemons=daemons) for agent in dict.fromkeys(agents))


def _agent_in(host: Host, process: Process) -> Agent | None:
    match _program(process):
        case "qemu-ga":
            config = _read(host, find_qemu_config(process.argv))
            return "qemu" if qemu_may_set_time(process.argv, config) else None
        case "VBoxService":
            return "virtualbox" if virtualbox_syncs(process.argv) else None
        case "phc2sys":
            return "phc2sys" if phc2sys_sets_clock(process.argv) else None
    return None


def _may_set(host: Host, process: Process) -> bool:
    """Tell whether the kernel would let it: any user may give a program the name of an agent."""
    return may_set_clock(*(_read(host, f"/proc/{process.pid}/{name}") for name in ("status", "uid_map")))


def _read(host: Host, path: str) -> str:
    try:
        return host.read_text(path) or ""
    except Unobservable:
        return ""  # then it may


def _has_hyperv_timesync(host: Host) -> bool:
    """Tell whether the host offers time sync (it is a vmbus device) and a driver has taken it."""
    return any(
        HYPERV_TIMESYNC in (host.read_text(f"{_VMBUS}/{device}/class_id") or "").lower()
        and host.path(f"{_VMBUS}/{device}/driver").exists()
        for device in host.names_in(_VMBUS)
    )


def _steers(process: Process) -> bool:
    """Tell whether this is an NTP daemon that steers the clock; `chronyd -x` only serves time."""
    if _program(process) == "chronyd":
        return "-x" not in process.argv
    return _program(process) in ("ntpd", "openntpd", "systemd-timesyncd")


def _program(process: Process) -> str:
    """Return the name of the program behind a process; the kernel cuts its own (`name`) at 15 characters."""
    return PurePosixPath(process.exe or process.argv[0]).name.removesuffix(" (deleted)")
