"""What programs that set the clock log of it, and what others log when they notice. Pure.

Sources: ntp ntp_loopfilter.c, ntp_util.c (`clock_step`, `time reset`), ntpdate.c; ntpsec libntp/systime.c
(`CLOCK: time stepped by`); chrony local.c; busybox networking/ntpd.c; openntpd ntpd.c; systemd timedated.c,
timesyncd-manager.c; open-vm-tools timeSync.c with libvmtools/vmtoolsLog.c (steps are told at debug level only);
VirtualBox VBoxServiceTimeSync.cpp; Linux kernel/time/ntp.c.

systemd-timesyncd steps without a word: only its first synchronisation and what it notices are logged.
"""

import re
from typing import Literal

import msgspec

# Their names in syslog and the journal.
IDENTIFIERS = (
    "ntpd",
    "ntpdate",
    "chronyd",
    "systemd-timesyncd",
    "systemd-timedated",
    "systemd-resolved",
    "systemd-journald",
    "vmtoolsd",
    "vmsvc",
    "VBoxService",
    "kernel",
)
# The logs of their own that some of them keep.
FILES = (
    "/var/log/ntp.log",
    "/var/log/ntpd.log",
    "/var/log/ntpsec/ntpd.log",
    "/var/log/chrony/chronyd.log",
    "/var/log/vmware-vmsvc-root.log",
    "/var/log/vmware-vmsvc.log",
)

# stepped: the program says that it set the clock; leap: the kernel did, for a leap second; noticed: another did.
Kind = Literal["stepped", "leap", "noticed"]


class ClockLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that tells of a clock step of so many `seconds`: negative is backward, None is not said."""

    kind: Kind
    program: str
    pid: int | None
    seconds: float | None
    line: str


_NUMBER = r"([+-]?\d{1,18}(?:\.\d{1,9})?)"
# Up to the program's name there is no ": ": what another program quotes is not taken for its word.
_SYSLOG = re.compile(
    r"(?:(?!: )[^\n]){0,200}?"
    r"(?<!\S)(?P<program>[A-Za-z][\w.+-]{0,40})(?:\[(?P<pid>\d{1,10})\])?: (?P<text>[^\n]*)"
)
# [2026-11-22T16:53:12.123Z] [   debug] [timeSync] [1234] text: not every version has the first and the last.
_VMTOOLS = re.compile(r"(?:\[[^\]\n]{1,40}\] )?\[ {0,7}\w{1,8}\] \[timeSync\] (?:\[\d{1,10}\] )?(?P<text>[^\n]*)")

_MESSAGES: tuple[tuple[str, Kind, re.Pattern[str]], ...] = (
    ("ntpd", "stepped", re.compile(rf"CLOCK: time stepped by {_NUMBER}")),
    ("ntpd", "stepped", re.compile(rf"time reset {_NUMBER} s")),
    ("ntpd", "stepped", re.compile(rf"(?:PROTO: )?\S+ \S+ \S+ clock_step {_NUMBER} s")),
    ("ntpd", "stepped", re.compile(rf"setting time to .{{1,40}} \(offset {_NUMBER}s\)")),
    ("ntpd", "stepped", re.compile(rf"set local clock to .{{1,40}} \(offset {_NUMBER}s\)")),
    ("ntpdate", "stepped", re.compile(rf"step time server \S+ offset {_NUMBER}")),
    ("chronyd", "stepped", re.compile(rf"(?:\S+Z )?System clock was stepped by {_NUMBER} seconds")),
    ("systemd-timedated", "stepped", re.compile(r"Changed local time to ")),
    ("systemd-timesyncd", "stepped", re.compile(r"Initial clock synchronization to ")),
    ("systemd-timesyncd", "noticed", re.compile(r"System time changed\. Resyncing")),
    ("systemd-resolved", "noticed", re.compile(r"Clock change detected\.")),
    ("systemd-journald", "noticed", re.compile(r"Time jumped backwards, rotating")),
    ("VBoxService", "stepped", re.compile(r"(?:\S+ \S+ +)?time set to ")),
    ("kernel", "leap", re.compile(r"(?:\[ *\d+\.\d+\] )?Clock: (?P<leap>inserting|deleting) leap second")),
)
# chronyd's own file (-l FILE) has its stamp in front and no name.
_CHRONYD_FILE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?P<text>System clock was stepped by [^\n]*)")
_VMTOOLS_STEP = re.compile(r"Time changed by (-?\d{1,18})us ")
_QUICK = ("step", "reset", "offset", "time to", "set to", "synchronization", "leap", "change", "jumped")


def may_be_clock_line(line: str) -> bool:
    """Tell quickly whether a line is worth parsing."""
    return any(word in line for word in _QUICK)


def parse_clock_line(line: str) -> ClockLine | None:
    """Read a line of a syslog file, of the journal or of a program's own log; None when it tells of no step."""
    if not may_be_clock_line(line):
        return None
    if own := _CHRONYD_FILE.match(line):
        return _parse_message("chronyd", None, own["text"], line)
    if found := _SYSLOG.match(line):
        program, pid, text = found["program"], found["pid"], found["text"]
        pid_number = int(pid) if pid else None
        return _parse_vmtools(program, pid_number, text, line) or _parse_message(program, pid_number, text, line)
    return _parse_vmtools("vmtoolsd", None, line, line)


def _parse_message(program: str, pid: int | None, text: str, line: str) -> ClockLine | None:
    for name, kind, pattern in _MESSAGES:
        if name == program and (message := pattern.match(text)):
            seconds = _seconds_of(kind, message)
            return ClockLine(kind=kind, program=program, pid=pid, seconds=seconds, line=line.strip())
    return None


def _parse_vmtools(program: str, pid: int | None, text: str, line: str) -> ClockLine | None:
    found = _VMTOOLS.match(text) if program in ("vmtoolsd", "vmsvc") else None
    step = _VMTOOLS_STEP.match(found["text"]) if found else None
    if step is None:
        return None
    return ClockLine(kind="stepped", program="vmtoolsd", pid=pid, seconds=int(step[1]) / 1e6, line=line.strip())


def _seconds_of(kind: Kind, message: re.Match[str]) -> float | None:
    if kind == "leap":
        return -1.0 if message["leap"] == "inserting" else 1.0
    return float(message[1]) if message.re.groups else None
