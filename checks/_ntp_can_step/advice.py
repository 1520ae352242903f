"""What to do on this distribution: which option, in which file, and which unit to restart. Pure."""

import msgspec

from watchdog.linux.ntp_daemons import NtpProgram
from watchdog.linux.ntp_places import COPIES, find_family, find_place
from watchdog.linux.ntp_power import StepPower
from watchdog.linux.os_release import OsRelease

_INSTALL = {"debian": "apt install chrony", "rhel": "dnf install chrony", "suse": "zypper install chrony"}
_SLEWING = "it then slews, about 2000 s for each second of offset"
_LAST_WINS = "the last makestep counts; where confdir stands first, as on Debian, a drop-in loses to the main file"


class _Here(msgspec.Struct, frozen=True, kw_only=True):
    """Where things are on this host, as phrases."""

    options: str
    conf: str
    restart: str
    install: str


def advise(program: NtpProgram, power: StepPower, config_path: str, os: OsRelease, *, container: bool) -> str:
    """Return what to do, naming file, option and unit, for a daemon that may step."""
    what = _what(program, power, _here(program, config_path, os))
    return f"in its container: {what}" if container else what


def _what(program: NtpProgram, power: StepPower, here: _Here) -> str:
    match program:
        case NtpProgram.NTPD | NtpProgram.NTPSEC:
            return _ntpd(power, here)
        case NtpProgram.CHRONYD:
            return _chronyd(power, here)
        case NtpProgram.OPENNTPD:
            return f"take -s out of {here.options}, {here.restart}"
        case NtpProgram.BUSYBOX | NtpProgram.TIMESYNCD:
            return (
                f"{program.value} has no option against steps: replace it by chrony ({here.install}),"
                " which steps only when `makestep` says so"
            )


def _here(program: NtpProgram, config_path: str, os: OsRelease) -> _Here:
    place = find_place(program, os)
    options = f"{place.variable} in {place.options_file}" if place else "the options that its unit starts it with"
    return _Here(
        options=options,
        conf=COPIES.get(config_path, config_path) or "its configuration",
        restart=f"then systemctl restart {place.unit}" if place else "then restart it",
        install=_INSTALL.get(find_family(os), "with this distribution's installer"),
    )


def _ntpd(power: StepPower, here: _Here) -> str:
    match power.decided_by:
        case "-G":
            return f"take -G out of {here.options}, {here.restart}"
        case "-x":
            return f"put `tinker step 0` into {here.conf}, {here.restart}: {_SLEWING}, and never steps"
        case "tinker":
            add_x = "" if "-x" in power.overridden else f" and add -x to {here.options}"
            return (
                f"take `tinker step` and `tinker stepback` out of {here.conf}, because they override -x,{add_x}"
                f" or set them to 0; {here.restart}"
            )
    return (
        f"add -x to {here.options}, {here.restart}: it then steps only beyond 600 s;"
        f" `tinker step 0` in {here.conf} forbids even that"
    )


def _chronyd(power: StepPower, here: _Here) -> str:
    conf = power.decided_in or here.conf
    match power.decided_by:
        case "-s":
            return f"take -s and -q out of {here.options}, {here.restart}"
        case "initstepslew":
            return f"take initstepslew out of {conf}, {here.restart}"
    if power.kind == "startup_only":
        return f"take makestep out of {conf}, {here.restart}: it then slews, even at start"
    return f"make it `makestep 1 3` (steps only in the first 3 updates) in {conf}, {here.restart}; {_LAST_WINS}"
