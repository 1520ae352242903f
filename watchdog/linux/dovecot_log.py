"""What Dovecot logs when the clock moves. Pure.

Sources: dovecot 2.2.0 to 2.4, lib-storage/mail-storage-service.c (mail processes: kill beyond 5 s, else sleep),
master/main.c (the master waits, at most 180 s, before it starts new services), lib/ioloop.c (any process). The
seconds are whole before 2.3.8 and have six decimals from then on. They count from the process's last known time,
so they are less than the step. In front stands `mail_log_prefix`, by default `imap(user)<pid><session>: `.
"""

import re
from typing import Literal

import msgspec

# What dovecot gives to syslog and the journal as its name.
IDENTIFIERS = ("dovecot",)

# killed: a mail process ended itself; slept: it blocks until the time is back; waits: the master starts no new
# services; back, ahead: a warning without consequence.
Kind = Literal["killed", "slept", "waits", "back", "ahead"]


class DovecotLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line in which a Dovecot process says that the clock moved by `seconds` (never negative).

    `process` is `imap`, `lmtp`, `master` ...; `pid` is None where the prefix has none, `waits_seconds` for all
    but `waits`.
    """

    kind: Kind
    process: str
    pid: int | None
    seconds: float
    waits_seconds: float | None
    line: str


_NUMBER = r"(\d{1,18}(?:\.\d{1,9})?)"
# Whatever stands in front has no ": " but that of `dovecot: `: a user name quoted in another message, or another
# program's message that quotes this one, is not taken for Dovecot's word.
_LINE = re.compile(
    r"(?:(?!: )[^\n]){0,200}?"
    r"(?:(?<!\S)dovecot(?:\[\d{1,10}\])?: )?"
    r"(?<!\S)(?P<process>[a-z][\w-]{0,40})(?P<about>(?: ?[(<\[][^()<>\[\]\n]{0,256}[)>\]]){0,6})"
    r": (?:Fatal|Error|Warning): (?P<text>Time [^\n]*)"
)
_BACKWARD = re.compile(rf"Time (?:just )?moved backwards by {_NUMBER} seconds(?P<rest>.*)")
_FORWARD = re.compile(rf"Time (?:jumped forwards|moved forwards?)(?: by)? {_NUMBER} seconds")
_WAITS = re.compile(rf", waiting for {_NUMBER} sec")
_PID = re.compile(r"[(<](\d{1,10})[)>]")


def may_be_dovecot_line(line: str) -> bool:
    """Tell quickly whether a line is worth parsing."""
    return ": Time " in line


def parse_dovecot_line(line: str) -> DovecotLine | None:
    """Read a line of syslog, of the journal or of Dovecot's own log; None when it says nothing of the clock."""
    found = _LINE.match(line) if may_be_dovecot_line(line) else None
    if found is None:
        return None
    about, text = found["about"], found["text"]
    pid = _PID.search(about)
    forward, backward = _FORWARD.match(text), _BACKWARD.match(text)
    if forward:
        kind: Kind = "ahead"
    elif backward:
        kind = _kind_of(backward["rest"])
    else:
        return None
    waits = _WAITS.match(backward["rest"]) if backward else None
    return DovecotLine(
        kind=kind,
        process=found["process"],
        pid=int(pid[1]) if pid else None,
        seconds=float((forward or backward)[1]),  # type: ignore[index]
        waits_seconds=float(waits[1]) if waits else None,
        line=line.strip(),
    )


def _kind_of(rest: str) -> Kind:
    if "kill myself" in rest:
        return "killed"
    if "sleep" in rest:
        return "slept"
    return "waits" if _WAITS.match(rest) else "back"
