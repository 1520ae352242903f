"""What daemons wrote into this machine's logs since the last look.

A check observes without knowing what it saw before, so `read_logs` always reads the same bounded end of each log,
and `new_lines` (pure) leaves out what an earlier `LogPosition` already covers. `mark_logs` makes such a position
without reading, for a check that reads the logs only once it has seen something. The journal is ordered by boot
and CLOCK_MONOTONIC, a file by inode and offset, never by the wall clock: a step backward is what we look for.

Sources: systemd.journal-fields(7), systemd Journal JSON Format; logrotate(8) `create` and `copytruncate`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from zlib import crc32

import msgspec

from watchdog.errors import Unobservable
from watchdog.host import HEAD_BYTES, Host, Tail

JOURNAL = "journal"
# Where rsyslog, syslog-ng and busybox syslogd write, on hosts without a journal.
SYSLOG_FILES = (
    "/var/log/syslog",
    "/var/log/messages",
    "/var/log/mail.log",
    "/var/log/maillog",
    "/var/log/daemon.log",
)
MAX_TAIL_BYTES = 256 << 10
# What a busy mail server logs in some minutes; for a look that is worth more than usual.
THOROUGH_TAIL_BYTES = 2 << 20
MAX_JOURNAL_ENTRIES = 1000
MAX_LINE_CHARACTERS = 1000
JOURNAL_FOLDERS = ("/var/log/journal", "/run/log/journal")
_JOURNAL_FIELDS = "MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID"


class LogMark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place in a log: behind a line of a file, or at an entry of the journal of that boot.

    A file is known by its inode and the CRC of how it begins, as inodes are used again; inode 0 is no file. A
    journal without entries has `monotonic_us` -1.
    """

    inode: int = 0
    head_crc: int = 0
    offset: int = 0
    boot_id: str = ""
    monotonic_us: int = -1

    @property
    def file(self) -> tuple[int, int]:
        """What tells one file from another that bears its name."""
        return (self.inode, self.head_crc)


