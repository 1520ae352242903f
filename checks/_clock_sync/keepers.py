"""Who keeps this clock right: NTP daemons and the hypervisor's agents; and which servers the daemons use."""

from collections.abc import Iterable, Sequence

from watchdog.linux.conf_files import MalformedConfError
from watchdog.linux.guest_agents import find_guest_agents
from watchdog.linux.ntp_daemons import HiddenDaemon, NtpDaemon, NtpProgram, find_ntp_daemons
from watchdog.linux.ntp_servers import configured_servers
from watchdog.linux.ntp_steering import steers_clock
from watchdog.plugin import Facts, Host, Process, Unobservable

# Those that clear STA_UNSYNC, or (chrony without rtcsync) at least keep the error bound, as long as they have a
# source. OpenNTPD before 6.2 does neither, and busybox ntpd does not keep the bound.
_TELLS_KERNEL = (NtpProgram.CHRONYD, NtpProgram.NTPD, NtpProgram.NTPSEC, NtpProgram.TIMESYNCD)
_KEEPERS = ("vmtoolsd", "VBoxService", "phc2sys")
_HIDDEN_TELLS_KERNEL = ("chronyd", "systemd-timesyncd")
# timedatectl(1) show-timesync. timesyncd.conf(5): the first two are tried in turn, the last without any of them.
_TIMESYNCD_CONFIGURED = ("SystemNTPServers", "LinkNTPServers")
_TIMESYNCD_FALLBACK = "FallbackNTPServers"


class KeeperFacts(Facts, frozen=True, kw_only=True):
    """A running NTP daemon.

    `tells_kernel`: the kernel's flags and error bound can be held against it. `problem` says what could not be
    seen of it: then it counts as one that controls the clock.
    """

    program: str
    pid: int
    controls_clock: bool = True
    tells_kernel: bool = True
    problem: str = ""


class KnownServers(Facts, frozen=True, kw_only=True):
    """The servers to ask, whose they are (`settings`, or the daemon's name), and what hid others from us."""

    names: tuple[str, ...] = ()
    source: str = ""
    problem: str = ""


def find_keepers(
    host: Host, processes: Sequence[Process], wanted: tuple[str, ...]
) -> tuple[tuple[KeeperFacts, ...], KnownServers]:
    """Return the NTP daemons and the servers to ask: those `wanted`, else those that the daemons use.

    Any user may start a program called chronyd with servers of his own: whose daemon may not set the clock has no
    say in whom root's watchdog asks for the time.
    """
    daemons = find_ntp_daemons(processes, host)
    keepers = tuple(_read_keeper(host, daemon) for daemon in daemons)
    if wanted:
        return keepers, KnownServers(names=wanted, source="settings")
    names: dict[str, None] = {}
    sources: dict[str, None] = {}
    problems: list[str] = []
    for daemon in (one for one in daemons if isinstance(one, HiddenDaemon) or one.may_set_clock):
        try:
            found = _servers(host, daemon)
        except (MalformedConfError, Unobservable) as error:
            problems.append(str(error))
            continue
        if found:
            names |= dict.fromkeys(found)
            sources[_program(daemon)] = None
    return keepers, KnownServers(names=tuple(names), source=", ".join(sources), problem="; ".join(problems))


def find_agents(host: Host, processes: Iterable[Process]) -> tuple[str, ...]:
    """Return the hypervisor's agents, and phc2sys, that run and may keep the clock; by name.

    Hyper-V's hv_utils and qemu-ga are none: they set the clock when asked to, and between that it drifts.
    """
    return tuple(sorted({one.name for one in find_guest_agents(processes, host) if one.name in _KEEPERS}))


def _read_keeper(host: Host, daemon: NtpDaemon | HiddenDaemon) -> KeeperFacts:
    if isinstance(daemon, HiddenDaemon):
        tells = daemon.subject in _HIDDEN_TELLS_KERNEL
        return KeeperFacts(program=daemon.subject, pid=daemon.pid, tells_kernel=tells, problem=daemon.reason)
    try:
        controls, problem = steers_clock(daemon, host), ""
    except (MalformedConfError, Unobservable) as error:
        controls, problem = True, f"{daemon.program.value} (pid {daemon.pid}): {error}"
    return KeeperFacts(
        program=daemon.program.value + (" in a container" if daemon.prefix else ""),
        pid=daemon.pid,
        controls_clock=controls,
        tells_kernel=daemon.program in _TELLS_KERNEL,
        problem=problem,
    )


def _servers(host: Host, daemon: NtpDaemon | HiddenDaemon) -> tuple[str, ...]:
    if isinstance(daemon, HiddenDaemon):
        raise Unobservable(daemon.reason)
    found = configured_servers(daemon, host)
    if not found and daemon.program is NtpProgram.TIMESYNCD:
        return _ask_timesyncd(host)
    return found


def _ask_timesyncd(host: Host) -> tuple[str, ...]:
    """Return the servers it learned from the network or was built with, which stand in no file."""
    lists = (*_TIMESYNCD_CONFIGURED, _TIMESYNCD_FALLBACK)
    asked = host.run(["timedatectl", "show-timesync", *(f"--property={name}" for name in lists)], 2)
    if asked.exit_code != 0:
        raise Unobservable(f"timedatectl show-timesync: {asked.stderr.strip() or asked.exit_code}")
    said = dict(line.split("=", 1) for line in asked.stdout.splitlines() if "=" in line)
    configured = [server for name in _TIMESYNCD_CONFIGURED for server in said.get(name, "").split()]
    return tuple(configured or said.get(_TIMESYNCD_FALLBACK, "").split())


def _program(daemon: NtpDaemon | HiddenDaemon) -> str:
    return daemon.program.value if isinstance(daemon, NtpDaemon) else daemon.subject
