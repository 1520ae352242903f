"""vrrp_announce: only by the one machine that is active, with the address on it."""

from typing import Any

import pytest

from remediations.vrrp_announce import REMEDIATION, decide
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, Severity
from watchdog.plugin import AnnounceAddress, Case, Refused, RemediationSettings

VIP, SECOND, VIP6 = "192.168.100.10", "192.168.100.11", "fd00:100::10"
SUBJECT = f"eth0/vrid51/{VIP}"
PRESENT = {("eth0", VIP), ("eth0", SECOND), ("eth1", VIP6), ("eth0", "192.168.100.1")}


def here(address: str = VIP, interface: str = "eth0") -> dict[str, Any]:
    return {"address": address, "interface": interface}


MISLED: dict[str, Any] = {"active": "this host", "misled": ["192.168.100.254"], "held_here": [here()]}


def case(evidence: dict[str, Any], subject: str = SUBJECT, **results: CheckResult) -> Case:
    finding = Finding(
        fault="vrrp.vip_unreachable", subject=subject, severity=Severity.WARNING, summary="", evidence=evidence
    )
    return Case(finding=finding, results=results)


def vrrp(subject: str) -> CheckResult:
    split = Finding(fault="vrrp.split_brain", subject=subject, severity=Severity.CRITICAL, summary="")
    return CheckResult(check="vrrp", judged=True, findings=(split,))


@pytest.mark.parametrize(
    ("asked", "steps"),
    [
        pytest.param(case(MISLED), [("eth0", VIP)], id="one-address"),
        pytest.param(
            case(MISLED | {"held_here": [here(), here(SECOND), here(VIP6, "eth1")]}),
            [("eth0", VIP), ("eth0", SECOND), ("eth1", VIP6)],
            id="all-addresses-of-the-router",
        ),
        pytest.param(case(MISLED, vrrp=vrrp("eth0/vrid52")), [("eth0", VIP)], id="another-router-is-split"),
        pytest.param(
            case(MISLED, vrrp=CheckResult(check="vrrp", judged=True)), [("eth0", VIP)], id="the-split-is-over"
        ),
    ],
)
def test_plan(asked: Case, steps: list[tuple[str, str]]) -> None:
    plan = decide(asked, PRESENT)
    assert plan.steps == tuple(
        AnnounceAddress(interface=interface, address=address) for interface, address in steps
    )
    assert (plan.healthy_left, plan.lasting) == (None, True)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        pytest.param(case({}), "on the machine that is active", id="nothing-is-said"),
        pytest.param(
            case({"asked": 8, "active": "192.168.100.1"}),
            "on the machine that is active",
            id="found-by-another-host",
        ),
        pytest.param(
            case({"cached_mac": "02:00:00:00:00:0b", "answered_by": ["02:00:00:00:00:0a"]}),
            "on the machine that is active",
            id="our-own-cache-was-stale",
        ),
        pytest.param(
            case({"asked": 8, "active": "this host"}),
            "on the machine that is active",
            id="we-do-not-answer-ourselves",
        ),
        pytest.param(case(MISLED | {"active": "192.168.100.2"}), "on the machine that is active", id="not-we"),
        pytest.param(case(MISLED | {"misled": []}), "on the machine that is active", id="nobody-is-misled"),
        pytest.param(case(MISLED, vrrp=vrrp("eth0/vrid51")), "two machines have the address", id="split"),
        pytest.param(case(MISLED | {"held_here": []}), "not among the addresses", id="not-held"),
        pytest.param(case(MISLED, subject=f"eth0/vrid51/{SECOND}"), "not among the addresses", id="another-one"),
        pytest.param(case(MISLED | {"held_here": [here(interface="eth1")]}), "no longer on eth1", id="it-left"),
        pytest.param(
            case(MISLED | {"held_here": [here(), here("192.168.100.12")]}),
            "no longer on eth0",
            id="one-of-two-left",
        ),
        pytest.param(case(MISLED | {"held_here": [here(), here("lb")]}), "is no address", id="no-address"),
        pytest.param(case(MISLED | {"held_here": [VIP]}), "not usable", id="evidence-of-another-shape"),
        pytest.param(case(MISLED | {"active": True}), "not usable", id="a-truth-for-a-name"),
    ],
)
def test_refusal(asked: Case, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        decide(asked, PRESENT)


def test_it_looks_at_the_addresses_of_this_very_host() -> None:
    with pytest.raises(Refused, match="no longer on eth0"):
        REMEDIATION.plan(Host(), case(MISLED), RemediationSettings())
