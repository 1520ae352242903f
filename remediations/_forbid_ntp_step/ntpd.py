"""Classic ntpd and ntpsec: -x in the options that this distribution starts it with, or a `tinker` line.

-x is applied before the configuration is read, so a `tinker step` there overrides it: that is refused, and said.
A `tinker` line goes to the end of the configuration, as the later wins; what comes later still (ntpsec's ntp.d) is
read too before anything is planned. Where a DHCP hook made the configuration in use from another file, both get
the line: the copy for now, its source for the next lease.
Sources: ntpd.c, ntp_loopfilter.c, ntp_scanner.c; /etc/dhcp/dhclient-exit-hooks.d/ntpsec of Debian.
"""

from collections.abc import Sequence

from remediations._forbid_ntp_step.change import Change, How, demand_lasting, read_file
from watchdog.linux.argv import Options
from watchdog.linux.conf_files import ConfFiles, Edited
from watchdog.linux.ntp_conf import NtpConf, read_ntp_conf
from watchdog.linux.ntp_daemons import NtpDaemon, NtpProgram
from watchdog.linux.ntp_places import COPIES, Place
from watchdog.linux.ntp_power import ntpd_power
from watchdog.linux.options_file import OptionsFileError, add_option, find_assignment
from watchdog.plugin import Host, Refused

_LINES = {"stepback": "tinker stepback 0", "never": "tinker step 0"}
_WHY = "# by watchdog's forbid_ntp_step"


def change_ntpd(host: Host, daemon: NtpDaemon, place: Place | None, how: How) -> Change:
    """Return what makes it slew. Raises Refused, and MalformedConfError for a configuration without end."""
    if daemon.options.has("G"):
        raise Refused("-G makes it step once at every start, whatever else it is told; take -G out of its options")
    return _slew(host, daemon, place) if how == "slew" else _tinker(host, daemon, how)


def _slew(host: Host, daemon: NtpDaemon, place: Place | None) -> Change:
    if place is None:
        raise Refused(
            f"where this distribution keeps the options of {daemon.program.value} is not known; add -x to them"
            ' yourself, or set how = "stepback"'
        )
    path, variable = place.options_file, place.variable
    text = read_file(host, path)
    try:
        assigned = find_assignment(text, variable)
        new = add_option(text, variable, "-x")
    except OptionsFileError as error:
        raise Refused(f"{path}: {error}; add -x yourself") from error
    words = assigned.words if assigned else ()
    _demand_source(words, daemon, f"{variable} in {path}")
    conf = _read(daemon, host)
    slewing = Options(given=(*daemon.options.given, ("x", "")))
    before, after = ntpd_power(daemon.options, conf), ntpd_power(slewing, conf)
    if after.kind == "unlimited":
        raise Refused(
            f"-x would have no effect, because {after.because} in {daemon.config_path} or what it includes; take"
            ' `tinker step` and `tinker stepback` out, or set how = "stepback"'
        )
    done = "-x" in words
    return Change(
        texts={} if done else {path: (text, new)},
        before=before,
        after=after,
        summary=f"{variable} in {path} has -x already; restart" if done else f"add -x to {variable} in {path}",
    )


def _tinker(host: Host, daemon: NtpDaemon, how: How) -> Change:
    path, line = str(daemon.config_path), _LINES[how]
    if how == "stepback" and "stepback" not in (host.read_text(f"/proc/{daemon.pid}/exe") or ""):
        raise Refused('this ntpd is too old to know `tinker stepback`; set how = "never" or how = "slew"')
    source = COPIES.get(path)
    if source is None:
        demand_lasting(path)
    before = _read(daemon, host)
    texts = {}
    for file in (path, source) if source else (path,):
        text = read_file(host, file)
        new = _append(text, f"{line}  {_WHY}")
        if not _is_met(how, _read_as(daemon, file, host)):
            texts[file] = (text, new)
    edited = Edited(host, {file: new for file, (_, new) in texts.items()})
    for file in (path, source) if source else (path,):
        if not _is_met(how, _read_as(daemon, file, edited)):
            raise Refused(
                f"`{line}` at the end of {file} would have no effect: the file ends before it, or one that is read"
                " after it sets `tinker` otherwise; change it there yourself"
            )
    return Change(
        texts=texts,
        before=ntpd_power(daemon.options, before),
        after=ntpd_power(daemon.options, _read_as(daemon, path, edited)),
        summary=f"put `{line}` into {' and '.join(texts)}" if texts else f"{path} has `{line}` already; restart",
    )


def _is_met(how: How, conf: NtpConf) -> bool:
    forward = conf.step_forward_seconds == 0 or how == "stepback"
    return conf.step_back_seconds == 0 and forward


def _read(daemon: NtpDaemon, files: ConfFiles) -> NtpConf:
    return _read_as(daemon, daemon.config_path or "", files)


def _read_as(daemon: NtpDaemon, path: str, files: ConfFiles) -> NtpConf:
    conf = read_ntp_conf(path, files, ntpsec=daemon.program is NtpProgram.NTPSEC) if path else None
    if conf is None:
        raise Refused(f"the configuration that it reads ({path or 'not known'}) is not there")
    return conf


def _demand_source(words: Sequence[str], daemon: NtpDaemon, where: str) -> None:
    """Refuse where the running daemon was not started with these options, in this order."""
    if "--" in words:
        raise Refused(f"{where} has `--`, behind which no option counts; add -x before it yourself")
    running = iter(daemon.argv[1:])
    if not all(word in running for word in words if word != "-x"):
        raise Refused(
            f"it runs as `{' '.join(daemon.argv)}`, which is not what {where} says ({' '.join(words)}): something"
            " else starts it, or the file was changed since; add -x where its options come from yourself"
        )


def _append(text: str, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else newline
    return f"{text}{gap}{line}{newline}"
