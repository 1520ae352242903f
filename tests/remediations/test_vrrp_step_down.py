"""vrrp_step_down: only who loses the election, only where the other one is seen to serve; all else is refused."""

import itertools
from typing import Any

import msgspec
import pytest

from remediations._vrrp_step_down.evidence import Split
from remediations.vrrp_step_down import REMEDIATION, StepDownSettings, decide
from watchdog.host import Host
from watchdog.linux.keepalived_conf import KeepalivedConf
from watchdog.linux.keepalived_lvs import VirtualServer
from watchdog.linux.keepalived_vrrp import UnicastPeer, VirtualAddress, VrrpInstance
from watchdog.model import Finding, Severity
from watchdog.plugin import Case, Refused, UnitAction

VIP, OTHER_VIP, MAC_A, MAC_B = "192.168.100.10", "192.168.100.11", "02:00:00:00:00:0a", "02:00:00:00:00:0b"
STOP = UnitAction(unit="keepalived.service", action="stop")
RELOAD = UnitAction(unit="keepalived.service", action="reload")
YIELDS = StepDownSettings(yields_to=("192.168.100.1",))
IS_AT_A = {"192.168.100.1": (MAC_A,)}


def ours(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "interface": "eth0",
        "instance": "VI",
        "running": True,
        "address": "192.168.100.2",
        "priority": 100,
        "auth": "none",
        "down_seconds": 3.6,
        "part": "loses",
    }
    return usual | changes


def rival(**changes: Any) -> dict[str, Any]:
    return {"address": "192.168.100.1", "macs": [MAC_A], "priority": 150, "heard": True} | changes


def served(address: str = VIP, **changes: Any) -> dict[str, Any]:
    return {"address": address, "answered_by": [MAC_A], "by_rival": True} | changes


def other(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "subject": "eth0/vrid52",
        "instance": "VI_52",
        "part": "backup",
        "reason": None,
        "rival_macs": [],
        "rival_serves": False,
        "addresses": [OTHER_VIP],
    }
    return usual | changes


def split(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "reasons": ["dropped_here"],
        "owners": [{"machine": "this host", "priority": 100}, {"machine": "192.168.100.1", "priority": 150}],
        "winner": "192.168.100.1",
        "vips": [VIP],
        "ours": ours(),
        "rival": rival(),
        "served": [served()],
        "others_here": [],
    }
    return usual | changes


UNHEARD = split(
    reasons=["arrives_nowhere"],
    ours=ours(part="unheard"),
    rival=rival(address="", priority=None, heard=False),
)


def instance(name: str = "VI", *addresses: str, **changes: Any) -> VrrpInstance:
    usual: dict[str, Any] = {
        "interface": "eth0",
        "vrid": 51,
        "priority": 100,
        "advert_seconds": 1.0,
        "version": 2,
        "family": "ipv4",
        "virtual_addresses": tuple(
            VirtualAddress(address=one, prefix_length=24, interface="eth0") for one in addresses or (VIP,)
        ),
    }
    return VrrpInstance(name=name, **(usual | changes))


def conf(*instances: VrrpInstance, **changes: Any) -> KeepalivedConf:
    return KeepalivedConf(instances=instances or (instance(),), **changes)


BOTH = conf(instance(), instance("VI_52", OTHER_VIP))


def decided(
    evidence: dict[str, Any],
    configured: KeepalivedConf | None = None,
    settings: StepDownSettings | None = None,
    machines: dict[str, tuple[str, ...]] | None = None,
) -> Any:
    return decide(
        msgspec.convert(evidence, Split), configured or conf(), machines or {}, settings or StepDownSettings()
    )


