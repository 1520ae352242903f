"""The configuration of the keepalived that runs in our network namespace, read as keepalived reads it."""

from collections.abc import Iterable, Mapping
from posixpath import basename

import msgspec

from watchdog.errors import Unobservable
from watchdog.host import Host, Process
from watchdog.linux.argv import Options, parse_options
from watchdog.linux.conf_files import MalformedConfError
from watchdog.linux.keepalived_conf import KeepalivedConf, parse_keepalived_conf
from watchdog.linux.proc_status import in_container

DEFAULT_PATH = "/etc/keepalived/keepalived.conf"
_NAME = "keepalived"
# A process's start is told in hundredths of a second, rounded down; what is written just before a start is read.
_START_KNOWN_TO = 0.05
_OPTSTRING = "vhlndu:DRS:f:p:i:es:mMgGtPCr:VXac:ITBb:xA:L"
_LONG_OPTIONS = {
    "use-file": "f",
    "config-id": "i",
    "namespace": "s",
    "pid": "p",
    "vrrp_pid": "r",
    "checkers_pid": "c",
    "bfd_pid": "b",
    "umask": "u",
    "log-facility": "S",
    "snmp-agent-socket": "A",
    "vrrp": "P",
    "check": "C",
}


def read_keepalived(host: Host, processes: Iterable[Process] | None = None) -> KeepalivedConf | None:
    """Return what the running keepalived was told; None when none runs in our network namespace.

    The file may be newer than the process: what is in effect is then what it said before. Raises Unobservable
    when a file cannot be read or unfolds without end.
    """
    process = _find(host, host.processes_called(_NAME) if processes is None else processes)
    if process is None:
        return None
    options = parse_options(process.argv[1:], _OPTSTRING, _LONG_OPTIONS)
    path = options.last("f") or DEFAULT_PATH
    config_id = options.last("i") or host.name().partition(".")[0]
    # In a container that shares our network its files are others than ours.
    contained = in_container(host.read_text(f"/proc/{process.pid}/status") or "")
    prefix = f"/proc/{process.pid}/root" if contained else ""
    if not path.startswith("/"):
        path, prefix = f"/proc/{process.pid}/cwd/{path}", ""
    try:
        conf = parse_keepalived_conf(path, host, config_id=config_id, prefix=prefix)
    except MalformedConfError as error:
        raise Unobservable(f"keepalived's configuration {path}: {error}") from error
    if conf is None:
        raise Unobservable(f"keepalived (pid {process.pid}) runs, but its configuration {path} is not there")
    return _in_effect(host, process, options, conf, prefix)


def _in_effect(
    host: Host, process: Process, options: Options, conf: KeepalivedConf, prefix: str
) -> KeepalivedConf:
    """Leave out the half that its options switch off (-P runs VRRP only, -C the checkers); see what is newer."""
    only = {letter for letter in "PC" if options.has(letter)}
    written = [host.modified(prefix + path) for path in conf.files]
    started = process.started_boottime_seconds
    return msgspec.structs.replace(
        conf,
        instances=() if only == {"C"} else conf.instances,
        virtual_servers=() if only == {"P"} else conf.virtual_servers,
        changed_since_start=started is not None
        and any(when is not None and when > started + _START_KNOWN_TO for when in written),
    )


def _find(host: Host, processes: Iterable[Process]) -> Process | None:
    """Return the oldest keepalived that shares our network: the parent; its children have its arguments.

    Others are called alike, as keepalived_exporter, and may be older. Raises Unobservable where we may not see in
    whose network one runs.
    """
    alike = [
        process
        for process in processes
        if process.name.startswith(_NAME) and process.argv and _NAME in (process.name, basename(process.argv[0]))
    ]
    shares = {process.pid: host.shares_network(process.pid) for process in alike}
    ours = [process for process in alike if shares[process.pid]]
    if not ours and None in shares.values() and (hidden := _still_hidden(host, shares)):
        raise Unobservable(f"keepalived (pid {hidden}) runs, but not in whose network: to see that needs root")
    return min(ours, key=lambda process: (process.started_boottime_seconds or 0.0, process.pid), default=None)


def _still_hidden(host: Host, shares: Mapping[int, bool | None]) -> int | None:
    """Return a process whose network is not to be seen; one that has ended meanwhile is none."""
    return next((pid for pid, ours in shares.items() if ours is None and host.path(f"/proc/{pid}").exists()), None)
