"""Which checks are to be looked at now, because of what was heard. Pure.

What comes in a burst (a failover, a route flap) is one look, a moment after its first signal; what comes after
that look is another one, so that the last state is always seen. However much is heard, a check is woken at most
once a `SPACING`: a storm of signals costs what a shorter interval would.
"""

from collections.abc import Iterable, Mapping

from watchdog.model import Signal

# The kernel tells a change in several messages, which arrive within a millisecond or two.
GATHER_NS = 5_000_000
SPACING_NS = 1_000_000_000


class Waker:
    """Gathers signals. `wakes` names, for each check, the signals that concern it."""

    def __init__(self, wakes: Mapping[str, frozenset[Signal]]) -> None:
        self._wakes = dict(wakes)
        self._due: dict[str, int] = {}
        self._woken: dict[str, int] = {}

    def hear(self, heard: Iterable[Signal | str], now_ns: int) -> None:
        """Note what was heard: signals, and names of checks that something of their own woke."""
        heard = set(heard)
        for name, wanted in self._wakes.items():
            if name in heard or wanted & heard:
                self._due.setdefault(
                    name, max(now_ns + GATHER_NS, self._woken.get(name, -SPACING_NS) + SPACING_NS)
                )

    def take(self, now_ns: int) -> tuple[str, ...]:
        """Return the checks to look at now. They are woken anew by what is heard from now on."""
        names = tuple(sorted(name for name, due in self._due.items() if due <= now_ns))
        for name in names:
            del self._due[name]
            self._woken[name] = now_ns
        return names

    def wake(self, name: str, now_ns: int) -> None:
        """Wake a check that was looking already when it was woken: it may have looked too early."""
        self._due.setdefault(name, now_ns + GATHER_NS)

    def next_ns(self) -> int | None:
        """Return when a check is to be woken next."""
        return min(self._due.values(), default=None)
