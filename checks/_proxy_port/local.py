"""Finds the proxies that listen in this network namespace: processes by their names, then their sockets.

In that order, as it is the cheap one (measured): a process's name is read in 10 us, while the kernel takes 2 ms to
walk its socket tables, however few sockets there are. A process of another namespace has none of our sockets.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from checks._proxy_port.cgroups import ServiceSockets
from checks._proxy_port.squid_conf import Mode, parse_squid_ports
from watchdog.linux.argv import parse_options
from watchdog.linux.cgroup import service_of
from watchdog.linux.conf_files import Followed, MalformedConfError
from watchdog.linux.proc_net_tcp import Listener, parse_listeners
from watchdog.linux.proc_status import in_container
from watchdog.plugin import Facts, Host, Unobservable

_COMM_LENGTH = 15  # the kernel cuts a process's name there
_SQUID_CONF = "/etc/squid/squid.conf"
_SQUID_OPTIONS = "CDFNRSVYXa:d:f:hk:m::n:sl:u:vz"


class LocalPort(Facts, frozen=True, kw_only=True):
    """A port that a known program listens on; `stopped` are its processes that were stopped (SIGSTOP).

    `service` is the systemd service that they belong to, "" for none; `contained`: they are a container's.
    """

    address: str
    port: int
    program: str
    exe: str = ""
    mode: Mode = "forward"
    stopped: tuple[int, ...] = ()
    pids: tuple[int, ...] = ()
    service: str = ""
    contained: bool = False


class LocalPorts(Facts, frozen=True, kw_only=True):
    """The ports found, and the programs that run and do not let us see theirs."""

    ports: tuple[LocalPort, ...] = ()
    hidden: tuple[str, ...] = ()


def find_local(host: Host, forward: Collection[str], reverse: Collection[str]) -> LocalPorts:
    """Find the ports of these programs, by the names of their processes. A few milliseconds where none runs."""
    running = tuple(_processes(host, {*forward, *reverse}))
    if not running:
        return LocalPorts()
    listeners = {one.inode: one for path in ("/proc/net/tcp", "/proc/net/tcp6") for one in _read(host, path)}
    ports: dict[tuple[str, int], LocalPort] = {}
    hidden: set[str] = set()
    services = ServiceSockets(host)
    for pid, name in running:
        try:
            mine = [listeners[inode] for inode in _sockets(host, pid) if inode in listeners]
            modes = _modes(host, pid) if mine and name == "squid" else {}
        except PermissionError:
            inodes = services.inodes(_read_of(host, pid, "cgroup"))
            mine = [one for inode, one in listeners.items() if inode in inodes]
            known = _modes_from_outside(host, pid) if mine and name == "squid" else {}
            if not mine or known is None:
                hidden.add(name)
                continue
            modes = known
        except OSError:
            continue  # it ended meanwhile
        stopped = (pid,) if mine and _is_stopped(host, pid) else ()
        service = service_of(_read_of(host, pid, "cgroup")) if mine else ""
        contained = bool(mine) and in_container(_read_of(host, pid, "status"))
        for one in mine:
            earlier = ports.get((one.address, one.port))
            ports[one.address, one.port] = LocalPort(
                address=one.address,
                port=one.port,
                program=name,
                exe=_exe(host, pid),
                mode="other" if name in reverse else modes.get(one.port, "forward"),
                stopped=(*(earlier.stopped if earlier else ()), *stopped),
                pids=(*(earlier.pids if earlier else ()), pid),
                service="" if contained else service,
                contained=contained,
            )
    # A process that hides is not a container's only where none of its kind was seen.
    hidden -= {port.program for port in ports.values()}
    return LocalPorts(ports=tuple(sorted(ports.values(), key=_order)), hidden=tuple(sorted(hidden)))


def _order(port: LocalPort) -> tuple[str, int]:
    return port.address, port.port


def _read(host: Host, path: str) -> Iterator[Listener]:
    with suppress(OSError), host.path(path).open(encoding="ascii", errors="replace") as lines:
        yield from parse_listeners(lines)


def _processes(host: Host, names: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield the processes of these names."""
    wanted = {name[:_COMM_LENGTH]: name for name in names}
    for pid, name in host.process_names().items():
        if known := wanted.get(name):
            yield pid, known


def _sockets(host: Host, pid: int) -> Iterator[int]:
    """Yield the inodes of a process's sockets. Raises OSError."""
    folder = host.path(f"/proc/{pid}/fd")
    for entry in os.listdir(folder):  # noqa: PTH208 - a busy proxy has thousands
        with suppress(FileNotFoundError):
            link = os.readlink(folder / entry)  # noqa: PTH115 - bytes of a link that is no path
            if link.startswith("socket:["):
                yield int(link[8:-1])


def _is_stopped(host: Host, pid: int) -> bool:
    """Tell whether a process is stopped by a signal or a tracer: state T or t of /proc/PID/stat (proc(5))."""
    with suppress(Unobservable):
        return (host.read_text(f"/proc/{pid}/stat") or "").rpartition(")")[2].split()[:1] in (["T"], ["t"])
    return False


def _read_of(host: Host, pid: int, name: str) -> str:
    with suppress(Unobservable):
        return host.read_text(f"/proc/{pid}/{name}") or ""
    return ""  # it ended meanwhile


def _exe(host: Host, pid: int) -> str:
    """Return the file that runs, "" where it is not this host's (a container's)."""
    with suppress(OSError):
        exe = str(host.path(f"/proc/{pid}/exe").readlink()).removesuffix(" (deleted)")
        return exe if host.path(exe).exists() else ""
    return ""


def _modes(host: Host, pid: int) -> Mapping[int, Mode]:
    """Return what kind Squid's ports are of; none when its configuration cannot be read: then they are forward."""
    with suppress(Unobservable, MalformedConfError):
        return _read_modes(host, pid, f"/proc/{pid}/root")
    return {}


def _modes_from_outside(host: Host, pid: int) -> Mapping[int, Mode] | None:
    """Return the same where we may not follow it to its root; None: that is another, or its file not for us."""
    if in_container(_read_of(host, pid, "status")):
        return None
    with suppress(Unobservable, MalformedConfError):
        return _read_modes(host, pid, "") or None
    return None


def _read_modes(host: Host, pid: int, root: str) -> Mapping[int, Mode]:
    argv = (host.read_text(f"/proc/{pid}/cmdline") or "").split("\0")
    path = parse_options(argv[1:], _SQUID_OPTIONS, {}).last("f") or _SQUID_CONF
    return parse_squid_ports(Followed(host, root), path)
