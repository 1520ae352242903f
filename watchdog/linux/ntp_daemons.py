"""Which NTP daemons run here, with which options, and where their configuration is.

Three different programs are called ntpd, so a name says little: the text inside the running executable does, and
it also holds the path of the configuration that was compiled in. Where the executable may not be read (without
root), the daemon is reported as hidden, never guessed. Nothing is run and nothing is judged here; files are read
through what is handed in.
"""

import enum
import re
from collections.abc import Iterable
from posixpath import basename
from typing import Protocol

import msgspec

from watchdog.errors import Unobservable
from watchdog.linux.argv import Options, parse_options
from watchdog.linux.conf_files import ConfFiles
from watchdog.linux.proc_status import in_container, may_set_clock


class NtpProgram(enum.Enum):
    """The programs, by the name that people know them by."""

    CHRONYD = "chronyd"
    NTPD = "classic ntpd"
    NTPSEC = "ntpsec ntpd"
    OPENNTPD = "openntpd"
    BUSYBOX = "busybox ntpd"
    TIMESYNCD = "systemd-timesyncd"

    @property
    def subject(self) -> str:
        """The subject of findings: classic ntpd and ntpsec are both `ntpd`."""
        return {self.NTPD: "ntpd", self.NTPSEC: "ntpd", self.BUSYBOX: "busybox-ntpd"}.get(self, self.value)


class ProcessLike(Protocol):
    """What is asked of a process; `watchdog.host.Process` has it."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def name(self) -> str:
        """Its name in the kernel's words."""

    @property
    def exe(self) -> str | None:
        """Its executable, None where we may not look."""

    @property
    def argv(self) -> tuple[str, ...]:
        """Its command line, empty for kernel threads."""

    @property
    def started_boottime_seconds(self) -> float | None:
        """CLOCK_BOOTTIME at its start, None when it is gone."""


class NtpDaemon(msgspec.Struct, frozen=True, kw_only=True):
    """A running NTP daemon.

    `config_path` is the file it reads, "" where it needs none, None where that cannot be told. `prefix` is the
    root of its files as seen from here, "" outside containers. `may_set_clock` is what the kernel would say.
    `honours_settime` tells of openntpd's option -s, which newer versions accept and ignore.
    """

    program: NtpProgram
    pid: int
    exe: str = ""
    argv: tuple[str, ...] = ()
    started_boottime_seconds: float | None = None
    options: Options = msgspec.field(default_factory=Options)
    config_path: str | None = ""
    prefix: str = ""
    may_set_clock: bool = True
    honours_settime: bool = False


class HiddenDaemon(msgspec.Struct, frozen=True, kw_only=True):
    """A process that looks like an NTP daemon and could not be looked into; `reason` says why."""

    subject: str
    pid: int
    reason: str


# ntpsec ntpd.c, classic ntpdbase-opts.def, chrony main.c, busybox networking/ntpd.c, portable openntpd's ntpd.c
_OPTSTRINGS = {
    NtpProgram.NTPSEC: "46abc:dD:f:gGhi:I:k:l:LmnNp:P:qr:Rs:t:u:U:Vw:xz:Z:",
    NtpProgram.NTPD: "46aAbc:dD:f:gGi:I:k:l:LmMnNp:P:qr:s:t:u:U:w:xv:V:",
    NtpProgram.CHRONYD: "46df:F:hl:L:mnN:pP:qQrRst:u:Uvx",
    NtpProgram.BUSYBOX: "nqNxwp:S:lI:k:d46aAbgL",
    NtpProgram.OPENNTPD: "df:nP:p:sSv",
    NtpProgram.TIMESYNCD: "",
}
_LONG_OPTIONS = {
    "configfile": "c",
    "driftfile": "f",
    "force_step_once": "G",
    "force-step-once": "G",
    "interface": "I",
    "jaildir": "i",
    "keyfile": "k",
    "logfile": "l",
    "nice": "N",
    "nofork": "n",
    "panicgate": "g",
    "pidfile": "p",
    "priority": "P",
    "quit": "q",
    "set-debug-level": "D",
    "slew": "x",
    "statsdir": "s",
    "trustedkey": "t",
    "updateinterval": "U",
    "user": "u",
    "wait-sync": "w",
}
# What only this program's executable says.
_MARKS = (
    (NtpProgram.NTPSEC, re.compile(r"ntpsec-(?:%s|\d)")),
    (NtpProgram.NTPD, re.compile(r"ntpd (?:- NTP daemon program - Ver\. )?4\.\d")),
    (NtpProgram.OPENNTPD, re.compile(r"ntp engine ready|usage: %s \[-dn(?:Ss)?v\] \[-f file\]")),
)
_HONOURS_SETTIME = "[-dnSsv]"  # openntpd's usage text, before -s became a word without effect
_CONFIG_NAMES = {
    NtpProgram.CHRONYD: ("f", "chrony.conf"),
    NtpProgram.NTPD: ("c", "ntp.conf"),
    NtpProgram.NTPSEC: ("c", "ntp.conf"),
    NtpProgram.OPENNTPD: ("f", "ntpd.conf"),
}


