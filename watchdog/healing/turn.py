"""One at a time on the host: who heals, undoes or recovers holds this, whatever history it keeps its record in.

The history's own lock holds for those who share it; two histories (`--history`) are two locks. A network namespace
is a host of its own here, as a container is. Only root can change a host, so only root is held to it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from watchdog.errors import Refused

_FOLDER = Path("/run")


@contextmanager
def my_turn(folder: Path = _FOLDER) -> Iterator[None]:
    """Hold the host's turn to heal. Raises Refused while somebody else has it."""
    if os.geteuid() != 0:
        yield
        return
    path = folder / f"host-watchdog-healing.{Path('/proc/self/ns/net').stat().st_ino}.lock"
    descriptor = _take(path)
    try:
        yield
    finally:
        # Before it is let go of: who opens it later makes a new one.
        with suppress(FileNotFoundError):
            path.unlink()
        os.close(descriptor)


def _take(path: Path) -> int:
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refused(
                f"{path} cannot be made, so nobody knows who else heals here: {error.strerror}"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise Refused("another attempt is running on this host; one at a time, wait for it to end") from error
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)  # its holder has let go of it, and taken its name away
