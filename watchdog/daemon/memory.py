"""Keeps a process small that runs for months, and starts a thread for each look."""

import gc
from collections.abc import Callable

from watchdog.signals.libc import libc

_PR_SET_THP_DISABLE = 41
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE_BYTES = 32 << 10
TIDY_NS = 60 * 10**9


def be_small() -> None:
    """Let the kernel give us small pages only, and malloc keep one heap, and nothing large in it.

    Huge pages would make a heap that is mostly holes grow by 2 MB at a time for hours (prctl(2)); a heap for each
    of sixteen threads (glibc's mallopt(3); musl has one anyway) would keep sixteen times the holes; and what is
    large, as a buffer of 64 KB for a packet is, leaves a hole in which something small then stays.
    """
    libc().prctl(_PR_SET_THP_DISABLE, 1, 0, 0, 0)
    if hasattr(libc(), "mallopt"):
        libc().mallopt(_M_ARENA_MAX, 1)
        libc().mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


class Heap:
    """Keeps garbage from pushing the heap up, and gives the kernel back what has become free between the living.

    Python looks through all objects for garbage only when a quarter as many are new: by then what is dead has
    taken room, for good, as the living lie between. So what a daemon has when every check has looked once is taken
    for what stays (gc.freeze) and counts no more: Python looks soon, and has little to look through.
    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._is_settled = False
        self._tidied_ns = now_ns()

    def unsettle(self) -> None:
        """Note that what stays will be other than it was."""
        self._is_settled = False

    def tend(self, *, is_warm: bool) -> None:
        """Do what is due. `is_warm` tells whether every check has looked: all that they import is here then."""
        if is_warm and not self._is_settled:
            self._is_settled = True
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        elif self._now_ns() - self._tidied_ns < TIDY_NS:
            return
        else:
            gc.collect()
        self._tidied_ns = self._now_ns()
        if hasattr(libc(), "malloc_trim"):
            libc().malloc_trim(0)
