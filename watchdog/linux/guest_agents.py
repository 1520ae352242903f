"""Programs in a guest that set its clock by the host's, or by a PTP card's: which run, and what they are let do.

Nothing is run and nothing is judged here; files are read through what is handed in.

Sources: qemu qga/main.c (`ga_command_is_allowed`), VirtualBox VBoxService.cpp and VBoxServiceTimeSync.cpp,
linuxptp phc2sys.c and phc2sys(8).
"""

from collections.abc import Iterable, Iterator, Sequence
from posixpath import basename
from typing import Literal

import msgspec

from watchdog.errors import Unobservable
from watchdog.linux.argv import Options, parse_options
from watchdog.linux.conf_files import ConfFiles
from watchdog.linux.keyfile import parse_keyfile
from watchdog.linux.ntp_daemons import ProcessLike
from watchdog.linux.proc_status import may_set_clock

QEMU_CONFIG = "/etc/qemu/qemu-ga.conf"
_SET_TIME = "guest-set-time"
_QEMU_LONG = {"allow-rpcs": "a", "block-rpcs": "b", "blacklist": "b", "config": "c", "logfile": "l"}
_QEMU_LONG |= {"method": "m", "path": "p", "pidfile": "f", "statedir": "t"}
# Servos that hand the time to another daemon instead of setting the clock.
_SERVOS_FOR_ANOTHER = ("ntpshm", "refclock_sock")

AgentName = Literal["vmtoolsd", "VBoxService", "phc2sys", "qemu-ga"]


class GuestAgent(msgspec.Struct, frozen=True, kw_only=True):
    """A running program that may set the clock, by its own configuration and by the kernel's leave."""

    name: AgentName
    pid: int
    started_boottime_seconds: float | None = None


def find_guest_agents(processes: Iterable[ProcessLike], files: ConfFiles) -> Iterator[GuestAgent]:
    """Yield the agents that run and may set the clock: any user may give a program the name of one."""
    for process in processes:
        name = _name(process, files) if process.argv else None
        if name and _may_set(process, files):
            yield GuestAgent(name=name, pid=process.pid, started_boottime_seconds=process.started_boottime_seconds)


def find_qemu_config(argv: Sequence[str]) -> str:
    """Return the configuration file that this qemu-ga reads."""
    return _qemu_options(argv).last("c") or QEMU_CONFIG


def qemu_may_set_time(argv: Sequence[str], config: str) -> bool:
    """Tell whether qemu-ga would obey `guest-set-time`, by its arguments and the text of its configuration."""
    options = _qemu_options(argv)
    general = parse_keyfile(config).get("general", {})
    allowed = _names(general.get("allow-rpcs", ""), *options.values("a"))
    blocked = _names(general.get("block-rpcs", ""), general.get("blacklist", ""), *options.values("b"))
    return _SET_TIME not in blocked and (not allowed or _SET_TIME in allowed)


def virtualbox_syncs(argv: Sequence[str]) -> bool:
    """Tell whether VBoxService runs its timesync; a session it opened for a user (`guestsession`) does not."""
    arguments = [argument.lower() for argument in argv[1:]]
    if arguments and arguments[0].startswith("guestsession"):
        return False
    syncs = True
    for argument in arguments:
        if argument in ("--enable-timesync", "--disable-timesync"):
            syncs = argument == "--enable-timesync"
        elif argument.startswith("--only-"):
            syncs = argument == "--only-timesync"
    return syncs


def phc2sys_sets_clock(argv: Sequence[str]) -> bool:
    """Tell whether phc2sys steers CLOCK_REALTIME itself (and, by default, steps it once at its start)."""
    options = parse_options(argv[1:], "arC:c:d:f:s:E:P:I:S:F:R:N:O:L:M:i:u:wn:xz:l:t:mqvh", {"clock_servo": "E"})
    if (options.last("E") or "").lower() in _SERVOS_FOR_ANOTHER:
        return False
    if options.has("a"):  # only with -r does it look after the system clock
        return options.has("r") and options.last("C") in (None, "CLOCK_REALTIME")
    return "CLOCK_REALTIME" in (options.values("c") or ("CLOCK_REALTIME",))


def _name(process: ProcessLike, files: ConfFiles) -> AgentName | None:
    argv = process.argv
    match basename(process.exe or argv[0]).removesuffix(" (deleted)"):
        case "vmtoolsd":
            return None if "vmusr" in argv else "vmtoolsd"  # that one serves a desktop
        case "VBoxService":
            return "VBoxService" if virtualbox_syncs(argv) else None
        case "phc2sys":
            return "phc2sys" if phc2sys_sets_clock(argv) else None
        case "qemu-ga":
            return "qemu-ga" if qemu_may_set_time(argv, _read(files, find_qemu_config(argv))) else None
    return None


def _may_set(process: ProcessLike, files: ConfFiles) -> bool:
    return may_set_clock(*(_read(files, f"/proc/{process.pid}/{name}") for name in ("status", "uid_map")))


def _read(files: ConfFiles, path: str) -> str:
    try:
        return files.read_text(path) or ""
    except Unobservable:
        return ""  # then it may


def _qemu_options(argv: Sequence[str]) -> Options:
    # -F's value is optional and attached: it must not be taken for bundled options.
    arguments = [argument for argument in argv[1:] if not argument.startswith("-F")]
    return parse_options(arguments, "hVvdc:m:p:l:f:b:a:t:Dr", _QEMU_LONG)


def _names(*lists: str) -> set[str]:
    return {name for names in lists for name in names.split(",") if name}
