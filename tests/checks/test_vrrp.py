"""vrrp: pictures of a link with the full expected list, and what a look does without any keepalived."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from checks._vrrp.actives import OVERLAP_NS, is_enough, is_settled
from checks._vrrp.kernel import Interface
from checks._vrrp.listening import MOST_QUESTIONS, take_turn
from checks._vrrp.picture import Answer, Instance, Picture, Router, Sent, Speaker, Terms, Vip
from checks._vrrp.plan import make_plan
from checks.vrrp import CHECK, VrrpMemory, VrrpSettings
from tests.files_in_memory import Files
from watchdog.errors import NotApplicable
from watchdog.host import Host
from watchdog.linux.keepalived_conf import parse_keepalived_conf
from watchdog.model import Finding, Note, Severity, Unseen
from watchdog.plugin import Duration, Question

S = 1_000_000_000
NOW = 100 * S
BEGAN = NOW - 4 * S  # a look of four seconds
VIP = "192.168.100.10"
ROUTER, ADDRESS = "eth0/vrid51", f"eth0/vrid51/{VIP}"
MAC_A, MAC_B, MAC_C = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"
VMAC = "00:00:5e:00:01:33"
WATCHING = VrrpSettings(interfaces=("eth0",))


def terms(**changes: Any) -> Terms:
    usual: dict[str, Any] = {
        "version": 2,
        "interval_seconds": 1.0,
        "auth": "pass",
        "password": 0,
        "destination": "224.0.0.18",
        "addresses": (VIP,),
    }
    return Terms(**(usual | changes))


def speaker(name: str = "b", priority: int = 100, **changes: Any) -> Speaker:
    """Return a machine that advertised all through the look, but for the changes (of its terms, too)."""
    own = {key: changes.pop(key) for key in list(changes) if key in Terms.__struct_fields__}
    usual: dict[str, Any] = {
        "address": {"a": "192.168.100.1", "b": "192.168.100.2", "d": "192.168.100.4"}[name],
        "mac": {"a": MAC_A, "b": MAC_B, "d": MAC_C}[name],
        "priority": priority,
        "terms": terms(**own),
        "ttl": 255,
        "checksum": "good",
        "first_ns": BEGAN + S // 2,
        "last_ns": NOW - S // 4,
        "adverts": 4,
    }
    return Speaker(**(usual | changes))


def answer(mac: str, first: int = BEGAN, last: int = NOW) -> Answer:
    return Answer(mac=mac, first_ns=first, last_ns=last, answers=4)


def vip(*answers: Answer, held: bool = False, address: str = VIP, **changes: Any) -> Vip:
    usual: dict[str, Any] = {
        "address": address,
        "interface": "eth0",
        "held_on": "eth0",
        "held_since_ns": BEGAN if held else None,
        "held_until_ns": NOW if held else None,
        "asked_ns": tuple(range(BEGAN, NOW - S, S // 2)),
        "answers": answers,
    }
    return Vip(**(usual | changes))


SENT = Sent(source="192.168.100.1", first_ns=BEGAN, last_ns=NOW - S // 2, adverts=4)


def ours(*vips: Vip, priority: int = 150, running: bool = True, **changes: Any) -> Router:
    """Return our keepalived's router; without VIPs it is a backup that holds none."""
    own = {key: changes.pop(key) for key in list(changes) if key in Terms.__struct_fields__}
    usual: dict[str, Any] = {"interface": "eth0", "family": 4, "vrid": 51, "vips": vips or (vip(),)}
    instance = Instance(name="VI", priority=priority, terms=terms(**own), running=running)
    return Router(instance=instance, **(usual | changes))


def heard(*vips: Vip, **changes: Any) -> Router:
    """Return a router of others, as a third host hears it."""
    usual: dict[str, Any] = {"interface": "eth0", "family": 4, "vrid": 51, "vips": vips or (vip(),)}
    return Router(**(usual | changes))


def picture(*routers: Router, **changes: Any) -> Picture:
    usual: dict[str, Any] = {"boot_id": "boot", "began_ns": BEGAN, "ended_ns": NOW, "interfaces": ("eth0",)}
    return Picture(routers=routers, **(usual | changes))