class LogPosition(msgspec.Struct, frozen=True, kw_only=True):
    """How far each log was read: a mark by path, and by `journal`. What a check remembers."""

    marks: Mapping[str, LogMark] = {}


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as a syslog file has it (one from the journal begins with `program[pid]: `), printable and bounded.

    `boottime_seconds` is known for the journal only, and exact for what was logged since the last resume.
    """

    source: str
    mark: LogMark
    text: str
    boottime_seconds: float | None = None


class LogTail(msgspec.Struct, frozen=True, kw_only=True):
    """The end of every log that could be read: where it begins and ends, the lines that were wanted, in order.

    `problems` says by source why a log could not be read.
    """

    begins: Mapping[str, LogMark]
    ends: Mapping[str, LogMark]
    lines: tuple[LogLine, ...]
    problems: Mapping[str, str]


def new_lines(tail: LogTail, since: LogPosition | None) -> tuple[LogLine, ...]:
    """Return the lines written after `since`; a log that was never read before has only old ones."""
    marks = since.marks if since else {}
    return tuple(
        line
        for line in tail.lines
        if line.source in marks and _is_after(line, marks[line.source], tail.ends[line.source])
    )


def skipped_logs(tail: LogTail, since: LogPosition | None) -> tuple[str, ...]:
    """Return the logs that grew by more than a look reads, so that lines were missed."""
    marks = since.marks if since else {}
    return tuple(
        source
        for source, begin in tail.begins.items()
        if (mark := marks.get(source))
        and (mark.file, mark.boot_id) == (begin.file, begin.boot_id)
        and (begin.offset > mark.offset or begin.monotonic_us > mark.monotonic_us)
    )


def move_position(before: LogPosition | None, tail: LogTail) -> LogPosition:
    """Return the position behind this tail; a log that could not be read now keeps its earlier mark."""
    return LogPosition(marks={**(before.marks if before else {}), **tail.ends})


def mark_logs(host: Host, *, files: Sequence[str] = ()) -> LogPosition:
    """Return where every log ends now, without reading any: what `new_lines` later counts from.

    For a check that reads them only when it has seen something; it costs a tenth of a millisecond.
    """
    now = host.stamp()
    monotonic_us = round(now.boottime_ns / 1e3 - host.suspended_seconds() * 1e6)
    marks = {JOURNAL: LogMark(boot_id=now.boot_id.replace("-", ""), monotonic_us=monotonic_us)}
    for path in dict.fromkeys([*SYSLOG_FILES, *files]):
        with suppress(Unobservable):
            tail = host.read_tail(path, 0)
            marks[path] = _mark(tail, tail.begins_at) if tail else LogMark()
    return LogPosition(marks=marks)


def read_logs(
    host: Host,
    wanted: Callable[[str], bool],
    *,
    identifiers: Sequence[str],
    files: Sequence[str] = (),
    tail_bytes: int = MAX_TAIL_BYTES,
    grep: str = "",
) -> LogTail:
    """Return the end of the logs, of which only `wanted` lines.

    Read are the journal's entries of these syslog identifiers, or else the usual syslog files, and `files`.
    `grep`, a regular expression, also brings what matches it further back in the journal; it costs a search.
    """
    has_journal = any(host.names_in(folder) for folder in JOURNAL_FOLDERS)
    begins: dict[str, LogMark] = {}
    ends: dict[str, LogMark] = {}
    lines: list[LogLine] = []
    problems: dict[str, str] = {}
    sources = [JOURNAL] if has_journal else [*SYSLOG_FILES]
    for source in dict.fromkeys([*sources, *files]):
        try:
            if source == JOURNAL:
                read = _read_journal(host, identifiers)
                begins[source] = read[0].mark if len(read) >= MAX_JOURNAL_ENTRIES else LogMark()
                ends[source] = read[-1].mark if read else LogMark()
                if grep and begins[source].boot_id:
                    begins[source], read = _search_journal(host, identifiers, grep, read)
            else:
                begins[source], ends[source], read = _read_file(host, source, tail_bytes)
        except Unobservable as problem:
            problems[source] = str(problem)
            continue
        lines += (_printable(line) for line in read if wanted(line.text))
    return LogTail(begins=begins, ends=ends, lines=tuple(lines), problems=problems)


def _is_after(line: LogLine, mark: LogMark, end: LogMark) -> bool:
    if line.source == JOURNAL:
        return line.mark.boot_id != mark.boot_id or line.mark.monotonic_us > mark.monotonic_us
    if line.mark.file == mark.file:
        truncated = end.file == mark.file and end.offset < mark.offset
        return truncated or line.mark.offset > mark.offset
    # Another file took its place: all of it is new. What was rotated away before the mark's file is not.
    return line.mark.file == end.file


def _read_file(host: Host, path: str, max_bytes: int) -> tuple[LogMark, LogMark, list[LogLine]]:
    """Return where the tail begins and ends, and its lines; those of the rotated file first, if there is room."""
    tail = host.read_tail(path, max_bytes)
    if tail is None:
        return LogMark(), LogMark(), []
    begin = _mark(tail, tail.begins_at)
    end = _mark(tail, tail.begins_at + tail.content.rfind(b"\n") + 1)
    lines = list(_lines_of(path, tail))
    room = max_bytes - len(tail.content)
    rotated = host.read_tail(f"{path}.1", room) if room else None
    # The same inode: it was rotated between the two readings.
    if rotated and rotated.inode != tail.inode:
        lines = [*_lines_of(path, rotated), *lines]
    return begin, end, lines


def _lines_of(path: str, tail: Tail) -> Iterator[LogLine]:
    """Yield the whole lines: a beginning that was cut off and an end that is still being written are left out."""
    offset, mark = tail.begins_at, _mark(tail, 0)
    for index, line in enumerate(tail.content.split(b"\n")[:-1]):
        offset += len(line) + 1
        if index > 0 or tail.begins_at == 0:
            behind = LogMark(inode=mark.inode, head_crc=mark.head_crc, offset=offset)
            yield LogLine(source=path, mark=behind, text=line.decode(errors="replace"))


def _mark(tail: Tail, offset: int) -> LogMark:
    """Return a place in this file; how it begins is its first line, as far as that no longer changes."""
    line, newline, _ = tail.head.partition(b"\n")
    begins = line if newline or len(tail.head) >= HEAD_BYTES else b""
    return LogMark(inode=tail.inode, head_crc=crc32(begins), offset=offset)


def _search_journal(
    host: Host, identifiers: Sequence[str], grep: str, read: list[LogLine]
) -> tuple[LogMark, list[LogLine]]:
    """Return where what is known begins, and what matches of the time before `read`, with `read` behind it."""
    begin = read[0].mark
    try:
        # With --grep, --lines implies --reverse in newer versions of journalctl.
        found = sorted(_read_journal(host, identifiers, f"--grep={grep}"), key=lambda line: line.mark.monotonic_us)
    except Unobservable:  # nothing matches, it cannot search (no PCRE2), or it takes too long
        return begin, read
    older = [line for line in found if line.mark.monotonic_us < begin.monotonic_us]
    return found[0].mark if len(found) >= MAX_JOURNAL_ENTRIES else LogMark(), [*older, *read]


def _read_journal(host: Host, identifiers: Sequence[str], *more: str) -> list[LogLine]:
    """Return this boot's last entries of these identifiers, oldest first. Raises Unobservable."""
    command = [
        "journalctl",
        "--no-pager",
        "--boot",
        f"--lines={MAX_JOURNAL_ENTRIES}",
        "--output=json",
        f"--output-fields={_JOURNAL_FIELDS}",
        *(f"--identifier={name}" for name in identifiers),
        *more,
    ]
    done = host.run(command)
    # It ends with 0 even when all it may show is the caller's own entries.
    if done.exit_code != 0 or "not seeing messages from" in done.stderr or "insufficient perm" in done.stderr:
        said = " ".join(done.stderr.split())[:200] or "nothing"
        raise Unobservable(
            f"cannot read the journal: journalctl ended with {done.exit_code} and said: {said}"
            " (it needs root or the group systemd-journal)"
        )
    suspended = host.suspended_seconds()
    return [line for text in done.stdout.splitlines() if (line := _parse_entry(text, suspended))]


