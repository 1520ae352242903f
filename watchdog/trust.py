"""Whose files root may trust: only its own. Other users may run what they like: they can only harm themselves.

With one exception: under sudo, in the checkout of the very user who typed it (`sudo make test`), what is that
user's is not refused: they are root at this moment, and could write this very file. From cron or a systemd unit
there is no such user, and the same checkout is refused.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from watchdog.errors import Problem

_THIS_FILE = Path(__file__)


def writable_by_others(path: Path) -> Problem | None:
    """As root, say what is wrong with a file that anyone but root can write; None when nothing is."""
    if os.geteuid() != 0 or not path.exists():
        return None
    status = path.stat()
    owners, groups = {0}, {0}
    if (sudoer := os.environ.get("SUDO_UID")) and sudoer == str((own := _THIS_FILE.stat()).st_uid):
        owners.add(own.st_uid)
        groups.update([own.st_gid] if own.st_mode & stat.S_IWGRP else [])
    loose = status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and status.st_gid not in groups)
    if status.st_uid in owners and not loose:
        return None
    return Problem(
        source=str(path),
        key="",
        expected="a file that only root can write, because root is about to trust it",
        found=f"owner {status.st_uid}, group {status.st_gid}, mode {stat.S_IMODE(status.st_mode):04o}"
        f"; run: chown root:root {path} && chmod go-w {path}",
    )


def untrusted_program(path: Path) -> str | None:
    """Say why a program must not be run: it cannot be, or as root, others could have put it there; None: it may.

    Looked at is all the way to it, and to where a link leads. In a folder such as /tmp (sticky), what is root's
    cannot be replaced.
    """
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        return f"there is no such program ({getattr(error, 'strerror', None) or 'its link leads nowhere'})"
    if not real.is_file() or not os.access(real, os.X_OK):
        return "it is no file that can be run"
    return untrusted_way(real) or untrusted_way(path.parent)


def untrusted_way(path: Path) -> str | None:
    """As root, say which file or folder on the way to `path`, itself included, others can write; None for none."""
    for place in (path, *path.absolute().parents):
        if not _is_sticky(place) and (problem := writable_by_others(place)):
            return str(problem)
    return None


def _is_sticky(place: Path) -> bool:
    try:
        status = place.stat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == 0 and bool(status.st_mode & stat.S_ISVTX)


def all_within(folder: Path) -> Iterator[Path]:
    """Yield a folder and all that is in it; of a link also the folder that holds what it leads to."""
    seen: set[str] = set()
    places = [folder]
    while places:
        place = places.pop()
        yield place
        if place.is_symlink():
            yield Path(os.path.realpath(place)).parent
        if place.is_dir() and (real := os.path.realpath(place)) not in seen:
            seen.add(real)
            places += sorted(place.iterdir(), reverse=True)