def judged(seen: Picture, before: VrrpMemory | None = None, **settings: Any) -> list[tuple[str, str]]:
    """Return (condition, subject) of findings, and of "unseen" and "note"; metrics left out."""
    out = []
    for item in CHECK.judge(seen, before, VrrpSettings(**settings)):
        if isinstance(item, Finding):
            out.append((item.fault.partition(".")[2], item.subject))
        elif isinstance(item, (Unseen, Note)):
            out.append((type(item).__name__.lower(), item.subject))
    return out


def reasons(seen: Picture) -> list[str]:
    (split,) = (
        one
        for one in CHECK.judge(seen, None, VrrpSettings())
        if isinstance(one, Finding) and one.fault == "vrrp.split_brain"
    )
    return list(split.evidence["reasons"])  # type: ignore[arg-type]


SPLIT, NOBODY = ("split_brain", ROUTER), ("no_master", ROUTER)
UNLIKE, COLLISION = ("config_mismatch", ROUTER), ("vrid_collision", ROUTER)
DEAD = ("vip_unreachable", ADDRESS)
NOTE, NOTE_VIP, UNSEEN = ("note", ROUTER), ("note", ADDRESS), ("unseen", ROUTER)
B_HOLDS = vip(answer(MAC_B))
ACTIVE = ours(vip(held=True), sent=SENT)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # Healthy, and what looks like a fault.
        pytest.param(picture(ACTIVE), [], id="we-are-active"),
        pytest.param(picture(ours(B_HOLDS, speakers=(speaker(),))), [], id="we-are-the-backup"),
        pytest.param(picture(heard(B_HOLDS, speakers=(speaker(),))), [], id="a-third-host-sees-one"),
        pytest.param(
            picture(
                ours(
                    vip(answer(MAC_A, last=BEGAN + S), answer(MAC_B, first=BEGAN + S)),
                    speakers=(
                        speaker("a", 150, last_ns=BEGAN + S, stepped_down=True),
                        speaker("b", first_ns=BEGAN + 2 * S),
                    ),
                    priority=50,
                )
            ),
            [NOTE],
            id="a-takeover-by-priority-0",
        ),
        pytest.param(
            picture(heard(B_HOLDS, speakers=(speaker("a", 150, last_ns=BEGAN), speaker("b", first_ns=NOW - S)))),
            [NOTE],
            id="a-takeover-by-death",
        ),
        pytest.param(
            picture(
                heard(
                    vip(answer(MAC_A, last=NOW - S), answer(MAC_B, first=NOW - S - OVERLAP_NS + 1)),
                    speakers=(
                        speaker("a", last_ns=NOW - S),
                        speaker("b", first_ns=NOW - S - OVERLAP_NS + 1),
                    ),
                )
            ),
            [NOTE],
            id="an-overlap-just-short-enough",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), answer(VMAC)), speakers=(speaker(),))),
            [],
            id="its-virtual-mac-answers-too",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_C), interface="eth1"), speakers=(speaker(),))),
            [],
            id="it-answers-with-its-other-card-on-another-interface",
        ),
        pytest.param(
            picture(
                ours(
                    vip(answer(MAC_A, last=NOW - 2 * S), answer(MAC_C, first=NOW - S), interface="eth1"),
                    speakers=(speaker(first_ns=NOW - 2 * S),),
                )
            ),
            [NOTE],
            id="a-takeover-on-another-interface",
        ),
        pytest.param(
            picture(ours(vip(answer(VMAC)), speakers=(speaker(mac=VMAC, macs=(MAC_B,)),))),
            [],
            id="active-with-a-virtual-mac",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), answer(MAC_C)), speakers=(speaker(macs=(MAC_B, MAC_C)),))),
            [],
            id="one-machine-with-two-cards-on-the-link",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_C), held=True), sent=SENT), leaking={MAC_C: "192.168.100.21"}),
            [NOTE_VIP],
            id="a-real-server-that-leaks-arp-is-no-master",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_C), held=True), sent=SENT), proxying=(MAC_C,)),
            [],
            id="a-router-with-proxy-arp-is-no-master",
        ),
        pytest.param(
            picture(
                ours(
                    vip(held=True),
                    sent=SENT,
                    speakers=(speaker("d", destination="224.0.0.99", addresses=("192.168.100.99",)),),
                )
            ),
            [],
            id="another-cluster-with-its-own-multicast-group",
        ),
        pytest.param(picture(ours(B_HOLDS, speakers=(speaker(),), priority=100)), [], id="equal-priorities"),
        pytest.param(
            picture(
                ACTIVE,
                heard(
                    vip(answer(MAC_B), address="192.168.100.20"),
                    vrid=52,
                    speakers=(speaker(addresses=("192.168.100.20",)),),
                ),
            ),
            [],
            id="each-active-for-its-own",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), cached_mac=MAC_B), speakers=(speaker(),))),
            [],
            id="a-fresh-neighbour-entry",
        ),
        pytest.param(
            picture(ours(vip(asked_ns=(NOW - S // 8,)), speakers=(speaker(),))), [], id="not-asked-for-long-enough"
        ),
        pytest.param(
            picture(heard(speakers=(speaker(first_ns=NOW - S),))),
            [],
            id="took-over-when-it-had-long-been-asked-for",
        ),
        # Two masters.
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), sent=SENT)), [SPLIT], id="somebody-answers-for-ours"
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), sent=SENT, speakers=(speaker(),))),
            [SPLIT],
            id="we-hear-a-weaker-one",
        ),
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker("d", 200),))), [SPLIT], id="a-stronger-one"
        ),
        pytest.param(
            picture(heard(vip(answer(MAC_A), answer(MAC_B)))), [SPLIT], id="a-third-host-gets-two-answers-only"
        ),
        pytest.param(
            picture(heard(speakers=(speaker("a", 150), speaker("b")))), [SPLIT], id="a-third-host-hears-two"
        ),
        pytest.param(
            picture(heard(vip(answer(VMAC)), speakers=(speaker("a", mac=VMAC), speaker("b", mac=VMAC)))),
            [SPLIT],
            id="two-with-one-virtual-mac",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_A), answer(MAC_C), interface="eth1"), speakers=(speaker(),))),
            [SPLIT],
            id="two-answer-on-another-interface",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_C), interface="eth1", held=True), sent=SENT)),
            [SPLIT],
            id="one-more-than-we-answers-on-another-interface",
        ),
        pytest.param(
            picture(ours(vip(answer(VMAC), held=True), sent=SENT)), [SPLIT], id="our-own-virtual-mac-answers-us"
        ),
        pytest.param(
            picture(
                heard(
                    vip(answer(MAC_A, last=NOW - S), answer(MAC_B, first=NOW - S - OVERLAP_NS)),
                    speakers=(speaker("a", last_ns=NOW - S), speaker("b", first_ns=NOW - S - OVERLAP_NS)),
                )
            ),
            [SPLIT],
            id="an-overlap-just-too-long",
        ),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), running=False)), [SPLIT], id="keepalived-died-and-left-it"
        ),
        pytest.param(
            picture(ACTIVE, heard(B_HOLDS, vrid=52, speakers=(speaker(),))), [SPLIT], id="under-another-vrid"
        ),
        pytest.param(
            picture(heard(vrid=52, speakers=(speaker("b"),)), heard(speakers=(speaker("a"),))),
            [SPLIT],
            id="two-vrids-are-told-once",
        ),
        # Unlike.
        pytest.param(
            picture(
                ours(
                    B_HOLDS,
                    version=3,
                    auth="none",
                    password=None,
                    speakers=(speaker(version=3, auth="none", password=None, interval_seconds=2.0),),
                )
            ),
            [UNLIKE],
            id="intervals-of-version-3-differ-and-it-works",
        ),
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker(password=1),))),
            [UNLIKE, SPLIT],
            id="another-password",
        ),
        pytest.param(
            picture(heard(speakers=(speaker("a", password=1), speaker("b", password=2)))),
            [UNLIKE, SPLIT],
            id="a-third-host-hears-two-passwords",
        ),
        pytest.param(picture(heard(B_HOLDS, speakers=(speaker(ttl=254),))), [UNLIKE], id="a-ttl-of-254"),
        pytest.param(
            picture(
                ours(
                    vip(), vip(address="192.168.100.11"), addresses=(VIP, "192.168.100.11"), speakers=(speaker(),)
                )
            ),
            [UNLIKE, ("vip_unreachable", ADDRESS), ("vip_unreachable", f"{ROUTER}/192.168.100.11")],
            id="one-address-more",
        ),
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker(addresses=("192.168.100.20",)),))),
            [COLLISION],
            id="other-addresses",
        ),
        pytest.param(
            picture(ours(speakers=(speaker(addresses=("192.168.100.20",)),))),
            [COLLISION],
            id="other-addresses-and-ours-served-by-nobody",
        ),
        pytest.param(
            picture(heard(B_HOLDS, speakers=(speaker(checksum="without pseudo-header"),))),
            [],
            id="the-only-machine-of-others-and-its-kind-of-checksum",
        ),
        # Nobody, or nobody that answers.
        pytest.param(picture(ours()), [NOBODY], id="silence"),
        pytest.param(picture(heard()), [UNSEEN], id="silence-too-short-to-tell"),
        pytest.param(picture(heard(), began_ns=BEGAN - S), [NOBODY], id="silence-on-a-third-host"),
        pytest.param(picture(ours(), lost_frames=7), [UNSEEN], id="silence-in-a-flood"),
        pytest.param(picture(ours(vip(asked_ns=()))), [UNSEEN], id="silence-and-nobody-can-be-asked"),
        pytest.param(picture(ours(B_HOLDS)), [], id="no-advert-but-it-answers"),
        pytest.param(picture(ours(speakers=(speaker(),))), [DEAD], id="active-and-silent"),
        pytest.param(
            picture(ours(vip(answer(MAC_B), cached_mac=MAC_A), speakers=(speaker(),))),
            [DEAD],
            id="a-stale-neighbour",
        ),
        pytest.param(
            picture(ours(destination="unicast", speakers=(speaker(destination="unicast", ttl=254),))),
            [],
            id="a-unicast-peer-beyond-a-router-cannot-be-asked",
        ),
        pytest.param(
            picture(ours(vip(asked_ns=(), unasked="has no IPv6 address to ask from"), speakers=(speaker(),))),
            [("unseen", ADDRESS)],
            id="the-address-cannot-be-asked-for",
        ),
        pytest.param(
            picture(heard(vip(asked_ns=(), unasked="has no IPv6 address to ask from"), speakers=(speaker(),))),
            [],
            id="that-of-others-cannot-be-asked-for",
        ),
        pytest.param(picture(ours(), problems={"eth0": "has no link"}), [UNSEEN], id="nothing-can-be-heard"),
        pytest.param(picture(interfaces=("eth0",)), [], id="nothing-heard-where-nobody-asked"),
    ],
)
def test_each_picture_has_its_findings(seen: Picture, expected: list[tuple[str, str]]) -> None:
    assert judged(seen) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker("d", 200),))), "dropped_here", id="stronger"
        ),
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker("d", 150),))),
            "dropped_here",
            id="equal-with-the-higher-address",
        ),
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker(),))), "not_taken_there", id="weaker"
        ),
        pytest.param(picture(ours(vip(held=True), speakers=(speaker(),))), "not_sent", id="we-send-nothing"),
        pytest.param(
            picture(ours(vip(answer(MAC_B), held=True), sent=SENT)), "arrives_nowhere", id="nothing-arrives"
        ),
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker(auth="none", password=None),))),
            "refused",
            id="another-auth-type",
        ),
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker(ttl=1),))), "refused", id="through-a-router"
        ),
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker(checksum="wrong"),))),
            "refused",
            id="checksum",
        ),
        pytest.param(
            picture(ours(vip(held=True), sent=SENT, speakers=(speaker(destination="unicast", ttl=64),))),
            "refused",
            id="unicast",
        ),
        pytest.param(
            picture(ours(vip(held=True), running=False, speakers=(speaker(),))), "left_behind", id="we-are-dead"
        ),
        pytest.param(
            picture(ACTIVE, heard(B_HOLDS, vrid=52, speakers=(speaker(),))), "other_vrid", id="another-vrid"
        ),
        pytest.param(picture(heard(speakers=(speaker("a"), speaker("b")))), "unclear", id="third-host"),
    ],
)
def test_a_split_has_its_reason(seen: Picture, expected: str) -> None:
    assert reasons(seen) == [expected]


