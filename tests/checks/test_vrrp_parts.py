"""vrrp, for whoever would heal a split: what part this host has in it, and for how long it goes on looking."""

from typing import Any

import pytest

from checks._vrrp.kernel import Neighbour
from checks._vrrp.memory import Ran, find_split_lately, find_watched_on
from checks._vrrp.parts import stand
from checks._vrrp.picture import Picture, Sent, Tried, Vip
from checks._vrrp.plan import make_plan
from checks._vrrp.trying import LEAST_TRIES, MOST_NEIGHBOURS, Trials, plan_trials
from checks.vrrp import CHECK, VrrpMemory, VrrpSettings
from tests.checks.test_vrrp import (
    BEGAN,
    MAC_B,
    MAC_C,
    NOW,
    ROUTER,
    VIP,
    VMAC,
    S,
    answer,
    heard,
    judged,
    ours,
    picture,
    speaker,
    vip,
)
from watchdog.linux.echo import build_echo_request
from watchdog.model import Finding, Severity, Stamp
from watchdog.plugin import Frame

SENT = Sent(source="192.168.100.3", first_ns=BEGAN, last_ns=NOW - S // 2, adverts=4, priority=100)
SPLIT_WITH_B = {"sent": SENT, "priority": 100, "speakers": (speaker("b", 150),)}
HOUR = 3600.0


@pytest.mark.parametrize(
    ("seen", "part", "serves"),
    [
        pytest.param(picture(ours(vip(held=True), sent=SENT)), "alone", False, id="alone"),
        pytest.param(picture(ours(vip(answer(MAC_B)), speakers=(speaker(),))), "backup", False, id="backup"),
        pytest.param(picture(ours()), "unclear", False, id="nobody-is-active"),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), **SPLIT_WITH_B)), "loses", True, id="loses-and-it-serves"
        ),
        pytest.param(picture(ours(vip(held=True), **SPLIT_WITH_B)), "loses", False, id="loses-and-nobody-answers"),
        pytest.param(
            picture(ours(vip(answer(MAC_B, last=NOW - 2 * S - 1), held=True), **SPLIT_WITH_B)),
            "loses",
            False,
            id="it-no-longer-answers",
        ),
        pytest.param(
            picture(ours(vip(answer(VMAC), held=True), **SPLIT_WITH_B)), "loses", True, id="by-its-virtual-mac"
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), vip(held=True, address="192.168.100.11"), **SPLIT_WITH_B)),
            "loses",
            False,
            id="one-of-two-addresses",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_C), held=True), **SPLIT_WITH_B), leaking={MAC_C: "192.168.100.21"}),
            "loses",
            False,
            id="a-real-server-answers-in-its-place",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_C), held=True), **SPLIT_WITH_B), proxying=(MAC_C,)),
            "loses",
            False,
            id="a-router-with-proxy-arp-answers-in-its-place",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_C), held=True, interface="eth1"), **SPLIT_WITH_B)),
            "loses",
            True,
            id="with-its-card-on-another-interface",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), answer(MAC_C), held=True), **SPLIT_WITH_B)),
            "unclear",
            False,
            id="a-third-one-answers",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), **(SPLIT_WITH_B | {"speakers": (speaker("b", 90),)}))),
            "wins",
            True,
            id="wins",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), **(SPLIT_WITH_B | {"speakers": (speaker("b", 100),)}))),
            "wins",
            True,
            id="wins-by-address",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), **(SPLIT_WITH_B | {"priority": 200}))),
            "loses",
            True,
            id="a-track-script-took-from-our-priority",
        ),
        pytest.param(
            picture(
                ours(
                    vip(answer(MAC_B), held=True),
                    priority=100,
                    sent=Sent(source="192.168.100.3", first_ns=BEGAN, last_ns=NOW, adverts=4, priority=160),
                    speakers=(speaker("b", 150),),
                )
            ),
            "wins",
            True,
            id="a-track-script-gave-us-priority",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), **(SPLIT_WITH_B | {"sent": None}))),
            "unclear",
            True,
            id="we-send-nothing",
        ),
        pytest.param(picture(ours(vip(answer(MAC_B), held=True), sent=SENT)), "unheard", True, id="unheard"),
        pytest.param(
            picture(
                ours(vip(answer(MAC_B), held=True), sent=SENT, priority=100),
                heard(vip(answer(MAC_B)), vrid=52, speakers=(speaker("b", 150),)),
            ),
            "unclear",
            True,
            id="under-another-vrid",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), **SPLIT_WITH_B), problems={"eth0": "has no link"}),
            "unclear",
            False,
            id="not-to-be-seen",
        ),
    ],
)
def test_the_part_that_this_host_has(seen: Picture, part: str, *, serves: bool) -> None:
    standing = stand(seen.routers[0], seen)
    assert (standing.part, standing.rival_serves) == (part, serves)


