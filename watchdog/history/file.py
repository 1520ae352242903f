"""The file from outside: what it looks like, and out of the way with it.

It is never opened once a writer was here (connect.py says why).
"""

import errno
import os
from itertools import count
from pathlib import Path

from watchdog.errors import HistoryError
from watchdog.history.lock import lock_path
from watchdog.model import Stamp

# The WAL and its index first: a fresh file must never meet the WAL of another, SQLite would play it back into it.
_BESIDE = ("-wal", "-shm")
_MAGIC = b"SQLite format 3\0"  # https://sqlite.org/fileformat.html#the_database_header


def follow(path: Path) -> Path:
    """Return the file that a path means. SQLite puts the WAL beside the real file; so must everything else be.

    Raises OSError for links that lead round in a circle.
    """
    real = Path(os.path.realpath(path))
    if real.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return real


def fingerprint(path: Path) -> str:
    """Return what changes whenever anybody writes to the file; "" when there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return ""
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"


def require_ours(path: Path) -> None:
    """Raise HistoryError for what a slip in a path names: /dev/null, a folder, somebody's file.

    That is what is no regular file; or what is no database, if no writer of ours was ever at it.
    """
    if path.is_file():
        if lock_path(path).exists():
            return
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
        if len(start) <= 1 or start == _MAGIC:
            return
    elif not path.exists():
        return
    raise HistoryError(f"{path} is not a watchdog history: it is left alone; name another file")


def is_orphaned(path: Path) -> bool:
    """Tell that there is no file, but what stood beside one."""
    return not path.exists() and any(_beside(path, suffix).exists() for suffix in _BESIDE)


def set_aside(path: Path, now: Stamp) -> Path:
    """Rename the file with what stands beside it, to a name that nothing has; return that name."""
    base = path.with_name(f"{path.name}.damaged-{now.wall:%Y%m%dT%H%M%SZ}")
    names = (base if n == 1 else base.with_name(f"{base.name}-{n}") for n in count(1))
    free = next(name for name in names if not any(_beside(name, suffix).exists() for suffix in ("", *_BESIDE)))
    for suffix in (*_BESIDE, ""):
        if _beside(path, suffix).exists():
            _beside(path, suffix).rename(_beside(free, suffix))
    return free


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}{suffix}")
