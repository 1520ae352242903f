"""What may be done to a service that is dead: restart it, start it, or nothing, because somebody wants it so.

systemd says how a unit ended. An init script does not (Debian's says 3, "not running", in any case); there the pid
file tells: a program that ends in order takes its own away, one that is killed leaves it.

Sources: org.freedesktop.systemd1(5); LSB Core, 20.2 Init Script Actions; OpenRC service-script-guide.
"""

from collections.abc import Collection
from typing import Literal

from watchdog.linux.systemd import PROPERTIES, MalformedUnitError, Unit, parse_units
from watchdog.plugin import Host, Refused, Unobservable

Action = Literal["start", "restart"]

_FORBIDDEN = ("disabled", "masked", "masked-runtime", "bad")
_RUN_LEVELS = tuple(f"{base}/rc{level}.d" for base in ("/etc", "/etc/rc.d") for level in (2, 3, 4, 5))


def has_systemd(host: Host) -> bool:
    """Tell whether systemd manages this host."""
    return host.path("/run/systemd/system").is_dir()


def choose_action(host: Host, unit: str, pids: Collection[int]) -> Action:
    """Return what would bring the service back whose processes these are, or would be.

    Refused where it is not to run, is on its way already, or is not theirs.
    """
    if has_systemd(host):
        return _by_systemd(_show(host, unit))
    return _by_script(host, unit.removesuffix(".service"), pids)


def _show(host: Host, unit: str) -> Unit:
    try:
        done = host.run(["systemctl", "show", f"--property={PROPERTIES}", "--", unit])
        units = parse_units(done.stdout)
    except (Unobservable, MalformedUnitError) as error:
        raise Refused(f"how {unit} stands is not known: {error}") from error
    if len(units) != 1:
        raise Refused(f"how {unit} stands is not known: systemctl show ended with {done.exit_code}")
    return units[0]


def _by_systemd(unit: Unit) -> Action:
    name = unit.name
    if unit.load_state != "loaded":
        raise Refused(f"systemd has no {name} that it could start (LoadState={unit.load_state})")
    if unit.has_job or unit.active_state in ("activating", "deactivating", "reloading", "refreshing"):
        raise Refused(f"{name} is {unit.active_state} ({unit.sub_state}): systemd is at it already; look again")
    if unit.active_state == "active":
        return "restart"
    if unit.unit_file_state in _FORBIDDEN:
        raise Refused(
            f"{name} is {unit.unit_file_state}: somebody does not want it to run (systemctl enable --now)"
        )
    if unit.active_state != "failed":
        raise Refused(
            f"{name} is {unit.active_state} (result {unit.result or 'unknown'}): it was stopped, or ended in"
            f" order; if it is to run: systemctl start {name}"
        )
    return "start"


def _by_script(host: Host, name: str, pids: Collection[int]) -> Action:
    if name not in host.names_in("/etc/init.d"):
        raise Refused(f"there is no /etc/init.d/{name}, and no systemd: who starts it is not known")
    pid = _recorded_pid(host, name)
    if pids and (pid is None or not any(pid in (one, _parent(host, one)) for one in pids)):
        raise Refused(
            f"process {', '.join(map(str, pids))} is not the one of /etc/init.d/{name} (its pid file says"
            f" {pid or 'nothing'}): it was started by hand"
        )
    if pid is not None and host.path(f"/proc/{pid}").exists():
        return "restart"
    if not _is_enabled(host, name):
        raise Refused(f"{name} is not started at boot: somebody does not want it to run")
    if pid is None:
        raise Refused(
            f"{name} left no pid file in /run: it was stopped, or ended in order; if it is to run:"
            f" service {name} start"
        )
    # OpenRC takes one that crashed for one that is started.
    return "restart" if host.program("rc-service") else "start"


def _recorded_pid(host: Host, name: str) -> int | None:
    for path in (f"/run/{name}.pid", f"/run/{name}/{name}.pid", f"/var/run/{name}.pid"):
        try:
            text = (host.read_text(path) or "").strip()
        except Unobservable as error:
            raise Refused(f"whether {name} ended in order is not known: {error}") from error
        if text.isdecimal() and len(text) <= 10:
            return int(text)
    return None


def _parent(host: Host, pid: int) -> int | None:
    """Return a process's parent (proc(5)): the one that is recorded may leave the listening to a child."""
    try:
        words = (host.read_text(f"/proc/{pid}/stat") or "").rpartition(")")[2].split()
    except Unobservable:
        return None
    return int(words[1]) if len(words) > 1 and words[1].isdecimal() else None


def _is_enabled(host: Host, name: str) -> bool:
    if name in host.names_in("/etc/runlevels/default"):
        return True
    links = (link for folder in _RUN_LEVELS for link in host.names_in(folder))
    return any(link.startswith("S") and link[3:] == name for link in links)
