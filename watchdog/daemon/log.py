"""What the daemon says: to the journal with fields that can be asked for, else to stderr.

`journalctl -t watchdog WATCHDOG_FAULT=bond.member_down`. The journal is spoken to in its own words (systemd,
Native Journal Protocol) where our stderr is the journal, as $JOURNAL_STREAM then says.
"""

import os
import socket
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

ERROR: Final = 3
WARNING: Final = 4
NOTICE: Final = 5
INFO: Final = 6
_SOCKET = "/run/systemd/journal/socket"


class Log:
    """Says a line at a time; it never fails and never waits."""

    def __init__(self, environ: Mapping[str, str], path: str = _SOCKET, stderr: int = 2) -> None:
        self._path = path if _is_journal(environ.get("JOURNAL_STREAM", ""), stderr) else ""

    def say(self, text: str, priority: int = INFO, **fields: str | int) -> None:
        """Say something; the fields are named WATCHDOG_FAULT and the like."""
        line = "".join(letter if letter.isprintable() else " " for letter in text)
        if self._path and self._send(line, priority, fields):
            return
        with suppress(OSError, ValueError):
            print(f"watchdog: {line}", file=sys.stderr, flush=True)

    def _send(self, line: str, priority: int, fields: Mapping[str, str | int]) -> bool:
        everything = {"MESSAGE": line, "PRIORITY": priority, "SYSLOG_IDENTIFIER": "watchdog", **fields}
        packet = b"".join(_encode(name, str(value)) for name, value in everything.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.setblocking(False)
                out.sendto(packet, self._path)
        except OSError:  # it restarts, or the packet is too long for it: stderr leads there too
            return False
        return True


def _encode(name: str, value: str) -> bytes:
    data = value.encode(errors="replace")
    if b"\n" in data:
        return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"
    return name.encode() + b"=" + data + b"\n"


def _is_journal(stream: str, stderr: int) -> bool:
    """Tell whether stderr is the journal: systemd.exec(5), $JOURNAL_STREAM is the device and inode it gave us."""
    try:
        status = os.fstat(stderr)
    except OSError:
        return False
    return stream == f"{status.st_dev}:{status.st_ino}"
