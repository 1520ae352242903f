"""Hears what programs write to the journal: `journalctl --follow`, for those that checks listen to."""

import os
from collections.abc import Callable, Iterator

from watchdog.host import Follower

_MOST_BYTES = 1 << 16
_LONGEST_LINE = 1 << 14


class JournalEar:
    """Wakes checks by name; `wanted` are checks and the lines they listen for."""

    def __init__(self, follower: Follower, wanted: tuple[tuple[str, Callable[[str], bool]], ...]) -> None:
        self._follower, self._wanted = follower, wanted
        self._rest = b""
        # It ended: journald was restarted, or somebody ended it. Then nothing more is heard.
        self.is_over = False

    @property
    def descriptor(self) -> int:
        """What becomes readable."""
        return self._follower.descriptor

    def hear(self) -> Iterator[str]:
        """Yield the checks to wake, without waiting."""
        try:
            piece = os.read(self.descriptor, _MOST_BYTES)
        except BlockingIOError:
            return
        self.is_over = not piece
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._rest = self._rest[-_LONGEST_LINE:]
        texts = [line.decode(errors="replace") for line in lines]
        yield from (check for check, hears in self._wanted if any(map(hears, texts)))

    def close(self) -> None:
        """Stop listening."""
        self._follower.end()