def evidence(seen: Picture) -> Any:
    (split,) = (
        one
        for one in CHECK.judge(seen, None, VrrpSettings())
        if isinstance(one, Finding) and one.fault == "vrrp.split_brain"
    )
    return split.evidence


def test_the_evidence_of_a_split_says_who_is_who_and_what_else_the_same_keepalived_does() -> None:
    second = ours(
        vip(answer(MAC_B), address="192.168.100.20"), vrid=52, speakers=(speaker(addresses=("192.168.100.20",)),)
    )
    said = evidence(picture(ours(vip(answer(MAC_B), held=True), **SPLIT_WITH_B), second))
    assert said["ours"] == {
        "interface": "eth0",
        "instance": "VI",
        "running": True,
        "address": "192.168.100.3",
        "priority": 100,
        "auth": "pass",
        "down_seconds": 3.609,
        "part": "loses",
    }
    assert said["rival"] == {
        "address": "192.168.100.2",
        "macs": [VMAC, MAC_B],
        "priority": 150,
        "heard": True,
    }
    assert said["served"] == [{"address": VIP, "answered_by": [MAC_B], "by_rival": True}]
    assert said["others_here"] == [
        {
            "subject": "eth0/vrid52",
            "instance": "VI",
            "part": "backup",
            "reason": None,
            "rival_macs": [],
            "rival_serves": False,
            "addresses": ["192.168.100.20"],
        }
    ]


def test_a_third_host_says_nothing_of_a_part_of_its_own() -> None:
    said = evidence(picture(heard(speakers=(speaker("a", 150), speaker("b")))))
    assert not {"ours", "rival", "served", "others_here"} & said.keys()


# --- After keepalived ended here ---

LEFT = ours(vip(answer(MAC_B), held=True), **SPLIT_WITH_B)
AT_THE_END = CHECK.remember(picture(LEFT), None, VrrpSettings())


def at(seconds: float, boot_id: str = "boot") -> Stamp:
    return Stamp(boot_id=boot_id, boottime_ns=NOW + round(seconds * S), wall_ns=0)


@pytest.mark.parametrize(
    ("before", "now", "watched"),
    [
        pytest.param(AT_THE_END, at(1), True, id="just-stopped-in-a-split"),
        pytest.param(AT_THE_END, at(HOUR), True, id="an-hour-later"),
        pytest.param(AT_THE_END, at(HOUR + 1), False, id="after-that-no-longer"),
        pytest.param(AT_THE_END, at(1, "another"), False, id="before-a-restart-of-the-host"),
        pytest.param(None, at(1), False, id="nothing-known"),
        pytest.param(
            CHECK.remember(picture(ours(vip(held=True), sent=SENT)), None, VrrpSettings()),
            at(1),
            False,
            id="stopped-on-purpose-while-all-was-well",
        ),
        pytest.param(
            CHECK.remember(picture(ours(vip(answer(MAC_B)), speakers=(speaker(),))), None, VrrpSettings()),
            at(1),
            False,
            id="a-backup-that-was-stopped",
        ),
        pytest.param(
            CHECK.remember(picture(ours(speakers=(speaker(),))), None, VrrpSettings()),
            at(1),
            False,
            id="a-backup-that-was-stopped-when-the-address-did-not-answer",
        ),
    ],
)
def test_who_was_stopped_in_a_split_is_watched_on(before: VrrpMemory | None, now: Stamp, *, watched: bool) -> None:
    assert bool(find_watched_on(before, now, HOUR)) is watched


def stopped(*vips: Any, **changes: Any) -> Picture:
    """Return what is seen after the stop: the router of memory, as it is then watched."""
    (router,) = make_plan(None, AT_THE_END.routers, (), {}, (), AT_THE_END.routers).routers
    assert router.instance is not None
    assert not router.instance.running
    assert router.instance.terms.password is None
    return picture(ours(*vips, running=False, password=None, **changes))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(stopped(vip(answer(MAC_B))), [], id="it-answers-and-no-advert-arrives"),
        pytest.param(stopped(vip(answer(MAC_B)), speakers=(speaker("b", 150, password=1),)), [], id="it-is-heard"),
        pytest.param(stopped(), [("no_master", ROUTER)], id="nobody-answers"),
        pytest.param(
            stopped(vip(answer(MAC_B)), vip(address="192.168.100.11")),
            [("vip_unreachable", f"{ROUTER}/192.168.100.11")],
            id="only-one-of-two-addresses-answers",
        ),
        pytest.param(
            stopped(vip(answer(MAC_B), held=True)), [("split_brain", ROUTER)], id="it-left-its-address-behind"
        ),
    ],
)
def test_what_is_judged_after_the_stop(seen: Picture, expected: list[tuple[str, str]]) -> None:
    assert judged(seen, AT_THE_END) == expected