def test_a_note_is_written_once() -> None:
    seen = picture(ours(vip(answer(MAC_C), held=True), sent=SENT), leaking={MAC_C: "192.168.100.21"})
    assert judged(seen) == [NOTE_VIP]
    assert judged(seen, CHECK.remember(seen, None, VrrpSettings())) == []


def test_a_flood_buries_no_fault_of_our_own_and_is_not_remembered() -> None:
    forged = (heard(vrid=vrid, speakers=(speaker(checksum="wrong"),)) for vrid in range(60, 120))
    seen = picture(ours(vip(answer(MAC_C), held=True), sent=SENT), *forged, crowd=9)
    assert judged(seen) == [SPLIT, ("unseen", "eth0")]
    assert [router.vrid for router in CHECK.remember(seen, None, VrrpSettings()).routers] == [51]


def test_the_active_balancer_may_be_a_real_server_too() -> None:
    seen = picture(ours(B_HOLDS, speakers=(speaker(),)), leaking={MAC_B: "192.168.100.2"})
    assert judged(seen) == []


@pytest.mark.parametrize(
    ("router", "hinted"),
    [
        pytest.param(ours(), True, id="ours"),
        pytest.param(heard(expected_interval_seconds=0.5), False, id="that-of-others"),
    ],
)
def test_a_file_that_may_not_be_in_effect_is_named_with_the_fault(router: Router, *, hinted: bool) -> None:
    found = CHECK.judge(picture(router, conf_changed=True), None, VrrpSettings())
    (nobody,) = (one for one in found if isinstance(one, Finding))
    assert nobody.summary.endswith("was it reloaded?") is hinted


