"""Host: the read-only way to ask this machine anything. The only module that reads clocks.

`root` lets a test hand over a fixture tree in place of `/`. Nothing here changes the host.
"""

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from watchdog.errors import Unobservable
from watchdog.model import Stamp

# More than any file we read has reason to hold; what is longer is not what we take it for.
MAX_FILE_BYTES = 4 << 20


class Host:
    """This machine, or a tree that looks like one."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    def path(self, path: str) -> Path:
        """Return an absolute path as seen under `root`."""
        return self.root / path.lstrip("/")

    def read_text(self, path: str) -> str | None:
        """Return a file's text, None when there is no such file; undecodable bytes are replaced.

        Raises Unobservable when it exists and cannot be read.
        """
        try:
            with self.path(path).open("rb") as file:
                return _read_bounded(file).decode(errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            # A network device can vanish while its file in /proc or /sys is being read.
            if error.errno == errno.ENODEV:
                return None
            raise Unobservable(f"cannot read {path}: {error.strerror}") from error

    def names_in(self, directory: str) -> tuple[str, ...]:
        """Return the sorted names in a directory, none when there is no such directory.

        Raises Unobservable when it exists and cannot be listed.
        """
        try:
            return tuple(sorted(entry.name for entry in self.path(directory).iterdir()))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise Unobservable(f"cannot list {directory}: {error.strerror}") from error

    def name(self) -> str:
        """Return the host name, in the kernel's words."""
        return (self.read_text("/proc/sys/kernel/hostname") or "localhost").strip()

    def stamp(self) -> Stamp:
        """Return this moment: boot_id, CLOCK_BOOTTIME and CLOCK_REALTIME, read together.

        The pair is the tightest of five BOOTTIME-REALTIME-BOOTTIME readings (noise below a microsecond),
        so that REALTIME - BOOTTIME can be compared between stamps. Raises Unobservable without a boot_id.
        """
        boot_id = (self.read_text("/proc/sys/kernel/random/boot_id") or "").strip()
        if not boot_id:
            raise Unobservable("cannot read /proc/sys/kernel/random/boot_id: is /proc mounted?")
        _, boottime_ns, wall_ns = min(_clock_readings())
        return Stamp(boot_id=boot_id, boottime_ns=boottime_ns, wall_ns=wall_ns)

    @contextmanager
    def netlink(self) -> Iterator[Any]:
        """Yield a pyroute2 IPRoute of the calling thread's own, for requests that read.

        The import is late: it costs 0.15 s and 20 MB, and a host without the subject needs none of it.
        """
        from pyroute2 import IPRoute

        with IPRoute() as netlink:
            yield netlink


def _read_bounded(file: IO[bytes]) -> bytes:
    """Read in small pieces: procfs allocates as much kernel memory as one read asks for, and refuses megabytes."""
    content = b""
    while len(content) < MAX_FILE_BYTES and (piece := file.read(1 << 16)):
        content += piece
    return content


def _clock_readings() -> Iterator[tuple[int, int, int]]:
    """Yield five (width, boottime, wall) readings in nanoseconds; the narrower, the truer."""
    for _ in range(5):
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        wall = time.clock_gettime_ns(time.CLOCK_REALTIME)
        after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        yield after - before, (before + after) // 2, wall