def test_that_it_ran_is_remembered_while_it_is_watched_on() -> None:
    assert AT_THE_END.ran == Ran(boot_id="boot", boottime_ns=NOW, in_trouble=(ROUTER,))
    later = CHECK.remember(stopped(vip(answer(MAC_B))), AT_THE_END, VrrpSettings())
    assert (later.troubled, later.ran) == ((), AT_THE_END.ran)
    assert find_watched_on(later, at(60), HOUR), "it is watched on though all is well: nobody stands by now"


# --- Who does not know yet that we alone have it ---

ALONE = Sent(source="192.168.100.1", first_ns=BEGAN, last_ns=NOW - S // 2, adverts=4, priority=150)


def tried(to_vip: int = 0, to_us: int = 5, tries: int = LEAST_TRIES, *, is_gateway: bool = False) -> Tried:
    return Tried(
        neighbour="192.168.100.254", is_gateway=is_gateway, tries=tries, replies_to_us=to_us, replies_to_vip=to_vip
    )


def kept(*neighbours: Tried, **changes: Any) -> Picture:
    """Return us alone, after a split, with what came of asking the neighbours."""
    return picture(ours(vip(held=True, tried=neighbours), sent=ALONE, was_split=True, **changes))


@pytest.mark.parametrize(
    ("seen", "severity"),
    [
        pytest.param(kept(), None, id="nobody-to-ask"),
        pytest.param(kept(tried(to_vip=5)), None, id="it-knows"),
        pytest.param(kept(tried(to_vip=1)), None, id="it-knows-and-some-was-lost"),
        pytest.param(kept(tried()), Severity.WARNING, id="it-does-not"),
        pytest.param(kept(tried(is_gateway=True)), Severity.CRITICAL, id="a-gateway-does-not"),
        pytest.param(kept(tried(to_vip=5), tried()), Severity.WARNING, id="one-of-two-does-not"),
        pytest.param(kept(tried(to_us=0)), None, id="it-replies-to-nobody"),
        pytest.param(kept(tried(to_us=1)), None, id="it-hardly-replies"),
        pytest.param(kept(tried(tries=LEAST_TRIES - 1)), None, id="not-asked-for-long-enough"),
        pytest.param(
            picture(ours(vip(answer(MAC_B), tried=(tried(),)), speakers=(speaker(),))),
            None,
            id="we-left-ourselves",
        ),
    ],
)
def test_a_neighbour_that_sends_to_who_left(seen: Picture, severity: Severity | None) -> None:
    found = [one for one in CHECK.judge(seen, None, VrrpSettings()) if isinstance(one, Finding)]
    assert [(one.fault, one.subject, one.severity) for one in found] == (
        [("vrrp.vip_unreachable", f"{ROUTER}/{VIP}", severity)] if severity else []
    )


def test_while_two_have_it_nobody_is_called_misled() -> None:
    seen = picture(ours(vip(answer(MAC_B), held=True, tried=(tried(),)), **SPLIT_WITH_B))
    assert judged(seen) == [("split_brain", ROUTER)]


def test_the_evidence_names_all_that_may_be_announced() -> None:
    seen = picture(
        ours(
            vip(held=True, tried=(tried(),)),
            vip(held=True, address="192.168.100.11", held_on="eth1", interface="eth1"),
            vip(asked_ns=(), address="192.168.100.12"),
            sent=ALONE,
            was_split=True,
        )
    )
    (found,) = (one for one in CHECK.judge(seen, None, VrrpSettings()) if isinstance(one, Finding))
    assert found.evidence["held_here"] == [
        {"address": VIP, "interface": "eth0"},
        {"address": "192.168.100.11", "interface": "eth1"},
    ]
    assert (found.evidence["active"], found.evidence["misled"]) == ("this host", ["192.168.100.254"])


@pytest.mark.parametrize(
    ("after", "lasts"),
    [
        pytest.param(kept(tried(is_gateway=True)), True, id="a-neighbour-is-misled"),
        pytest.param(kept(tried(to_vip=1)), False, id="all-know"),
        pytest.param(kept(), False, id="nobody-to-ask"),
        pytest.param(picture(ours(was_split=True)), True, id="nobody-is-active-now"),
        pytest.param(
            picture(ours(vip(answer(MAC_B)), speakers=(speaker("b", 150),), was_split=True)), False, id="we-left"
        ),
        pytest.param(picture(ours(vip(held=True), sent=ALONE)), False, id="too-long-ago"),
    ],
)
def test_how_long_neighbours_are_asked(after: Picture, *, lasts: bool) -> None:
    before = CHECK.remember(picture(LEFT), None, VrrpSettings())
    assert find_split_lately(before, at(1)) == {ROUTER}
    later = CHECK.remember(after, before, VrrpSettings())
    assert find_split_lately(later, at(60)) == ({ROUTER} if lasts else set())


def test_no_neighbour_is_asked_for_ever_nor_after_a_restart() -> None:
    before = CHECK.remember(picture(LEFT), None, VrrpSettings())
    assert find_split_lately(before, at(4 * HOUR)) == {ROUTER}
    assert find_split_lately(before, at(4 * HOUR + 1)) == set()
    assert find_split_lately(before, at(1, "another")) == set()


HELD = (
    ("eth0", VIP),
    ("eth0", "192.168.100.1"),
    ("eth0", "10.0.0.1"),
    ("eth0", "fe80::1"),
    ("eth1", "172.16.0.1"),
)


def near(address: str, interface: str = "eth0", *, is_gateway: bool = False) -> Neighbour:
    return Neighbour(interface=interface, address=address, mac=MAC_C, is_gateway=is_gateway)


@pytest.mark.parametrize(
    ("vips", "neighbours", "expected"),
    [
        pytest.param(
            [vip(held=True)],
            [near("192.168.100.9"), near("192.168.100.254", is_gateway=True)],
            [("192.168.100.1", "192.168.100.254"), ("192.168.100.1", "192.168.100.9")],
            id="gateways-first",
        ),
        pytest.param(
            [vip(held=True)],
            [near("10.0.0.9")],
            [("10.0.0.1", "10.0.0.9")],
            id="from-the-network-of-the-neighbour",
        ),
        pytest.param([vip(held=True)], [near("fe80::9"), near("172.16.0.9", "eth1")], [], id="not-of-its-kind"),
        pytest.param([vip(held=True)], [near("192.168.100.1")], [], id="not-ourselves"),
        pytest.param([vip(address="192.168.100.11")], [near("192.168.100.9")], [], id="not-for-what-is-not-here"),
        pytest.param(
            [vip(held=True, held_on="vrrp.51")], [near("192.168.100.9")], [], id="not-with-a-virtual-mac"
        ),
        pytest.param(
            [vip(held=True)],
            [near(f"192.168.100.{last}") for last in range(100, 150)],
            [("192.168.100.1", f"192.168.100.{last}") for last in range(100, 100 + MOST_NEIGHBOURS)],
            id="a-few-of-many",
        ),
    ],
)
def test_who_is_asked(vips: list[Vip], neighbours: list[Neighbour], expected: list[tuple[str, str]]) -> None:
    assert [(one.own, one.neighbour.address) for one in plan_trials(vips, neighbours, HELD)] == expected


def test_a_host_without_an_address_of_its_own_there_asks_nobody() -> None:
    assert plan_trials([vip(held=True)], [near("192.168.100.9")], (("eth0", VIP),)) == ()


def test_only_replies_to_these_questions_count() -> None:
    trials = Trials(trials=plan_trials([vip(held=True)], [near("192.168.100.9")], HELD), identifier=7)

    def reply(destination: str, identifier: int = 7, source: str = "192.168.100.9", **changes: Any) -> Frame:
        packet = bytearray(build_echo_request(source, destination, identifier, 1))
        packet[20] = 0
        usual: dict[str, Any] = {"interface": "eth0", "to_us": True, "packet": bytes(packet)}
        return Frame(mac=MAC_C, protocol=0x0800, outgoing=False, boottime_ns=NOW, **(usual | changes))

    for frame in (
        reply(VIP),
        reply("192.168.100.1"),
        reply("192.168.100.1"),
        reply(VIP, identifier=8),
        reply(VIP, source="192.168.100.7"),
        reply("192.168.100.2"),
        reply(VIP, to_us=False),
        reply(VIP, interface="eth1"),
        reply(VIP, packet=b"\x45"),
    ):
        trials.take(frame)
    (seen,) = trials.of(vip(held=True))
    assert (seen.replies_to_vip, seen.replies_to_us) == (1, 2)
    assert len(trials.replies) == 2, "what nobody asked for is not kept"