def test_a_router_that_is_ignored_is_neither_judged_nor_remembered() -> None:
    seen = picture(ours())
    assert judged(seen, ignore=(ROUTER,)) == []
    assert CHECK.remember(seen, None, VrrpSettings(ignore=(ROUTER,))) == VrrpMemory()


def test_ipv6_with_the_vrid_of_ipv4_has_a_subject_of_its_own() -> None:
    six = heard(vip(address="fd00::10"), family=6)
    assert [s for _, s in judged(picture(six, began_ns=BEGAN - S))] == [ROUTER]
    assert [s for _, s in judged(picture(ours(), six, began_ns=BEGAN - S))] == [ROUTER, f"{ROUTER}-ipv6"]


def test_a_vip_in_trouble_is_mistrusted_until_it_was_seen_well() -> None:
    settings = VrrpSettings()
    split = CHECK.remember(picture(ours(vip(answer(MAC_B), held=True), sent=SENT)), None, settings)
    assert split.troubled == (ADDRESS,)
    silent = CHECK.remember(picture(ours()), split, settings)
    assert silent.troubled == (ADDRESS,)
    (dead,) = (
        one
        for one in CHECK.judge(picture(ours(speakers=(speaker(),))), silent, settings)
        if isinstance(one, Finding)
    )
    assert "it had two owners" in dead.summary
    assert CHECK.remember(picture(ours(B_HOLDS, speakers=(speaker(),))), silent, settings).troubled == ()


