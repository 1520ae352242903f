"""The servers an NTP daemon is configured with, whichever daemon it is."""

from watchdog.linux.chrony_conf import (
    Flattened,
    flatten_chrony_conf,
    flatten_directives,
    parse_chrony_conf,
    read_sources,
)
from watchdog.linux.conf_files import ConfFiles
from watchdog.linux.ntp_conf import read_ntp_conf
from watchdog.linux.ntp_daemons import NtpDaemon, NtpProgram
from watchdog.linux.openntpd_conf import parse_openntpd_conf
from watchdog.linux.timesyncd_conf import read_timesyncd_conf

_BUSYBOX_CONF = "/etc/ntp.conf"  # read only when no -p is given, and nothing of it but `server` lines


def configured_servers(daemon: NtpDaemon, files: ConfFiles) -> tuple[str, ...]:
    """Return the servers in order, without those that a daemon learns at run time; none where none are found.

    Raises MalformedConfError when the configuration cannot be what it runs with, and what `files` raises.
    """
    match daemon.program:
        case NtpProgram.NTPD | NtpProgram.NTPSEC:
            return _of_ntp_conf(daemon.config_path, daemon, files)
        case NtpProgram.CHRONYD:
            return _of_chrony(daemon, files)
        case NtpProgram.OPENNTPD:
            text = files.read_text(daemon.prefix + daemon.config_path) if daemon.config_path else None
            return parse_openntpd_conf(text or "").servers
        case NtpProgram.BUSYBOX:
            peers = tuple(map(_peer, daemon.options.values("p")))
            return peers or _of_ntp_conf(_BUSYBOX_CONF, daemon, files)
        case NtpProgram.TIMESYNCD:
            return read_timesyncd_conf(files).servers


def _of_ntp_conf(path: str | None, daemon: NtpDaemon, files: ConfFiles) -> tuple[str, ...]:
    if not path:
        return ()
    conf = read_ntp_conf(path, files, ntpsec=daemon.program is NtpProgram.NTPSEC, prefix=daemon.prefix)
    return conf.servers if conf else ()


def _of_chrony(daemon: NtpDaemon, files: ConfFiles) -> tuple[str, ...]:
    flat = flatten_chronyd(daemon, files)
    conf = parse_chrony_conf(flat.directives)
    return tuple(dict.fromkeys((*conf.servers, *read_sources(conf, files, prefix=daemon.prefix))))


def flatten_chronyd(daemon: NtpDaemon, files: ConfFiles) -> Flattened:
    """Read the directives a chronyd runs with: those of its command line if there are any, else its file's."""
    if daemon.options.operands:
        return flatten_directives(daemon.options.operands, files, prefix=daemon.prefix)
    if not daemon.config_path:
        return Flattened(directives=(), files=())
    return flatten_chrony_conf(daemon.config_path, files, prefix=daemon.prefix)


def _peer(text: str) -> str:
    """Return the host of `-p [keyno:NUMBER:]HOST`."""
    return text.split(":", 2)[2] if text.startswith("keyno:") and text.count(":") > 1 else text
