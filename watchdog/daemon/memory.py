"""Keeps a process small that runs for months, and starts a thread for each look."""

from watchdog.signals.libc import libc

_PR_SET_THP_DISABLE = 41
_M_ARENA_MAX = -8


def be_small() -> None:
    """Let the kernel give us small pages only, and malloc keep one heap.

    Huge pages would make a heap that is mostly holes grow by 2 MB at a time for hours (prctl(2)); a heap for each
    of sixteen threads (glibc's mallopt(3); musl has one anyway) would keep sixteen times the holes.
    """
    libc().prctl(_PR_SET_THP_DISABLE, 1, 0, 0, 0)
    if hasattr(libc(), "mallopt"):
        libc().mallopt(_M_ARENA_MAX, 1)
