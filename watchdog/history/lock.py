"""One process writes at a time: flock(2) on a file beside the history.

The kernel lets go of the lock however the holder dies. The file is never removed: two processes could then hold
two locks of one name. What stands in it tells others who holds it, and, when nobody does, the holder's last word.
"""

import fcntl
import os
import shlex
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from watchdog.errors import HistoryError
from watchdog.history.owner import leave_to_folder
from watchdog.history.trouble import explain_os
from watchdog.host import Host
from watchdog.model import Stamp
from watchdog.units import render_seconds

_POLL_SECONDS = 0.05
_MAX_BYTES = 4096


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the lock, in its own words."""

    pid: int
    command: str
    boot_id: str
    boottime_ns: int


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """A lock that is held; `last_word` is what the holder before us left, "" when it died holding it."""

    descriptor: int
    last_word: str

    def release(self, last_word: str) -> None:
        """Let go, leaving a word for the next holder."""
        _write(self.descriptor, last_word.encode())
        # Closing alone would not: a child that was forked meanwhile has the same open file.
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        os.close(self.descriptor)


def lock_path(history: Path) -> Path:
    """Return where the lock of a history is. It stays there, so it also tells that a writer was here before."""
    return history.with_name(f"{history.name}.lock")


def acquire(history: Path, *, wait_seconds: float, command: str) -> Lock:
    """Take the lock of a history, waiting up to `wait_seconds` of CLOCK_BOOTTIME.

    Signals interrupt the wait as they interrupt any sleep. Raises HistoryError: held (says by whom and since
    when), or the lock file cannot be made.
    """
    try:
        descriptor = os.open(lock_path(history), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o640)
    except OSError as error:
        raise explain_os(history, error) from error
    try:
        leave_to_folder(descriptor, history.parent)
        clock = Host().stamp
        _wait(descriptor, history, wait_seconds, clock)
        text = os.pread(descriptor, _MAX_BYTES, 0)
        now = clock()
        # A file that it names may not be UTF-8, which JSON is.
        text_of = command.encode(errors="backslashreplace").decode()
        holder = Holder(pid=os.getpid(), command=text_of, boot_id=now.boot_id, boottime_ns=now.boottime_ns)
        _write(descriptor, msgspec.json.encode(holder))
        last_word = "" if _parse_holder(text) else text.decode(errors="replace")
        return Lock(descriptor=descriptor, last_word=last_word)
    except OSError as error:  # it is no file: somebody put a pipe in its place
        os.close(descriptor)
        raise explain_os(history, error) from error
    except BaseException:
        os.close(descriptor)
        raise


def _wait(descriptor: int, history: Path, wait_seconds: float, clock: Callable[[], Stamp]) -> None:
    start = clock()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            now = clock()
            left = wait_seconds - now.seconds_since(start)
            if left <= 0:
                who = _describe(_parse_holder(os.pread(descriptor, _MAX_BYTES, 0)), now)
                raise HistoryError(
                    f"the history {history} is held by {who}; waited {render_seconds(wait_seconds)}. "
                    "Try again when it is done, or end it if it hangs"
                ) from None
            time.sleep(min(_POLL_SECONDS, left))
        except OSError as error:
            raise explain_os(history, error) from error
        else:
            return


def _describe(holder: Holder | None, now: Stamp) -> str:
    if holder is None:
        return "another process"
    since = render_seconds(max(0.0, (now.boottime_ns - holder.boottime_ns) / 1e9))
    return f"process {holder.pid} ({_command_line(holder)}) since {since}"


def _command_line(holder: Holder) -> str:
    # Late: only who has to wait in vain needs psutil.
    import psutil

    try:
        text = shlex.join(psutil.Process(holder.pid).cmdline()) or holder.command
    except (psutil.Error, OverflowError, ValueError):
        text = holder.command
    # What another process calls itself must not write escape sequences to our terminal.
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:200]


def _parse_holder(text: bytes) -> Holder | None:
    try:
        return msgspec.json.decode(text, type=Holder)
    except msgspec.MsgspecError:
        return None


def _write(descriptor: int, text: bytes) -> None:
    """Replace what stands in the lock file. The lock holds without it: a full disk costs only the text."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text, 0)