def _parse_entry(text: str, suspended_seconds: float) -> LogLine | None:
    """Read one JSON entry; None for what is none (journalctl may say `-- No entries --`)."""
    try:
        entry = msgspec.json.decode(text, type=dict[str, Any])
        monotonic_us = int(entry["__MONOTONIC_TIMESTAMP"])
        boot_id = str(entry["_BOOT_ID"])
        boottime_seconds = monotonic_us / 1e6 + suspended_seconds
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError, OverflowError, RecursionError):
        return None
    pid = _field(entry, "SYSLOG_PID") or _field(entry, "_PID")
    program = _field(entry, "SYSLOG_IDENTIFIER") + (f"[{pid}]" if pid else "")
    return LogLine(
        source=JOURNAL,
        mark=LogMark(boot_id=boot_id, monotonic_us=monotonic_us),
        text=f"{program}: {_field(entry, 'MESSAGE')}",
        boottime_seconds=boottime_seconds,
    )


def _field(entry: Mapping[str, Any], name: str) -> str:
    """Return a field as text: it may be bytes (not UTF-8), a list of values, null (too long) or missing."""
    value = entry.get(name)
    if isinstance(value, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
        return bytes(value).decode(errors="replace")
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    return value if isinstance(value, str) else ""


def _printable(line: LogLine) -> LogLine:
    """Take out what would move the cursor of a terminal, and bound the length: logs are written by anybody."""
    text = "".join(c if c.isprintable() else "?" for c in line.text.rstrip()[:MAX_LINE_CHARACTERS])
    return msgspec.structs.replace(line, text=text)
