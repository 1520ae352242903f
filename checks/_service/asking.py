"""Asks systemd, the process list, the rc links and Dovecot's log."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from watchdog.linux.dovecot_log import IDENTIFIERS, may_be_dovecot_line
from watchdog.linux.proc_status import in_container
from watchdog.linux.systemd import PROPERTIES, MalformedUnitError, Unit, parse_units
from watchdog.plugin import THOROUGH_TAIL_BYTES, Facts, Host, LogTail, Process, Unobservable, read_logs

_INTERPRETER = re.compile(r"(python|perl|ruby|node|php|java|bash|dash|sh)[\d.]*")


class UnitsFacts(Facts, frozen=True, kw_only=True):
    """The units, which of their triggers (sockets, timers, paths) are active, or why systemd did not say."""

    units: tuple[Unit, ...] = ()
    active_triggers: tuple[str, ...] = ()
    problem: str = ""


def show_units(host: Host, names: Sequence[str]) -> UnitsFacts:
    """Ask systemd for these units, and for what would start those that are not running."""
    try:
        units = _show(host, names)
        triggers = [name for unit in units if unit.active_state == "inactive" for name in unit.triggered_by]
        listening = tuple(unit.name for unit in _show(host, triggers) if unit.active_state == "active")
    except (Unobservable, MalformedUnitError) as problem:
        return UnitsFacts(problem=str(problem))
    return UnitsFacts(units=units, active_triggers=listening)


def _show(host: Host, names: Sequence[str]) -> tuple[Unit, ...]:
    if not names:
        return ()
    done = host.run(["systemctl", "show", f"--property={PROPERTIES}", "--", *names])
    if done.exit_code != 0:
        said = " ".join(done.stderr.split())[:200] or "nothing"
        raise Unobservable(f"systemctl show ended with {done.exit_code} and said: {said}")
    return parse_units(done.stdout)


def find_pids(host: Host, paths: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return by path the processes of this host that run it; those in containers are not the host's."""
    pids: dict[str, tuple[int, ...]] = dict.fromkeys(paths, ())
    files = {path: {path, str(host.path(path).resolve())} for path in paths}
    for process in host.processes() if paths else ():
        for path in paths:
            if _runs(process, files[path]) and not _in_container(host, process):
                pids[path] = (*pids[path], process.pid)
    return pids


def _runs(process: Process, files: Iterable[str]) -> bool:
    """Tell whether a process runs one of these files, itself or (a script) through an interpreter."""
    exe = (process.exe or (process.argv[0] if process.argv else "")).removesuffix(" (deleted)")
    if _INTERPRETER.fullmatch(PurePosixPath(exe).name) and len(process.argv) > 1:
        return exe in files or process.argv[1] in files
    return exe in files


def _in_container(host: Host, process: Process) -> bool:
    try:
        return in_container(host.read_text(f"/proc/{process.pid}/status") or "")
    except Unobservable:
        return False  # it ended meanwhile


def is_enabled_by_rc(host: Host, script: str) -> bool | None:
    """Tell whether the rc links start a script; None when they do not mention it or init does not read them.

    In a container, where process 1 is neither `init` nor `systemd`, the links lie there without effect.
    """
    if (host.read_text("/proc/1/comm") or "").strip() not in ("init", "systemd"):
        return None
    if script in host.names_in("/etc/runlevels/default"):
        return True
    folders = [f"{base}/rc{level}.d" for base in ("/etc", "/etc/rc.d") for level in (2, 3, 4, 5)]
    links = [name for folder in folders for name in host.names_in(folder) if name[3:] == script]
    return any(name.startswith("S") for name in links) if links else None


def read_dovecot_log(host: Host, *, stepped: bool) -> LogTail:
    """Return what Dovecot logged lately of the clock, wherever its log_path leads (by default: syslog).

    When the clock was `stepped`, thoroughly: thousands log in again, and push away what their sessions died of.
    """
    try:
        said = host.run(["doveconf", "-h", "log_path"]).stdout.strip()
    except Unobservable:
        said = ""  # then the usual places must do
    files = (said,) if said.startswith("/") and not said.startswith("/dev/") else ()
    if not stepped:
        return read_logs(host, may_be_dovecot_line, identifiers=IDENTIFIERS, files=files)
    return read_logs(
        host,
        may_be_dovecot_line,
        identifiers=IDENTIFIERS,
        files=files,
        tail_bytes=THOROUGH_TAIL_BYTES,
        grep="Time (just )?moved backwards",
    )
