"""When traffic goes back to the primary of a bond, and in which set-ups it must not."""

from typing import Any

import pytest

from remediations.bond_use_primary import REMEDIATION
from watchdog.host import Host
from watchdog.model import Finding, Incident, IncidentState, Severity, Stamp
from watchdog.plugin import BondOption, Case, Refused, RemediationSettings

ON_SPARE: dict[str, Any] = {
    "bond": "bond0",
    "mode": "active-backup",
    "monitored": True,
    "primary": "eth0",
    "active_member": "eth1",
    "primary_reselect": "always",
    "primary_speed_mbps": 10_000,
    "active_speed_mbps": 10_000,
    "primary_known": True,
    "primary_admin_up": True,
    "primary_carrier": True,
    "primary_mii_status": "up",
    "primary_lost_since_last_run": 0,
}
BETTER = {"primary_reselect": "better"}


def case(changes: dict[str, Any], subject: str = "bond0", incidents: tuple[Incident, ...] = ()) -> Case:
    evidence = {key: value for key, value in (ON_SPARE | changes).items() if value is not ...}
    finding = Finding(
        fault="bond.primary_not_active",
        subject=subject,
        severity=Severity.WARNING,
        summary="on the spare",
        evidence=evidence,
    )
    return Case(finding=finding, incidents=incidents)


def flapping(subject: str) -> Incident:
    stamp = Stamp(boot_id="a", boottime_ns=0, wall_ns=0)
    return Incident(
        id=1,
        fault="bond.flapping",
        subject=subject,
        severity=Severity.WARNING,
        state=IncidentState.FIRING,
        summary="",
        evidence={},
        opened=stamp,
        last_seen=stamp,
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="always"),
        pytest.param({"primary_speed_mbps": 1_000}, id="always-though-slower"),
        pytest.param({"primary_speed_mbps": None, "active_speed_mbps": None}, id="always-and-no-speed-told"),
        pytest.param(BETTER | {"primary_speed_mbps": 25_000}, id="better-and-faster"),
        pytest.param({"mode": "balance-tlb"}, id="balance-tlb"),
        pytest.param({"mode": "balance-alb"}, id="balance-alb"),
        pytest.param({"partner_mac": "00:11:22:33:44:55"}, id="what-we-do-not-know-may-be-there"),
    ],
)
def test_plan(changes: dict[str, Any]) -> None:
    plan = REMEDIATION.plan(Host(), case(changes, incidents=(flapping("bond0/eth1"),)), RemediationSettings())
    assert plan.steps == (BondOption(bond="bond0", option="active_slave", value="eth0"),)
    assert plan.steps[0].describe() == "ip link set dev bond0 type bond active_slave eth0"
    assert plan.healthy_left is None, "the other stays as the spare"
    assert "primary_reselect failure" in plan.note, "who meant it must read how to say so"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"primary_reselect": "failure"}, "by its owner's wish", id="reselect-failure"),
        pytest.param({"primary_reselect": "sometimes"}, "primary_reselect of bond0 is sometimes", id="no-policy"),
        pytest.param(BETTER, "is not faster", id="better-and-as-fast"),
        pytest.param(BETTER | {"primary_speed_mbps": 1_000}, "is not faster", id="better-and-slower"),
        pytest.param(BETTER | {"primary_speed_mbps": None}, "speed unknown", id="better-and-speed-unknown"),
        pytest.param(BETTER | {"active_speed_mbps": None}, "speed unknown", id="better-and-other-unknown"),
        pytest.param({"mode": "802.3ad"}, "no active member", id="lacp"),
        pytest.param({"mode": "balance-rr"}, "no active member", id="round-robin"),
        pytest.param({"active_member": "eth0"}, "already", id="active-already"),
        pytest.param({"primary_known": False}, "known membership", id="unknown-member"),
        pytest.param({"primary_admin_up": False}, "is not up", id="administratively-down"),
        pytest.param({"primary_carrier": False}, "carrier no", id="no-carrier"),
        pytest.param({"primary_mii_status": "down"}, "MII down", id="mii-down"),
        pytest.param({"primary_mii_status": "going back"}, "MII going back", id="within-updelay"),
        pytest.param({"primary_mii_status": "going down"}, "MII going down", id="within-downdelay"),
        pytest.param({"monitored": False}, "miimon 100", id="nothing-would-see-it-fail"),
        pytest.param({"primary_lost_since_last_run": None}, "not known yet", id="losses-unknown"),
        pytest.param({"primary_lost_since_last_run": 1}, "1 times since the last run", id="just-lost-its-link"),
        *[pytest.param({key: ...}, f"`{key}`", id=f"no-{key}") for key in ON_SPARE],
        pytest.param({"primary_carrier": 1}, "not usable", id="number-for-a-truth"),
        pytest.param({"primary_speed_mbps": "fast"}, "not usable", id="text-for-a-speed"),
        pytest.param({"primary": "eth0; reboot"}, "no name the kernel would give", id="hostile-primary"),
        pytest.param({"active_member": "../eth1"}, "no name the kernel would give", id="hostile-active"),
        pytest.param({"bond": "bond1"}, "the evidence is about bond1", id="another-bond"),
    ],
)
def test_refusal(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        REMEDIATION.plan(Host(), case(changes), RemediationSettings())
    assert reason in str(refused.value)


def test_a_primary_that_came_and_went_lately_is_no_place_to_go_back_to() -> None:
    with pytest.raises(Refused, match=r"bond\.flapping is open"):
        REMEDIATION.plan(Host(), case({}, incidents=(flapping("bond0/eth0"),)), RemediationSettings())
