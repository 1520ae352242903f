"""Who is woken by what, when, and how often at most."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from watchdog.model import Signal
from watchdog.signals.waking import GATHER_NS, SPACING_NS, Waker

WAKES = {
    "bond": frozenset({Signal.LINK}),
    "multihome": frozenset({Signal.LINK, Signal.ROUTE}),
    "os": frozenset[Signal](),
}


def test_a_signal_wakes_those_whom_it_concerns_a_moment_later() -> None:
    waker = Waker(WAKES)
    waker.hear([Signal.ROUTE], 0)
    assert waker.take(GATHER_NS - 1) == ()
    assert waker.next_ns() == GATHER_NS
    assert waker.take(GATHER_NS) == ("multihome",)
    assert waker.next_ns() is None


def test_a_burst_is_one_look() -> None:
    waker = Waker(WAKES)
    for microsecond in range(9000):
        waker.hear([Signal.LINK], microsecond * 1000)
    assert waker.take(GATHER_NS) == ("bond", "multihome")
    assert waker.take(10 * SPACING_NS) == ()


def test_what_comes_after_the_look_is_looked_at_too_but_not_at_once() -> None:
    waker = Waker(WAKES)
    waker.hear([Signal.LINK], 0)
    waker.take(GATHER_NS)
    waker.hear([Signal.LINK], GATHER_NS + 1)
    assert waker.next_ns() == GATHER_NS + SPACING_NS
    assert waker.take(GATHER_NS + SPACING_NS) == ("bond", "multihome")


def test_one_that_looked_too_early_is_woken_again() -> None:
    waker = Waker(WAKES)
    waker.wake("os", 5)
    assert waker.take(5 + GATHER_NS) == ("os",)


@given(st.lists(st.integers(0, 50_000_000), max_size=200))
def test_the_last_signal_is_always_followed_by_a_look_and_a_storm_costs_one_a_second(pauses: list[int]) -> None:
    waker, now, looks, last = Waker(WAKES), 0, [], None
    for pause in pauses:
        now += pause
        waker.hear([Signal.LINK], now)
        last = now
        if waker.take(now):
            looks.append(now)
    while (due := waker.next_ns()) is not None:
        now = max(now, due)
        assert waker.take(now)
        looks.append(now)
    assert last is None or looks[-1] >= last
    assert all(after - before >= SPACING_NS for before, after in itertools.pairwise(looks))
