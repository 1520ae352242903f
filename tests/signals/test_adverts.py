"""What is news among adverts and claims of addresses: sequences with all that they must wake for, and any."""

import struct
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.linux.test_arp import ARP_REPLY
from watchdog.linux.arp import build_gratuitous_arp
from watchdog.linux.inet import ETHERTYPE_ARP, ETHERTYPE_IPV4, checksum
from watchdog.model import Heed
from watchdog.signals.adverts import KEPT_SECONDS, MOST_CLAIMS, MOST_SPEAKERS, Link, Thrift
from watchdog.wire import Frame

S = 1_000_000_000
VIP = "192.168.100.10"
A, B, C = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"
HEED = Heed(addresses=frozenset({("eth0", VIP)}))
OURS = Heed(addresses=HEED.addresses, ours=HEED.addresses)


def advert(source: str = "192.168.100.1", priority: int = 150, vrid: int = 51, interval: int = 1) -> bytes:
    """Return an advert of version 2, as it comes from the wire."""
    message = struct.pack("!BBBBBB2x", 0x21, vrid, priority, 1, 0, interval) + IPv4Address(VIP).packed + bytes(8)
    message = message[:6] + checksum(message).to_bytes(2, "big") + message[8:]
    header = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(message), 1, 0, 255, 112, 0)
    return header + IPv4Address(source).packed + IPv4Address("224.0.0.18").packed + message


def frame(
    seconds: float, packet: bytes, mac: str = A, protocol: int = ETHERTYPE_IPV4, *, outgoing: bool = False
) -> Frame:
    return Frame(
        interface="eth0",
        mac=mac,
        protocol=protocol,
        outgoing=outgoing,
        to_us=False,
        packet=packet,
        boottime_ns=round(seconds * S),
    )


def says(seconds: float, mac: str, address: str = VIP) -> Frame:
    return frame(seconds, build_gratuitous_arp(address, mac), mac, ETHERTYPE_ARP)


def news(*frames: Frame, heed: Heed = HEED) -> list[bool]:
    link = Link("eth0", 0)
    return [link.take(one, heed, frozenset({C})) for one in frames]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        pytest.param([frame(1, advert()), frame(2, advert()), frame(3, advert())], [1, 0, 0], id="the-same-again"),
        pytest.param(
            [frame(1, advert()), frame(2, advert("192.168.100.2", 100), B), frame(3, advert())],
            [1, 1, 0],
            id="a-second-machine",
        ),
        pytest.param([frame(1, advert()), frame(2, advert(), B), frame(3, advert())], [1, 1, 0], id="another-mac"),
        pytest.param(
            [frame(1, advert()), frame(2, advert(priority=50)), frame(3, advert(priority=50))],
            [1, 1, 0],
            id="another-priority",
        ),
        pytest.param([frame(1, advert()), frame(2, advert(vrid=52))], [1, 1], id="another-virtual-router"),
        pytest.param([frame(1, advert()), frame(2, advert(interval=2))], [1, 1], id="another-interval"),
        pytest.param(
            [frame(1, advert()), frame(2, advert(priority=0)), frame(2.1, advert(priority=0)), frame(3, advert())],
            [1, 1, 0, 1],
            id="good-bye-and-back-again",
        ),
        pytest.param([frame(1, advert(priority=0))], [0], id="good-bye-of-one-that-nobody-knew"),
        pytest.param([frame(1, advert(), C, outgoing=True), frame(2, advert())], [1, 1], id="ours-and-another"),
        pytest.param([frame(1, b"rubbish"), frame(1, b"", protocol=ETHERTYPE_ARP)], [0, 0], id="rubbish"),
        pytest.param([frame(1, b"rubbish", protocol=0x88CC)], [0], id="of-another-protocol"),
        pytest.param([says(1, A), says(2, A), says(3, A)], [0, 0, 0], id="the-one-that-has-the-address"),
        pytest.param([says(1, A), says(2, B), says(3, A), says(4, B)], [0, 1, 0, 0], id="two-have-the-address"),
        pytest.param(
            [says(1, A), says(2, B), says(7, B), says(60, B), says(65, B)],
            [0, 1, 0, 1, 0],
            id="who-takes-over-a-second-time",
        ),
        pytest.param([says(1, A), says(60, A), says(120, A)], [0, 0, 0], id="who-refreshes-what-is-its-own"),
        pytest.param(
            [says(1, A), frame(2, ARP_REPLY, B, ETHERTYPE_ARP), frame(60, ARP_REPLY, B, ETHERTYPE_ARP)],
            [0, 1, 0],
            id="two-that-answer-whenever-they-are-asked",
        ),
        pytest.param([says(1, A), says(2, C)], [0, 0], id="a-card-of-our-own"),
        pytest.param(
            [says(1, A, "192.168.100.99"), says(2, B, "192.168.100.99")], [0, 0], id="an-address-of-no-concern"
        ),
        pytest.param(
            [says(1, A), says(2, B), says(3 + KEPT_SECONDS, A), says(4 + KEPT_SECONDS, B)],
            [0, 1, 0, 1],
            id="who-had-it-long-ago",
        ),
        pytest.param(
            [frame(1, ARP_REPLY, B, ETHERTYPE_ARP), says(2, A), says(3, B)],
            [0, 1, 1],
            id="an-answer-counts-as-well",
        ),
    ],
)
def test_each_sequence_has_its_news(frames: list[Frame], expected: list[int]) -> None:
    assert news(*frames) == [bool(one) for one in expected]


