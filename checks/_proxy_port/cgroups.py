"""Which ports the processes of a service listen on, where their descriptors are not for us to see.

Who may not look into /proc/PID/fd (the daemon's user, which has no CAP_SYS_PTRACE) is told by the kernel in which
control group a socket was made, and may read in which one a process is. systemd gives each service one of its own,
so what was made there is the service's: no guess. What systemd itself opened for a service stays unseen.
"""

import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress

from watchdog.linux.cgroup import service_of
from watchdog.linux.sock_diag import PROTOCOL, SockDiagError, listening, parse_listening
from watchdog.plugin import Host

# Where systemd keeps the unified hierarchy: alone, or beside the older ones.
_MOUNTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
_PATIENCE_SECONDS = 2.0
_MOST_PACKETS = 1000


class ServiceSockets:
    """The listening sockets of services; the kernel is asked once, when they are first wanted."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._by_group: Mapping[int, frozenset[int]] | None = None

    def inodes(self, cgroup: str) -> frozenset[int]:
        """Return the sockets made in the service that /proc/PID/cgroup names; none where nobody can tell."""
        group = self._group(cgroup)
        if group is None:
            return frozenset()
        if self._by_group is None:
            self._by_group = _ask()
        return self._by_group.get(group, frozenset())

    def _group(self, cgroup: str) -> int | None:
        """Return the id of a service's control group: the inode of its folder."""
        path = next((line[3:] for line in cgroup.splitlines() if line.startswith("0::/")), "")
        if not path or ".." in path.split("/") or not service_of(f"0::{path}"):
            return None
        for mount in _MOUNTS:
            with suppress(OSError):
                folder = self._host.path(mount)
                (folder / "cgroup.controllers").stat()  # it is the unified hierarchy
                return (folder / path.lstrip("/")).stat().st_ino
        return None


def _ask() -> Mapping[int, frozenset[int]]:
    """Ask the kernel for every listening TCP socket of this network namespace; nothing where it does not say."""
    found: dict[int, set[int]] = {}
    with suppress(OSError, SockDiagError):
        for family in (socket.AF_INET, socket.AF_INET6):
            for inode, group in _listening(family):
                found.setdefault(group, set()).add(inode)
    return {group: frozenset(inodes) for group, inodes in found.items()}


def _listening(family: int) -> Iterable[tuple[int, int]]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, PROTOCOL) as kernel:
        kernel.settimeout(_PATIENCE_SECONDS)
        kernel.send(listening(family))
        for _ in range(_MOST_PACKETS):
            for one in parse_listening(kernel.recv(1 << 16)):
                if one is None:
                    return
                yield one
