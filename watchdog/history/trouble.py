"""What can go wrong with the file, told so that a person knows what to do. Knows sqlite3, not SQLAlchemy."""

import errno
import sqlite3
from pathlib import Path

from watchdog.errors import HistoryError

_READ_ONLY = (
    "the history {path} cannot be written: the file or its file system is read-only; "
    "nothing is recorded until it is writable again (see `findmnt -T {path}` and `ls -l {path}`)"
)
_FULL = (
    "the disk that holds the history {path} is full (or a quota is reached); "
    "nothing is recorded until there is room (see `df -h {path}`)"
)
_FORBIDDEN = (
    "no permission for the history {path}: run as its owner (often root), join the group that may read it, "
    "or name another file"
)
_BUSY = (
    "the history {path} is held by another program (an sqlite3 shell, a backup?); "
    "end it and try again (see `fuser -v {path}`)"
)
_UNREADABLE = (
    "the history {path} cannot be read or written: {detail}; look for disk errors in the kernel log (`dmesg`)"
)

_BY_ERRNO = {
    errno.EROFS: _READ_ONLY,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EIO: _UNREADABLE,
}
_BY_CODE = {
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_PERM: _FORBIDDEN,
    sqlite3.SQLITE_AUTH: _FORBIDDEN,
    sqlite3.SQLITE_CANTOPEN: _FORBIDDEN,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_IOERR: _UNREADABLE,
    # The index of the WAL could not be made longer, for which a full disk is the reason.
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,
}
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Damaged(HistoryError):
    """The file is not (any more) a history; `reason` says what SQLite or we found."""

    def __init__(self, path: Path, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"the history {path} is damaged ({reason}): `watchdog run` sets it aside, "
            "as soon as it sees so too, and begins a fresh one"
        )


def explain_os(path: Path, error: OSError) -> HistoryError:
    """Turn what the kernel said about the file, its folder or its lock into words."""
    text = _BY_ERRNO.get(error.errno or 0)
    detail = f"{error.strerror or error} ({error.filename or path})"
    if text is None:
        return HistoryError(f"the history {path} cannot be used: {detail}")
    return HistoryError(text.format(path=path, detail=detail))


def explain_sqlite(path: Path, error: sqlite3.Error) -> HistoryError:
    """Turn what SQLite said into words; Damaged when the file itself is what is wrong."""
    # The low byte is the primary code, the rest tells more, mostly than we act on (https://sqlite.org/rescode.html).
    whole = getattr(error, "sqlite_errorcode", 0)
    code = whole & 0xFF
    if code in _DAMAGE:
        return Damaged(path, str(error))
    # The schema was seen whole at opening: what is missing now is missing because of damage, not of a version.
    if code == sqlite3.SQLITE_ERROR and str(error).startswith(("no such table", "no such column")):
        return Damaged(path, str(error))
    text = _BY_CODE.get(whole, _BY_CODE.get(code))
    if text is None:
        return HistoryError(f"the history {path} cannot be used: {error}")
    return HistoryError(text.format(path=path, detail=error))