def test_whoever_claims_an_address_of_ours_is_news_at_once() -> None:
    assert news(says(1, A), says(2, A), says(3, C), heed=OURS) == [True, False, False]


def test_an_advert_that_is_missing_is_news_once_and_its_return_too() -> None:
    link = Link("eth0", 0)
    link.take(frame(1, advert()), HEED, frozenset())
    link.take(frame(2, advert()), HEED, frozenset())
    due_ns = link.next_ns()
    assert due_ns == round(5.1 * S)
    assert not link.is_silent(due_ns - 1)
    assert link.is_silent(due_ns)
    assert not link.is_silent(due_ns + 100 * S)
    assert link.next_ns() is None
    assert link.take(frame(200, advert()), HEED, frozenset())


def test_the_silence_of_one_that_said_good_bye_is_no_news() -> None:
    link = Link("eth0", 0)
    link.take(frame(1, advert()), HEED, frozenset())
    link.take(frame(2, advert(priority=0)), HEED, frozenset())
    assert link.next_ns() is None
    assert not link.is_silent(100 * S)


def spans(link: Link) -> list[tuple[float, float, int]]:
    return [(one.first_ns / S, one.last_ns / S, one.times) for one in link.heard()]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        pytest.param(
            [frame(1, advert()), frame(2, advert()), frame(3, advert())], [(1, 3, 3)], id="without-a-gap"
        ),
        pytest.param([frame(1, advert()), frame(3.5, advert())], [(1, 3.5, 2)], id="one-was-lost"),
        pytest.param(
            [frame(1, advert()), frame(3.6, advert())], [(3.6, 3.6, 1)], id="another-may-have-been-active"
        ),
        pytest.param(
            [frame(1, advert()), frame(1.2, advert(priority=0)), frame(1.4, advert())],
            [(1.4, 1.4, 1)],
            id="it-went-and-came-back",
        ),
        pytest.param(
            [frame(1, advert()), frame(2, advert(priority=50))], [(1, 2, 2)], id="its-priority-is-no-gap"
        ),
    ],
)
def test_what_a_look_is_told_is_without_a_gap(
    frames: list[Frame], expected: list[tuple[float, float, int]]
) -> None:
    link = Link("eth0", 0)
    for one in frames:
        link.take(one, HEED, frozenset())
    assert spans(link) == expected


