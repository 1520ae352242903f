"""The process that sends: started when there is something to send, ended soon after.

So what sending needs (apprise: 1.5 s and 21 MB) is not kept in memory, no thread is left behind in ours, and one
that is stuck can be ended. Nothing here waits: two threads move what goes in and comes out.
"""

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Protocol

import msgspec

from watchdog.notify.errands import Answer, Errand, line_of
from watchdog.notify.spawning import sender_program, start

_MOST_BYTES = 1 << 16


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The process is over: why, as far as that is known."""

    error: str


class Ready:
    """The process can send."""


Event = Answer | Ended | Ready


class Sender(Protocol):
    """What delivering needs of the process that sends."""

    def send(self, errand: Errand) -> None:
        """Give it an errand."""

    def events(self) -> Iterator[Event]:
        """Yield what has happened since the last call; after Ended nothing more will."""

    def kill(self) -> None:
        """End it now, and all that it started. Harmless when it has ended."""


def start_sender(wake: Callable[[], None]) -> Sender:
    """Start the process that sends. Raises OSError, RuntimeError."""
    return Child(wake, start(sender_program(), os.environ))


class Child:
    """One sending process. `wake` is called, from a thread, when there is an event. Raises RuntimeError.

    The thread that started the process must be one that stays: when it ends, the kernel ends the process.
    """

    def __init__(self, wake: Callable[[], None], process: subprocess.Popen[bytes]) -> None:
        self._wake, self._process = wake, process
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._errands: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        try:
            for name, work in (("notify-in", self._write), ("notify-out", self._read)):
                threading.Thread(target=work, name=name, daemon=True).start()
        except RuntimeError:  # the host, or our cgroup, has no thread left
            self.kill()
            raise

    def send(self, errand: Errand) -> None:
        """Give it an errand."""
        self._errands.put(line_of(errand))

    def events(self) -> Iterator[Event]:
        """Yield what has happened; after Ended nothing more will."""
        while not self._events.empty():
            yield self._events.get_nowait()

    def kill(self) -> None:
        """End it now, and all that it started. Harmless when it has ended."""
        self._errands.put(None)
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _write(self) -> None:
        pipe = _pipe(self._process.stdin)
        with suppress(OSError):  # it is gone, which the other thread tells
            while (line := self._errands.get()) is not None:
                pipe.write(line)
                pipe.flush()
        with suppress(OSError):
            pipe.close()

    def _read(self) -> None:
        why = "the process that sends ended"
        with _pipe(self._process.stdout) as pipe:
            for line in iter(lambda: pipe.readline(_MOST_BYTES), b""):
                try:
                    event = Ready() if line.strip() == b"{}" else msgspec.json.decode(line, type=Answer)
                except msgspec.MsgspecError:
                    why = "the process that sends said what makes no sense"
                    break
                self._tell(event)
        self._tell(Ended(error=why))

    def _tell(self, event: Event) -> None:
        self._events.put(event)
        self._wake()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise AssertionError("both streams are pipes")
    return stream
