"""The daemon's door: a Unix socket beside the history, for the other commands on this host.

One process keeps the history, and while a daemon runs that is the daemon. `run` asks it to look now; whatever else
writes (heal, pause, silence, rollback ...) borrows the history, and the daemon looks on when it is back: when the
borrower hangs up, however it ends. Only root and the daemon's own user are let in, by the kernel's word.
"""

import errno
import os
import selectors
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import msgspec

from watchdog.model import Stamp

_MOST_BYTES = 1 << 16
_MOST_VISITS = 16
_CREDENTIALS = struct.Struct("3i")


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor wants: that these checks look now, the history for a while, or to hear how the daemon is."""

    ask: Literal["run", "lend", "state"]
    checks: tuple[str, ...] = ()


class DaemonState(msgspec.Struct, frozen=True, kw_only=True):
    """What a daemon says of itself; `next_look_ns` is the CLOCK_BOOTTIME at which a check is due next."""

    began: Stamp
    checks: int
    next_look_ns: int | None
    hanging: tuple[str, ...] = ()
    lent: bool = False


def door_path(history: Path) -> Path:
    """Return where the door of a history's daemon is."""
    return history.with_name(f"{history.name}.door")


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Yield a name for a socket's path that is short enough for the kernel, however deep the folder lies."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class Visit:
    """Somebody at the door; `asked` is None until they have said what they want."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.asked: Ask | None = None
        self._heard = b""

    def hear(self) -> bool:
        """Take in what they say; False when they are gone, or make no sense."""
        try:
            piece = self.connection.recv(_MOST_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._heard += piece
        if not piece or len(self._heard) > _MOST_BYTES:
            return False
        line, ended, _ = self._heard.partition(b"\n")
        if ended and self.asked is None:
            try:
                self.asked = msgspec.json.decode(line, type=Ask)
            except msgspec.MsgspecError:
                return False
        return True

    def answer(self, answer: Any) -> None:
        """Say something; one who does not listen is not waited for."""
        with suppress(OSError):
            self.connection.settimeout(1.0)
            self.connection.sendall(msgspec.json.encode(answer) + b"\n")
            self.connection.setblocking(False)


class Door:
    """Lets visitors in. `asked` is called with each that has said what it wants, `left` with each that is gone."""

    def __init__(
        self,
        path: Path,
        selector: selectors.BaseSelector,
        asked: Callable[[Visit, Ask], None],
        left: Callable[[Visit], None],
    ) -> None:
        self._path, self._selector, self._asked, self._left = path, selector, asked, left
        self._visits: list[Visit] = []
        # Let go of when we have no other left, to send away who would else wake the loop without end.
        self._spare: int | None = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._listener.setblocking(False)
        # We hold the history's lock: what is there is of a daemon that is gone.
        path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            with reachable(path) as address:
                self._listener.bind(address)
        finally:
            os.umask(mask)
        self._listener.listen(_MOST_VISITS)
        selector.register(self._listener, selectors.EVENT_READ, self._let_in)

    def close(self) -> None:
        """Send everybody away."""
        for visit in tuple(self._visits):
            self.dismiss(visit)
        self._selector.unregister(self._listener)
        self._listener.close()
        self._drop_spare()
        self._path.unlink(missing_ok=True)

    def dismiss(self, visit: Visit) -> None:
        """Hang up."""
        if visit in self._visits:
            self._visits.remove(visit)
            self._selector.unregister(visit.connection)
            visit.connection.close()

    def _let_in(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._turn_away()
            return  # or they did not wait
        if len(self._visits) >= _MOST_VISITS or not _is_trusted(connection):
            connection.close()
            return
        connection.setblocking(False)
        visit = Visit(connection)
        self._visits.append(visit)
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._hear(visit))

    def _turn_away(self) -> None:
        self._drop_spare()
        with suppress(OSError):  # another thread took its place
            self._listener.accept()[0].close()
            self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def _drop_spare(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    def _hear(self, visit: Visit) -> None:
        before = visit.asked
        if not visit.hear():
            self.dismiss(visit)
            self._left(visit)
        elif visit.asked is not None and before is None:
            self._asked(visit, visit.asked)


def _is_trusted(connection: socket.socket) -> bool:
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(credentials)
    return user in (0, os.geteuid())
