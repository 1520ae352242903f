"""vrrp: what an ear heard before a look, and what a look of half a second may make of it."""

from typing import Any

import pytest

from checks._vrrp.actives import is_settled, is_silent
from checks._vrrp.past import fall_silent, find_beginning, is_still_ours, read_past
from tests.checks.test_vrrp import (
    B_HOLDS,
    MAC_A,
    MAC_B,
    NOBODY,
    NOW,
    SENT,
    SPLIT,
    UNSEEN,
    VIP,
    S,
    answer,
    heard,
    judged,
    ours,
    picture,
    speaker,
    vip,
)
from tests.signals.test_adverts import advert
from watchdog.linux.inet import ETHERTYPE_IPV4
from watchdog.model import Heard, Past

LOOKED = NOW - round(0.7 * S)
BEGAN = NOW - 20 * S
# What a look is told of 20 s, of which it listened to the last 0.7 s itself.
TOLD: dict[str, Any] = {"began_ns": BEGAN, "looked_ns": LOOKED}
ASKED = tuple(range(LOOKED, NOW, S // 4))


def told(name: str = "b", last: float = 0.5, first: float = 20.0, **changes: Any) -> Any:
    """Return a speaker that was heard from `first` to `last` seconds ago."""
    return speaker(name, **changes, first_ns=NOW - round(first * S), last_ns=NOW - round(last * S), adverts=19)


def one(last_ns: int, first_ns: int = 0, packet: bytes = advert(), **changes: Any) -> Heard:
    usual: dict[str, Any] = {"interface": "eth0", "mac": MAC_A, "protocol": ETHERTYPE_IPV4, "outgoing": False}
    return Heard(**(usual | changes), packet=packet, first_ns=first_ns, last_ns=last_ns, times=7)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        pytest.param({}, NOW, id="nobody-listened"),
        pytest.param({"eth0": NOW - 5 * S}, NOW, id="not-on-all-of-them"),
        pytest.param({"eth0": NOW - 5 * S, "eth1": NOW - 3 * S}, NOW - 3 * S, id="on-one-for-less-long"),
        pytest.param({"eth0": 0, "eth1": 0}, NOW - 20 * S, id="no-longer-than-a-look-may-take"),
    ],
)
def test_the_past_begins_where_all_interfaces_were_listened_to(since: dict[str, int], expected: int) -> None:
    assert find_beginning(Past(since_ns=since), ("eth0", "eth1"), NOW, 20) == expected


def test_the_past_is_read_in_its_order_and_not_beyond_its_beginning() -> None:
    past = Past(
        heard=(
            one(NOW - S, BEGAN - S),
            one(NOW - 2 * S, NOW - 3 * S, mac=MAC_B),
            one(BEGAN - 1),
            one(NOW, packet=b"rubbish"),
        )
    )
    found = [(it.frame.mac, it.first_ns, it.frame.boottime_ns, it.times) for it in read_past(past, BEGAN)]
    assert found == [(MAC_B, NOW - 3 * S, NOW - 2 * S, 7), (MAC_A, BEGAN, NOW - S, 7)]


@pytest.mark.parametrize(
    ("last", "held", "expected"),
    [
        pytest.param(1.0, {("eth0", VIP)}, True, id="we-are-active"),
        pytest.param(1.0, set(), False, id="we-gave-the-address-up"),
        pytest.param(1.0, {("eth1", VIP)}, False, id="it-is-somewhere-else"),
        pytest.param(3.0, {("eth0", VIP)}, False, id="another-may-have-been-active-meanwhile"),
    ],
)
def test_our_own_adverts_of_the_past_are_ours_while_we_hold_the_address(
    last: float, held: set[tuple[str, str]], *, expected: bool
) -> None:
    (it,) = read_past(Past(heard=(one(NOW - round(last * S), outgoing=True),)), BEGAN)
    assert is_still_ours(it, ours(vip()), held, NOW) is expected


