"""Where a distribution keeps the options that its NTP daemon is started with, and what its unit is called. Pure.

Sources: the packages' units and wrappers (Debian: /usr/libexec/ntpsec/ntp-systemd-wrapper, /etc/init.d/*,
/etc/default/*; Red Hat and SUSE: /etc/sysconfig/*).
"""

from collections.abc import Mapping

import msgspec

from watchdog.linux.ntp_daemons import NtpProgram
from watchdog.linux.os_release import OsRelease

_FAMILIES = {
    "debian": ("debian", "ubuntu"),
    "rhel": ("rhel", "fedora", "centos"),
    "suse": ("suse", "opensuse", "sles"),
}
# What a DHCP hook rebuilds from another file: the copy in use, and the file to edit.
COPIES: Mapping[str, str] = {"/run/ntpsec/ntp.conf.dhcp": "/etc/ntpsec/ntp.conf"}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The variable that holds the options, the file it is set in, and the unit (and its init script)."""

    variable: str
    options_file: str
    unit: str


def _place(variable: str, options_file: str, unit: str) -> Place:
    return Place(variable=variable, options_file=options_file, unit=unit)


_PLACES: Mapping[tuple[NtpProgram, str], Place] = {
    (NtpProgram.NTPSEC, "debian"): _place("NTPD_OPTS", "/etc/default/ntpsec", "ntpsec"),
    (NtpProgram.NTPD, "debian"): _place("NTPD_OPTS", "/etc/default/ntp", "ntp"),
    (NtpProgram.CHRONYD, "debian"): _place("DAEMON_OPTS", "/etc/default/chrony", "chrony"),
    (NtpProgram.OPENNTPD, "debian"): _place("DAEMON_OPTS", "/etc/default/openntpd", "openntpd"),
    (NtpProgram.NTPSEC, "rhel"): _place("OPTIONS", "/etc/sysconfig/ntpd", "ntpd"),
    (NtpProgram.NTPD, "rhel"): _place("OPTIONS", "/etc/sysconfig/ntpd", "ntpd"),
    (NtpProgram.CHRONYD, "rhel"): _place("OPTIONS", "/etc/sysconfig/chronyd", "chronyd"),
    (NtpProgram.NTPD, "suse"): _place("NTPD_OPTIONS", "/etc/sysconfig/ntp", "ntpd"),
    (NtpProgram.CHRONYD, "suse"): _place("OPTIONS", "/etc/sysconfig/chronyd", "chronyd"),
}


def find_family(os: OsRelease) -> str:
    """Return `debian`, `rhel` or `suse`, "" for any other."""
    return next((name for name, ids in _FAMILIES.items() if os.is_like(*ids)), "")


def find_place(program: NtpProgram, os: OsRelease) -> Place | None:
    """Return where this program's options are on this distribution, None where that is not known."""
    return _PLACES.get((program, find_family(os)))
