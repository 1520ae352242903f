"""Who is woken by what, when, and how often at most."""

from hypothesis import given
from hypothesis import strategies as st

from watchdog.model import Signal
from watchdog.signals.waking import BURST, GATHER_NS, SPACING_NS, Waker

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


def test_what_comes_after_the_look_is_looked_at_too_and_after_some_looks_not_at_once() -> None:
    waker, now = Waker(WAKES), 0
    for _ in range(BURST):
        waker.hear([Signal.LINK], now)
        assert waker.next_ns() == now + GATHER_NS
        now += GATHER_NS
        assert waker.take(now) == ("bond", "multihome")
    waker.hear([Signal.LINK], now)
    assert waker.next_ns() == GATHER_NS + SPACING_NS
    assert waker.take(GATHER_NS + SPACING_NS) == ("bond", "multihome")


def test_one_that_looked_too_early_is_woken_again() -> None:
    waker = Waker(WAKES)
    waker.wake("os", 5)
    assert waker.take(5 + GATHER_NS) == ("os",)


def test_one_that_wishes_to_look_later_is_woken_then_or_by_a_signal_before() -> None:
    waker = Waker(WAKES)
    waker.wake("bond", 0, 9 * GATHER_NS)
    waker.wake("os", 0, 9 * GATHER_NS)
    waker.hear([Signal.LINK], GATHER_NS)
    waker.wake("bond", GATHER_NS, 20 * GATHER_NS)
    assert waker.take(2 * GATHER_NS) == ("bond", "multihome")
    assert waker.next_ns() == 9 * GATHER_NS
    assert waker.take(9 * GATHER_NS) == ("os",)


def test_one_that_wishes_to_look_again_all_the_time_is_a_storm() -> None:
    waker, now, looks = Waker(WAKES), 0, 0
    while now < 10 * SPACING_NS:
        waker.wake("os", now, 0)
        now = waker.next_ns() or 0
        looks += len(waker.take(now))
    assert looks <= BURST + 11


@given(st.lists(st.integers(0, 50_000_000), max_size=200))
def test_the_last_signal_is_always_followed_by_a_look_and_a_storm_costs_no_more_than_it_may(
    pauses: list[int],
) -> None:
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
    for first, since in enumerate(looks):
        for count, at in enumerate(looks[first:], 1):
            assert count <= BURST + (at - since) / SPACING_NS
