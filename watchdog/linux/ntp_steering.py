"""Whether a running NTP daemon is meant to steer the clock, and not only to serve time or to watch. Pure."""

from watchdog.linux.conf_files import ConfFiles
from watchdog.linux.ntp_conf import read_ntp_conf
from watchdog.linux.ntp_daemons import NtpDaemon, NtpProgram


def steers_clock(daemon: NtpDaemon, files: ConfFiles) -> bool:
    """Tell whether it steers, by its options and its configuration, and whether the kernel would let it.

    Raises MalformedConfError, and what `files` raises.
    """
    return daemon.may_set_clock and _is_told_to(daemon, files)


def _is_told_to(daemon: NtpDaemon, files: ConfFiles) -> bool:
    match daemon.program:
        case NtpProgram.CHRONYD:
            return not (daemon.options.has("x") or daemon.options.has("Q"))
        case NtpProgram.BUSYBOX:
            return not daemon.options.has("w")
        case NtpProgram.NTPD | NtpProgram.NTPSEC if daemon.config_path:
            ntpsec = daemon.program is NtpProgram.NTPSEC
            conf = read_ntp_conf(daemon.config_path, files, ntpsec=ntpsec, prefix=daemon.prefix)
            return conf is None or conf.controls_clock
    return True