def test_what_came_before_a_loss_is_not_told() -> None:
    link = Link("eth0", 0)
    for second in (1, 2, 3):
        link.take(frame(second, advert()), HEED, frozenset())
    link.take(frame(1, advert("192.168.100.2"), B), HEED, frozenset())
    link.lose(round(2.5 * S))
    assert (link.since_ns, spans(link)) == (round(2.5 * S), [(2.5, 3, 3)])


SOURCES = st.integers(1, 5)
PRIORITIES = st.integers(1, 255)


@given(SOURCES, PRIORITIES, st.integers(0, 255), st.lists(st.floats(0, 3), min_size=1, max_size=40))
def test_the_same_advert_again_never_wakes(source: int, priority: int, interval: int, gaps: list[float]) -> None:
    """Whatever the rhythm, as long as no three in a row are missing."""
    link, now = Link("eth0", 0), 1.0
    packet = advert(f"192.168.100.{source}", priority, interval=interval)
    assert link.take(frame(now, packet), HEED, frozenset())
    for gap in gaps:
        now += gap * (interval or 1)
        assert not link.is_silent(round(now * S))
        assert not link.take(frame(now, packet), HEED, frozenset())


@given(st.lists(st.tuples(SOURCES, st.integers(50, 53), st.sampled_from((A, B))), min_size=1, max_size=60))
def test_a_second_source_always_wakes_and_each_only_once(heard: list[tuple[int, int, str]]) -> None:
    link, known = Link("eth0", 0), set()
    for number, (source, vrid, mac) in enumerate(heard):
        packet = advert(f"192.168.100.{source}", vrid=vrid)
        is_new = (source, vrid, mac) not in known
        assert link.take(frame(1 + number / 100, packet, mac), HEED, frozenset()) is is_new
        known.add((source, vrid, mac))


@given(st.binary(max_size=90), st.sampled_from((ETHERTYPE_ARP, ETHERTYPE_IPV4, 0x86DD, 0)))
def test_whatever_comes_nothing_is_raised(packet: bytes, protocol: int) -> None:
    head = {ETHERTYPE_IPV4: advert()[:24], ETHERTYPE_ARP: ARP_REPLY[:8]}.get(protocol, b"")
    for one in (packet, head + packet):
        assert Link("eth0", 0).take(frame(1, one, protocol=protocol), HEED, frozenset()) in (True, False)


def test_a_flood_is_bounded_and_is_as_if_nobody_had_listened() -> None:
    link = Link("eth0", 0)
    link.take(frame(1, advert()), HEED, frozenset())
    for number in range(1000):
        source = f"10.0.{number // 250}.{number % 250 + 1}"
        link.take(frame(2 + number / 1000, advert(source), f"02:00:00:00:{number // 250:02x}:{number % 250:02x}"),
                  HEED, frozenset())  # fmt: skip
        link.take(
            says(2 + number / 1000, f"02:00:00:01:{number // 250:02x}:{number % 250:02x}"), HEED, frozenset()
        )
    assert len(link._speakers) == MOST_SPEAKERS
    assert len(link._claims) == MOST_CLAIMS
    assert (link.since_ns / S, list(link.heard())) == (2.999, [])
    # Those of the flood make room again when they have been silent for long.
    later = 3 + KEPT_SECONDS
    assert link.take(frame(later, advert("192.168.100.2")), HEED, frozenset())
    assert spans(link) == [(later, later, 1)]


def test_news_is_told_sparingly_and_never_lost() -> None:
    thrift = Thrift()
    told = []
    for tenth in range(1000):
        now_ns = tenth * S // 10
        if tenth < 500:  # for 50 s there is something new ten times a second
            thrift.want(now_ns)
        if thrift.take(now_ns):
            told.append(tenth / 10)
    assert told == [*(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), 10.0, 20.0, 30.0, 40.0, 50.0]
    thrift.want(1000 * S)
    assert thrift.take(1000 * S), "what is rare is told at once"
