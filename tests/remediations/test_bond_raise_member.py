from typing import Any

import pytest

from remediations.bond_raise_member import REMEDIATION
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, Severity
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