def test_what_is_remembered_is_who_they_are_and_no_moment() -> None:
    seen = picture(heard(B_HOLDS, speakers=(speaker(interval_seconds=3.0),)))
    once = CHECK.remember(seen, None, WATCHING)
    assert (once.routers, once.heard) == ((), (ROUTER,)), "anybody can forge one advert"
    memory = CHECK.remember(seen, once, WATCHING)
    (router,) = memory.routers
    assert memory.heard == ()
    assert (router.speakers, router.vips[0].answers, router.vips[0].asked_ns) == ((), (), ())
    assert router.expected_interval_seconds == 3.0
    assert msgspec.json.decode(msgspec.json.encode(memory), type=VrrpMemory) == memory


def test_other_peoples_on_our_link_are_no_emergency_and_not_missed() -> None:
    seen = picture(heard(speakers=(speaker("a", 150), speaker("b"))))
    for settings, severity in ((WATCHING, Severity.CRITICAL), (VrrpSettings(), Severity.WARNING)):
        found = [one for one in CHECK.judge(seen, None, settings) if isinstance(one, Finding)]
        assert [(one.fault, one.severity) for one in found] == [("vrrp.split_brain", severity)]
    memory = CHECK.remember(seen, CHECK.remember(seen, None, VrrpSettings()), VrrpSettings())
    assert (memory.routers, memory.heard) == ((), ())


