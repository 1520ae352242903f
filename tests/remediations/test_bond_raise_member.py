from typing import Any

import pytest

from remediations.bond_raise_member import REMEDIATION
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, Incident, IncidentState, Severity, Stamp
from watchdog.plugin import Case, LinkChange, Refused, RemediationSettings

DOWN: dict[str, Any] = {
    "bond": "bond0",
    "member": "eth1",
    "admin_up": False,
    "carrier": False,
    "mii_status": "down",
    "known": True,
    "members_up": ["eth0"],
}


def finding(evidence: dict[str, Any], subject: str | None = None) -> Finding:
    subject = subject or f"{evidence.get('bond')}/{evidence.get('member')}"
    return Finding(
        fault="bond.member_down", subject=subject, severity=Severity.WARNING, summary="down", evidence=evidence
    )


def without(key: str) -> dict[str, Any]:
    return {k: v for k, v in DOWN.items() if k != key}


@pytest.mark.parametrize(
    ("evidence", "link"),
    [
        pytest.param(DOWN, "eth1", id="known-and-administratively-down"),
        pytest.param(DOWN | {"members_up": []}, "eth1", id="the-only-member"),
        pytest.param(DOWN | {"member": "a" * 15}, "a" * 15, id="longest-name"),
        pytest.param(DOWN | {"member": "eth0.100"}, "eth0.100", id="vlan-name"),
        pytest.param(without("members_up"), "eth1", id="what-we-do-not-need-may-be-missing"),
        pytest.param(DOWN | {"partner_mac": "00:11:22:33:44:55"}, "eth1", id="what-we-do-not-know-may-be-there"),
    ],
)
def test_plan(evidence: dict[str, Any], link: str) -> None:
    plan = REMEDIATION.plan(Host(), Case(finding=finding(evidence)), RemediationSettings())
    assert plan.steps == (LinkChange(link=link, up=True),)
    assert plan.steps[0].describe() == f"ip link set dev {link} up"
    assert not plan.lasting
    assert all(word in plan.note for word in ("ifupdown", "systemd-networkd", "NetworkManager", "netplan"))


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        pytest.param(
            DOWN | {"admin_up": True}, "cable or peer is down, which no command here can cure", id="cable"
        ),
        pytest.param(DOWN | {"admin_up": True, "carrier": True}, "has a carrier", id="bond-does-not-use-it"),
        pytest.param(DOWN | {"known": False}, "not in the known membership", id="unknown-member"),
        pytest.param(DOWN | {"known": False, "admin_up": True}, "no command here can cure", id="unknown-and-up"),
        *[pytest.param(without(key), f"`{key}`", id=f"no-{key}") for key in DOWN if key != "members_up"],
        pytest.param(DOWN | {"admin_up": 0}, "not usable", id="number-for-a-truth"),
        pytest.param(DOWN | {"admin_up": "false"}, "not usable", id="text-for-a-truth"),
        pytest.param(DOWN | {"admin_up": None}, "not usable", id="null-for-a-truth"),
        pytest.param(DOWN | {"member": ["eth1"]}, "not usable", id="list-for-a-name"),
        pytest.param({}, "not usable", id="nothing"),
        *[
            pytest.param(DOWN | {"member": name}, "no name the kernel would give", id=f"name-{what}")
            for what, name in {
                "empty": "",
                "too-long": "a" * 16,
                "too-many-bytes": "é" * 8,
                "slash": "../eth1",
                "space": "eth1 down",
                "newline": "eth1\n",
                "no-break-space": "eth\u00a01",
                "escape": "eth1\x1b[2J",
                "dot": ".",
                "dots": "..",
                "colon": "eth1:0",
                "surrogate": "eth\udc80",
            }.items()
        ],
    ],
)
def test_refusal(evidence: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        REMEDIATION.plan(Host(), Case(finding=finding(evidence, "bond0/eth1")), RemediationSettings())
    assert reason in str(refused.value)


def test_evidence_about_another_member_is_refused() -> None:
    with pytest.raises(Refused, match="the evidence is about bond0/eth1, the finding about 'bond0/eth2'"):
        REMEDIATION.plan(Host(), Case(finding=finding(DOWN, "bond0/eth2")), RemediationSettings())


def test_a_hostile_name_in_a_bond_is_refused_too() -> None:
    with pytest.raises(Refused, match="no name the kernel"):
        REMEDIATION.plan(Host(), Case(finding=finding(DOWN | {"bond": "bond0/.."})), RemediationSettings())


def fell(*subjects: str) -> CheckResult:
    findings = tuple(finding({"bond": "bond0", "member": one}, f"bond0/{one}") for one in subjects)
    return CheckResult(check="bond", judged=True, findings=findings)


@pytest.mark.parametrize(
    ("now", "members_up", "words"),
    [
        pytest.param(fell(), ["eth0"], "", id="the-other-one-is-up"),
        pytest.param(fell("eth0"), ["eth0"], "last member of bond0", id="the-other-one-fell"),
        pytest.param(fell("eth0"), ["eth0", "eth2"], "", id="a-third-one-is-up"),
        pytest.param(fell(), [], "last member of bond0", id="it-is-the-only-one"),
        pytest.param(fell("eth0", "eth1"), ["eth0"], "", id="it-does-not-work-itself"),
        pytest.param(CheckResult(check="bond", judged=False), ["eth0"], "", id="nobody-can-see"),
        pytest.param(None, ["eth0"], "", id="nobody-looked"),
    ],
)
def test_the_last_member_stays_up(now: CheckResult | None, members_up: list[str], words: str) -> None:
    results = {"bond": now} if now else {}
    said = REMEDIATION.stays(Case(finding=finding(DOWN | {"members_up": members_up}), results=results))
    assert words in said
    assert bool(words) == bool(said)


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        pytest.param({}, 15.0, id="not-told"),
        pytest.param({"miimon_ms": 100, "updelay_ms": 0}, 15.2, id="miimon"),
        pytest.param({"miimon_ms": 100, "updelay_ms": 30_000}, 45.2, id="updelay"),
        pytest.param({"miimon_ms": 0, "updelay_ms": 600_000}, 615.0, id="longest"),
    ],
)
def test_a_member_is_given_its_updelay(changes: dict[str, Any], seconds: float) -> None:
    plan = REMEDIATION.plan(Host(), Case(finding=finding(DOWN | changes)), RemediationSettings())
    assert plan.settle_seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"updelay_ms": 600_001}, "too long to wait", id="endless-updelay"),
        pytest.param({"updelay_ms": -1}, "not usable", id="negative-updelay"),
        pytest.param({"updelay_ms": "30s"}, "not usable", id="text-for-a-number"),
    ],
)
def test_a_delay_that_makes_no_sense_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        REMEDIATION.plan(Host(), Case(finding=finding(DOWN | changes)), RemediationSettings())


@pytest.mark.parametrize(
    ("fault", "subject", "refused"),
    [
        pytest.param("bond.flapping", "bond0/eth1", True, id="it-flapped"),
        pytest.param("bond.flapping", "bond0/eth0", False, id="the-other-flapped"),
        pytest.param("bond.member_down", "bond0/eth1", False, id="itself"),
    ],
)
def test_a_member_that_came_and_went_was_set_down_for_a_reason(fault: str, subject: str, refused: bool) -> None:
    stamp = Stamp(boot_id="a", boottime_ns=0, wall_ns=0)
    other = Incident(
        id=1,
        fault=fault,
        subject=subject,
        severity=Severity.WARNING,
        state=IncidentState.FIRING,
        summary="",
        evidence={},
        opened=stamp,
        last_seen=stamp,
    )
    case = Case(finding=finding(DOWN), incidents=(other,))
    if not refused:
        assert REMEDIATION.plan(Host(), case, RemediationSettings()).steps
        return
    with pytest.raises(Refused, match="lost its link now and then"):
        REMEDIATION.plan(Host(), case, RemediationSettings())
