"""chronyd: the limit of the `makestep` that counts, in the very line that decides.

Of several the last counts, wherever an include has put it (on Debian that of the main file, behind the drop-ins).
So that line is found as chronyd reads its files, only its limit is changed, and the result is read again.
Sources: chrony conf.c, reference.c; chrony.conf(5).
"""

import re
from posixpath import dirname

from remediations._forbid_ntp_step.change import Change, How, demand_lasting, read_file
from watchdog.linux.chrony_conf import Directive, flatten_chrony_conf, parse_chrony_conf, parse_directives
from watchdog.linux.conf_files import ConfFiles, Edited
from watchdog.linux.ntp_daemons import NtpDaemon
from watchdog.linux.ntp_power import StepPower, chronyd_power
from watchdog.plugin import Host, Refused, Unobservable

# As its packages ship it: a step only while nothing counts on the clock yet.
_LIMITS = {"slew": "3", "stepback": "0", "never": "0"}
_LINE = re.compile(r"(?P<before>\s*makestep\s+\S+\s+)(?P<limit>\S+)", re.IGNORECASE)


def change_chronyd(host: Host, daemon: NtpDaemon, how: How) -> Change:
    """Return what limits its steps. Raises Refused, and MalformedConfError for what it would not start with."""
    if daemon.options.operands:
        raise Refused("its directives stand on its command line, not in a file; change them where it is started")
    path = daemon.config_path
    if not path:
        raise Refused("which configuration it reads is not known")
    directives = flatten_chrony_conf(path, host).directives
    _demand_agreement(host, daemon, directives)
    makesteps = [one for one in directives if one.name == "makestep"]
    if not makesteps:
        raise Refused(f"no `makestep` stands in {path} or what it includes; what lets it step is not seen")
    last = makesteps[-1]
    demand_lasting(last.path)
    text = read_file(host, last.path)
    new = _with_limit(text, last, _LIMITS[how])
    after = _power(daemon, Edited(host, {last.path: new}))
    if after.kind in ("unlimited", "large_only"):
        raise Refused(f"changing {last.place} would have no effect: {after.because}; change it yourself")
    done = new == text
    what = f"`makestep` in {last.place} has the limit {_LIMITS[how]}"
    return Change(
        texts={} if done else {last.path: (text, new)},
        before=_power(daemon, host),
        after=after,
        summary=f"{what} already; restart" if done else f"{what} and no longer {last.arguments[1]}",
    )


def _with_limit(text: str, makestep: Directive, limit: str) -> str:
    lines = text.split("\n")
    line = lines[makestep.line - 1] if makestep.line <= len(lines) else ""
    match = _LINE.match(line)
    if match is None:
        raise Refused(f"{makestep.place} is no `makestep` any more; look again")
    if int(parse_chrony_conf([makestep]).makesteps[0].limit) < 0:
        lines[makestep.line - 1] = f"{match['before']}{limit}{line[match.end() :]}"
    return "\n".join(lines)


def _power(daemon: NtpDaemon, files: ConfFiles) -> StepPower:
    directives = flatten_chrony_conf(daemon.config_path or "", files).directives
    return chronyd_power(daemon.options, parse_chrony_conf(directives))


def _demand_agreement(host: Host, daemon: NtpDaemon, directives: tuple[Directive, ...]) -> None:
    """Ask chronyd itself (4.1 and later) how it reads its files: it must read them at all, and as we do."""
    if dirname(daemon.exe) not in host.program_folders.split(":"):
        return
    try:
        done = host.run([daemon.exe, "-p", "-f", str(host.path(daemon.config_path or ""))])
    except Unobservable as error:
        raise Refused(f"chronyd cannot be asked how it reads {daemon.config_path}: {error}") from error
    said = " ".join((done.stderr or done.stdout).split())
    if done.exit_code != 0 and "invalid option" not in said:
        raise Refused(f"chronyd would not start again with its configuration as it is: {said[:200]}")
    if done.exit_code == 0 and _bare(parse_directives(done.stdout)) != _bare(directives):
        raise Refused(f"chronyd reads {daemon.config_path} otherwise than it was read here; change it yourself")


def _bare(directives: tuple[Directive, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(directive.name, directive.arguments) for directive in directives]
