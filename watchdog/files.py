"""Reading a file that a person named: a regular file of sensible size, and not open to the wrong eyes."""

import errno
import grp
import os
import stat
from contextlib import suppress
from pathlib import Path

from watchdog.errors import ConfigError, Problem
from watchdog.trust import writable_by_others


def exists(path: Path) -> bool:
    """Tell whether there is something at a path; also when we may not look, which whoever opens it will say."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def read_bytes(path: Path, limit_bytes: int) -> bytes:
    """Return a file's content. OSError for what is longer, or no regular file."""
    # Opening a pipe waits for its writer unless told not to.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise OSError(errno.EFBIG, f"more than {limit_bytes} bytes")
    return data


def read_trusted(path: Path, limit_bytes: int, *, strict: bool) -> bytes:
    """Return the content of a file that decides what we do. ConfigError when it cannot be read.

    Also, when `strict` and as root, when others could write it, or put another file in its place.
    """
    places = (path.parent, Path(os.path.realpath(path)).parent, path) if strict else ()
    if loose := [problem for place in dict.fromkeys(places) if (problem := writable_by_others(place))]:
        raise ConfigError(loose)
    try:
        return read_bytes(path, limit_bytes)
    except OSError as error:
        problem = Problem(source=str(path), key="", expected="a file that can be read", found=say(error))
        raise ConfigError([problem]) from error


# The daemon's group: its only member reads the settings, with the secrets in them, to tell people.
OWN_GROUP = "host-watchdog"


def readable_by_others(path: Path) -> str:
    """Return the mode ("0644") of a file that others than its owner, root and the daemon can read, else ""."""
    try:
        status = path.stat()
    except OSError:
        return ""  # whoever opens it will say why
    loose = status.st_mode & stat.S_IROTH or (status.st_mode & stat.S_IRGRP and status.st_gid not in _own_groups())
    return f"{stat.S_IMODE(status.st_mode):04o}" if loose else ""


def closed_to_daemon(status: os.stat_result) -> bool:
    """Tell whether root keeps a file from the daemon's group, where this host has one."""
    own = _own_groups() - {0}
    shown = status.st_mode & stat.S_IROTH or (status.st_mode & stat.S_IRGRP and status.st_gid in own)
    return bool(own) and status.st_uid == 0 and not shown


def _own_groups() -> set[int]:
    groups = {0}
    with suppress(KeyError):
        groups.add(grp.getgrnam(OWN_GROUP).gr_gid)
    return groups


def say(error: OSError) -> str:
    """Say what went wrong, in the system's words."""
    return (error.strerror or str(error)).lower()
