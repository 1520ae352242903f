"""Hears every setting of the clock, within a millisecond, and notes what the clocks read right after it.

A thread of its own, because one look takes longer than a clock needs to be set twice: the notes keep such steps
apart, also when one takes back the other.
"""

import os
import select
import threading
from collections import deque
from collections.abc import Callable

from watchdog.model import Stamp
from watchdog.signals.timerfd import open_clock_watch, was_set

# More than are set between two looks; beyond them the oldest are told as one.
_MOST_READINGS = 1024


class ClockEar:
    """Calls `heard` whenever the clock was set or the host resumed; `readings` are the stamps it took then."""

    def __init__(self, stamp: Callable[[], Stamp], heard: Callable[[], None]) -> None:
        self._stamp, self._heard = stamp, heard
        self._readings: deque[Stamp] = deque(maxlen=_MOST_READINGS)
        self._watch = open_clock_watch()
        self._end_read, self._end_write = os.pipe2(os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._listen, name="ear-clock", daemon=True)
        self._thread.start()

    def readings(self) -> tuple[Stamp, ...]:
        """Return what the clocks read after each setting, the oldest first."""
        return tuple(self._readings)

    def close(self) -> None:
        """Stop listening."""
        os.close(self._end_write)
        self._thread.join()
        os.close(self._end_read)
        os.close(self._watch)

    def _listen(self) -> None:
        poll = select.poll()
        poll.register(self._watch, select.POLLIN)
        poll.register(self._end_read, select.POLLIN)
        while self._end_read not in (descriptor for descriptor, _ in poll.poll()):
            if was_set(self._watch):
                self._readings.append(self._stamp())
                self._heard()
