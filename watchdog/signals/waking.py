"""Which checks are to be looked at now, because of what was heard. Pure.

What comes in a burst (a failover, a route flap) is one look, a moment after its first signal; what comes after
that look is another one, so that the last state is always seen. A check is woken `BURST` times as soon as there is
something, and then once a `SPACING` at most, however much is heard: a storm costs what a shorter interval would.
One change can be several looks: IPv6 asks for a second or two whether an address is free, and tells then.
"""

from collections.abc import Iterable, Mapping

from watchdog.model import Signal

# The kernel tells a change in several messages, the last a fraction of a millisecond after the first.
GATHER_NS = 2_000_000
SPACING_NS = 500_000_000
BURST = 10


class Waker:
    """Gathers signals. `wakes` names, for each check, the signals that concern it."""

    def __init__(self, wakes: Mapping[str, frozenset[Signal]]) -> None:
        self._wakes = dict(wakes)
        self._due: dict[str, int] = {}
        # By when each would have been woken so often, once a spacing (the generic cell rate algorithm).
        self._paid_until: dict[str, int] = {}

    def hear(self, heard: Iterable[Signal | str], now_ns: int) -> None:
        """Note what was heard: signals, and names of checks that something of their own woke."""
        heard = set(heard)
        for name, wanted in self._wakes.items():
            if name in heard or wanted & heard:
                self.wake(name, now_ns)

    def take(self, now_ns: int) -> tuple[str, ...]:
        """Return the checks to look at now. They are woken anew by what is heard from now on."""
        names = tuple(sorted(name for name, due in self._due.items() if due <= now_ns))
        for name in names:
            del self._due[name]
            self._paid_until[name] = max(self._paid_until.get(name, 0), now_ns) + SPACING_NS
        return names

    def wake(self, name: str, now_ns: int, after_ns: int = GATHER_NS) -> None:
        """Wake a check a moment later; what is heard until then is seen by the same look."""
        earliest = self._paid_until.get(name, 0) - (BURST - 1) * SPACING_NS
        due = max(now_ns + after_ns, earliest)
        self._due[name] = min(due, self._due.get(name, due))

    def next_ns(self) -> int | None:
        """Return when a check is to be woken next."""
        return min(self._due.values(), default=None)
