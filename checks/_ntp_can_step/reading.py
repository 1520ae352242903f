"""Reads what a running NTP daemon may do, and whether its configuration still is what it started with."""

from posixpath import dirname

from watchdog.linux.chrony_conf import Directive, parse_chrony_conf, parse_directives
from watchdog.linux.conf_files import MalformedConfError
from watchdog.linux.ntp_conf import read_ntp_conf
from watchdog.linux.ntp_daemons import HiddenDaemon, NtpDaemon, NtpProgram
from watchdog.linux.ntp_power import (
    StepPower,
    busybox_power,
    chronyd_power,
    chronyd_without_control,
    ntpd_power,
    openntpd_power,
    timesyncd_power,
)
from watchdog.linux.ntp_servers import flatten_chronyd
from watchdog.plugin import Facts, Host, Unobservable

# A process's start is told in hundredths of a second, rounded down; what is written just before a start is read.
_START_KNOWN_TO = 0.05
_NO_CLOCK = "the kernel would not let it set the clock (no CAP_SYS_TIME)"


class DaemonFacts(Facts, frozen=True, kw_only=True):
    """One running daemon; `unseen` says why there is no `power`.

    `config_newer_than_process` is a likelihood: it compares the files' wall clock stamps with the process's start,
    and a clock step in between shifts it.
    """

    subject: str
    pid: int
    program: str = ""
    argv: tuple[str, ...] = ()
    started_boottime_seconds: float | None = None
    container: bool = False
    config_path: str = ""
    config_files: tuple[str, ...] = ()
    config_newer_than_process: bool = False
    power: StepPower | None = None
    unseen: str = ""

    @property
    def file_is_not_in_effect(self) -> bool:
        """Tell whether what the file says now may be other than what the daemon started with."""
        return self.power is None or self.config_newer_than_process


def read_daemon(host: Host, daemon: NtpDaemon | HiddenDaemon) -> DaemonFacts:
    """Read one daemon; what cannot be read becomes the reason in `unseen`."""
    if isinstance(daemon, HiddenDaemon):
        return DaemonFacts(subject=daemon.subject, pid=daemon.pid, unseen=daemon.reason)
    power: StepPower | None = None
    files: tuple[str, ...] = ()
    unseen, newer = "", False
    try:
        power, files = _read_power(host, daemon)
        newer = _changed_since_start(host, daemon, files)
    except (Unobservable, MalformedConfError) as error:
        unseen = f"{daemon.program.value} (pid {daemon.pid}): {error}"
    return DaemonFacts(
        subject=daemon.program.subject,
        pid=daemon.pid,
        program=daemon.program.value,
        argv=daemon.argv,
        started_boottime_seconds=daemon.started_boottime_seconds,
        container=bool(daemon.prefix),
        config_path=daemon.config_path or "",
        config_files=files,
        config_newer_than_process=newer,
        power=power,
        unseen=unseen,
    )


def _read_power(host: Host, daemon: NtpDaemon) -> tuple[StepPower, tuple[str, ...]]:
    """Return what the daemon may do and the files that say so."""
    if not daemon.may_set_clock:
        return StepPower(because=_NO_CLOCK, decided_by="no control"), ()
    match daemon.program:
        case NtpProgram.CHRONYD:
            return _read_chronyd(host, daemon)
        case NtpProgram.NTPD | NtpProgram.NTPSEC:
            return _read_ntpd(host, daemon)
        case NtpProgram.OPENNTPD:
            return openntpd_power(daemon.options, honours_settime=daemon.honours_settime), ()
        case NtpProgram.BUSYBOX:
            return busybox_power(daemon.options), ()
        case NtpProgram.TIMESYNCD:
            return timesyncd_power(), ()


def _read_ntpd(host: Host, daemon: NtpDaemon) -> tuple[StepPower, tuple[str, ...]]:
    ntpsec = daemon.program is NtpProgram.NTPSEC
    conf = read_ntp_conf(_config_path(daemon), host, ntpsec=ntpsec, prefix=daemon.prefix)
    if conf is None:
        raise Unobservable(f"its configuration {daemon.config_path} is not there any more")
    return ntpd_power(daemon.options, conf), conf.files


def _read_chronyd(host: Host, daemon: NtpDaemon) -> tuple[StepPower, tuple[str, ...]]:
    if without := chronyd_without_control(daemon.options):
        return without, ()
    if not daemon.options.operands:
        _config_path(daemon)
    printed = _printed(host, daemon)
    try:
        flat = flatten_chronyd(daemon, host)
        directives, files = flat.directives, flat.files
    except MalformedConfError:
        if printed is None:
            raise
        directives, files = printed, (_config_path(daemon),)
    # chronyd's own word counts; ours knows the places besides, and is kept where it says the same.
    if printed is not None and _bare(printed) != _bare(directives):
        directives = printed
    return chronyd_power(daemon.options, parse_chrony_conf(directives)), files


def _printed(host: Host, daemon: NtpDaemon) -> tuple[Directive, ...] | None:
    """Return what `chronyd -p` says, None where it cannot be asked: old, in a container, or not a system program.

    A file that merely calls itself chronyd must not be run by us, who may be root.
    """
    own_folder = dirname(daemon.exe) in host.program_folders.split(":")
    if daemon.prefix or daemon.options.operands or not own_folder:
        return None
    try:
        done = host.run([daemon.exe, "-p", "-f", str(host.path(_config_path(daemon)))])
    except Unobservable:
        return None
    return parse_directives(done.stdout) if done.exit_code == 0 else None


def _bare(directives: tuple[Directive, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(directive.name, directive.arguments) for directive in directives]


def _config_path(daemon: NtpDaemon) -> str:
    if not daemon.config_path:
        raise Unobservable("its executable does not say which configuration it reads, and its options name none")
    return daemon.config_path


def _changed_since_start(host: Host, daemon: NtpDaemon, files: tuple[str, ...]) -> bool:
    started = daemon.started_boottime_seconds
    written = [host.modified(daemon.prefix + path) for path in files]
    return started is not None and any(when is not None and when > started + _START_KNOWN_TO for when in written)