def test_who_must_go_meanwhile_is_named() -> None:
    seen = picture(heard(speakers=(speaker("a", 150), speaker("b", 100))))
    (split,) = (one for one in CHECK.judge(seen, None, WATCHING) if isinstance(one, Finding))
    assert str(split.evidence["advice"]).endswith(
        "run `systemctl stop keepalived` on 192.168.100.2: 192.168.100.1 wins the election (priority 150)."
    )


def test_a_host_without_keepalived_and_settings_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "proc/1").mkdir(parents=True)
    (tmp_path / "proc/1/comm").write_text("systemd\n")
    with pytest.raises(NotApplicable, match="no keepalived runs here"):
        CHECK.observe(Host(tmp_path), VrrpSettings(), None)


def test_an_interface_that_was_named_and_stays_silent_is_unknown() -> None:
    seen = picture(interfaces=("eth0", "eth1"), problems={"eth1": "does not exist on this host"})
    assert judged(seen, interfaces=("eth0", "eth1")) == [("unseen", "eth0"), ("unseen", "eth1")]


@pytest.mark.parametrize(
    ("several", "turns"),
    [
        pytest.param(0, [0, 0], id="none"),
        pytest.param(10, [10, 10], id="few-each-round"),
        pytest.param(MOST_QUESTIONS, [MOST_QUESTIONS] * 2, id="just-enough"),
        pytest.param(MOST_QUESTIONS + 10, [MOST_QUESTIONS, 10, MOST_QUESTIONS], id="in-turn"),
    ],
)
def test_many_questions_are_asked_in_turn(several: int, turns: list[int]) -> None:
    questions = [Question(interface="eth0", address=f"10.0.0.{number}") for number in range(several)]
    taken = [take_turn(questions, rounds) for rounds in range(len(turns))]
    assert [len(turn) for turn in taken] == turns
    assert {question for turn in taken for question in turn} == set(questions)


def test_what_cannot_be_asked_for_keeps_nobody_waiting() -> None:
    waiting = heard(vip(asked_ns=()), speakers=(speaker(),))
    assert not is_settled(waiting, picture(waiting))
    given_up = heard(vip(asked_ns=(), unasked="has no IPv6 address to ask from"), speakers=(speaker(),))
    assert is_settled(given_up, picture(given_up))


def test_other_peoples_routers_keep_nobody_waiting() -> None:
    calm = ours(vip(held=True), sent=SENT)
    slow = heard(vip(address="192.168.100.99"), vrid=99, speakers=(speaker(interval_seconds=40.0),))
    seen = picture(calm, slow)
    assert not is_settled(slow, seen)
    assert is_enough(seen, named=())
    assert not is_enough(seen, named=("eth0",)), "unless the settings want it watched"
    assert not is_enough(picture(slow, began_ns=NOW - S), named=()), (
        "with none of our own there is time to find one"
    )


def test_a_silence_begins_no_earlier_than_the_listening() -> None:
    assert judged(picture(ours(speakers=(speaker(stepped_down=True, last_ns=0),)), began_ns=NOW - S)) == [UNSEEN]


def test_a_virtual_mac_is_found_on_whatever_interface_has_it() -> None:
    conf = parse_keepalived_conf(
        "k",
        Files(
            {
                "k": "vrrp_instance i {\n interface eth0\n virtual_router_id 51\n use_vmac\n"
                " virtual_ipaddress {\n fd00::10\n fd00::11 dev eth1\n }\n}"
            }
        ),
    )
    made = Interface(
        name="vrrp6.51",
        mac="00:00:5e:00:02:33",
        is_up=True,
        has_carrier=True,
        is_quiet=False,
        kind="macvlan",
        below="eth0",
    )
    plan = make_plan(conf, (), (), {"vrrp6.51": made}, ())
    assert [one.held_on for one in plan.routers[0].vips] == ["vrrp6.51", "eth1"]


def test_a_look_must_fit_into_its_time_limit() -> None:
    with pytest.raises(ValueError, match="listen_limit"):
        VrrpSettings(listen_limit=Duration(30))
