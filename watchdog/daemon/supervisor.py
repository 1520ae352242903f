"""What a service manager is told: sd_notify(3), datagrams to the socket that $NOTIFY_SOCKET names.

`Petting` tells it regularly that we are well ($WATCHDOG_USEC): from a thread of its own, so that an attempt at
healing, which may take minutes, is not taken for a hang; and only while the loop comes round. A loop that is stuck
is no longer spoken for, and the service manager restarts us.
"""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress


class Supervisor:
    """Speaks to the service manager, if there is one that listens; it never fails and never waits."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        name = environ.get("NOTIFY_SOCKET", "")
        # "@" stands for the NUL of an abstract socket; vsock:... is for virtual machines only.
        self._address = f"\0{name[1:]}" if name.startswith("@") else name if name.startswith("/") else ""
        self.pet_seconds = _pet_seconds(environ)

    def tell(self, **fields: str | int) -> None:
        """Send these fields in one datagram: READY=1, STATUS=..."""
        if not self._address:
            return
        text = "\n".join(f"{name}={str(value).replace(chr(10), ' ')}" for name, value in fields.items())
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.setblocking(False)
            out.sendto(text.encode(errors="replace"), self._address)


class Petting:
    """Sends WATCHDOG=1 every so often while `is_well` says so; starts at once, ends when closed."""

    def __init__(self, supervisor: Supervisor, is_well: Callable[[], bool]) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._pet, args=(supervisor, is_well), name="petting", daemon=True)
        if supervisor.pet_seconds:
            self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._over.set()

    def _pet(self, supervisor: Supervisor, is_well: Callable[[], bool]) -> None:
        while not self._over.wait(supervisor.pet_seconds):
            if is_well():
                supervisor.tell(WATCHDOG=1)


def _pet_seconds(environ: Mapping[str, str]) -> float:
    """Return how often to pet, three times as often as we must; 0: nobody asked."""
    try:
        limit, pid = int(environ.get("WATCHDOG_USEC", "0")), int(environ.get("WATCHDOG_PID", "0"))
    except ValueError:
        return 0.0
    return limit / 3e6 if limit > 0 and pid in (0, os.getpid()) else 0.0
