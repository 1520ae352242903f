"""timerfd(2): a descriptor that wakes its reader at a moment of a clock, or when the clock is set.

Python has it from 3.13 on (os.timerfd_create); before that it is called through ctypes.
"""

import ctypes
import errno
import os
import sys
import time

from watchdog.signals.libc import checked, libc

_NONBLOCK, _CLOEXEC = 0o4000, 0o2000000
_ABSTIME, _CANCEL_ON_SET = 1, 2
# So far ahead that no step reaches it; a kernel whose time_t has 32 bits ends in 2038.
_NEVER_SECONDS = min(2**33, 2 ** (8 * ctypes.sizeof(ctypes.c_long) - 1) - 1)


class Alarm:
    """Wakes a selector at a moment of CLOCK_BOOTTIME, which counts while the host is suspended."""

    def __init__(self) -> None:
        self.descriptor = _create(time.CLOCK_BOOTTIME)
        self._set_ns: int | None = None

    def set(self, boottime_ns: int | None) -> None:
        """Wake at this moment, at once if it has passed; None: not at all."""
        if boottime_ns != self._set_ns:
            # Zero would switch it off.
            _arm(
                self.descriptor,
                divmod(max(boottime_ns, 1), 10**9) if boottime_ns is not None else (0, 0),
                _ABSTIME,
            )
            self._set_ns = boottime_ns

    def clear(self) -> None:
        """Note that the reader is awake."""
        try:
            os.read(self.descriptor, 8)
        except BlockingIOError:
            return
        self._set_ns = None

    def close(self) -> None:
        """Let go of the descriptor."""
        os.close(self.descriptor)


def open_clock_watch() -> int:
    """Return a descriptor that becomes readable whenever CLOCK_REALTIME is set, and at resume from suspend."""
    descriptor = _create(time.CLOCK_REALTIME)
    _arm(descriptor, (_NEVER_SECONDS, 0), _ABSTIME | _CANCEL_ON_SET)
    return descriptor


def was_set(descriptor: int) -> bool:
    """Tell whether the clock was set since the last call. The kernel goes on watching by itself."""
    try:
        os.read(descriptor, 8)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno != errno.ECANCELED:
            raise
        return True
    return False


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Timer(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


def _create(clock: int) -> int:
    if sys.version_info >= (3, 13):
        return os.timerfd_create(clock, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)
    return checked(libc().timerfd_create(clock, _NONBLOCK | _CLOEXEC), "timerfd_create")


def _arm(descriptor: int, when: tuple[int, int], flags: int) -> None:
    timer = _Timer(_Timespec(0, 0), _Timespec(*when))
    try:
        checked(libc().timerfd_settime(descriptor, flags, ctypes.byref(timer), None), "timerfd_settime")
    except OSError as error:
        if error.errno != errno.ECANCELED:  # the clock was set this very moment: it is armed, and tells so
            raise