@pytest.mark.parametrize(
    ("evidence", "configured", "settings", "machines", "step"),
    [
        pytest.param(split(), conf(), StepDownSettings(), {}, STOP, id="the-lower-priority"),
        pytest.param(
            split(ours=ours(priority=150, address="192.168.100.1"), rival=rival(address="192.168.100.2")),
            conf(),
            StepDownSettings(),
            {},
            STOP,
            id="equal-priorities-and-the-lower-address",
        ),
        pytest.param(
            split(ours=ours(priority=150, address="192.168.100.9"), rival=rival(address="192.168.100.10")),
            conf(),
            StepDownSettings(),
            {},
            STOP,
            id="addresses-are-numbers-not-text",
        ),
        pytest.param(
            split(others_here=[other()]), BOTH, StepDownSettings(), {}, STOP, id="backup-for-another-instance"
        ),
        pytest.param(
            split(others_here=[other(part="loses", reason="dropped_here", rival_serves=True)]),
            BOTH,
            StepDownSettings(),
            {},
            STOP,
            id="another-instance-is-split-alike",
        ),
        pytest.param(
            split(),
            conf(virtual_servers=(VirtualServer(address=VIP, port=80, protocol="tcp"),)),
            StepDownSettings(),
            {},
            STOP,
            id="a-pool-that-moves-with-the-address",
        ),
        pytest.param(
            split(),
            conf(instance(check_unicast_source=True, unicast_peers=(UnicastPeer(address="192.168.100.1"),))),
            StepDownSettings(),
            {},
            STOP,
            id="a-peer-that-it-obeys",
        ),
        pytest.param(
            split(),
            conf(),
            StepDownSettings(unit="ka@1.service"),
            {},
            UnitAction(unit="ka@1.service", action="stop"),
            id="a-unit-of-another-name",
        ),
        pytest.param(
            split(reasons=["refused"]),
            conf(changed_since_start=True),
            StepDownSettings(how="reload"),
            {},
            RELOAD,
            id="reload-what-was-put-right",
        ),
        pytest.param(UNHEARD, conf(), YIELDS, IS_AT_A, STOP, id="the-owner-said-who-stays"),
        pytest.param(
            UNHEARD | {"others_here": [other(part="unheard", rival_macs=[MAC_A], rival_serves=True)]},
            BOTH,
            YIELDS,
            IS_AT_A,
            STOP,
            id="the-owner-said-who-stays-and-it-has-both",
        ),
    ],
)
def test_plan(
    evidence: dict[str, Any],
    configured: KeepalivedConf,
    settings: StepDownSettings,
    machines: dict[str, tuple[str, ...]],
    step: UnitAction,
) -> None:
    plan = decided(evidence, configured, settings, machines)
    assert plan.steps == (step,)
    assert (plan.healthy_left, plan.lasting) == ((1, False) if step.action == "stop" else (None, True))
    assert plan.settle_seconds > 2 * 3.6
    assert plan.accepts == (("service.down",) if step.action == "stop" else ())
    assert bool(plan.note) is (step.action == "stop")


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        pytest.param(
            {
                key: value
                for key, value in split().items()
                if key not in ("ours", "rival", "served", "others_here")
            },
            "this host is none of those that are active",
            id="a-third-host",
        ),
        pytest.param(split(ours=ours(part="wins", priority=200)), "this host wins the election", id="the-winner"),
        pytest.param(
            split(ours=ours(part="wins"), served=[]), "this host wins the election", id="the-winner-in-any-case"
        ),
        pytest.param(
            split(ours=ours(priority=150), rival=rival(address="192.168.100.2")),
            "contradicts itself",
            id="equal-in-all",
        ),
        pytest.param(split(ours=ours(priority=151)), "contradicts itself", id="the-higher-that-says-it-loses"),
        pytest.param(
            split(ours=ours(priority=255), rival=rival(priority=255, address="192.168.100.9")),
            "this host's own",
            id="the-owner-of-the-address",
        ),
        pytest.param(split(ours=ours(priority=None)), "our own adverts were not seen", id="our-priority-unknown"),
        pytest.param(split(ours=ours(address="")), "our own adverts were not seen", id="our-address-unknown"),
        pytest.param(split(ours=ours(part="unclear")), "not certain", id="unclear"),
        pytest.param(split(ours=ours(part="alone")), "not certain", id="alone"),
        pytest.param(split(rival=rival(priority=None)), "not certain", id="its-priority-unknown"),
        pytest.param(split(rival=rival(heard=False)), "not certain", id="it-is-not-heard"),
        pytest.param(split(rival=rival(address="a")), "is no address", id="its-address-is-none"),
        pytest.param(split(rival=None), "not clear who the other one is", id="nobody-else"),
        pytest.param(
            split(owners=[*split()["owners"], {"machine": "192.168.100.3"}]), "3 machines", id="a-third-one"
        ),
        pytest.param(split(ours=ours(running=False)), "nothing to stop", id="keepalived-died"),
        pytest.param(split(ours=ours(auth="ah")), "auth_type AH", id="passwords-that-cannot-be-seen"),
        *[
            pytest.param(split(reasons=reasons), "would obey", id=f"because-{name}")
            for name, reasons in {
                "they-refuse-each-other": ["refused"],
                "other-vrid": ["other_vrid"],
                "not-sent": ["not_sent"],
                "of-nothing": [],
                "of-two-things": ["dropped_here", "refused"],
            }.items()
        ],
        # The winner does not serve.
        pytest.param(split(served=[]), "any address", id="nothing-was-asked-for"),
        pytest.param(
            split(served=[served(answered_by=[], by_rival=False)]), f"does not answer for {VIP}", id="it-is-silent"
        ),
        pytest.param(split(served=[served(answered_by=[])]), "does not answer", id="answered-by-nobody"),
        pytest.param(
            split(served=[served(), served(OTHER_VIP, by_rival=False)]),
            f"does not answer for {OTHER_VIP}",
            id="one-of-two-addresses",
        ),
        # Other instances of the same keepalived.
        *[
            pytest.param(split(others_here=[other(**changes)]), "stopping it would take", id=f"another-is-{name}")
            for name, changes in {
                "active-only-here": {"part": "alone"},
                "won-here": {"part": "wins", "reason": "not_taken_there", "rival_serves": True},
                "unclear": {"part": "unclear"},
                "lost-but-not-served-there": {"part": "loses", "reason": "dropped_here"},
                "lost-for-another-reason": {"part": "loses", "reason": "refused", "rival_serves": True},
                "unheard": {"part": "unheard", "rival_macs": [MAC_A], "rival_serves": True},
                "of-a-part-not-known": {"part": "standby"},
            }.items()
        ],
        # Adverts do not arrive and the owner said nothing.
        pytest.param(UNHEARD, "yields_to", id="no-advert-arrives"),
    ],
)
def test_refusal(evidence: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        decided(evidence, BOTH if evidence.get("others_here") else None)


@pytest.mark.parametrize(
    ("configured", "how", "reason"),
    [
        pytest.param(conf(changed_since_start=True), "stop", "what it runs now is not known", id="not-loaded"),
        pytest.param(conf(), "reload", "would change nothing", id="nothing-to-load"),
        pytest.param(conf(problems=("vrrp_instance X: ?",)), "stop", "not understood", id="not-understood"),
        pytest.param(BOTH, "stop", "not all of VI_52", id="an-instance-that-was-not-looked-at"),
        pytest.param(conf(instance("VI", VIP, OTHER_VIP)), "stop", "not all of VI", id="an-address-more"),
        pytest.param(
            conf(instance(excluded_addresses=instance("VI", OTHER_VIP).virtual_addresses)),
            "stop",
            "not all of VI",
            id="an-excluded-address-moves-too",
        ),
        pytest.param(conf(instance("VX")), "stop", "not all of VX", id="another-name"),
        pytest.param(KeepalivedConf(), "stop", "does not name every instance", id="no-instance"),
        pytest.param(
            conf(virtual_servers=(VirtualServer(address="10.0.0.1", port=80, protocol="tcp"),)),
            "stop",
            "keeps the pool of 10.0.0.1:80",
            id="a-pool-of-its-own",
        ),
        pytest.param(
            conf(virtual_servers=(VirtualServer(fwmark=7),)), "stop", "keeps the pool of fwmark 7", id="fwmark"
        ),
        pytest.param(
            conf(instance(check_unicast_source=True, unicast_peers=(UnicastPeer(address="192.168.100.7"),))),
            "stop",
            "is not among the unicast_peers",
            id="who-wins-is-no-peer",
        ),
    ],
)
def test_what_the_same_keepalived_does_besides_is_never_taken_down(
    configured: KeepalivedConf, how: Any, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        decided(split(), configured, StepDownSettings(how=how))


def test_without_a_keepalived_there_is_nothing_to_stop() -> None:
    with pytest.raises(Refused, match="no keepalived runs"):
        decide(msgspec.convert(split(), Split), None, {}, StepDownSettings())


@pytest.mark.parametrize(
    ("machines", "reason"),
    [
        pytest.param({"192.168.100.1": ()}, "is at nowhere", id="the-named-one-is-gone"),
        pytest.param({"192.168.100.1": (MAC_B,)}, "not one of the machines", id="another-machine-answers"),
        pytest.param({"192.168.100.1": (MAC_A, MAC_B)}, "not one of the machines", id="two-have-its-address"),
        pytest.param(
            {"192.168.100.1": (MAC_A,), "192.168.100.3": (MAC_A,)}, "not one of the machines", id="one-of-two"
        ),
    ],
)
def test_without_adverts_only_a_machine_that_the_owner_named_is_made_way_for(
    machines: dict[str, tuple[str, ...]], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        decided(UNHEARD, settings=YIELDS, machines=machines)


def test_the_owners_word_does_not_overrule_an_election() -> None:
    with pytest.raises(Refused, match="this host wins"):
        decided(split(ours=ours(part="wins")), settings=YIELDS, machines=IS_AT_A)


def test_of_two_at_most_one_steps_down() -> None:
    """Each side of one split, with every pair of priorities and addresses, as both see them on the wire."""
    sides = list(itertools.product((1, 100, 150, 255), ("192.168.100.2", "192.168.100.10")))
    gone = 0
    for a, b in itertools.product(sides, repeat=2):
        stepped = 0
        for us, them in ((a, b), (b, a)):
            evidence = split(
                ours=ours(priority=us[0], address=us[1], part="loses"),  # whatever the check made of it
                rival=rival(priority=them[0], address=them[1]),
            )
            try:
                decided(evidence)
                stepped += 1
            except Refused:
                pass
        assert stepped <= 1, (a, b)
        gone += stepped
    assert gone, "and mostly one does"


@pytest.mark.parametrize(
    "evidence",
    [
        pytest.param({}, id="nothing"),
        pytest.param(split(ours=ours(priority="100")), id="text-for-a-number"),
        pytest.param(split(served=[{"address": VIP}]), id="what-is-served-half-said"),
        pytest.param(split(served=[served(by_rival=1)]), id="a-number-for-a-truth"),
        pytest.param(split(others_here=[{"instance": "VI_52"}]), id="another-instance-half-said"),
        pytest.param(split(rival={"address": "192.168.100.1"}), id="a-rival-half-said"),
    ],
)
def test_evidence_that_lacks_something_is_refused(evidence: dict[str, Any]) -> None:
    finding = Finding(
        fault="vrrp.split_brain", subject="eth0/vrid51", severity=Severity.CRITICAL, summary="", evidence=evidence
    )
    with pytest.raises(Refused, match="not usable"):
        REMEDIATION.plan(Host(), Case(finding=finding), StepDownSettings())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"yields_to": ("lb1",)}, "lb1"), ({"unit": "--now"}, "name of a unit"), ({"unit": ""}, "name of a unit")],
)
def test_settings_that_cannot_be_meant(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        StepDownSettings(**wrong)