def find_ntp_daemons(processes: Iterable[ProcessLike], files: ConfFiles) -> tuple[NtpDaemon | HiddenDaemon, ...]:
    """Return every NTP daemon among the processes, by pid."""
    found = (_look(process, files) for process in processes if process.argv)
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.pid))


def _look(process: ProcessLike, files: ConfFiles) -> NtpDaemon | HiddenDaemon | None:
    name = _candidate(process)
    if not name:
        return None
    try:
        if process.exe is None and name != "systemd-timesyncd":
            return _hidden(process, name, "needs root to look at its executable: sudo watchdog check ntp_can_step")
        return _look_into(process, name, files)
    except Unobservable as error:
        return _hidden(process, name, str(error))


def _look_into(process: ProcessLike, name: str, files: ConfFiles) -> NtpDaemon | HiddenDaemon | None:
    image = "" if name in ("systemd-timesyncd", "busybox-ntpd") else _image(process, files)
    program = _program(name, image)
    status = files.read_text(f"/proc/{process.pid}/status") or ""
    uid_map = files.read_text(f"/proc/{process.pid}/uid_map") or ""
    if program is None:
        if not may_set_clock(status, uid_map):
            return None  # any user may call a program ntpd
        return _hidden(process, name, f"{process.exe} is neither classic ntpd nor ntpsec, openntpd or busybox")
    arguments = process.argv[1:]
    if program is NtpProgram.BUSYBOX and basename(process.argv[0]) != "ntpd":
        arguments = process.argv[2:]
    options = parse_options(arguments, _OPTSTRINGS[program], _long_options(program))
    return NtpDaemon(
        program=program,
        pid=process.pid,
        exe=process.exe or "",
        argv=process.argv,
        started_boottime_seconds=process.started_boottime_seconds,
        options=options,
        config_path=_config_path(program, options, image),
        prefix=f"/proc/{process.pid}/root" if in_container(status) else "",
        may_set_clock=may_set_clock(status, uid_map),
        honours_settime=_HONOURS_SETTIME in image,
    )


def _candidate(process: ProcessLike) -> str:
    """Return the name of the daemon a process may be, "" for none; kernel threads have no argv and are none."""
    program = basename(process.exe) if process.exe else process.name
    called = basename(process.argv[0])
    if program in ("chronyd", "systemd-timesyncd", "ntpd"):
        return program
    if program == "openntpd":
        return "ntpd"
    applet = called if called != "busybox" else process.argv[1] if len(process.argv) > 1 else ""
    if program.startswith("busybox") and applet == "ntpd":
        return "busybox-ntpd"
    return ""


def _program(name: str, image: str) -> NtpProgram | None:
    match name:
        case "chronyd":
            return NtpProgram.CHRONYD
        case "systemd-timesyncd":
            return NtpProgram.TIMESYNCD
        case "busybox-ntpd":
            return NtpProgram.BUSYBOX
    return next((program for program, mark in _MARKS if mark.search(image)), None)


def _image(process: ProcessLike, files: ConfFiles) -> str:
    """Return the text of the running executable itself, whatever has replaced its file since."""
    image = files.read_text(f"/proc/{process.pid}/exe")
    if image is None:
        raise Unobservable(f"cannot read /proc/{process.pid}/exe: it ended")
    return image


def _config_path(program: NtpProgram, options: Options, image: str) -> str | None:
    if program not in _CONFIG_NAMES:
        return ""
    letter, name = _CONFIG_NAMES[program]
    if given := options.last(letter):
        return given if given.startswith("/") else f"/{given}"  # a daemon's working folder is the root
    compiled = re.search(rf"(?<![\w./+-])/[\w./+-]{{0,200}}/{re.escape(name)}(?![\w.])", image, re.ASCII)
    return compiled[0] if compiled else None


def _long_options(program: NtpProgram) -> dict[str, str]:
    return _LONG_OPTIONS if program in (NtpProgram.NTPD, NtpProgram.NTPSEC) else {}


def _hidden(process: ProcessLike, name: str, reason: str) -> HiddenDaemon:
    return HiddenDaemon(subject=name, pid=process.pid, reason=f"{name} (pid {process.pid}): {reason}")