@pytest.mark.parametrize(
    ("speakers", "stay", "silent_since"),
    [
        pytest.param((told("b", 3.0),), ["192.168.100.2"], None, id="two-may-be-late"),
        pytest.param((told("b", 3.2),), [], NOW - round(3.2 * S), id="three-are-missing"),
        pytest.param((told("b", 3.2, interval_seconds=5.0),), ["192.168.100.2"], None, id="by-its-own-terms"),
        pytest.param((told("b", 4), told("a", 0.5)), ["192.168.100.1"], NOW - 4 * S, id="after-a-takeover"),
        pytest.param((told("b", 0.5),), ["192.168.100.2"], None, id="heard-by-the-look-itself"),
    ],
)
def test_who_fell_silent_before_the_look_is_left_out(
    speakers: tuple[Any, ...], stay: list[str], silent_since: int | None
) -> None:
    router = fall_silent(ours(speakers=speakers), LOOKED, NOW)
    assert ([it.address for it in router.speakers], router.silent_since_ns) == (stay, silent_since)


def test_a_look_without_a_past_leaves_out_nobody() -> None:
    router = ours(speakers=(told("b", 10),))
    assert fall_silent(router, NOW - 20 * S, NOW) == router


BACKUP = ours(vip(answer(MAC_B, LOOKED), asked_ns=ASKED), speakers=(told(),))


@pytest.mark.parametrize(
    ("router", "changes", "expected"),
    [
        pytest.param(BACKUP, TOLD, True, id="a-backup-knows-at-once"),
        pytest.param(BACKUP, {"began_ns": LOOKED}, False, id="without-a-past-it-waits"),
        pytest.param(BACKUP, TOLD | {"looked_ns": NOW - S // 2}, False, id="an-answer-may-be-on-its-way"),
        pytest.param(ours(vip(held=True, asked_ns=ASKED), sent=SENT), TOLD, True, id="so-does-who-is-active"),
        pytest.param(
            ours(vip(held=True, asked_ns=ASKED), sent=SENT, speakers=(told("b", 0.1, 0.2),)),
            TOLD,
            False,
            id="two-for-a-moment",
        ),
        pytest.param(ours(silent_since_ns=NOW - 4 * S), TOLD, False, id="silence-is-listened-to"),
        pytest.param(
            ours(silent_since_ns=NOW - 4 * S), TOLD | {"looked_ns": NOW - 2 * S}, True, id="and-believed-then"
        ),
        pytest.param(
            ours(silent_since_ns=NOW - 3 * S), TOLD | {"looked_ns": NOW - 2 * S}, False, id="a-backup-still-waits"
        ),
    ],
)
def test_a_look_ends_when_it_knows(router: Any, changes: dict[str, Any], *, expected: bool) -> None:
    assert is_settled(router, picture(router, **changes)) is expected


@pytest.mark.parametrize(
    ("router", "changes", "expected"),
    [
        pytest.param(BACKUP, TOLD, [], id="a-backup"),
        pytest.param(
            ours(vip(held=True, asked_ns=ASKED), sent=SENT, speakers=(told("b", 0.1, 1.0),)),
            TOLD,
            [SPLIT],
            id="a-split",
        ),
        pytest.param(
            ours(silent_since_ns=NOW - 5 * S), TOLD | {"looked_ns": NOW - 2 * S}, [NOBODY], id="nobody-any-more"
        ),
        pytest.param(ours(silent_since_ns=NOW - 5 * S), TOLD, [UNSEEN], id="silence-that-nobody-listened-to"),
        pytest.param(
            heard(silent_since_ns=NOW - 4 * S),
            TOLD | {"looked_ns": NOW - 2 * S},
            [UNSEEN],
            id="not-for-long-enough",
        ),
    ],
)
def test_what_was_told_is_judged(router: Any, changes: dict[str, Any], expected: list[Any]) -> None:
    assert judged(picture(router, **changes)) == expected


def test_a_silence_is_as_long_as_nothing_was_heard() -> None:
    seen = picture(ours(silent_since_ns=NOW - 5 * S), **TOLD | {"looked_ns": NOW - 2 * S})
    assert is_silent(seen.routers[0], seen)
    assert (seen.silence_seconds(seen.routers[0]), seen.seconds, seen.looking_seconds) == (5.0, 20.0, 2.0)
    assert seen.silence_seconds(ours(B_HOLDS)) == 20.0
