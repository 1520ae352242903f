"""When the monitoring of a bond is turned on, and in which set-ups it must not be."""

from pathlib import Path
from typing import Any

import pytest

from remediations.bond_monitor_links import REMEDIATION
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, Severity, Unseen
from watchdog.plugin import BondOption, Case, Plan, Refused, RemediationSettings

NOWHERE = Host(Path("/nonexistent"))
BLIND: dict[str, Any] = {
    "bond": "bond0",
    "mode": "active-backup",
    "miimon_ms": 0,
    "arp_interval_ms": 0,
    "admin_up": True,
    "min_links": 0,
    "members": ["eth0", "eth1"],
    "members_with_carrier": ["eth0", "eth1"],
}
LACP = {"mode": "802.3ad", "min_links": 2}


def found(changes: dict[str, Any], fault: str = "bond.no_link_monitoring", subject: str = "bond0") -> Finding:
    evidence = {key: value for key, value in (BLIND | changes).items() if value is not ...}
    return Finding(fault=fault, subject=subject, severity=Severity.WARNING, summary="blind", evidence=evidence)


def planned(changes: dict[str, Any], host: Host = NOWHERE) -> Plan:
    return REMEDIATION.plan(host, Case(finding=found(changes)), RemediationSettings())


@pytest.mark.parametrize(
    ("changes", "left", "summary"),
    [
        pytest.param({}, 2, "every 100 ms", id="both-alive"),
        pytest.param({"members_with_carrier": ["eth1"]}, 1, "eth0 without a carrier will be taken", id="one-dead"),
        pytest.param(
            {"members_with_carrier": ["eth0", "eth9"]}, 1, "eth1 without", id="who-is-no-member-is-no-help"
        ),
        pytest.param({"members": ["eth0"], "members_with_carrier": ["eth0"]}, 1, "every 100 ms", id="only-member"),
        pytest.param(LACP, 2, "every 100 ms", id="lacp-and-enough-links"),
        pytest.param({"min_links": 2, "members_with_carrier": ["eth0"]}, 1, "eth1", id="min-links-without-lacp"),
        *[
            pytest.param({"mode": mode}, 2, "every 100 ms", id=mode)
            for mode in ("balance-rr", "balance-xor", "broadcast", "balance-tlb", "balance-alb")
        ],
    ],
)
def test_plan(changes: dict[str, Any], left: int, summary: str) -> None:
    plan = planned(changes)
    assert plan.steps == (BondOption(bond="bond0", option="miimon", value="100"),)
    assert plan.steps[0].describe() == "ip link set dev bond0 type bond miimon 100"
    assert plan.healthy_left == left
    assert summary in plan.summary
    assert plan.accepts == ("bond.member_down",), "a truth that shows is no harm"
    assert not plan.lasting


@pytest.mark.parametrize(
    "words",
    [
        "bond-miimon 100",
        "MIIMonitorSec=100ms",
        "mii-monitor-interval: 100",
        "nmcli connection modify bond0 +bond.options miimon=100",
        "miimon=100",
        "ifcfg-bond0",
    ],
)
def test_it_says_how_to_make_it_last(words: str) -> None:
    assert words in planned({}).note


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"miimon_ms": 50}, "already (miimon 50)", id="miimon-is-on"),
        pytest.param({"arp_interval_ms": 1000}, "would turn that off", id="arp-monitoring-is-on"),
        pytest.param({"members_with_carrier": []}, "look at the cables", id="no-member-has-a-carrier"),
        pytest.param({"members_with_carrier": ["eth9"]}, "look at the cables", id="only-a-stranger-has"),
        pytest.param({"members": [], "members_with_carrier": []}, "no member whose link", id="no-member"),
        pytest.param({"admin_up": False}, "raise it first", id="bond-is-administratively-down"),
        pytest.param(
            LACP | {"members_with_carrier": ["eth0"]}, "min_links asks for 2", id="too-few-for-min-links"
        ),
        *[pytest.param({key: ...}, f"`{key}`", id=f"no-{key}") for key in BLIND],
        pytest.param({"miimon_ms": "0"}, "not usable", id="text-for-a-number"),
        pytest.param({"admin_up": 1}, "not usable", id="number-for-a-truth"),
        pytest.param({"members": "eth0"}, "not usable", id="text-for-a-list"),
        pytest.param({"members": ["eth0", "e 1"]}, "no name the kernel would give", id="hostile-member"),
        pytest.param({"bond": "bond1"}, "the evidence is about bond1", id="another-bond"),
    ],
)
def test_refusal(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        planned(changes)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        pytest.param("1\n", False, id="by-the-carrier"),
        pytest.param(None, False, id="a-kernel-that-knows-no-other-way"),
        pytest.param("0\n", True, id="by-the-driver-s-registers"),
    ],
)
def test_a_monitoring_that_sees_otherwise_than_the_check_is_not_turned_on(
    tmp_path: Path, text: str | None, refused: bool
) -> None:
    if text is not None:
        option = tmp_path / "sys/class/net/bond0/bonding/use_carrier"
        option.parent.mkdir(parents=True)
        option.write_text(text)
    if not refused:
        assert planned({}, Host(tmp_path)).steps
        return
    with pytest.raises(Refused, match="use_carrier=0"):
        planned({}, Host(tmp_path))


def saw(*findings: Finding, unseen: str = "") -> CheckResult:
    blind = (Unseen(subject=unseen, reason="gone"),) if unseen else ()
    return CheckResult(check="bond", judged=True, findings=findings, unseen=blind)


def down(subject: str) -> Finding:
    return found({}, "bond.member_down", subject)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        pytest.param(saw(), "", id="all-are-up"),
        pytest.param(saw(down("bond0/eth1")), "eth1 is down, and without monitoring", id="a-member-is-down"),
        pytest.param(saw(down("bond0/eth1"), down("bond0/eth0")), "eth0, eth1 is down", id="both-are-down"),
        pytest.param(saw(down("bond01/eth1")), "", id="a-member-of-another-bond"),
        pytest.param(saw(unseen="bond0"), "not all of bond0 can be seen", id="the-bond-is-unseen"),
        pytest.param(saw(unseen="bond0/eth1"), "not all of bond0 can be seen", id="a-member-is-unseen"),
        pytest.param(saw(unseen="bond1"), "", id="another-bond-is-unseen"),
        pytest.param(CheckResult(check="bond", judged=False), "nobody can see", id="the-check-could-not-judge"),
        pytest.param(None, "nobody can see", id="nobody-looked"),
    ],
)
def test_it_is_not_turned_off_where_a_member_would_stay_down(now: CheckResult | None, words: str) -> None:
    said = REMEDIATION.stays(Case(finding=found({}), results={"bond": now} if now else {}))
    assert words in said
    assert bool(words) == bool(said)
