"""Whether a program would start again: its own test of its configuration, before it is ended.

A proxy that hangs may still serve whom it serves; one whose file was broken meanwhile would not come back.
"""

import re
from itertools import pairwise

from watchdog.plugin import Host, Refused, Unobservable

_LIMIT_SECONDS = 20.0
# By program: what tests a configuration, and which word comes before a file of it.
_TESTS = {
    "squid": (("squid", "-k", "parse"), re.compile(r"-[CDFNRSVXYhsvz]*f")),
    "haproxy": (("haproxy", "-c", "-q"), re.compile(r"-f")),
}


def demand_sound_configuration(host: Host, program: str, pid: int) -> None:
    """Refused when the program says that it could not start with what its files say now.

    `pid` must be known to be the service's: anybody can start a program of that name with files of their own.
    """
    if program not in _TESTS or host.program(program) is None:
        return
    argv, option = _TESTS[program]
    try:
        running = (host.read_text(f"/proc/{pid}/cmdline") or "").split("\0")
        files = [file for word, file in pairwise(running) if option.fullmatch(word)]
        done = host.run([*argv, *(word for file in files for word in ("-f", file))], _LIMIT_SECONDS)
    except Unobservable as error:
        raise Refused(f"whether {program} would start again is not known: {error}") from error
    if done.exit_code != 0:
        said = " ".join((done.stderr or done.stdout).split())[-200:]
        raise Refused(f"{program} would not start again, its configuration is wrong: {said}")
